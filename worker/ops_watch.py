"""Which matters of the daemon an operator must know of. Pure.

A matter is told when it begins, and again only after it was well. What troubles many feeds at once
is one matter: of their host, or, where there are many hosts, of all of them; what stands of it when
the many are well again was told, and is not told anew.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from worker.records import OpsNotice, Vitals, WatchedFeed

# So many feeds of one host, or of all hosts, are one matter.
_MANY_OF_HOST, _MANY = 3, 10
_NAMED = 5
# What goes to and fro about its limit is one matter: it is well when it is well below.
_WELL = 0.75
NETWORK_DOWN, ERRORS, DISK, NO_TICK = "network-down", "poll-errors", "disk-low", "no-tick"


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something is a matter; shares are 0..1."""

    quiet_times: float = 5
    quiet_floor_s: float = 6 * 3600
    quiet_gaps: int = 10
    error_share: float = 0.2
    error_polls: int = 20
    queue_age_s: float = 300
    disk_share: float = 0.05


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be told, what only stands (it was told as a part of something), what is well."""

    tell: tuple[OpsNotice, ...] = ()
    keep: tuple[OpsNotice, ...] = ()
    settle: tuple[str, ...] = ()

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(self.tell + other.tell, self.keep + other.keep, self.settle + other.settle)


@dataclass(frozen=True, slots=True)
class _Trouble:
    """One feed's trouble; `row` tells it from others of its kind."""

    row: int
    url: str
    host: str
    text: str
    fails: bool = False


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of trouble that feeds have, and how it is told of one and of many."""

    name: str
    title: str
    of_many: str
    remedy: str


_QUIET = _Kind(
    "quiet",
    "A feed brings nothing new",
    "bring nothing new",
    "Look at it with `wirewatch feeds show` and `wirewatch feeds check`; it may have another "
    "address now.",
)
_GONE = _Kind(
    "gone",
    "A feed is gone",
    "are gone",
    "Take it out of feeds.opml, or write its new address there; `wirewatch feeds add` starts it "
    "again.",
)
_MOVED = _Kind(
    "moved",
    "A feed has moved",
    "have moved",
    "Nothing needs to be done: it is polled there. feeds.opml may list either address.",
)


def changes(vitals: Vitals, standing: Collection[str], limits: Limits) -> Changes:
    """What follows from how it is going, where the matters `standing` were told before.

    While our own network is down, that is the only matter of polls: nothing else is told of them,
    and nothing settled. That anybody asks shows that ticks are executed.
    """
    found = Changes(settle=(NO_TICK,)) if NO_TICK in standing else Changes()
    found += _disk(vitals, standing, limits) + _network(vitals, standing)
    if _is_offline(vitals):
        return found
    found += _errors(vitals, standing, limits) + _queues(vitals, standing, limits)
    gone = [
        _Trouble(feed.id, feed.url, feed.host, f"{feed.url} answered 410: it is gone for good.")
        for feed in vitals.gone
    ]
    moved = [
        _Trouble(one.id, one.url, one.host, f"{one.url} has moved to {one.to}.")
        for one in vitals.moved
    ]
    found += _of_feeds(_GONE, gone, standing) + _of_feeds(_MOVED, moved, standing)
    if vitals.may_be_quiet is not None:
        silent = [
            trouble
            for feed in vitals.may_be_quiet
            if (trouble := _silence(feed, limits)) is not None
        ]
        found += _of_feeds(_QUIET, silent, standing)
    return found


# ---- of the daemon


def _is_offline(vitals: Vitals) -> bool:
    return vitals.offline > 0 and vitals.offline * 2 >= vitals.feeds


def _network(vitals: Vitals, standing: Collection[str]) -> Changes:
    told = OpsNotice(
        NETWORK_DOWN,
        "Our own network is down",
        f"No site answers: {vitals.offline} of {vitals.feeds} feeds wait for the network.",
        "Mend it; all that waits is polled at once when it is back.",
    )
    return _one(told, standing, begins=_is_offline(vitals), well=vitals.offline == 0)


def _errors(vitals: Vitals, standing: Collection[str], limits: Limits) -> Changes:
    share = vitals.errors / vitals.polls if vitals.polls else 0.0
    most = sorted(vitals.reasons.items(), key=lambda one: (-one[1], one[0]))[:3]
    because = ", ".join(f"{reason} ({count} feeds)" for reason, count in most)
    told = OpsNotice(
        ERRORS,
        "Many polls fail",
        f"Of the {vitals.polls} polls of the last hour {vitals.errors} failed ({share:.0%})"
        f"{f', for {because}' if because else ''}.",
        "`wirewatch feeds list` names each feed's reason, and docs/operations.md what to do.",
    )
    enough = vitals.polls >= limits.error_polls
    return _one(
        told,
        standing,
        begins=enough and share > limits.error_share,
        well=share <= limits.error_share * _WELL,
    )


def _queues(vitals: Vitals, standing: Collection[str], limits: Limits) -> Changes:
    found = Changes()
    for stage, waited_s in vitals.waits.items():
        told = OpsNotice(
            f"queue-age:{stage}",
            f"Work waits too long in {stage}",
            f"The oldest work of the stage {stage} has been due for {_span(waited_s)}.",
            f"Start more workers for the queue {stage}, or give them more room; `wirewatch status` "
            "shows what waits.",
        )
        late = waited_s > limits.queue_age_s
        found += _one(told, standing, begins=late, well=waited_s <= limits.queue_age_s * _WELL)
    return found


def _disk(vitals: Vitals, standing: Collection[str], limits: Limits) -> Changes:
    told = OpsNotice(
        DISK,
        "The disk is nearly full",
        f"Of the disk that {vitals.place} is on {vitals.free_share:.1%} is free.",
        "Make room before writes fail.",
    )
    return _one(
        told,
        standing,
        begins=vitals.free_share < limits.disk_share,
        well=vitals.free_share >= limits.disk_share / _WELL,
    )


def _one(notice: OpsNotice, standing: Collection[str], *, begins: bool, well: bool) -> Changes:
    if notice.matter not in standing:
        return Changes(tell=(notice,)) if begins else Changes()
    return Changes(settle=(notice.matter,)) if well else Changes()


def no_tick(silent_s: float) -> OpsNotice:
    """That nobody does what ticks ask for: told by whoever is still alive to notice it."""
    return OpsNotice(
        NO_TICK,
        "Nothing is being done",
        f"No tick has been executed for {_span(silent_s)}: nothing is polled or read.",
        "Look whether the daemon (in the stack: beat, Redis and a worker) runs: `wirewatch "
        "doctor`.",
    )


# ---- of feeds


def usual_gap(arrivals: Sequence[datetime]) -> timedelta:
    """The gap between two arrivals, newest first, that half of the time falls into or below.

    By time, and not by count: of a paper that sleeps at night most gaps are minutes, and that
    would make every night a matter.
    """
    gaps = sorted(_gaps(arrivals))
    left = sum(gaps, timedelta()) / 2
    for gap in gaps:
        left -= gap
        if left <= timedelta():
            return gap
    return timedelta()


def _gaps(arrivals: Sequence[datetime]) -> list[timedelta]:
    return [later - earlier for later, earlier in pairwise(arrivals)]


def _silence(feed: WatchedFeed, limits: Limits) -> _Trouble | None:
    """The trouble of a feed that has brought nothing for too long, by its own history.

    The silence ends with its last poll: what nobody asked for was not missing. It must be longer
    than any that is known of this feed, too, such as its weekends.
    """
    if feed.polled_at is None or len(feed.arrivals) <= limits.quiet_gaps:
        return None
    usual = usual_gap(feed.arrivals)
    longest = max(_gaps(feed.arrivals))
    silent = feed.polled_at - feed.arrivals[0]
    floor = timedelta(seconds=limits.quiet_floor_s)
    if silent <= max(usual * limits.quiet_times, longest, floor):
        return None
    fails = f" Its last poll failed: {feed.reason}." if feed.reason else ""
    return _Trouble(
        feed.id,
        feed.url,
        feed.host,
        f"{feed.url} has brought no article for {_span(silent.total_seconds())}; its usual gap is "
        f"{_span(usual.total_seconds())}.{fails}",
        fails=feed.reason is not None,
    )


def _of_feeds(kind: _Kind, troubled: Sequence[_Trouble], standing: Collection[str]) -> Changes:
    """What follows for a kind of trouble from the feeds that have it now."""
    alone, of_host, of_all = _names(kind)
    by_host: dict[str, list[_Trouble]] = {}
    for one in troubled:
        by_host.setdefault(one.host, []).append(one)
    settle = tuple(_well(kind, troubled, by_host, standing))
    stands = frozenset(standing) - frozenset(settle)
    if of_all in stands:
        return Changes(settle=settle)
    tell: list[OpsNotice] = []
    keep: list[OpsNotice] = []
    for host, theirs in by_host.items():
        unnamed = [one for one in theirs if alone(one) not in stands]
        if not unnamed or of_host(host) in stands:
            continue
        # What an end of a matter of many leaves was told as a part of it.
        was_told = of_all in standing or of_host(host) in standing
        down = sum(one.fails for one in theirs) >= _MANY_OF_HOST
        if not was_told and (down or len(unnamed) >= _MANY_OF_HOST):
            tell.append(_many(kind, of_host(host), theirs, 1))
            continue
        notices = [OpsNotice(alone(one), kind.title, one.text, kind.remedy) for one in unnamed]
        (keep if was_told else tell).extend(notices)
    if len(tell) >= _MANY:
        return Changes((_many(kind, of_all, troubled, len(by_host)),), settle=settle)
    return Changes(tuple(tell), tuple(keep), settle)


def _names(
    kind: _Kind,
) -> tuple[Callable[[_Trouble], str], Callable[[str], str], str]:
    return (
        lambda one: f"feed-{kind.name}:{one.row}",
        lambda host: f"host-{kind.name}:{host}",
        f"feeds-{kind.name}",
    )


def _well(
    kind: _Kind,
    troubled: Sequence[_Trouble],
    by_host: Mapping[str, Sequence[_Trouble]],
    standing: Collection[str],
) -> Iterator[str]:
    """The standing matters of this kind that are none any more."""
    alone, of_host, of_all = _names(kind)
    now = {alone(one) for one in troubled}
    now |= {of_host(host) for host, theirs in by_host.items() if len(theirs) >= _MANY_OF_HOST}
    if len(troubled) >= _MANY:
        now.add(of_all)
    ours = (f"feed-{kind.name}:", f"host-{kind.name}:")
    for name in sorted(standing):
        if (name == of_all or name.startswith(ours)) and name not in now:
            yield name


def _many(kind: _Kind, matter: str, troubled: Sequence[_Trouble], hosts: int) -> OpsNotice:
    count, first = len(troubled), [one.url for one in troubled[:_NAMED]]
    more = f" and {count - _NAMED} more" if count > _NAMED else ""
    where = f"of {troubled[0].host}" if hosts == 1 else f"of {hosts} hosts"
    return OpsNotice(
        matter,
        f"{count} feeds {kind.of_many}",
        f"{count} feeds {where} {kind.of_many}: {', '.join(first)}{more}.",
        f"{kind.remedy} `wirewatch feeds list` has them all.",
    )


def _span(seconds: float) -> str:
    """A time as people say it."""
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"
