"""Writers that bring copies of one story at the same moment, on Postgres: splits, alerts, pace."""

import math
import os
import random
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context

from sqlalchemy import text

from tests.servers import PostgresServer
from worker import dedupe, store
from worker.clustering import FileArticle, document, row_of, url_of
from worker.owing import Owing
from worker.records import ChannelSpec, Evidence, TopicMatch, TopicRow, TopicSpec

_CLUSTERS = int(os.environ.get("WIREWATCH_BENCH_CLUSTERS", "10000"))
_COPIES = 4
_GROUP = int(os.environ.get("WIREWATCH_BENCH_GROUP", "8"))
_WORDS = 300
_NOW = datetime(2026, 1, 5, tzinfo=UTC)


def run() -> None:
    server = PostgresServer(os.environ.get("TEST_POSTGRES", "any"))
    server.start()
    contended = [[_copy(n, w) for n in range(_CLUSTERS)] for w in range(_COPIES)]
    _measure(server, f"{_CLUSTERS:,} stories of {_COPIES} copies at once", contended, least=500)
    distinct = [_copy(n, 0) for n in range(max(2_000, _CLUSTERS // 4))]
    for writers in (1, 2, 4):
        shares = [distinct[w::writers] for w in range(writers)]
        _measure(server, f"articles of their own, {writers} writers", shares, least=None)
    server.close()


def _copy(number: int, writer: int) -> FileArticle:
    """The copy of a story that a writer brings: its own cut, in words that are the story's own."""
    chance = random.Random(number)
    words = [f"w{chance.randrange(40_000)}" for _ in range(_WORDS)]
    kept = words[: _WORDS - 12 * writer]
    title = " ".join(f"title{word}" for word in words[:6])
    return FileArticle(f"{number}-{writer}", title, " ".join(kept), _NOW, f"p{writer}.example")


def _measure(
    server: PostgresServer, name: str, shares: Sequence[Sequence[FileArticle]], least: int | None
) -> None:
    url = server.create_database()
    db = store.Database(url, patience_s=60)
    store.upgrade(db)
    db.write(lambda c: store.sync_channels(c, [ChannelSpec("desk", "log", {})], _NOW))
    db.write(lambda c: store.sync_topics(c, [TopicSpec("t", "T", "title", ("desk",))], _NOW))
    count = sum(map(len, shares))
    with ProcessPoolExecutor(len(shares), mp_context=get_context("spawn")) as pool:
        list(pool.map(_warm, [url] * len(shares)))
        start = time.perf_counter()
        list(pool.map(_write, [url] * len(shares), shares))
        spent = time.perf_counter() - start
    stories = _count(db, "SELECT count(*) FROM story WHERE merged_into IS NULL")
    true = len({one.title for share in shares for one in share})
    bad = _count(db, "SELECT count(*) FROM story s WHERE merged_into IS NULL AND canonical_id IS"
                 " DISTINCT FROM (SELECT min(id) FROM article WHERE story_id = s.id)")  # fmt: skip
    lost = count - _count(db, "SELECT count(*) FROM article WHERE story_id IS NOT NULL")
    told = _count(db, "SELECT count(*) FROM alert")
    db.close()
    wanted = f" ({least})" if least else ""
    print(
        f"{name}: {count / spent:,.0f} articles/s{wanted}  split {stories - true} (0)  "
        f"wrong canonical {bad} (0)  lost {lost} (0)  alerts {told:,} of {true:,}",
        flush=True,
    )


def _count(db: store.Database, query: str) -> int:
    return int(db.read(lambda c: c.execute(text(query)).scalar_one()))


def _warm(url: str) -> None:
    db = store.Database(url, patience_s=60)
    db.read(store.enabled_topics)
    time.sleep(0.5)  # so that each process takes one of these
    db.close()


def _write(url: str, articles: Sequence[FileArticle]) -> None:
    db = store.Database(url, patience_s=60)
    topics = {row.id: row for row in db.read(store.enabled_topics)}
    for start in range(0, len(articles), _GROUP):
        batch = articles[start : start + _GROUP]
        db.write(lambda c, batch=batch: _settle(c, batch, topics))  # type: ignore[misc]
    db.close()


def _settle(
    connection: store.Connection, batch: Sequence[FileArticle], topics: dict[int, TopicRow]
) -> None:
    told = {url_of(one): one for one in batch}
    claims = store.lease_articles(connection, [row_of(u, one, _NOW) for u, one in told.items()])
    match = tuple(
        TopicMatch(topic, (Evidence("title", "title", 0, 5, "title"),)) for topic in topics
    )
    new = [dedupe.ingested(claim, document(told[claim.url]), matches=match, fetched_at=_NOW)
           for claim in claims]  # fmt: skip
    owing = Owing(connection, new, topics, math.inf, _NOW)
    alike = store.Alike(connection, new)
    for one in new:
        members, near = alike.of(one)
        verdict = dedupe.verdict(one, members, near)
        owing.before(one, verdict)
        story = store.settle_article(connection, one, verdict, near, _NOW)
        if story is not None:
            owing.owe(one, story)
    owing.done()
