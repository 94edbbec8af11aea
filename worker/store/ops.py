"""Matters that an operator must know of: told to the channel named `ops`, once each."""

from datetime import datetime

from sqlalchemy import Connection, select

from worker.records import OpsNotice, Owed
from worker.store import _tables as t
from worker.store._insert import insert_for
from worker.store.alerts import owe_alerts
from worker.store.notices import give_notice, row_of

OPS_CHANNEL = "ops"


def tell_ops(db: Connection, notice: OpsNotice, body: str, webhook_id: str, now: datetime) -> bool:
    """Keep a matter for `wirewatch status`, and owe it to the channel `ops`; False: told before.

    Without such a channel, or where it is the one that is stopped, only the notice is kept.
    """
    if not keep_matter(db, notice, now):
        return False
    channel = t.channel.c
    open_ops = select(channel.id).where(
        channel.name == OPS_CHANNEL, channel.enabled, ~channel.stopped
    )
    channel_id = db.execute(open_ops).scalar()
    if channel_id is not None:
        owed = Owed(None, None, channel_id, None, webhook_id, body, kind="ops", due_at=now)
        owe_alerts(db, [owed], now)
    return True


def keep_matter(db: Connection, notice: OpsNotice, now: datetime) -> bool:
    """Keep a matter for `wirewatch status`, without a message; False: it stands already."""
    first = insert_for(db.dialect.name)(t.notice).on_conflict_do_nothing()
    kept = db.execute(first.returning(t.notice.c.name), [row_of(notice, now)])
    return kept.first() is not None


def settle_ops(db: Connection, matter: str, now: datetime) -> None:
    """A matter is well again: from now on it may be told anew."""
    give_notice(db, matter, None, now)
