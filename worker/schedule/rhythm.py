"""How a feed publishes: a few decayed counts that stand for its whole past. Pure.

Moments are seconds since the epoch, rates are entries a second. A feed's state changes only when it
brings something new: what decays does so when it is looked at.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

HOURS, SLOTS, SLOT_S = 24, 12, 300.0
HOUR_S, DAY_S = 3_600.0, 86_400.0
# The past that counts: for the rate, for a burst, for the hours of the day.
MEMORY_S, BURST_S, PROFILE_S = 12 * DAY_S, 1.5 * HOUR_S, 28 * DAY_S
# A first document that reaches less far back tells of the hour it was read in, not of the feed's.
_TELLING_S = 3 * DAY_S
# Dates before that say nothing of today's rhythm.
_OLDEST_S = 365 * DAY_S
_DIGITS = 3
# What is older when it is first seen, such as what a site puts back into its feed, is no delay.
_LATE_S = 2 * DAY_S
# An entry's part in the mean delay.
_LAG_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What is remembered of when a feed publishes.

    `level` and `burst` are entries counted with decays of `MEMORY_S` and `BURST_S`, as they were at
    `updated_at`; `hours` and `slots` are entries by hour of the day and by five minutes of the
    hour (UTC), `seen` their sum. `first_at` is since when the feed is known to have published,
    `born_at` its first poll, `last_at` its newest entry, `window` how many its documents hold.
    `delay_s` is how long after its publication an entry is first seen, in the mean; `held_s` how
    much of that the publisher held it back: polls in between did not show it.
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
    slots: tuple[float, ...] = (0.0,) * SLOTS

    def as_json(self) -> dict[str, Any]:
        """For the store: short, for it is written with every poll that brings something."""
        return {
            "at": [round(each) for each in self._moments()],
            "n": [round(each, _DIGITS) for each in (self.level, self.burst, self.seen)],
            "window": self.window,
            "lag": [round(self.delay_s, 1), round(self.held_s, 1)],
            "hours": [round(each, _DIGITS) for each in self.hours],
            "slots": [round(each, _DIGITS) for each in self.slots],
        }

    def _moments(self) -> tuple[float, ...]:
        return self.born_at, self.first_at, self.updated_at, self.last_at

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Rhythm | None":
        """What `as_json` gave; None: the feed has never been read."""
        if not stored:
            return None
        hours, slots = tuple(stored["hours"]), tuple(stored["slots"])
        born, first, updated, last = stored["at"]
        level, burst, seen = stored["n"]
        delay_s, held_s = stored["lag"]
        return cls(
            born, first, updated, last, level, burst, seen, stored["window"], delay_s, held_s,
            hours, slots,
        )  # fmt: skip


def faded(count: float, passed_s: float, memory_s: float) -> float:
    """What a count has decayed to."""
    return count * math.exp(-max(0.0, passed_s) / memory_s)


def observed(
    rhythm: Rhythm | None,
    now: float,
    published: Sequence[float | None],
    window: int = 0,
    asked_at: float | None = None,
) -> Rhythm:
    """The rhythm after a poll at `now` that brought new entries `published` then (None: no date).

    An entry cannot have been published after it was seen; one that is dated before the poll that
    did not show it (`asked_at`) was held back by its publisher, and counts as of its date all the
    same. Of a feed that is read for the first time, all that its document holds is new.
    """
    times = sorted(now if at is None else min(at, now) for at in published)
    times = [at for at in times if at > now - _OLDEST_S]
    if rhythm is None:
        first_at = min([now, *times])
        known = Rhythm(now, first_at, now, times[-1] if times else first_at, window=window)
        profiled: Sequence[float] = times if now - first_at >= _TELLING_S else ()
        return _added(known, now, times, profiled)
    if not times:
        return rhythm
    dated = [at for at in published if at is not None and now - _LATE_S < at <= now]
    return _added(_lagging(rhythm, now, dated, asked_at), now, times, times, window)


def _lagging(rhythm: Rhythm, now: float, dated: Sequence[float], asked_at: float | None) -> Rhythm:
    if not dated:
        return rhythm
    delay_s = sum(now - at for at in dated) / len(dated)
    shown_from = 0.0 if asked_at is None else asked_at
    held_s = sum(max(0.0, shown_from - at) for at in dated) / len(dated)
    share = 1 - (1 - _LAG_SHARE) ** len(dated) if rhythm.delay_s else 1.0
    return replace(
        rhythm,
        delay_s=rhythm.delay_s + (delay_s - rhythm.delay_s) * share,
        held_s=rhythm.held_s + (held_s - rhythm.held_s) * share,
    )


def _added(
    known: Rhythm,
    now: float,
    times: Sequence[float],
    profiled: Sequence[float],
    window: int = 0,
) -> Rhythm:
    passed = now - known.updated_at
    level = faded(known.level, passed, MEMORY_S)
    burst = faded(known.burst, passed, BURST_S)
    fading = faded(1.0, passed, PROFILE_S)
    hours, slots = [n * fading for n in known.hours], [n * fading for n in known.slots]
    for at in times:
        level += math.exp((at - now) / MEMORY_S)
        burst += math.exp((at - now) / BURST_S)
    for at in profiled:
        hours[int(at // HOUR_S) % HOURS] += 1
        slots[int(at // SLOT_S) % SLOTS] += 1
    return Rhythm(
        known.born_at,
        known.first_at,
        now,
        max([known.last_at, *times[-1:]]),
        level,
        burst,
        known.seen * fading + len(profiled),
        window or known.window,
        known.delay_s,
        known.held_s,
        tuple(hours),
        tuple(slots),
    )
