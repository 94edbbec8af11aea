"""Mutes: a story, a source or a topic that nobody, or one channel, wants to hear of for a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update

from worker.alerts import hosts_of, muting
from worker.errors import NotFoundError, Reason
from worker.records import Mute, MuteWhat, Withholding
from worker.store import _tables as t
from worker.store._insert import insert_for
from worker.store.database import clock
from worker.store.merging import story_of

_alert, _article, _mute = t.alert.c, t.article.c, t.mute.c
_topic, _channel = t.topic.c, t.channel.c
_REASONS: dict[MuteWhat, Withholding] = {
    "story": Withholding.STORY_MUTED,
    "source": Withholding.SOURCE_MUTED,
    "topic": Withholding.TOPIC_MUTED,
}


def mutes_at(db: Connection, now: datetime) -> list[Mute]:
    """The mutes that hold."""
    rows = db.execute(select(t.mute).where(_mute.until > now).order_by(_mute.id))
    return [_read(row) for row in rows]


def _read(row: Row[Any]) -> Mute:
    return Mute(row.what, row.which, row.until, row.channel_id)


def list_mutes(db: Connection, now: datetime) -> list[dict[str, Any]]:
    """The mutes that hold, with their channels' names, the first to end first."""
    rows = db.execute(
        select(
            _mute.id, _mute.what, _mute.which, _channel.name.label("channel"), _mute.until,
            _mute.made_at, _mute.made_by, t.story.c.title,
        )
        .outerjoin(t.channel, _channel.id == _mute.channel_id)
        .outerjoin(t.story, and_(_mute.what == "story", _mute.which == _ID_AS_TEXT))
        .where(_mute.until > now)
        .order_by(_mute.until, _mute.id)
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]


_ID_AS_TEXT = t.story.c.id.cast(_mute.which.type)


def add_mute(
    db: Connection,
    what: MuteWhat,
    which: str,
    until: datetime,
    now: datetime,
    *,
    channel: str | None = None,
    made_by: str = "command",
) -> int:
    """Mute until a time, in place of a mute of the same that is there; returns how many alerts
    that are owed and were not sent yet it withholds.

    Raises NotFoundError for a story, topic or channel that is not there.
    """
    which, channel_id = _target(db, what, which), _channel_id(db, channel)
    db.execute(delete(t.mute).where(_same(what, which, channel_id)))
    row = {"what": what, "which": which, "channel_id": channel_id, "until": until}
    db.execute(insert(t.mute).values(**row, made_at=now, made_by=made_by))
    return _withhold(db, Mute(what, which, until, channel_id), now)


def remove_mute(db: Connection, what: MuteWhat, which: str, channel: str | None) -> int:
    """End a mute; returns how many that were. Raises NotFoundError like `add_mute`."""
    which, channel_id = _target(db, what, which), _channel_id(db, channel)
    return db.execute(delete(t.mute).where(_same(what, which, channel_id))).rowcount


def _same(what: MuteWhat, which: str, channel_id: int | None) -> Any:
    whose = _mute.channel_id.is_(None) if channel_id is None else _mute.channel_id == channel_id
    return and_(_mute.what == what, _mute.which == which, whose)


def _target(db: Connection, what: MuteWhat, which: str) -> str:
    """What a mute is kept under: a story that was merged is the one that it is part of."""
    if what == "story":
        return str(story_of(db, int(which)))
    if what == "source":
        return which.lower().removeprefix("www.")
    if db.execute(select(_topic.id).where(_topic.name == which)).first() is None:
        raise NotFoundError(f"No topic {which!r}. `wirewatch topics list` shows them.")
    return which


def mute_name(db: Connection, what: MuteWhat, which: str) -> str:
    """What people call something that can be muted; raises NotFoundError like `add_mute`."""
    which = _target(db, what, which)
    story, titles = t.story.c, {"topic": select(_topic.title).where(_topic.name == which)}
    if what == "story":
        titles["story"] = select(story.title).where(story.id == int(which))
    return str(db.execute(titles[what]).scalar_one()) if what in titles else which


def _channel_id(db: Connection, name: str | None) -> int | None:
    if name is None:
        return None
    found = db.execute(select(_channel.id).where(_channel.name == name)).scalar()
    if found is None:
        raise NotFoundError(f"No channel {name!r} is applied yet. See channels.yml.")
    return int(found)


def purge_mutes(db: Connection, before: datetime) -> None:
    """Forget mutes that ended before a time."""
    db.execute(delete(t.mute).where(_mute.until < before))


# ---- what is owed already


def _withhold(db: Connection, mute: Mute, now: datetime) -> int:
    """Take back what is owed and was not sent yet of what is muted.

    What was tried already may have arrived, so it is given up in place of being forgotten.
    """
    found = [row for row in db.execute(_unsent(mute)) if _is_muted(row, mute, now)]
    fresh = [row for row in found if row.attempts == 0]
    if fresh:
        db.execute(delete(t.alert).where(_alert.id.in_([row.id for row in fresh])))
        _keep(db, fresh, mute, now)
    tried = [row.id for row in found if row.attempts > 0]
    if tried:
        given_up = {"due_at": None, "fold_at": None, "dead_at": now, "reason": Reason.MUTED.value}
        detail = f"{mute.what} {mute.which} was muted"
        db.execute(update(t.alert).where(_alert.id.in_(tried)).values(**given_up, detail=detail))
    return len(found)


def _unsent(mute: Mute) -> Any:
    unheld = or_(_alert.leased_until.is_(None), _alert.leased_until < clock())
    waiting = or_(_alert.due_at.is_not(None), _alert.fold_at.is_not(None))
    found = (
        select(
            _alert.id, _alert.attempts, _alert.topic_id, _alert.channel_id, _alert.article_id,
            _alert.story_id, _topic.name.label("topic"), _article.link, _article.url,
            _article.source_url,
        )
        .join(t.topic, _topic.id == _alert.topic_id)
        .join(t.article, _article.id == _alert.article_id)
        .where(_alert.kind == "alert", waiting, unheld)
        .with_for_update(of=t.alert, skip_locked=True)
    )  # fmt: skip
    if mute.channel_id is not None:
        found = found.where(_alert.channel_id == mute.channel_id)
    if mute.what == "story":
        found = found.where(_alert.story_id == int(mute.which))
    return found


def _is_muted(row: Row[Any], mute: Mute, now: datetime) -> bool:
    hosts = hosts_of(row.link, row.url, row.source_url)
    return muting([mute], row.channel_id, row.story_id, row.topic, hosts, now) is not None


def _keep(db: Connection, rows: Sequence[Row[Any]], mute: Mute, now: datetime) -> None:
    detail = f"{mute.what} {mute.which} was muted until {mute.until:%Y-%m-%d %H:%M} UTC"
    told = {"reason": _REASONS[mute.what].value, "detail": detail, "at": now}
    kept = [
        {
            "article_id": row.article_id,
            "topic_id": row.topic_id,
            "channel_id": row.channel_id,
            **told,
        }
        for row in rows
    ]
    db.execute(insert_for(db.dialect.name)(t.withheld).on_conflict_do_nothing(), kept)
