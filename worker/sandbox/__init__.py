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

PARSE, EXTRACT = "worker.parse:parse_tolerant", "worker.extract:extract"
log = structlog.get_logger(__name__)

# A child is replaced after so many jobs, or once it has kept this share of its limit.
_RECYCLE_JOBS, _RECYCLE_SHARE = 5_000, 0.75
# The wall clock only catches what uses no CPU time; a busy machine must not look like a hang.
_WALL_TIMES, _WALL_EXTRA_S = 4, 30
_FAREWELL_S = 0.5
# What children need of our environment; secrets of channels and feeds are none of it.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """For one job: seconds of CPU, and bytes of address space beyond what the libraries take."""

    cpu_s: float
    memory_bytes: int


class _Child:
    """One child process and our end of its socket."""

    def __init__(self, limits: SandboxLimits) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "worker.sandbox.child",
                    str(theirs.fileno()),
                    str(limits.cpu_s),
                    str(limits.memory_bytes),
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=_environ(),
            )
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


class Sandbox:
    """A pool of children, started as they are needed. Used from one event loop only."""

    def __init__(self, size: int, limits: SandboxLimits) -> None:
        self._limits = limits
        self._free = asyncio.Semaphore(size)
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()

    async def run(self, job: str, *args: Any, **kwargs: Any) -> Any:
        """What `job` (`module:function`) returns, or Failed: it took too long, too much, crashed.

        It must return records or plain values; its module may have a `reset_caches`.
        """
        async with self._free:
            child = self._idle.pop() if self._idle else await self._start()
            try:
                answer = await self._ask(child, pack((job, args, kwargs)))
            except BaseException:  # cancelled: whatever the child is doing, nobody waits for it
                child.process.kill()
                await self._end(child)
                raise
            if isinstance(answer, Failed):
                return answer
            (how, value), resident = answer
            child.jobs += 1
            swollen = resident > _RECYCLE_SHARE * self._limits.memory_bytes
            if child.jobs >= _RECYCLE_JOBS or swollen:
                await self._end(child)
            else:
                self._idle.append(child)
        if how == "done":
            return value
        if how == "memory":
            return self._out_of_memory()
        return Failed(Reason.READER_CRASHED, f"Reading it failed: {value}")

    async def _start(self) -> _Child:
        child = await asyncio.to_thread(_Child, self._limits)
        self._all.add(child)
        return child

    async def _ask(self, child: _Child, frame: bytes) -> Any:
        loop = asyncio.get_running_loop()
        wall_s = _WALL_TIMES * self._limits.cpu_s + _WALL_EXTRA_S
        try:
            async with asyncio.timeout(wall_s):
                await loop.sock_sendall(child.socket, frame)
                (size,) = HEADER.unpack(await _exactly(child.socket, HEADER.size))
                return unpack(await _exactly(child.socket, size))
        except TimeoutError:
            child.process.kill()
            await self._end(child)
            told = f"Reading it hung for {wall_s:.0f} s."
            return Failed(Reason.READING_TIMED_OUT, told)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            return self._told(await self._end(child), error)

    async def _end(self, child: _Child) -> int:
        self._all.discard(child)
        return await asyncio.to_thread(child.end)

    def _told(self, code: int, error: Exception) -> Failed:
        if code == -signal.SIGPROF:
            told = f"Reading it took more than {self._limits.cpu_s:g} s of CPU time."
            return Failed(Reason.READING_TIMED_OUT, told)
        log.warning("sandbox.crashed", exit_code=code, error=str(error))
        return Failed(Reason.READER_CRASHED, f"The process that read it ended with {code}.")

    def _out_of_memory(self) -> Failed:
        mib = self._limits.memory_bytes / 1024**2
        return Failed(Reason.READING_TOOK_TOO_MUCH, f"Reading it took more than {mib:.0f} MiB.")

    async def close(self) -> None:
        """End every child."""
        await asyncio.gather(*(self._end(child) for child in list(self._all)))
        self._idle.clear()


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
