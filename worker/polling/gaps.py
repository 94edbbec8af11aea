"""Gaps: documents that share nothing with those before them, and what was missed. Pure.

A feed that runs over between two polls has lost entries. They are looked for where the feed itself
names older pages (RFC 5005), else in the news sitemap of its site, one page a visit: what is still
to be read stands in the feed's row, so that a worker may die over it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urljoin

from worker import hosts, schedule
from worker.errors import Reason
from worker.hosts import host_key
from worker.polling.entries import sorted_out
from worker.polling.timing import Pacing, first_pacing, interval_s
from worker.records import (
    ClaimedFeed,
    Failed,
    FeedVisit,
    HostOutcome,
    Known,
    NewArticle,
    ParsedFeed,
    Polled,
)
from worker.settings import Settings

SITEMAP = "sitemap"
# A feed that has run over is asked again in this part of its interval.
_SOONER = 4
# Sitemaps are guessed at: of a feed that runs over all the time they are looked for once an hour.
_LOOK_AGAIN = timedelta(hours=1)
# Entries come into a feed some time after they were published.
_LAG = timedelta(hours=1)
# Of a page that is not there the next may be; any other failure speaks for all of them.
_NOT_THERE = frozenset(
    {Reason.NOT_FOUND, Reason.GONE, Reason.NOT_A_FEED, Reason.MALFORMED_FEED, Reason.EMPTY_BODY}
)


def noticed_gap(
    feed: ClaimedFeed, found: FeedVisit, parsed: ParsedFeed, known: Known, settings: Settings
) -> FeedVisit:
    """Note that a document shares nothing with those before it, and where to look for the rest."""
    shares = bool(known.entries or known.urls or not known.read_before)
    if feed.changed_at is None or not parsed.entries or shares:
        return found
    now, memory = found.polled_at, replace(found.memory, gaps=found.memory.gaps + 1)
    # Whatever a site says of freshness, it has been more than its feed could hold.
    soon = min(found.due_at, schedule.next_poll(now, found.gap_s / _SOONER))
    looked = memory.gap_to is not None and now - memory.gap_to < _LOOK_AGAIN
    if parsed.older is None and looked:
        return replace(found, memory=memory, due_at=soon, gap=True)
    after = [e.published for e in parsed.entries if e.published and e.published > feed.changed_at]
    memory = replace(
        memory,
        gap_from=feed.changed_at,
        gap_to=min([now, *after]),
        backfill=(parsed.older or urljoin(parsed.site_url or feed.url, "/robots.txt"),),
        backfill_left=settings.gap_pages,
    )
    return replace(found, memory=memory, due_at=now, gap=True)


def backfill_visit(
    feed: ClaimedFeed,
    polled: Polled,
    known: Known,
    now: datetime,
    settings: Settings,
    pacing: Pacing | None = None,
) -> FeedVisit:
    """What a page that was read to fill a gap brought, and which page to read next.

    It ends where the pages reach what is known already, run out, fail, or are too many. Of the
    feed itself such a page says nothing.
    """
    articles, todo = _read(feed, polled, known, now)
    left = max(0, feed.memory.backfill_left - 1)
    memory = replace(feed.memory, backfill=tuple(todo[:left]), backfill_left=left)
    usual_s = interval_s(feed, now, settings, pacing or first_pacing(settings, now))
    pause_s = settings.page_gap_s if memory.backfill else usual_s / _SOONER
    return FeedVisit(
        feed_id=feed.id,
        token=feed.token,
        url=feed.url,
        polled_at=now,
        due_at=schedule.next_poll(now, pause_s),
        failures=feed.failures,
        memory=memory,
        articles=tuple(articles),
        host=_outcome(feed, polled),
        aside=True,
    )


def _outcome(feed: ClaimedFeed, polled: Polled) -> HostOutcome | None:
    failed = polled.fetch
    if not isinstance(failed, Failed) or host_key(feed.memory.backfill[0]) != feed.host:
        return None
    return hosts.outcome_of(feed.host, feed.host_failures, failed)


def _read(
    feed: ClaimedFeed, polled: Polled, known: Known, now: datetime
) -> tuple[Sequence[NewArticle], Sequence[str]]:
    """What a page holds of the missed entries, and the pages that are still to be read."""
    rest = feed.memory.backfill[1:]
    if isinstance(polled.fetch, Failed) and polled.fetch.reason not in _NOT_THERE:
        return (), ()
    if polled.links is not None:
        return (), polled.links
    page = polled.feed
    if not isinstance(page, ParsedFeed):
        return (), rest
    sitemap = page.form == SITEMAP
    since = feed.memory.gap_from or now
    until = (feed.memory.gap_to or now) if sitemap else None
    missed = sorted_out(feed, _within(page, since if sitemap else since - _LAG, until), known, now)
    articles = [new for new in missed.new if new.url not in known.urls]
    if sitemap:
        return articles, () if _reaches_back(page, since) else rest
    reached = _reaches_back(page, since - _LAG, whole=True) or _is_known_from_before(known, since)
    return articles, () if reached or page.older is None else (page.older,)


def _within(page: ParsedFeed, since: datetime, until: datetime | None) -> ParsedFeed:
    """A page's entries that the gap may have swallowed.

    A news sitemap (`until`) tells of the whole site: of it, what has no time may be anything.
    """
    inside = (
        entry
        for entry in page.entries
        if (entry.published is None and until is None)
        or (entry.published and since <= entry.published <= (until or entry.published))
    )
    return replace(page, entries=tuple(inside))


def _reaches_back(page: ParsedFeed, since: datetime, *, whole: bool = False) -> bool:
    """Whether some, or else the `whole`, of a page's dated entries are from before the gap."""
    times = [entry.published for entry in page.entries if entry.published]
    return bool(times) and (max(times) if whole else min(times)) < since


def _is_known_from_before(known: Known, since: datetime) -> bool:
    """Whether a page has an entry that was there before the gap, and not only just after it."""
    if not known.entries:
        return bool(known.urls)
    return any(entry.changed_at <= since for entry in known.entries.values())
