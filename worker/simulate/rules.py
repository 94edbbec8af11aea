"""Rules that decide when a feed is polled next: ours, as the daemon calls it, and those of peers.

Each peer's rule is written from its published formula; `times` is the factor that makes it spend a
budget, which none of them knows of.
"""

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace

from worker import schedule
from worker.schedule import Budget, Lately, Limits, Outlook, Rhythm
from worker.schedule.rhythm import DAY_S, HOUR_S, HOURS, MINUTES
from worker.simulate.engine import Rule
from worker.simulate.world import World

MINUTE_S = 60.0


class Policy:
    """The daemon's own rule."""

    def __init__(
        self,
        world: World,
        budget: Budget,
        limits: Limits,
        weights: Sequence[float] | None = None,
    ) -> None:
        self._world, self._budget, self._limits = world, budget, limits
        self._weights = weights or [1.0] * world.feeds
        self._rhythms: list[Rhythm | None] = [None] * world.feeds
        self.pace = schedule.first_pace(world.starts_at, world.feeds, budget, limits.theta)
        self._loads: dict[int, float] = {}
        self._own = [0.0] * world.feeds

    def next_s(self, feed: int, now: float, new: Sequence[float]) -> float:
        rhythm = self._rhythms[feed]
        if new or rhythm is None:
            rhythm = schedule.observed(rhythm, now, new, self._world.window, pace=self.pace)
            self._rhythms[feed] = rhythm
        stretch = self._stretch(feed)
        plan = schedule.plan(
            rhythm, now, self.pace, self._limits,
            weight=self._weights[feed], stretch=stretch, wishes=self._world.wishes_of(feed),
        )  # fmt: skip
        self._asks(feed, stretch / plan.wait_s)
        return plan.wait_s

    def _stretch(self, feed: int) -> float:
        """By how much the intervals of a feed's host are stretched."""
        load = self._loads.get(self._world.hosts[feed], 0.0)
        return schedule.host_stretch(load, self._world.host_gap_s)

    def _asks(self, feed: int, polls_per_s: float) -> None:
        """Note what a feed asks of its host, as far as that does not stretch it."""
        host = self._world.hosts[feed]
        self._loads[host] = self._loads.get(host, 0.0) + polls_per_s - self._own[feed]
        self._own[feed] = polls_per_s

    def tick(self, now: float, lately: Lately) -> None:
        self.pace = schedule.steered(self.pace, now, lately, self._budget, self._limits.theta)


class Oracle(Policy):
    """Our rule for somebody who knows every feed's mean rate and hours of the day beforehand."""

    def __init__(self, world: World, budget: Budget, limits: Limits, mu: float) -> None:
        super().__init__(world, budget, limits)
        span = world.ends_at - world.starts_at
        self.pace = replace(self.pace, mu=mu)
        self._rhythms = [_known(times, world, span) for times in world.times]
        rates = [len(times) / span for times in world.times]
        self._expected = [Outlook(rate, 1.0, rate, 0.0) for rate in rates]

    def next_s(self, feed: int, now: float, new: Sequence[float]) -> float:
        del new
        known, expected = self._rhythms[feed], self._expected[feed]
        assert known is not None
        s = schedule.interval_s(known, now, self.pace, self._limits, expected=expected)
        self._asks(feed, 1 / s)
        return s * self._stretch(feed)

    def tick(self, now: float, lately: Lately) -> None:
        """It knows already."""


def _known(times: Sequence[float], world: World, span: float) -> Rhythm:
    hours = [0.0] * HOURS
    for at in times:
        hours[int(at // HOUR_S) % HOURS] += 1
    seen = float(len(times))
    starts = world.starts_at - span
    return Rhythm(
        starts, starts, starts, starts,
        seen=seen, window=world.window, hours=tuple(hours), minutes=(seen / MINUTES,) * MINUTES,
    )  # fmt: skip


# ---- peers


class _Peer(ABC):
    """A rule that knows nothing of a budget; `times` stretches all its intervals."""

    def __init__(self, world: World, times: float) -> None:
        self._times, self._window = times, world.window
        self._seen: list[list[float]] = [[] for _ in range(world.feeds)]

    def next_s(self, feed: int, now: float, new: Sequence[float]) -> float:
        self._seen[feed] += new
        return max(1.0, self._interval_s(feed, now, new) * self._times)

    @abstractmethod
    def _interval_s(self, feed: int, now: float, new: Sequence[float]) -> float:
        """Seconds until the next poll, as the rule was published."""

    def _since(self, feed: int, moment: float) -> int:
        seen = self._seen[feed]
        return len(seen) - bisect_left(seen, moment)

    def tick(self, now: float, lately: Lately) -> None:
        """None of them looks at the whole."""
        del now, lately


class Uniform(_Peer):
    """All feeds alike, as FreshRSS, Feedbin, reader and miniflux's default do."""

    def _interval_s(self, feed: int, now: float, new: Sequence[float]) -> float:
        return 900.0


class Miniflux(_Peer):
    """`entry_frequency`: a week by the week's entries, at most a day (its least, 5 minutes, eased).

    miniflux/v2, internal/model/feed.go, ScheduleNextCheck.
    """

    def _interval_s(self, feed: int, now: float, new: Sequence[float]) -> float:
        weekly = self._since(feed, now - 7 * DAY_S)
        return min(DAY_S, max(60.0, 7 * DAY_S / weekly)) if weekly else DAY_S


class NewsBlur(_Peer):
    """By stories a day in the last month: 10 minutes, an hour less their share of one, 6 hours.

    NewsBlur, apps/rss_feeds/models.py, get_next_scheduled_update, for feeds of its widest tier.
    """

    def _interval_s(self, feed: int, now: float, new: Sequence[float]) -> float:
        per_day = self._since(feed, now - 30 * DAY_S) / 30
        if per_day >= 1:
            return 10 * MINUTE_S
        return max(10.0, 60 - 60 * per_day) * MINUTE_S if per_day else 6 * HOUR_S


class Nutch(_Peer):
    """A fifth shorter after news, longer after none, 1 minute to a year.

    Apache Nutch, AdaptiveFetchSchedule; the growth after none is what spends the budget.
    """

    def __init__(self, world: World, times: float) -> None:
        super().__init__(world, 1.0)
        self._growth = times
        self._last = [900.0] * world.feeds

    def _interval_s(self, feed: int, now: float, new: Sequence[float]) -> float:
        changed = self._last[feed] * (0.8 if new else 1 + self._growth)
        self._last[feed] = min(365 * DAY_S, max(60.0, changed))
        return self._last[feed]


class RssFetcher(_Peer):
    """10 minutes more when two thirds are known, an hour less when one third is; 10 minutes to a
    day, from 6 hours.

    mediacloud/rss-fetcher, fetcher/tasks.py.
    """

    def __init__(self, world: World, times: float) -> None:
        super().__init__(world, times)
        self._last = [6 * HOUR_S] * world.feeds
        self._steady = [0] * world.feeds

    def _interval_s(self, feed: int, now: float, new: Sequence[float]) -> float:
        last, shown = self._last[feed], min(len(self._seen[feed]), self._window)
        self._steady[feed] += 1
        if self._steady[feed] < 2 or not shown:
            return last
        self._steady[feed] = 0
        known = 1 - len(new) / shown
        if known >= 0.67:
            last += 10 * MINUTE_S if self._since(feed, now - 31 * DAY_S) else 60 * MINUTE_S
        elif known < 0.33:
            last = min(last, 6 * HOUR_S + 60 * MINUTE_S) - 60 * MINUTE_S
        self._last[feed] = min(DAY_S, max(10 * MINUTE_S, last))
        return self._last[feed]


PEERS: dict[str, Callable[[World, float], Rule]] = {
    "miniflux": Miniflux,
    "newsblur": NewsBlur,
    "nutch": Nutch,
    "rss-fetcher": RssFetcher,
}
