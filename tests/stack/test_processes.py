"""The commands of the compose files, as processes, on a real Redis and a real Postgres."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.fleet import Fleet
from tests.servers._process import free_port
from tests.stack import compose
from tests.stack.test_compose_file import pulse_check
from tests.waiting import wait_until
from worker.demo import desk

SERVICES = compose.whole()
DAEMONS = ("beat", "poll", "ingest", "deliver")
Process = subprocess.Popen[bytes]


@dataclass
class Stack:
    """The services as processes of this machine: other addresses, the same command lines."""

    fleet: Fleet
    site: str = field(default_factory=lambda: f"127.0.0.1:{free_port()}")
    receiver: str = field(default_factory=lambda: f"127.0.0.1:{free_port()}")
    running: dict[str, Process] = field(default_factory=dict)

    def here(self, text: str) -> str:
        """`text` of a compose or configuration file with this machine's addresses."""
        for service, place in (("site:8080", self.site), ("receiver:8081", self.receiver)):
            text = text.replace(service, place)
        return text

    def write_config(self) -> None:
        folder = self.fleet.folder / "config"
        folder.mkdir()
        for file in (compose.ROOT / "tests" / "stack" / "config").iterdir():
            (folder / file.name).write_text(self.here(file.read_text()))

    def pulse(self, name: str) -> Path:
        return self.fleet.folder / f"{name}.pulse"

    def start(self, name: str, **replaced: str) -> Process:
        """Run a service's command, with other values for some of its options."""
        line = [self.here(argument) for argument in compose.arguments(SERVICES[name])]
        for option, value in replaced.items():
            line[line.index(f"--{option}") + 1] = value
        self.fleet.knobs["WIREWATCH_PULSE_FILE"] = str(self.pulse(name))
        self.running[name] = self.fleet.start(*line)
        return self.running[name]

    def serve(self, name: str, place: str) -> None:
        host, _, port = place.partition(":")
        self.start(name, host=host, port=port)

    def healthy(self, name: str) -> bool:
        """What the service's own health check says of its process."""
        path = SERVICES[name]["environment"]["WIREWATCH_PULSE_FILE"]
        check = pulse_check(SERVICES[name]).replace(path, str(self.pulse(name)))
        return subprocess.run(["sh", "-c", check], capture_output=True).returncode == 0

    def all_run(self) -> bool:
        return all(process.poll() is None for process in self.running.values())


@pytest.fixture
def stack(bare_postgres_url: str, redis_url: str, tmp_path: Path) -> Iterator[Stack]:
    knobs = {
        "WIREWATCH_POLL_INTERVAL_S": "1",
        desk.SECRET: "whsec_" + "c2VjcmV0" * 4,
    }
    stack = Stack(Fleet(bare_postgres_url, redis_url, tmp_path, knobs))
    stack.write_config()
    try:
        yield stack
    finally:
        stack.fleet.close()


def fetch(place: str, path: str) -> Any:
    """A JSON document; None as long as nobody answers."""
    try:
        with urlopen(f"http://{place}{path}", timeout=5) as answer:
            return json.load(answer)
    except (URLError, ConnectionError):
        return None


def news(stack: Stack) -> set[str]:
    """Addresses of what the site published, since it runs, that an alert is owed for."""
    log = fetch(stack.site, "/log.json")["published"]
    return {
        one["url"] for one in log if one["live"] and one["matches"] and one["kind"] == "original"
    }


def told(stack: Stack) -> set[str]:
    """Addresses of the articles that verified webhooks told of."""
    return {one["body"]["article"]["url"] for one in received(stack)["alerts"]}


def received(stack: Stack) -> Any:
    return fetch(stack.receiver, "/received.json")


def waiting(stack: Stack, condition: Callable[[], object], what: str) -> None:
    """Wait with an eye on the processes: one that ends tells why in its log."""
    wait_until(lambda: not stack.all_run() or condition(), timeout_s=25, what=what, every_s=0.1)
    assert stack.all_run(), stack.fleet.log()


def start_all(stack: Stack) -> None:
    """As `docker compose up` does: the servers, the tables, then all that needs both."""
    stack.serve("site", stack.site)
    stack.serve("receiver", stack.receiver)
    migrate = stack.start("migrate")
    assert migrate.wait(20) == 0, stack.fleet.log()
    del stack.running["migrate"]
    assert not any(stack.healthy(name) for name in DAEMONS)
    for name in DAEMONS:
        stack.start(name)


def seconds_to_end(processes: dict[str, Process]) -> dict[str, float]:
    """SIGTERM for all of them at once, as `docker compose stop` does."""
    began, ended = time.monotonic(), dict[str, float]()
    for process in processes.values():
        process.terminate()
    for name, process in processes.items():
        process.wait(20)
        ended[name] = time.monotonic() - began
    return ended


def test_the_stack_tells_of_news_and_ends_in_order(stack: Stack) -> None:
    start_all(stack)
    waiting(stack, lambda: all(map(stack.healthy, DAEMONS)), "every health check is content")
    waiting(stack, lambda: news(stack) & told(stack), "news arrive as a verified webhook")

    seen = received(stack)
    assert seen["rejected"] == 0
    about = [(a["body"]["topic"]["name"], a["body"]["story"]["id"]) for a in seen["alerts"]]
    assert len(about) == len(set(about))

    ended = seconds_to_end(stack.running)
    codes = {name: process.returncode for name, process in stack.running.items()}
    assert codes == dict.fromkeys(("site", "receiver", *DAEMONS), 0), stack.fleet.log()
    assert max(ended.values()) < 10, ended
