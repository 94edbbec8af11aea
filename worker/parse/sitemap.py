"""Sitemaps with Google's news extension, which are feeds in all but name.

https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap
"""

import re
from collections.abc import Iterator
from typing import Any

from worker.errors import Reason
from worker.parse.dates import moment
from worker.parse.limits import MAX_ENTRIES, TOO_MANY
from worker.parse.told import Reading, RefusedError, Told

_ROOT = re.compile(rb"<(?:[A-Za-z][\w.\-]*:)?(urlset|sitemapindex)[\s>]")
_FIRST_ELEMENT = re.compile(rb"<[A-Za-z]")


def is_sitemap(data: bytes) -> bool:
    first = _FIRST_ELEMENT.search(data)
    return first is not None and _ROOT.match(data, first.start()) is not None


def read(data: bytes) -> Reading:
    """Read a news sitemap, UTF-8; raises RefusedError where there are none."""
    from lxml import etree  # only sitemaps need it, and few processes see one

    parser = etree.XMLParser(
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
    )
    root = etree.fromstring(data, parser)
    if root is None:
        raise RefusedError(Reason.MALFORMED_FEED, "A sitemap that cannot be read.")
    if _name(root) == "sitemapindex":
        first = next((text for name, text in _texts(root, 3) if name == "loc"), "")
        told = f"An index of sitemaps, and no articles: watch one of them, as {first}"
        raise RefusedError(Reason.NOT_A_FEED, told)
    reading = Reading(Told(), [], "sitemap")
    for url in root:
        entry = _entry(url) if _name(url) == "url" else None
        if entry is None:
            continue
        if len(reading.entries) >= MAX_ENTRIES:
            reading.notes.append(TOO_MANY)
            break
        reading.entries.append(entry)
    if len(root) and not reading.entries:
        told = "A sitemap without the news extension: it has no headlines and no dates."
        raise RefusedError(Reason.NOT_A_FEED, told)
    _know_feed(reading, root)
    return reading


def _know_feed(reading: Reading, root: Any) -> None:
    """A sitemap says nothing of itself: what its first article says of its publication counts."""
    told = dict(_texts(root[0], 4)) if len(root) else {}
    reading.feed.title = told.get("name", "")
    reading.feed.language = told.get("language")


def _entry(url: Any) -> Told | None:
    news = [part for part in url if _name(part) == "news"]
    if not news:
        return None
    entry, told = Told(), dict(_texts(news[0], 3))
    about = dict(_texts(url, 1))
    entry.link = about.get("loc")
    entry.title = told.get("title", "")
    entry.published = moment(told.get("publication_date", ""))
    entry.updated = moment(about.get("lastmod", ""))
    image = next((part for part in url if _name(part) == "image"), None)
    if image is not None:
        entry.image = dict(_texts(image, 1)).get("loc")
    return entry


def _texts(element: Any, depth: int) -> Iterator[tuple[str, str]]:
    """The names and texts of the elements below, first those nearest to the top."""
    for part in element:
        if not len(part):
            yield _name(part), (part.text or "").strip()
    if depth > 1:
        for part in element:
            yield from _texts(part, depth - 1)


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
