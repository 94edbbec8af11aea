"""What a feed says of when to come back: RSS 2.0's ttl, skipHours and skipDays, RSS 1.0's sy."""

from collections.abc import Mapping, Sequence

from worker.parse.vocabulary import numbered
from worker.records import Hints

_PERIODS_S = {
    "hourly": 3_600.0,
    "daily": 86_400.0,
    "weekly": 604_800.0,
    "monthly": 2_592_000.0,
    "yearly": 31_536_000.0,
}
_DAYS = numbered("monday tuesday wednesday thursday friday saturday sunday")
# Nobody who means it asks not to be asked for longer than a year.
_LONGEST_S = 31_536_000.0


def hints(told: Mapping[str, Sequence[str]]) -> Hints:
    """The hints among the texts of a feed's elements; what makes no sense is left out."""
    minutes = _number(_last(told, "ttl"))
    hours = (_number(hour) for hour in told.get("hour", ()))
    days = (_DAYS.get(day.strip().lower()) for day in told.get("day", ()))
    return Hints(
        ttl_s=min(minutes * 60, _LONGEST_S) if minutes else None,
        skip_hours=tuple(sorted({int(h) % 24 for h in hours if h is not None and h <= 24})),
        skip_days=tuple(sorted({day for day in days if day is not None})),
        update_every_s=_update_every_s(told),
    )


def _update_every_s(told: Mapping[str, Sequence[str]]) -> float | None:
    """RSS 1.0's syndication module: so many times a period, once unless it says otherwise."""
    period_s = _PERIODS_S.get(_last(told, "sy_updateperiod").lower())
    times = _number(_last(told, "sy_updatefrequency")) or 1.0
    return period_s / times if period_s else None


def _last(told: Mapping[str, Sequence[str]], key: str) -> str:
    texts = told.get(key)
    return texts[-1].strip() if texts else ""


def _number(text: str) -> float | None:
    """A whole number above or at zero, and of a sane size."""
    text = text.strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
