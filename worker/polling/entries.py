"""A document's entries: which are new, which say something new, which only look like known ones."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from worker import dedupe
from worker.records import (
    ChangedEntry,
    ClaimedFeed,
    Entry,
    Known,
    KnownEntry,
    NewArticle,
    ParsedFeed,
)
from worker.text import digest, sanitised
from worker.urls import unwrapped

# A body that differs at every poll, such as one with a counter in it, is news only so often.
_TEXT_CHANGES, _CHANGE_EVERY = 5, timedelta(minutes=15)
_TAGS = re.compile(r"<[^<>]*>")


def identities(feed: ClaimedFeed, parsed: ParsedFeed) -> tuple[list[str], list[str]]:
    """The guids under which a document's entries may be known, and their articles' URLs."""
    guids = [entry.guid for entry in parsed.entries]
    if feed.memory.guids_repeat:
        guids += [dedupe.repaired_guid(entry) for entry in parsed.entries]
    return guids, dedupe.article_urls(feed.url, parsed.entries)


def sorted_out(
    feed: ClaimedFeed, parsed: ParsedFeed, known: Known, now: datetime
) -> tuple[list[NewArticle], list[ChangedEntry]]:
    """A document's entries that are new, and those that say something new."""
    new: list[NewArticle] = []
    changes: list[ChangedEntry] = []
    urls = dedupe.article_urls(feed.url, parsed.entries)
    for entry, url in zip(parsed.entries, urls, strict=True):
        before = known.entries.get(entry.guid)
        if before is not None and _is_another(entry, url, before):
            entry = replace(entry, guid=dedupe.repaired_guid(entry))
            before = known.entries.get(entry.guid)
        if before is None:
            new.append(_new_article(entry, url))
        elif change := _change(entry, before, now):
            changes.append(change)
    return new, changes


def _is_another(entry: Entry, url: str, before: KnownEntry) -> bool:
    """Whether a known guid stands on an entry that is not the known one.

    Some feeds give all their entries one guid. An entry that was corrected keeps its link or its
    headline, or at least its time; nothing of the known one is left in another.
    """
    if entry.link is None or url == before.article_url:
        return False
    if before.title_version in (None, _title_version(entry)):
        return False
    return entry.published is not None and entry.published > before.changed_at


def _new_article(entry: Entry, url: str) -> NewArticle:
    return NewArticle(
        url=url,
        entry=entry,
        link=unwrapped(entry.link) if entry.link else None,
        html=sanitised(entry.html),
        title_version=_title_version(entry),
        text_version=_text_version(entry),
    )


def _title_version(entry: Entry) -> str:
    return digest(entry.title)


def _text_version(entry: Entry) -> str:
    """Of the words alone: pixels and tracking links in the markup differ from poll to poll."""
    return digest(_TAGS.sub("", entry.html))


def _change(entry: Entry, before: KnownEntry, now: datetime) -> ChangedEntry | None:
    title, text = _title_version(entry), _text_version(entry)
    if (title, text) == (before.title_version, before.text_version):
        return None
    unknown = before.title_version is None
    fresh_words = before.changes < _TEXT_CHANGES and now - before.changed_at >= _CHANGE_EVERY
    if not unknown and title == before.title_version and not fresh_words:
        return None
    return ChangedEntry(
        article_id=before.article_id,
        guid=entry.guid,
        title=entry.title,
        html=sanitised(entry.html),
        title_version=title,
        text_version=text,
        only_noted=unknown,
    )
