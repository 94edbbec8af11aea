"""Notices that nobody does what ticks ask for, and tells operators without any tick's help.

Where beat, the broker or all workers are dead, the watch over the daemon is dead with them, for
it is a task itself. So each process that lives long has a thread that asks the database when
anybody last worked. It trusts no message, and it sends what it has to tell by itself, with means
of its own: whatever has got stuck in this process is none of it.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from worker import ops, ops_watch, pipeline, runtime, store
from worker.settings import Settings
from worker.store import Database

log = structlog.get_logger(__name__)

_PATIENCE_S = 5


class TickWatch:
    """A thread that watches for ticks; whoever starts one stops it."""

    def __init__(
        self,
        knobs: Settings,
        clock: Callable[[], datetime] = runtime.clock,
        *,
        deliver: Callable[[Settings], None] | None = None,
    ) -> None:
        self._knobs, self._clock = knobs, clock
        self._deliver = deliver or deliver_aside
        self._began_at = time.monotonic()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="wirewatch-ticks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def look(self, alive_s: float, *, tell: bool = True) -> bool:
        """Whether no tick has been executed for too long; then `tell` operators.

        A process that has lived for `alive_s` seconds can tell of so many and no more.
        """
        patience_s = self._knobs.ops_tick_s
        if alive_s <= patience_s:
            return False
        db = Database(self._knobs.database_url, patience_s=_PATIENCE_S)
        try:
            age_s = db.read(store.tick_age_s)
            if age_s is not None and age_s <= patience_s:
                return False
            if not tell:
                return True
            notice = ops_watch.no_tick(alive_s if age_s is None else age_s)
            told = db.write(lambda c: ops.tell(c, notice, self._clock()))
        finally:
            db.close()
        if told:
            log.error("ops.matter", matter=notice.matter, text=notice.text)
        self._deliver(self._knobs)
        return True

    def look_now(self, *, tell: bool = True) -> bool:
        """Look once, whatever comes of it: as a watchdog does before it ends its process."""
        try:
            return self.look(time.monotonic() - self._began_at, tell=tell)
        except Exception as error:  # whatever it was, a watch goes on watching
            log.warning("ticks.blind", error=str(error))
            return tell

    def _watch(self) -> None:
        suspected = False
        while not self._stopped.wait(min(10.0, self._knobs.ops_tick_s / 4)):
            # A machine that slept finds an old tick, and executes one in the next second.
            suspected = self.look_now(tell=suspected)


def deliver_aside(knobs: Settings) -> None:
    """Send the alerts that are due, once, by means that are built for it and closed again."""
    tools = runtime.build(knobs)
    try:
        pipeline.deliver(tools, lambda _stage: None)
    finally:
        runtime.close(tools)
