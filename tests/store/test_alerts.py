"""Alerts are owed once, kept until they are delivered, and retried by people."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.store.making import (
    LATER,
    NOW,
    at_once,
    channel,
    claim_alerts,
    count,
    owe_one,
    rows,
    run_out,
    settle,
    sync,
    topic,
)
from worker import store
from worker.errors import NotFoundError, Reason
from worker.records import Answer, ClaimedAlert, Delivery
from worker.store import Database

TAKEN = Answer(accepted=True, status=204)
REFUSED = Answer(accepted=False, status=500, reason=Reason.SERVER_ERROR, detail="500 oops")
GONE = Answer(accepted=False, status=410, reason=Reason.GONE)


def _claim(db: Database) -> ClaimedAlert:
    (claim,) = claim_alerts(db)
    return claim


def _states(db: Database) -> list[str]:
    return [row["state"] for row in db.read(lambda c: store.list_alerts(c, limit=9))]


def _retry(db: Database, ids: Sequence[int] = ()) -> int:
    return db.write(lambda c: store.retry_alerts(c, ids))


def test_an_alert_owed_twice_is_one_alert(database: Database) -> None:
    owed = owe_one(database)
    before = rows(database, "SELECT * FROM alert")
    again = replace(owed, webhook_id="msg_again", body="other")
    assert database.write(lambda c: store.owe_alerts(c, [owed, again], LATER)) == []
    assert rows(database, "SELECT * FROM alert") == before


def test_an_alert_owed_by_four_workers_at_once_is_one_alert(database: Database) -> None:
    owed = owe_one(database)
    database.write(lambda c: c.execute(store.ALERTS.table.delete()))
    each = [replace(owed, webhook_id=f"msg_{i}") for i in range(4)]
    new = at_once(lambda one: database.write(lambda c: store.owe_alerts(c, [one], NOW)), each)
    assert sorted(map(len, new)) == [0, 0, 0, 1]
    assert count(database, "alert") == 1


def test_every_retry_carries_the_same_identity(database: Database) -> None:
    owed = owe_one(database)
    first = _claim(database)
    assert (first.webhook_id, first.channel_name, first.kind) == ("msg_one", "desk", "webhook")
    assert first.config == {"url": "https://desk.example/hook"}
    settle(database, Delivery(first, REFUSED, NOW, due_at=NOW))
    second = _claim(database)
    assert (second.id, second.webhook_id, second.body) == (first.id, owed.webhook_id, owed.body)
    assert (first.attempts, second.attempts) == (1, 2)


def test_a_delivered_alert_is_not_sent_again(database: Database) -> None:
    owe_one(database)
    settle(database, Delivery(_claim(database), TAKEN, NOW, None))
    assert claim_alerts(database) == []
    assert _states(database) == ["delivered"]
    assert database.read(store.overview).delivered == 1


def test_settling_a_delivery_twice_leaves_the_alert_as_settling_it_once(
    database: Database,
) -> None:
    owe_one(database)
    delivery = Delivery(_claim(database), TAKEN, NOW, None)
    settle(database, delivery)
    before = rows(database, "SELECT * FROM alert")
    settle(database, replace(delivery, answer=REFUSED, due_at=LATER))
    assert rows(database, "SELECT * FROM alert") == before


def test_a_channel_that_is_gone_keeps_its_alerts_until_it_is_changed(database: Database) -> None:
    owe_one(database)
    settle(database, Delivery(_claim(database), GONE, NOW, due_at=NOW))
    assert claim_alerts(database) == []
    seen = database.read(store.overview)
    assert (seen.channels_stopped, seen.queues["deliver"].due) == (1, 0)
    assert database.read(lambda c: store.overdue_s(c, {"deliver"})) == 0
    assert _states(database) == ["owed"]
    sync(database, [topic()], [channel(url="https://desk.example/new")])
    claim = _claim(database)
    assert (claim.webhook_id, claim.config["url"]) == ("msg_one", "https://desk.example/new")


def test_a_channel_that_left_the_file_is_sent_nothing(database: Database) -> None:
    owe_one(database)
    sync(database, [topic(channels=())], [])
    assert claim_alerts(database) == []
    assert database.read(store.overview).queues["deliver"].due == 0


def test_an_alert_that_was_given_up_can_be_retried(database: Database) -> None:
    owe_one(database)
    settle(database, Delivery(_claim(database), REFUSED, NOW, due_at=None))
    assert _states(database) == ["dead"]
    failed = database.read(lambda c: store.list_alerts(c, limit=9, failed=True))
    assert [row["detail"] for row in failed] == ["500 oops"]
    assert _retry(database) == 1
    assert _claim(database).attempts == 1


def test_retrying_everything_leaves_alone_what_never_failed(database: Database) -> None:
    owe_one(database)
    assert _retry(database) == 0


def test_a_named_alert_is_retried_ahead_of_its_time(database: Database) -> None:
    owe_one(database)
    claim = _claim(database)
    settle(database, Delivery(claim, REFUSED, NOW, due_at=LATER))
    assert claim_alerts(database) == []
    assert _retry(database, [claim.id]) == 1
    assert _claim(database).id == claim.id


def test_an_alert_whose_worker_died_can_be_retried(database: Database) -> None:
    owe_one(database)
    claim = _claim(database)
    run_out(database, "alert")
    assert _retry(database, [claim.id]) == 1


@pytest.mark.parametrize("state", ["delivered", "being sent", "not there"])
def test_what_cannot_be_retried_is_named(database: Database, state: str) -> None:
    owe_one(database)
    claim = _claim(database)
    if state == "delivered":
        settle(database, Delivery(claim, TAKEN, NOW, None))
    wanted = claim.id if state != "not there" else 4_711
    with pytest.raises(NotFoundError, match=f"Alert {wanted}: .*{state}"):
        _retry(database, [wanted])
