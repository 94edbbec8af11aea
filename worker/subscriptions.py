"""Subscriptions to feeds that can be pushed: what a feed offers, and what a hub is asked. Pure.

WebSub (W3C Recommendation, 23 January 2018) and rssCloud (rsscloud.co). No secret is kept anywhere:
a callback's path and a hub's secret are made of the subscription's salt and one key.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha1, sha256, sha384, sha512

from worker.errors import Reason
from worker.records import (
    ClaimedEnd,
    ClaimedPush,
    EndAsked,
    Failed,
    ParsedFeed,
    PushAsked,
    PushKind,
    PushOffer,
    PushPlace,
    PushState,
)
from worker.urls import absolute_url

# ---- what a feed offers

# As many as a document may name.
_MOST_HUBS = 5
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))', re.IGNORECASE)


def offer_of(links: str, parsed: ParsedFeed, url: str) -> PushOffer | None:
    """How the feed at `url` can be pushed, by its Link header `links` and by its document.

    The header has the first word (WebSub, section 4), and WebSub before rssCloud, for it brings the
    news themselves. Hubs with https come first, else they stand in the feed's own order.
    """
    told = _linked(links, url)
    hubs = told.get("hub") or list(parsed.hubs)
    if hubs:
        best_first = sorted(dict.fromkeys(hubs), key=lambda hub: not hub.startswith("https:"))
        topic = next(iter(told.get("self", ())), None) or parsed.self_url or url
        return PushOffer(PushKind.WEBSUB, tuple(best_first[:_MOST_HUBS]), topic)
    return PushOffer(PushKind.RSSCLOUD, (parsed.cloud,), url) if parsed.cloud else None


def _linked(links: str, base: str) -> dict[str, list[str]]:
    """A Link header's (RFC 8288) usable addresses by what they are to the feed."""
    found: dict[str, list[str]] = {}
    for reference, told in _LINK.findall(links):
        rel = _REL.search(told)
        address = absolute_url(reference, base)
        for name in (rel[1] or rel[2] or "").lower().split() if rel and address else ():
            found.setdefault(name, []).append(str(address))
    return found


# ---- secrets

_SIGNED = re.compile(r"\s*(sha1|sha256|sha384|sha512)\s*=\s*([0-9a-f]+)\s*", re.IGNORECASE)
_METHODS = {"sha1": sha1, "sha256": sha256, "sha384": sha384, "sha512": sha512}


@dataclass(frozen=True, slots=True)
class Keys:
    """One key, and the address under which hubs reach us: with another of either all is new."""

    key: str
    public_url: str

    @property
    def id(self) -> str:
        """Tells this key and address from others, and nothing of the key."""
        return self._made("id", self.public_url).hex()[:16]

    def path(self, salt: str) -> str:
        """The callback's path, which nobody can guess who was not told it."""
        token = urlsafe_b64encode(self._made("path", salt)).decode().rstrip("=")
        return f"/push/{salt}/{token}"

    def callback(self, salt: str) -> str:
        return self.public_url + self.path(salt)

    def is_path(self, salt: str, token: str) -> bool:
        """Whether a callback's path is ours, told in a time that does not depend on where not."""
        return hmac.compare_digest(self.path(salt).encode(), f"/push/{salt}/{token}".encode())

    def secret(self, salt: str) -> str:
        """What a hub signs with: 32 bytes, written out in 64 letters."""
        return self._made("secret", salt).hex()

    def _made(self, use: str, of: str) -> bytes:
        return hmac.digest(self.key.encode(), f"{use}\0{of}".encode(), "sha256")


class Signed(Enum):
    """What a signature is worth."""

    WELL = "well"
    WEAKLY = "weakly"
    WRONGLY = "wrongly"


def signed(signature: str, body: bytes, secret: str) -> Signed:
    """What an X-Hub-Signature (WebSub, section 7.1) is worth; compared in constant time."""
    match = _SIGNED.fullmatch(signature)
    if match is None:
        return Signed.WRONGLY
    method = match[1].lower()
    right = hmac.new(secret.encode(), body, _METHODS[method]).hexdigest()
    if not hmac.compare_digest(right, match[2].lower()):
        return Signed.WRONGLY
    return Signed.WEAKLY if method == "sha1" else Signed.WELL


# ---- what is asked, and when

# rssCloud's leases last for 25 hours, and are to be renewed every 24.
_CLOUD_LEASE_S, _CLOUD_RENEWED_S = 25 * 3_600.0, 24 * 3_600.0
_RENEWED_AT, _SPREAD = 0.75, 0.1
# Leases that hubs give, within reason.
_SHORTEST_LEASE_S, _LONGEST_LEASE_S = 60.0, 90 * 86_400.0
_AGAIN_S, _LONGEST_AGAIN_S = 600.0, 86_400.0
_MAX_DOUBLINGS = 10
_MOST_ENDINGS = 5


def form_of(push: ClaimedPush, keys: Keys, lease_s: float) -> dict[str, str]:
    """What is posted to the hub: WebSub, section 5.1, or rssCloud's http-post registration."""
    if push.kind is PushKind.WEBSUB:
        return {
            "hub.callback": keys.callback(push.salt),
            "hub.mode": "subscribe",
            "hub.topic": push.topic,
            "hub.lease_seconds": str(int(lease_s)),
            "hub.secret": keys.secret(push.salt),
        }
    scheme, _, place = keys.callback(push.salt).partition("://")
    authority, _, path = place.partition("/")
    host, _, port = authority.rpartition(":") if _has_port(authority) else (authority, "", "")
    return {
        "notifyProcedure": "",
        "protocol": f"{scheme.lower()}-post",
        "domain": host,
        "port": port or ("443" if scheme.lower() == "https" else "80"),
        "path": f"/{path}",
        "url1": push.topic,
    }


def _has_port(authority: str) -> bool:
    return authority.rpartition(":")[2].isdigit() and not authority.endswith("]")


def after_asking(
    push: ClaimedPush, failed: Failed | None, now: datetime, jitter: float
) -> PushAsked:
    """What follows from asking a hub: it has to come back and verify, or is asked again later.

    The pause doubles with each try in a row, up to a day; a Retry-After may lengthen it. `jitter`
    in 0..1 spreads those who were asked together.
    """
    tries = push.tries + 1
    return PushAsked(
        push.id,
        push.token,
        PushState.ASKED if failed is None else PushState.FAILED,
        now + again_after(tries, failed, jitter),
        tries,
        failed.reason if failed else None,
        failed.detail if failed else "",
    )


def again_after(tries: int, failed: Failed | None, jitter: float) -> timedelta:
    """The pause before a hub is asked again that was asked `tries` times in a row."""
    pause_s = _AGAIN_S * 2 ** min(tries - 1, _MAX_DOUBLINGS)
    if failed is not None:
        pause_s = max(pause_s, failed.retry_after_s or 0)
    return timedelta(seconds=min(pause_s, _LONGEST_AGAIN_S) * (1 + _SPREAD * jitter))


def form_of_end(end: ClaimedEnd, keys: Keys) -> dict[str, str]:
    """What is posted to a hub that is to push no more (WebSub, section 5.1)."""
    return {
        "hub.callback": keys.callback(end.salt),
        "hub.mode": "unsubscribe",
        "hub.topic": end.topic,
    }


def made_by(end: ClaimedEnd, keys: Keys | None) -> Keys | None:
    """By what a subscription was made that ends, and at which address; None: by another key."""
    if keys is None:
        return None
    then = Keys(keys.key, end.address)
    return then if then.id == end.key_id else None


def after_ending(end: ClaimedEnd, failed: Failed | None, now: datetime, jitter: float) -> EndAsked:
    """What follows from telling a hub of an end: it has to verify, or is told again, a few times.

    A hub that is never reached forgets by itself, when its lease ends.
    """
    tries = end.tries + 1
    due_at = now + again_after(tries, failed, jitter) if tries < _MOST_ENDINGS else None
    return EndAsked(end.id, end.token, due_at, tries)


@dataclass(frozen=True, slots=True)
class Lease:
    """Until when a hub pushes, and when it is asked to go on."""

    expires_at: datetime
    renew_at: datetime


def lease(kind: PushKind, told: str | None, asked_s: float, now: datetime, jitter: float) -> Lease:
    """The lease that a hub gives: as long as it says or, where it says nothing, as it was asked.

    It is renewed at three quarters of it, or up to a tenth sooner, by `jitter` in 0..1.
    """
    if kind is PushKind.RSSCLOUD:
        lasts_s, renewed_s = _CLOUD_LEASE_S, _CLOUD_RENEWED_S
    else:
        given = float(told) if told and told.isascii() and told.isdigit() else asked_s
        lasts_s = min(max(given, _SHORTEST_LEASE_S), _LONGEST_LEASE_S)
        renewed_s = lasts_s * _RENEWED_AT
    renewed_s *= 1 - _SPREAD * jitter
    return Lease(now + timedelta(seconds=lasts_s), now + timedelta(seconds=renewed_s))


def confirms(place: PushPlace, mode: str, topic: str, now: datetime) -> bool:
    """Whether a hub that asks whether we meant it is to be told yes (WebSub, section 5.3).

    Only of what we have asked for and still want. A hub may ask again while its lease lasts.
    """
    if place.ending:
        return mode == "unsubscribe" and place.asked and topic == place.topic
    wanted = place.asked or (place.expires_at is not None and place.expires_at > now)
    return mode == "subscribe" and place.watched and wanted and topic == place.topic


def refused_by_cloud(answer: str) -> Failed | None:
    """Whether an rssCloud server's answer to a registration is a no, and why."""
    told = re.search(r'<notifyResult[^>]*\bsuccess\s*=\s*"(\w+)"[^>]*>', answer, re.IGNORECASE)
    if told is None or told[1].lower() == "true":
        return None
    why = re.search(r'\bmsg\s*=\s*"([^"]{0,200})"', told[0])
    return Failed(Reason.CLIENT_ERROR, f"The rssCloud server says no: {why[1] if why else ''}")
