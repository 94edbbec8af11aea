"""`/ingest`: programs hand in a page's URL or a feed's document, and hear what became of it."""

import asyncio
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from worker import asking
from worker.errors import NotFoundError
from worker.netguard import check_url
from worker.records import Failed, ParsedFeed
from worker.taking_in import TakenIn, hand_in, page_as_feed
from worker.text import clean_line
from worker.tools import Tools
from worker.web.answers import NUDGE, RefusedError, answered, read_body

_KEYS = ("url", "title", "published")
_MAX_TITLE, _MAX_JSON = 1_000, 64 * 1024


def routes(tools: Tools) -> list[web.RouteDef]:
    async def ingest(request: web.Request) -> web.Response:
        _require_key(tools, request)
        kind = request.content_type.lower()
        if kind == "application/json":
            url, parsed = None, _page(tools, await read_body(request, _MAX_JSON))
        elif kind.endswith("xml") or kind == "application/feed+json":
            url = request.query.get("feed") or None
            parsed = await _feed(tools, request, url)
        else:
            told = 'Send application/json ({"url": …}), or a feed as RSS, Atom or JSON Feed.'
            raise RefusedError(415, "unsupported-type", told)
        try:
            taken = await asyncio.to_thread(hand_in, tools, request.app[NUDGE], url, parsed)
        except NotFoundError as error:
            raise RefusedError(404, "feed-not-watched", str(error)) from None
        return answered(_told(taken), status=202)

    return [web.post("/ingest", ingest)]


def _require_key(tools: Tools, request: web.Request) -> None:
    key = tools.settings.ingest_key.get_secret_value()
    if not key:
        told = "Nothing is taken here: WIREWATCH_INGEST_KEY is unset."
        raise RefusedError(404, "ingest-off", told)
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), f"Bearer {key}".encode()):
        told = "Send the key that WIREWATCH_INGEST_KEY has: Authorization: Bearer KEY."
        raise RefusedError(401, "wrong-key", told, {"WWW-Authenticate": "Bearer"})


# ---- a page


def _page(tools: Tools, body: bytes) -> ParsedFeed:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, "bad-json", f"This is no JSON: {error}.") from None
    if not isinstance(told, dict) or not isinstance(told.get("url"), str):
        raise RefusedError(422, "bad-json", 'Send an object with a text "url" in it.')
    if unknown := sorted(set(told) - set(_KEYS)):
        told_ = f"There is no {clean_line(', '.join(unknown), 100)}; there are {', '.join(_KEYS)}."
        raise RefusedError(422, "bad-json", told_)
    settings = tools.settings
    url = told["url"].strip()
    refused = check_url(url, allowed=settings.allow_networks, longest=settings.max_url_chars)
    if refused is not None:
        raise RefusedError(422, refused.reason, refused.detail)
    return page_as_feed(url, _title(told.get("title", "")), _moment(told.get("published")))


def _title(told: Any) -> str:
    if not isinstance(told, str):
        raise RefusedError(422, "bad-json", "A title is a text.")
    return clean_line(told, _MAX_TITLE)


def _moment(told: Any) -> datetime | None:
    if told is None:
        return None
    try:
        moment = datetime.fromisoformat(told)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise RefusedError(
            422, "bad-json", "`published` is a time with its zone, as 2026-03-01T12:00:00Z."
        )
    return moment.astimezone(UTC)


# ---- a feed


async def _feed(tools: Tools, request: web.Request, url: str | None) -> ParsedFeed:
    body = await read_body(request, tools.settings.max_feed_bytes)
    kind = clean_line(request.headers.get("Content-Type", ""), 300)
    parsed = await asking.read_document(tools, body, url or "", kind, None)
    if isinstance(parsed, Failed):
        raise RefusedError(422, parsed.reason, parsed.detail)
    return parsed


def _told(taken: TakenIn) -> dict[str, Any]:
    listed = [
        {"id": article, "url": url, "state": _state(taken, article)}
        for url, article in taken.ids.items()
    ]
    counts = {
        state: sum(one["state"] == state for one in listed) for state in ("new", "changed", "known")
    }
    return counts | {"articles": listed}


def _state(taken: TakenIn, article: int) -> str:
    if article in taken.new:
        return "new"
    return "changed" if article in taken.changed else "known"
