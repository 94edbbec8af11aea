"""Whose turn it is: how often and how many at once a host is asked, by all workers together. Pure.

Turns are given in order. What cannot have one now gets the host's next free one, and keeps it: to
be put off «a little» each time would starve a host's last feeds and pages. A host that fails as a
whole is left alone for a while, then asked one thing, and the rest only if that went well.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from urllib.parse import urlsplit

from worker.errors import Reason
from worker.records import HostOutcome, HostState

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
_NOT_ASKED = frozenset(
    {
        Reason.BAD_URL,
        Reason.FORBIDDEN_ADDRESS,
        Reason.SECRET_MISSING,
        Reason.PROXY_FAILED,
        Reason.ROBOTS_DISALLOW,
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
    """What a host is asked for: polls only share its connections, pages also keep a distance."""

    POLL = "poll"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Manners:
    """How a host is asked: requests at once, seconds between two pages, the longest of both."""

    connections: int
    page_gap_s: float
    poll_gap_s: float
    longest_gap_s: float
    longest_pause_s: float


@dataclass(slots=True)
class Turns:
    """Who may go now, when the others may, and the host as it is then."""

    host: HostState
    granted: list[int] = field(default_factory=list)
    later: dict[int, datetime] = field(default_factory=dict)


def take_turns(
    host: HostState,
    waiting: Sequence[int],
    errand: Errand,
    now: datetime,
    manners: Manners,
    room: int,
) -> Turns:
    """Give turns to rows (by id, in the order in which they wait), at most `room` of them now."""
    turns = Turns(host)
    free = (1 if host.failures >= FAILS_AS_A_WHOLE else manners.connections) - host.held
    for row in waiting:
        if len(turns.granted) < min(free, room) and _is_open(turns.host, errand, now):
            turns.granted.append(row)
            turns.host = _used(turns.host, errand, now, manners)
        elif len(turns.granted) < room:
            turns.host, turns.later[row] = _reserved(turns.host, errand, now, manners)
    return turns


def page_gap_s(host: HostState, manners: Manners) -> float:
    """Seconds between two pages: what we keep, or more where robots.txt asks for it."""
    asked = min(host.crawl_delay_s or 0.0, manners.longest_gap_s)
    return max(manners.page_gap_s, asked)


def _is_open(host: HostState, errand: Errand, now: datetime) -> bool:
    opens = [host.paused_until, host.page_free_at if errand is Errand.PAGE else None]
    return all(moment is None or moment <= now for moment in opens)


def _used(host: HostState, errand: Errand, now: datetime, manners: Manners) -> HostState:
    if errand is Errand.POLL:
        return host
    return replace(host, page_free_at=now + timedelta(seconds=page_gap_s(host, manners)))


def _reserved(
    host: HostState, errand: Errand, now: datetime, manners: Manners
) -> tuple[HostState, datetime]:
    """The host's next turn that nobody has, and the host once it is given away."""
    if errand is Errand.PAGE:
        gap, tail, free = page_gap_s(host, manners), host.page_tail_at, host.page_free_at
    else:
        gap, tail, free = manners.poll_gap_s, host.poll_tail_at, None
    step = timedelta(seconds=gap)
    after = now + timedelta(seconds=max(gap, _LEAST_WAIT_S))
    turn = max(m for m in (after, free, host.paused_until, tail) if m is not None)
    if errand is Errand.PAGE:
        return replace(host, page_tail_at=turn + step), turn
    return replace(host, poll_tail_at=turn + step), turn


# A row whose turn is «now» again would be claimed in a circle.
_LEAST_WAIT_S = 0.1


def after(host: HostState, outcome: HostOutcome, now: datetime, manners: Manners) -> HostState:
    """The host after one request: any answer of its own, even a 404, makes all well again."""
    if outcome.reason in _NOT_ASKED:
        return host
    if outcome.reason not in _OF_THE_HOST:
        return replace(host, failures=0, paused_until=None)
    failures = host.failures + 1
    doublings = min(max(0, failures - FAILS_AS_A_WHOLE), _MAX_DOUBLINGS)
    pause_s = outcome.retry_after_s or 0.0
    if failures >= FAILS_AS_A_WHOLE or outcome.reason is Reason.RATE_LIMITED:
        pause_s = max(pause_s, _FIRST_PAUSE_S * 2**doublings)
    until = now + timedelta(seconds=min(pause_s, manners.longest_pause_s))
    paused = until if pause_s else None
    if host.paused_until is not None:
        paused = max(host.paused_until, paused or host.paused_until)
    return replace(host, failures=failures, paused_until=paused)
