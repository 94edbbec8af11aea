"""How a feed publishes: a few decayed counts that stand for its whole past. Pure.

Moments are seconds since the epoch, rates are entries a second. A feed's state changes only when it
brings something new: what decays does so when it is looked at.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

MINUTE_S, SLOT_S, HOUR_S, DAY_S = 60.0, 300.0, 3_600.0, 86_400.0
HOURS, SLOTS, MINUTES = 24, 12, 60
# The past that counts: for the rate, for a burst, for the hours of the day.
MEMORY_S, BURST_S, PROFILE_S = 12 * DAY_S, 1.5 * HOUR_S, 28 * DAY_S
# Bounds of the times after an entry in which the next one comes; the last has no end. Narrow around
# a quarter of an hour, for many sites write their feeds anew that often.
SINCE_S = tuple(
    MINUTE_S * minutes
    for minutes in (1, 2, 4, 7, 10, 13, 15, 17, 20, 25, 31, 40, 60, 90, 150, 300, 600)
)
SPANS = len(SINCE_S) + 1
_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What is remembered of when a feed publishes.

    `level` and `burst` are entries counted with decays of `MEMORY_S` and `BURST_S`, as they were at
    `updated_at`; `hours` and `minutes` are entries by hour of the day and by minute of the hour
    (UTC), `seen` their sum. `came_after` are entries by how long after the one before they came
    (`SINCE_S`), `due_after` how many the rate and the hours alone would have brought in these
    times. `first_at` is since when the feed is known to have published, `born_at` its first poll,
    `last_at` its newest entry, `window` how many its documents hold. `delay_s` is how long after
    its publication an entry is first seen, in the mean; `held_s` how much of that the publisher
    held it back: polls in between did not show it.
    """

    born_at: float
    first_at: float
    updated_at: float
    last_at: float
    level: float = 0.0
    burst: float = 0.0
    seen: float = 0.0
    window: int = 0
    delay_s: float = 0.0
    held_s: float = 0.0
    hours: tuple[float, ...] = (0.0,) * HOURS
    minutes: tuple[float, ...] = (0.0,) * MINUTES
    came_after: tuple[float, ...] = (0.0,) * SPANS
    due_after: tuple[float, ...] = (0.0,) * SPANS

    def as_json(self) -> dict[str, Any]:
        """For the store: short, for it is written with every poll that brings something."""
        return {
            "at": [round(each) for each in self._moments()],
            "n": [round(each, _DIGITS) for each in (self.level, self.burst, self.seen)],
            "window": self.window,
            "lag": [round(self.delay_s, 1), round(self.held_s, 1)],
        } | {name: [round(each, _DIGITS) for each in getattr(self, name)] for name in _COUNTS}

    def _moments(self) -> tuple[float, ...]:
        return self.born_at, self.first_at, self.updated_at, self.last_at

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Rhythm | None":
        """What `as_json` gave; None: the feed has never been read."""
        if not stored:
            return None
        born, first, updated, last = stored["at"]
        level, burst, seen = stored["n"]
        delay_s, held_s = stored["lag"]
        counts = (tuple(stored[name]) for name in _COUNTS)
        return cls(
            born, first, updated, last, level, burst, seen, stored["window"], delay_s, held_s,
            *counts,
        )  # fmt: skip


_COUNTS = ("hours", "minutes", "came_after", "due_after")


def faded(count: float, passed_s: float, memory_s: float) -> float:
    """What a count has decayed to."""
    return count * math.exp(-max(0.0, passed_s) / memory_s)


def by_slot(minutes: Sequence[float]) -> list[float]:
    """Counts by five minutes of the hour, from those by minutes."""
    bounds = range(0, MINUTES + 1, MINUTES // SLOTS)
    return [sum(minutes[start:end]) for start, end in pairwise(bounds)]
