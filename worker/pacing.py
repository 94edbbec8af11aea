"""Steers how often feeds are polled: once a minute, one worker for all.

Whatever happens twice, or not at all for a while, does no harm: whoever comes second finds that it
was done, and mu stays what it was until somebody steers again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from worker import polling, schedule, store
from worker.schedule import MEMORY_S, Budget, Purse, faded
from worker.settings import Settings
from worker.store import Connection, Matched, PaceState
from worker.tools import Tools

log = structlog.get_logger(__name__)

EVERY_S = 60.0
# Two nudges of one minute may come a little closer together.
_SOON_S = EVERY_S / 2
_FRESH = timedelta(hours=6)
_EARLIEST_S = 60.0


def steer(tools: Tools) -> None:
    """Look at what all feeds did in the last minute, and set the pace of the next."""
    now, settings = tools.clock(), tools.settings
    state = tools.db.read(store.pace_state)
    if state is None:
        tools.db.write(lambda db: _begin(db, settings, now))
        return
    if (now - state.steered_at).total_seconds() >= _SOON_S:
        tools.db.write(lambda db: _steer(db, state, settings, now))


def _begin(db: Connection, settings: Settings, now: datetime) -> None:
    limits = polling.limits_of(settings)
    feeds = store.watched_feeds(db)
    budget = polling.budget_of(settings, feeds)
    pace = schedule.first_pace(now.timestamp(), feeds, budget, limits.theta)
    store.begin_pace(db, pace, Purse.begun(now.timestamp(), budget), feeds, now)


def _steer(db: Connection, state: PaceState, settings: Settings, now: datetime) -> None:
    budget = polling.budget_of(settings, state.feeds)
    purse = state.purse.filled(now.timestamp(), budget)
    lately, matched, matches_to = store.lately(db, state, purse.saved, _FRESH)
    budget = polling.budget_of(settings, lately.feeds)
    theta = polling.limits_of(settings).theta
    pace = schedule.steered(state.pace, now.timestamp(), lately, budget, theta)
    crowded = _crowded(db, state, settings)
    if not store.save_pace(db, state, pace, lately.feeds, matches_to, crowded, now):
        return
    _count_matches(db, matched, now)
    if settings.poll_interval_s is None:
        _poll_early(db, purse, budget, now)
    log.debug("pace.steered", mu=pace.mu, demand=round(pace.demand), feeds=lately.feeds)


def _crowded(db: Connection, state: PaceState, settings: Settings) -> dict[str, float]:
    """By how much the feeds of hosts that have many are stretched.

    What they ask for is stretched already, where it was before.
    """
    if not settings.host_poll_gap_s:
        return {}
    # A slot is taken by the first claim after it has come, half a tick later in the mean.
    gap_s = settings.host_poll_gap_s + settings.tick_s / 2
    least = min(1.0, *(1 / stretch for stretch in state.crowded.values()), 1.0)
    asked = store.crowded_hosts(db, least / gap_s / 2)
    stretches = {
        host: schedule.host_stretch(load * state.crowded.get(host, 1.0), gap_s)
        for host, load in asked.items()
    }
    return {host: stretch for host, stretch in stretches.items() if stretch > 1}


def _count_matches(db: Connection, matched: Sequence[Matched], now: datetime) -> None:
    before = store.matched_of(db, [one.feed_id for one in matched])
    counts = {}
    for one in matched:
        count, at = before[one.feed_id]
        count = faded(count, (now - (at or now)).total_seconds(), MEMORY_S)
        ages = ((now - seen).total_seconds() for seen in one.seen_at)
        counts[one.feed_id] = count + sum(faded(1.0, age, MEMORY_S) for age in ages)
    store.set_matched(db, counts, now)


def _poll_early(db: Connection, purse: Purse, budget: Budget, now: datetime) -> None:
    """Make polls that the budget has left over in an hour, before they are lost."""
    early = purse.overflow(EVERY_S, budget) if budget.mode == "hourly" else 0
    if early:
        store.poll_early(db, early, now, _EARLIEST_S)
