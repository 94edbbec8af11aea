"""Dates as feeds write them, which is in every way that there is.

First the two forms that nearly all feeds keep to (RFC 3339, RFC 822), then what feedparser makes of
the others, by its own rules so that every date it finds is found to the second; at last, where it
finds none, a reading of what stands there: the names of months in other languages, numbers in
another order. The calendar's own language, a wrong weekday or a missing zone is no obstacle; a date
without its year, or one that could be two, is none.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from worker.parse.months import folded, months
from worker.parse.vocabulary import numbered

_MONTHS = numbered("jan feb mar apr may jun jul aug sep oct nov dec", first=1)
_WEEKDAYS = numbered("mon tue wed thu fri sat sun")
_TITLED_MONTHS = {f"{name.title()} ": number for name, number in _MONTHS.items()}
_WEEKDAYS_OF_RFC_822 = frozenset(f"{name.title()}, " for name in _WEEKDAYS)
# Hours east of Greenwich; what is not here counts as Greenwich.
_ZONES = {
    **{"adt": -3, "ast": -4, "at": -4, "edt": -4, "est": -5, "et": -5, "cdt": -5, "cst": -6},
    **{"ct": -6, "mdt": -6, "mst": -7, "mt": -7, "pdt": -7, "pst": -8, "pt": -8},
    **{"a": -1, "n": 1, "m": -12, "y": 12},
}
_RFC_822_ZONES = _ZONES | {"met": 1, "mest": 2}
# What is read loosely is no date of a feed if it is before there were any computers' clocks.
_FIRST_YEAR = 1970
# Longer than any date: nobody looks for one in it.
_MAX_LENGTH = 100


def moment(text: str) -> datetime | None:
    """The moment that `text` tells, to the second, in UTC; None where it tells none."""
    return _tried(_usual, text) or _unusual(text)


@lru_cache(1_024)
def _unusual(text: str) -> datetime | None:
    if len(text) > _MAX_LENGTH:
        return None
    return next(filter(None, (_tried(form, text) for form in _FORMS)), None)


def _tried(form: Callable[[str], datetime | None], text: str) -> datetime | None:
    try:
        return form(text)
    except (ValueError, OverflowError, KeyError, IndexError):
        return None


def _utc(local: datetime, hours: int, minutes: int = 0) -> datetime:
    return local.replace(tzinfo=UTC) - timedelta(hours=hours, minutes=minutes)


# ---- the usual forms


def _usual(text: str) -> datetime | None:
    """RFC 3339 and RFC 822 in their commonest shapes, whose parts stand at fixed places."""
    size = len(text)
    if size in (20, 25) and text[10] == "T" and text[13] == ":" == text[16]:
        local = datetime.fromisoformat(text)
        if local.tzinfo is None or local.microsecond:
            return None
        return local if local.tzinfo is UTC else local.astimezone(UTC)
    if size not in (29, 31) or text[:5] not in _WEEKDAYS_OF_RFC_822 or text[7] != " ":
        return None
    month, clock, zone = _TITLED_MONTHS.get(text[8:12]), text[16:25], text[25:]
    if month is None or clock[0] != " " or clock[3] != ":" or clock[6] != ":":
        return None
    numbers = text[12:16], text[5:7], clock[1:3], clock[4:6], clock[7:]
    if not "".join(numbers).isdecimal():
        return None
    year, day, hour, minute, second = map(int, numbers)
    local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    if zone in (" GMT", " +0000"):
        return local
    if zone[:2] not in (" +", " -") or not zone[2:].isdecimal():
        return None
    away = timedelta(hours=int(zone[2:4]), minutes=int(zone[4:]))
    return local - away if zone[1] == "+" else local + away


# ---- forms that feedparser knows


def _w3c(text: str) -> datetime | None:
    """W3C's date and time formats, a blank in place of the `T` too; as feedparser reads them."""
    parts = text.lower().split("t")
    if len(parts) == 1:
        parts = parts[0].split()
        if len(parts) == 1:
            parts.append("00:00:00z")
    elif len(parts) > 2:
        return None
    date = parts[0].split("-", 2)
    if len(date[0]) != 4:
        return None
    year, month, day = (int(part) for part in [*date, "1", "1"][:3])
    clock, zones = parts[1], parts[2:]
    if clock.endswith("z"):
        clock, zones = clock[:-1], [*zones, "z"]
    sign = next((at for at in (clock.find("-"), clock.find("+")) if at >= 0), len(clock))
    clock, zone = clock[:sign], [*zones, clock[sign:]][0]
    hour, minute, second = (int(float(part)) for part in [*clock.split(":", 2), "0", "0"][:3])
    local = datetime(year, month, day, hour, minute, second)
    if zone[:1] in ("-", "+") and zone:
        east = -1 if zone[0] == "-" else 1
        return _utc(local, east * int(zone[1:3]), east * int(zone[4:]))
    return _utc(local, _ZONES.get(zone, 0))


def _rfc_822(text: str) -> datetime | None:
    """RFC 822 with its liberties: two digits of a year, month before day, time or zone missing."""
    parts = text.lower().split()
    if len(parts) < 5:
        parts += ["00:00:00", "0000"]
    if parts[0][:3] in _WEEKDAYS:
        del parts[0]
    if len(parts) < 5:
        return None
    if parts[0][:3] in _MONTHS:
        parts[:2] = parts[1], parts[0]
    day, month, year = int(parts[0]), _MONTHS[parts[1][:3]], int(parts[2])
    if len(parts[2]) <= 2:
        year += 2000 if year < 90 else 1900
    clock = parts[3].split(":")
    hour, minute, second = (int(part) for part in clock + ["0"] * (3 - len(clock)))
    local = datetime(year, month, day, hour, minute, second)
    zone = parts[4].removeprefix("etc/")
    if zone.startswith("gmt"):
        zone = zone[3:].replace(":", "") or "gmt"
    if zone[:1] in ("-", "+") and zone:
        east = -1 if zone[0] == "-" else 1
        minutes = zone[4:] if ":" in zone else zone[3:]
        return _utc(local, east * int(zone[1:3]), east * int(minutes))
    return _utc(local, _RFC_822_ZONES.get(zone, 0))


_ISO_TIME = (
    r"(?:T?(?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\.\d+)?"
    r"(?:(?P<sign>[+-])(?P<hours>\d{2})(?::(?P<minutes>\d{2}))?|Z)?)?"
)
_ISO_8601 = [
    re.compile(form + _ISO_TIME)
    for form in (
        r"(?P<year>\d{4})-?(?P<month>[01]\d)-?(?P<day>[0123]\d)",
        r"(?P<year>\d{4})-0(?P<month>[01]\d)?-?(?P<day>[0123]\d)",
        r"(?P<year>\d{4})-(?P<month>[01]\d)",
        r"(?P<year>\d{4})-?(?P<ordinal>[0123]\d\d)",
        r"(?P<year>\d\d)-?(?P<month>[01]\d)-?(?P<day>[0123]\d)",
        r"(?P<year>\d\d)-?(?P<ordinal>[0123]\d\d)",
    )
]


def _iso_8601(text: str) -> datetime | None:
    """Dates of ISO 8601 with a year in them, what follows the date and time left aside.

    feedparser fills in today's month where it sees only a year: that would be no date at all.
    """
    found = next(filter(None, (form.match(text) for form in _ISO_8601)), None)
    if not found:
        return None
    parts = found.groupdict()
    year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
    if parts.get("ordinal"):
        first, days = datetime(year, 1, 1), int(parts["ordinal"]) - 1
    else:
        # a month beyond December runs into the next year, a day beyond its month into the next
        years, month = divmod(int(parts.get("month") or 1) - 1, 12)
        first, days = datetime(year + years, month + 1, 1), int(parts.get("day") or 1) - 1
    hour, minute, second, hours, minutes = (
        int(parts[name] or 0) for name in ("hour", "minute", "second", "hours", "minutes")
    )
    local = first + timedelta(days=days, hours=hour, minutes=minute, seconds=second)
    east = -1 if parts["sign"] == "-" else 1
    return _utc(local, east * hours, east * minutes)


def _asctime(text: str) -> datetime | None:
    """C's asctime, a zone before the year or none."""
    parts = text.split()
    if len(parts) == 5:
        parts.insert(4, "+0000")
    if len(parts) != 6:
        return None
    weekday, month, day, clock, zone, year = parts
    return _rfc_822(f"{weekday} {day} {month} {year} {clock} {zone}")


# ---- forms that it does not know

_EPOCH = re.compile(r"1[0-9]{9}(?:[0-9]{3})?")


def _epoch(text: str) -> datetime | None:
    """Seconds or milliseconds since 1970; feedparser takes them for a day long ago."""
    return datetime.fromtimestamp(int(text[:10]), UTC) if _EPOCH.fullmatch(text) else None


_CLOCK = re.compile(
    r"(오전|오후|上午|下午|午前|午後)?\s*(?<!\d)(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?(?:\.\d+)?(?![\d:])"
    r"\s*([ap])?\.?(?:(?<=[ap])m\b|(?<=[ap]\.)m\.)?"
)
_AFTERNOON = frozenset({"오후", "下午", "午後", "p"})
_OFFSET = re.compile(r"\s*(?:gmt|utc)?\s*([+-])(\d{1,2}):?(\d{2})?(?!\d)")
_ZONE_NAME = re.compile(r"\s*([a-z]{1,4})\b")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})(?!\d)")
_TOKEN = re.compile(r"\d+|[^\W\d_][^\d\s,.;:/()\-_'’+]*")


def _loosely(text: str) -> datetime | None:
    """A day that is written out, with a time and a zone if they are there."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in text)
    day, clock = _day(text), _CLOCK.search(text)
    if day is None or day.year < _FIRST_YEAR:
        return None
    if clock is None:
        return day.replace(tzinfo=UTC)
    before, hour, minute, second, after = clock.groups()
    hours = int(hour)
    if before or after:
        hours = hours % 12 + (12 if (before or after) in _AFTERNOON else 0)
    local = day.replace(hour=hours, minute=int(minute), second=int(second or 0))
    rest = text[clock.end() :]
    offset, name = _OFFSET.match(rest), _ZONE_NAME.match(rest)
    if offset:
        east = -1 if offset.group(1) == "-" else 1
        return _utc(local, east * int(offset.group(2)), east * int(offset.group(3) or 0))
    if name:
        return _utc(local, _RFC_822_ZONES.get(name.group(1), 0))
    # Korean sites that give no zone write their own time.
    return _utc(local, 9 if "년" in text or before in ("오전", "오후") else 0)


def _day(text: str) -> datetime | None:
    found = _YEAR_FIRST.search(text)
    if found:
        year, month, day = (int(part) for part in found.groups())
        return datetime(year, month, day)
    found = _YEAR_LAST.search(text)
    if found:
        return _ordered(text, *found.groups())
    return _named(text)


def _ordered(text: str, one: str, mark: str, two: str, year: str) -> datetime | None:
    """Day before month where there are dots; with other marks, where it can be told."""
    if mark == "-" and len(year) == 2:
        return None  # the year may be the first
    full = int(year) + (2000 if len(year) == 2 else 0)
    if mark == "." or int(one) > 12:
        return datetime(full, int(two), int(one))
    if int(two) > 12 or one == two:
        return datetime(full, int(one), int(two))
    weekday = _WEEKDAYS.get(text.strip()[:3])
    either = (datetime(full, int(two), int(one)), datetime(full, int(one), int(two)))
    fitting = [day for day in either if day.weekday() == weekday]
    return fitting[0] if len(fitting) == 1 else None


def _named(text: str) -> datetime | None:
    """A day with its month's name, in any of the languages of `months`."""
    names, tokens = months(), [folded(token) for token in _TOKEN.findall(_CLOCK.sub(" ", text, 1))]
    pairs = [f"{one} {two}" for one, two in pairwise(tokens)]
    # In some languages a weekday is short for what is a month's name too: it comes first.
    month = next((names[name] for name in reversed([*tokens, *pairs]) if name in names), None)
    numbers = [token for token in tokens if token.isdecimal()]
    year = next((number for number in numbers if len(number) == 4), None)
    day = next((number for number in numbers if len(number) <= 2), None)
    if month is None or year is None or day is None:
        return None
    return datetime(int(year), month, int(day))


_FORMS = (_epoch, _w3c, _rfc_822, _iso_8601, _asctime, _loosely)
