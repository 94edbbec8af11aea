"""`wirewatch run` as a process: it works, stops in order, and follows its files."""

import asyncio
import json
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from aiohttp import web

from tests.fleet import Fleet
from tests.site import Site, page
from tests.waiting import wait_until
from worker import store
from worker.store import Database

TEXT = "Talks on Syria resume in Geneva on Monday, said the envoy, after weeks of silence there."


@pytest.fixture
def fleet(sqlite_url: str, tmp_path: Path) -> Iterator[Fleet]:
    fleet = Fleet(sqlite_url, "memory://", tmp_path, {"WIREWATCH_POLL_INTERVAL_S": "0.3"})
    yield fleet
    fleet.close()


@pytest.fixture
def db(sqlite_url: str) -> Iterator[Database]:
    database = Database(sqlite_url)
    yield database
    database.close()


def publish(site: Site, *titles: str) -> str:
    links = {title: site.put(f"/{n}", page(title, TEXT)) for n, title in enumerate(titles)}
    return site.put_feed("/feed", [{"title": t, "link": link} for t, link in links.items()])


def processes_of(daemon: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(daemon.pid).children(recursive=True)


def are_gone(processes: list[psutil.Process]) -> bool:
    """Whether none of them does anything any more: in a container nobody may note their end."""
    return all(not p.is_running() or p.status() == psutil.STATUS_ZOMBIE for p in processes)


def delivered(db: Database) -> int:
    return db.read(store.overview).delivered


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_news_become_alerts_and_a_signal_ends_it_in_order(
    fleet: Fleet, db: Database, site: Site, signum: signal.Signals
) -> None:
    fleet.write_config([publish(site, "Talks on Syria")], site.put("/hook"))
    daemon = fleet.start("run")
    wait_until(lambda: delivered(db) == 1, timeout_s=20, what="the alert is delivered")
    readers = processes_of(daemon)
    assert readers, "pages are read in processes of their own"
    daemon.send_signal(signum)
    assert daemon.wait(10) == 0
    assert are_gone(readers)
    lines = [json.loads(line) for line in fleet.log().splitlines() if line.startswith("{")]
    events = [line["event"] for line in lines]
    assert events[-1] == "daemon.stopped"
    assert {"config.applied", "daemon.started", "article.matched", "alert.delivered"} <= set(events)
    assert all(line["timestamp"] and line["level"] for line in lines)
    fleet.start("run")
    polls = db.read(store.overview).polls
    wait_until(lambda: db.read(store.overview).polls > polls, timeout_s=20, what="it polls again")
    assert site.paths().count("/hook") == 1


def test_a_daemon_that_is_killed_leaves_no_process_behind(
    fleet: Fleet, db: Database, site: Site
) -> None:
    fleet.write_config([publish(site, "Talks on Syria")], site.put("/hook"))
    daemon = fleet.start("run")
    wait_until(lambda: delivered(db) == 1, timeout_s=20, what="the alert is delivered")
    readers = processes_of(daemon)
    assert readers
    daemon.kill()
    daemon.wait(10)
    wait_until(lambda: are_gone(readers), timeout_s=10, what="its readers are gone")


def test_what_hangs_is_given_back_when_it_must_stop(fleet: Fleet, db: Database, site: Site) -> None:
    async def hang(_request: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    hook = site.at("/hook", hang)
    slow = site.at("/slow", hang)
    item = {"title": "A slow page", "link": site.at("/page", hang)}
    fleet.write_config([publish(site, "Talks on Syria"), slow, site.put_feed("/f", [item])], hook)
    daemon = fleet.start("run")
    wait_until(
        lambda: {"/hook", "/slow", "/page"} <= set(site.paths()),
        timeout_s=20,
        what="a feed, a page and a receiver hang",
    )
    daemon.terminate()
    assert daemon.wait(10) == 0
    queues = db.read(store.overview).queues
    assert {name: queue.leased for name, queue in queues.items()} == {
        "poll": 0,
        "ingest": 0,
        "deliver": 0,
    }
    assert queues["ingest"].due == queues["deliver"].due == 1


def test_files_are_followed_and_a_broken_edit_leaves_the_last_good_version(
    fleet: Fleet, db: Database, site: Site
) -> None:
    feed, hook = publish(site, "Talks on Syria"), site.put("/hook")
    fleet.write_config([feed], hook, query="volcano")
    daemon = fleet.start("run")
    wait_until(lambda: db.read(store.overview).stories == 1, timeout_s=20, what="it is read")
    fleet.write_config([feed], hook, query="(syria")
    wait_until(lambda: "config.refused" in fleet.log(), timeout_s=10, what="it is refused")
    assert "topics.yml:4" in fleet.log()
    fleet.write_config([feed], hook, query="syria")
    wait_until(lambda: fleet.log().count("config.applied") == 2, what="it is applied")
    publish(site, "Talks on Syria", "More talks on Syria")
    wait_until(lambda: delivered(db) == 1, timeout_s=15, what="the new article alerts")
    assert daemon.poll() is None


def test_a_missing_secret_is_told_at_start(fleet: Fleet, site: Site) -> None:
    fleet.write_config([], site.put("/hook"))
    del fleet.knobs["FLEET_SECRET"]
    daemon = fleet.start("run")
    assert daemon.wait(15) == 1
    assert "channels.yml:5" in fleet.log()
    assert "FLEET_SECRET" in fleet.log()
    assert "Traceback" not in fleet.log()


def test_work_goes_on_after_another_process_locked_the_store(
    fleet: Fleet, db: Database, site: Site, sqlite_url: str
) -> None:
    fleet.write_config([publish(site, "Talks on Syria")], site.put("/hook"))
    daemon = fleet.start("run")
    wait_until(lambda: delivered(db) == 1, timeout_s=20, what="it works")
    locked = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    locked.execute("BEGIN EXCLUSIVE")
    before = len(site.requests)
    publish(site, "Talks on Syria", "More talks on Syria")
    wait_until(lambda: len(site.requests) >= before, what="it had the time to try")
    locked.rollback()
    locked.close()
    wait_until(lambda: delivered(db) == 2, timeout_s=30, what="it works again")
    assert daemon.poll() is None
