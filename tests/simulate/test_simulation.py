"""Simulated polls: what is seen and when, hosts and budgets kept to, rules told apart."""

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from worker.schedule import Budget, Lately, Limits, Wishes
from worker.simulate import (
    PEERS,
    Oracle,
    Policy,
    Trace,
    Uniform,
    World,
    figures,
    fitted,
    run,
    wishing,
    world_of,
)
from worker.simulate.world import START_S

DAY, HOUR = 86_400.0, 3_600.0


class Every:
    """Polls all feeds at one interval."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self.asked: list[tuple[float, int]] = []

    def next_s(self, feed: int, now: float, new: Sequence[float]) -> float:
        self.asked.append((now, feed))
        return self._interval_s

    def tick(self, now: float, lately: Lately) -> None:
        """It looks at nothing."""


def small(times: Sequence[Sequence[float]], days: float) -> World:
    traces = [Trace(str(n), START_S, tuple(each)) for n, each in enumerate(times)]
    return world_of(traces, warm_up_d=0, days=days, shared=0)


def newsroom(feeds: int = 12, days: int = 12) -> World:
    """Feeds of very different rates, that publish by day."""
    times = []
    for n in range(feeds):
        per_day = 2 ** (n % 6)
        times.append(
            [
                day * DAY + 6 * HOUR + 12 * HOUR * (k + (n + day) * 0.618 % 1) / per_day
                for day in range(days)
                for k in range(per_day)
            ]
        )
    traces = [Trace(str(n), START_S, tuple(each)) for n, each in enumerate(times)]
    return world_of(traces, warm_up_d=4, days=days, shared=0.2)


def test_a_delay_is_from_publication_to_the_poll_that_sees_it() -> None:
    world = small([[100.0, 700.0, 1_500.0]], days=0.1)
    assert run(world, Every(600.0)).delays == [500.0, 500.0, 300.0]


def test_what_left_the_document_before_a_poll_is_missed() -> None:
    world = small([[float(n) for n in range(1, 31)]], days=0.1)
    result = run(world, Every(600.0))
    assert (result.missed, len(result.delays)) == (10, 20)


def test_feeds_of_one_host_take_turns_in_the_order_they_came() -> None:
    world = world_of([Trace(str(n), START_S, (1.0,)) for n in range(20)], 0, 0.05, shared=0.5)
    rule = Every(300.0)
    run(world, rule)
    shared = [(at, feed) for at, feed in rule.asked if world.hosts[feed] < 0]
    first = {feed: at for at, feed in reversed(shared)}
    # a feed's first poll waits for nobody
    spaced = [(at, feed) for at, feed in shared if at > first[feed]]
    gaps = [after - before for (before, _), (after, _) in pairwise(spaced)]
    assert len(spaced) > 60
    assert min(gaps) >= world.host_gap_s - 1e-6
    joined = max(first.values())
    polls = [sum(feed == n for at, feed in spaced if at > joined) for n in range(0, 20, 2)]
    assert max(polls) - min(polls) <= 2


@pytest.mark.parametrize("mode", ["hourly", "daily"])
def test_the_policy_spends_its_budget_and_beats_equal_intervals(mode: str) -> None:
    world = newsroom()
    budget = Budget(4.0 * world.feeds, "hourly" if mode == "hourly" else "daily")
    ours = figures(world, run(world, Policy(world, budget, Limits()), budget), 4.0 * world.feeds)
    even = figures(world, run(world, Uniform(world, 1.0)), 4.0 * world.feeds)
    # by night nothing is published here, and an hourly budget cannot be moved into the day
    assert ours.mean_s < {"hourly": 0.95, "daily": 0.8}[mode] * even.mean_s
    assert 0.95 <= ours.spent <= 1.02
    assert ours.peak <= {"hourly": 1.15, "daily": 2.2}[mode]
    assert ours.entries + ours.missed == even.entries + even.missed


def test_a_budget_is_kept_to_whatever_a_rule_asks_for() -> None:
    world = newsroom(days=6)
    budget = Budget(2.0 * world.feeds, "hourly")
    told = figures(world, run(world, Every(60.0), budget), budget.polls_per_hour)
    assert told.spent <= 1.02


@pytest.mark.parametrize("name", sorted(PEERS))
def test_peers_are_fitted_to_the_same_number_of_polls(name: str) -> None:
    world = newsroom()
    budget = Budget(4.0 * world.feeds)
    result = fitted(world, lambda times: PEERS[name](world, times), budget, 0.05)
    told = figures(world, result, budget.polls_per_hour)
    assert told.spent == pytest.approx(1, abs=0.05)
    assert told.mean_s > 0


def test_who_knows_all_rates_and_hours_is_not_worse_than_who_learns_them() -> None:
    chance = random.Random(7)
    times = [
        sorted(
            day * DAY + chance.uniform(6, 18) * HOUR
            for day in range(12)
            for _ in range(2 ** (n % 6))
        )
        for n in range(12)
    ]
    traces = [Trace(str(n), START_S, tuple(each)) for n, each in enumerate(times)]
    world = world_of(traces, warm_up_d=4, days=12, shared=0.2)
    budget, limits = Budget(4.0 * world.feeds), Limits(1.0)
    known = fitted(world, lambda mu: Oracle(world, budget, limits, mu), budget, 50.0)
    ours = run(world, Policy(world, budget, limits), budget)
    assert sum(known.delays) <= 1.05 * sum(ours.delays)


def test_what_sites_ask_for_is_kept_to_and_costs_time() -> None:
    world = newsroom(feeds=6, days=5)
    budget = Budget(12.0 * world.feeds)
    free = run(world, Policy(world, budget, Limits()), budget)
    asking = wishing(world, {1_800.0: 1.0}, 1_200.0)
    polite = run(asking, Policy(asking, budget, Limits()), budget)
    assert sum(polite.delays) > 1.2 * sum(free.delays)
    hours = (world.ends_at - world.counted_from) / HOUR
    assert max(polite.polls) <= 3 * hours + 1
    assert max(free.polls) > 6 * hours


@pytest.mark.parametrize("mode", ["hourly", "daily"])
def test_hours_that_a_site_wants_skipped_are_skipped(mode: str) -> None:
    world = newsroom(feeds=4, days=6)
    nights = replace(world, wishes=(Wishes(skip_hours=tuple(range(12, 24))),) * world.feeds)
    budget = Budget(6.0 * world.feeds, "hourly" if mode == "hourly" else "daily")
    result = run(nights, Policy(nights, budget, Limits()), budget)
    # what is due when an hour ends may be held up by the budget for a little longer
    skipped = sum(count for hour, count in result.hourly.items() if hour % 24 >= 12)
    assert skipped <= 0.02 * sum(result.polls)


def test_so_many_sites_ask_as_they_are_said_to() -> None:
    world = newsroom(feeds=200, days=1)
    asking = wishing(world, {300.0: 0.25, 3_600.0: 0.1}, 1_800.0)
    asked = Counter(wish.least_s for wish in asking.wishes)
    assert asked == pytest.approx({0.0: 130, 300.0: 50, 1_800.0: 20}, abs=2)
    assert world.wishes_of(3) == Wishes()


def test_a_run_without_entries_has_no_delays_to_tell_of() -> None:
    world = small([[5 * DAY]], days=1)
    told = figures(world, run(world, Every(HOUR)), 1.0)
    assert (told.entries, told.missed, told.empty) == (0, 0, 1.0)
    assert math.isnan(told.mean_s)
    assert told.spent == pytest.approx(1, abs=0.05)
