"""From a hub's push to the webhook: real processes, a hub that signs, pages that are fetched.

The baseline is a program that does nothing but hand on what it is pushed, in the same run.
"""

import asyncio
import http.client
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.fleet import Fleet
from tests.hub import Hub
from tests.servers import PostgresServer, RedisServer
from tests.servers._process import free_port
from tests.site import Site, page, rss
from tests.waiting import wait_until
from worker import runtime, store

_FEEDS = 20
_ITEMS = int(os.environ.get("WIREWATCH_BENCH_ITEMS", "200"))
_COLD = 20
_EVERY_S = 0.2
_KEY = "bench" * 8
_TEXT = "Talks on Syria resume in Geneva on Monday, said the envoy, after weeks of silence there."


def run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _measure("wirewatch run, SQLite", f"sqlite:///{folder}/bench.db", "memory://", [["run"]])
    with servers() as (postgres, redis):
        commands = [
            ["web"],
            ["beat"],
            *(["worker", "-Q", q] for q in ("poll", "ingest", "deliver")),
        ]
        _measure("stack, Postgres and Redis", postgres, redis, commands)


@contextmanager
def servers() -> Iterator[tuple[str, str]]:
    """A Postgres and a Redis of our own; yields their URLs."""
    postgres = PostgresServer(os.environ.get("TEST_POSTGRES", "any"))
    postgres.start()
    with tempfile.TemporaryDirectory() as folder:
        redis = RedisServer(None, Path(folder))
        redis.start()
        yield postgres.create_database(), redis.url_of(0)
        redis.stop()
    postgres.close()


def _measure(name: str, database: str, broker: str, commands: Sequence[Sequence[str]]) -> None:
    site = Site()
    site.start()
    got: dict[str, float] = {}

    async def receive(request: web.Request) -> web.Response:
        got[json.loads(await request.read())["article"]["headline"]] = time.perf_counter()
        return web.Response()

    hook, hub = site.at("/hook", receive), Hub(site)
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        knobs = {
            "WIREWATCH_LISTEN": f"127.0.0.1:{port}",
            "WIREWATCH_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "WIREWATCH_PUSH_KEY": _KEY,
            "WIREWATCH_TICK_S": "1",
            "WIREWATCH_RECHECK_S": "never",
        }
        fleet = Fleet(database, broker, Path(folder), knobs)
        feeds = [_feed(site, hub, number) for number in range(_FEEDS)]
        fleet.write_config(feeds, hook)
        db = store.Database(database)
        store.upgrade(db)
        try:
            _subscribe(fleet, db, hub, commands)
            cold_at = time.perf_counter()
            _start(fleet, port, commands)
            print(f"  ready after {time.perf_counter() - cold_at:.1f} s", flush=True)
            cold, ours = asyncio.run(_push(site, hub, got))
            bare = asyncio.run(_relayed(hook, got))
        finally:
            fleet.close()
            db.close()
            site.stop()
    _report(name, cold, ours, bare)


def _start(fleet: Fleet, port: int, commands: Sequence[Sequence[str]]) -> None:
    """Start all processes, and wait until each says that it is ready, and the door is open."""
    before = _ready(fleet)
    for command in commands:
        fleet.start(*command)

    def are_ready() -> bool:
        return _ready(fleet) - before >= len(commands) and _answers(port)

    wait_until(are_ready, timeout_s=60, what="all processes are ready")


_READY = ("daemon.started", "worker.ready", "web.started", "beat.started")


def _ready(fleet: Fleet) -> int:
    log = fleet.log()
    return sum(log.count(f'"{event}"') for event in _READY)


def _answers(port: int) -> bool:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asked.request("GET", "/healthz")
        return asked.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        asked.close()


def _feed(site: Site, hub: Hub, number: int) -> str:
    link = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{hub.url}"/>'
    body = rss([{"title": "Old", "guid": "old"}]).replace("<item>", f"{link}<item>")
    return site.put(f"/feed/{number}", body, kind="application/rss+xml")


def _subscribe(
    fleet: Fleet, db: store.Database, hub: Hub, commands: Sequence[Sequence[str]]
) -> None:
    """A first run, in which all feeds are found and subscribed to, ended in order."""
    for command in commands:
        fleet.start(*command)

    def counts() -> dict[str, Any]:
        return db.read(lambda c: store.count_pushes(c, runtime.clock()))

    wait_until(lambda: counts()["pushed"] == _FEEDS, timeout_s=60, what="all are subscribed to")
    assert len(hub.asked) == _FEEDS
    fleet.stop()


async def _push(site: Site, hub: Hub, got: dict[str, float]) -> tuple[list[float], list[float]]:
    """Push an item at a time; returns the seconds that each took: of the first, of the others."""
    subscriptions = list(hub.asked)
    async with aiohttp.ClientSession() as session:

        async def push(number: int) -> tuple[str, float]:
            title = f"Talks on Syria number {number} in the city of {number * 7919}"
            link = site.put(f"/{number}", page(title, f"{_TEXT} {title}. {_words(number)}"))
            body = rss([{"title": title, "link": link, "guid": str(number)}]).encode()
            hub.asked.append(subscriptions[number % _FEEDS])
            callback, signature = hub.callback, hub.signature(body)
            headers = {"X-Hub-Signature": signature, "Content-Type": "application/rss+xml"}
            at = time.perf_counter()
            async with session.post(callback, data=body, headers=headers) as answer:
                assert answer.status == 202, await answer.text()
            return title, at

        async def timed(numbers: range) -> list[float]:
            sent: dict[str, float] = {}
            for number in numbers:
                title, at = await push(number)
                sent[title] = at
                await asyncio.sleep(max(0.0, at + _EVERY_S - time.perf_counter()))
            await _arrived(got, set(sent))
            return [got[title] - at for title, at in sent.items()]

        return await timed(range(_COLD)), await timed(range(_COLD, _COLD + _ITEMS))


async def _arrived(got: dict[str, float], titles: set[str]) -> None:
    give_up = time.perf_counter() + 60
    while titles - set(got):
        assert time.perf_counter() < give_up, f"{len(titles - set(got))} items never came"
        await asyncio.sleep(0.05)


def _words(number: int) -> str:
    """A text of its own, so that no two items are one story."""
    return " ".join(f"word{number}x{n}" for n in range(60))


async def _relayed(hook: str, got: dict[str, float]) -> list[float]:
    """The seconds that each takes by a program that hands on what it gets, and no more."""
    numbers = count()

    async def relay(request: web.Request) -> web.Response:
        await request.read()
        told = {"article": {"headline": f"relayed {next(numbers)}"}}
        async with session.post(hook, json=told) as answer:
            return web.Response(status=answer.status)

    app = web.Application()
    app.router.add_post("/", relay)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    took = []
    async with aiohttp.ClientSession() as session:
        for number in range(_ITEMS):
            began = time.perf_counter()
            async with session.post(f"http://127.0.0.1:{port}/", data=b"x" * 500) as answer:
                assert answer.status == 200
            took.append(got[f"relayed {number}"] - began)
    await runner.cleanup()
    return took


def _report(name: str, cold: list[float], ours: list[float], bare: list[float]) -> None:
    (cold_ms, cold_p95), (_, all_p95) = _percentiles(cold), _percentiles(cold + ours)
    (ours_ms, ours_p95), (bare_ms, bare_p95) = _percentiles(ours), _percentiles(bare)
    print(
        f"pushed to webhook, {name}: {_ITEMS} items, one each {_EVERY_S:g} s, {_FEEDS} feeds\n"
        f"  bare relay    median {bare_ms:6.1f} ms   p95 {bare_p95:6.1f} ms\n"
        f"  wirewatch     median {ours_ms:6.1f} ms   p95 {ours_p95:6.1f} ms"
        f"   slowest {max(ours) * 1000:.0f} ms   (to reach: p95 500 ms or less)\n"
        f"  first {_COLD}      median {cold_ms:6.1f} ms   p95 {cold_p95:6.1f} ms"
        f"   slowest {max(cold) * 1000:.0f} ms   (from the moment that all is ready)\n"
        f"  with the first               p95 {all_p95:8.1f} ms   (since the start)\n"
        f"  ratio         median {ours_ms / bare_ms:6.1f}      p95 {ours_p95 / bare_p95:6.1f}",
        flush=True,
    )


def _percentiles(times: list[float]) -> tuple[float, float]:
    """Median and 95th percentile, in ms."""
    return statistics.median(times) * 1000, statistics.quantiles(times, n=20)[-1] * 1000
