"""Eight sessions that judge copies in the same instant end in one story, whatever they bring."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.making import NOW, rows
from tests.stories.texts import FERRY, FROST, HARBOUR, ORCHARD
from worker import dedupe, store
from worker.clustering import FileArticle, document, row_of, url_of
from worker.records import Ingested
from worker.store import Database

SESSIONS, ROUNDS = 8, 500
# Of a round, which articles which session brings: copies of two texts, one or two at a time.
BATCHES = st.lists(
    st.lists(st.tuples(st.sampled_from("hf"), st.integers(5, 8)), min_size=1, max_size=2),
    min_size=2,
    max_size=SESSIONS,
)


@dataclass
class Sessions:
    """Threads with a connection each, all of which start a transaction in the same moment."""

    db: Database
    pool: ThreadPoolExecutor
    round: int = 0

    def judge(self, batches: list[list[FileArticle]]) -> list[list[int]]:
        start = threading.Barrier(len(batches))
        futures: list[Future[list[int]]] = [
            self.pool.submit(self._judge, batch, start) for batch in batches
        ]
        return [future.result(30) for future in futures]

    def _judge(self, batch: list[FileArticle], start: threading.Barrier) -> list[int]:
        told = {url_of(one): one for one in batch}
        rows = [row_of(url, one, NOW) for url, one in told.items()]
        claims = self.db.write(lambda c: store.lease_articles(c, rows))
        new = [dedupe.ingested(claim, document(told[claim.url]), matches=(), fetched_at=NOW)
               for claim in claims]  # fmt: skip
        with self.db.engine.connect() as connection:
            start.wait(10)
            with connection.begin():
                return _settled(connection, new)


def _settled(connection: Any, new: list[Ingested]) -> list[int]:
    alike = store.Alike(connection, new)
    found = []
    for one in new:
        told, near = alike.of(one)
        verdict = dedupe.verdict(one, told, near)
        story = store.settle_article(connection, one, verdict, near, NOW)
        assert story is not None
        found.append(story)
    return found


@pytest.fixture
def sessions(postgres_url: str) -> Any:
    db = Database(postgres_url, patience_s=20)
    with ThreadPoolExecutor(SESSIONS) as pool:
        yield Sessions(db, pool)
    db.close()


def _texts(round_: int) -> dict[str, tuple[str, list[str]]]:
    """The two texts of a round: of the same sentences, in words that no other round has."""
    return {
        "h": (f"{FERRY} r{round_}", _own(HARBOUR, round_)),
        "f": (f"{FROST} r{round_}", _own(ORCHARD, round_)),
    }


def _own(lines: tuple[str, ...], round_: int) -> list[str]:
    return [
        " ".join(f"{word}r{round_}" if n % 2 else word for n, word in enumerate(line.split()))
        for line in lines
    ]


def test_copies_of_one_instant_are_one_story_with_one_first_article(sessions: Sessions) -> None:
    @settings(max_examples=ROUNDS, deadline=None, database=None,
              suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
    @given(BATCHES)
    def rounds(batches: list[list[tuple[str, int]]]) -> None:
        sessions.round += 1
        texts = _texts(sessions.round)
        articles = [
            [
                FileArticle(f"{sessions.round}-{n}-{m}", texts[kind][0],
                            "\n".join(texts[kind][1][:length]), NOW, f"p{n}{m}.example")
                for m, (kind, length) in enumerate(batch)
            ]
            for n, batch in enumerate(batches)
        ]  # fmt: skip
        found = sessions.judge(articles)
        stories: dict[str, set[int]] = {"h": set(), "f": set()}
        for batch, ids in zip(batches, found, strict=True):
            for (kind, _), story in zip(batch, ids, strict=True):
                stories[kind].add(story)
        assert all(len(ids) <= 1 for ids in stories.values()), stories
        assert not stories["h"] & stories["f"]

    rounds()
    told = rows(
        sessions.db,
        "SELECT s.article_count, count(a.id), min(a.id) = s.canonical_id, count(*) FILTER"
        " (WHERE a.joined_by = 'first') FROM story s JOIN article a ON a.story_id = s.id"
        " WHERE s.merged_into IS NULL GROUP BY s.id",
    )
    assert len(told) >= ROUNDS
    for counted, members, leads, founders in told:
        assert (counted, leads, founders) == (members, True, 1)
    assert rows(sessions.db, "SELECT count(*) FROM article WHERE story_id IS NULL") == [(0,)]
