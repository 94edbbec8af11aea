"""Topics and channels: as the files say them, kept in the store for every worker to read."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from worker.records import ChannelSpec, TopicRow, TopicSpec
from worker.store import _lock
from worker.store import _tables as t
from worker.store.deliveries import stopped_matter
from worker.text import digest

_VERSION = 12
_STOPPED = stopped_matter("")
_TICK = timedelta(microseconds=1)
_topic, _channel = t.topic.c, t.channel.c


def sync_channels(db: Connection, specs: Sequence[ChannelSpec], now: datetime) -> dict[str, int]:
    """Make the stored channels those of `channels.yml`; one that changed is open again."""
    wanted = {
        s.name: {
            "kind": s.kind,
            "config": dict(s.options),
            "rules": dict(s.rules),
            "enabled": True,
        }
        for s in specs
    }
    reopened: dict[str, Any] = {
        "stopped": False,
        "reason": None,
        "detail": "",
        "failures": 0,
        "failing_since": None,
        "paused_until": None,
    }
    counts = _sync(db, t.channel, wanted, reopened, now)
    still = select(_STOPPED + _channel.name).where(_channel.enabled, _channel.stopped)
    matter = t.notice.c.name
    db.execute(delete(t.notice).where(matter.like(f"{_STOPPED}%"), matter.not_in(still)))
    return counts


def sync_topics(db: Connection, specs: Sequence[TopicSpec], now: datetime) -> dict[str, int]:
    """Make the stored topics those of `topics.yml`; call it after `sync_channels`."""
    ids = {row.name: row.id for row in db.execute(select(_channel.name, _channel.id))}
    wanted = {
        s.name: {
            "title": s.title,
            "query": s.query,
            "version": digest(s.query)[:_VERSION],
            "channels": [ids[name] for name in s.channels],
            "enabled": True,
            "shadow": s.shadow,
            "urgent": s.urgent,
            "alerting": dict(s.alerting),
        }
        for s in specs
    }
    return _sync(db, t.topic, wanted, {}, now)


def _sync(
    db: Connection,
    table: Table,
    wanted: dict[str, dict[str, Any]],
    on_change: dict[str, Any],
    now: datetime,
) -> dict[str, int]:
    """Rows are never deleted, for matches and alerts point to them: they are disabled."""
    _lock.take(db, _lock.CONFIGURING)
    stored = {row.name: row._mapping for row in db.execute(select(table))}
    # `topics_version` goes by the newest stamp: a host whose clock lags must not hide a change.
    now = max([now, *(row["updated_at"] + _TICK for row in stored.values())])
    counts = {"added": 0, "changed": 0, "dropped": 0}
    for name, values in wanted.items():
        row = stored.get(name)
        if row is None:
            new = values | {"name": name, "updated_at": now}
            if table is t.channel:
                new |= on_change
            db.execute(insert(table).values(new))
            counts["added"] += 1
        elif any(row[key] != value for key, value in values.items()):
            changed = values | on_change | {"updated_at": now}
            if values.get("version") != row.get("version"):
                changed["tagged_down_to"] = None  # tagging of what is stored begins again
            db.execute(update(table).where(table.c.name == name).values(changed))
            counts["changed"] += 1
    for name, row in stored.items():
        if name not in wanted and row["enabled"]:
            gone = {"enabled": False, "updated_at": now}
            db.execute(update(table).where(table.c.name == name).values(gone))
            counts["dropped"] += 1
    return counts


def topics_version(db: Connection) -> str:
    """A stamp that changes whenever a topic does: what compiled topics are checked against."""
    newest, count = db.execute(select(func.max(_topic.updated_at), func.count())).one()
    return f"{newest}/{count}"


def enabled_topics(db: Connection) -> list[TopicRow]:
    """Every enabled topic, with the channels that are still configured."""
    alive = set(db.execute(select(_channel.id).where(_channel.enabled)).scalars())
    rows = db.execute(select(t.topic).where(_topic.enabled).order_by(_topic.id))
    names = {row.id: row.name for row in db.execute(select(_channel.id, _channel.name))}
    return [
        TopicRow(
            id=row.id,
            spec=TopicSpec(
                name=row.name,
                title=row.title,
                query=row.query,
                channels=tuple(names[i] for i in row.channels if i in alive),
                shadow=row.shadow,
                urgent=row.urgent,
                alerting=row.alerting,
            ),
            # nobody is told of what matches in shadow
            channel_ids=() if row.shadow else tuple(i for i in row.channels if i in alive),
            version=row.version,
        )
        for row in rows
    ]


def list_topics(db: Connection) -> list[dict[str, Any]]:
    """Every enabled topic with how many articles it matched."""
    count = (
        select(t.match.c.topic_id, func.count().label("n")).group_by(t.match.c.topic_id).subquery()
    )
    matches = func.coalesce(count.c.n, 0).label("matches")
    rows = db.execute(
        select(_topic.name, _topic.title, _topic.query, _topic.version, _topic.shadow, matches)
        .outerjoin(count, count.c.topic_id == _topic.id)
        .where(_topic.enabled)
        .order_by(_topic.name)
    )
    return [dict(row._mapping) for row in rows]


def list_channels(db: Connection) -> list[dict[str, Any]]:
    """Every channel as it is stored, by name."""
    return [dict(row._mapping) for row in db.execute(select(t.channel).order_by(_channel.name))]


def find_channel(db: Connection, name: str) -> dict[str, Any] | None:
    row = db.execute(select(t.channel).where(_channel.name == name)).first()
    return dict(row._mapping) if row else None
