"""Redis dies with every prefetch slot busy: workers must hear again, and lose nothing."""

import asyncio
import threading

import pytest
from aiohttp import web

from tests.fleet import Fleet
from tests.servers import RedisServer
from tests.site import Site, rss
from tests.waiting import wait_until
from worker import store
from worker.store import Database


@pytest.mark.parametrize("pool", ["threads", "prefork"])
def test_work_goes_on_after_redis_was_killed_with_every_slot_busy(
    fleet: Fleet, redis_server: RedisServer, db: Database, site: Site, pool: str
) -> None:
    released = threading.Event()

    async def hang(request: web.Request) -> web.Response:
        while not released.is_set():
            await asyncio.sleep(0.01)
        item = {"title": "One", "link": f"http://news.test{request.path}"}
        return web.Response(text=rss([item]), content_type="application/rss+xml")

    site.put("/hook")
    # Two processes or threads, each with two feeds in flight: more feeds than can be taken at once.
    feeds = [site.at(f"/feed/{n}", hang) for n in range(8)]
    fleet.write_config(feeds, site.url("/hook"))
    fleet.knobs |= {"WIREWATCH_POLL_WIDTH": "2", "WIREWATCH_TASK_BUDGET_S": "0.1"}
    fleet.start("beat")
    worker = fleet.start("worker", "--queues", "poll", "--pool", pool, "--concurrency", "2")
    try:
        wait_until(lambda: len(site.requests) >= 4, timeout_s=30, what="every slot works")
        redis_server.kill()
        released.set()
        redis_server.start()
        wait_until(
            lambda: db.read(store.overview).articles == 8,
            timeout_s=20,
            what="all feeds are polled after Redis came back",
        )
    except AssertionError as error:
        raise AssertionError(f"{error}\n{fleet.log()}") from None
    assert worker.poll() is None
