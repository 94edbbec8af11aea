"""Brings the store in step with the configuration files, at start and whenever one changes.

Workers read topics and channels from the store, so only the daemon or beat needs the files, and a
mistake in one leaves everybody working with the last good version.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import structlog

from worker import alerts, config_files, store
from worker.errors import ConfigError, WirewatchError
from worker.records import AlertRules, Configuration
from worker.retag import Retagger
from worker.store import Connection, Database

log = structlog.get_logger(__name__)

_LOOK_EVERY_S, _STOPPING_S = 0.5, 5.0
REFUSED = "configuration"


def apply(db: Connection, wanted: Configuration, now: datetime) -> dict[str, int]:
    """Write a configuration to the store, all of it or nothing; returns what changed."""
    waiting = store.waiting_rules(db)
    found = {
        "channels": store.sync_channels(db, wanted.channels, now),
        "topics": store.sync_topics(db, wanted.topics, now),
        "feeds": store.sync_feeds(db, wanted.feeds, now, wanted.options),
    }
    _let_go(db, waiting, now)
    return {
        f"{what}_{how}": count
        for what, counts in found.items()
        for how, count in counts.items()
        if count
    }


def _let_go(db: Connection, before: Mapping[tuple[int, int], AlertRules], now: datetime) -> None:
    """Alerts that waited by a rule that has changed wait by the new one, or no longer."""
    for (channel_id, topic_id), rules in store.waiting_rules(db).items():
        if rules != before.get((channel_id, topic_id)):
            until = alerts.waits_until(rules.manners, now) or now
            store.let_wait_until(db, channel_id, topic_id, until)


class ConfigWatcher:
    """Looks at the files once a second in a thread of its own, and applies what changed."""

    def __init__(
        self,
        db: Database,
        folder: Path,
        environ: Mapping[str, str],
        clock: Callable[[], datetime],
    ) -> None:
        self._db, self._folder, self._environ, self._clock = db, folder, environ, clock
        self._retagger = Retagger(db, clock)
        self._stamp = ""
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="wirewatch-config", daemon=True)

    def apply_now(self) -> None:
        """Apply the files as they are; raises ConfigError, leaving the store as it was."""
        self._stamp = config_files.stamp(self._folder)
        wanted = config_files.load(self._folder, self._environ)
        changes = self._db.write(lambda db: apply(db, wanted, self._clock()))
        self._say(None)
        log.info(
            "config.applied",
            feeds=len(wanted.feeds),
            topics=len(wanted.topics),
            channels=len(wanted.channels),
            **changes,
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Look no more; returns once nothing is being written, so that the store may be closed."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(_STOPPING_S)

    def _say(self, told: str | None) -> None:
        """Let `wirewatch status` tell that the files were refused; None: they are well again."""
        self._db.write(lambda db: store.give_notice(db, REFUSED, told, self._clock()))

    def _watch(self) -> None:
        while not self._stopped.wait(_LOOK_EVERY_S):
            try:
                self._look()
                # a changed topic is held against stored articles, bit by bit
                while not self._stopped.is_set() and self._retagger.step():
                    self._look()
            except WirewatchError as error:
                self._stamp = ""  # the store was away: look again
                log.error("config.postponed", error=str(error))

    def _look(self) -> None:
        if config_files.stamp(self._folder) == self._stamp:
            return
        try:
            self.apply_now()
        except ConfigError as error:
            log.error("config.refused", error=str(error), note="the last good one stays")
            self._say(str(error))
