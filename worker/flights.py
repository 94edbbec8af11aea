"""One event loop for the life of a process, and the requests that a stage has in flight on it.

A stage works in a thread of its own: it launches coroutines, and takes their results in small
groups as they land, so that parsing and SQL never hold up the loop, and the loop never waits for
the slowest of a batch.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Coroutine, Iterable
from typing import Any, Generic, TypeVar

import structlog
import uvloop

Claim = TypeVar("Claim")
Result = TypeVar("Result")
log = structlog.get_logger(__name__)

_ENDING_S = 3.0


class LoopThread:
    """An event loop that runs in a daemon thread until `close`."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="wirewatch-loop", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def run(self, work: Coroutine[Any, Any, Result], timeout_s: float | None = None) -> Result:
        """Run a coroutine on the loop from another thread, and wait for what it returns."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout_s)

    def close(self) -> None:
        """End what still runs on the loop, then the loop itself, within a few seconds."""
        try:
            self.run(_end_all(), timeout_s=_ENDING_S + 1)
        except TimeoutError:
            log.warning("close.late", what="loop")
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=5)
        if not self._thread.is_alive():
            self.loop.close()


async def _end_all() -> None:
    """Cancel every other task and let it close what it holds: a closed loop no longer can."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others, timeout=_ENDING_S)


class Flights(Generic[Claim, Result]):
    """Coroutines under way for one stage, each with the claim that it works on."""

    def __init__(self, loop: LoopThread, group: int) -> None:
        self._loop = loop.loop
        self._group = group
        self._landed: deque[tuple[Claim, Result | BaseException]] = deque()
        self._flying: dict[asyncio.Task[Result], tuple[Claim, float]] = {}
        self._some = threading.Event()
        self._enough = threading.Event()
        self.pending = 0

    def launch(self, work: Iterable[tuple[Claim, Coroutine[Any, Any, Result]]]) -> None:
        """Start coroutines; their claims are pending until `collect` or `cancel` returns them."""
        batch = list(work)
        if not batch:
            return
        self.pending += len(batch)
        # One wake-up of the loop for the whole batch, not one for each request.
        self._loop.call_soon_threadsafe(self._start, batch)

    def _start(self, batch: list[tuple[Claim, Coroutine[Any, Any, Result]]]) -> None:
        for claim, coroutine in batch:
            task = self._loop.create_task(coroutine)
            self._flying[task] = claim, time.monotonic()
            task.add_done_callback(self._land)

    def _land(self, task: asyncio.Task[Result]) -> None:
        claim, _began = self._flying.pop(task)
        failure = asyncio.CancelledError() if task.cancelled() else task.exception()
        self._landed.append((claim, failure if failure is not None else task.result()))
        if len(self._landed) >= self._group or not self._flying:
            self._enough.set()
        self._some.set()

    def slow(self, after_s: float) -> int:
        """How many have been under way for `after_s` seconds."""
        began_before = time.monotonic() - after_s
        return sum(began < began_before for _claim, began in self._flying.copy().values())

    def collect(
        self, within_s: float, linger_s: float | None = None
    ) -> list[tuple[Claim, Result | BaseException]]:
        """What has landed: a whole group at once, or whatever there is after `within_s` seconds;
        with `linger_s`, whatever there is so many seconds after the first of it has landed.
        """
        if linger_s is not None:
            self._some.wait(within_s)
        self._enough.wait(within_s if linger_s is None else linger_s)
        self._some.clear()
        self._enough.clear()
        found: list[tuple[Claim, Result | BaseException]] = []
        while self._landed and len(found) < self._group:
            found.append(self._landed.popleft())
        if len(self._landed) >= self._group or (self._landed and not self._flying):
            self._enough.set()
        if self._landed:
            self._some.set()
        self.pending -= len(found)
        return found

    def cancel(self, within_s: float = 3) -> list[Claim]:
        """End what still flies, wait for it to unwind, and return every claim not collected."""

        async def unwind() -> list[Claim]:
            # On the loop's own thread nothing can land between these two lines.
            flying = dict(self._flying)
            claims = [claim for claim, _ in self._landed]
            claims += [claim for claim, _began in flying.values()]
            for task in flying:
                task.cancel()
            if flying:
                await asyncio.wait(flying, timeout=within_s)
            return claims

        if not self.pending:
            return []
        uncollected = asyncio.run_coroutine_threadsafe(unwind(), self._loop).result(within_s + 2)
        self._landed.clear()
        self.pending = 0
        return uncollected
