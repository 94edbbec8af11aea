"""Counts over the whole store, for the status line, `wirewatch status` and the watchdog."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, case, func, or_, select

from worker.errors import Reason
from worker.hosts import Errand
from worker.store import _tables as t
from worker.store.database import database_time
from worker.store.hosts import shut_hosts
from worker.store.leases import FEEDS, NOW, QUEUES, Backlog, backlog, due


@dataclass(frozen=True, slots=True)
class Overview:
    """The store at a glance; `queues` by stage: poll, ingest, deliver.

    `feeds_offline` are those that wait for our own network to come back, `dead` are alerts that
    were given up, `channels_resting` those that fail and are left alone for a while.
    """

    feeds: int
    feeds_failing: int
    feeds_stopped: int
    feeds_offline: int
    polls: int
    articles: int
    stories: int
    matches: int
    alerts: int
    delivered: int
    channels_stopped: int
    channels_resting: int
    dead: int
    queues: dict[str, Backlog]


def overview(db: Connection) -> Overview:
    """Count everything; a few milliseconds up to some 100,000 articles."""

    def count(query: object) -> int:
        return int(db.execute(query).scalar_one())  # type: ignore[call-overload]

    feed, channel = t.feed.c, t.channel.c
    return Overview(
        feeds=count(select(func.count()).where(FEEDS.workable)),
        feeds_failing=count(select(func.count()).where(FEEDS.workable, feed.failures > 0)),
        feeds_stopped=count(select(func.count()).where(feed.enabled, feed.stopped)),
        feeds_offline=count(
            select(func.count()).where(FEEDS.workable, feed.reason == Reason.OFFLINE)
        ),
        polls=count(select(func.coalesce(func.sum(feed.polls), 0))),
        articles=count(select(func.count()).select_from(t.article)),
        stories=count(select(func.count()).select_from(t.story)),
        matches=count(select(func.count()).select_from(t.match)),
        alerts=count(select(func.count()).select_from(t.alert)),
        delivered=count(select(func.count()).where(t.alert.c.delivered_at.is_not(None))),
        channels_stopped=count(select(func.count()).where(channel.enabled, channel.stopped)),
        channels_resting=count(
            select(func.count()).where(
                channel.enabled, ~channel.stopped, channel.paused_until.is_not(None)
            )
        ),
        dead=count(select(func.count()).where(t.alert.c.dead_at.is_not(None))),
        queues={stage: backlog(db, queue) for stage, queue in QUEUES.items()},
    )


def overdue_s(db: Connection, stages: set[str]) -> float:
    """Seconds that the longest waiting piece of work of `stages` has been due and unheld.

    What waits for a host that is being asked, or is left alone for a while, waits rightly; behind
    others of its host it is late by no more than that host has been.
    """
    waits = [0.0]
    now = database_time(db)
    for stage in stages:
        oldest = db.execute(_OLDEST[stage], {"now": now, "soon": now, **_ONE}).scalar_one()
        if oldest is not None:
            waits.append((now - oldest).total_seconds())
    return max(waits)


def _oldest(stage: str, errand: Errand | None = None) -> Select[tuple[Any]]:
    queue = QUEUES[stage]
    row, host = queue.table.c, t.host.c
    if errand is None:
        return select(func.min(row.due_at)).where(due(queue))
    free_at = host.poll_free_at if errand is Errand.POLL else host.page_free_at
    since = case((free_at > row.due_at, free_at), else_=row.due_at)
    return (
        select(func.min(since))
        .select_from(queue.table.outerjoin(t.host, host.name == row.host))
        .where(due(queue), or_(row.host.is_(None), row.host.not_in(shut_hosts(errand))))
        .where(since <= NOW)
    )


_ONE = {"connections": 1, "pages": 1}
_OLDEST = {
    "poll": _oldest("poll", Errand.POLL),
    "ingest": _oldest("ingest", Errand.PAGE),
    "deliver": _oldest("deliver"),
}
