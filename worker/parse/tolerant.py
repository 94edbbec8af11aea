"""feedparser, for the few documents of which only it can tell what they mean.

It is slow, and on some documents it never returns: run it where it can be killed.
"""

import calendar
import io
import re
from datetime import UTC, datetime
from typing import Any

import feedparser

from worker.parse.limits import MAX_ENTRIES
from worker.parse.links import cloud_address
from worker.parse.told import Reading, Told

_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,10}));?")


def read(body: bytes, url: str, content_type: str) -> Reading:
    """Read `body` with its sanitising and its resolving of links in HTML off.

    Raises whatever feedparser lets through on hostile input.
    """
    try:
        found = _parsed(body, url, content_type)
    except UnicodeError:
        # Half an emoji as &#55357;, or a charset in the header that is none, costs only itself.
        found = _parsed(_REFERENCE.sub(_whole, body), url, "")
    reading = Reading(_told(found.feed), [], str(found.get("version") or ""), tolerant=True)
    reading.entries = [_told(entry) for entry in found.entries[:MAX_ENTRIES]]
    for link in found.feed.get("links") or ():
        reading.links.append((str(link.get("rel") or ""), str(link.get("href") or "")))
    if cloud := found.feed.get("cloud"):
        reading.links.append(("cloud", cloud_address(cloud)))
    for key in ("ttl", "sy_updateperiod", "sy_updatefrequency"):
        if found.feed.get(key):
            reading.hints[key] = [str(found.feed[key])]
    return reading


def _parsed(body: bytes, url: str, content_type: str) -> Any:
    return feedparser.parse(
        io.BytesIO(body),
        response_headers={
            "content-location": url,
            "content-type": content_type or "application/xml",
        },
        resolve_relative_uris=False,
        sanitize_html=False,
    )


def _whole(reference: re.Match[bytes]) -> bytes:
    """A character reference, or nothing in place of one to a surrogate, which is no character."""
    hexadecimal, decimal = reference.groups()
    number = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return b"" if 0xD800 <= number <= 0xDFFF else reference.group()


def _told(raw: Any) -> Told:
    told = Told()
    told.id, told.link, told.title = (_text(raw, key) for key in ("id", "link", "title"))
    told.original = _text(raw, "feedburner_origlink") or _text(raw, "pheedo_origlink")
    detail = raw.get("title_detail")
    told.title_type = str(detail.get("type") or "") if isinstance(detail, dict) else ""
    told.summary, told.author = _text(raw, "summary"), _text(raw, "author")
    told.language = _text(raw, "language")
    told.contents = [str(content.get("value") or "") for content in _parts(raw, "content")]
    told.persons = [
        {key: str(person[key]) for key in ("name", "email", "href") if person.get(key)}
        for person in _parts(raw, "authors")
    ]
    told.published, told.updated, told.created = (
        _moment(dict.get(raw, f"{key}_parsed")) for key in ("published", "updated", "created")
    )
    pictures = [*_parts(raw, "media_content"), *_parts(raw, "media_thumbnail")]
    told.image = next((_text(one, "url") for one in pictures if one.get("url")), None)
    told.source = next((_text(one, "href") for one in [raw.get("source")] if one), None)
    return told


def _text(raw: Any, key: str) -> str | None:
    value = dict.get(raw, key) if isinstance(raw, dict) else None
    return None if value is None else str(value)


def _parts(raw: Any, key: str) -> list[Any]:
    parts = dict.get(raw, key)
    return [one for one in parts if isinstance(one, dict)] if isinstance(parts, list) else []


def _moment(parsed: Any) -> datetime | None:
    """feedparser's UTC struct_time as a datetime; None where the feed gave nonsense."""
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None
