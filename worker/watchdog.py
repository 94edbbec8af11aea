"""Ends a worker that has gone deaf: connected, idle, and hearing nothing while work is overdue.

A supervisor (Docker's restart policy, systemd) then starts it afresh. It trusts no message and no
connection, only two facts: when this worker last took a task, and what the database says is due.
"""

import os
import threading
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

EXIT_DEAF = 75  # EX_TEMPFAIL of sysexits.h: try again
# A task that has run for this many times the patience is stuck, not busy.
_STUCK_TIMES = 5


def is_deaf(idle_s: float, overdue_s: float, *, busy: bool, patience_s: float) -> bool:
    """Whether a worker that took its last task `idle_s` seconds ago has stopped hearing.

    Work that waits because every worker is busy is no sign of deafness, unless it never ends.
    """
    enough_s = patience_s * (_STUCK_TIMES if busy else 1)
    return idle_s > enough_s and overdue_s > patience_s


class Watchdog:
    """A thread that watches one worker; `heard` is to be called whenever it takes a task.

    `before_end` has the last word before a deaf worker is ended.
    """

    def __init__(
        self,
        *,
        overdue_s: Callable[[], float],
        busy: Callable[[], bool],
        patience_s: float,
        before_end: Callable[[], object] = lambda: None,
        end: Callable[[int], None] = os._exit,
    ) -> None:
        self._overdue_s, self._busy, self._patience_s = overdue_s, busy, patience_s
        self._before_end, self._end = before_end, end
        self._heard_at = time.monotonic()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="wirewatch-watchdog", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def heard(self) -> None:
        self._heard_at = time.monotonic()

    def _watch(self) -> None:
        while not self._stopped.wait(min(5.0, self._patience_s / 4)):
            idle_s = time.monotonic() - self._heard_at
            if idle_s <= self._patience_s:
                continue
            try:
                overdue_s = self._overdue_s()
            except Exception as error:  # whatever it was, a watchdog goes on watching
                log.warning("watchdog.blind", error=str(error))
                continue
            busy = self._busy()
            if is_deaf(idle_s, overdue_s, busy=busy, patience_s=self._patience_s):
                log.error("worker.deaf", idle_s=round(idle_s), overdue_s=round(overdue_s))
                self._before_end()
                self._end(EXIT_DEAF)
                return
