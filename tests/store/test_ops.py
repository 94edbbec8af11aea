"""What an operator must know: told to the channel `ops`, once for each matter."""

from tests.store.making import LATER, NOW, rows
from worker import store
from worker.records import ChannelSpec, OpsNotice
from worker.store import Database

GONE = OpsNotice(
    "feed-gone:1", "A feed is gone", "https://example.org/feed answers 410.", "Drop it."
)


def _tell(database: Database, notice: OpsNotice = GONE, webhook_id: str = "msg_1") -> bool:
    return database.write(lambda db: store.tell_ops(db, notice, "{}", webhook_id, NOW))


def _configure(database: Database, name: str) -> None:
    database.write(lambda db: store.sync_channels(db, [ChannelSpec(name, "log")], NOW))


def test_a_matter_is_told_once_until_it_is_settled(database: Database) -> None:
    _configure(database, store.OPS_CHANNEL)
    assert _tell(database)
    assert not _tell(database, webhook_id="msg_2")
    database.write(lambda db: store.settle_ops(db, GONE.matter, LATER))
    assert _tell(database, webhook_id="msg_3")
    owed = rows(database, "SELECT kind, webhook_id, topic_id FROM alert ORDER BY id")
    assert owed == [("ops", "msg_1", None), ("ops", "msg_3", None)]


def test_without_an_ops_channel_the_matter_is_kept_for_the_status(database: Database) -> None:
    _configure(database, "desk")
    assert _tell(database)
    assert rows(database, "SELECT * FROM alert") == []
    kept = database.read(store.notices)[GONE.matter]
    assert (kept.text, kept.remedy, kept.since) == (GONE.text, "Drop it.", NOW)
