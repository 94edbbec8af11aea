"""Feeds that have moved for good: to a new address, or onto a feed that is watched already."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from worker.hosts import host_key
from worker.store import _tables as t

_feed = t.feed.c


def move_feed(db: Connection, feed_id: int, to: str, now: datetime) -> int:
    """Give a feed its new address; if another feed has it, the two become that one.

    History is kept: sightings, troubles, and every address that led here. Returns the id of the
    feed that goes on.
    """
    columns = (_feed.id, _feed.url, _feed.title, _feed.site_url, _feed.category, _feed.source,
               _feed.polls, _feed.enabled)  # fmt: skip
    old = db.execute(select(*columns).where(_feed.id == feed_id)).one()
    if old.url == to:
        return feed_id
    other = db.execute(select(*columns).where(_feed.url == to).with_for_update()).first()
    if other is None:
        values: dict[str, Any] = {"url": to, "host": host_key(to)} | _FORGET_THE_MOVE
        db.execute(update(t.feed).where(_feed.id == feed_id).values(values))
        _remember(db, old.url, feed_id, now)
        return feed_id
    _merge(db, old, other)
    _remember(db, old.url, other.id, now)
    return int(other.id)


_FORGET_THE_MOVE = {"moved_to": None, "moved_polls": 0, "moved_since": None}


def _remember(db: Connection, url: str, feed_id: int, now: datetime) -> None:
    new = db.execute(select(_feed.url).where(_feed.id == feed_id)).scalar_one()
    # A feed that moves back is watched under that address again, not once at it.
    db.execute(delete(t.alias).where(t.alias.c.url.in_([url, new])))
    db.execute(insert(t.alias).values(url=url, feed_id=feed_id, moved_at=now))


def _merge(db: Connection, old: Any, other: Any) -> None:
    """Let `other` take over all that hangs on `old`, and `old` be no more."""
    sighting = t.sighting.c
    known = select(sighting.guid).where(sighting.feed_id == other.id)
    db.execute(delete(t.sighting).where(sighting.feed_id == old.id, sighting.guid.in_(known)))
    trouble = t.trouble.c
    counted = select(trouble.reason).where(trouble.feed_id == other.id)
    db.execute(delete(t.trouble).where(trouble.feed_id == old.id, trouble.reason.in_(counted)))
    for table in (t.sighting, t.article, t.alias, t.trouble):
        db.execute(update(table).where(table.c.feed_id == old.id).values(feed_id=other.id))
    listed = "file" if "file" in (old.source, other.source) else other.source
    db.execute(
        update(t.feed)
        .where(_feed.id == other.id)
        .values(
            enabled=old.enabled or other.enabled,
            source=listed,
            title=other.title or old.title,
            site_url=other.site_url or old.site_url,
            category=other.category or old.category,
            polls=other.polls + old.polls,
        )
    )
    db.execute(delete(t.feed).where(_feed.id == old.id))
