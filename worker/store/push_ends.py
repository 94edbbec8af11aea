"""Subscriptions that are wanted no more: kept until their hubs know, or their leases end."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, true, update

from worker.records import ClaimedEnd, EndAsked, PushKind, PushPlace, PushState
from worker.store import _tables as t
from worker.store.database import database_time
from worker.store.leases import NOW, Queue, due, take, taking

_push, _end = t.push.c, t.push_end.c
ENDS = Queue(t.push_end, true())
_MOST = 500
# How long the clocks of hubs and ours may differ.
_SLACK = timedelta(minutes=5)


def anew() -> dict[str, Any]:
    """The columns of a subscription that nobody was asked for yet, under a callback of its own."""
    return {
        "salt": secrets.token_hex(8),
        "key_id": "",
        "address": "",
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


def end_pushes(db: Connection, pushes: Sequence[int], now: datetime) -> None:
    """Have hubs told that these subscriptions have ended, if they were given any lease.

    To be called before their rows are given another callback, or deleted.
    """
    for start in range(0, len(pushes), _MOST):
        some = _push.id.in_(pushes[start : start + _MOST])
        rows = db.execute(select(*_COPIED).where(some, _push.expires_at > now)).all()
        if rows:
            # Due by the clock that claims go by.
            due_at = database_time(db)
            db.execute(insert(t.push_end), [_ending(row, due_at) for row in rows])


_COPIED = [
    _push[name] for name in ("kind", "hub", "topic", "salt", "key_id", "address", "expires_at")
]


def _ending(row: Any, due_at: datetime) -> dict[str, Any]:
    told = dict(row._mapping)
    ends_at = told.pop("expires_at") + _SLACK
    # rssCloud knows no such word: it forgets who does not come back.
    told["due_at"] = due_at if row.kind == PushKind.WEBSUB else None
    return told | {"ends_at": ends_at, "tries": 0, "attempts": 0}


_CLAIM = taking(
    ENDS,
    select(_end.id).order_by(_end.due_at).limit(bindparam("wanted")),
    [_end[name] for name in ("id", "hub", "topic", "salt", "key_id", "address", "tries")],
    asked_at=NOW,
)


def claim_ends(db: Connection, limit: int, lease_s: float) -> list[ClaimedEnd]:
    """Lease up to `limit` subscriptions that hubs are to be told the end of."""
    token, rows = take(db, _CLAIM, database_time(db), lease_s, wanted=limit)
    return [ClaimedEnd(token=token, **row._mapping) for row in rows]


def ends_due(db: Connection) -> bool:
    """Whether a hub is to be told of an end now."""
    found = select(_end.id).where(due(ENDS)).limit(1)
    return db.execute(found, {"now": database_time(db)}).first() is not None


def settle_ends(db: Connection, asked: Sequence[EndAsked]) -> None:
    """Write when hubs are told again; who has verified meanwhile is not."""
    for one in sorted(asked, key=lambda one: one.id):
        db.execute(
            update(t.push_end)
            .where(_end.id == one.id, _end.lease_token == one.token)
            .values(
                due_at=one.due_at, tries=one.tries, leased_until=None, lease_token=None, attempts=0
            )
        )


def ending_at(db: Connection, salt: str) -> PushPlace | None:
    """The subscription that a callback was of."""
    row = db.execute(
        select(_end.id, _end.kind, _end.topic, _end.asked_at, _end.ends_at).where(_end.salt == salt)
    ).first()
    if row is None:
        return None
    asked = row.asked_at is not None
    return PushPlace(
        row.id, 0, PushKind(row.kind), row.topic, False, asked, row.ends_at, ending=True
    )


def confirm_end(db: Connection, place: PushPlace) -> None:
    """A hub knows that a subscription has ended. It may ask again, and is not told again."""
    told = {"due_at": None, "leased_until": None, "lease_token": None}
    db.execute(update(t.push_end).where(_end.id == place.id).values(told))


def purge_ends(db: Connection, now: datetime) -> int:
    """Forget the subscriptions whose leases are over: their hubs have forgotten them too."""
    return db.execute(delete(t.push_end).where(_end.ends_at < now)).rowcount
