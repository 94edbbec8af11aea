"""How long a feed may be left alone: until the delay that it is expected to gather is worth a poll.

The rate of a feed is a Gamma-Poisson estimate, shrunk towards the mean feed's; hours of the day and
minutes of the hour shape it, silence lowers it, a burst raises it for a while. Pure.
"""

import math
from dataclasses import dataclass

from worker.schedule.pace import Pace
from worker.schedule.rhythm import (
    BURST_S,
    DAY_S,
    HOURS,
    MEMORY_S,
    SLOT_S,
    SLOTS,
    Rhythm,
    faded,
)

# How much of the mean feed's past a new feed is given, and how many entries of a common profile.
_PRIOR_S, _COMMON_HOURS, _COMMON_SLOTS = 0.5 * DAY_S, 24.0, 24.0
# The part of what comes that follows what has just come.
_BURST_SHARE = 0.3
_BURST_STEP = math.exp(-SLOT_S / BURST_S)
# A feed that has been silent for longer than its rate lets expect may have died.
_DOUBT, _DOUBT_GROWTH, _LEAST_TRUST, _MOST_EXPONENT = 0.05, 0.3, 0.01, 30.0
# Some days of silence say as much of a rare feed.
_PATIENCE_S = 2 * DAY_S
_COLD_AGE = 16.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds between two polls of a feed: at least, at most; `theta` is how delays add up: 1 sums
    them, 2 their squares, so that no feed waits for very long.
    """

    theta: float = 1.5
    floor_s: float = 60.0
    ceiling_s: float = 21_600.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is expected of a feed, in entries a second: its `rate` over weeks; `steady`, what of it
    is believed after its silence (`trust`, 0..1); `burst`, what follows what has just come.
    """

    rate: float
    trust: float
    steady: float
    burst: float


def rate_of(rhythm: Rhythm, now: float, pace: Pace) -> float:
    """A feed's entries a second over the last weeks: the mean of the posterior."""
    known_s = MEMORY_S * (1 - faded(1.0, now - rhythm.first_at, MEMORY_S))
    level = faded(rhythm.level, now - rhythm.updated_at, MEMORY_S)
    return (level + _PRIOR_S * pace.rate) / (known_s + _PRIOR_S)


def trust_of(rhythm: Rhythm, now: float, rate: float) -> float:
    """How much of its rate a feed is believed to go on with, 0..1: less with silence."""
    silent_s = now - rhythm.last_at
    missed = _DOUBT_GROWTH * rate * silent_s + max(0.0, silent_s - _PATIENCE_S) / _PATIENCE_S
    missed = min(_MOST_EXPONENT, missed)
    return max(_LEAST_TRUST, 1 / (1 + _DOUBT * math.exp(missed)))


def outlook(rhythm: Rhythm, now: float, pace: Pace) -> Outlook:
    """What is expected of a feed at `now`, the hour aside."""
    rate = rate_of(rhythm, now, pace)
    trust = trust_of(rhythm, now, rate)
    burst = faded(rhythm.burst, now - rhythm.updated_at, BURST_S) / BURST_S
    return Outlook(rate, trust, (1 - _BURST_SHARE) * rate * trust, _BURST_SHARE * burst)


def interval_s(
    rhythm: Rhythm,
    now: float,
    pace: Pace,
    limits: Limits,
    weight: float = 1.0,
    expected: Outlook | None = None,
) -> float:
    """Seconds until the delay that a feed is expected to gather, times its weight, reaches mu.

    The least s with weight * integral from 0 to s of rate(u) cost(s - u) du >= mu, within the
    limits, and never more than the feed's documents hold. `expected` is taken for its outlook.
    """
    expected = expected or outlook(rhythm, now, pace)
    longest = min(limits.ceiling_s, max(pace.even_s, (now - rhythm.born_at) / _COLD_AGE))
    found = _crossing(rhythm, now, pace, limits.theta, expected, pace.mu / weight, longest)
    return max(found, limits.floor_s)


def _crossing(
    rhythm: Rhythm,
    now: float,
    pace: Pace,
    theta: float,
    expected: Outlook,
    wanted: float,
    longest: float,
) -> float:
    """Walk through slots of five minutes until what is gathered is what is wanted.

    Within a slot the rate is constant, so that what is gathered is a cubic: `zeroth` and `first`
    are the integrals of rate(u) and of rate(u) (s - u).
    """
    seen, hours, slots = rhythm.seen, rhythm.hours, rhythm.slots
    room = rhythm.window / 2 if rhythm.window else math.inf
    burst = expected.burst
    per_hour, per_slot = expected.steady / (_COMMON_HOURS + seen), 1 / (_COMMON_SLOTS + seen)
    slot = int(now // SLOT_S)
    step = (slot + 1) * SLOT_S - now
    s = zeroth = first = gathered = 0.0
    sums, squares = 2 - theta, (theta - 1) / pace.even_s
    profiled = 0.0
    hour = -1
    while True:
        if hour != slot // SLOTS:
            hour = slot // SLOTS
            common = _COMMON_HOURS * pace.hours[hour % HOURS] + HOURS * hours[hour % HOURS]
            profiled = per_hour * common * pace.days[(hour // HOURS + 3) % 7]
        rate = (profiled + burst) * (_COMMON_SLOTS + SLOTS * slots[slot % SLOTS]) * per_slot
        if s + step > longest:
            step = longest - s
        # integrals of cost, its first and its second derivative, over the delays gathered so far
        slope = sums * zeroth + 2 * squares * first
        bend = sums * rate + 2 * squares * zeroth
        jerk = 2 * squares * rate
        after = gathered + step * (slope + step * (bend / 2 + step * jerk / 6))
        if after >= wanted:
            return s + _root(gathered - wanted, slope, bend, jerk, step)
        gathered = after
        first += step * (zeroth + rate * step / 2)
        zeroth += rate * step
        s += step
        if s >= longest or zeroth >= room:
            return s
        slot += 1
        burst *= _BURST_STEP
        step = SLOT_S


def _root(short: float, slope: float, bend: float, jerk: float, step: float) -> float:
    """Where in a step a cubic that grows, ever more, from `short` (below nothing) comes to nothing.

    Newton's method from the far end of a convex function never overshoots.
    """
    x = step
    for _ in range(_NEWTON_STEPS):
        value = short + x * (slope + x * (bend / 2 + x * jerk / 6))
        steepness = slope + x * (bend + x * jerk / 2)
        if steepness <= 0:
            break
        x -= value / steepness
    return min(max(x, 0.0), step)


_NEWTON_STEPS = 4


def host_stretch(polls_per_s: float, gap_s: float) -> float:
    """By how much the intervals of a host's feeds are stretched so that it bears them all, where it
    takes one poll in `gap_s` seconds and they would ask for so many.
    """
    return max(1.0, _HOST_SLACK * gap_s * polls_per_s)


_HOST_SLACK = 1.05
