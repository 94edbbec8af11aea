"""A document's entries: which are new, which say something new, which only look like known ones.

An article's identity, the version of what it says, and its story are three things. What is decided
here is the first two: a corrected headline is another version, and never another article.
"""

import re
from collections.abc import Set
from dataclasses import dataclass, field, replace
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
from worker.urls import is_unresolved, unwrapped

# A body that differs at every poll, such as one with a counter in it, is news only so often.
_TEXT_CHANGES, _CHANGE_EVERY = 5, timedelta(minutes=15)
# So many headlines of one entry are taken at once. Others, and those that were there before, as
# caches of a site give them by turns, wait for twice as long as the last one had to.
_HEADLINES, _MAX_DOUBLINGS = 20, 7
_TAGS = re.compile(r"<[^<>]*>")
_NO_LINK = "urn:"


@dataclass(slots=True)
class Sorted:
    """What a document holds. `repeats`: its guid stands on another entry than before; `waiting`: it
    says something new that is to be taken later.
    """

    new: list[NewArticle] = field(default_factory=list)
    changes: list[ChangedEntry] = field(default_factory=list)
    repeats: bool = False
    waiting: bool = False


def identities(feed: ClaimedFeed, parsed: ParsedFeed) -> tuple[list[str], list[str]]:
    """The guids under which a document's entries may be known, and their articles' URLs."""
    guids = [entry.guid for entry in parsed.entries]
    if feed.memory.guids_repeat:
        guids += [dedupe.repaired_guid(entry) for entry in parsed.entries]
    return guids, dedupe.article_urls(feed.url, parsed.entries)


def sorted_out(feed: ClaimedFeed, parsed: ParsedFeed, known: Known, now: datetime) -> Sorted:
    """Tell a document's new entries, those that say something new, and the rest apart."""
    found = Sorted()
    given = {entry.guid for entry in parsed.entries}
    urls = dedupe.article_urls(feed.url, parsed.entries)
    for entry, url in zip(map(dedupe.unsigned, parsed.entries), urls, strict=True):
        before = known.entries.get(entry.guid)
        if before is not None and _is_another(entry, url, before):
            entry = replace(entry, guid=dedupe.repaired_guid(entry))
            url = dedupe.article_url(feed.url, entry) if url.startswith(_NO_LINK) else url
            before = known.entries.get(entry.guid)
            found.repeats = True
        if before is not None:
            _note_change(found, entry, before, now)
            continue
        found.new.append(_new_article(feed, entry, url))
        renamed = _renamed(url, known, given)
        if renamed is not None and _title_version(entry) != renamed.title_version:
            _note_change(found, entry, renamed, now)
    return found


def _is_another(entry: Entry, url: str, before: KnownEntry) -> bool:
    """Whether a known guid stands on an entry that is not the known one.

    Some feeds give all their entries one guid. An entry that was corrected keeps its link, its
    headline or its time; where there is no time, its words. Nothing of the known one is left in
    another. Without links nothing but the guid is sure, so there both time and words must differ.
    """
    linked = not url.startswith(_NO_LINK)
    if linked and url == before.article_url:
        return False
    if before.title_version == _title_version(entry):
        return False
    dated = entry.published is not None and before.published is not None
    if dated and entry.published == before.published:
        return False
    if not linked:
        return dated and _text_version(entry) != before.text_version is not None
    if dated or before.title_version is None:
        return dated
    return not _says_enough(entry) or _text_version(entry) != before.text_version


def _renamed(url: str, known: Known, given: Set[str]) -> KnownEntry | None:
    """The known entry that a new guid is only another name of.

    Some feeds count an entry's versions in its guid. A link under two guids of one document is none
    of these: it has two headlines.
    """
    before = known.urls.get(url)
    if before is None or before.guid in given or before.title_version is None:
        return None
    return before


def _new_article(feed: ClaimedFeed, entry: Entry, url: str) -> NewArticle:
    link = unwrapped(entry.link) if entry.link else None
    return NewArticle(
        url=url,
        entry=entry,
        link=link,
        has_page=link is not None and feed.options.full_text and not is_unresolved(link),
        html=sanitised(entry.html),
        title_version=_title_version(entry),
        text_version=_text_version(entry),
    )


def _title_version(entry: Entry) -> str:
    return digest(entry.title)


def _text_version(entry: Entry) -> str:
    """Of the words alone: pixels and tracking links in the markup differ from poll to poll."""
    return digest(_TAGS.sub("", entry.html))


def _says_enough(entry: Entry) -> bool:
    return len(_TAGS.sub("", entry.html).split()) >= dedupe.FEWEST_WORDS


def _note_change(found: Sorted, entry: Entry, before: KnownEntry, now: datetime) -> None:
    title, text = _title_version(entry), _text_version(entry)
    if (title, text) == (before.title_version, before.text_version):
        return
    unknown = before.title_version is None
    retitled = title != before.title_version
    if not unknown and not _is_time(before, title, now):
        found.waiting |= not retitled and before.changes < _TEXT_CHANGES
        return
    found.changes.append(
        ChangedEntry(
            article_id=before.article_id,
            guid=entry.guid,
            title=entry.title,
            html=sanitised(entry.html),
            title_version=title,
            text_version=text,
            title_before=before.title_version if retitled else before.title_before,
            changes=before.changes + (not unknown),
            only_noted=unknown,
        )
    )


def _is_time(before: KnownEntry, title: str, now: datetime) -> bool:
    """Whether another version is to be taken already: it has its article read and judged again."""
    rested = now - before.changed_at
    if title == before.title_version:
        return before.changes < _TEXT_CHANGES and rested >= _CHANGE_EVERY
    if title != before.title_before and before.changes < _HEADLINES:
        return True
    return rested >= _CHANGE_EVERY * (1 << min(before.changes, _MAX_DOUBLINGS))
