"""What follows from a poll: new articles, what to remember of the feed, when to come back. Pure.

The pipeline fetches, asks the store what is known, and writes what is decided here.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never
from urllib.parse import urljoin

from worker import dedupe, hosts, schedule
from worker.records import (
    ChangedEntry,
    ClaimedFeed,
    Entry,
    Failed,
    FeedMemory,
    FeedVisit,
    Fetched,
    Known,
    KnownEntry,
    NewArticle,
    NotModified,
    ParsedFeed,
    Polled,
)
from worker.settings import Settings
from worker.text import digest, sanitised
from worker.urls import is_unresolved, unwrapped

# A body that differs at every poll, such as one with a counter in it, is news only so often.
_TEXT_CHANGES, _CHANGE_EVERY = 5, timedelta(minutes=15)
_TAGS = re.compile(r"<[^<>]*>")
_FULL_EVERY = 100
_SOONER = 4
SITEMAP = "sitemap"


def wants_full(feed: ClaimedFeed) -> bool:
    """Whether this poll is one of those that ask for the whole body, validators or not.

    Some servers answer 304 although they have news: one poll in a hundred finds them out, and of
    a feed whose server has lied more of them.
    """
    return feed.memory.since_full >= feed.memory.full_every - 1


def identities(feed: ClaimedFeed, parsed: ParsedFeed) -> tuple[list[str], list[str]]:
    """The guids under which a document's entries may be known, and their articles' URLs."""
    guids = [entry.guid for entry in parsed.entries]
    if feed.memory.guids_repeat:
        guids += [dedupe.repaired_guid(entry) for entry in parsed.entries]
    return guids, dedupe.article_urls(feed.url, parsed.entries)


def visit(
    feed: ClaimedFeed, polled: Polled, known: Known, now: datetime, settings: Settings
) -> FeedVisit:
    """What a poll found and when to come back."""
    match polled.fetch:
        case Failed() as failed:
            return failed_visit(feed, failed, now, settings)
        case NotModified() as answer:
            memory = replace(
                feed.memory,
                # Some servers answer 304 without the validators they gave: keep the old ones.
                etag=answer.etag or feed.memory.etag,
                last_modified=answer.last_modified or feed.memory.last_modified,
                since_full=feed.memory.since_full + 1,
            )
            if not answer.hops and feed.memory.moved_to is None:
                return _answered(feed, memory, 304, now, settings, answer.fresh_s, quiet=True)
            found = _answered(feed, memory, 304, now, settings, answer.fresh_s)
            return _observed_move(feed, found, answer, now, settings)
        case Fetched() as answer:
            if isinstance(polled.feed, Failed):
                return failed_visit(feed, polled.feed, now, settings)
            memory = replace(
                feed.memory,
                etag=answer.etag,
                last_modified=answer.last_modified,
                body_hash=polled.body_hash if answer.whole else None,
                since_full=0,
            )
            memory = _judged_304s(feed, memory, answer, polled)
            found = _answered(feed, memory, answer.status, now, settings, answer.fresh_s)
            if polled.feed is not None:
                found = _read(feed, found, polled.feed, known, now, settings)
            return _observed_move(feed, found, answer, now, settings)
        case _:
            assert_never(polled.fetch)


def failed_visit(feed: ClaimedFeed, failed: Failed, now: datetime, settings: Settings) -> FeedVisit:
    """A poll without use: the feed is left alone for longer each time, and for good if gone."""
    failures = feed.failures + 1
    return FeedVisit(
        feed_id=feed.id,
        token=feed.token,
        url=feed.url,
        polled_at=now,
        due_at=schedule.next_try(
            now, failed, failures, settings.poll_interval_s, settings.poll_backoff_max_s
        ),
        failures=failures,
        memory=feed.memory,
        status=failed.status,
        reason=failed.reason,
        detail=failed.detail,
        stopped=schedule.is_final(failed),
        host=hosts.outcome_of(feed.host, feed.host_failures, failed),
    )


def _answered(
    feed: ClaimedFeed,
    memory: FeedMemory,
    status: int,
    now: datetime,
    settings: Settings,
    fresh_s: float | None,
    *,
    quiet: bool = False,
) -> FeedVisit:
    fresh_s = min(fresh_s or 0.0, settings.max_freshness_s)
    return FeedVisit(
        feed_id=feed.id,
        token=feed.token,
        url=feed.url,
        polled_at=now,
        due_at=schedule.next_poll(now, settings.poll_interval_s, fresh_s),
        failures=0,
        memory=memory,
        status=status,
        quiet=quiet,
        host=hosts.outcome_of(feed.host, feed.host_failures, None),
    )


# ---- false 304s


def _judged_304s(
    feed: ClaimedFeed, memory: FeedMemory, answer: Fetched, polled: Polled
) -> FeedMemory:
    """Whether the server would have hidden this body: the same validators under another one."""
    if not wants_full(feed) or feed.memory.body_hash is None:
        return memory
    same = (answer.etag, answer.last_modified) == (feed.memory.etag, feed.memory.last_modified)
    if same and polled.feed is not None:
        every = max(1, memory.full_every // 10)
        return replace(memory, full_every=every, false_304s=memory.false_304s + 1)
    return replace(memory, full_every=min(_FULL_EVERY, memory.full_every * 2))


# ---- moves


def _observed_move(
    feed: ClaimedFeed,
    found: FeedVisit,
    answer: Fetched | NotModified,
    now: datetime,
    settings: Settings,
) -> FeedVisit:
    """Move a feed that has been redirected for good, to one place, steadily for a while."""
    target = schedule.moved_to(answer.hops)
    memory = found.memory
    if target is None or target == feed.url:
        if memory.moved_to is None:
            return found
        return replace(found, memory=_settled_down(memory))
    if target != memory.moved_to or memory.moved_since is None:
        memory = replace(memory, moved_to=target, moved_polls=1, moved_since=now)
        return replace(found, memory=memory)
    polls = memory.moved_polls + 1
    lasted_s = (now - memory.moved_since).total_seconds()
    if polls >= settings.move_after_polls and lasted_s >= settings.move_after_s:
        return replace(found, memory=_settled_down(memory), move_to=target)
    return replace(found, memory=replace(memory, moved_polls=polls))


def _settled_down(memory: FeedMemory) -> FeedMemory:
    return replace(memory, moved_to=None, moved_polls=0, moved_since=None)


# ---- entries


def _read(
    feed: ClaimedFeed,
    found: FeedVisit,
    parsed: ParsedFeed,
    known: Known,
    now: datetime,
    settings: Settings,
) -> FeedVisit:
    new, changes = _sorted_out(feed, parsed, known, now)
    given = {entry.guid for entry in parsed.entries}
    if any(one.entry.guid not in given for one in new):
        found = replace(found, memory=replace(found.memory, guids_repeat=True))
    found = replace(
        found,
        changed=True,
        title=parsed.title,
        site_url=parsed.site_url,
        language=parsed.language,
        hints=parsed.hints,
        articles=tuple(new),
        changes=tuple(changes),
    )
    return _noticed_gap(feed, found, parsed, known, settings)


def _sorted_out(
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
            new.append(_new_article(feed, entry, url))
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


# ---- gaps


def _noticed_gap(
    feed: ClaimedFeed, found: FeedVisit, parsed: ParsedFeed, known: Known, settings: Settings
) -> FeedVisit:
    """Look for what was missed where a document shares nothing with those before it.

    Its older pages (RFC 5005) are read next, else the site's news sitemap, if it has one.
    """
    if feed.changed_at is None or not parsed.entries or known.entries or known.urls:
        return found
    now = found.polled_at
    start = parsed.older or urljoin(feed.url, "/robots.txt")
    memory = replace(
        found.memory,
        gaps=found.memory.gaps + 1,
        gap_from=feed.polled_at,
        gap_to=min((e.published for e in parsed.entries if e.published), default=now),
        backfill=(start,),
        backfill_left=settings.gap_pages,
    )
    return replace(found, memory=memory, due_at=now, gap=True)


def backfill_visit(
    feed: ClaimedFeed, polled: Polled, known: Known, now: datetime, settings: Settings
) -> FeedVisit:
    """What a page that was read to fill a gap brought, and which page to read next.

    It ends where the pages reach what is known already, run out, or are too many.
    """
    articles: tuple[NewArticle, ...] = ()
    todo = feed.memory.backfill[1:]
    if polled.links is not None:
        todo = polled.links
    elif isinstance(polled.feed, ParsedFeed):
        new, _ = _sorted_out(feed, _within_gap(feed, polled.feed), known, now)
        articles = tuple(new)
        reached = bool(known.entries or known.urls)
        todo = () if reached or polled.feed.older is None else (polled.feed.older,)
        if polled.feed.form == SITEMAP:
            todo = ()
    left = feed.memory.backfill_left - 1
    memory = replace(feed.memory, backfill=todo if left > 0 else (), backfill_left=max(0, left))
    # After a gap the feed itself is asked sooner: it has more to say than its interval allows.
    sooner = schedule.next_poll(now, settings.poll_interval_s / _SOONER)
    return FeedVisit(
        feed_id=feed.id,
        token=feed.token,
        url=feed.url,
        polled_at=now,
        due_at=now if memory.backfill else sooner,
        failures=feed.failures,
        memory=memory,
        articles=articles,
    )


def _within_gap(feed: ClaimedFeed, parsed: ParsedFeed) -> ParsedFeed:
    """Of a news sitemap, which tells of the whole site, only what the gap may have swallowed."""
    start, end = feed.memory.gap_from, feed.memory.gap_to
    if parsed.form != SITEMAP or start is None or end is None:
        return parsed
    inside = (e for e in parsed.entries if e.published and start <= e.published <= end)
    return replace(parsed, entries=tuple(inside))
