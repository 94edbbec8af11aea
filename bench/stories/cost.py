"""What a fingerprint, a look-up and the index cost, on both databases, as the archive grows."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import text

from bench.stories import data
from tests.servers import PostgresServer
from worker import dedupe, store
from worker.clustering import FileArticle, cluster, read_articles
from worker.fingerprint import fingerprint
from worker.records import ClaimedArticle, Document, Ingested

_SIZES = (10_000, int(os.environ.get("WIREWATCH_BENCH_ARTICLES", "1000000")))
_KEYS = 27  # kept hashes of an article of 350 words
_WORDS = 312
_ASKED = 400
_NOW = datetime(2026, 1, 5, tzinfo=UTC)


def run() -> None:
    if not (data.folder() / "copies").exists():
        print(f"not measured: {data.folder()} is not there; set WIREWATCH_DATA")
        return
    hard, languages = data.labelled("hard"), data.languages("hard")
    for language, limit in (("en", 0.30), ("ar", 0.8)):
        _fingerprints(language, limit, [one for one in hard if languages[one.id] == language])
    corpus = list(read_articles(data.folder() / "topics" / "corpus.jsonl.gz"))
    for name, opened in (("SQLite", _sqlite), ("Postgres", _postgres)):
        _bytes(name, opened, corpus)
        medians = [_look_ups(name, opened, size, hard) for size in _SIZES]
        print(f"  {name}: ratio {medians[1] / medians[0]:.2f} (2)", flush=True)


def _fingerprints(language: str, limit: float, articles: Sequence[FileArticle]) -> None:
    texts = [" ".join((one.text.split() * 2)[:_WORDS]) for one in articles]
    texts = [one for one in texts if len(one.split()) == _WORDS][:200]
    spent = []
    for _ in range(5):
        for one in texts:
            start = time.perf_counter()
            fingerprint("", one)
            spent.append(time.perf_counter() - start)
    print(f"fingerprint of {_WORDS} words, {language}: {statistics.median(spent) * 1e3:.3f} ms "
          f"({limit})", flush=True)  # fmt: skip


@contextmanager
def _sqlite() -> Iterator[store.Database]:
    with tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as folder:
        yield from _opened(f"sqlite:///{folder}/stories.db")


@contextmanager
def _postgres() -> Iterator[store.Database]:
    server = PostgresServer(os.environ.get("TEST_POSTGRES", "any"))
    server.start()
    yield from _opened(server.create_database())
    server.close()


def _opened(url: str) -> Iterator[store.Database]:
    db = store.Database(url, patience_s=60)
    store.upgrade(db)
    yield db
    db.close()


_Opens = Callable[[], AbstractContextManager[store.Database]]


def _bytes(name: str, opened: _Opens, articles: Sequence[FileArticle]) -> None:
    """The index's bytes for each article, its own indexes included, after real inserts."""
    limit = 0.6 if name == "SQLite" else 2.0
    with opened() as db:
        cluster(db, articles, _NOW, 64)
        if name == "SQLite":
            query = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%kept_hash%'"
        else:
            query = "SELECT pg_total_relation_size('kept_hash')"
        size = db.read(lambda c: c.execute(text(query)).scalar_one())
        rows = db.read(lambda c: c.execute(text("SELECT count(*) FROM kept_hash")).scalar_one())
    kib = size / len(articles) / 1024
    print(f"index on {name}: {kib:.2f} KiB an article ({limit}), {rows / len(articles):.1f} rows, "
          f"{size / rows:.0f} bytes a row", flush=True)  # fmt: skip


def _look_ups(name: str, opened: _Opens, size: int, articles: Sequence[FileArticle]) -> float:
    """The median, in ms, of looking an article up and deciding what it joins; half do join."""
    with opened() as db:
        db.write(lambda c: _fill(c, size))
        _settled(db)
        half = list(articles[: 2 * _ASKED])
        cluster(db, half[:_ASKED], _NOW, 64)
        copies = [replace(one, id=f"{one.id}-again") for one in half[:_ASKED:2]]
        asked = [_ingested(one) for one in [*copies, *half[_ASKED : _ASKED + len(copies)]]]
        spent, joined = db.read(partial(_timed, asked))
    spent.sort()
    median = statistics.median(spent) * 1e3
    print(f"look-up and join on {name} at {size:,}: median {median:.2f} ms (1)  p99 "
          f"{spent[len(spent) * 99 // 100] * 1e3:.2f} ms  {joined} of {len(spent)} joined",
          flush=True)  # fmt: skip
    return median


def _timed(asked: Sequence[Ingested], connection: store.Connection) -> tuple[list[float], int]:
    """Seconds for each, of the second round, within one transaction; and how many join."""
    spent, joined = [], 0
    for warm in (False, True):
        for one in asked:
            start = time.perf_counter()
            joins = _verdict(one, connection)
            if warm:
                spent.append(time.perf_counter() - start)
                joined += joins
    return spent, joined


def _settled(db: store.Database) -> None:
    """Bring a freshly filled Postgres to where a running one is: rows visible, pages written."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE kept_hash"))
            connection.execute(text("CHECKPOINT"))


def _verdict(one: Ingested, connection: store.Connection) -> bool:
    assert one.fingerprint is not None
    near = store.nearby(connection, store.Asked(one.fingerprint, one.claim.id))
    return dedupe.verdict(one, [], near).joins is not None


def _ingested(one: FileArticle) -> Ingested:
    claim = ClaimedArticle(
        id=0, token=1, url=f"urn:{one.id}", link=None, title=one.title, html="", authors=(),
        published=_NOW, published_known=False, first_seen=_NOW, story_id=None, page_tries=0,
        attempts=1,
    )  # fmt: skip
    return dedupe.ingested(claim, Document(one.title, one.text), matches=(), fetched_at=_NOW)


def _fill(connection: store.Connection, size: int) -> None:
    """Have the index know so many articles, of which nothing is stored but their ids."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(
            "INSERT INTO kept_hash SELECT * FROM (SELECT DISTINCT"
            " ((random() * 4294967295)::bigint - 2147483648)::int AS hash, 1000000000 + g"
            f" FROM generate_series(1, {size}) g, generate_series(1, {_KEYS}) k) s ORDER BY hash"
        ))  # fmt: skip
        return
    rows = size * _KEYS
    numbers = (
        f"WITH RECURSIVE s(g) AS (SELECT 0 UNION ALL SELECT g + 1 FROM s WHERE g < {rows - 1})"
    )
    connection.execute(text(
        f"INSERT OR IGNORE INTO kept_hash {numbers} SELECT * FROM"
        f" (SELECT (random() >> 32) AS hash, 1000000000 + g / {_KEYS} FROM s) ORDER BY hash"
    ))  # fmt: skip
