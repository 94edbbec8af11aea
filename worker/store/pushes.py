"""Subscriptions: what feeds offer, which hubs are to be asked, and what hubs say."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)

from worker.records import (
    ClaimedPush,
    FeedVisit,
    PushAsked,
    PushKind,
    PushOffer,
    PushPlace,
    PushState,
)
from worker.store import _tables as t
from worker.store.database import database_time
from worker.store.leases import FEEDS, NOW, Queue, take, taking

_push, _feed = t.push.c, t.feed.c
_UNTIL_ASKED: dict[str, Any] = {
    "state": PushState.WANTED,
    "tries": 0,
    "asked_at": None,
    "expires_at": None,
    "reason": None,
    "detail": "",
    "leased_until": None,
    "lease_token": None,
    "attempts": 0,
}
PUSHES = Queue(t.push, _push.feed_id.in_(select(_feed.id).where(FEEDS.workable)))


# ---- what feeds offer


def note_offers(db: Connection, visits: Sequence[FeedVisit]) -> None:
    """Keep how feeds can be pushed, as their documents say now; `visits` are those that were read.

    Who offers something else than before is subscribed to afresh, under another callback.
    """
    _distrust(db, [visit.feed_id for visit in visits if visit.unpushed])
    known = _offered(db, [visit.feed_id for visit in visits])
    for visit in visits:
        before, offer = known.get(visit.feed_id), visit.offer
        if before == offer:
            continue
        place = _push.feed_id == visit.feed_id
        if offer is None:
            gone = _UNTIL_ASKED | {"state": PushState.WITHDRAWN, "due_at": None}
            db.execute(update(t.push).where(place).values(gone))
            _distrust(db, [visit.feed_id])
            continue
        values = _UNTIL_ASKED | {
            "kind": offer.kind,
            "hub": offer.hub,
            "topic": offer.topic,
            "salt": secrets.token_hex(8),
            "due_at": visit.polled_at,
        }
        if db.execute(update(t.push).where(place).values(values)).rowcount:
            _distrust(db, [visit.feed_id])
            continue
        new = {"feed_id": visit.feed_id, "key_id": "", "pushes": 0}
        db.execute(insert(t.push).values(values | new))


def _offered(db: Connection, feeds: Sequence[int]) -> Mapping[int, PushOffer]:
    found: dict[int, PushOffer] = {}
    asked = select(_push.feed_id, _push.kind, _push.hub, _push.topic).where(
        _push.state != PushState.WITHDRAWN
    )
    for start in range(0, len(feeds), 500):
        for row in db.execute(asked.where(_push.feed_id.in_(feeds[start : start + 500]))):
            found[row.feed_id] = PushOffer(PushKind(row.kind), row.hub, row.topic)
    return found


def _distrust(db: Connection, feeds: Sequence[int]) -> None:
    """Rely on no push for these feeds."""
    if feeds:
        db.execute(update(t.feed).where(_feed.id.in_(feeds)).values(pushed_until=None))


# ---- asking hubs

_TAKEN = ("id", "feed_id", "kind", "hub", "topic", "salt", "tries")
_CLAIM = taking(
    PUSHES,
    select(_push.id).order_by(_push.due_at).limit(bindparam("wanted")),
    [_push[name] for name in _TAKEN],
    # Before it is asked, for some hubs verify before they answer.
    asked_at=NOW,
    key_id=bindparam("key_id"),
)


def claim_pushes(db: Connection, limit: int, lease_s: float, key_id: str) -> list[ClaimedPush]:
    """Lease up to `limit` subscriptions that hubs are to be asked for, by the key `key_id`."""
    token, rows = take(db, _CLAIM, database_time(db), lease_s, wanted=limit, key_id=key_id)
    return [
        ClaimedPush(token=token, **dict(row._mapping) | {"kind": PushKind(row.kind)})
        for row in rows
    ]


def renew_keys(db: Connection, key_id: str, now: datetime) -> int:
    """Ask anew for all that was asked for by another key, or under another address of ours."""
    other = and_(_push.key_id != key_id, _push.state != PushState.WITHDRAWN)
    feeds = list(db.scalars(select(_push.feed_id).where(other, _push.key_id != "")))
    if not feeds:
        return 0
    db.execute(update(t.push).where(other).values(_UNTIL_ASKED | {"due_at": now, "key_id": ""}))
    _distrust(db, feeds)
    return len(feeds)


def settle_asked(db: Connection, asked: Sequence[PushAsked]) -> None:
    """Write how asking went; a hub that has verified or denied meanwhile has the last word."""
    open_ = _push.asked_at.is_not(None)
    for one in sorted(asked, key=lambda one: one.id):
        failed = one.reason is not None
        db.execute(
            update(t.push)
            .where(_push.id == one.id, _push.lease_token == one.token)
            .values(
                state=case((open_, one.state), else_=_push.state),
                due_at=case((open_, one.due_at), else_=_push.due_at),
                tries=case((open_, one.tries), else_=_push.tries),
                reason=case((open_, one.reason), else_=_push.reason),
                detail=case((open_, one.detail), else_=_push.detail),
                # What a hub has refused it may not come back to verify.
                asked_at=None if failed else _push.asked_at,
                leased_until=None,
                lease_token=None,
                attempts=0,
            )
        )


# ---- what hubs say


def push_at(db: Connection, salt: str) -> PushPlace | None:
    """The subscription that a callback is of."""
    row = db.execute(
        select(
            _push.id, _push.feed_id, _push.kind, _push.topic, _push.asked_at, _push.expires_at,
            and_(FEEDS.workable, _push.state != PushState.WITHDRAWN).label("watched"),
        )
        .join(t.feed, _feed.id == _push.feed_id)
        .where(_push.salt == salt)
    ).first()  # fmt: skip
    if row is None:
        return None
    return PushPlace(
        row.id,
        row.feed_id,
        PushKind(row.kind),
        row.topic,
        bool(row.watched),
        row.asked_at is not None,
        row.expires_at,
    )


def confirm_push(
    db: Connection, place: PushPlace, expires_at: datetime, renew_at: datetime
) -> None:
    """A hub pushes from now on until `expires_at`: polls may come more seldom."""
    db.execute(
        update(t.push)
        .where(_push.id == place.id)
        .values(
            state=PushState.VERIFIED,
            expires_at=expires_at,
            due_at=renew_at,
            asked_at=None,
            tries=0,
            reason=None,
            detail="",
        )
    )
    db.execute(update(t.feed).where(_feed.id == place.feed_id).values(pushed_until=expires_at))


def deny_push(
    db: Connection, place: PushPlace, why: str, again_at: datetime, poll_at: datetime
) -> None:
    """A hub pushes no more, or never will: the feed is polled as any other, from `poll_at` on."""
    db.execute(
        update(t.push)
        .where(_push.id == place.id)
        .values(
            _UNTIL_ASKED
            | {"state": PushState.DENIED, "detail": why, "due_at": again_at, "tries": 1}
        )
    )
    sooner = case((_feed.due_at > poll_at, poll_at), else_=_feed.due_at)
    db.execute(
        update(t.feed).where(_feed.id == place.feed_id).values(pushed_until=None, due_at=sooner)
    )


# ---- what people ask


def list_pushes(db: Connection) -> dict[int, dict[str, Any]]:
    """Of each feed that offers push, by its id: what has become of it."""
    rows = db.execute(select(_push.feed_id, *(_push[name] for name in _TOLD)))
    return {row.feed_id: {name: getattr(row, name) for name in _TOLD} for row in rows}


_TOLD = (
    "kind", "hub", "topic", "state", "expires_at", "reason", "detail", "pushed_at", "pushes",
)  # fmt: skip


def count_pushes(db: Connection, now: datetime) -> dict[str, Any]:
    """How many watched feeds offer push, how many are pushed, how many wait; the last push."""
    live = and_(_push.expires_at > now, _push.state != PushState.WITHDRAWN)
    offered = select(
        func.count(),
        func.coalesce(func.sum(case((live, 1), else_=0)), 0),
        func.coalesce(func.sum(_push.pushes), 0),
        func.max(_push.pushed_at),
    ).where(PUSHES.workable, _push.state != PushState.WITHDRAWN)
    offering, pushed, pushes, last = db.execute(offered).one()
    waiting = db.scalar(select(func.count()).where(t.push_body.c.due_at.is_not(None)))
    return {
        "offered": offering,
        "pushed": int(pushed),
        "pushes": int(pushes),
        "last_at": last,
        "unread": waiting,
    }
