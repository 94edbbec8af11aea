"""What a document tells becomes records: bounded, cleaned, each entry with an identity."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from worker.parse.hints import hints
from worker.parse.limits import MAX_AUTHOR, MAX_AUTHORS, MAX_GUID, MAX_HTML, MAX_HUBS, MAX_TITLE
from worker.parse.links import is_plain
from worker.parse.told import Reading, Told
from worker.records import Entry, ParsedFeed
from worker.text import clean, clean_line, digest, strip_html
from worker.urls import MAX_URL, absolute_url

# Dates outside of these are mistakes of a program: the epoch, the year 1, the year 9999.
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
# By so many of its first words a text is known that has neither link, title nor date: few enough
# that a change further on makes no other entry of it.
_IDENTITY_WORDS = 12
_OLDER = ("prev-archive", "next")


def bounded(reading: Reading, url: str) -> ParsedFeed:
    """The feed that `reading` found; `url` resolves what is still relative."""
    notes = list(reading.notes)
    entries = with_unique_guids([_entry(told, url, reading) for told in reading.entries], notes)
    feed = reading.feed
    return ParsedFeed(
        title=_line(feed.title or "", MAX_TITLE, html=True),
        site_url=_absolute(feed.link, url),
        entries=entries,
        form=reading.form,
        language=_line(feed.language or "", 40) or None,
        hints=hints(reading.hints),
        older=older(reading, url),
        hubs=tuple(_named(reading, "hub", url))[:MAX_HUBS],
        self_url=next(_named(reading, "self", url), None),
        cloud=next(_named(reading, "cloud", url), None),
        tolerant=reading.tolerant,
        notes=tuple(notes),
    )


def older(reading: Reading, url: str) -> str | None:
    """The page with the entries before these (RFC 5005, sections 3 and 4)."""
    for rel in _OLDER:
        for told, href in reading.links:
            if told == rel and href:
                return _absolute(href, url)
    return None


def _named(reading: Reading, rel: str, url: str) -> Iterator[str]:
    """The addresses of the feed's own links of one kind, each once."""
    found = (_absolute(href, url) for told, href in reading.links if rel in told.split())
    yield from dict.fromkeys(link for link in found if link)


def _entry(told: Told, base: str, reading: Reading) -> Entry:
    link = _absolute(told.original, base) or _absolute(told.link, base)
    title = _line(told.title, MAX_TITLE, html=True) if told.title else ""
    summary = _html(told.summary, reading.clean) if told.summary else ""
    content = ""
    if told.contents:
        content = _html(max(told.contents, key=len), reading.clean)
    published = next(filter(None, map(_plausible, told.moments)), None)
    guid = _line(told.id, 10_000) if told.id else ""
    guid = guid or link or _identity(title, published, content or summary)
    return Entry(
        guid if len(guid) <= MAX_GUID else f"digest:{digest(guid)}",
        link,
        title,
        summary,
        content,
        _authors(told) if told.persons or told.author else (),
        published,
        _plausible(told.updated),
        _absolute(told.image, base) if told.image else None,
        _absolute(told.source, base) if told.source else None,
    )


def _identity(title: str, published: datetime | None, html: str) -> str:
    """Who an entry is that gives neither guid nor link: by its headline and date, else its text."""
    if title or published:
        return digest(title, published.isoformat() if published else "")
    return digest(*strip_html(html).casefold().split()[:_IDENTITY_WORDS])


def _authors(told: Told) -> tuple[str, ...]:
    names = (_line(name, MAX_AUTHOR, html=True) for name in told.authors[:MAX_AUTHORS])
    return tuple(dict.fromkeys(name for name in names if name))


def _plausible(moment: datetime | None) -> datetime | None:
    return moment if moment is not None and _EARLIEST <= moment <= _LATEST else None


def _absolute(link: str | None, base: str) -> str | None:
    if not link:
        return None
    return link if is_plain(link) and len(link) <= MAX_URL else absolute_url(link, base)


def _line(text: str, limit: int, *, html: bool = False) -> str:
    if html and ("<" in text or "&" in text):
        text = strip_html(text)
    if text.isprintable() and "  " not in text and len(text) <= limit:
        return text.strip()
    return clean_line(text, limit)


def _html(text: str, is_clean: bool) -> str:
    if is_clean and len(text) <= MAX_HTML and "\x7f" not in text:
        return text
    return clean(text, MAX_HTML)


# ---- guids that a document repeats


def with_unique_guids(entries: Sequence[Entry], notes: list[str]) -> tuple[Entry, ...]:
    """Repair guids that a document repeats for different entries; drop true repetitions.

    Some feeds give every entry the same guid: taking them at their word would swallow all but one.
    Where the entries' links differ they tell them apart, else their headlines, else their texts.
    """
    uses = Counter(entry.guid for entry in entries)
    if len(uses) == len(entries):
        return tuple(entries)
    kept = _without_repetitions(entries)
    if len(kept) < len(entries):
        notes.append(f"{len(entries) - len(kept)} entries were there twice")
    uses = Counter(entry.guid for entry in kept)
    names = Counter((entry.guid, entry.link or entry.title) for entry in kept)
    repaired: dict[str, Entry] = {}
    for entry in kept:
        if uses[entry.guid] > 1:
            name = entry.link or entry.title
            parts = (name,) if names[entry.guid, name] == 1 else _told_apart_by(entry)
            # the form that polling gives to a guid which is repeated from one document to the next
            entry = replace(entry, guid=f"{entry.guid[:400]}#{digest(*parts)}")
        repaired.setdefault(entry.guid, entry)
    changed = sum(count for count in uses.values() if count > 1)
    if changed:
        notes.append(f"{changed} entries shared a guid with another")
    return tuple(repaired.values())


def _without_repetitions(entries: Iterable[Entry]) -> list[Entry]:
    distinct: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        distinct.setdefault((entry.guid, *_told_apart_by(entry)), entry)
    return list(distinct.values())


def _told_apart_by(entry: Entry) -> tuple[str, ...]:
    if entry.link is not None:
        return entry.link, entry.title
    return "", entry.title, *strip_html(entry.html).casefold().split()[:_IDENTITY_WORDS]
