"""Whatever a job does, it costs that job and at most its child process."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import psutil
import pytest

from tests.sandbox import jobs
from tests.waiting import wait_until
from worker.errors import Reason
from worker.flights import LoopThread
from worker.records import Failed
from worker.sandbox import Sandbox, SandboxLimits

JOBS = jobs.__name__


class Box:
    """A sandbox on a loop of its own, to be asked from the test's thread."""

    def __init__(self, size: int, *, cpu_s: float = 1, memory_mib: int = 256) -> None:
        self.loop = LoopThread()
        self.sandbox = Sandbox(size, SandboxLimits(cpu_s, memory_mib * 1024**2))

    def run(self, job: str, *args: Any) -> Any:
        return self.wait(lambda: self.sandbox.run(f"{JOBS}:{job}", *args))

    def wait(self, work: Callable[[], Awaitable[Any]]) -> Any:
        async def awaited() -> Any:
            return await work()

        return self.loop.run(awaited(), timeout_s=60)

    def close(self) -> None:
        self.wait(self.sandbox.close)
        self.loop.close()


@pytest.fixture
def box() -> Iterator[Box]:
    box = Box(1)
    yield box
    box.close()


def test_a_job_s_result_comes_back(box: Box) -> None:
    assert box.run("echo", {"a": (1, "é", b"\0")}) == {"a": (1, "é", b"\0")}
    assert box.run("record") == jobs.record()
    assert box.run("refuse") == jobs.refuse()


def test_large_bodies_go_there_and_back(box: Box) -> None:
    body = os.urandom(8 * 1024**2)
    assert box.run("echo", body) == body


def test_one_child_does_many_jobs(box: Box) -> None:
    assert box.run("pid") == box.run("pid") != os.getpid()


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        ("loop_in_c", Reason.READING_TIMED_OUT),
        ("eat_memory", Reason.READING_TOOK_TOO_MUCH),
        ("crash", Reason.READER_CRASHED),
        ("leave", Reason.READER_CRASHED),
        ("fail", Reason.READER_CRASHED),
        ("send_a_stranger", Reason.READER_CRASHED),
    ],
)
def test_a_job_that_goes_wrong_is_named_and_the_next_one_runs(
    box: Box, job: str, reason: Reason
) -> None:
    failed = box.run(job)
    assert isinstance(failed, Failed)
    assert failed.reason is reason
    assert failed.detail
    assert box.run("echo", "still here") == "still here"


def test_cpu_time_is_each_job_s_own(box: Box) -> None:
    for _ in range(3):
        assert isinstance(box.run("loop_in_c"), Failed)
        assert box.run("echo", 1) == 1


def test_a_job_that_is_cancelled_takes_its_child_along(box: Box) -> None:
    async def impatient() -> int:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await box.sandbox.run(f"{JOBS}:hang")
        return int(await box.sandbox.run(f"{JOBS}:pid"))

    first = box.run("pid")
    assert box.wait(impatient) != first
    wait_until(lambda: not psutil.pid_exists(first), what="the child has ended")


def test_children_are_started_as_they_are_needed_and_no_more() -> None:
    box = Box(2)

    async def three() -> set[int]:
        pids = await asyncio.gather(*(box.sandbox.run(f"{JOBS}:pid") for _ in range(6)))
        return set(pids)

    try:
        assert len(box.wait(three)) == 2
    finally:
        box.close()


def test_closing_ends_every_child(box: Box) -> None:
    child = box.run("pid")
    box.wait(box.sandbox.close)
    assert not psutil.pid_exists(child)


def test_a_child_outlives_the_signals_that_its_parent_is_asked_to_stop_by(box: Box) -> None:
    child = box.run("pid")
    for stop in (signal.SIGINT, signal.SIGTERM):
        os.kill(child, stop)
    assert box.run("pid") == child


def test_a_child_knows_no_secret(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_DESK_SECRET", "hush")
    assert box.run("secrets_seen") == {}


def test_caches_are_emptied_now_and_then(box: Box) -> None:
    for _ in range(251):
        box.run("echo", 1)
    assert box.run("times_reset") == 1
