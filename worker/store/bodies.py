"""What was pushed: kept before it is acknowledged, claimed, and settled with its entries."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    Connection,
    case,
    delete,
    func,
    select,
    true,
    update,
)

from worker.records import ClaimedBody, PushedVisit, PushPlace
from worker.store import _tables as t
from worker.store._insert import insert_missing
from worker.store.articles import add_articles, change_articles
from worker.store.database import database_time
from worker.store.feeds import note_rhythm, unclaimed_feeds
from worker.store.leases import FEEDS, Queue, claim, claiming

_body, _push, _feed = t.push_body.c, t.push.c, t.feed.c
BODIES = Queue(t.push_body, true())
_MOST_WAITING = 20
# A feed that is being polled while it says that it has changed is polled again behind that; and
# whoever pings at every moment is not polled at every moment.
_HELD, _PING_EVERY = timedelta(seconds=1), timedelta(seconds=10)


def keep_body(
    db: Connection, place: PushPlace, digest: str, content_type: str, body: bytes, now: datetime
) -> bool | None:
    """Keep what was pushed until it is read; False: it came before, None: too much waits."""
    waiting = select(func.count()).where(_body.feed_id == place.feed_id, _body.body.is_not(None))
    known = select(_body.id).where(_body.feed_id == place.feed_id, _body.digest == digest)
    if db.scalar(known) is not None:
        return False
    if int(db.scalar(waiting) or 0) >= _MOST_WAITING:
        return None
    row = {"digest": digest, "content_type": content_type, "body": body}
    return bool(insert_missing(db, t.push_body, [row | _received(db, place, now)]))


def keep_ping(db: Connection, place: PushPlace, now: datetime) -> None:
    """Keep that a feed has something new; of several such words one is enough."""
    waits = select(_body.id).where(
        _body.feed_id == place.feed_id, _body.body.is_(None), _body.due_at.is_not(None)
    )
    if db.scalar(waits.limit(1)) is None:
        row = {"digest": f"ping:{secrets.token_hex(8)}", "content_type": "", "body": None}
        insert_missing(db, t.push_body, [row | _received(db, place, now)])


def _received(db: Connection, place: PushPlace, now: datetime) -> dict[str, object]:
    # Due by the clock that claims go by: a clock that is ahead of it would make news wait.
    due_at = database_time(db)
    return {"feed_id": place.feed_id, "received_at": now, "due_at": due_at, "attempts": 0}


_TAKEN = ("id", "feed_id", "content_type", "body", "attempts")
_CLAIM = claiming(BODIES, [_body[name] for name in _TAKEN])


def claim_bodies(db: Connection, limit: int, lease_s: float) -> list[ClaimedBody]:
    """Lease up to `limit` documents that were pushed and are to be read."""
    token, rows = claim(db, _CLAIM, limit, lease_s)
    feeds = unclaimed_feeds(db, _feed.id.in_({row.feed_id for row in rows})) if rows else {}
    return [
        ClaimedBody(row.id, token, feeds[row.feed_id], row.content_type, row.body, row.attempts)
        for row in rows
    ]


def settle_pushed(db: Connection, pushed: Sequence[PushedVisit], now: datetime) -> list[int]:
    """Write what pushed documents brought, each only where its lease still holds.

    Returns the ids of the new articles. A feed that is polled while it is to be polled again keeps
    its ping until then.
    """
    held = [one for one in sorted(pushed, key=lambda one: one.id) if _settle(db, one)]
    visits = [one.visit for one in held if one.visit is not None]
    new = add_articles(db, visits)
    change_articles(db, visits)
    for one in sorted(held, key=lambda one: one.feed_id):
        if one.poll and not _ask_feed(db, one.feed_id, now):
            _keep(db, one.id, database_time(db) + _HELD)
        else:
            _note_push(db, one, now)
    return new


def _settle(db: Connection, one: PushedVisit) -> bool:
    """Mark a document as read; whether its lease held."""
    place = update(t.push_body).where(_body.id == one.id, _body.lease_token == one.token)
    read = {"body": None, "due_at": None, "leased_until": None, "lease_token": None, "attempts": 0}
    return db.execute(place.values(read)).rowcount == 1


def _keep(db: Connection, body_id: int, until: datetime) -> None:
    db.execute(update(t.push_body).where(_body.id == body_id).values(due_at=until))


def _ask_feed(db: Connection, feed_id: int, now: datetime) -> bool:
    """Have a feed polled at once; False: somebody is polling it, and may have done so too early."""
    row = db.execute(
        select(_feed.polled_at, _feed.leased_until, FEEDS.workable.label("watched"))
        .where(_feed.id == feed_id)
        .with_for_update()
    ).one()
    if row.leased_until is not None and row.leased_until >= database_time(db):
        return False
    soon = max(now, row.polled_at + _PING_EVERY) if row.polled_at else now
    sooner = case((_feed.due_at > soon, soon), else_=_feed.due_at)
    db.execute(update(t.feed).where(_feed.id == feed_id).values(due_at=sooner))
    return True


def _note_push(db: Connection, one: PushedVisit, now: datetime) -> None:
    """A hub that pushes is relied on, for as long as its lease lasts."""
    db.execute(
        update(t.push)
        .where(_push.feed_id == one.feed_id)
        .values(pushed_at=now, pushes=_push.pushes + 1, reason=one.reason, detail=one.detail)
    )
    until = select(_push.expires_at).where(_push.feed_id == one.feed_id, _push.expires_at > now)
    values: dict[str, object] = {"pushed_until": until.scalar_subquery()}
    if one.visit is not None and one.visit.memory.guids_repeat:
        values["guids_repeat"] = True
    db.execute(update(t.feed).where(_feed.id == one.feed_id).values(values))
    if one.visit is not None:
        note_rhythm(db, one.visit)


def purge_bodies(db: Connection, before: datetime) -> int:
    """Forget what was read long ago: were it pushed again, its entries are known all the same."""
    old = delete(t.push_body).where(_body.received_at < before, _body.due_at.is_(None))
    return db.execute(old).rowcount
