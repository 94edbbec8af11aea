"""The daemon end to end against what was simulated, on the same feeds for the same hours.

Real processes on Postgres and Redis poll local feeds that publish in sped-up time; of some, a hub
pushes what they publish. What the daemon needs in real time (a tick, a request, a transaction)
counts `speed` times, so that its delays are a little longer than they are for users.

WIREWATCH_BENCH_SPEED (20) and WIREWATCH_BENCH_HOURS (4) say how fast and for how many hours of that
clock; WIREWATCH_BENCH_WARM_S (90), how many real seconds there are to poll every feed once before.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.push import servers
from bench.schedule_daemon import handing_over
from bench.schedule_daemon.clock import Clock
from bench.schedule_daemon.feeds import (
    FEEDS,
    WINDOW,
    Foretold,
    busiest,
    counted,
    foretell,
    world_of_shifted,
)
from bench.schedule_daemon.pushing import Desk, Push, push_all, pushes_of
from bench.schedule_daemon.report import Delays, Seen, report
from bench.schedule_daemon.site import Shown, base_of, guid_of, serving
from tests.fleet import Fleet
from tests.real_data import FOLDER
from tests.servers._process import free_port
from tests.waiting import wait_until
from worker import store
from worker.settings import Settings
from worker.simulate import World

_SPEED = float(os.environ.get("WIREWATCH_BENCH_SPEED", "20"))
_HOURS = int(os.environ.get("WIREWATCH_BENCH_HOURS", "4"))
_WARM_S = float(os.environ.get("WIREWATCH_BENCH_WARM_S", "90"))
_PUSHED, _PUSHED_EVERY = 25, 4
_KEY = "bench" * 8
# What the daemon measures by the database's time, or its own, against what takes real time.
_SPED = {
    "LEASE_S": 120.0,
    "OFFLINE_AFTER_S": 5.0,
    "PAGE_WAIT_S": 10.0,
    "DELIVER_TIMEOUT_S": 15.0,
    "DEAF_AFTER_S": 60.0,
    "OPS_QUEUE_AGE_S": 300.0,
    "OPS_TICK_S": 60.0,
}


def run() -> None:
    if not (FOLDER / "traces").is_dir():
        print(f"no {FOLDER / 'traces'}: set WIREWATCH_DATA to a folder with publication times")
        return
    knobs = Settings()
    world = busiest(world_of_shifted(knobs, FEEDS), _HOURS)
    pushed = _pushed(world)
    began = time.perf_counter()
    foretold = foretell(world, knobs, pushed)
    days = (world.counted_from - world.starts_at) / 86_400
    print(
        f"{world.feeds} feeds, {_HOURS} hours of day {days + 1:.0f} at {_SPEED:g} times real time, "
        f"the policy simulated on {days:.1f} days before ({time.perf_counter() - began:.0f} s)",
        flush=True,
    )
    seen = _measured(world, foretold, pushed)
    report(world, foretold, seen, pushed)


def _pushed(world: World) -> list[int]:
    """Every so many of the feeds that publish most while it counts."""
    busy = sorted(range(world.feeds), key=lambda feed: -len(counted(world, feed)))
    return sorted(busy[_PUSHED_EVERY - 1 :: _PUSHED_EVERY][:_PUSHED])


def _measured(world: World, foretold: Foretold, pushed: Sequence[int]) -> Seen:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres, redis = stack.enter_context(servers())
        desk = Desk()
        desk.open()
        stack.callback(desk.site.stop)
        clock = Clock(world.counted_from - _WARM_S * _SPEED, time.time(), _SPEED)
        read_at = [turn.polled_at for turn in foretold.state.turns]
        hubs = dict.fromkeys(pushed, desk.hub.url)
        shown = Shown(world.times, read_at, world.counted_from, WINDOW, hubs)
        port = stack.enter_context(serving(shown, clock))
        urls = [f"{base_of(feed, port)}/feed/{feed}" for feed in range(world.feeds)]
        fleet = Fleet(postgres, redis, folder, _knobs(clock), "bench.schedule_daemon.process")
        fleet.write_config(urls, desk.hook)
        with _database(postgres, clock) as db:
            stack.callback(fleet.close)
            _warm(fleet, db, clock, len(urls), [urls[feed] for feed in pushed])
            _take_over(db, clock, foretold, urls)
            pushes = pushes_of(world, pushed)
            asyncio.run(_hours(desk, shown, clock, port, pushes, world.ends_at))
            polls = db.read(lambda c: handing_over.polls_of(c, urls))
            pushes_s = desk.took()
            return Seen(_delays(db, world), polls, pushes_s)


def _knobs(clock: Clock) -> dict[str, str]:
    port = free_port()
    sped = {f"WIREWATCH_{name}": str(each * clock.speed) for name, each in _SPED.items()}
    return {
        "WIREWATCH_LISTEN": f"127.0.0.1:{port}",
        "WIREWATCH_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "WIREWATCH_PUSH_KEY": _KEY,
        "WIREWATCH_PUSH_LEASE_S": str(30 * 86_400),
        "WIREWATCH_POLL_UNMATCHED": "1",
        **sped,
        **clock.as_environ(),
    }


@contextmanager
def _database(url: str, clock: Clock) -> Iterator[store.Database]:
    db = store.Database(url)
    try:
        store.upgrade(db)
        clock.set_database(db)
        db.engine.dispose()
        yield db
    finally:
        db.close()


def _warm(
    fleet: Fleet, db: store.Database, clock: Clock, feeds: int, pushed: Sequence[str]
) -> None:
    """Start all processes, and have every feed polled and every hub asked."""
    began = time.time()
    for command in (["web"], ["beat"], ["worker", "-Q", "poll"], ["worker", "-Q", "deliver"]):
        fleet.start(*command)
    wait_until(
        lambda: db.read(handing_over.polled) == feeds,
        timeout_s=_WARM_S,
        what="all feeds were polled",
    )
    db.write(lambda c: handing_over.forget_articles(c, pushed))
    polled = time.time()
    fleet.start("worker", "-Q", "ingest")
    wait_until(
        lambda: db.read(lambda c: store.count_pushes(c, clock.now()))["pushed"] == len(pushed),
        timeout_s=_WARM_S,
        what="all hubs push",
    )
    wait_until(
        lambda: db.read(handing_over.unread) == 0,
        timeout_s=_WARM_S,
        what="some pages were read",
    )
    print(
        f"warm-up: all feeds polled once after {polled - began:.0f} s, {len(pushed)} subscribed to "
        f"after {time.time() - began:.0f} s",
        flush=True,
    )


def _take_over(db: store.Database, clock: Clock, foretold: Foretold, urls: Sequence[str]) -> None:
    state = foretold.state
    handing_over.hold(db, state.at)
    db.write(lambda c: handing_over.hand_over(c, urls, state))
    left_s = clock.real(state.at) - time.time()
    # Processes have the pace before for ten seconds more, of the clock's.
    assert left_s > 1, f"{1 - left_s:.0f} s late: set WIREWATCH_BENCH_WARM_S above {_WARM_S:g}"


async def _hours(
    desk: Desk, shown: Shown, clock: Clock, port: int, pushes: list[Push], ends_at: float
) -> None:
    await push_all(desk, shown, clock, port, pushes)
    await asyncio.sleep(max(0.0, clock.real(ends_at) - time.time()))


def _delays(db: store.Database, world: World) -> Delays:
    seen = db.read(handing_over.seen_at)
    return {
        (feed, number): seen[guid] - world.times[feed][number]
        for feed in range(world.feeds)
        for number in counted(world, feed)
        if (guid := guid_of(feed, number)) in seen and seen[guid] < world.ends_at
    }
