"""What response headers say: when to come back, how long an answer is fresh, its encoding. Pure."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from multidict import MultiMapping

_LONGEST_WISH_S = 1e9  # adding more to a date would leave the calendar
_MAX_AGE = re.compile(r'(?:^|[,;\s])max-age\s*=\s*"?(\d{1,12})', re.I)
_CHARSET = re.compile(r"""[;\s]charset\s*=\s*["']?([\w.:+-]{1,40})(?:$|[;,\s"'])""", re.I | re.A)
_NEVER_FRESH = re.compile(r"(?:^|[,;\s])no-(?:cache|store)(?:$|[,;\s])", re.I)


def http_date(value: str | None) -> datetime | None:
    """An HTTP date in any of its three forms (RFC 9110, 5.6.7) as aware UTC, or None."""
    try:
        moment = parsedate_to_datetime((value or "").strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, in either of its forms (RFC 9110, 10.2.3)."""
    value = (header or "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:12]), _LONGEST_WISH_S)
    until = http_date(value)
    return None if until is None else _bounded((until - now).total_seconds())


def fresh_s(headers: MultiMapping[str], now: datetime) -> float | None:
    """Seconds for which an answer says it is fresh (RFC 9111, 4.2.1); None where it says nothing.

    `max-age` beats `Expires`; what a cache on the way has used up of it (`Age`) is gone. An
    Expires that is no date, such as 0, means stale already.
    """
    control = ", ".join(headers.getall("Cache-Control", ()))
    if _NEVER_FRESH.search(control):
        return 0.0
    age = headers.get("Age", "").strip()
    spent_s = float(age[:12]) if age.isascii() and age.isdigit() else 0.0
    if told := _MAX_AGE.search(control):
        return _bounded(float(told[1]) - spent_s)
    if "Expires" not in headers:
        return None
    expires = http_date(headers["Expires"])
    if expires is None:
        return 0.0
    # Both on the server's own clock, which may be wrong.
    since = http_date(headers.get("Date")) or now
    return _bounded((expires - since).total_seconds() - spent_s)


def charset_of(content_type: str) -> str | None:
    """The encoding that a Content-Type names, None where it names none that could be one.

    aiohttp has a parser for it, which takes seconds over a header that was made for that.
    """
    found = _CHARSET.search(content_type)
    return found[1].lower() if found else None


def _bounded(seconds: float) -> float:
    return min(max(0.0, seconds), _LONGEST_WISH_S)
