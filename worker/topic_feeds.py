"""A topic as Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1, an entry for each story. Pure.

What strangers wrote is escaped, and stripped of what XML forbids and of signs that would turn the
text around it: an override or an embedding that is never closed reaches into a reader's own words.
"""

import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from worker.records import FeedStory, TopicFeed

_ATOM = "http://www.w3.org/2005/Atom"
_MOST_TERMS = 10
# Char of XML 1.0 (2.2) says what is allowed; the last two rows turn text around (UAX 9).
_UNWANTED = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x7f-\x9f]"
    "|[\u202a-\u202e\u2066-\u2069]"
)
_FIRST_STRONG, _END = "\u2068", "\u2069"

ET.register_namespace("atom", _ATOM)


def key_of(secret: str, topic: str) -> str:
    """The key in the address of one topic's feed: who knows it knows no other topic's."""
    return hmac.new(secret.encode(), f"topic feed {topic}".encode(), sha256).hexdigest()[:32]


def place_of(secret: str, topic: str, form: str) -> str:
    """The path of a topic's feed."""
    return f"/topics/{key_of(secret, topic)}/{topic}.{form}"


def feed_id(topic: str) -> str:
    """What a topic's feed is called for good, wherever it is had."""
    return uuid5(NAMESPACE_URL, f"wirewatch topic {topic}").urn


def story_id(topic: str, story: FeedStory) -> str:
    """What a story is called for good in a topic's feed.

    By when it began, too: numbers of stories are not unique among installations.
    """
    began = story.story_seen.astimezone(UTC).isoformat()
    return uuid5(NAMESPACE_URL, f"wirewatch topic {topic} story {story.story_id} {began}").urn


# ---- Atom


def atom(feed: TopicFeed, self_url: str | None = None) -> bytes:
    """The feed as Atom; `self_url` is where it can be had."""
    root = ET.Element("feed", {"xmlns": _ATOM})
    _put(root, "id", feed_id(feed.name))
    _put(root, "title", feed.title)
    _put(root, "updated", _rfc3339(feed.updated))
    _put(_put(root, "author"), "name", "wirewatch")
    _put(root, "generator", "wirewatch")
    if self_url:
        _put(root, "link", rel="self", type="application/atom+xml", href=self_url)
    for story in feed.stories:
        entry = _put(root, "entry", **_language(story))
        _put(entry, "id", story_id(feed.name, story))
        _put(entry, "title", _headline(story))
        if story.url:
            _put(entry, "link", rel="alternate", href=story.url)
        _put(entry, "published", _rfc3339(story.published))
        _put(entry, "updated", _rfc3339(story.updated))
        for author in story.authors:
            _put(_put(entry, "author"), "name", author or "?")
        _put(entry, "category", term=feed.name, label=feed.title)
        _put(entry, "summary", _summary(story))
        _put(entry, "content", _html(story), type="html")
    return _written(root)


# ---- RSS


def rss(feed: TopicFeed, self_url: str | None = None) -> bytes:
    """The feed as RSS 2.0, by the advice of the RSS Board's profile."""
    root = ET.Element("rss", {"version": "2.0"})
    channel = _put(root, "channel")
    _put(channel, "title", feed.title)
    _put(channel, "link", self_url or feed_id(feed.name))
    _put(channel, "description", f"{feed.title}: what wirewatch found, once for each story.")
    _put(channel, "lastBuildDate", _rfc822(feed.updated))
    _put(channel, "generator", "wirewatch")
    if self_url:
        link = {"rel": "self", "type": "application/rss+xml", "href": _clean(self_url)}
        ET.SubElement(channel, f"{{{_ATOM}}}link", link)
    for story in feed.stories:
        item = _put(channel, "item")
        _put(item, "title", _headline(story))
        if story.url:
            _put(item, "link", story.url)
        _put(item, "guid", story_id(feed.name, story), isPermaLink="false")
        _put(item, "pubDate", _rfc822(story.published))
        _put(item, "category", feed.name)
        _put(item, "description", _html(story))
    return _written(root)


# ---- JSON Feed


def json_feed(feed: TopicFeed, self_url: str | None = None) -> bytes:
    """The feed as JSON Feed 1.1; `_wirewatch` says how far a story has spread, and why it is in."""
    told: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _clean(feed.title),
        "feed_url": self_url,
        "authors": [{"name": "wirewatch"}],
        "items": [_item(feed, story) for story in feed.stories],
    }
    kept = {key: value for key, value in told.items() if value is not None}
    return json.dumps(kept, ensure_ascii=False, indent=1).encode()


def _item(feed: TopicFeed, story: FeedStory) -> dict[str, Any]:
    told = {
        "id": story_id(feed.name, story),
        "url": story.url,
        "title": _clean(_headline(story)),
        "content_html": _html(story),
        "summary": _clean(story.lead),
        "image": story.image,
        "date_published": _rfc3339(story.published),
        "date_modified": _rfc3339(story.updated),
        "authors": [{"name": _clean(author)} for author in story.authors] or None,
        "language": story.language,
        "tags": [feed.name],
        "_wirewatch": {
            "story": story.story_id,
            "publishers": story.publishers,
            "score": story.score,
            "evidence": [_piece(piece) for piece in story.evidence],
        },
    }
    return {key: value for key, value in told.items() if value is not None}


def _piece(piece: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _clean(one) if isinstance(one, str) else one for key, one in piece.items()}


FORMS: Mapping[str, tuple[Callable[[TopicFeed, str | None], bytes], str]] = {
    "atom": (atom, "application/atom+xml"),
    "rss": (rss, "application/rss+xml"),
    "json": (json_feed, "application/feed+json"),
}


# ---- what an entry says


def _headline(story: FeedStory) -> str:
    return story.title.strip() or story.url or "Without a headline"


def _terms(story: FeedStory) -> list[str]:
    """The words that made the story match, each once."""
    seen = dict.fromkeys(_clean(str(piece.get("text", ""))).strip() for piece in story.evidence)
    return [term for term in seen if term][:_MOST_TERMS]


def _spread(story: FeedStory) -> str:
    return "1 publisher" if story.publishers == 1 else f"{story.publishers} publishers"


def _summary(story: FeedStory) -> str:
    """Plain text; each word of another script keeps its direction to itself."""
    terms = ", ".join(f"{_FIRST_STRONG}{term}{_END}" for term in _terms(story))
    why = f" Found by: {terms}." if terms else ""
    lead = f"{_clean(story.lead).strip()}\n\n" if story.lead.strip() else ""
    return f"{lead}{_spread(story)}.{why}"


def _html(story: FeedStory) -> str:
    """The lead, how many publishers carry it, and the words that it was found by."""
    lead = f'<p dir="auto">{_escaped(story.lead)}</p>' if story.lead.strip() else ""
    site = f"<bdi>{_escaped(story.site_name)}</bdi>, " if story.site_name else ""
    terms = ", ".join(f"<bdi>{_escaped(term)}</bdi>" for term in _terms(story))
    why = f" Found by: {terms}." if terms else ""
    return f"{lead}<p>{site}{_spread(story)}.{why}</p>"


def _escaped(text: str) -> str:
    return escape(_clean(text).strip())


def _clean(text: str) -> str:
    return _UNWANTED.sub("", text)


# ---- how it is written


def _put(parent: ET.Element, name: str, text: str | None = None, **told: str) -> ET.Element:
    made = ET.SubElement(parent, name, {key: _clean(value) for key, value in told.items()})
    if text is not None:
        # The signs that `_summary` puts around words are closed, and may stay.
        made.text = text if name == "summary" else _clean(text)
    return made


def _language(story: FeedStory) -> dict[str, str]:
    return {"xml:lang": story.language} if story.language else {}


def _written(root: ET.Element) -> bytes:
    found: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)
