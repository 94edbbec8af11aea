"""Whatever a job does, it costs that job and at most its child process."""

import asyncio
import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox import jobs
from tests.sandbox.children import children_from_now
from tests.waiting import wait_until
from worker.errors import Reason
from worker.flights import LoopThread
from worker.records import Failed
from worker.sandbox import Sandbox, SandboxLimits
from worker.sandbox.frames import pack, unpack

JOBS = jobs.__name__


class Box:
    """A sandbox on a loop of its own, to be asked from the test's thread."""

    def __init__(
        self, size: int, *, cpu_s: float = 0.3, memory_mib: int = 256, wall_extra_s: float = 30
    ) -> None:
        self.loop = LoopThread()
        self.sandbox = Sandbox(size, SandboxLimits(cpu_s, memory_mib * 1024**2, wall_extra_s))

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


def test_closing_ends_idle_and_busy_children_and_who_waits_for_them_hears_of_it() -> None:
    children = children_from_now()
    box = Box(2)

    async def close_while_busy() -> tuple[int, object]:
        idle = int(await box.sandbox.run(f"{JOBS}:pid"))
        waiting = [
            asyncio.create_task(box.sandbox.run(f"{JOBS}:{job}")) for job in ("hang", "hang")
        ]
        await asyncio.sleep(0)
        await box.sandbox.close()
        return idle, await asyncio.gather(*waiting)

    idle, outcomes = box.wait(close_while_busy)
    assert not psutil.pid_exists(idle)
    assert {getattr(outcome, "reason", None) for outcome in outcomes} == {Reason.READER_CRASHED}
    assert children() == set()
    with pytest.raises(RuntimeError, match="the sandbox is closed"):
        box.run("pid")
    box.wait(box.sandbox.close)
    box.loop.close()


def test_a_child_outlives_the_signals_that_its_parent_is_asked_to_stop_by(box: Box) -> None:
    child = box.run("pid")
    for stop in (signal.SIGINT, signal.SIGTERM):
        os.kill(child, stop)
    assert box.run("pid") == child


def test_a_child_knows_no_secret(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_DESK_SECRET", "hush")
    assert box.run("secrets_seen") == {}
    plain = {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH"}
    assert box.run("environ") <= plain | {"LD_LIBRARY_PATH"}


def test_caches_are_emptied_now_and_then(box: Box) -> None:
    for _ in range(251):
        box.run("echo", 1)
    assert box.run("times_reset") == 1


# ---- limits


def test_cpu_time_of_imports_is_not_the_job_s() -> None:
    box = Box(1, cpu_s=0.3)
    try:
        done = box.wait(lambda: box.sandbox.run("tests.sandbox.slow_to_import:done"))
    finally:
        box.close()
    assert done == "done"


def test_a_job_that_waits_for_ever_is_ended_by_the_wall_clock() -> None:
    box = Box(1, cpu_s=0.1, wall_extra_s=0.6)
    try:
        first = box.run("pid")
        failed = box.run("hang")
        assert isinstance(failed, Failed)
        assert failed.reason is Reason.READING_TIMED_OUT
        assert failed.detail == "Reading it hung for 1 s."
        assert not psutil.pid_exists(first)
        assert box.run("echo", 1) == 1
    finally:
        box.close()


def test_a_parser_that_blows_up_a_document_is_ended(box: Box) -> None:
    failed = box.run("expand_entities")
    assert isinstance(failed, Failed), failed
    assert failed.reason in (
        Reason.READING_TOOK_TOO_MUCH,
        Reason.READER_CRASHED,
        Reason.READING_TIMED_OUT,
    )
    assert box.run("echo", 1) == 1


on_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux keeps limits of address space"
)


@on_linux
def test_memory_is_bounded_anew_with_every_library_that_is_loaded(box: Box) -> None:
    before = box.run("memory_bound")
    kept = box.run("keep", 32 * 1024**2)
    assert box.run("memory_bound") == before
    box.wait(lambda: box.sandbox.run("tests.sandbox.slow_to_import:done"))
    assert box.run("memory_bound") >= before + kept


@on_linux
def test_without_proc_children_work_and_memory_is_bounded_all_the_same() -> None:
    box = Box(1, cpu_s=10)
    try:
        assert box.run("without_proc") is None
        assert box.run("echo", 1) == 1
        assert box.run("memory_bound") == 1024**3 + 256 * 1024**2
        failed = box.run("eat_memory")
    finally:
        box.close()
    assert isinstance(failed, Failed)
    assert failed.reason is Reason.READING_TOOK_TOO_MUCH


def test_a_reason_is_read_by_every_python_without_getattr() -> None:
    for reason in Reason:
        assert unpack(pickle.dumps(reason)) is reason
        assert reason.__reduce_ex__(pickle.HIGHEST_PROTOCOL) == (Reason, (reason.value,))


# ---- children that have turned hostile, or cannot be had


@pytest.mark.parametrize(
    "frame",
    [
        b"\xff\xff\xff\xff",
        b"\0\0\0\x04junk",
        b"\0\0\0\0",
        jobs.evil_frame(),
        pack(3),
        pack(("done", 1)),
        pack((("done", 1), "much")),
        pack(((b"done", 1), 1)),
    ],
    ids=["long", "junk", "empty", "evil", "number", "short", "text", "bytes"],
)
def test_what_a_child_may_not_say_is_not_listened_to(box: Box, frame: bytes) -> None:
    failed = box.run("say", frame)
    assert isinstance(failed, Failed)
    assert failed.reason is Reason.READER_CRASHED
    assert box.run("echo", 1) == 1
    assert not Path("/tmp/owned").exists()


@given(st.binary(max_size=200))
def test_any_bytes_of_a_child_are_a_value_or_an_unpickling_error(data: bytes) -> None:
    with contextlib.suppress(pickle.UnpicklingError):
        unpack(data)


def test_a_process_that_cannot_be_started_is_told(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("worker.sandbox.subprocess.Popen", refuse)
    failed = box.run("pid")
    assert isinstance(failed, Failed)
    assert failed.reason is Reason.READER_CRASHED
    assert "Too many open files" in failed.detail
    monkeypatch.undo()
    assert box.run("echo", 1) == 1


def test_two_hundred_jobs_with_crashes_among_them_leave_nothing_behind() -> None:
    us, children = psutil.Process(), children_from_now()
    box = Box(2)

    async def work() -> None:
        for _ in range(10):
            await asyncio.gather(*(box.sandbox.run(f"{JOBS}:echo", n) for n in range(19)))
            assert isinstance(await box.sandbox.run(f"{JOBS}:leave"), Failed)

    try:
        box.run("echo", 1)
        descriptors, threads = us.num_fds(), us.num_threads()
        box.wait(work)
        assert us.num_fds() <= descriptors + 1  # a second child is at work
        assert us.num_threads() <= threads + 6  # which wait for processes, and stay
        assert len(children()) <= 2
    finally:
        box.close()


# ---- parents


def parent(which: str, **environ: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.sandbox.parents", which],
        stdout=subprocess.PIPE,
        env=os.environ | environ,
    )


@pytest.mark.parametrize("job", ["hang", "loop_in_c"])
def test_a_parent_that_is_killed_leaves_no_child_idle_or_busy(job: str) -> None:
    with parent(job) as process:
        assert process.stdout is not None
        children = json.loads(process.stdout.readline())
        assert all(map(psutil.pid_exists, children))
        process.kill()
        process.wait(10)
    wait_until(
        lambda: not any(_is_alive(pid) for pid in children),
        timeout_s=20,
        what="no child is left",
    )


def _is_alive(pid: int) -> bool:
    """Whether it still does anything: nobody may be there to take note of its end."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_after_a_fork_each_side_has_children_of_its_own(sqlite_url: str) -> None:
    with parent("forked", WIREWATCH_DATABASE_URL=sqlite_url) as process:
        said, _ = process.communicate(timeout=60)
    before, forked, after = json.loads(said)
    assert before == after != forked
