"""Subscriptions: what feeds offer, which hubs are to be asked, and what hubs say."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)

from worker.records import (
    ClaimedPush,
    FeedVisit,
    HubRest,
    NextHub,
    PushAsked,
    PushKind,
    PushOffer,
    PushPlace,
    PushState,
)
from worker.store import _tables as t
from worker.store.database import database_time
from worker.store.leases import FEEDS, NOW, Queue, due, take, taking
from worker.store.push_ends import anew, end_pushes, ending_at

_push, _feed = t.push.c, t.feed.c
PUSHES = Queue(t.push, _push.feed_id.in_(select(_feed.id).where(FEEDS.workable)))


# ---- what feeds offer


def note_offers(db: Connection, visits: Sequence[FeedVisit]) -> None:
    """Keep how feeds can be pushed, as their documents say now; `visits` are those that were read.

    Who offers something else than before is subscribed to afresh, under another callback, and its
    hub is told the end of the subscription before. Further hubs change nothing.
    """
    _distrust(db, [visit.feed_id for visit in visits if visit.unpushed])
    known = _offered(db, [visit.feed_id for visit in visits])
    for visit in visits:
        row = known.get(visit.feed_id)
        before = None if row is None or row.state == PushState.WITHDRAWN else _offer(row)
        if before == visit.offer:
            continue
        if visit.offer is None or row is None:
            _note_offer(db, visit, row)
        elif _serves(row, visit.offer):
            hubs = list(visit.offer.hubs)
            rests = {hub: rest for hub, rest in row.rests.items() if hub in hubs}
            db.execute(update(t.push).where(_push.id == row.id).values(hubs=hubs, rests=rests))
        else:
            _note_offer(db, visit, row)


def _note_offer(db: Connection, visit: FeedVisit, row: Any) -> None:
    offer = visit.offer
    if row is not None:
        end_pushes(db, [row.id], visit.polled_at)
        _distrust(db, [visit.feed_id])
    if offer is None:
        gone = anew() | {"state": PushState.WITHDRAWN, "due_at": None}
        db.execute(update(t.push).where(_push.feed_id == visit.feed_id).values(gone))
        return
    values = anew() | {
        "kind": offer.kind,
        "hub": offer.hubs[0],
        "hubs": list(offer.hubs),
        "rests": {},
        "topic": offer.topic,
        "due_at": visit.polled_at,
    }
    if row is not None:
        db.execute(update(t.push).where(_push.id == row.id).values(values))
    else:
        db.execute(insert(t.push).values(values | {"feed_id": visit.feed_id, "pushes": 0}))


def _serves(row: Any, offer: PushOffer) -> bool:
    """Whether a subscription is one to what is offered."""
    wanted = (offer.kind, offer.topic)
    same = row.state != PushState.WITHDRAWN and (row.kind, row.topic) == wanted
    return same and row.hub in offer.hubs


def _offered(db: Connection, feeds: Sequence[int]) -> Mapping[int, Any]:
    found: dict[int, Any] = {}
    for start in range(0, len(feeds), 500):
        for row in db.execute(_OFFERED.where(_push.feed_id.in_(feeds[start : start + 500]))):
            found[row.feed_id] = row
    return found


_OFFERED = select(
    _push.id, _push.feed_id, _push.kind, _push.hub, _push.hubs, _push.rests, _push.topic,
    _push.state,
)  # fmt: skip


def _offer(row: Any) -> PushOffer:
    return PushOffer(PushKind(row.kind), tuple(row.hubs), row.topic)


def _rests(told: Mapping[str, Any]) -> dict[str, HubRest]:
    return {
        hub: HubRest(datetime.fromisoformat(until), times) for hub, (until, times) in told.items()
    }


def _told_rests(rests: Mapping[str, HubRest]) -> dict[str, list[Any]]:
    return {hub: [rest.until.isoformat(), rest.times] for hub, rest in rests.items()}


def _distrust(db: Connection, feeds: Sequence[int]) -> None:
    """Rely on no push for these feeds."""
    if feeds:
        db.execute(update(t.feed).where(_feed.id.in_(feeds)).values(pushed_until=None))


# ---- asking hubs

_TAKEN = (
    "id", "feed_id", "kind", "hub", "topic", "salt", "tries", "hubs", "rests", "state",
)  # fmt: skip
_CLAIM = taking(
    PUSHES,
    # What was asked for by another key is put in order first, by `renew_keys`.
    select(_push.id)
    .where(or_(_push.key_id == "", _push.key_id == bindparam("by_key")))
    .order_by(_push.due_at)
    .limit(bindparam("wanted")),
    [_push[name] for name in _TAKEN],
    # Before it is asked, for some hubs verify before they answer.
    asked_at=NOW,
    key_id=bindparam("by_key"),
    address=bindparam("reached_at"),
)


def claim_pushes(
    db: Connection, limit: int, lease_s: float, key_id: str, address: str
) -> list[ClaimedPush]:
    """Lease up to `limit` subscriptions that hubs are to be asked for.

    They are made by the key `key_id`, and hubs come to `address`.
    """
    told = {"wanted": limit, "by_key": key_id, "reached_at": address}
    token, rows = take(db, _CLAIM, database_time(db), lease_s, **told)
    return [
        ClaimedPush(
            row.id,
            token,
            row.feed_id,
            PushKind(row.kind),
            row.hub,
            row.topic,
            row.salt,
            row.tries,
            tuple(row.hubs),
            _rests(row.rests),
            PushState(row.state),
        )
        for row in rows
    ]


def pushes_due(db: Connection) -> bool:
    """Whether a hub is to be asked for a subscription now."""
    found = select(_push.id).where(due(PUSHES)).limit(1)
    return db.execute(found, {"now": database_time(db)}).first() is not None


def renew_keys(db: Connection, key_id: str, now: datetime) -> int:
    """Ask anew for all that was asked for by another key, or under another address of ours."""
    other = and_(_push.key_id != key_id, _push.key_id != "", _push.state != PushState.WITHDRAWN)
    return _begin_again(db, other, now)


def end_unwatched(db: Connection, now: datetime) -> int:
    """End the subscriptions to feeds that are not watched any more, or have stopped; how many."""
    unwatched = and_(_push.key_id != "", _push.state != PushState.WITHDRAWN, not_(PUSHES.workable))
    return _begin_again(db, unwatched, now)


def _begin_again(db: Connection, which: ColumnElement[bool], now: datetime) -> int:
    found = db.execute(select(_push.id, _push.feed_id).where(which)).all()
    if not found:
        return 0
    end_pushes(db, [row.id for row in found], now)
    for row in found:
        db.execute(update(t.push).where(_push.id == row.id).values(anew() | {"due_at": now}))
    _distrust(db, [row.feed_id for row in found])
    return len(found)


def settle_asked(db: Connection, asked: Sequence[PushAsked], now: datetime) -> None:
    """Write how asking went; a hub that has verified or denied meanwhile has the last word."""
    open_ = _push.asked_at.is_not(None)
    for one in sorted(asked, key=lambda one: one.id):
        place = and_(_push.id == one.id, _push.lease_token == one.token)
        if one.instead is not None and _go_on(db, one, and_(place, open_), now):
            continue
        failed = one.reason is not None
        db.execute(
            update(t.push)
            .where(place)
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


def _go_on(db: Connection, one: PushAsked, place: ColumnElement[bool], now: datetime) -> bool:
    """Leave a hub for another; False: it has come back to us meanwhile."""
    row = db.execute(select(_push.feed_id).where(place).with_for_update()).first()
    if row is None or one.instead is None:
        return False
    end_pushes(db, [one.id], now)
    values = anew() | {
        "hub": one.instead.hub,
        "rests": _told_rests(one.instead.rests),
        "due_at": one.due_at,
        "state": one.state,
        "reason": one.reason,
        "detail": one.detail,
    }
    db.execute(update(t.push).where(_push.id == one.id).values(values))
    _distrust(db, [row.feed_id])
    return True


# ---- what hubs say


def push_at(db: Connection, salt: str) -> PushPlace | None:
    """The subscription that a callback is of."""
    row = db.execute(
        select(
            _push.id, _push.feed_id, _push.kind, _push.topic, _push.asked_at, _push.expires_at,
            _push.hub, _push.hubs, _push.rests,
            and_(FEEDS.workable, _push.state != PushState.WITHDRAWN).label("watched"),
        )
        .join(t.feed, _feed.id == _push.feed_id)
        .where(_push.salt == salt)
    ).first()  # fmt: skip
    if row is None:
        return ending_at(db, salt)
    return PushPlace(
        row.id,
        row.feed_id,
        PushKind(row.kind),
        row.topic,
        bool(row.watched),
        row.asked_at is not None,
        row.expires_at,
        row.hub,
        tuple(row.hubs),
        _rests(row.rests),
    )


def confirm_push(
    db: Connection, place: PushPlace, expires_at: datetime, renew_at: datetime
) -> None:
    """A hub pushes from now on until `expires_at`: polls may come more seldom."""
    rests = {hub: rest for hub, rest in place.rests.items() if hub != place.hub}
    db.execute(
        update(t.push)
        .where(_push.id == place.id)
        .values(
            state=PushState.VERIFIED,
            expires_at=expires_at,
            due_at=renew_at,
            asked_at=None,
            tries=0,
            rests=_told_rests(rests),
            reason=None,
            detail="",
        )
    )
    db.execute(update(t.feed).where(_feed.id == place.feed_id).values(pushed_until=expires_at))


def deny_push(
    db: Connection,
    place: PushPlace,
    why: str,
    next_hub: tuple[NextHub, datetime],
    poll_at: datetime,
) -> None:
    """A hub pushes no more, or never will: the feed is polled as any other, from `poll_at` on.

    The next hub is asked at its time; it may be the same one.
    """
    to, due_at = next_hub
    values = anew() | {
        "state": PushState.DENIED,
        "detail": why,
        "hub": to.hub,
        "rests": _told_rests(to.rests),
        "due_at": due_at,
        "tries": 0,
    }
    # Where it has denied the hub has no subscription any more that could be ended.
    db.execute(update(t.push).where(_push.id == place.id, _push.hub == place.hub).values(values))
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
    "kind", "hub", "hubs", "topic", "state", "expires_at", "reason", "detail", "pushed_at",
    "pushes",
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
