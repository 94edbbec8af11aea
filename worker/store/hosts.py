"""Hosts: their turns while they are locked, how asking them went, and what their pages have told.

Claims pass over hosts that somebody else has locked; all others take their locks in the order of
names, after those on feeds and articles. So nobody ever waits in a circle.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Connection,
    Select,
    SelectBase,
    Table,
    bindparam,
    exists,
    func,
    literal,
    select,
    true,
    union_all,
    update,
)

from worker import robots
from worker.hosts import FAILS_AS_A_WHOLE, Errand
from worker.records import HostOutcome, HostState
from worker.robots import RobotsCopy
from worker.store import _tables as t
from worker.store._insert import insert_missing
from worker.store.database import database_time
from worker.store.leases import ARTICLES, FEEDS, NOW, due

_host = t.host.c
_TURNS = ("page_free_at", "page_asked_at", "page_tail_at")
_STATE = ("name", *_TURNS, "poll_free_at", "paused_until", "failures", "crawl_delay_s")
_ROBOTS = tuple(field.name for field in fields(RobotsCopy))


def add_hosts(db: Connection, names: Iterable[str]) -> None:
    """Make hosts known. To be done before any host is locked: it may have to wait."""
    insert_missing(db, t.host, [_new(name) for name in sorted(set(names))])


def _new(name: str) -> dict[str, Any]:
    return {"name": name, "failures": 0, "detail": "", "lines": {}}


# ---- what is under way, and where nothing may be asked now


def _asked(table: Table) -> Select[tuple[str]]:
    """The host of every row that has a request under way.

    A lease is at the same time the place that its request takes at the host: it is free again the
    moment the row is settled or released, or its lease has run out. Only an article that is judged
    while its page has to wait asks for nothing.
    """
    row = table.c
    asking = row.page_at.is_(None) if table is t.article else true()
    return select(row.host).where(row.leased_until > NOW, row.host.is_not(None), asking)


def shut_hosts(errand: Errand) -> CompoundSelect[tuple[str]]:
    """Names of hosts that are paused, or are asked for as much as they may be.

    With the parameters `connections` and, for pages, `pages` at once, and `soon`, until when the
    next page's turn must have come. `hosts.take_turns` has the last word on the others. Hosts that
    only a feed's first poll may be made of are not among them (`polled_hosts`).
    """
    polls, pages = _asked(t.feed), _asked(t.article)
    both = union_all(polls, pages)
    paused = select(_host.name).where(_host.paused_until > NOW)
    probed = select(_host.name).where(
        _host.failures >= FAILS_AS_A_WHOLE, _host.name.in_(both.subquery().select())
    )
    shut = [paused, probed, _with(both, "connections")]
    if errand is Errand.PAGE:
        soon_again = select(_host.name).where(_host.page_free_at > bindparam("soon"))
        first = select(_host.name).where(
            _host.robots_asked_at.is_(None), _host.name.in_(pages.subquery().select())
        )
        shut += [soon_again, first, _with(pages, "pages")]
    return union_all(*shut)


def polled_hosts() -> Select[tuple[str]]:
    """Names of hosts that were polled so lately that another poll must wait."""
    return select(_host.name).where(_host.poll_free_at > NOW)


def _with(asked: SelectBase, so_many: str) -> Select[tuple[str]]:
    host = asked.subquery().c.host
    return select(host).group_by(host).having(func.count() >= bindparam(so_many))


# ---- turns


_NAMES: BindParameter[str] = bindparam("names", expanding=True)
_STATES = (
    select(*(_host[name] for name in (*_STATE, "robots_asked_at", "robots_failing_since")))
    .where(_host.name.in_(_NAMES))
    .order_by(_host.name)
)
_LOCK_FREE, _LOCK = _STATES.with_for_update(skip_locked=True), _STATES.with_for_update()
_POLLS, _PAGES = (
    _asked(table)
    .where(table.c.host.in_(_NAMES))
    .add_columns(literal(kind), func.count())
    .group_by(table.c.host)
    for kind, table in (("polls", t.feed), ("pages", t.article))
)
_WAITS = select(_host.name, literal("waits"), literal(1)).where(
    _host.name.in_(_NAMES), exists().where(t.article.c.host == _host.name, due(ARTICLES))
)
_UNDER_WAY = {
    Errand.POLL: union_all(_POLLS, _PAGES, _WAITS),
    Errand.PAGE: union_all(_POLLS, _PAGES),
}


def lock_hosts(
    db: Connection, names: Iterable[str], now: datetime, errand: Errand
) -> dict[str, HostState]:
    """The hosts of these names, held by this transaction, with what is under way there.

    For who wants to poll they also tell where pages are waiting. Hosts that another transaction
    holds are left out.
    """
    rows = db.execute(_LOCK_FREE, {"names": sorted(set(names))}).all()
    if not rows:
        return {}
    counts: dict[str, dict[str, Any]] = defaultdict(dict)
    seen = {"names": [row.name for row in rows], "now": now}
    for name, kind, count in db.execute(_UNDER_WAY[errand], seen):
        if kind == "waits":
            counts[name]["page_waits"] = True
        else:
            counts[name][kind] = count
    return {row.name: _state(row, **counts[row.name]) for row in rows}


def _locked(db: Connection, names: Iterable[str]) -> dict[str, HostState]:
    rows = db.execute(_LOCK, {"names": sorted(set(names))})
    return {row.name: _state(row) for row in rows}


def _state(row: Any, **counts: Any) -> HostState:
    *values, asked_at, failing_since = row
    due_at = None
    if asked_at is not None:
        due_at = robots.due_at(RobotsCopy("", asked_at, failing_since=failing_since))
    known = dict(zip(_STATE, values, strict=True))
    return HostState(**known, robots_due_at=due_at, **counts)


_SAVE_TURNS = (
    update(t.host)
    .where(_host.name == bindparam("b_name"))
    .values({column: bindparam(f"b_{column}") for column in _TURNS})
)


def save_turns(db: Connection, states: Iterable[HostState]) -> None:
    """Write the turns that were given away, of hosts that this transaction holds."""
    rows = [
        {f"b_{column}": getattr(state, column) for column in ("name", *_TURNS)} for state in states
    ]
    if rows:
        db.execute(_SAVE_TURNS, rows)


def poll_line(db: Connection, feed: Mapping[str, Any]) -> tuple[datetime | None, int]:
    """When the host of a feed (its `host` and `due_at`) may be polled next, and how many other
    feeds of it are due before that one.
    """
    free_at = db.scalar(select(_host.poll_free_at).where(_host.name == feed["host"]))
    before = select(func.count()).where(
        t.feed.c.host == feed["host"],
        t.feed.c.due_at < feed["due_at"],
        t.feed.c.polled_at.is_not(None),
        due(FEEDS),
    )
    return free_at, int(db.scalar(before, {"now": database_time(db)}) or 0)


def save_poll_slots(db: Connection, states: Iterable[HostState]) -> None:
    """Write when each host may be polled next, of hosts that this transaction holds."""
    names: dict[datetime, list[str]] = defaultdict(list)
    for state in states:
        if state.poll_free_at is not None:
            names[state.poll_free_at].append(state.name)
    for at, together in names.items():
        db.execute(_SAVE_POLL_SLOTS, {"b_at": at, "names": together})


# Those of one claim have one slot: a statement for all of them costs less than one for each.
_SAVE_POLL_SLOTS = (
    update(t.host).where(_host.name.in_(_NAMES)).values(poll_free_at=bindparam("b_at"))
)


def take_page_turn(
    db: Connection,
    name: str,
    decide: Callable[[HostState, datetime], tuple[HostState, datetime]],
) -> float:
    """Seconds until a request for a page, which is ready to leave, may do so by the rule `decide`.

    They are counted by the database's clock: workers' clocks may differ.
    """
    states = _locked(db, [name])
    if not states:
        return 0.0
    now = database_time(db)
    state, at = decide(states[name], now)
    save_turns(db, [state])
    return (at - now).total_seconds()


# ---- how asking them went


def hold_hosts(db: Connection, names: Iterable[str]) -> None:
    """Lock hosts, in order, that several of the functions below are to change."""
    if names := list(names):
        _locked(db, names)


def note_outcomes(
    db: Connection,
    outcomes: Iterable[HostOutcome | None],
    decide: Callable[[HostState, HostOutcome], HostState],
) -> None:
    """Let hosts know how requests to them went; `decide` is the rule for what follows."""
    told = [outcome for outcome in outcomes if outcome is not None]
    states = _locked(db, (outcome.host for outcome in told)) if told else {}
    last: dict[str, HostOutcome] = {}
    for outcome in told:
        if outcome.host not in states:
            continue
        after = decide(states[outcome.host], outcome)
        if after != states[outcome.host]:
            states[outcome.host], last[outcome.host] = after, outcome
    for name, outcome in last.items():
        db.execute(
            update(t.host)
            .where(_host.name == name)
            .values(
                failures=states[name].failures,
                paused_until=states[name].paused_until,
                reason=outcome.reason,
                detail=outcome.detail,
            )
        )


# ---- what their pages have told


def learn_lines(
    db: Connection,
    seen: Sequence[tuple[str, Sequence[str]]],
    learn: Callable[[Mapping[str, Any], Sequence[str]], Mapping[str, Any]],
) -> None:
    """Let hosts learn from pages, given as (host, keys of its lines), by the rule `learn`."""
    for host, keys in sorted(seen, key=lambda one: one[0]):
        row = db.execute(
            select(_host.id, _host.lines).where(_host.name == host).with_for_update()
        ).first()
        if row is not None:
            learnt = learn(row.lines, keys)
            if learnt != row.lines:
                db.execute(update(t.host).where(_host.id == row.id).values(lines=dict(learnt)))


def robots_of(db: Connection, host: str) -> RobotsCopy | None:
    """The host's robots.txt as it was last had, None if it was never asked for."""
    row = db.execute(select(*(_host[f"robots_{f}"] for f in _ROBOTS)).where(_host.name == host))
    found = row.first()
    if found is None or found.robots_asked_at is None:
        return None
    text, *times = found
    return RobotsCopy(text or "", *times)


def keep_robots(db: Connection, host: str, copy: RobotsCopy, crawl_delay_s: float | None) -> None:
    """Store a host's robots.txt, and the distance between pages that it asks for."""
    add_hosts(db, [host])
    values = {f"robots_{name}": getattr(copy, name) for name in _ROBOTS}
    db.execute(
        update(t.host).where(_host.name == host).values(crawl_delay_s=crawl_delay_s, **values)
    )
