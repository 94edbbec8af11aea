"""Feeds that have moved for good: to a new address, or onto a feed that is watched already."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, delete, insert, select, update
from sqlalchemy.orm import aliased

from worker.feed_options import FeedOptions
from worker.hosts import host_key
from worker.store import _tables as t
from worker.store.push_ends import end_pushes
from worker.urls import same_site

_feed = t.feed.c
_NO_MOVE = {"moved_to": None, "moved_polls": 0, "moved_since": None}


def move_feed(db: Connection, feed_id: int, to: str, now: datetime) -> int:
    """Give a feed its new address; if another feed has it, the two become that one.

    History is kept: sightings, articles, troubles, counts, and every address that led here. Whoever
    is polling the other feed goes on with it; whoever is polling this one writes nothing. Returns
    the id of the feed that goes on.
    """
    old = db.execute(select(t.feed).where(_feed.id == feed_id)).one()
    if old.url == to:
        return feed_id
    other = db.execute(select(t.feed).where(_feed.url == to).with_for_update()).first()
    if other is None:
        values: dict[str, Any] = {"url": to, "host": host_key(to)} | _NO_MOVE
        db.execute(update(t.feed).where(_feed.id == feed_id).values(values))
        _remember(db, old.url, to, feed_id, now)
        return feed_id
    _merge(db, old, other, now)
    _remember(db, old.url, to, other.id, now)
    return int(other.id)


def _remember(db: Connection, url: str, to: str, feed_id: int, now: datetime) -> None:
    # A feed that moves back is watched under that address again, not once at it.
    db.execute(delete(t.alias).where(t.alias.c.url.in_([url, to])))
    db.execute(insert(t.alias).values(url=url, feed_id=feed_id, moved_at=now))


def _merge(db: Connection, old: Any, other: Any, now: datetime) -> None:
    """Let `other` take over all that hangs on `old`, and `old` be no more."""
    _merge_sightings(db, old.id, other.id)
    _merge_troubles(db, old.id, other.id)
    for table in (t.article, t.alias):
        db.execute(update(table).where(table.c.feed_id == old.id).values(feed_id=other.id))
    pushes = db.scalars(select(t.push.c.id).where(t.push.c.feed_id == old.id)).all()
    end_pushes(db, pushes, now)
    db.execute(delete(t.push).where(t.push.c.feed_id == old.id))
    db.execute(delete(t.push_body).where(t.push_body.c.feed_id == old.id))
    db.execute(update(t.feed).where(_feed.id == other.id).values(_merged(old, other)))
    db.execute(delete(t.feed).where(_feed.id == old.id))


def _merged(old: Any, other: Any) -> dict[str, Any]:
    """What `other` is from now on. It has just been read: it neither fails nor is stopped."""
    watched = [feed for feed in (old, other) if feed.enabled]
    options = FeedOptions.from_json(old.options)
    if not same_site(old.url, other.url):
        options = options.for_another_site()
    values = {
        "enabled": bool(watched),
        "stopped": False,
        "failures": 0,
        "reason": None,
        "detail": "",
        "due_at": old.due_at,
        # What feeds.opml once listed and lists no more has no say in what a person added.
        "source": "file" if any(feed.source == "file" for feed in watched) else "command",
        "title": other.title or old.title,
        "site_url": other.site_url or old.site_url,
        "category": other.category or old.category,
        "language": other.language or old.language,
        "options": other.options or options.as_json(),
        "added_at": min(old.added_at, other.added_at),
        "polls": old.polls + other.polls,
        "false_304s": old.false_304s + other.false_304s,
        "gaps": old.gaps + other.gaps,
        "guids_repeat": old.guids_repeat or other.guids_repeat,
    }
    if other.changed_at is None:  # what it is read for the first time is not the first of it
        values["changed_at"] = old.changed_at
    if old.backfill and not other.backfill:
        gap = ("backfill", "backfill_left", "gap_from", "gap_to")
        values |= {name: getattr(old, name) for name in gap}
    return values


def _merge_sightings(db: Connection, old_id: int, other_id: int) -> None:
    """Of two sightings of one article under one guid, one is kept, with the earlier time."""
    row = t.sighting.c

    def under_this_guid(feed_id: int, column: str) -> Any:
        twin = aliased(t.sighting, name="twin").c
        found = select(twin[column]).where(twin.feed_id == feed_id, twin.guid == row.guid)
        return found.correlate(t.sighting).scalar_subquery()

    same = row.article_id == under_this_guid(old_id, "article_id")
    earlier = under_this_guid(old_id, "seen_at")
    db.execute(
        update(t.sighting)
        .where(row.feed_id == other_id, same, earlier < row.seen_at)
        .values(seen_at=earlier)
    )
    here = under_this_guid(other_id, "article_id")
    db.execute(delete(t.sighting).where(row.feed_id == old_id, row.article_id == here))
    # One of another article keeps a name of its own.
    guid = case((here.is_not(None), row.guid + f"#{old_id}"), else_=row.guid)
    db.execute(update(t.sighting).where(row.feed_id == old_id).values(feed_id=other_id, guid=guid))


def _merge_troubles(db: Connection, old_id: int, other_id: int) -> None:
    row = t.trouble.c
    ours = {one.reason: one for one in db.execute(select(t.trouble).where(row.feed_id == other_id))}
    for one in db.execute(select(t.trouble).where(row.feed_id == old_id)).all():
        mine = ours.get(one.reason)
        if mine is None:
            db.execute(update(t.trouble).where(row.id == one.id).values(feed_id=other_id))
            continue
        values = {
            "count": mine._mapping["count"] + one._mapping["count"],
            "first_at": min(mine.first_at, one.first_at),
            "last_at": max(mine.last_at, one.last_at),
        }
        db.execute(update(t.trouble).where(row.id == mine.id).values(values))
        db.execute(delete(t.trouble).where(row.id == one.id))
