"""When to come back to a feed: outcome and now → the next visit. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from worker.errors import Reason
from worker.records import Failed, Hop

# Enough to come from a second to a year; more would only overflow.
_MAX_DOUBLINGS = 25
_LONGEST_PAGE_PAUSE_S = 86_400
# By so much of a pause, at the most, feeds that failed together come back apart.
_SPREAD = 0.1
_PROBES = 12


def next_poll(now: datetime, interval_s: float, fresh_s: float = 0) -> datetime:
    """The next visit of a feed that answered, not before its answer has ceased to be fresh."""
    return now + timedelta(seconds=max(interval_s, fresh_s))


def next_try(
    now: datetime,
    failed: Failed,
    failures: int,
    interval_s: float,
    longest_s: float,
    jitter: float,
) -> datetime:
    """The next visit after `failures` failures in a row, this one included.

    The pause doubles with each failure, up to `longest_s`; a site's own Retry-After (RFC 9110,
    10.2.3) is honoured up to the same bound, and never shortens the pause. `jitter` in 0..1 makes
    it up to a tenth longer.
    """
    pause_s = interval_s * 2 ** min(failures - 1, _MAX_DOUBLINGS)
    pause_s = max(pause_s, failed.retry_after_s or 0) * (1 + _SPREAD * jitter)
    return now + timedelta(seconds=min(pause_s, max(longest_s, interval_s)))


def next_look(now: datetime, retry_s: float, jitter: float, *, asked: bool) -> datetime:
    """When to look again while our own network is down: in about `retry_s` seconds.

    Something has to see it come back: what was `asked` all the same is asked sooner.
    """
    return now + timedelta(seconds=retry_s / _PROBES if asked else retry_s * (0.5 + jitter))


def recheck_at(first_seen: datetime, now: datetime, after_s: Sequence[float]) -> datetime | None:
    """When an article's page is read again for changes; None once the last time has passed."""
    times = [first_seen + timedelta(seconds=each) for each in sorted(after_s)]
    return next((time for time in times if time > now), None)


def is_final(failed: Failed) -> bool:
    """Whether a failure ends a feed: 410 says that it is gone for good (RFC 9110, 15.5.11)."""
    return failed.reason is Reason.GONE


def moved_to(hops: Iterable[Hop]) -> str | None:
    """Where a feed has moved for good: as far as only 301 and 308 led (RFC 9110, 15.4)."""
    target = None
    for hop in hops:
        if hop.status not in _PERMANENT:
            break
        target = hop.url
    return target


_PERMANENT = (301, 308)


def next_page_try(
    now: datetime, failed: Failed, tries: int, allowed: int, retry_s: float
) -> datetime | None:
    """When to fetch a failed article page again, after `tries` tries; None: no more.

    The pause doubles with each try, and a site's Retry-After may lengthen it, to a day at most.
    What will not change is not tried again: a page that is gone, is no HTML, or whose address is
    not to be fetched.
    """
    if tries >= allowed or failed.reason in _HOPELESS:
        return None
    pause_s = max(retry_s * 2 ** min(tries - 1, _MAX_DOUBLINGS), failed.retry_after_s or 0)
    return now + timedelta(seconds=min(pause_s, max(_LONGEST_PAGE_PAUSE_S, retry_s)))


_HOPELESS = frozenset(
    {
        Reason.BAD_URL,
        Reason.FORBIDDEN_ADDRESS,
        Reason.GONE,
        Reason.NOT_HTML,
        Reason.ROBOTS_DISALLOW,
        Reason.TOO_LARGE,
        Reason.UNRESOLVED_LINK,
        Reason.WORKER_LOST,
    }
)
