"""Hosts: their turns while they are locked, how asking them went, and what their pages have told.

Locks are taken in the order of names, and claims pass over hosts that somebody else has locked:
nobody ever waits in a circle.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, union_all, update

from worker.records import HostOutcome, HostState
from worker.robots import RobotsCopy
from worker.store import _tables as t
from worker.store._insert import insert_missing

_host = t.host.c
_TURNS = ("page_free_at", "page_tail_at", "poll_tail_at")
_STATE = ("name", *_TURNS, "paused_until", "failures", "crawl_delay_s")


def lock_hosts(
    db: Connection, names: Iterable[str], now: datetime, *, wait: bool = False
) -> dict[str, HostState]:
    """The hosts of these names, held by this transaction, with the requests that are under way.

    Without `wait`, hosts that another transaction holds are left out.
    """
    wanted = sorted({name for name in names if name})
    found = _lock(db, wanted, wait=wait)
    if missing := [name for name in wanted if name not in found]:
        new = insert_missing(db, t.host, [_new(name) for name in missing])
        if new or wait:
            found |= _lock(db, missing, wait=wait)
    held = _held(db, found, now) if found else {}
    return {name: HostState(held=held.get(name, 0), **row) for name, row in found.items()}


def _lock(db: Connection, names: Sequence[str], *, wait: bool) -> dict[str, dict[str, Any]]:
    rows = db.execute(
        select(*(_host[column] for column in _STATE))
        .where(_host.name.in_(names))
        .order_by(_host.name)
        .with_for_update(skip_locked=not wait)
    )
    return {row.name: dict(row._mapping) for row in rows}


def _new(name: str) -> dict[str, Any]:
    return {"name": name, "failures": 0, "detail": "", "lines": {}}


def _held(db: Connection, names: Iterable[str], now: datetime) -> dict[str, int]:
    """Requests under way by host: what is leased and was due; the rest has no request."""
    held: dict[str, int] = {}
    counts = union_all(
        *(
            select(table.c.host, func.count().label("held"))
            .where(table.c.leased_until > now, table.c.due_at <= now, table.c.host.in_(names))
            .group_by(table.c.host)
            for table in (t.feed, t.article)
        )
    )
    for host, count in db.execute(counts):
        held[host] = held.get(host, 0) + int(count)
    return held


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


def note_outcomes(
    db: Connection,
    outcomes: Iterable[HostOutcome | None],
    now: datetime,
    decide: Callable[[HostState, HostOutcome], HostState],
) -> None:
    """Let hosts know how requests to them went; `decide` is the rule for what follows."""
    told = [outcome for outcome in outcomes if outcome is not None and outcome.host]
    if not told:
        return
    states = lock_hosts(db, (outcome.host for outcome in told), now, wait=True)
    reasons: dict[str, HostOutcome] = {}
    for outcome in told:
        states[outcome.host] = decide(states[outcome.host], outcome)
        reasons[outcome.host] = outcome
    for name, outcome in sorted(reasons.items()):
        db.execute(
            update(t.host)
            .where(_host.name == name)
            .values(
                failures=states[name].failures,
                paused_until=states[name].paused_until,
                reason=outcome.reason if states[name].failures else None,
                detail=outcome.detail if states[name].failures else "",
            )
        )


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


_ROBOTS = tuple(field.name for field in fields(RobotsCopy))


def keep_robots(db: Connection, host: str, copy: RobotsCopy, crawl_delay_s: float | None) -> None:
    """Store a host's robots.txt, and the distance between pages that it asks for."""
    insert_missing(db, t.host, [_new(host)])
    values = {f"robots_{name}": getattr(copy, name) for name in _ROBOTS}
    db.execute(
        update(t.host).where(_host.name == host).values(crawl_delay_s=crawl_delay_s, **values)
    )


def list_hosts(db: Connection, *, limit: int) -> list[dict[str, Any]]:
    """Hosts in trouble first, then by name."""
    shown = (
        "name",
        "failures",
        "paused_until",
        "reason",
        "detail",
        "crawl_delay_s",
        "robots_asked_at",
    )
    rows = db.execute(
        select(*(_host[column] for column in shown))
        .order_by(_host.failures.desc(), _host.name)
        .limit(limit)
    )
    return [dict(row._mapping) for row in rows]
