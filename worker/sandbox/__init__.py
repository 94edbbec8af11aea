"""Parsers of hostile input in child processes that can be ended: `Sandbox.run`.

A library that never returns, or that eats all memory, then costs one document and one process,
and not the daemon. It also lets pages be read on every core while SQL and HTTP go on.
"""

import asyncio
import os
import pickle
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import structlog

from worker.errors import Reason
from worker.records import Failed
from worker.sandbox.frames import HEADER, pack, unpack
from worker.text import clean_line

PARSE, EXTRACT = "worker.parse:parse_tolerant", "worker.extract:extract"
log = structlog.get_logger(__name__)

# A child is replaced after so many jobs, or once it has kept this share of its limit.
_RECYCLE_JOBS, _RECYCLE_SHARE = 5_000, 0.75
_WALL_TIMES = 4
_FAREWELL_S = 0.5
# What children need of our environment; secrets of channels and feeds are none of it.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """For one job: seconds of CPU, and bytes of address space beyond what the libraries take.

    The wall clock, at four times the CPU's seconds and `wall_extra_s`, only catches what uses no
    CPU time: a busy machine must not look like a hang.
    """

    cpu_s: float
    memory_bytes: int
    wall_extra_s: float = 30


# A template that takes more than that loops, or multiplies what it has.
TEMPLATE_LIMITS = SandboxLimits(cpu_s=1, memory_bytes=64 * 1024**2, wall_extra_s=10)


class _Child:
    """One child process and our end of its socket."""

    def __init__(self, limits: SandboxLimits) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-m", "worker.sandbox.child"]
        told = (theirs.fileno(), limits.cpu_s, limits.memory_bytes)
        try:
            self.process = subprocess.Popen(
                [*command, *map(str, told)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=_environ(),
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        ours.setblocking(False)
        self.socket, self.jobs = ours, 0

    def end(self) -> int:
        """Hang up, and kill what does not go by itself; returns how the process ended."""
        self.socket.close()
        try:
            return self.process.wait(timeout=_FAREWELL_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def _environ() -> dict[str, str]:
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # Where our own modules are found, also when started from elsewhere.
    return passed | {"PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}


_early: list[tuple[SandboxLimits, _Child]] = []


def start_early(limits: SandboxLimits, job: str, *args: Any, **kwargs: Any) -> None:
    """Start a child on a job before there is any event loop, for the next `warm` to take over."""
    child = _Child(limits)
    child.socket.setblocking(True)
    child.socket.sendall(pack((job, args, kwargs)))
    child.socket.setblocking(False)
    _early.append((limits, child))


def _taken_over(limits: SandboxLimits) -> _Child | None:
    for place, (made_for, child) in enumerate(_early):
        if made_for == limits:
            del _early[place]
            return child
    return None


class Sandbox:
    """A pool of children, started as they are needed. Used from one event loop only."""

    def __init__(self, size: int, limits: SandboxLimits) -> None:
        self._limits, self._size = limits, size
        self._free = asyncio.Semaphore(size)
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._closed = False

    async def run(self, job: str, *args: Any, **kwargs: Any) -> Any:
        """What `job` (`module:function`) returns, or Failed: it took too long, too much, crashed.

        It must return records or plain values; its module may have a `reset_caches`.
        """
        async with self._free:
            if self._closed:
                raise RuntimeError("the sandbox is closed")
            try:
                child = self._idle.pop() if self._idle else _Child(self._limits)
            except OSError as error:
                told = f"No process could be started to read it: {error.strerror}."
                return Failed(Reason.READER_CRASHED, told)
            return await self._told(child, pack((job, args, kwargs)))

    async def warm(self, children: int, job: str, *args: Any, **kwargs: Any) -> None:
        """Have `children` started, and their libraries loaded, by a job for each.

        The first is started alone, and whoever has a job waits for it: loading uses a core whole,
        and children that load beside it would have all jobs wait for twice as long.
        """
        for _ in range(self._size - 1):
            await self._free.acquire()
        try:
            if (early := _taken_over(self._limits)) is not None:
                async with self._free:
                    await self._told(early, b"")  # it has its job already
            await self.run(job, *args, **kwargs)
        finally:
            for _ in range(self._size - 1):
                self._free.release()
        # At the same time, so that no child has two of them.
        await asyncio.gather(*(self.run(job, *args, **kwargs) for _ in range(children)))

    async def _told(self, child: _Child, frame: bytes) -> Any:
        """What comes of a job; the child is idle or ended afterwards."""
        self._busy.add(child)
        try:
            return await self._heard(child, frame)
        finally:
            self._busy.discard(child)

    async def _heard(self, child: _Child, frame: bytes) -> Any:
        try:
            (how, value), resident = await self._ask(child, frame)
        except TimeoutError:
            child.process.kill()
            await _end(child)
            told = f"Reading it hung for {self._wall_s:g} s."
            return Failed(Reason.READING_TIMED_OUT, told)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
            return self._lost(await _end(child), error)
        except BaseException:  # cancelled: whatever the child is doing, nobody waits for it
            child.process.kill()
            await _end(child)
            raise
        child.jobs += 1
        swollen = resident > _RECYCLE_SHARE * self._limits.memory_bytes
        if child.jobs >= _RECYCLE_JOBS or swollen or self._closed:
            await _end(child)
        else:
            self._idle.append(child)
        if how == "done":
            return value
        if how == "memory":
            return self._out_of_memory()
        return Failed(Reason.READER_CRASHED, clean_line(f"Reading it failed: {value}", 300))

    @property
    def _wall_s(self) -> float:
        return _WALL_TIMES * self._limits.cpu_s + self._limits.wall_extra_s

    async def _ask(self, child: _Child, frame: bytes) -> tuple[tuple[str, Any], int]:
        """The child's answer; raises where there is none, or none that a child may give."""
        async with asyncio.timeout(self._wall_s):
            if frame:
                await asyncio.get_running_loop().sock_sendall(child.socket, frame)
            (size,) = HEADER.unpack(await _exactly(child.socket, HEADER.size))
            if size > self._limits.memory_bytes:
                raise ValueError("the child says more than it may hold")
            return _answer(unpack(await _exactly(child.socket, size)))

    def _lost(self, code: int, error: Exception) -> Failed:
        if code == -signal.SIGPROF:
            told = f"Reading it took more than {self._limits.cpu_s:g} s of CPU time."
            return Failed(Reason.READING_TIMED_OUT, told)
        if not self._closed:
            log.warning("sandbox.crashed", exit_code=code, error=str(error))
        return Failed(Reason.READER_CRASHED, f"The process that read it ended with {code}.")

    def _out_of_memory(self) -> Failed:
        mib = self._limits.memory_bytes / 1024**2
        return Failed(Reason.READING_TOOK_TOO_MUCH, f"Reading it took more than {mib:.0f} MiB.")

    async def close(self) -> None:
        """End every child, busy or not; nothing can be run any more."""
        self._closed = True
        idle, self._idle = self._idle, []
        busy = [child.process for child in self._busy]
        for process in busy:
            process.kill()  # who waits for it hears that it is gone, and hangs up
        await asyncio.gather(
            *(_end(child) for child in idle),
            *(asyncio.to_thread(process.wait) for process in busy),
        )


def _answer(said: Any) -> tuple[tuple[str, Any], int]:
    match said:
        case ((str(how), value), int(resident)):
            return (how, value), resident
    raise ValueError("the child says something else than how a job went")


async def _end(child: _Child) -> int:
    return await asyncio.to_thread(child.end)


async def _exactly(sock: socket.socket, size: int) -> bytes:
    loop = asyncio.get_running_loop()
    buffer, filled = bytearray(size), 0
    view = memoryview(buffer)
    while filled < size:
        got = await loop.sock_recv_into(sock, view[filled:])
        if not got:
            raise EOFError("the child hung up")
        filled += got
    return bytes(buffer)
