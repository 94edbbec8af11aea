"""JSON Feed 1.0 and 1.1 (jsonfeed.org), whose items are taken as they are meant, types aside."""

import json
import re
from typing import Any

from worker.errors import Reason
from worker.parse.dates import moment
from worker.parse.limits import MAX_ENTRIES, MAX_HUBS, TOO_MANY
from worker.parse.links import joined
from worker.parse.told import Person, Reading, RefusedError, Told

_FORMS = {"1": "json1", "1.0": "json1", "1.1": "json11"}
# The type of a hub -> what a link to it would be called in XML.
_HUB_RELS = {"websub": "hub", "pubsubhubbub": "hub", "rsscloud": "cloud"}
MARK = "jsonfeed.org/version/"
# Half of an emoji, which JSON can say and UTF-8 cannot.
_SURROGATE = re.compile("[\ud800-\udfff]")


def read(text: str, base: str) -> Reading:
    """Read a JSON Feed; raises RefusedError."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RefusedError(Reason.MALFORMED_FEED, f"Broken JSON: {error}") from None
    version = _text(told, "version")
    items = told.get("items") if isinstance(told, dict) else None
    if MARK not in version or not isinstance(items, list):
        raise RefusedError(Reason.MALFORMED_FEED, "JSON, and no JSON Feed.")
    feed = Told()
    feed.title, feed.link = _text(told, "title"), _link(told, "home_page_url", base)
    feed.language = _text(told, "language") or None
    reading = Reading(feed, [], _FORMS.get(version.rpartition("/")[2], "json"))
    if _text(told, "next_url"):
        reading.links.append(("next", joined(base, _text(told, "next_url"))))
    if _text(told, "feed_url"):
        reading.links.append(("self", joined(base, _text(told, "feed_url"))))
    reading.links += _hubs(told, base)
    if len(items) > MAX_ENTRIES:
        reading.notes.append(TOO_MANY)
    authors = _persons(told)
    for item in items[:MAX_ENTRIES]:
        if isinstance(item, dict):
            reading.entries.append(_entry(item, authors, base))
    return reading


def _hubs(told: dict[str, Any], base: str) -> list[tuple[str, str]]:
    hubs = told.get("hubs")
    found = []
    for hub in hubs[:MAX_HUBS] if isinstance(hubs, list) else ():
        rel = _HUB_RELS.get(_text(hub, "type").lower())
        if rel and _text(hub, "url"):
            found.append((rel, joined(base, _text(hub, "url"))))
    return found


def _entry(item: dict[str, Any], authors: list[Person], base: str) -> Told:
    entry = Told()
    entry.id = _text(item, "id") or None
    entry.link = _link(item, "url", base) or _link(item, "external_url", base)
    entry.title = _text(item, "title") or None
    entry.summary = _text(item, "summary") or None
    content = _text(item, "content_html") or _escaped(_text(item, "content_text"))
    entry.contents = [content] if content else None
    entry.persons = _persons(item) or authors
    entry.published = moment(_text(item, "date_published"))
    entry.updated = moment(_text(item, "date_modified"))
    entry.image = _link(item, "image", base) or _link(item, "banner_image", base)
    return entry


def _persons(told: dict[str, Any]) -> list[Person]:
    """Version 1.1 has a list of authors, 1.0 one author."""
    authors = told.get("authors")
    authors = authors if isinstance(authors, list) else [told.get("author")]
    return [
        {"name": _text(author, "name"), "href": _text(author, "url")}
        for author in authors
        if _text(author, "name")
    ]


def _text(told: Any, key: str) -> str:
    """A text, or a number written out, for sites give numbers as ids; else nothing."""
    value = told.get(key) if isinstance(told, dict) else None
    if isinstance(value, str):
        return _SURROGATE.sub("", value).strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _link(told: Any, key: str, base: str) -> str | None:
    link = _text(told, key)
    return joined(base, link) if link else None


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
