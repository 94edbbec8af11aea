"""Feeds that are pushed: polled more seldom, and what a pushed document brings. Pure."""

from dataclasses import replace
from datetime import datetime

from worker import schedule
from worker.polling.entries import sorted_out
from worker.polling.learning import rhythm_after
from worker.records import ClaimedFeed, FeedVisit, Known, ParsedFeed
from worker.schedule import Pace


def stretch(feed: ClaimedFeed, now: datetime, interval_s: float) -> float:
    """By how much the interval between polls grows: less where the hub's lease ends before that."""
    if feed.pushed_until is None:
        return 1.0
    left_s = (feed.pushed_until - now).total_seconds()
    return min(schedule.PUSHED, max(1.0, left_s / interval_s))


def pushed_visit(
    feed: ClaimedFeed,
    parsed: ParsedFeed,
    known: Known,
    now: datetime,
    pace: Pace | None = None,
) -> FeedVisit:
    """What a pushed document brought. Of the feed's own address it says nothing.

    A hub sends what is new alone, so that it shares nothing with what was there before: no gap. Of
    when a feed publishes it tells as polls do, once the feed has been read as a whole.
    """
    entries = sorted_out(feed, parsed, known, now)
    rhythm = rhythm_after(feed, now, entries.new, 0, pace) if feed.rhythm else None
    return FeedVisit(
        feed_id=feed.id,
        token=feed.token,
        url=feed.url,
        polled_at=now,
        due_at=now,
        failures=feed.failures,
        memory=replace(feed.memory, guids_repeat=feed.memory.guids_repeat or entries.repeats),
        articles=tuple(entries.new),
        changes=tuple(entries.changes),
        rhythm=None if rhythm is None else rhythm.as_json(),
        aside=True,
    )
