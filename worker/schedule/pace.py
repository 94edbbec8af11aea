"""The pace of all feeds together: one price of a poll, steered until the budget is spent. Pure.

`mu` is the delay (entries x seconds ** theta) that a feed may gather before it is worth a poll. The
lower it is, the more polls are made; what a poll is worth is the same for every feed, and that is
what makes the sum of delays least (equal marginal gains).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from worker.schedule.rhythm import DAY_S, HOUR_S, HOURS

Mode = Literal["hourly", "daily"]
_WEEK = 7 * HOURS
# A week of hours weighs what a flat one would with so many entries in each hour.
_FLAT = 20.0
# Until a week has been seen, differences between weekdays are only the week's beginning.
_WEEKDAYS_AFTER_S = 8 * DAY_S
_MEMORY_S = 12 * DAY_S
_WEEK_MEMORY_S = 56 * DAY_S
# 1970 began on a Thursday; weeks here begin on Mondays.
_MONDAY_S = 4 * DAY_S
# So much of a mean over the time so far is taken on trust.
_TRUST_S = DAY_S


@dataclass(frozen=True, slots=True)
class Budget:
    """How many polls an hour all feeds may have together, and over what time that must hold.

    `hourly`: in any hour. `daily`: in any day, and never more than twice as many in an hour, so
    that polls go to the hours that are worth them.
    """

    polls_per_hour: float
    mode: Mode = "daily"


@dataclass(frozen=True, slots=True)
class Purse:
    """Polls that may be made at once, at `at` (seconds since the epoch).

    `saved` fills at the budget's rate, `free` at twice that, for no hour may have more. Either may
    be below nothing, where several workers took from it at once.
    """

    at: float
    saved: float = 0.0
    free: float = 0.0

    @classmethod
    def begun(cls, now: float, budget: Budget) -> "Purse":
        """A purse to begin with, that has saved as much as is always to be kept."""
        kept_s = min(_KEPT_D * DAY_S, _SAVING_S[budget.mode])
        return cls(now, budget.polls_per_hour * kept_s / HOUR_S)

    def filled(self, now: float, budget: Budget) -> "Purse":
        """What it holds at `now`."""
        passed, rates, most = max(0.0, now - self.at), self.fills_per_s(budget), self.most(budget)
        return Purse(
            max(now, self.at),
            min(self.saved + passed * rates.saved, most.saved),
            min(self.free + passed * rates.free, most.free),
        )

    @staticmethod
    def fills_per_s(budget: Budget) -> "Purse":
        """How much comes into each part of it in a second."""
        per_s = budget.polls_per_hour / HOUR_S
        return Purse(0.0, per_s, _PEAK * per_s)

    @staticmethod
    def most(budget: Budget) -> "Purse":
        """What each part of it holds at the most; less than a poll would never let one go."""
        per_s = budget.polls_per_hour / HOUR_S
        saved, free = per_s * _SAVING_S[budget.mode], _PEAK * per_s * _BURST_S
        return Purse(0.0, max(saved, 1.0), max(free, 1.0))

    def spent(self, polls: float = 1.0) -> "Purse":
        return Purse(self.at, self.saved - polls, self.free - polls)

    def polls(self) -> int:
        """How many polls may be made."""
        return max(0, math.floor(min(self.saved, self.free) + _ROUNDING))

    def wait_s(self, budget: Budget) -> float:
        """Seconds until one may be made."""
        rates = self.fills_per_s(budget)
        return max(0.0, (1 - self.saved) / rates.saved, (1 - self.free) / rates.free)

    def overflow(self, dt: float, budget: Budget) -> int:
        """Polls that would be lost in the next `dt` seconds unless they are made before their time.

        To be made in `hourly` mode only: what a day has left over is not lost.
        """
        over = self.saved + dt * self.fills_per_s(budget).saved - self.most(budget).saved
        return min(self.polls(), max(0, math.ceil(over)))


_PEAK = 2.0
_BURST_S = 120.0
_SAVING_S: Mapping[Mode, float] = {"hourly": 240.0, "daily": DAY_S}
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known of all feeds together at `at` (seconds since the epoch).

    `demand` is how many polls an hour the mean feed's interval asks for, smoothed, were it made
    with today's `mu`; `rate` the mean feed's entries a second, `week` entries by hour of the week
    (from Monday, UTC); `hours` and `days` are their shares as factors around 1, made from `week`.
    `match_share` is the part of all entries that matches topics. `even_s` is the interval that
    would spend the budget if all feeds had the same.
    """

    at: float
    began_at: float
    mu: float
    demand: float
    even_s: float
    rate: float = 5 / DAY_S
    match_share: float = 0.0
    week: tuple[float, ...] = (_FLAT,) * _WEEK
    hours: tuple[float, ...] = (1.0,) * HOURS
    days: tuple[float, ...] = (1.0,) * 7

    def as_json(self) -> dict[str, Any]:
        """For the store."""
        told = {name: getattr(self, name) for name in _STORED}
        return told | {"week": [round(each, 2) for each in self.week]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Pace":
        """What `as_json` gave."""
        week = tuple(stored["week"])
        age = stored["at"] - stored["began_at"]
        hours, days = _shares(week, age)
        told = {name: float(stored[name]) for name in _STORED}
        return cls(**told, week=week, hours=hours, days=days)


_STORED = ("at", "began_at", "mu", "demand", "even_s", "rate", "match_share")


@dataclass(frozen=True, slots=True)
class Lately:
    """What happened since the last look: how many feeds there are, what their intervals ask for
    (polls an hour), how many polls the purse has saved, when all new entries were published, and
    how many articles turned out to match topics.
    """

    feeds: int
    demand: float
    saved: float
    published: Sequence[float] = ()
    matched: int = 0


def first_pace(now: float, feeds: int, budget: Budget, theta: float) -> Pace:
    """A pace to begin with: a feed of the mean rate would be polled every `even_s` seconds."""
    even_s = HOUR_S * max(feeds, 1) / budget.polls_per_hour
    pace = Pace(now, now, 1.0, HOUR_S / even_s, even_s)
    return replace(pace, mu=pace.rate * even_s**2 * ((2 - theta) / 2 + (theta - 1) / 3))


def steered(pace: Pace, now: float, lately: Lately, budget: Budget, theta: float) -> Pace:
    """The pace at `now`: mu is what would have the feeds ask for the budget.

    With a constant rate the interval goes with mu ** (1 / (theta + 1)), so that (demand / budget)
    ** (theta + 1) is the exact (Newton) step. What the feeds ask for is smoothed: over minutes
    where each hour has its budget, over a week where a day's polls can be kept for another, lest
    polls become cheap on weekends. The purse says what that leaves over.
    """
    passed = now - pace.at
    if passed <= 0:
        return pace
    feeds = max(lately.feeds, 1)
    share = min(1.0, passed / min(_SMOOTHED_S[budget.mode], now - pace.began_at + _BEGINNING_S))
    demand = pace.demand + (lately.demand / feeds - pace.demand) * share
    saved_d = max(0.0, lately.saved) / budget.polls_per_hour * HOUR_S / DAY_S
    # What adds up in the purse was not asked for, and is lost once the purse is full.
    idle = math.exp(_AIMED[budget.mode] * (_KEPT_D - saved_d))
    ratio = max(demand * feeds, _LEAST) / budget.polls_per_hour * idle
    mu = min(max(pace.mu * ratio ** (theta + 1), _LEAST), _MOST)
    week = _counted(pace.week, passed, lately.published)
    hours, days = _shares(week, now - pace.began_at)
    per_feed = len(lately.published) / feeds / passed
    known_s = min(now - pace.began_at + _TRUST_S, _MEMORY_S)
    part = min(1.0, passed / known_s)
    rate = pace.rate + (per_feed - pace.rate) * part
    matches = pace.match_share * pace.rate * (1 - part)
    matches += lately.matched / feeds / passed * part
    return Pace(
        at=now,
        began_at=pace.began_at,
        mu=mu,
        demand=demand * (pace.mu / mu) ** (1 / (theta + 1)),
        even_s=HOUR_S * feeds / budget.polls_per_hour,
        rate=rate,
        match_share=min(1.0, matches / rate) if rate > 0 else 0.0,
        week=week,
        hours=hours,
        days=days,
    )


# By mode: over what time demand is smoothed; at first over the time so far, and an hour.
_SMOOTHED_S: Mapping[Mode, float] = {"hourly": 300.0, "daily": 7 * DAY_S}
_BEGINNING_S = HOUR_S
# So much of a day's budget is kept for the hours that are worth it; how firmly is aimed at that.
_KEPT_D = 0.5
_AIMED: Mapping[Mode, float] = {"hourly": 0.0, "daily": 0.5}
_LEAST, _MOST = 1e-9, 1e15


def _counted(
    week: tuple[float, ...], passed: float, published: Sequence[float]
) -> tuple[float, ...]:
    if not published:
        return week
    fading = math.exp(-passed / _WEEK_MEMORY_S)
    counts = [_FLAT + (count - _FLAT) * fading for count in week]
    for at in published:
        counts[week_hour(at)] += 1
    return tuple(counts)


def week_hour(at: float) -> int:
    """The hour of the week, 0..167 from Monday 0:00 UTC."""
    return int((at - _MONDAY_S) // HOUR_S) % _WEEK


def _shares(week: Sequence[float], age_s: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """How much busier than the mean each hour of the day is, and each day of the week."""
    total = sum(week)
    hours = tuple(sum(week[hour::HOURS]) * HOURS / total for hour in range(HOURS))
    if age_s < _WEEKDAYS_AFTER_S:
        return hours, (1.0,) * 7
    days = (sum(week[day * HOURS : (day + 1) * HOURS]) * 7 / total for day in range(7))
    return hours, tuple(days)
