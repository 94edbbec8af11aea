"""When alerts wait, and until when: quiet hours and digests by the clocks of a place. Pure.

Clocks are set forward and back: a time of day that is skipped is taken as the moment after it that
the clock would have shown, and of one that comes twice a wait begins with the first and ends with
the second (PEP 495).
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from worker.records import DigestTimes, QuietHours

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
# Quiet hours that follow on each other for longer than this never end.
_LONGEST = timedelta(days=8)
_CLOCK = r"(\d{1,2}):(\d{2})"
_QUIET = re.compile(rf"(?:([a-z,\- ]+?)\s+)?{_CLOCK}\s*[-–]\s*{_CLOCK}\s+(\S+)", re.I)
_DAILY = re.compile(rf"daily\s+{_CLOCK}\s+(\S+)", re.I)
_EXAMPLE_QUIET = "22:00-07:00 Europe/Berlin"
_EXAMPLE_DAILY = "daily 07:30 Europe/Berlin"


class TimesError(ValueError):
    """A text that says no times: what is wrong, and what to write."""

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem, self.remedy = problem, remedy
        super().__init__(f"{problem}. {remedy}")


def read_quiet(told: str) -> QuietHours:
    """`22:00-07:00 Europe/Berlin`, with `mon-fri` or `sat,sun` before it; raises TimesError."""
    match = _QUIET.fullmatch(told.strip())
    if match is None:
        remedy = f"Write {_EXAMPLE_QUIET}, with days before it if need be: mon-fri {_EXAMPLE_QUIET}"
        raise TimesError("these are no quiet hours", remedy)
    days = _days(match[1]) if match[1] else frozenset(range(7))
    start, end = _time(match[2], match[3]), _time(match[4], match[5], midnight_too=True)
    if start == end and (match[4], match[5]) != ("24", "00"):
        raise TimesError("they end when they begin", "For the whole day write 00:00-24:00.")
    return QuietHours(start, end, _zone(match[6]), days)


def write_quiet(quiet: QuietHours) -> str:
    """Quiet hours as `read_quiet` reads them."""
    days = ",".join(DAYS[day] for day in sorted(quiet.days))
    end = "24:00" if quiet.end == time() else f"{quiet.end:%H:%M}"
    return f"{days} {quiet.start:%H:%M}-{end} {quiet.zone}"


def read_digest(told: str) -> DigestTimes:
    """`hourly`, or `daily 07:30 Europe/Berlin`; raises TimesError."""
    if told.strip().lower() == "hourly":
        return DigestTimes()
    match = _DAILY.fullmatch(told.strip())
    if match is None:
        raise TimesError("it is no time for digests", f"Write hourly, or {_EXAMPLE_DAILY}")
    return DigestTimes(_time(match[1], match[2]), _zone(match[3]))


def write_digest(digest: DigestTimes) -> str:
    """Times of digests as `read_digest` reads them."""
    return "hourly" if digest.daily is None else f"daily {digest.daily:%H:%M} {digest.zone}"


def _days(told: str) -> frozenset[int]:
    found: set[int] = set()
    for part in re.split(r"[,\s]+", told.strip().lower().strip(",")):
        first, _, last = part.partition("-")
        for name in (first, last or first):
            if name not in DAYS:
                problem = f"{name[:20]!r} is no day"
                raise TimesError(problem, f"Days are {', '.join(DAYS)}; mon-fri is from .. to.")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        found.update(day % 7 for day in range(begin, end + 1 if end >= begin else end + 8))
    return frozenset(found)


def _time(hours: str, minutes: str, *, midnight_too: bool = False) -> time:
    if midnight_too and (hours, minutes) == ("24", "00"):
        return time()
    if int(hours) > 23 or int(minutes) > 59:
        problem = f"{hours}:{minutes} is no time of day"
        raise TimesError(problem, "Write hours and minutes from 00:00 to 23:59.")
    return time(int(hours), int(minutes))


def _zone(name: str) -> str:
    if name in _zones():
        return name
    near = [one for one in sorted(_zones()) if one.lower().endswith(name.lower().strip("/"))]
    guess = f"Did you mean {near[0]}? " if near else ""
    remedy = f"{guess}Write a name of the tz database, such as Europe/Berlin or UTC."
    raise TimesError(f"there is no time zone {name[:40]!r}", remedy)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _place(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _moment(day: date, clock: time, zone: str, *, fold: int) -> datetime:
    return datetime.combine(day, clock, _place(zone)).replace(fold=fold).astimezone(UTC)


def quiet_until(quiet: Sequence[QuietHours], now: datetime) -> datetime | None:
    """When the quiet in which `now` lies ends, None where it is not quiet.

    Quiet hours that meet are one quiet, of 8 days at the most.
    """
    until = now
    while until - now < _LONGEST:
        ends = [end for one in quiet if (end := _end_of(one, until)) is not None]
        if not ends:
            return until if until > now else None
        until = max(ends)
    return until


def never_ends(quiet: Sequence[QuietHours], now: datetime) -> bool:
    """Whether quiet hours leave no minute of the week."""
    week = (quiet_until(quiet, now + timedelta(hours=n)) for n in range(0, 7 * 24))
    return all(end is not None and end - now >= _LONGEST for end in week)


def _end_of(quiet: QuietHours, now: datetime) -> datetime | None:
    """When the quiet hours end in which `now` lies."""
    today = now.astimezone(_place(quiet.zone)).date()
    ends = []
    for day in (today - _DAY, today):
        if day.weekday() not in quiet.days:
            continue
        start = _moment(day, quiet.start, quiet.zone, fold=0)
        last = day + _DAY if quiet.end <= quiet.start else day
        end = max(_moment(last, quiet.end, quiet.zone, fold=fold) for fold in (0, 1))
        if start <= now < end:
            ends.append(end)
    return max(ends, default=None)


def next_digest(digest: DigestTimes, now: datetime) -> datetime:
    """When the next digest after `now` goes out."""
    if digest.daily is None:
        return now.replace(minute=0, second=0, microsecond=0) + _HOUR
    today = now.astimezone(_place(digest.zone)).date()
    days = (today + nth * _DAY for nth in (-1, 0, 1, 2))
    times = (_moment(day, digest.daily, digest.zone, fold=0) for day in days)
    return next(moment for moment in times if moment > now)
