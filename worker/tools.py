"""What the stages work with: built once per process by `runtime`, handed to every stage."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from worker import store
from worker.channels import Means
from worker.fetch import Web
from worker.flights import LoopThread
from worker.hosts import Manners
from worker.polling import Pacing, budget_of, first_pacing
from worker.records import TopicRow
from worker.robots_book import RobotsBook
from worker.sandbox import Sandbox
from worker.settings import Settings
from worker.store import Connection, Database, Spending
from worker.topics import TopicSet, compile_topics


class TopicCache:
    """The topics compiled for matching, made anew whenever the store's have changed.

    Few topics, or few changes, are compiled at once, so that no article meets an older topic. Many
    take seconds: a thread compiles them, and until it is done the ones before stay at work.
    """

    def __init__(self) -> None:
        self._version = self._building = ""
        self._lock = threading.Lock()
        self.current: TopicSet = compile_topics(())

    def refresh(self, db: Connection) -> bool:
        """Compile anew if need be, with every claim; False: there are none to work with yet."""
        version = store.topics_version(db)
        with self._lock:
            if version in (self._version, self._building):
                return bool(self._version)
            rows = store.enabled_topics(db)
            if len(rows) <= _AT_ONCE or _changes(rows, self.current.topics) <= _FEW_CHANGES:
                self.current = compile_topics(rows, self.current)
                self._version, self._building = version, ""
                return True
            self._building = version
        compiling = threading.Thread(
            target=self._compile, args=(rows, version), name="wirewatch-topics", daemon=True
        )
        compiling.start()
        return bool(self._version)

    def _compile(self, rows: list[TopicRow], version: str) -> None:
        compiled = compile_topics(rows)
        with self._lock:
            if self._building == version:  # and not changed again meanwhile
                self.current, self._version, self._building = compiled, version, ""


class PaceCache:
    """The pace at which feeds are polled, as the store had it a few seconds ago."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._read_at: datetime | None = None
        self._feeds = 0
        self.current: Pacing | None = None

    def refresh(self, db: Connection, now: datetime) -> Spending | None:
        """Look again, with every claim; returns the budget to claim by, if there is one yet."""
        if self._read_at is None or not 0 <= (now - self._read_at).total_seconds() < _PACE_S:
            self._read(db, now)
        if self._settings.poll_interval_s is not None or not self._feeds:
            return None
        return Spending(budget_of(self._settings, self._feeds), now)

    def _read(self, db: Connection, now: datetime) -> None:
        state = store.pace_state(db)
        pacing = first_pacing(self._settings, now)
        if state is not None:
            pacing = replace(pacing, pace=state.pace, crowded=state.crowded)
            self._feeds = state.feeds
        self.current, self._read_at = pacing, now


_PACE_S = 10.0
_AT_ONCE, _FEW_CHANGES = 2_000, 200


def _changes(rows: Sequence[TopicRow], before: Mapping[int, TopicRow]) -> int:
    """How many topics are not what they were."""
    same = sum(1 for row in rows if row.id in before and before[row.id].spec == row.spec)
    return len(rows) - same + len(before) - same


class Pulse:
    """Tells the store that what ticks ask for is done here, every few seconds at the most."""

    def __init__(self, every_s: float = 10) -> None:
        self._every_s, self._noted_at = every_s, -every_s
        self._lock = threading.Lock()

    def note(self, db: Database) -> None:
        now = time.monotonic()
        with self._lock:
            if now - self._noted_at < self._every_s:
                return
            self._noted_at = now
        db.write(store.note_tick)


@dataclass(frozen=True)
class Tools:
    """One process's means. `clock` is aware UTC; `stopping` says that the process must end.

    `slots` bounds how many tasks of a stage run in this process at once, so that no stage takes all
    its threads; `counts` only feeds the status line; `delivering` holds the secrets of channels.
    Without a `pulse`, what is done here is not done for a tick.
    """

    settings: Settings
    db: Database
    loop: LoopThread
    web: Web
    robots: RobotsBook
    sandbox: Sandbox
    manners: Manners
    delivering: Means
    topics: TopicCache
    pace: PaceCache
    clock: Callable[[], datetime]
    stopping: Callable[[], bool]
    slots: Mapping[str, threading.BoundedSemaphore]
    counts: Counter[str] = field(default_factory=Counter)
    pulse: Pulse | None = None
