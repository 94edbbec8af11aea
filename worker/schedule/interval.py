"""How long a feed may be left alone: until the delay that it is expected to gather is worth a poll.

The rate of a feed is a Gamma-Poisson estimate, shrunk towards the mean feed's; hours of the day and
minutes of the hour and the time since the last entry shape it, silence lowers it, a burst raises it
for a while. Pure.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from worker.schedule.pace import Pace
from worker.schedule.profile import Profile, rate_of
from worker.schedule.rhythm import (
    BURST_S,
    DAY_S,
    HOUR_S,
    MINUTE_S,
    SINCE_S,
    SLOT_S,
    Rhythm,
    faded,
)

# The part of what comes that follows what has just come.
_BURST_SHARE = 0.2
_BURST_STEP = math.exp(-SLOT_S / BURST_S)
# A feed that has been silent for longer than its rate lets expect may have died.
_DOUBT, _DOUBT_GROWTH, _LEAST_TRUST, _MOST_EXPONENT = 0.05, 0.3, 0.01, 30.0
# Some days of silence say as much of a rare feed.
_PATIENCE_S = 3.5 * DAY_S
_COLD_AGE = 16.0
# So far ahead minutes count; later a poll is not so exact that they would.
_MINUTEWISE_S = HOUR_S
_MINUTES_OF_SLOT = round(SLOT_S / MINUTE_S)
_SLOTS_OF_HOUR = round(HOUR_S / SLOT_S)


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
    ahead = _Ahead(rhythm, now, pace, limits.theta, expected)
    return max(ahead.crossing(pace.mu / weight, longest), limits.floor_s)


@dataclass(frozen=True, slots=True)
class _Ahead:
    """A feed as of `now`, and what is expected of it."""

    rhythm: Rhythm
    now: float
    pace: Pace
    theta: float
    expected: Outlook

    def crossing(self, wanted: float, longest: float) -> float:
        """Walk ahead until what is gathered is what is wanted.

        Within a step the rate is constant, so that what is gathered is a cubic: `zeroth` and
        `first` are the integrals of rate(u) and of rate(u) (s - u). What is known of the time since
        the last entry counts for less the more entries may have come since.
        """
        window = self.rhythm.window
        room = window / 2 if window else math.inf
        sums, squares = 2 - self.theta, (self.theta - 1) / self.pace.even_s
        s = zeroth = first = gathered = 0.0
        for end, at_rate, after_entry in self._steps(longest):
            rate = at_rate * (1 + (after_entry - 1) * math.exp(-zeroth))
            step = end - s
            # integrals of cost, and of its derivatives, over the delays gathered so far
            slope = sums * zeroth + 2 * squares * first
            bend = sums * rate + 2 * squares * zeroth
            jerk = 2 * squares * rate
            after = gathered + step * (slope + step * (bend / 2 + step * jerk / 6))
            if after >= wanted:
                return s + _root(gathered - wanted, slope, bend, jerk, step)
            gathered = after
            first += step * (zeroth + rate * step / 2)
            zeroth += rate * step
            s = end
            if zeroth >= room:
                break
        return s

    def _steps(self, longest: float) -> Iterator[tuple[float, float, float]]:
        """Where each step ends, its rate, and the factor of the time since the last entry.

        By minutes first, later by five.
        """
        now, since, steady = self.now, self.now - self.rhythm.last_at, self.expected.steady
        profile = Profile(self.rhythm, self.pace)
        after_entry = profile.after_entry()
        burst, in_slot = self.expected.burst / _BURST_STEP, 0.0
        minute, slot, span = int(now // MINUTE_S), -1, 0
        start = 0.0
        while start < longest:
            if slot != minute // _MINUTES_OF_SLOT:
                slot = minute // _MINUTES_OF_SLOT
                burst *= _BURST_STEP
                hourly = steady * profile.of_hour(slot // _SLOTS_OF_HOUR) + burst
                in_slot = hourly * profile.of_slot(slot)
            if start < _MINUTEWISE_S or minute % _MINUTES_OF_SLOT:
                rate = in_slot * profile.of_minute(minute)
                minute += 1
            else:
                rate = in_slot
                minute += _MINUTES_OF_SLOT
            end = min(minute * MINUTE_S - now, longest)
            span = bisect_right(SINCE_S, since + (start + end) / 2, span)
            yield end, rate, after_entry[span]
            start = end


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
