"""The door in the embedded daemon, and as the stack's own process."""

import http.client
import signal
from pathlib import Path

import pytest

from tests.fleet import Fleet
from tests.servers._process import free_port
from tests.waiting import wait_until


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
        assert "Traceback" not in fleet.log()
        if command == "web":
            assert fleet.start("web", "--check").wait(20) == 1
    finally:
        fleet.close()
