"""When a feed that answered is polled next: the policy's interval within what its site asks for."""

from collections.abc import Sequence
from dataclasses import dataclass

from worker.schedule.interval import Limits, interval_s
from worker.schedule.pace import Pace
from worker.schedule.rhythm import DAY_S, HOUR_S, HOURS, MEMORY_S, Rhythm, faded

# With push at work a feed is polled this many times more rarely, to see that nothing is lost.
PUSHED = 12.0
_LONGEST_STRETCHED_S = DAY_S
# What is known of a feed's matches is shrunk towards all feeds' share, as by so many entries.
_COMMON_ENTRIES = 5.0
_WEEKDAYS = 7
# 1970 began on a Thursday; a feed's skipDays count from Monday.
_THURSDAY = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds until a feed's next poll, and how many of them its site asks to be left alone."""

    wait_s: float
    least_s: float


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a site asks for: not to be asked for `least_s` seconds, nor in some hours (UTC, 0..23)
    and days (0..6 from Monday).
    """

    least_s: float = 0.0
    skip_hours: Sequence[int] = ()
    skip_days: Sequence[int] = ()


NO_WISHES = Wishes()


def plan(
    rhythm: Rhythm,
    now: float,
    pace: Pace,
    limits: Limits,
    *,
    weight: float = 1.0,
    stretch: float = 1.0,
    wishes: Wishes = NO_WISHES,
) -> Plan:
    """When a feed that was polled `now` is polled next.

    `stretch` lengthens the policy's interval: for a host that has many feeds (`host_stretch`), or
    where push brings what polls would (`PUSHED`).
    """
    wait_s = interval_s(rhythm, now, pace, limits, weight)
    if stretch > 1:
        wait_s = min(wait_s * stretch, _LONGEST_STRETCHED_S)
    least_s = max(limits.floor_s, wishes.least_s)
    if not (wishes.skip_hours or wishes.skip_days):
        return Plan(max(wait_s, least_s), least_s)
    return Plan(skipped(now, max(wait_s, least_s), wishes), skipped(now, least_s, wishes))


def skipped(now: float, wait_s: float, wishes: Wishes) -> float:
    """A wait that does not end in an hour or on a day in which a feed does not want to be asked.

    A feed that wants to be left alone for ever is not understood, and asked all the same.
    """
    at = now + wait_s
    for _ in range(HOURS * _WEEKDAYS + 1):
        hour = int(at // HOUR_S)
        day = (hour // HOURS + _THURSDAY) % _WEEKDAYS
        if hour % HOURS not in wishes.skip_hours and day not in wishes.skip_days:
            return at - now
        at = (hour + 1) * HOUR_S
    return wait_s


def weight_of(
    rhythm: Rhythm, matched: float, matched_at: float, now: float, pace: Pace, unmatched: float
) -> float:
    """How much a feed's entries matter against the mean feed's: by the share that matches topics.

    `matched` are its matching entries, decayed like the rhythm's level, as of `matched_at`. An
    entry that matches nothing counts for `unmatched` of one that does. Where nothing matches at
    all, all feeds are alike.
    """
    if pace.match_share <= 0:
        return 1.0
    level = faded(rhythm.level, now - rhythm.updated_at, MEMORY_S)
    hits = faded(matched, now - matched_at, MEMORY_S)
    share = (hits + _COMMON_ENTRIES * pace.match_share) / (level + _COMMON_ENTRIES)
    share, mean = min(share, 1.0), pace.match_share
    return (unmatched + (1 - unmatched) * share) / (unmatched + (1 - unmatched) * mean)
