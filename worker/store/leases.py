"""Claiming and releasing work: the same few statements for feeds, articles and alerts.

A claim hands out rows that are due and not held, and marks them with one random token. Every
later write about them must show that token: a worker whose lease ran out writes nothing.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, or_, select, true, update

from worker.store import _tables as t
from worker.store.database import clock


@dataclass(frozen=True, slots=True)
class Queue:
    """A table that is a work queue, and which of its rows may be worked on at all.

    `looked_at` are columns that decide on a claim where a host cannot be asked at once.
    """

    table: Table
    workable: ColumnElement[bool]
    looked_at: tuple[str, ...] = ()


_open_channels = select(t.channel.c.id).where(t.channel.c.enabled, ~t.channel.c.stopped)
FEEDS = Queue(t.feed, and_(t.feed.c.enabled, ~t.feed.c.stopped))
ARTICLES = Queue(t.article, true(), looked_at=("story_id", "page_tries"))
ALERTS = Queue(t.alert, t.alert.c.channel_id.in_(_open_channels))
QUEUES = {"poll": FEEDS, "ingest": ARTICLES, "deliver": ALERTS}


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much of a queue is due, and how many seconds the oldest due row has waited unheld."""

    due: int
    leased: int
    oldest_wait_s: float


def _free(queue: Queue) -> ColumnElement[bool]:
    row = queue.table.c
    unheld = or_(row.leased_until.is_(None), row.leased_until < clock())
    return and_(row.due_at <= clock(), unheld, queue.workable)


def claim(
    db: Connection, queue: Queue, limit: int, lease_s: float, columns: Iterable[ColumnElement[Any]]
) -> tuple[int, list[Any]]:
    """Take up to `limit` due rows for `lease_s` seconds, the longest due first.

    Returns the token and, for each row, the `columns` asked for, `attempts` counted up.
    """
    token = secrets.randbits(62)
    row = queue.table.c
    due = select(row.id).where(_free(queue)).order_by(row.due_at).limit(limit)
    # A CTE that locks runs exactly once by definition; for a subquery, that the limit holds would
    # hang on the planner never choosing to scan it again.
    locked = due.with_for_update(of=queue.table, skip_locked=True).cte("locked")
    taken = db.execute(
        update(queue.table)
        .where(row.id.in_(select(locked.c.id)))
        .values(leased_until=clock(lease_s), lease_token=token, attempts=row.attempts + 1)
        .returning(*columns)
    )
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
    row = queue.table.c
    due, oldest, now = db.execute(
        select(func.count(), func.min(row.due_at), clock()).where(_free(queue))
    ).one()
    leased = db.execute(
        select(func.count()).select_from(queue.table).where(row.leased_until >= clock())
    ).scalar_one()
    wait = (now - oldest).total_seconds() if oldest else 0.0
    return Backlog(due=due, leased=leased, oldest_wait_s=max(0.0, wait))
