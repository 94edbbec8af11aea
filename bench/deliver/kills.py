"""kill -9 of the deliver worker at random instants: what is lost, and what is sent twice.

Real processes over Postgres and Redis, and a real receiver. One worker is ready to take over while
the next one starts, so that there is always one to kill in the middle of its work.
"""

import os
import random
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.deliver.owing import make_channels, owe
from bench.deliver.receivers import Receivers, receiving
from tests.fleet import Fleet
from tests.servers import PostgresServer, RedisServer
from worker import store
from worker.store import Database

KILLS, ALERTS, CHANNELS, WORKERS = 200, 2_000, 20, 3
_LEASE_S, _LAST_S = 5, 120


def run() -> None:
    kills = int(os.environ.get("KILLS", KILLS))
    alerts = ALERTS * kills // KILLS
    with tempfile.TemporaryDirectory() as name, receiving() as receivers:
        postgres, redis = PostgresServer("any"), RedisServer(None, Path(name) / "redis")
        postgres.start()
        redis.start()
        url = postgres.create_database()
        db = Database(url)
        store.upgrade(db)
        fleet = Fleet(url, redis.url, Path(name), {"WIREWATCH_LEASE_S": str(_LEASE_S)})
        try:
            _report(_killing(fleet, db, receivers, kills, alerts), kills)
        finally:
            fleet.close()
            db.close()
            redis.stop()
            postgres.close()


def _killing(
    fleet: Fleet, db: Database, receivers: Receivers, kills: int, alerts: int
) -> tuple[set[str], Counter[str]]:
    """Kill workers while alerts are owed; returns the ids owed, and how often each was received."""
    fleet.write_config([], f"{receivers.url}/ok/file")
    channels = make_channels(db, [f"{receivers.url}/ok/{n}" for n in range(CHANNELS)])
    fleet.start("beat")
    # Beat applies the files once, when it starts: they know nothing of the channels made here.
    time.sleep(4)
    make_channels(db, [f"{receivers.url}/ok/{n}" for n in range(CHANNELS)])
    workers = [_worker(fleet) for _ in range(WORKERS)]
    chance, owed = random.Random(1), set[str]()
    for kill in range(kills):
        wanted = alerts * (kill + 1) // kills
        while len(owed) < wanted:
            ids, _ = owe(db, [chance.choice(channels)])
            owed.update(ids)
            time.sleep(chance.expovariate(8))
        fleet.kill(workers.pop(0))
        workers.append(_worker(fleet))
    until = time.monotonic() + _LAST_S
    while db.read(store.overview).delivered < len(owed) and time.monotonic() < until:
        time.sleep(0.2)
    return owed, Counter(one.webhook_id for one in receivers.receipts())


def _worker(fleet: Fleet) -> subprocess.Popen[bytes]:
    return fleet.start("worker", "--queues", "deliver", "--concurrency", "2")


def _report(found: tuple[set[str], Counter[str]], kills: int) -> None:
    owed, received = found
    twice = sum(1 for count in received.values() if count > 1)
    print(
        f"{kills} kills during {len(owed)} alerts\n"
        f"  never received       {len(owed - received.keys())}   (to reach: 0)\n"
        f"  under another id     {len(received.keys() - owed)}   (to reach: 0)\n"
        f"  received twice       {twice}, {twice / len(owed):.2%}   (to reach: under 1 %)"
    )
