"""Whose turn it is: how often and how many at once a host is asked, by all workers together. Pure.

A host is asked for the longest due first, polls and pages each in their own line and a distance
apart, and no line ever takes the last connection from the other for good. A host that fails as a
whole is left alone for a while, then asked one thing, and the rest only if that went well.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from urllib.parse import urlsplit

from worker.errors import Reason
from worker.records import Failed, HostOutcome, HostState

# So many failures in a row, of whatever feeds and pages, are the host's own.
FAILS_AS_A_WHOLE = 3
_FIRST_PAUSE_S = 60.0
_MAX_DOUBLINGS = 8
_OF_THE_HOST = frozenset(
    {
        Reason.HOST_UNKNOWN,
        Reason.CONNECTION_REFUSED,
        Reason.CONNECTION_LOST,
        Reason.CONNECT_TIMED_OUT,
        Reason.FIRST_BYTE_TIMED_OUT,
        Reason.TIMED_OUT,
        Reason.TLS_FAILED,
        Reason.RATE_LIMITED,
        Reason.SERVER_ERROR,
        Reason.BOT_PROTECTION,
    }
)
# What never got as far as the host says nothing about it.
NOT_ASKED = frozenset(
    {
        Reason.BAD_URL,
        Reason.URL_TOO_LONG,
        Reason.FORBIDDEN_SCHEME,
        Reason.CREDENTIALS_IN_URL,
        Reason.FORBIDDEN_ADDRESS,
        Reason.UNRESOLVED_LINK,
        Reason.SECRET_MISSING,
        Reason.PROXY_FAILED,
        Reason.ROBOTS_DISALLOW,
        Reason.ROBOTS_UNREACHABLE,
        Reason.WORKER_LOST,
        Reason.OFFLINE,
        Reason.UNEXPECTED,
    }
)


def host_key(url: str) -> str:
    """Whom `url` is asked of: the host, and the port where it is not the scheme's own."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return ""
    usual = {"http": 80, "https": 443}.get(parts.scheme.lower())
    return host if port is None or port == usual else f"{host}:{port}"


class Errand(Enum):
    """What a host is asked for. Polls keep a distance from each other, and so do pages; not so the
    first poll of a feed, so that many that are watched from now on are all read at once.
    """

    POLL = "poll"
    FIRST_POLL = "first poll"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Manners:
    """How a host is asked: requests at once, seconds between two pages and between two polls (0:
    only the connections count), the longest of pauses.

    A page is handed out up to `ahead_s` seconds before its turn, so that none is lost while
    nobody looks; who has it waits.
    """

    connections: int
    page_gap_s: float
    ahead_s: float
    longest_gap_s: float
    longest_pause_s: float
    poll_gap_s: float = 0.0


# ---- turns


def take_turns(
    host: HostState, waiting: Iterable[int], errand: Errand, now: datetime, manners: Manners
) -> tuple[HostState, list[int]]:
    """Those of the rows (by id, the longest due first) that may go now, and the host after that."""
    granted: list[int] = []
    for row in waiting:
        if not _can_be_asked(host, errand, now, manners):
            break
        granted.append(row)
        host = _taken(host, errand, now, manners)
    return host, granted


def _can_be_asked(host: HostState, errand: Errand, now: datetime, manners: Manners) -> bool:
    under_way = host.polls + host.pages
    if _is_later(host.paused_until, now) or under_way >= manners.connections:
        return False
    page_may = not _is_later(host.page_free_at, now + timedelta(seconds=manners.ahead_s))
    if errand is Errand.PAGE and not page_may:
        return False
    if errand is Errand.POLL and _is_later(host.poll_free_at, now):
        return False
    if host.failures >= FAILS_AS_A_WHOLE:
        return under_way == 0
    if errand is not Errand.PAGE:
        yields = host.page_waits and page_may
        return host.polls < (_but_one(manners) if yields else manners.connections)
    # The first page asks for robots.txt, and the others go by it.
    return host.pages < (pages_at_once(manners) if _is_later(host.robots_due_at, now) else 1)


def pages_at_once(manners: Manners) -> int:
    """Requests for pages to one host at once; they come slowly, and could hold all connections."""
    return _but_one(manners)


def _but_one(manners: Manners) -> int:
    return max(1, manners.connections - 1)


def _is_later(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment > now


def _taken(host: HostState, errand: Errand, now: datetime, manners: Manners) -> HostState:
    if errand is not Errand.PAGE:
        return replace(host, polls=host.polls + 1, poll_free_at=_next_slot(host, now, manners))
    turn = max(now, host.page_free_at or now)
    return replace(host, pages=host.pages + 1, page_free_at=turn + page_gap(host, manners))


def _next_slot(host: HostState, now: datetime, manners: Manners) -> datetime | None:
    """When a host that is polled `now` may be polled again.

    Many first polls keep it no longer than one. Feeds whose URLs name no host ask nobody.
    """
    if not manners.poll_gap_s or not host.name:
        return host.poll_free_at
    return max(now + timedelta(seconds=manners.poll_gap_s), host.poll_free_at or now)


def poll_turn(
    free_at: datetime | None, due_at: datetime, ahead: int, now: datetime, manners: Manners
) -> datetime:
    """When it will be the turn of a feed, due at `due_at`, that has `ahead` others before it; its
    host may be polled at `free_at`.
    """
    opens = max(now, due_at, free_at or due_at)
    return opens + ahead * timedelta(seconds=manners.poll_gap_s)


def page_gap(host: HostState, manners: Manners) -> timedelta:
    """The time between two pages: what we keep, or more where robots.txt asks for it."""
    asked_s = min(host.crawl_delay_s or 0.0, manners.longest_gap_s)
    return timedelta(seconds=max(manners.page_gap_s, asked_s))


def turn_of(host: HostState, place: int, now: datetime, manners: Manners) -> datetime:
    """When it will be the turn of the page that `place` others wait before."""
    opens = max(now, host.page_free_at or now, host.paused_until or now)
    return opens + place * page_gap(host, manners)


def put_last(host: HostState, turn: datetime, manners: Manners) -> tuple[HostState, datetime]:
    """A turn for a page that need not be read soon: at `turn`, or once the others had theirs."""
    turn = max(turn, host.page_tail_at or turn)
    return replace(host, page_tail_at=turn + page_gap(host, manners)), turn


def leave(host: HostState, now: datetime, manners: Manners) -> tuple[HostState, datetime]:
    """When the request for a page may leave, now that it is ready to, and the host after that.

    It may have been held up since its turn, by robots.txt for instance, and the next one not.
    """
    gap = page_gap(host, manners)
    at = max(now, host.page_asked_at + gap) if host.page_asked_at else now
    free_at = max(at + gap, host.page_free_at or now)
    return replace(host, page_asked_at=at, page_free_at=free_at), at


# ---- what follows from how asking went


def outcome_of(host: str | None, failures: int, failed: Failed | None) -> HostOutcome | None:
    """What a host is told of a request that was claimed when it had so many `failures`.

    None where it is no news: an answer of any kind, even a 404 or a redirect to a host that fails,
    from a host that was well, or a failure that never came as far as the host.
    """
    if not host or (failed is not None and failed.reason in NOT_ASKED):
        return None
    if failed is not None and failed.reason in _OF_THE_HOST and not _led_elsewhere(host, failed):
        return HostOutcome(host, failures, failed.reason, failed.detail, failed.retry_after_s)
    return HostOutcome(host, failures) if failures else None


def _led_elsewhere(host: str, failed: Failed) -> bool:
    return bool(failed.hops) and host_key(failed.hops[-1].url) != host


def after(host: HostState, outcome: HostOutcome, now: datetime, manners: Manners) -> HostState:
    """The host after one request: a failure may pause it, and any answer makes all well again.

    News from before the host's last failure are no longer news.
    """
    stale = outcome.failures != host.failures
    if outcome.reason is None:
        return host if stale else replace(host, failures=0, paused_until=None)
    known_to_fail = host.failures >= FAILS_AS_A_WHOLE
    failures = host.failures + (0 if stale and known_to_fail else 1)
    pause_s = min(_pause_s(outcome, failures), manners.longest_pause_s)
    if not pause_s:
        return replace(host, failures=failures)
    until = max(now + timedelta(seconds=pause_s), host.paused_until or now)
    return replace(host, failures=failures, paused_until=until)


def _pause_s(outcome: HostOutcome, failures: int) -> float:
    """A host's own wish; where it fails as a whole, or has none and too much of us, ours."""
    wish_s = outcome.retry_after_s
    if failures >= FAILS_AS_A_WHOLE:
        doublings = min(failures - FAILS_AS_A_WHOLE, _MAX_DOUBLINGS)
        return max(wish_s or 0.0, _FIRST_PAUSE_S * float(2**doublings))
    if wish_s is None:
        return _FIRST_PAUSE_S if outcome.reason is Reason.RATE_LIMITED else 0.0
    return wish_s
