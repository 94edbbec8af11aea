"""Claiming and releasing work: the same few statements for feeds, articles and alerts.

A claim hands out rows that are due and not held, and marks them with one random token. Every
later write about them must show that token: a worker whose lease ran out writes nothing.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Executable,
    FromClause,
    Select,
    Table,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
    update,
)

from worker.models import UtcDateTime
from worker.store import _tables as t
from worker.store.database import database_time


@dataclass(frozen=True, slots=True)
class Queue:
    """A table that is a work queue, and which of its rows may be worked on at all."""

    table: Table
    workable: ColumnElement[bool]


NOW = bindparam("now", type_=UtcDateTime())
_channel = t.channel.c
open_channel = and_(
    _channel.enabled,
    ~_channel.stopped,
    or_(_channel.paused_until.is_(None), _channel.paused_until <= NOW),
)
FEEDS = Queue(t.feed, and_(t.feed.c.enabled, ~t.feed.c.stopped))
ARTICLES = Queue(t.article, true())
# What waits while its channel rests waits rightly.
ALERTS = Queue(t.alert, t.alert.c.channel_id.in_(select(_channel.id).where(open_channel)))
QUEUES = {"poll": FEEDS, "ingest": ARTICLES, "deliver": ALERTS}


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much of a queue is due, and how many seconds the oldest due row has waited unheld."""

    due: int
    leased: int
    oldest_wait_s: float


def due(queue: Queue) -> ColumnElement[bool]:
    """What of a queue can be worked on, as far as the queue itself can tell.

    With the parameter `now`, the database's own time: unlike its running clock, a moment is
    something that indexes can be searched for.
    """
    return and_(unheld(queue.table), queue.workable)


def unheld(table: FromClause) -> ColumnElement[bool]:
    """What of a queue's rows has come due and is held by nobody, workable or not."""
    row = table.c
    return and_(row.due_at <= NOW, or_(row.leased_until.is_(None), row.leased_until < NOW))


def claiming(queue: Queue, columns: Iterable[ColumnElement[Any]]) -> Executable:
    """The statement for `claim`: made once, for to make it costs more than to run it."""
    row = queue.table.c
    longest_due = select(row.id).order_by(row.due_at).limit(bindparam("wanted"))
    return taking(queue, longest_due, columns)


def taking(
    queue: Queue, rows: Select[tuple[Any]], columns: Iterable[ColumnElement[Any]], **values: Any
) -> Executable:
    """The statement for `take`, of what is due among `rows`; it also sets `values`."""
    row = queue.table.c
    # A CTE that locks runs exactly once by definition; for a subquery, that the limit holds would
    # hang on the planner never choosing to scan it again.
    free = rows.where(due(queue)).with_for_update(of=queue.table, skip_locked=True).cte("free")
    lease = {"leased_until": bindparam("until", type_=UtcDateTime()), "lease_token": _TOKEN}
    return (
        update(queue.table)
        .where(row.id.in_(select(free.c.id)))
        .values(attempts=row.attempts + 1, **lease, **values)
        .returning(*columns)
    )


_TOKEN: BindParameter[int] = bindparam("token", type_=BigInteger())


def claim(
    db: Connection, statement: Executable, limit: int, lease_s: float
) -> tuple[int, list[Any]]:
    """Take up to `limit` due rows for `lease_s` seconds, the longest due first.

    Returns the token and, for each row, the columns that the statement was made for, `attempts`
    counted up.
    """
    return take(db, statement, database_time(db), lease_s, wanted=limit)


def take(
    db: Connection, statement: Executable, now: datetime, lease_s: float, **told: Any
) -> tuple[int, list[Any]]:
    """Take rows that are still due at `now`, and that nobody else is taking in this moment."""
    token = secrets.randbits(62)
    until = now + timedelta(seconds=lease_s)
    taken = db.execute(statement, {"now": now, "until": until, "token": token, **told})
    return token, list(taken)


def release(db: Connection, queue: Queue, held: Iterable[tuple[int, int]]) -> None:
    """Give (row id, token) pairs back untouched: due at once, this claim not counted."""
    row = queue.table.c
    for row_id, token in sorted(held):
        db.execute(
            update(queue.table)
            .where(row.id == row_id, row.lease_token == token)
            .values(leased_until=None, lease_token=None, attempts=row.attempts - 1)
        )


def backlog(db: Connection, queue: Queue) -> Backlog:
    """What is due, what is held, and how long the oldest due row has waited, on one clock."""
    now, row = database_time(db), queue.table.c
    waiting, oldest = db.execute(
        select(func.count(), func.min(row.due_at)).where(due(queue)), {"now": now}
    ).one()
    leased = db.execute(
        select(func.count()).select_from(queue.table).where(row.leased_until >= now)
    ).scalar_one()
    wait = (now - oldest).total_seconds() if oldest else 0.0
    return Backlog(due=waiting, leased=leased, oldest_wait_s=max(0.0, wait))
