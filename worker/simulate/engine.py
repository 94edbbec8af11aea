"""Runs a rule over a world, poll by poll, and counts what was seen when."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Protocol

from worker import schedule
from worker.schedule import Budget, Lately, Purse
from worker.schedule.rhythm import HOUR_S
from worker.simulate.world import World

TICK_S = 60.0
# Only after so many seconds is a feed polled again before its time.
_EARLIEST_S = 60.0


class Rule(Protocol):
    """Decides when each feed is polled next."""

    def next_s(self, feed: int, now: float, new: Sequence[float]) -> float:
        """Seconds until the next poll of a feed that was polled `now` and brought `new`."""

    def tick(self, now: float, lately: Lately) -> None:
        """A minute of a budget has passed."""


@dataclass(slots=True)
class Run:
    """What a run came to. `delays` are seconds from publication to the poll that saw it, `of` the
    feed of each; `missed` entries had left their document before; `hourly` are polls by hour.
    """

    delays: list[float] = field(default_factory=list)
    of: list[int] = field(default_factory=list)
    missed: int = 0
    polls: list[int] = field(default_factory=list)
    empty: int = 0
    hourly: Counter[int] = field(default_factory=Counter)


def run(world: World, rule: Rule, budget: Budget | None = None) -> Run:
    """Simulate a rule; with a `budget` it is held to it as the daemon is."""
    return _Simulation(world, rule, budget).run()


class _Simulation:
    def __init__(self, world: World, rule: Rule, budget: Budget | None) -> None:
        self._world, self._rule, self._budget = world, rule, budget
        self._read = [0] * world.feeds
        self._asked = [-1.0] * world.feeds
        self._asks = [0.0] * world.feeds
        self._demand = 0.0
        self._free: dict[int, float] = {}
        start = world.starts_at
        self._purse = Purse.begun(start, budget) if budget else Purse(start)
        self._new: list[float] = []
        self._due: list[tuple[float, int, bool]] = []
        self._now = world.starts_at
        self._result = Run(polls=[0] * world.feeds)

    def run(self) -> Run:
        world, due = self._world, self._due
        spread = HOUR_S * world.feeds / self._budget.polls_per_hour if self._budget else 900.0
        due += [(at + spread * n / world.feeds, n, False) for n, at in enumerate(world.joins)]
        heapify(due)
        tick_at = world.starts_at + TICK_S
        while due:
            at, feed, reserved = heappop(due)
            now = max(at, self._now)
            first = self._asked[feed] < 0  # a feed's first poll waits for no slot
            slot = self._free.get(world.hosts[feed], 0.0)
            if not (reserved or first) and slot > now:
                self._free[world.hosts[feed]] = slot + world.host_gap_s
                heappush(due, (slot, feed, True))
                continue
            if self._budget is not None:
                now += self._purse.filled(now, self._budget).wait_s(self._budget)
            if now >= tick_at:
                heappush(due, (at, feed, reserved))
                self._tick(tick_at)
                tick_at += TICK_S
                continue
            if now >= world.ends_at:
                break
            self._now = now
            self._poll(feed, now, reserved)
        return self._result

    def _poll(self, feed: int, now: float, reserved: bool) -> None:
        if not reserved:
            host = self._world.hosts[feed]
            self._free[host] = max(self._free.get(host, 0.0), now + self._world.host_gap_s)
        if self._budget is not None:
            self._purse = self._purse.filled(now, self._budget).spent()
        new = self._seen(feed, now)
        self._asked[feed] = now
        self._new += new
        wait_s = self._rule.next_s(feed, now, new)
        self._demand += HOUR_S / wait_s - self._asks[feed]
        self._asks[feed] = HOUR_S / wait_s
        heappush(self._due, (now + wait_s, feed, False))

    def _seen(self, feed: int, now: float) -> Sequence[float]:
        """What a poll brings, counted; what has left the document is missed."""
        world, result, times = self._world, self._result, self._world.times[feed]
        before, until = self._read[feed], bisect_right(times, now, self._read[feed])
        self._read[feed] = until
        joins = world.joins[feed]
        new = times[max(before, until - world.window) : until]
        counted_from = max(world.counted_from, joins)
        if now >= world.counted_from:
            result.polls[feed] += 1
            result.empty += not new
            result.hourly[int(now // HOUR_S)] += 1
        for at in new:
            if at >= counted_from:
                result.delays.append(now - at)
                result.of.append(feed)
        result.missed += sum(
            at >= counted_from for at in times[before : max(before, until - world.window)]
        )
        return new

    def _tick(self, now: float) -> None:
        self._now = now
        new, self._new = self._new, []
        if self._budget is None:
            return
        self._purse = self._purse.filled(now, self._budget)
        self._rule.tick(now, Lately(self._world.feeds, self._demand, self._purse.saved, new))
        if self._budget.mode == "daily":
            return
        early = self._purse.overflow(TICK_S, self._budget)
        kept: list[tuple[float, int, bool]] = []
        pulled: list[tuple[float, int, bool]] = []
        while self._due and len(pulled) < early:
            at, feed, reserved = heappop(self._due)
            may = at > now and not reserved and self._may_be_early(feed, now)
            (pulled if may else kept).append((now if may else at, feed, reserved))
            if len(kept) > self._world.feeds // 2:
                break
        for each in kept + pulled:
            heappush(self._due, each)

    def _may_be_early(self, feed: int, now: float) -> bool:
        """Whether a feed may be polled before its time, for all that its site asks."""
        wishes, left_s = self._world.wishes_of(feed), now - self._asked[feed]
        asked_s = max(_EARLIEST_S, wishes.least_s)
        return left_s >= asked_s and schedule.skipped(now, 0.0, wishes) == 0
