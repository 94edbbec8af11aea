"""What the stages work with: built once per process by `runtime`, handed to every stage."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import aiohttp

from worker import store
from worker.fetch import Web
from worker.flights import LoopThread
from worker.hosts import Manners
from worker.robots_book import RobotsBook
from worker.sandbox import Sandbox
from worker.settings import Settings
from worker.store import Connection, Database
from worker.topics import TopicSet, compile_topics


class TopicCache:
    """The topics compiled for matching, made anew whenever the store's have changed."""

    def __init__(self) -> None:
        self._version = ""
        self._lock = threading.Lock()
        self.current: TopicSet = compile_topics(())

    def refresh(self, db: Connection) -> None:
        """Compile anew if need be; done with every claim, so no article meets an older topic."""
        version = store.topics_version(db)
        with self._lock:
            if version != self._version:
                self.current = compile_topics(store.enabled_topics(db))
                self._version = version


@dataclass(frozen=True)
class Tools:
    """One process's means. `clock` is aware UTC; `stopping` says that the process must end.

    `slots` bounds how many tasks of a stage run in this process at once, so that no stage takes all
    its threads; `counts` only feeds the status line; `environ` holds the secrets of channels.
    """

    settings: Settings
    db: Database
    loop: LoopThread
    web: Web
    robots: RobotsBook
    sandbox: Sandbox
    manners: Manners
    delivering: aiohttp.ClientSession
    topics: TopicCache
    clock: Callable[[], datetime]
    stopping: Callable[[], bool]
    environ: Mapping[str, str]
    slots: Mapping[str, threading.BoundedSemaphore]
    counts: Counter[str] = field(default_factory=Counter)
