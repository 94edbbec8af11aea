"""Whose alert is sent next: the oldest of each channel, within each channel's own bound."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text

from tests.store.making import (
    LATER,
    NOW,
    at_once,
    claim_alerts,
    find_channel_id,
    owe_to,
    rows,
    run_out,
    settle,
)
from worker import store
from worker.errors import Reason
from worker.records import Answer, ClaimedAlert, Delivery
from worker.store import Database

TAKEN = Answer(accepted=True, status=200)
BROKEN = Answer(accepted=False, status=500, reason=Reason.SERVER_ERROR, detail="500")
HOUR = timedelta(hours=1)


def _taken(db: Database, claims: Sequence[ClaimedAlert]) -> None:
    settle(db, *(Delivery(claim, TAKEN, NOW, None) for claim in claims))


def _fail(db: Database, claims: Sequence[ClaimedAlert], *, at_min: float = 0) -> None:
    at = NOW + timedelta(minutes=at_min)
    settle(db, *(Delivery(claim, BROKEN, at, due_at=LATER) for claim in claims))


def _rest_is_over(db: Database) -> None:
    past = store.ALERTS.table.metadata.tables["channel"].update().values(paused_until=NOW)
    db.write(lambda c: c.execute(past))


def test_a_backlog_of_one_channel_is_not_before_another_channels_first(database: Database) -> None:
    owe_to(database, ["busy"], 50)
    owe_to(database, ["busy", "quiet"], 1, due=NOW + HOUR / 2)
    names = [claim.channel_name for claim in claim_alerts(database, 2)]
    assert sorted(names) == ["busy", "quiet"]


def test_a_claim_gives_every_channel_its_first_before_any_its_second(database: Database) -> None:
    names = [f"c{n}" for n in range(6)]
    owe_to(database, names, 4)
    assert Counter(c.channel_name for c in claim_alerts(database, 6)) == dict.fromkeys(names, 1)
    assert Counter(c.channel_name for c in claim_alerts(database, 12)) == dict.fromkeys(names, 2)


def test_a_channel_with_alerts_in_flight_comes_after_those_without(database: Database) -> None:
    owe_to(database, ["slow"], 4)
    claim_alerts(database, 2)
    owe_to(database, ["slow", "other"], 1)
    assert [claim.channel_name for claim in claim_alerts(database, 1)] == ["other"]


def test_no_more_than_its_bound_is_in_flight_to_a_channel(database: Database) -> None:
    owe_to(database, ["slow"], 9)
    first = claim_alerts(database, 5, per_channel=3)
    assert [c.id for c in first] == sorted(c.id for c in first)
    assert len(first) == 3
    assert claim_alerts(database, per_channel=3) == []
    _taken(database, first[:1])
    assert len(claim_alerts(database, per_channel=3)) == 1


def test_a_bound_of_one_sends_one_after_the_other_the_oldest_first(database: Database) -> None:
    ids = owe_to(database, ["strict"], 4)
    sent = []
    for _ in ids:
        (claim,) = claim_alerts(database, per_channel=1)
        assert claim_alerts(database, per_channel=1) == []
        sent.append(claim.id)
        _taken(database, [claim])
    assert sent == sorted(ids)


def test_an_older_alert_that_is_due_again_goes_before_newer_ones(database: Database) -> None:
    ids = owe_to(database, ["desk"], 3)
    (oldest,) = claim_alerts(database, per_channel=1)
    settle(database, Delivery(oldest, BROKEN, NOW, due_at=NOW + HOUR / 2))
    (again,) = claim_alerts(database, per_channel=1)
    assert again.id == min(ids)


def test_eight_workers_at_once_keep_the_bound_and_claim_nothing_twice(database: Database) -> None:
    owe_to(database, [f"c{n}" for n in range(5)], 20)
    found = at_once(lambda _: claim_alerts(database, 7), range(8))
    claims = [claim for some in found for claim in some]
    assert len({claim.id for claim in claims}) == len(claims)
    assert Counter(c.channel_name for c in claims) == {f"c{n}": 4 for n in range(5)}


def test_what_a_killed_worker_held_counts_until_its_lease_runs_out(database: Database) -> None:
    owe_to(database, ["desk"], 5)
    held = claim_alerts(database)
    assert claim_alerts(database) == []
    run_out(database, "alert")
    assert [c.id for c in claim_alerts(database)] == [c.id for c in held]


def test_each_failure_leaves_a_channel_one_less_at_once(database: Database) -> None:
    owe_to(database, ["ill"], 20)
    _fail(database, claim_alerts(database, 1))
    assert len(claim_alerts(database)) == 3


def test_a_channel_rests_after_some_failures_and_its_alerts_wait_unspent(
    database: Database,
) -> None:
    owe_to(database, ["ill", "well"], 8)
    for _ in range(3):
        _fail(database, claim_alerts(database, 1, per_channel=1))
        ill = [c for c in claim_alerts(database, 1, per_channel=1) if c.channel_name == "well"]
        _taken(database, ill)
    # Its rest is reckoned from NOW: let it still be under way.
    until = store.ALERTS.table.metadata.tables["channel"].update().values(paused_until=LATER)
    channel_id = find_channel_id(database, "ill")
    database.write(lambda c: c.execute(until.where(text(f"id = {channel_id}"))))
    assert {c.channel_name for c in claim_alerts(database)} == {"well"}
    spent = rows(
        database, f"SELECT attempts FROM alert WHERE channel_id = {channel_id} ORDER BY id"
    )
    assert [row[0] for row in spent] == [1, 1, 1, 0, 0, 0, 0, 0]
    assert database.read(lambda c: store.overdue_s(c, {"deliver"})) > 0  # of the other's


def test_after_its_rest_one_probe_goes_out_and_success_opens_the_channel(
    database: Database,
) -> None:
    ids = sorted(owe_to(database, ["ill"], 8))
    for _ in range(3):
        _fail(database, claim_alerts(database, 1, per_channel=1))
    _rest_is_over(database)
    probe = claim_alerts(database)
    assert [claim.id for claim in probe] == [ids[3]]
    assert claim_alerts(database) == []
    _fail(database, probe, at_min=30)
    _rest_is_over(database)
    probe = claim_alerts(database)
    assert [claim.id for claim in probe] == [ids[4]]
    ((before, after),) = settle(database, Delivery(probe[0], TAKEN, NOW + HOUR, None))
    assert (before.failures, after.failures, after.paused_until) == (4, 0, None)
    assert [claim.id for claim in claim_alerts(database)] == ids[5:]


def test_what_failed_in_an_outage_goes_out_first_when_it_is_over(database: Database) -> None:
    ids = sorted(owe_to(database, ["ill"], 3))
    (first,) = claim_alerts(database, 1)
    _fail(database, [first])
    channel_id = find_channel_id(database, "ill")
    assert database.write(lambda c: store.recall_alerts(c, channel_id)) == 1
    assert [claim.id for claim in claim_alerts(database)] == ids


def test_what_was_refused_for_its_own_sake_keeps_its_time(database: Database) -> None:
    owe_to(database, ["ill"], 1)
    (claim,) = claim_alerts(database)
    odd = Answer(accepted=False, status=422, reason=Reason.CLIENT_ERROR)
    settle(database, Delivery(claim, odd, NOW, due_at=LATER))
    assert database.write(lambda c: store.recall_alerts(c, claim.channel_id)) == 0


def test_a_stopped_channel_is_opened_by_name(database: Database) -> None:
    owe_to(database, ["ill"], 1)
    gone = Answer(accepted=False, status=410, reason=Reason.GONE)
    (claim,) = claim_alerts(database)
    ((_, after),) = settle(database, Delivery(claim, gone, NOW, due_at=NOW))
    assert (after.stopped, after.reason) == (True, Reason.GONE)
    assert claim_alerts(database) == []
    database.write(lambda c: store.open_channel(c, "ill", NOW))
    assert [c.id for c in claim_alerts(database)] == [claim.id]


def test_old_attempts_are_forgotten_and_later_ones_kept(database: Database) -> None:
    owe_to(database, ["desk"], 3)
    for minute, claim in enumerate(claim_alerts(database)):
        _fail(database, [claim], at_min=minute)
    before = NOW + timedelta(minutes=1.5)
    assert database.write(lambda c: store.purge_attempts(c, before, 1)) == 1
    assert database.write(lambda c: store.purge_attempts(c, before, 10)) == 1
    assert len(rows(database, "SELECT id FROM delivery_attempt")) == 1
