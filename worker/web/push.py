"""Where hubs come to: they verify that we meant it, say no, and push (WebSub, sections 5.3 and 7).

Who does not know a subscription's path learns nothing here, and costs no look into the store. What
is pushed is acknowledged once it is kept, and read later.
"""

import asyncio
from datetime import timedelta
from hashlib import blake2b
from random import random
from urllib.parse import parse_qs

import structlog
from aiohttp import web

from worker import hub_choice, store, subscriptions
from worker.records import PushKind, PushPlace
from worker.subscribing import keys_to_end
from worker.subscriptions import Keys, Signed
from worker.text import clean_line
from worker.tools import Tools
from worker.web.answers import NUDGE, RefusedError, answered, read_body

log = structlog.get_logger(__name__)

_MAX_CHALLENGE, _MAX_TOLD, _MAX_PING = 1_000, 300, 8 * 1024


def routes(tools: Tools) -> list[web.RouteDef]:
    # Also while push is off: hubs come to verify that it is, and push until they know.
    keys = keys_to_end(tools.settings)
    if keys is None:
        return []
    desk = _Desk(tools, keys)
    return [
        web.get("/push/{salt}/{token}", desk.verify, allow_head=False),
        web.post("/push/{salt}/{token}", desk.receive),
    ]


class _Desk:
    def __init__(self, tools: Tools, keys: Keys) -> None:
        self._tools, self._keys = tools, keys

    async def _place(self, request: web.Request) -> PushPlace:
        salt, token = request.match_info["salt"], request.match_info["token"]
        place = None
        if salt.isalnum() and self._keys.is_path(salt, token):
            place = await asyncio.to_thread(self._tools.db.read, lambda db: store.push_at(db, salt))
        if place is None:
            raise RefusedError(404, "not-found", "There is no such subscription.")
        return place

    # ---- what hubs ask

    async def verify(self, request: web.Request) -> web.Response:
        """Echo the challenge of what we asked for, and take note of a no."""
        place = await self._place(request)
        if place.kind is PushKind.RSSCLOUD:
            return await self._verify_cloud(request, place)
        mode, topic = (_one(request, f"hub.{name}") for name in ("mode", "topic"))
        if mode == "denied" and topic == place.topic and not place.ending:
            await self._denied(place, _one(request, "hub.reason"))
            return answered({"status": "noted"})
        if not subscriptions.confirms(place, mode, topic, self._tools.clock()):
            raise RefusedError(404, "not-wanted", "That is not what was asked for.")
        challenge = _challenge(request, "hub.challenge")
        if place.ending:
            await asyncio.to_thread(self._tools.db.write, lambda db: store.confirm_end(db, place))
            return _echoed(challenge)
        await self._confirmed(place, _one(request, "hub.lease_seconds") or None)
        return _echoed(challenge)

    async def _verify_cloud(self, request: web.Request, place: PushPlace) -> web.Response:
        topic, now = _one(request, "url"), self._tools.clock()
        if not subscriptions.confirms(place, "subscribe", topic, now):
            raise RefusedError(404, "not-wanted", "That is not what was asked for.")
        challenge = _challenge(request, "challenge")
        await self._confirmed(place, None)
        return _echoed(challenge)

    async def _confirmed(self, place: PushPlace, lease_s: str | None) -> None:
        tools = self._tools
        lease = subscriptions.lease(
            place.kind, lease_s, tools.settings.push_lease_s, tools.clock(), random()
        )
        await asyncio.to_thread(
            tools.db.write,
            lambda db: store.confirm_push(db, place, lease.expires_at, lease.renew_at),
        )
        log.info("push.active", feed=place.feed_id, until=lease.expires_at.isoformat())

    async def _denied(self, place: PushPlace, why: str) -> None:
        tools, now = self._tools, self._tools.clock()
        told = clean_line(f"The hub says no: {why or 'it gives no reason'}", _MAX_TOLD)
        instead = hub_choice.after_denial(place, now, random())
        poll_at = now + timedelta(
            seconds=tools.settings.poll_interval_s or tools.settings.poll_floor_s
        )
        await asyncio.to_thread(
            tools.db.write, lambda db: store.deny_push(db, place, told, instead, poll_at)
        )
        log.warning("push.denied", feed=place.feed_id, detail=told)

    # ---- what hubs push

    async def receive(self, request: web.Request) -> web.Response:
        """Keep what is pushed, and have it read."""
        place = await self._place(request)
        if not place.watched:
            raise RefusedError(410, "gone", "Nobody wants this any more.")
        if place.kind is PushKind.RSSCLOUD:
            await self._pinged(request, place)
            return answered({"status": "polling"}, status=202)
        body = await read_body(request, self._tools.settings.max_feed_bytes)
        secret = self._keys.secret(request.match_info["salt"])
        worth = subscriptions.signed(request.headers.get("X-Hub-Signature", ""), body, secret)
        if worth is Signed.WRONGLY:
            log.warning("push.forged", feed=place.feed_id, size_bytes=len(body))
            told = "Sign the body with this subscription's secret, in X-Hub-Signature."
            raise RefusedError(403, "bad-signature", told)
        if worth is Signed.WEAKLY and not self._tools.settings.push_sha1:
            # Who knows the secret has news, even if these may not be they.
            await self._keep_ping(request, place)
            return answered({"status": "polling"}, status=202)
        return await self._keep(request, place, body)

    async def _keep(self, request: web.Request, place: PushPlace, body: bytes) -> web.Response:
        tools, now = self._tools, self._tools.clock()
        digest = blake2b(body, digest_size=16).hexdigest()
        kind = clean_line(request.headers.get("Content-Type", ""), _MAX_TOLD)
        kept = await asyncio.to_thread(
            tools.db.write, lambda db: store.keep_body(db, place, digest, kind, body, now)
        )
        if kept is None:
            told = "Too much that was pushed before is still to be read. Try again later."
            raise RefusedError(503, "busy", told, {"Retry-After": "60"})
        if not kept:
            return answered({"status": "known"}, status=202)
        request.app[NUDGE]("push")
        return answered({"status": "kept"}, status=202)

    async def _pinged(self, request: web.Request, place: PushPlace) -> None:
        told = parse_qs((await read_body(request, _MAX_PING)).decode("utf-8", "replace"))
        if told.get("url") != [place.topic]:
            raise RefusedError(400, "wrong-topic", "That is not the feed that was asked for.")
        await self._keep_ping(request, place)

    async def _keep_ping(self, request: web.Request, place: PushPlace) -> None:
        now = self._tools.clock()
        await asyncio.to_thread(self._tools.db.write, lambda db: store.keep_ping(db, place, now))
        request.app[NUDGE]("push")


def _challenge(request: web.Request, name: str) -> str:
    challenge = _one(request, name)
    if not 0 < len(challenge) <= _MAX_CHALLENGE:
        told = f"A challenge has 1 to {_MAX_CHALLENGE} characters."
        raise RefusedError(400, "bad-challenge", told)
    return challenge


def _echoed(challenge: str) -> web.Response:
    """As bytes of no kind, which no browser takes for a page."""
    return web.Response(
        body=challenge.encode(), headers={"Content-Type": "application/octet-stream"}
    )


def _one(request: web.Request, name: str) -> str:
    return request.query.get(name, "")
