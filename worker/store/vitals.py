"""How the daemon is going, for the watch over it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from worker.errors import Reason
from worker.records import FeedVisit, MovedFeed, Vitals, WatchedFeed
from worker.store import _lock
from worker.store import _tables as t
from worker.store._insert import upsert
from worker.store.database import database_time
from worker.store.leases import FEEDS, QUEUES
from worker.store.overview import overdue_s

_feed, _sighting, _tally, _pulse = t.feed.c, t.sighting.c, t.poll_tally.c, t.pulse.c
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
# So many of a feed's last sightings tell how often it brings something.
_SIGHTINGS = 300
_TICK = "tick"


def watch_alone(db: Connection) -> None:
    """Wait until nobody else, in any process, is deciding on what an operator must know."""
    _lock.take(db, _lock.WATCHING)


def note_polls(db: Connection, visits: Sequence[FeedVisit]) -> None:
    """Count settled polls, and those of them that failed, towards the last hour's."""
    counted = [visit for visit in visits if not visit.aside]
    if counted:
        errors = sum(visit.reason is not None for visit in counted)
        at = max(visit.polled_at for visit in counted)
        db.execute(insert(t.poll_tally).values(at=at, polls=len(counted), errors=errors))


def forget_polls(db: Connection, now: datetime) -> None:
    """Drop the counts that no longer say anything of the last hour."""
    db.execute(delete(t.poll_tally).where(_tally.at < now - 2 * _HOUR))


def note_tick(db: Connection) -> None:
    """Note that what a tick asks for is being done."""
    now = database_time(db)
    upsert(db, t.pulse, {"name": _TICK, "at": now}, key=["name"], change={"at": now})


def tick_age_s(db: Connection) -> float | None:
    """Seconds since anybody did what a tick asks for; None: nobody ever has."""
    at = db.execute(select(_pulse.at).where(_pulse.name == _TICK)).scalar()
    return None if at is None else max(0.0, (database_time(db) - at).total_seconds())


def vitals(db: Connection, now: datetime) -> Vitals:
    """How polling and the queues are going: some milliseconds, for it is asked every minute."""
    polls, errors = db.execute(
        select(
            func.coalesce(func.sum(_tally.polls), 0), func.coalesce(func.sum(_tally.errors), 0)
        ).where(_tally.at > now - _HOUR)
    ).one()
    reasons = db.execute(
        select(_feed.reason, func.count())
        .where(FEEDS.workable, _feed.failures > 0, _feed.polled_at > now - _HOUR)
        .group_by(_feed.reason)
    )
    offline = FEEDS.workable & (_feed.reason == Reason.OFFLINE)
    return Vitals(
        feeds=_count(db, FEEDS.workable),
        offline=_count(db, offline),
        polls=int(polls),
        errors=int(errors),
        reasons={str(reason): int(count) for reason, count in reasons},
        waits={stage: overdue_s(db, {stage}) for stage in QUEUES},
        gone=_gone(db),
        moved=_moved(db, now),
    )


def _count(db: Connection, which: ColumnElement[bool]) -> int:
    return int(db.execute(select(func.count()).where(which)).scalar_one())


_WATCHED = (_feed.id, _feed.url, _feed.host, _feed.polled_at, _feed.reason)


def _gone(db: Connection) -> list[WatchedFeed]:
    rows = db.execute(select(*_WATCHED).where(_feed.enabled, _feed.stopped).order_by(_feed.id))
    return [WatchedFeed(*row) for row in rows]


def _moved(db: Connection, now: datetime) -> list[MovedFeed]:
    """The moves of the last day: a move is no trouble that would ever be well again."""
    alias = t.alias.c
    rows = db.execute(
        select(alias.id, alias.url, _feed.url, _feed.host)
        .join(t.feed, _feed.id == alias.feed_id)
        .where(_feed.enabled, alias.moved_at > now - _DAY)
        .order_by(alias.id)
    )
    return [MovedFeed(*row) for row in rows]


def silent_feeds(db: Connection, floor_s: float) -> list[WatchedFeed]:
    """The feeds that had brought nothing for this long at their last poll, without their history.

    Each is one look into an index: some ten thousand feeds take a tenth of a second.
    """
    newest = (
        select(func.max(_sighting.seen_at)).where(_sighting.feed_id == _feed.id).scalar_subquery()
    )
    rows = db.execute(
        select(*_WATCHED, newest.label("newest"))
        .where(FEEDS.workable, _feed.polled_at.is_not(None))
        .order_by(_feed.id)
    )
    floor = timedelta(seconds=floor_s)
    return [
        WatchedFeed(*row[:-1])
        for row in rows
        if row.newest is not None and row.polled_at - row.newest > floor
    ]


def arrivals(db: Connection, feed_ids: Iterable[int]) -> dict[int, tuple[datetime, ...]]:
    """Of each feed when its last polls were that brought a new article, the newest first."""
    return {feed_id: tuple(_apart(_last_seen(db, feed_id))) for feed_id in feed_ids}


def _last_seen(db: Connection, feed_id: int) -> Sequence[datetime]:
    last: Any = (
        select(_sighting.seen_at)
        .where(_sighting.feed_id == feed_id)
        .order_by(_sighting.seen_at.desc())
        .limit(_SIGHTINGS)
    )
    return db.execute(last).scalars().all()


def _apart(times: Iterable[datetime]) -> Iterator[datetime]:
    """What one poll brought arrived once."""
    before = None
    for one in times:
        if one != before:
            yield one
        before = one
