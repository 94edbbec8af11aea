"""A poll's outcome, and when to come back. Pure."""

import re
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import assert_never

from worker import hosts, schedule
from worker.errors import Reason
from worker.polling.entries import sorted_out
from worker.polling.full import after_304, after_body, judged
from worker.polling.gaps import noticed_gap
from worker.polling.learning import rhythm_after
from worker.polling.moves import observed_move
from worker.polling.timing import Pacing, first_pacing, interval_s, timed
from worker.records import (
    ClaimedFeed,
    Failed,
    FeedMemory,
    FeedVisit,
    Fetched,
    Known,
    NotModified,
    ParsedFeed,
    Polled,
)
from worker.settings import Settings
from worker.subscriptions import offer_of

# Cut off behind this, as by a server that leaves out the end of its gzip, all entries are there.
_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf|urlset)\s*>", re.IGNORECASE)


def visit(
    feed: ClaimedFeed,
    polled: Polled,
    known: Known,
    now: datetime,
    settings: Settings,
    jitter: float,
    pacing: Pacing | None = None,
) -> FeedVisit:
    """What a poll found and when to come back; `jitter` in 0..1 spreads what failed together.

    Without `pacing`, nothing is known yet of all feeds together.
    """
    pacing = pacing or first_pacing(settings, now)
    match polled.fetch:
        case Failed() as failed:
            return failed_visit(feed, failed, now, settings, jitter, pacing)
        case NotModified() as answer:
            memory, lied = after_304(feed.memory, answer)
            if not lied and not answer.hops and memory.moved_to is None:
                quiet = _answered(feed, memory, 304, now, settings, pacing, answer.fresh_s)
                return replace(quiet, quiet=quiet.rhythm is None)
            found = _answered(feed, memory, 304, now, settings, pacing, answer.fresh_s)
            return observed_move(feed, replace(found, lied=lied), answer, now, settings)
        case Fetched() as answer:
            if isinstance(polled.feed, Failed):
                failed = replace(polled.feed, status=answer.status)
                return failed_visit(feed, failed, now, settings, jitter, pacing)
            memory = after_body(feed, answer, polled.body_hash)
            # What was cut off is worth asking for again, however long it calls itself fresh.
            fresh_s = answer.fresh_s if answer.whole else None
            found = _answered(feed, memory, answer.status, now, settings, pacing, fresh_s)
            if (parsed := polled.feed) is not None:
                # Half a link leads elsewhere: what the last entry said comes again.
                if not answer.whole and _END.search(answer.body) is None:
                    parsed = replace(parsed, entries=parsed.entries[:-1])
                found = _read(feed, found, parsed, known, now, settings)
                found = _weighed(feed, found, answer, parsed)
                # A hub that did not push what is there is not relied on until it pushes again.
                asked = replace(feed, pushed_until=None) if found.unpushed else feed
                found = _timed(asked, found, parsed, settings, pacing, fresh_s)
                found = noticed_gap(feed, found, parsed, known, settings)
            return observed_move(feed, judged(feed, found, answer), answer, now, settings)
        case _:
            assert_never(polled.fetch)


def _weighed(feed: ClaimedFeed, found: FeedVisit, answer: Fetched, parsed: ParsedFeed) -> FeedVisit:
    """Note what the feed offers in the way of push, and whether the hub that pushes it is blind."""
    offered = feed.options.proxy is None  # who asks through a proxy does not want to be known
    offer = offer_of(answer.links, parsed, answer.url) if offered else None
    if feed.pushed_until is None or feed.pushed_until <= found.polled_at or not found.articles:
        return replace(found, offer=offer)
    return replace(found, offer=offer, unpushed=True)


def failed_visit(
    feed: ClaimedFeed,
    failed: Failed,
    now: datetime,
    settings: Settings,
    jitter: float,
    pacing: Pacing | None = None,
) -> FeedVisit:
    """A poll without use: the feed is left alone for longer each time, and for good if it is gone,
    or has failed for so long that it must be dead.
    """
    failures = feed.failures + 1
    pacing = pacing or first_pacing(settings, now)
    since = feed.memory.failing_since or now
    dead = now - since >= timedelta(days=settings.dead_after_d)
    detail = f"Failing since {since:%Y-%m-%d}. {failed.detail}" if dead else failed.detail
    pause_s = interval_s(feed, now, settings, pacing)
    return FeedVisit(
        feed_id=feed.id,
        token=feed.token,
        url=feed.url,
        polled_at=now,
        due_at=schedule.next_try(
            now, failed, failures, pause_s, settings.poll_backoff_max_s, jitter
        ),
        failures=failures,
        memory=replace(feed.memory, failing_since=since),
        status=failed.status,
        reason=failed.reason,
        detail=detail,
        stopped=dead or schedule.is_final(failed),
        host=hosts.outcome_of(feed.host, feed.host_failures, failed),
    )


def offline_visit(
    feed: ClaimedFeed, failed: Failed, now: datetime, settings: Settings, jitter: float
) -> FeedVisit:
    """A poll that failed for no fault of the feed's: our own network is down."""
    asked = failed.reason is not Reason.OFFLINE
    return FeedVisit(
        feed_id=feed.id,
        token=feed.token,
        url=feed.url,
        polled_at=now,
        due_at=schedule.next_look(now, settings.offline_retry_s, jitter, asked=asked),
        failures=feed.failures,
        memory=feed.memory,
        reason=Reason.OFFLINE,
        detail=failed.detail,
        aside=True,
    )


def _answered(
    feed: ClaimedFeed,
    memory: FeedMemory,
    status: int,
    now: datetime,
    settings: Settings,
    pacing: Pacing,
    fresh_s: float | None,
) -> FeedVisit:
    rhythm = rhythm_after(feed, now, (), 0)
    due_at, not_before = timed(feed, rhythm, now, settings, pacing, fresh_s, feed.hints)
    if memory.failing_since is not None:
        memory = replace(memory, failing_since=None)
    return FeedVisit(
        feed_id=feed.id,
        token=feed.token,
        url=feed.url,
        polled_at=now,
        due_at=due_at,
        failures=0,
        memory=memory,
        status=status,
        host=hosts.outcome_of(feed.host, feed.host_failures, None),
        rhythm=None if rhythm is None else rhythm.as_json(),
        not_before=not_before,
    )


def _timed(
    feed: ClaimedFeed,
    found: FeedVisit,
    parsed: ParsedFeed,
    settings: Settings,
    pacing: Pacing,
    fresh_s: float | None,
) -> FeedVisit:
    """What follows from a document's new entries for when to come back."""
    now = found.polled_at
    rhythm = rhythm_after(feed, now, found.articles, len(parsed.entries), pacing.pace)
    due_at, not_before = timed(feed, rhythm, now, settings, pacing, fresh_s, asdict(parsed.hints))
    if rhythm is None:
        return replace(found, due_at=due_at, not_before=not_before)
    return replace(found, due_at=due_at, not_before=not_before, rhythm=rhythm.as_json())


def _read(
    feed: ClaimedFeed,
    found: FeedVisit,
    parsed: ParsedFeed,
    known: Known,
    now: datetime,
    settings: Settings,
) -> FeedVisit:
    entries = sorted_out(feed, parsed, known, now)
    memory = found.memory
    if entries.repeats:
        memory = replace(memory, guids_repeat=True)
    if entries.waiting:  # a 304, or the same body again, would have it forgotten
        memory = replace(memory, etag=None, last_modified=None, body_hash=None)
    return replace(
        found,
        memory=memory,
        changed=True,
        title=parsed.title,
        site_url=parsed.site_url,
        language=parsed.language,
        hints=parsed.hints,
        articles=tuple(entries.new),
        changes=tuple(entries.changes),
    )
