"""Spans of time as people write them: `90m`, `24h`, `7d`, `2w`."""

import re
from datetime import timedelta

_SPAN = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*([mhdw])", re.I)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = timedelta(days=3_660)


def read_span(told: str) -> timedelta | None:
    """The span that a text says; None where it says none, nothing at all, or over ten years."""
    match = _SPAN.fullmatch(told.strip())
    if match is None:
        return None
    span = timedelta(**{_UNITS[match[2].lower()]: float(match[1])})
    return span if timedelta() < span <= _LONGEST else None


def write_span(span: timedelta) -> str:
    """A span in the largest unit that it is a whole number of: `24h` is `1d`."""
    seconds = span.total_seconds()
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds / 60:.1f}m"
