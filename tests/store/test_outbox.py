"""Alerts shown, exported and sent once more."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from tests.store.making import (
    LATER,
    NOW,
    claim_alerts,
    find_channel_id,
    owe_one,
    owe_to,
    rows,
    settle,
)
from tests.waiting import wait_until
from worker import messages, store
from worker.errors import NotFoundError, Reason
from worker.records import Answer, Delivery, Owed
from worker.store import Connection, Database, Which

TAKEN = Answer(accepted=True, status=200, answer="thanks", address="192.0.2.1", duration_ms=7)
REFUSED = Answer(accepted=False, status=500, reason=Reason.SERVER_ERROR, detail="500 oops")


def _deliver_all(db: Database) -> None:
    settle(db, *(Delivery(claim, TAKEN, NOW, None) for claim in claim_alerts(db, 99)))


def _replay(db: Database, which: Which = Which(), *, run: str = "r1", limit: int = 99) -> int:  # noqa: B008
    return db.write(
        lambda c: store.replay_alerts(c, run, 0, limit, which, messages.replayed, LATER)
    )[0]


def _export(db: Database, after: int = 0, which: Which = Which(), limit: int = 99) -> list[Any]:  # noqa: B008
    until = db.read(store.export_horizon)
    return [r["id"] for r in db.read(lambda c: store.export_alerts(c, after, until, limit, which))]


def test_an_alert_is_shown_with_each_try_and_what_was_answered(database: Database) -> None:
    owe_one(database)
    (claim,) = claim_alerts(database)
    settle(database, Delivery(claim, REFUSED, NOW, due_at=NOW))
    _deliver_all(database)
    shown = database.read(lambda c: store.show_alert(c, claim.id))
    assert (shown["state"], shown["topic"], shown["channel"]) == ("delivered", "ports", "desk")
    tries = [(a["status"], a["answer"], a["address"], a["duration_ms"]) for a in shown["attempts"]]
    assert tries == [(500, "", None, 0), (200, "thanks", "192.0.2.1", 7)]


def test_an_alert_that_is_not_there_is_named(database: Database) -> None:
    with pytest.raises(NotFoundError, match="no alert 77"):
        database.read(lambda c: store.show_alert(c, 77))


def test_an_export_goes_on_behind_the_last_id(database: Database) -> None:
    ids = sorted(owe_to(database, ["a", "b"], 3))
    assert _export(database, limit=4) == ids[:4]
    assert _export(database, ids[3]) == ids[4:]
    assert _export(database, ids[-1]) == []


def test_an_export_can_be_of_one_topic_and_one_channel(database: Database) -> None:
    owe_one(database)
    owed = [row[0] for row in rows(database, "SELECT id FROM alert")]
    assert _export(database, which=Which(topic="ports", channel="desk")) == owed
    with pytest.raises(NotFoundError, match="no channel 'nobody'; there are desk"):
        _export(database, which=Which(channel="nobody"))


def test_an_export_passes_over_no_alert_that_is_committed_late(postgres_url: str) -> None:
    db = Database(postgres_url, patience_s=10)
    owe_to(db, ["desk"], 1)
    channel_id = find_channel_id(db, "desk")
    owing, commit, found = threading.Event(), threading.Event(), list[list[Any]]()

    def owe(c: Connection, number: int) -> list[int]:
        owed = Owed(None, None, channel_id, None, f"msg_{number}", "{}", kind="ops", due_at=NOW)
        return store.owe_alerts(c, [owed], NOW)

    def slowly(c: Connection) -> list[int]:
        ids = owe(c, 1)
        owing.set()
        assert commit.wait(10)
        return ids

    late: list[int] = []
    slow = threading.Thread(target=lambda: late.extend(db.write(slowly)))
    slow.start()
    assert owing.wait(10)
    quick = db.write(lambda c: owe(c, 2))  # has the greater id, and is there first
    export = threading.Thread(target=lambda: found.append(_export(db)))
    export.start()
    waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    wait_until(lambda: bool(rows(db, waiting)), timeout_s=10, what="the export waits")
    commit.set()
    slow.join(10)
    export.join(10)
    assert late[0] < quick[0]
    assert found[0][-2:] == [late[0], quick[0]]
    db.close()


def test_a_replay_has_an_id_of_its_own_and_says_what_it_is(database: Database) -> None:
    owe_one(database)
    _deliver_all(database)
    assert _replay(database) == 1
    (claim,) = claim_alerts_later(database)
    assert claim.webhook_id not in ("", "msg_one")
    assert claim.body == '{"replay":true,"replay_of":"msg_one"}'
    kinds = rows(database, "SELECT kind, replay_of IS NULL FROM alert ORDER BY id")
    assert [tuple(map(str, row)) for row in kinds] in (
        [("alert", "1"), ("replay", "0")],
        [("alert", "True"), ("replay", "False")],
    )


def claim_alerts_later(db: Database) -> list[Any]:
    """Replays are due later in these tests than the database's clock has come to."""
    now_due = store.ALERTS.table.update().where(store.ALERTS.table.c.due_at.is_not(None))
    db.write(lambda c: c.execute(now_due.values(due_at=NOW)))
    return claim_alerts(db)


def test_a_replay_that_is_written_twice_is_owed_once(database: Database) -> None:
    owe_one(database)
    _deliver_all(database)
    _replay(database)
    _replay(database)
    assert len(rows(database, "SELECT id FROM alert")) == 2
    assert _replay(database, run="r2") == 1
    assert len(rows(database, "SELECT id FROM alert")) == 3


@pytest.mark.parametrize(
    "which",
    [Which(since=NOW + timedelta(seconds=1)), Which(topic="ports", since=LATER)],
    ids=["since", "topic-since"],
)
def test_what_was_not_asked_for_is_not_replayed(database: Database, which: Which) -> None:
    owe_one(database)
    _deliver_all(database)
    assert _replay(database, which) == 0


def test_what_was_never_delivered_is_not_replayed(database: Database) -> None:
    owe_one(database)
    assert _replay(database) == 0


def test_dead_letters_are_counted_listed_and_sent_again(database: Database) -> None:
    owe_to(database, ["desk"], 2)
    dead, failed = claim_alerts(database)
    settle(database, Delivery(dead, REFUSED, NOW, None), Delivery(failed, REFUSED, NOW, LATER))
    assert database.read(store.overview).dead == 1
    listed = database.read(lambda c: store.list_alerts(c, limit=9, dead=True))
    assert [(row["id"], row["state"], row["detail"]) for row in listed] == [
        (dead.id, "dead", "500 oops")
    ]
    too_old = NOW + timedelta(seconds=1)
    assert database.write(lambda c: store.retry_alerts(c, dead=True, since=too_old)) == 0
    assert database.write(lambda c: store.retry_alerts(c, dead=True, since=NOW)) == 1
    assert [claim.id for claim in claim_alerts(database)] == [dead.id]
    assert database.read(store.overview).dead == 0
