"""What a poll teaches of a feed: its rhythm before, and what was new → its rhythm after. Pure."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from worker.schedule.pace import Pace
from worker.schedule.profile import Profile, rate_of
from worker.schedule.rhythm import (
    BURST_S,
    DAY_S,
    HOUR_S,
    HOURS,
    MEMORY_S,
    MINUTE_S,
    MINUTES,
    PROFILE_S,
    SINCE_S,
    Rhythm,
    faded,
)

# A first document that reaches less far back tells of the hour it was read in, not of the feed's.
_TELLING_S = 3 * DAY_S
# Dates before that say nothing of today's rhythm.
_OLDEST_S = 365 * DAY_S
# What is older when it is first seen, such as what a site puts back into its feed, is no delay.
_LATE_S = 2 * DAY_S
# An entry's part in the mean delay.
_LAG_SHARE = 0.05
# Entries of one moment came together: none came after another.
_TOGETHER_S = 1.0


def observed(
    rhythm: Rhythm | None,
    now: float,
    published: Sequence[float | None],
    window: int = 0,
    asked_at: float | None = None,
    pace: Pace | None = None,
) -> Rhythm:
    """The rhythm after a poll at `now` that brought new entries `published` then (None: no date).

    An entry cannot have been published after it was seen; one that is dated before the poll that
    did not show it (`asked_at`) was held back by its publisher, and counts as of its date all the
    same. Of a feed that is read for the first time, all that its document holds is new. With the
    `pace` of all feeds, it is learnt too how soon one entry follows another.
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
    lagging = _lagging(rhythm, now, dated, asked_at)
    return _added(_followed(lagging, now, times, pace), now, times, times, window)


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


def _followed(rhythm: Rhythm, now: float, times: Sequence[float], pace: Pace | None) -> Rhythm:
    """With how long after the one before each entry came, against what the rate would bring."""
    if pace is None:
        return rhythm
    fading = faded(1.0, now - rhythm.updated_at, PROFILE_S)
    came = [count * fading for count in rhythm.came_after]
    due = [count * fading for count in rhythm.due_after]
    rate, profile, last_at = rate_of(rhythm, now, pace), Profile(rhythm, pace), rhythm.last_at
    for at in times:
        if at - last_at < _TOGETHER_S:
            continue
        came[bisect_right(SINCE_S, at - last_at)] += 1
        for span, count in enumerate(profile.due_between(rate, last_at, at)):
            due[span] += count
        last_at = at
    return replace(rhythm, came_after=tuple(came), due_after=tuple(due))


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
    hours, minutes = [n * fading for n in known.hours], [n * fading for n in known.minutes]
    for at in times:
        level += math.exp((at - now) / MEMORY_S)
        burst += math.exp((at - now) / BURST_S)
    for at in profiled:
        hours[int(at // HOUR_S) % HOURS] += 1
        minutes[int(at // MINUTE_S) % MINUTES] += 1
    return replace(
        known,
        updated_at=now,
        last_at=max([known.last_at, *times[-1:]]),
        level=level,
        burst=burst,
        seen=known.seen * fading + len(profiled),
        window=window or known.window,
        hours=tuple(hours),
        minutes=tuple(minutes),
    )
