"""kill -9 of deliver workers again and again: every alert arrives, under one id."""

import random
import subprocess
from collections import Counter

from tests.fleet import Fleet
from tests.site import Site
from tests.store.making import NOW, find_channel_id
from tests.waiting import wait_until
from worker import store
from worker.records import Owed
from worker.store import Connection, Database

KILLS, EACH = 3, 15


def test_alerts_arrive_whenever_workers_are_killed(fleet: Fleet, db: Database, site: Site) -> None:
    fleet.knobs["WIREWATCH_LEASE_S"] = "2"
    fleet.write_config([], site.put("/hook"))
    fleet.start("beat")
    wait_until(
        lambda: db.read(lambda c: store.find_channel(c, "desk")) is not None,
        timeout_s=30,
        what="beat applied the files",
    )
    channel_id, chance = find_channel_id(db, "desk"), random.Random(7)
    workers = [_worker(fleet) for _ in range(2)]
    owed: list[str] = []
    for kill in range(KILLS):
        seen = len(site.requests)
        new = [f"msg_{kill}_{n}" for n in range(EACH)]
        db.write(lambda c, ids=new: _owe(c, channel_id, ids))  # type: ignore[misc]
        owed += new
        some = seen + chance.randrange(1, EACH)
        wait_until(lambda some=some: len(site.requests) >= some, timeout_s=30, what="some arrived")  # type: ignore[misc]
        fleet.kill(workers.pop(0))
        workers.append(_worker(fleet))
    try:
        wait_until(
            lambda: db.read(store.overview).delivered == len(owed), timeout_s=30, what="all arrived"
        )
    except AssertionError as error:
        raise AssertionError(f"{error}\n{fleet.log()}") from None
    received = Counter(seen.headers["webhook-id"] for seen in site.requests)
    assert received.keys() == set(owed)
    # Each kill may leave unsettled what one worker had in flight to a channel, and no more.
    assert sum(received.values()) <= len(owed) + KILLS * 4


def _worker(fleet: Fleet) -> subprocess.Popen[bytes]:
    return fleet.start("worker", "--queues", "deliver", "--concurrency", "2")


def _owe(c: Connection, channel_id: int, ids: list[str]) -> None:
    owed = [
        Owed(None, None, channel_id, None, i, '{"type":"ops"}', kind="ops", due_at=NOW) for i in ids
    ]
    store.owe_alerts(c, owed, NOW)
