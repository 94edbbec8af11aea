"""Alerts: owed in the transaction of their article, listed, and retried by people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from worker.errors import NotFoundError
from worker.records import Owed
from worker.store import _lock
from worker.store import _tables as t
from worker.store._insert import insert_missing
from worker.store.database import clock

_alert = t.alert.c


def owe_alerts(db: Connection, owed: Sequence[Owed], now: datetime) -> list[int]:
    """Store alerts that are not owed yet, due or to be folded; returns the new ones' ids."""
    if not owed:
        return []
    _lock.share(db, _lock.OWING)  # an export must not pass over what is not committed yet
    rows = [
        {
            "topic_id": one.topic_id,
            "story_id": one.story_id,
            "channel_id": one.channel_id,
            "article_id": one.article_id,
            "webhook_id": one.webhook_id,
            "body": one.body,
            "kind": one.kind,
            "occasion": one.occasion,
            "created_at": now,
            "due_at": one.due_at,
            "fold_at": one.fold_at,
            "released_at": now if one.kind == "alert" and one.due_at else None,
            "independent": one.independent,
            "replay_of": one.replay_of,
            "attempts": 0,
            "detail": "",
        }
        for one in owed
    ]
    return insert_missing(db, t.alert, rows)


def list_alerts(
    db: Connection, *, limit: int, failed: bool = False, dead: bool = False
) -> list[dict[str, Any]]:
    """The newest alerts with topic, channel, state and last reason.

    `failed`: those refused so far; `dead`: those given up.
    """
    found = (
        select(
            _alert.id, _alert.webhook_id, _alert.kind, t.topic.c.name.label("topic"),
            t.channel.c.name.label("channel"), t.article.c.title.label("article"),
            _alert.created_at, _alert.delivered_at, _alert.due_at, _alert.dead_at, _alert.fold_at,
            _alert.digest_id, _alert.attempts, _alert.reason, _alert.detail,
        )
        .join(t.channel, t.channel.c.id == _alert.channel_id)
        .outerjoin(t.topic, t.topic.c.id == _alert.topic_id)
        .outerjoin(t.article, t.article.c.id == _alert.article_id)
        .order_by(_alert.id.desc())
        .limit(limit)
    )  # fmt: skip
    if failed:
        found = found.where(_alert.delivered_at.is_(None), _alert.reason.is_not(None))
    if dead:
        found = found.where(_alert.dead_at.is_not(None))
    return [dict(row._mapping) | {"state": state_of(row)} for row in db.execute(found)]


def state_of(row: Any) -> str:
    """What has become of an alert: `delivered`, `dead`, `owed`, or `folded` into a digest."""
    if row.delivered_at:
        return "delivered"
    if row.dead_at:
        return "dead"
    return "folded" if row.fold_at or row.digest_id else "owed"


def retry_alerts(
    db: Connection,
    alert_ids: Sequence[int] = (),
    *,
    dead: bool = False,
    since: datetime | None = None,
) -> int:
    """Make undelivered alerts due now, those named or all that failed; returns how many.

    `dead`: only those given up; `since`: only those made since. Raises NotFoundError for a named
    alert that is delivered, folded into a digest, or does not exist.
    """
    unheld = or_(_alert.leased_until.is_(None), _alert.leased_until < clock())
    unfolded = and_(_alert.fold_at.is_(None), _alert.digest_id.is_(None))
    wanted = and_(_alert.delivered_at.is_(None), unheld, unfolded)
    wanted = and_(wanted, _alert.id.in_(alert_ids) if alert_ids else _alert.reason.is_not(None))
    if dead:
        wanted = and_(wanted, _alert.dead_at.is_not(None))
    if since is not None:
        wanted = and_(wanted, _alert.created_at >= since)
    due_now = update(t.alert).where(wanted).values(due_at=clock(), dead_at=None, attempts=0)
    done = {row.id for row in db.execute(due_now.returning(_alert.id))}
    if missing := set(alert_ids) - done:
        named = ", ".join(str(i) for i in sorted(missing))
        raise NotFoundError(
            f"Alert {named}: not there, being sent, delivered already, or not of those asked for."
        )
    return len(done)
