"""Alerts that wait to be folded into a digest, and what is done once they need wait no longer."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from worker.alert_rules import combined
from worker.records import AlertRules
from worker.store import _tables as t
from worker.store.owing import hold_channels

_alert, _channel, _topic = t.alert.c, t.channel.c, t.topic.c
# Bodies are of some KiB: so many more than fill a digest.
_MOST_BODIES, _CHUNK = 1_000, 500
_one_of_each = (
    select(func.min(_alert.id))
    .where(_alert.fold_at.is_not(None))
    .group_by(_alert.channel_id, _alert.topic_id)
)
MakeBody = Callable[[list[str], int, datetime, datetime, datetime], str]


def channels_to_fold(db: Connection, now: datetime) -> list[int]:
    """The open channels for which alerts have waited long enough."""
    found = (
        select(_alert.channel_id)
        .distinct()
        .join(t.channel, _channel.id == _alert.channel_id)
        .where(_alert.fold_at <= now, _channel.enabled, ~_channel.stopped)
        .order_by(_alert.channel_id)
    )
    return [int(row.channel_id) for row in db.execute(found)]


def fold(
    db: Connection, channel_id: int, now: datetime, webhook_id: str, make_body: MakeBody
) -> int:
    """Make one message of a channel's alerts that have waited long enough; returns how many.

    One alone becomes due itself. `make_body` is given the first bodies, how many alerts there are,
    when the first and the last was made, and the time. Of two workers that fold at once the second
    waits for the first, and finds nothing.
    """
    hold_channels(db, [channel_id])
    ready = [_alert.channel_id == channel_id, _alert.fold_at <= now]
    rows = list(db.execute(select(_alert.id, _alert.created_at).where(*ready).order_by(_alert.id)))
    if not rows:
        return 0
    released = {"fold_at": None, "released_at": now}
    if len(rows) == 1:
        alone = update(t.alert).where(_alert.id == rows[0].id)
        db.execute(alone.values(**released, due_at=now))
        return 1
    first = select(_alert.body).where(*ready).order_by(_alert.id).limit(_MOST_BODIES)
    made = [row.created_at for row in rows]
    digest = {
        "kind": "digest",
        "occasion": "digest",
        "channel_id": channel_id,
        "webhook_id": webhook_id,
        "body": make_body(list(db.execute(first).scalars()), len(rows), min(made), max(made), now),
        "created_at": now,
        "due_at": now,
        "attempts": 0,
        "independent": 0,
        "detail": "",
    }
    digest_id = db.execute(insert(t.alert).values(digest).returning(_alert.id)).scalar_one()
    ids = [row.id for row in rows]
    for start in range(0, len(ids), _CHUNK):
        members = update(t.alert).where(_alert.id.in_(ids[start : start + _CHUNK]))
        db.execute(members.values(**released, digest_id=digest_id))
    return len(rows)


def waiting_rules(db: Connection) -> dict[tuple[int, int], AlertRules]:
    """The rules that hold for what waits, by (channel id, topic id)."""
    rows = db.execute(
        select(
            _alert.channel_id, _alert.topic_id, _channel.name.label("channel"), _channel.rules,
            _topic.name.label("topic"), _topic.alerting, _topic.urgent,
        )
        .join(t.channel, _channel.id == _alert.channel_id)
        .join(t.topic, _topic.id == _alert.topic_id)
        .where(_alert.id.in_(_one_of_each))
    )  # fmt: skip
    return {
        (row.channel_id, row.topic_id): combined(
            row.channel, row.rules, row.topic, row.alerting, urgent=row.urgent
        )
        for row in rows
    }


def let_wait_until(db: Connection, channel_id: int, topic_id: int, until: datetime) -> None:
    """Have what waits of a topic for a channel wait until another time."""
    db.execute(
        update(t.alert)
        .where(
            _alert.channel_id == channel_id,
            _alert.topic_id == topic_id,
            _alert.fold_at.is_not(None),
        )
        .values(fold_at=until)
    )
