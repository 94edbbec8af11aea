"""When an article was published and changed, to the second where the page says so.

A page says it in up to a dozen places; they are asked from the most to the least deliberate. What
is written for people ("13. Mai 2026") is left to a library (htmldate), asked only where nothing
is written for machines: it takes longer than all the rest of a page's metadata.
"""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from htmldate import find_date
from lxml.html import HtmlElement

from worker.extract.head import Head

# The web's first pages are of 1991; what claims to be of before or of far ahead is a default.
_YEARS = range(1991, 2100)
_PUBLISHED = (
    "article:published_time", "og:published_time", "og:article:published_time", "datepublished",
    "publishdate", "publish-date", "published_time", "publication_date", "pubdate", "date",
    "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date", "dcterms.date",
    "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "cxenseparse:publishtime",
    "article.published", "article_date_original", "iso-8601-publish-date", "rnews:datepublished",
    "originalpublicationdate", "datecreated", "created", "displaydate", "timestamp",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "og:modified_time", "datemodified",
    "dcterms.modified", "dc.date.modified", "article.updated", "lastmod", "last-modified",
    "modified", "revised",
)  # fmt: skip
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)"
    r"(?:[T ]+(\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)\s*(Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?)?",
    re.I,
)
_COMPACT = re.compile(r"(\d{4})/?(\d\d)/?(\d\d)(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d))?)?\b")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:\D{1,6}(\d{1,2}):(\d\d)(?::(\d\d))?)?")
_EPOCH = re.compile(r"\d{10}(\d{3})?")
_MAX_TIMES = 20


def published(tree: HtmlElement, head: Head, url: str, *, by_text: bool) -> datetime | None:
    """When the page says its article was published, aware UTC; None where it does not.

    `by_text` lets the library look for a day in what is written for people. A time at midnight
    sharp is how sites write a bare day: it stays that day, midnight UTC.
    """
    linked = [head.linked.text("datePublished"), head.linked.text("dateCreated")]
    said = [*linked[:1], *head.all_metas(*_PUBLISHED), *linked[1:], *_elements(tree)]
    times = [time for time in map(parse_time, said) if time]
    if not times:
        return _library(tree, url) if by_text else None
    # Where the first place gives a bare day, another may give that day's hour.
    day = times[0]
    same = (time for time in times if day <= time < day + timedelta(days=1))
    return day if _has_hour(day) else max(same, key=_has_hour)


def modified(head: Head) -> datetime | None:
    """When the page says its article was last changed, aware UTC."""
    said = [head.linked.text("dateModified"), *head.all_metas(*_MODIFIED)]
    return next((time for time in map(parse_time, said) if time), None)


def parse_time(text: str) -> datetime | None:
    """A machine's way to write a time (ISO 8601, RFC 5322, Unix seconds, day.month.year), as UTC.

    One without a zone is taken for UTC; one at midnight keeps its day, whatever its zone.
    """
    text = text.strip()[:80]
    try:
        time = _iso(text) or _numbers(text) or parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    if time.tzinfo is None or not _has_hour(time):
        time = time.replace(tzinfo=UTC)
    try:
        time = time.astimezone(UTC)
    except OverflowError:
        return None
    return time if time.year in _YEARS else None


def _has_hour(time: datetime) -> bool:
    return bool(time.hour or time.minute or time.second)


def _iso(text: str) -> datetime | None:
    found = _ISO.search(text)
    if found is None:
        return None
    day, hour, zone = found.groups()
    zone = "" if not zone else "+00:00" if zone.isalpha() else zone
    return datetime.fromisoformat(f"{day}T{(hour or '00:00').replace(',', '.')}{zone}")


def _numbers(text: str) -> datetime | None:
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    if found := _DOTTED.search(text):
        day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
    elif found := _COMPACT.match(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    else:
        return None
    return datetime(year, month, day, hour, minute, second)


def _elements(tree: HtmlElement) -> list[str]:
    """The `time` elements that are the article's by what they say, or by standing first."""
    marked: list[str] = []
    others: list[str] = []
    for number, time in enumerate(tree.iter("time")):
        if number >= _MAX_TIMES:
            break
        said = time.get("datetime") or " ".join((time.text or "").split())
        about = f"{time.get('itemprop', '')} {time.get('class', '')}".lower()
        if "modif" not in about and "updat" not in about:
            (marked if "publi" in about or time.get("pubdate") is not None else others).append(said)
    return marked or others[:1]


def _library(tree: HtmlElement, url: str) -> datetime | None:
    day = find_date(tree, url=url or None, original_date=True, outputformat="%Y-%m-%d")
    return parse_time(day) if day else None
