"""Alerts: owed in the transaction of their article, claimed for delivery, settled by answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, or_, select, update

from worker.errors import NotFoundError, Reason
from worker.records import ClaimedAlert, Delivery, Owed
from worker.store import _tables as t
from worker.store import leases
from worker.store._insert import insert_missing
from worker.store.database import clock

_alert = t.alert.c


def owe_alerts(db: Connection, owed: Sequence[Owed], now: datetime) -> list[int]:
    """Store alerts that are not owed yet, due or to be folded; returns the new ones' ids."""
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
            "attempts": 0,
            "detail": "",
        }
        for one in owed
    ]
    return insert_missing(db, t.alert, rows)


_CLAIM = leases.claiming(
    leases.ALERTS,
    (_alert.id, _alert.channel_id, _alert.webhook_id, _alert.body, _alert.attempts),
)


def claim_alerts(db: Connection, limit: int, lease_s: float) -> list[ClaimedAlert]:
    """Lease up to `limit` alerts that are due, of channels that are open."""
    token, rows = leases.claim(db, _CLAIM, limit, lease_s)
    if not rows:
        return []
    ids = {row.channel_id for row in rows}
    channels = {row.id: row for row in db.execute(select(t.channel).where(t.channel.c.id.in_(ids)))}
    return [
        ClaimedAlert(
            id=row.id,
            token=token,
            channel_id=row.channel_id,
            channel_name=channels[row.channel_id].name,
            kind=channels[row.channel_id].kind,
            config=channels[row.channel_id].config,
            webhook_id=row.webhook_id,
            body=row.body,
            attempts=row.attempts,
        )
        for row in rows
    ]


def settle_deliveries(db: Connection, deliveries: Sequence[Delivery]) -> None:
    """Write what channels answered; an alert whose lease was lost keeps only the attempt.

    The attempt itself is recorded in any case: the message did go out.
    """
    for delivery in sorted(deliveries, key=lambda d: d.claim.id):
        claim, answer = delivery.claim, delivery.answer
        db.execute(
            update(t.alert)
            .where(_alert.id == claim.id, _alert.lease_token == claim.token)
            .values(
                due_at=delivery.due_at,
                leased_until=None,
                lease_token=None,
                delivered_at=delivery.at if answer.accepted else None,
                dead_at=None if answer.accepted or delivery.due_at else delivery.at,
                reason=answer.reason,
                detail=answer.detail,
            )
        )
        db.execute(
            insert(t.attempt).values(
                alert_id=claim.id,
                at=delivery.at,
                accepted=answer.accepted,
                status=answer.status,
                reason=answer.reason,
                detail=answer.detail,
                duration_ms=answer.duration_ms,
                answer=answer.answer,
                address=answer.address,
            )
        )
    for channel_id in sorted({d.claim.channel_id for d in deliveries if d.stop_channel}):
        db.execute(
            update(t.channel)
            .where(t.channel.c.id == channel_id)
            .values(
                stopped=True,
                reason=Reason.GONE,
                detail="The receiver answered 410 Gone. Change its URL in channels.yml to go on.",
            )
        )


def list_alerts(db: Connection, *, limit: int, failed: bool = False) -> list[dict[str, Any]]:
    """The newest alerts with topic, channel, state and last reason."""
    found = (
        select(
            _alert.id, _alert.webhook_id, t.topic.c.name.label("topic"),
            t.channel.c.name.label("channel"), t.article.c.title.label("article"),
            _alert.created_at, _alert.delivered_at, _alert.due_at, _alert.attempts,
            _alert.reason, _alert.detail,
        )
        .join(t.topic, t.topic.c.id == _alert.topic_id)
        .join(t.channel, t.channel.c.id == _alert.channel_id)
        .join(t.article, t.article.c.id == _alert.article_id)
        .order_by(_alert.id.desc())
        .limit(limit)
    )  # fmt: skip
    if failed:
        found = found.where(_alert.delivered_at.is_(None), _alert.reason.is_not(None))
    return [
        dict(row._mapping) | {"state": _state(row.delivered_at, row.due_at)}
        for row in db.execute(found)
    ]


def _state(delivered_at: datetime | None, due_at: datetime | None) -> str:
    if delivered_at:
        return "delivered"
    return "owed" if due_at else "given-up"


def retry_alerts(db: Connection, alert_ids: Sequence[int] = ()) -> int:
    """Make undelivered alerts due now, all of them or those named; returns how many.

    Raises NotFoundError for a named alert that is delivered or does not exist.
    """
    unheld = or_(_alert.leased_until.is_(None), _alert.leased_until < clock())
    wanted = and_(_alert.delivered_at.is_(None), unheld)
    if alert_ids:
        wanted = and_(wanted, _alert.id.in_(alert_ids))
    else:
        wanted = and_(wanted, _alert.reason.is_not(None))
    due_now = update(t.alert).where(wanted).values(due_at=clock(), dead_at=None, attempts=0)
    done = {row.id for row in db.execute(due_now.returning(_alert.id))}
    missing = set(alert_ids) - done
    if missing:
        named = ", ".join(str(i) for i in sorted(missing))
        raise NotFoundError(f"Alert {named}: not there, being sent, or delivered already.")
    return len(done)
