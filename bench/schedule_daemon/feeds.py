"""500 feeds that publish as 103 recorded ones did, and the policy simulated on them.

The simulation runs through days before, and on: what it knows when the daemon takes over is handed
to it, and what it comes to from then on is what the daemon is held to.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from tests.real_data import FOLDER
from worker import polling, simulate
from worker.schedule import PUSHED, Budget, Lately, Pace, Purse, Rhythm
from worker.schedule.rhythm import DAY_S, HOUR_S
from worker.settings import Settings
from worker.simulate import Policy, Trace, World

FEEDS = 500
WINDOW = 20
_WEEK_S = 7 * DAY_S
_SHIFTS = 5
# Days after which everything is known that is to be known: the busiest hours after that count.
_LEARNT_D, _SEARCHED_D = 10, 7


def world_of_shifted(settings: Settings, feeds: int = FEEDS) -> World:
    """Recorded feeds, each some times over, some whole weeks later in its record.

    Each has a host of its own.
    """
    file = FOLDER / "traces" / "news.jsonl"
    traces = simulate.read_traces(file.read_text().splitlines(), str(file))
    shifted = [later(trace, weeks) for weeks in range(_SHIFTS) for trace in traces]
    publishing = [trace for trace in shifted if trace.times][:feeds]
    world = simulate.world_of(publishing, warm_up_d=_LEARNT_D, shared=0)
    return replace(world, window=WINDOW, host_gap_s=settings.host_poll_gap_s)


def later(trace: Trace, weeks: int) -> Trace:
    """A trace that begins some weeks later: weekdays stay what they are."""
    gone = weeks * _WEEK_S
    return replace(trace, times=tuple(at - gone for at in trace.times if at >= gone))


def busiest(world: World, hours: int) -> World:
    """The world to be simulated until the end of its busiest `hours` once it is known; these alone
    count.
    """
    published = Counter(int(at // HOUR_S) for times in world.times for at in times)
    first = int((world.starts_at + _LEARNT_D * DAY_S) // HOUR_S)
    starts = range(first, first + 24 * _SEARCHED_D)
    start = max(starts, key=lambda hour: sum(published[hour + n] for n in range(hours)))
    return replace(world, counted_from=start * HOUR_S, ends_at=(start + hours) * HOUR_S)


def counted(world: World, feed: int) -> range:
    """The numbers of a feed's entries that are published while it counts."""
    times = world.times[feed]
    return range(bisect_left(times, world.counted_from), bisect_left(times, world.ends_at))


@dataclass(frozen=True, slots=True)
class Turn:
    """A feed's last poll and the seconds until the next."""

    polled_at: float
    wait_s: float


@dataclass(frozen=True, slots=True)
class State:
    """What the policy knows at a moment: of each feed, of all together, and what it may spend."""

    at: float
    rhythms: Sequence[Rhythm]
    turns: Sequence[Turn]
    pace: Pace
    purse: Purse


@dataclass
class Foretold:
    """What the simulation came to, from `state` on: delays by (feed, number of its entry)."""

    state: State
    delays: dict[tuple[int, int], float] = field(default_factory=dict)
    polls: Counter[int] = field(default_factory=Counter)


class _Watched(Policy):
    """The policy, observed. From the moment that counts on some feeds are `pushed`."""

    def __init__(
        self, world: World, budget: Budget, settings: Settings, pushed: Collection[int]
    ) -> None:
        super().__init__(world, budget, polling.limits_of(settings))
        self._pushed = frozenset(pushed)
        self._turns = [Turn(world.starts_at, 0.0)] * world.feeds
        self._purse = Purse.begun(world.starts_at, budget)
        self.foretold: Foretold | None = None

    def next_s(self, feed: int, now: float, new: Sequence[float]) -> float:
        wait_s = super().next_s(feed, now, new)
        self._purse = self._purse.filled(now, self._budget).spent()
        if self.foretold is not None:
            if feed in self._pushed:
                wait_s = min(wait_s * PUSHED, DAY_S)
            self.foretold.polls[feed] += 1
            until = bisect_right(self._world.times[feed], now)
            for number, at in enumerate(new, until - len(new)):
                if at >= self._world.counted_from:
                    self.foretold.delays[feed, number] = now - at
        self._turns[feed] = Turn(now, wait_s)
        return wait_s

    def tick(self, now: float, lately: Lately) -> None:
        super().tick(now, lately)
        if self.foretold is None and now >= self._world.counted_from:
            purse = self._purse.filled(now, self._budget)
            known = [rhythm for rhythm in self._rhythms if rhythm is not None]
            state = State(now, known, tuple(self._turns), self.pace, purse)
            self.foretold = Foretold(state)


def foretell(world: World, settings: Settings, pushed: Collection[int]) -> Foretold:
    """Simulate the policy on a world; `pushed` are feeds that a hub pushes once it counts."""
    budget = polling.budget_of(settings, world.feeds)
    rule = _Watched(world, budget, settings, pushed)
    simulate.run(world, rule, budget)
    assert rule.foretold is not None
    return rule.foretold
