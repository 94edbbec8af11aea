"""Feeds: claimed for a poll, settled with their new entries, added and removed by people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, insert, select, update

from worker.errors import ConflictError, NotFoundError
from worker.records import ClaimedFeed, FeedSpec, FeedVisit
from worker.store import _lock, leases
from worker.store import _tables as t
from worker.store.articles import add_articles

_feed = t.feed.c
_CLAIMED = ("id", "url", "etag", "last_modified", "body_hash", "failures", "attempts")


def claim_feeds(db: Connection, limit: int, lease_s: float) -> list[ClaimedFeed]:
    """Lease up to `limit` feeds that are due to be polled."""
    columns = [_feed[name] for name in _CLAIMED]
    token, rows = leases.claim(db, leases.FEEDS, limit, lease_s, columns)
    return [ClaimedFeed(token=token, **row._mapping) for row in rows]


_SETTLE = (
    update(t.feed)
    .where(_feed.id == bindparam("b_id"), _feed.lease_token == bindparam("b_token"))
    .values(
        due_at=bindparam("b_due_at"),
        leased_until=None,
        lease_token=None,
        attempts=0,
        failures=bindparam("b_failures"),
        etag=bindparam("b_etag"),
        last_modified=bindparam("b_last_modified"),
        body_hash=bindparam("b_body_hash"),
        last_status=bindparam("b_status"),
        reason=bindparam("b_reason"),
        detail=bindparam("b_detail"),
        stopped=bindparam("b_stopped"),
        polled_at=bindparam("b_polled_at"),
        changed_at=func.coalesce(
            bindparam("b_changed_at", type_=_feed.changed_at.type), _feed.changed_at
        ),
        polls=_feed.polls + 1,
        # what the operator wrote in feeds.opml stands
        title=case((_feed.title == "", bindparam("b_title")), else_=_feed.title),
        site_url=func.coalesce(_feed.site_url, bindparam("b_site_url")),
    )
)


def settle_visits(db: Connection, visits: Sequence[FeedVisit]) -> list[int]:
    """Write what polls found, each visit only where its lease still holds.

    Validators, body hash and entries go into this one transaction: a feed is never marked as read
    without its entries. Returns the ids of the new articles.
    """
    ordered = sorted(visits, key=lambda visit: visit.feed_id)
    without = [_settled(visit) for visit in ordered if not visit.articles]
    if without:
        db.execute(_SETTLE, without)
    held = [
        visit
        for visit in ordered
        if visit.articles and db.execute(_SETTLE, _settled(visit)).rowcount == 1
    ]
    return add_articles(db, held)


def _settled(visit: FeedVisit) -> dict[str, Any]:
    return {
        "b_id": visit.feed_id,
        "b_token": visit.token,
        "b_due_at": visit.due_at,
        "b_failures": visit.failures,
        "b_etag": visit.etag,
        "b_last_modified": visit.last_modified,
        "b_body_hash": visit.body_hash,
        "b_status": visit.status,
        "b_reason": visit.reason,
        "b_detail": visit.detail,
        "b_stopped": visit.stopped,
        "b_polled_at": visit.polled_at,
        "b_changed_at": visit.polled_at if visit.changed else None,
        "b_title": visit.title,
        "b_site_url": visit.site_url,
    }


def known_guids(db: Connection, feed_id: int, guids: Sequence[str]) -> set[str]:
    """Which of the guids have been seen in this feed already."""
    known: set[str] = set()
    for start in range(0, len(guids), 500):
        chunk = guids[start : start + 500]
        rows = db.execute(
            select(t.sighting.c.guid).where(
                t.sighting.c.feed_id == feed_id, t.sighting.c.guid.in_(chunk)
            )
        )
        known.update(row[0] for row in rows)
    return known


def sync_feeds(db: Connection, specs: Sequence[FeedSpec], now: datetime) -> dict[str, int]:
    """Make the feeds of `feeds.opml` watched, and those that left it no longer so.

    History is kept: a feed that comes back goes on where it stopped. Feeds added by command are
    left alone, unless the file now lists them too. Returns counts of added and dropped.
    """
    _lock.take(db, _lock.CONFIGURING)
    listed = {spec.url: spec for spec in specs}
    stored = {
        row.url: row
        for row in db.execute(
            select(_feed.id, _feed.url, _feed.source, _feed.enabled, _feed.title, _feed.category)
        )
    }
    new = [spec for url, spec in listed.items() if url not in stored]
    if new:
        db.execute(insert(t.feed), [_row(spec, "file", now) for spec in new])
    for url, spec in listed.items():
        row = stored.get(url)
        if row is None:
            continue
        if (row.source, row.enabled, row.category) != ("file", True, spec.category) or (
            spec.title and spec.title != row.title
        ):
            db.execute(
                update(t.feed)
                .where(_feed.id == row.id)
                .values(
                    source="file",
                    enabled=True,
                    category=spec.category,
                    title=spec.title or row.title,
                )
            )
    gone = [
        row.id
        for url, row in stored.items()
        if row.source == "file" and row.enabled and url not in listed
    ]
    if gone:
        db.execute(update(t.feed).where(_feed.id.in_(gone)).values(enabled=False))
    return {"added": len(new), "dropped": len(gone)}


def _row(spec: FeedSpec, source: str, now: datetime) -> dict[str, Any]:
    return {
        "url": spec.url,
        "title": spec.title,
        "site_url": spec.site_url,
        "category": spec.category,
        "source": source,
        "enabled": True,
        "stopped": False,
        "attempts": 0,
        "failures": 0,
        "polls": 0,
        "detail": "",
        "due_at": now,
        "added_at": now,
    }


def add_feed(db: Connection, spec: FeedSpec, now: datetime) -> int:
    """Watch a feed from now on; a feed that was removed or stopped goes on.

    Raises ConflictError where it is watched already.
    """
    _lock.take(db, _lock.CONFIGURING)
    row = db.execute(
        select(_feed.id, _feed.enabled, _feed.stopped).where(_feed.url == spec.url)
    ).first()
    if row is None:
        new = insert(t.feed).values(_row(spec, "command", now)).returning(_feed.id)
        return int(db.execute(new).scalar_one())
    if row.enabled and not row.stopped:
        raise ConflictError(f"{spec.url} is watched already (feed {row.id}).")
    db.execute(
        update(t.feed)
        .where(_feed.id == row.id)
        .values(enabled=True, stopped=False, source="command", due_at=now, reason=None, detail="")
    )
    return int(row.id)


def remove_feed(db: Connection, url: str) -> None:
    """Stop watching a feed that was added by command; its articles stay.

    Raises NotFoundError where it is not watched, ConflictError where feeds.opml lists it.
    """
    row = db.execute(select(_feed.id, _feed.source).where(_feed.url == url, _feed.enabled)).first()
    if row is None:
        raise NotFoundError(f"{url} is not watched. `wirewatch feeds list` shows what is.")
    if row.source == "file":
        raise ConflictError(f"{url} stands in feeds.opml: take it out there.")
    db.execute(update(t.feed).where(_feed.id == row.id).values(enabled=False))


def list_feeds(db: Connection) -> list[dict[str, Any]]:
    """Every watched feed with its state, by URL."""
    shown = (
        "id",
        "url",
        "title",
        "site_url",
        "category",
        "source",
        "stopped",
        "polls",
        "failures",
        "reason",
        "detail",
        "last_status",
        "polled_at",
        "changed_at",
        "due_at",
    )
    columns = [_feed[name] for name in shown]
    rows = db.execute(select(*columns).where(_feed.enabled).order_by(_feed.url))
    return [dict(row._mapping) for row in rows]
