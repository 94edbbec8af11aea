"""How a feed's rate goes with the hour, the minute, and the time since its last entry. Pure.

Each is a factor around 1 that is drawn towards what is common: towards all feeds' hours, towards
the five minutes around a minute, towards an entry that comes whenever it comes.
"""

from itertools import pairwise

from worker.schedule.pace import Pace
from worker.schedule.rhythm import (
    DAY_S,
    HOUR_S,
    HOURS,
    MEMORY_S,
    MINUTES,
    SINCE_S,
    SLOT_S,
    SLOTS,
    SPANS,
    Rhythm,
    by_slot,
    faded,
)

# How much of the mean feed's past a new feed is given, and how many entries of what is common.
_PRIOR_S = 0.5 * DAY_S
_COMMON_HOURS, _COMMON_SLOTS, _COMMON_MINUTES, _COMMON_AFTER = 16.0, 18.0, 6.0, 3.0
_PER_SLOT = MINUTES // SLOTS
# After that long the hours alone count for what an entry is followed by; then nothing is learnt.
_SLOTWISE_S, _TOLD_S = 4 * HOUR_S, 2 * DAY_S
# Fewer entries are no habit.
_HABIT = 2.0


def rate_of(rhythm: Rhythm, now: float, pace: Pace) -> float:
    """A feed's entries a second over the last weeks: the mean of the posterior."""
    known_s = MEMORY_S * (1 - faded(1.0, now - rhythm.first_at, MEMORY_S))
    level = faded(rhythm.level, now - rhythm.updated_at, MEMORY_S)
    return (level + _PRIOR_S * pace.rate) / (known_s + _PRIOR_S)


class Profile:
    """The factors of one feed, for a look ahead or back."""

    def __init__(self, rhythm: Rhythm, pace: Pace) -> None:
        self._rhythm, self._pace = rhythm, pace
        self._slots = by_slot(rhythm.minutes)

    def of_hour(self, hour: int) -> float:
        """Of an hour, counted since the epoch: by the feed's hours and all feeds' weekdays."""
        rhythm, pace = self._rhythm, self._pace
        counted = _COMMON_HOURS * pace.hours[hour % HOURS] + HOURS * rhythm.hours[hour % HOURS]
        return counted / (_COMMON_HOURS + rhythm.seen) * pace.days[(hour // HOURS + 3) % 7]

    def of_slot(self, slot: int) -> float:
        """Of five minutes, counted since the epoch, within their hour."""
        counted = _COMMON_SLOTS + SLOTS * self._slots[slot % SLOTS]
        return counted / (_COMMON_SLOTS + self._rhythm.seen)

    def of_minute(self, minute: int) -> float:
        """Of a minute, counted since the epoch, within its five."""
        minute %= MINUTES
        counted = _COMMON_MINUTES + _PER_SLOT * self._rhythm.minutes[minute]
        return counted / (_COMMON_MINUTES + self._slots[minute // _PER_SLOT])

    def after_entry(self) -> list[float]:
        """By the time since the last entry (`SINCE_S`): some feeds bring several at once, others
        are written anew every quarter of an hour.
        """
        rhythm = self._rhythm
        pairs = zip(rhythm.came_after, rhythm.due_after, strict=True)
        return [(came + _COMMON_AFTER) / (due + _COMMON_AFTER) for came, due in pairs]

    def likely_after(self) -> list[tuple[float, float, float]]:
        """When entries follow others oftener than by the hours alone: seconds from, to; factor."""
        bounds = pairwise((0.0, *SINCE_S))
        spans = zip(bounds, self.after_entry(), self._rhythm.came_after, strict=False)
        return [(*bound, factor) for bound, factor, came in spans if factor > 1 and came >= _HABIT]

    def due_between(self, rate: float, last_at: float, at: float) -> list[float]:
        """How many entries a rate would have brought from one entry to the next, by the time since
        the one (`SINCE_S`).
        """
        due = [0.0] * SPANS
        span, since, hour, hourly = 0, 0.0, -1, 0.0
        until = min(at - last_at, _TOLD_S)
        while since < until:
            moment = last_at + since
            if hour != int(moment // HOUR_S):
                hour = int(moment // HOUR_S)
                hourly = rate * self.of_hour(hour)
            slotwise = since < _SLOTWISE_S
            step_s = SLOT_S if slotwise else HOUR_S
            end = min(until, (moment // step_s + 1) * step_s - last_at)
            if span < SPANS - 1:
                end = min(end, SINCE_S[span])
            factor = self.of_slot(int(moment // SLOT_S)) if slotwise else 1.0
            due[span] += hourly * factor * (end - since)
            since = end
            if span < SPANS - 1 and since >= SINCE_S[span]:
                span += 1
        return due
