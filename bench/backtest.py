"""A topic held against stored articles: by the index, and by looking at every one of them.

`ARG` articles (100,000 if not set) of the corpus in turn, over thirty days, in a new SQLite store.
The baseline is the full scan, and both must answer the same.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bench.desk import desk
from bench.ingest import data_folder
from worker import config_files, store
from worker.backtest import Backtest, backtest
from worker.clustering import FileArticle, read_articles
from worker.records import TopicSpec
from worker.store import Database, _tables
from worker.topics import words_of

ARTICLES, BATCH, DAYS = 100_000, 1_000, 30
NOW = datetime(2026, 1, 31, tzinfo=UTC)
SHIPPED = Path(__file__).parents[1] / "config" / "topics.yml"


def run() -> None:
    corpus = data_folder() / "topics" / "corpus.jsonl.gz"
    if not corpus.exists():
        print(f"not measured: {corpus} is not there; set WIREWATCH_DATA to the data's folder")
        return
    count = int(os.environ.get("ARG", ARTICLES))
    with desk([]) as tools:
        _fill(tools.db, list(read_articles(corpus)), count)
        print(f"{count:,} stored articles of {DAYS} days, SQLite")
        print("  topic                     hits  looked at    backtest   to reach    full scan")
        for spec in config_files.load_topics(SHIPPED):
            gated, gated_s = _timed(tools.db, spec, full_scan=False)
            scanned, scanned_s = _timed(tools.db, spec, full_scan=True)
            assert gated.hits == scanned.hits, "the index has hidden a match"
            assert gated.misses == scanned.misses, "the index has hidden a near miss"
            print(
                f"  {spec.name:22} {len(gated.hits):7,}  {gated.looked_at:9,}  {gated_s:8.1f} s"
                f"       10 s   {scanned_s:8.1f} s",
                flush=True,
            )


def _timed(db: Database, spec: TopicSpec, *, full_scan: bool) -> tuple[Backtest, float]:
    began = time.perf_counter()
    found = backtest(db, spec, NOW - timedelta(days=DAYS), NOW, full_scan=full_scan)
    return found, time.perf_counter() - began


def _fill(db: Database, corpus: list[FileArticle], count: int) -> None:
    words = [words_of(one.title, one.text) for one in corpus]
    numbered = enumerate(islice(cycle(zip(corpus, words, strict=True)), count), start=1)
    while group := list(islice(numbered, BATCH)):
        rows = [_row(number, one, count) for number, (one, _) in group]
        with db.engine.begin() as connection:
            connection.execute(insert(_tables.article), rows)
            for number, (_, said) in group:
                store.index_words(connection, number, said)


def _row(number: int, one: FileArticle, count: int) -> dict[str, Any]:
    seen = NOW - timedelta(days=DAYS) * (number / count)
    return {
        "id": number,
        "url": f"https://archive.test/{number}",
        "title": one.title,
        "feed_title": one.title,
        "html": "",
        "text": one.text,
        "authors": [],
        "published_at": seen,
        "published_known": True,
        "first_seen_at": seen,
        "stored_at": seen,
        "attempts": 0,
        "page_tries": 0,
        "detail": "",
    }
