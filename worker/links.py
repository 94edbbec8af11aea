"""Signed links in messages, by which whoever reads one may mute what it is about. Pure.

A link is its own permission: it names what it mutes, for which channel and how long, and until when
it may be used, under an HMAC-SHA256 (RFC 2104) that only the holder of the key can make.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from worker.errors import LinkExpiredError, LinkForgedError
from worker.records import MuteWhat
from worker.urls import host_of

PATH = "/mute/"
WEEK = timedelta(days=7)
_USABLE = timedelta(days=30)
_PURPOSE = b"wirewatch mute 1\n"
_LONGEST = 4_000
_WHAT: tuple[MuteWhat, ...] = ("story", "source", "topic")


@dataclass(frozen=True, slots=True)
class MuteAsked:
    """What a link asks for: to mute `which` for `span`, for one channel or (None) for all."""

    what: MuteWhat
    which: str
    channel: str | None
    span: timedelta
    expires: datetime


def mute_link(
    public_url: str,
    key: str,
    what: MuteWhat,
    which: str,
    now: datetime,
    *,
    channel: str | None = None,
    span: timedelta = WEEK,
) -> str | None:
    """The address that mutes something for `span` from when it is used, within 30 days of `now`.

    None without `public_url` (WIREWATCH_PUBLIC_URL) or `key` (WIREWATCH_LINK_KEY).
    """
    if not public_url or not key:
        return None
    expires = int((now + _USABLE).timestamp())
    told = [what, which, channel, int(span.total_seconds()), expires]
    payload = _encoded(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode())
    return f"{public_url.rstrip('/')}{PATH}{payload}.{_signature(payload, key)}"


def links_in(body: str, channel: str, public_url: str, key: str, now: datetime) -> dict[str, str]:
    """The links that an alert's body is sent with, each for the channel that it goes to."""
    if not public_url or not key:
        return {}
    told = json.loads(body)
    if told.get("type") != "alert":
        return {}
    subjects: dict[MuteWhat, str] = {
        "story": str(told["story"]["id"]),
        "topic": told["topic"]["name"],
        "source": host_of(told["article"]["url"]).removeprefix("www."),
    }
    found = {
        f"mute_{what}": mute_link(public_url, key, what, which, now, channel=channel)
        for what, which in subjects.items()
        if which
    }
    return {name: link for name, link in found.items() if link is not None}


def read_mute(token: str, key: str, now: datetime) -> MuteAsked:
    """What the last part of a link's address asks for.

    Raises LinkForgedError for what was not signed with `key`, LinkExpiredError for what was.
    """
    payload, dot, signature = token.partition(".")
    signed = bool(key) and bool(dot) and len(token) <= _LONGEST and token.isascii()
    if not signed or not hmac.compare_digest(signature, _signature(payload, key)):
        raise LinkForgedError("This link was not made here, or a part of it is missing.")
    what, which, channel, span_s, expires = json.loads(_decoded(payload))
    asked = MuteAsked(
        _WHAT[_WHAT.index(what)],
        which,
        channel,
        timedelta(seconds=span_s),
        datetime.fromtimestamp(expires, UTC),
    )
    if asked.expires <= now:
        raise LinkExpiredError(f"This link could be used until {asked.expires:%Y-%m-%d}.")
    return asked


def _signature(payload: str, key: str) -> str:
    return _encoded(hmac.digest(key.encode(), _PURPOSE + payload.encode(), hashlib.sha256))


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
