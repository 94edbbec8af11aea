"""Alerts as people and receivers come back to them: shown, exported, sent once more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select

from worker.errors import NotFoundError
from worker.records import Owed
from worker.store import _lock
from worker.store import _tables as t
from worker.store.alerts import owe_alerts, state_of

_alert, _channel = t.alert.c, t.channel.c
_TOLD = (
    _alert.id, _alert.webhook_id, _alert.kind, _alert.occasion, t.topic.c.name.label("topic"),
    _channel.name.label("channel"), _alert.created_at, _alert.delivered_at, _alert.due_at,
    _alert.fold_at, _alert.digest_id, _alert.dead_at, _alert.replay_of, _alert.attempts,
    _alert.reason, _alert.detail, _alert.body,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Which:
    """Alerts made since a time, of a topic, to a channel; None: whenever, any."""

    since: datetime | None = None
    topic: str | None = None
    channel: str | None = None


def show_alert(db: Connection, alert_id: int) -> dict[str, Any]:
    """One alert with all its attempts, the first first; raises NotFoundError."""
    row = db.execute(_alerts().where(_alert.id == alert_id)).first()
    if row is None:
        raise NotFoundError(f"There is no alert {alert_id}. See `wirewatch alerts list`.")
    attempts = db.execute(
        select(t.attempt).where(t.attempt.c.alert_id == alert_id).order_by(t.attempt.c.id)
    )
    shown = dict(row._mapping) | {"state": state_of(row)}
    return shown | {"attempts": [dict(one._mapping) for one in attempts]}


def export_horizon(db: Connection) -> int:
    """The newest alert behind which nothing can turn up any more, in a transaction of its own.

    Whoever owes alerts shares a lock from before their ids are given out until they are committed.
    To hold it alone for a moment is to have waited for them all, and later ids are greater.
    """
    _lock.take(db, _lock.OWING)
    return int(db.execute(select(func.coalesce(func.max(_alert.id), 0))).scalar_one())


def export_alerts(
    db: Connection, after: int, until: int, limit: int, which: Which
) -> list[dict[str, Any]]:
    """Up to `limit` alerts behind `after`, as far as `until`, the oldest first."""
    behind = (_alert.id > after, _alert.id <= until, *_conditions(db, which))
    rows = db.execute(_alerts().where(*behind).order_by(_alert.id).limit(limit))
    return [dict(row._mapping) | {"state": state_of(row)} for row in rows]


def replay_alerts(
    db: Connection,
    run: str,
    after: int,
    limit: int,
    which: Which,
    marked: Callable[[str, str], str],
    now: datetime,
) -> tuple[int, int | None]:
    """Owe once more up to `limit` alerts that were delivered, behind `after`.

    Each under an id of its own, made of `run` (unique over all installations), so that the same
    call twice owes them once. `marked` gives the new body for an old one and its id. Returns how
    many, and where to go on (None: that was all).
    """
    rows = db.execute(
        select(t.alert)
        .join(t.channel, _channel.id == _alert.channel_id)
        .where(
            _alert.id > after,
            _alert.delivered_at.is_not(None),
            _alert.kind.in_(("alert", "digest")),
            _channel.enabled,
            *_conditions(db, which),
        )
        .order_by(_alert.id)
        .limit(limit)
    ).all()
    owed = [
        Owed(
            row.topic_id,
            row.story_id,
            row.channel_id,
            row.article_id,
            f"msg_{run}_{row.id}",
            marked(row.body, row.webhook_id),
            kind="replay",
            occasion=f"{row.occasion}-replay-{run}-{row.id}",
            due_at=now,
            replay_of=row.id,
        )
        for row in rows
    ]
    owe_alerts(db, owed, now)
    return len(rows), rows[-1].id if len(rows) == limit else None


def _alerts() -> Select[tuple[Any, ...]]:
    return (
        select(*_TOLD)
        .join(t.channel, _channel.id == _alert.channel_id)
        .outerjoin(t.topic, t.topic.c.id == _alert.topic_id)
    )


def _conditions(db: Connection, which: Which) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if which.since is not None:
        found.append(_alert.created_at >= which.since)
    if which.topic is not None:
        found.append(_alert.topic_id == _id_of(db, t.topic, which.topic))
    if which.channel is not None:
        found.append(_alert.channel_id == _id_of(db, t.channel, which.channel))
    return found


def _id_of(db: Connection, table: Table, name: str) -> int:
    found = db.execute(select(table.c.id).where(table.c.name == name)).scalar()
    if found is None:
        names = db.execute(select(table.c.name).order_by(table.c.name).limit(20)).scalars()
        there = ", ".join(names) or "none"
        raise NotFoundError(f"There is no {table.name} {name!r}; there are {there}.")
    return int(found)
