"""Stored articles held against topics that have changed; nobody is alerted of what that finds."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog

from worker import store
from worker.records import StoredText, TopicMatch, TopicRow
from worker.store import Connection, Database
from worker.topics import compile_topics

log = structlog.get_logger(__name__)

_BATCH, _NAMED = 200, 10


class Retagger:
    """Tags stored articles anew, the newest first, in short transactions.

    What was done is not done again: it may end at any time, and another may go on with it.
    """

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db, self._clock = db, clock
        self._compiled = compile_topics(())

    def step(self) -> bool:
        """Hold some articles against the topics that have changed; whether more are left."""
        reached, topics, texts = self._db.read(_next)
        if not topics:
            self._compiled = compile_topics(())
            return False
        self._compiled = compile_topics(topics, self._compiled)
        found = {
            article.id: {
                match.topic_id: match
                for match in self._compiled.match(article.title, article.text, article.about)
            }
            for article in texts
        }
        come, gone = self._db.write(lambda db: self._settle(db, topics, texts, found))
        if not texts or reached is None:
            names = [topic.spec.name for topic in topics[:_NAMED]]
            log.info("topics.retagging", topics=names, done=not texts, matches=come, gone=gone)
        return True

    def _settle(
        self,
        db: Connection,
        topics: Sequence[TopicRow],
        texts: Sequence[StoredText],
        found: Mapping[int, Mapping[int, TopicMatch]],
    ) -> tuple[int, int]:
        come = gone = 0
        down_to = texts[-1].id if texts else None
        for topic in topics:
            if store.note_retagged(db, topic, down_to):
                mine = {id_: matches.get(topic.id) for id_, matches in found.items()}
                more, fewer = store.replace_matches(db, topic, mine, self._clock())
                come, gone = come + more, gone + fewer
        return come, gone


def _next(db: Connection) -> tuple[int | None, list[TopicRow], list[StoredText]]:
    reached, ids = store.retagging(db)
    if not ids:
        return None, [], []
    topics = [row for row in store.enabled_topics(db) if row.id in set(ids)]
    return reached, topics, store.texts_below(db, reached, _BATCH)
