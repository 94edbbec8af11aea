"""Alerts claimed for delivery, fairly among their channels, and settled by what was answered."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Executable,
    FromClause,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    text,
    true,
    update,
)

from worker.errors import NotFoundError, Reason
from worker.records import ChannelState, ClaimedAlert, Delivery
from worker.store import _lock, leases
from worker.store import _tables as t
from worker.store.database import as_text, clock, database_time
from worker.store.leases import NOW
from worker.store.notices import give_notice

Judge = Callable[[ChannelState, Sequence[Delivery]], ChannelState]

_alert, _channel = t.alert.c, t.channel.c
_BOUND: BindParameter[int] = bindparam("bound")


# ---- claims


def claim_alerts(
    db: Connection, limit: int, lease_s: float, per_channel: int
) -> list[ClaimedAlert]:
    """Lease up to `limit` alerts that are due, the oldest of each channel first.

    No channel gets more than `per_channel` of them held at once, by all workers together, one that
    has failed so many fewer, and one that rests none. Each channel's first comes before any other's
    second, so that none waits for the backlog of another.
    """
    # Who is held by whom is counted by one worker at a time: two at once would both find room.
    _lock.take(db, _lock.DELIVERING)
    now = database_time(db)
    statement = _CLAIM[db.dialect.name]
    token, rows = leases.take(db, statement, now, lease_s, wanted=limit, bound=per_channel)
    if not rows:
        return []
    asked = {"channels": sorted({row.channel_id for row in rows})}
    channels = {row.id: row for row in db.execute(_CHANNELS, asked)}
    return [
        ClaimedAlert(
            id=row.id,
            token=token,
            channel_id=row.channel_id,
            channel_name=channels[row.channel_id].name,
            kind=channels[row.channel_id].kind,
            config=channels[row.channel_id].config,
            webhook_id=row.webhook_id,
            body=row.body,
            attempts=row.attempts,
        )
        for row in sorted(rows, key=lambda row: row.id)  # RETURNING promises no order
    ]


_ASKED: BindParameter[int] = bindparam("channels", expanding=True)
_CHANNELS = select(_channel.id, _channel.name, _channel.kind, _channel.config).where(
    _channel.id.in_(_ASKED)
)


def _claiming(dialect: str) -> Executable:
    held = (
        select(_alert.channel_id, func.count().label("count"))
        .where(_alert.leased_until >= NOW)
        .group_by(_alert.channel_id)
        .subquery("held")
    )
    first = _first_of_each(t.channel.outerjoin(held, held.c.channel_id == _channel.id), dialect)
    turn = func.row_number().over(partition_by=_channel.id, order_by=first.id)
    places = (
        select(
            first.id.label("id"),
            (func.coalesce(held.c.count, 0) + turn).label("turn"),
            case((_channel.failures < _BOUND, _BOUND - _channel.failures), else_=1).label("most"),
        )
        .select_from(first.rows)
        .where(leases.open_channel)
        .subquery("places")
    )
    chosen = (
        select(places.c.id)
        .where(places.c.turn <= places.c.most)
        .order_by(places.c.turn, places.c.id)
        .limit(bindparam("wanted"))
    )
    columns = (_alert.id, _alert.channel_id, _alert.webhook_id, _alert.body, _alert.attempts)
    return leases.taking(leases.ALERTS, select(_alert.id).where(_alert.id.in_(chosen)), columns)


class _First(NamedTuple):
    rows: FromClause
    id: ColumnElement[int]


def _first_of_each(channels: FromClause, dialect: str) -> _First:
    """Channels joined with the oldest alerts that wait for each, as many as it may have at once.

    Each database does it by one look into `ix_alert_waiting` for each channel, if it is asked in
    its own words: SQLite has no LATERAL, and Postgres runs the other form for each pair of rows.
    """
    waiting = t.alert.alias("waiting")
    oldest = (
        select(waiting.c.id)
        .where(waiting.c.channel_id == _channel.id, leases.unheld(waiting))
        .order_by(waiting.c.id)
        .limit(_BOUND)
        .correlate(t.channel)
    )
    if dialect == "postgresql":
        first = oldest.lateral("first")
        return _First(channels.join(first, true()), first.c.id)
    head = t.alert.alias("head")
    return _First(channels.join(head, head.c.id.in_(oldest)), head.c.id)


_CLAIM = {dialect: _claiming(dialect) for dialect in ("postgresql", "sqlite")}


# ---- settling


def settle_deliveries(
    db: Connection, deliveries: Sequence[Delivery], judge: Judge
) -> list[tuple[ChannelState, ChannelState]]:
    """Write what channels answered; an alert whose lease was lost keeps only the attempt.

    The attempt itself is recorded in any case: the message did go out. `judge` says what becomes of
    a channel that has failed, or does so now; returns those states, before and after.
    """
    if not deliveries:
        return []
    ordered = sorted(deliveries, key=lambda one: one.claim.id)
    rows = json.dumps([_told(one, db.dialect.name) for one in ordered])
    for statement in _SETTLE[db.dialect.name]:
        db.execute(statement, {"rows": rows})
    return _judge_channels(db, deliveries, judge)


# Rows come as one text: to bind each of their values costs more than all that is done with them.
_SETTLED = "due_at, delivered_at, dead_at, reason, detail"
_TRIED = "accepted, status, reason, detail, duration_ms, answer, address"
_UPDATE = (
    "UPDATE alert SET leased_until = NULL, lease_token = NULL,"
    f" ({_SETTLED}) = ({', '.join(f'told.{name}' for name in _SETTLED.split(', '))})"
    " FROM told WHERE alert.id = told.id AND alert.lease_token = told.token"
)
_INSERT = f"INSERT INTO delivery_attempt (alert_id, at, {_TRIED}) SELECT id, at, {_TRIED} FROM told"
_TYPES = {
    "id": "bigint", "token": "bigint", "at": "timestamptz", "due_at": "timestamptz",
    "delivered_at": "timestamptz", "dead_at": "timestamptz", "accepted": "boolean",
    "status": "integer", "reason": "text", "detail": "text", "duration_ms": "integer",
    "answer": "text", "address": "text",
}  # fmt: skip
_RECORDS = (
    "WITH told AS (SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS told"
    f" ({', '.join(f'{name} {kind}' for name, kind in _TYPES.items())}))"
)
_OBJECTS = (
    "WITH told AS (SELECT "
    + ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in _TYPES)
    + " FROM json_each(:rows))"
)
_SETTLE = {
    "postgresql": [text(f"{_RECORDS}, settled AS ({_UPDATE}) {_INSERT}")],
    "sqlite": [text(f"{_OBJECTS} {_UPDATE}"), text(f"{_OBJECTS} {_INSERT}")],
}


def _told(one: Delivery, dialect: str) -> dict[str, Any]:
    answer, at = one.answer, as_text(one.at, dialect)
    return {
        "id": one.claim.id,
        "token": one.claim.token,
        "at": at,
        "due_at": as_text(one.due_at, dialect) if one.due_at else None,
        "delivered_at": at if answer.accepted else None,
        "dead_at": None if answer.accepted or one.due_at else at,
        "accepted": answer.accepted,
        "status": answer.status,
        "reason": answer.reason,
        "detail": answer.detail,
        "duration_ms": answer.duration_ms,
        "answer": answer.answer,
        "address": answer.address,
    }


def _judge_channels(
    db: Connection, deliveries: Sequence[Delivery], judge: Judge
) -> list[tuple[ChannelState, ChannelState]]:
    of_channel: dict[int, list[Delivery]] = defaultdict(list)
    for one in deliveries:
        of_channel[one.claim.channel_id].append(one)
    failed = {one.claim.channel_id for one in deliveries if not one.answer.accepted}
    locked = db.execute(_DOUBTFUL, {"channels": sorted(of_channel), "failed": sorted(failed)})
    changed = []
    for row in list(locked):
        before = ChannelState(**row._mapping)
        after = judge(before, of_channel[before.id])
        if after != before:
            states = {name: getattr(after, name) for name in ChannelState.__slots__}
            db.execute(update(t.channel).where(_channel.id == after.id).values(states))
            changed.append((before, after))
    return changed


# A channel that does well is not locked, let alone written.
_DOUBTFUL = (
    select(*(_channel[name] for name in ChannelState.__slots__))
    .where(
        _channel.id.in_(_ASKED),
        or_(_channel.failures > 0, _channel.id.in_(bindparam("failed", expanding=True))),
    )
    .order_by(_channel.id)
    .with_for_update(key_share=True)
)


def recall_alerts(db: Connection, channel_id: int) -> int:
    """Make due what failed while its channel was down, now that it is well; returns how many.

    What was refused for its own sake keeps its time.
    """
    unheld = or_(_alert.leased_until.is_(None), _alert.leased_until < clock())
    failed = update(t.alert).where(
        _alert.channel_id == channel_id,
        _alert.due_at > clock(),
        _alert.reason.in_(_OF_OUTAGES),
        unheld,
    )
    return db.execute(failed.values(due_at=clock())).rowcount


_OF_OUTAGES = (
    Reason.HOST_UNKNOWN,
    Reason.CONNECTION_REFUSED,
    Reason.CONNECTION_LOST,
    Reason.TLS_FAILED,
    Reason.CONNECT_TIMED_OUT,
    Reason.FIRST_BYTE_TIMED_OUT,
    Reason.TIMED_OUT,
    Reason.PROXY_FAILED,
    Reason.NOT_FOUND,
    Reason.ACCESS_DENIED,
    Reason.SERVER_ERROR,
)


def open_channel(db: Connection, name: str, now: datetime) -> None:
    """Open a channel that is stopped or rests; raises NotFoundError where there is none."""
    state = ChannelState(0, name)
    well = {key: getattr(state, key) for key in ChannelState.__slots__ if key not in ("id", "name")}
    opened = update(t.channel).where(_channel.name == name, _channel.enabled).values(well)
    if not db.execute(opened).rowcount:
        raise NotFoundError(f"There is no channel {name!r} in channels.yml.")
    give_notice(db, stopped_matter(name), None, now)


def stopped_matter(name: str) -> str:
    """The matter under which operators are told that a channel was stopped."""
    return f"channel-stopped:{name}"


def purge_attempts(db: Connection, before: datetime, most: int) -> int:
    """Forget attempts made before a time, the oldest first, up to `most`; returns how many."""
    attempt = t.attempt.c
    oldest = select(attempt.id, attempt.at).order_by(attempt.id).limit(most).subquery()
    old = select(oldest.c.id).where(oldest.c.at < before)
    return db.execute(delete(t.attempt).where(attempt.id.in_(old))).rowcount
