"""The door in the embedded daemon, and as the stack's own process."""

import http.client
import signal
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.fleet import Fleet
from tests.hub import Hub
from tests.pipeline.conftest import settings_for
from tests.push.conftest import feed_with
from tests.servers._process import free_port
from tests.site import Site, rss
from tests.waiting import wait_until
from worker import runtime, store


def health(port: int) -> int | None:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asked.request("GET", "/healthz")
        return asked.getresponse().status
    except OSError:
        return None
    finally:
        asked.close()


def fleet_at(port: int, url: str, broker: str, folder: Path) -> Fleet:
    fleet = Fleet(url, broker, folder, {"WIREWATCH_LISTEN": f"127.0.0.1:{port}"})
    fleet.write_config([], "http://127.0.0.1:9/hook")
    return fleet


@pytest.mark.parametrize("command", ["run", "web"])
def test_it_is_served_until_a_signal_and_closes_in_order(
    sqlite_url: str, redis_url: str, tmp_path: Path, command: str
) -> None:
    port = free_port()
    broker = "memory://" if command == "run" else redis_url
    fleet = fleet_at(port, sqlite_url, broker, tmp_path)
    try:
        process = fleet.start(command)
        wait_until(lambda: health(port) == 200, timeout_s=20, what="it answers")
        if command == "web":
            assert fleet.start("web", "--check").wait(20) == 0
        second = fleet.start(command)
        assert second.wait(20) == 1
        assert "cannot be listened on" in fleet.log()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0, fleet.log()
        assert "Traceback" not in fleet.log(), fleet.log()
        if command == "web":
            assert fleet.start("web", "--check").wait(20) == 1
    finally:
        fleet.close()


def test_a_running_daemon_turns_a_push_into_an_alert(
    sqlite_url: str, site: Site, tmp_path: Path
) -> None:
    port, hub, hook = free_port(), Hub(site), site.put("/hook")
    knobs = {
        "WIREWATCH_LISTEN": f"127.0.0.1:{port}",
        "WIREWATCH_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "WIREWATCH_PUSH_KEY": "k" * 40,
    }
    fleet = Fleet(sqlite_url, "memory://", tmp_path, knobs)
    feed = feed_with(hub.url, {"title": "Old", "guid": "old"})
    fleet.write_config([site.put("/feed", feed, kind="application/rss+xml")], hook)
    settings = settings_for(sqlite_url, **{n[10:].lower(): value for n, value in knobs.items()})
    tools = runtime.build(settings)
    try:
        fleet.start("run")
        wait_until(lambda: hub.verified, timeout_s=20, what="the hub was asked, and verified")
        (told,) = tools.db.read(store.list_pushes).values()
        assert told["state"] == "verified"
        assert [one.status for one in hub.verified] == [200]
        body = rss([{"title": "Talks on Syria", "guid": "new"}]).encode()
        told = {"X-Hub-Signature": hub.signature(body), "Content-Type": "application/rss+xml"}
        request = Request(hub.callback, body, told)
        with urlopen(request, timeout=10) as answer:
            assert answer.status == 202
        wait_until(lambda: "/hook" in site.paths(), timeout_s=20, what="the alert arrives")
        assert site.paths().count("/feed") == 1
    finally:
        fleet.close()
        runtime.close(tools)
