"""Gaps: documents that share nothing with those before them, and what was missed. Pure."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import urljoin

from worker import schedule
from worker.polling.entries import sorted_out
from worker.records import ClaimedFeed, FeedVisit, Known, NewArticle, ParsedFeed, Polled
from worker.settings import Settings

_SOONER = 4
SITEMAP = "sitemap"


def noticed_gap(
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
        articles = tuple(sorted_out(feed, _within_gap(feed, polled.feed), known, now).new)
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
