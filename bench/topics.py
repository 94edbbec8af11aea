"""Many topics held against one article: time, memory and the time to build, at 10 to 100,000.

Each size runs in a process of its own, on articles of 600 words, on one thread; `matching` is all
that `TopicSet.match` does, `with evidence` also looks at the evidence of every match. Beside it, in
the same run: one compiled `re` per topic, and SQLite's FTS5 with the one article in it. These take
so long that they are measured with fewer topics and multiplied.
"""

import asyncio
import gc
import gzip
import json
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil

from bench.ingest import data_folder
from bench.topics_made import make_topics
from worker.records import TopicRow, TopicSpec
from worker.topics import And, Near, Node, Not, Or, Term, compile_topics, parse_query

SIZES = (10, 1_000, 10_000, 100_000)
WORDS, ARTICLES, ROUNDS, BASELINE_TOPICS, BASELINE_ARTICLES = 600, 150, 5, 300, 10
TO_REACH_MS = {10: 0.30, 1_000: 0.45, 10_000: 0.9, 100_000: 1.8}
TO_REACH_MIB = {1_000: 10, 10_000: 45, 100_000: 230}

Article = tuple[str, str]


def run() -> None:
    titled = _corpus()
    long = [(title, text) for title, text in titled if len(text.split()) >= WORDS]
    articles = [(title, " ".join(text.split()[:WORDS])) for title, text in long[:ARTICLES]]
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder) / "articles.json", Path(folder) / "topics.json"
        paths[0].write_text(json.dumps(articles), "utf-8")
        told: dict[int, dict[str, float]] = {}
        print(f"{ARTICLES} articles of {WORDS} words, topics of 5 to 30 terms; best of {ROUNDS}")
        print(
            "  topics   matching   to reach   with evidence   matches   build   longest stall"
            "     memory   to reach   one re each    FTS5"
        )
        for size in SIZES:
            topics = make_topics([text for _, text in titled[:3_000]], size)
            paths[1].write_text(json.dumps([row.spec.query for row in topics]), "utf-8")
            child = [sys.executable, "-m", "bench.topics", *map(str, paths)]
            told[size] = json.loads(subprocess.check_output(child, text=True))
            _print_row(size, told[size], *_baselines(topics, articles))
    ratio = told[100_000]["match_ms"] / told[10]["match_ms"]
    print(f"  100,000 topics take {ratio:.1f} times as long as 10 (to reach: 6 or less)")


def _corpus() -> list[Article]:
    with gzip.open(data_folder() / "topics" / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [(row["title"], row["text"]) for row in map(json.loads, lines)]


def _print_row(size: int, told: dict[str, float], re_ms: float, fts_ms: float) -> None:
    memory = TO_REACH_MIB.get(size)
    print(
        f"{size:8,} {told['match_ms']:7.3f} ms {TO_REACH_MS[size]:7.2f} ms"
        f" {told['evidence_ms']:12.3f} ms {told['matches']:9.2f} {told['build_s']:6.2f} s"
        f" {told['stall_ms']:11.0f} ms {told['memory_mib']:8.1f} MiB"
        f" {f'{memory} MiB' if memory else '':>9} {re_ms:10,.1f} ms {fts_ms:7,.1f} ms",
        flush=True,
    )


# ---- one size, in a process of its own


def measure(articles_file: str, topics_file: str) -> dict[str, float]:
    articles: list[Article] = [(a, b) for a, b in json.loads(Path(articles_file).read_text())]
    queries: list[str] = json.loads(Path(topics_file).read_text())
    rows = [TopicRow(n, TopicSpec(str(n), "", query), ()) for n, query in enumerate(queries)]
    del queries
    gc.collect()
    process = psutil.Process()
    before = process.memory_info().rss
    start = time.perf_counter()
    compiled = compile_topics(rows)
    build_s = time.perf_counter() - start
    gc.collect()
    memory = process.memory_info().rss - before

    def match() -> int:
        return sum(len(compiled.match(title, text)) for title, text in articles)

    def explain() -> int:
        return sum(
            len(found.evidence) for title, text in articles for found in compiled.match(title, text)
        )

    matches = match()
    return {
        "match_ms": _best_ms(match, len(articles)),
        "evidence_ms": _best_ms(explain, len(articles)),
        "matches": matches / len(articles),
        "build_s": build_s,
        "memory_mib": memory / 1024**2,
        "stall_ms": 1_000 * asyncio.run(_longest_stall(rows)),
    }


def _best_ms(work: Callable[[], int], articles: int) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1_000 * min(times) / articles


async def _longest_stall(rows: Sequence[TopicRow]) -> float:
    """For how long an event loop is held up at most while a thread beside it compiles topics."""
    building = asyncio.create_task(asyncio.to_thread(compile_topics, rows))
    marks = [time.perf_counter()]
    while not building.done():
        await asyncio.sleep(0.001)
        marks.append(time.perf_counter())
    await building
    return max(after - before for before, after in pairwise(marks))


# ---- the baselines


def _baselines(topics: Sequence[TopicRow], articles: Sequence[Article]) -> tuple[float, float]:
    """What all topics would take for one article, in milliseconds: with re, and with FTS5."""
    some = topics[:BASELINE_TOPICS]
    trees = [parse_query(row.spec.query) for row in some]
    times = len(topics) / len(some)
    patterns = [re.compile(_pattern(tree), re.IGNORECASE) for tree in trees]
    queries = [_fts_query(tree) for tree in trees]
    re_s = fts_s = 0.0
    for title, text in articles[:BASELINE_ARTICLES]:
        start = time.perf_counter()
        for pattern in patterns:
            pattern.search(f"{title}\n{text}")
        re_s += time.perf_counter() - start
        start = time.perf_counter()
        with_fts(title, text, queries)
        fts_s += time.perf_counter() - start
    return 1_000 * times * re_s / BASELINE_ARTICLES, 1_000 * times * fts_s / BASELINE_ARTICLES


def _pattern(tree: Node) -> str:
    """One term of the topic: less than the topic asks, and all that one `re` can well tell."""
    words = {
        re.escape(term.key).replace(r"\*", r"\w*").replace(r"\ ", r"\W+")
        for term in _positive(tree)
    }
    return rf"\b(?:{'|'.join(sorted(words))})\b"


def _positive(tree: Node) -> list[Term]:
    match tree:
        case Term():
            return [tree]
        case And(parts) | Or(parts):
            return [term for part in parts for term in _positive(part)]
        case Near(left, right):
            return [*left, *right]
    return []


def _fts_query(tree: Node) -> str:
    match tree:
        case Term(key):
            return f'"{key[:-1]}"*' if key.endswith("*") else f'"{key}"'
        case Or(parts):
            return "(" + " OR ".join(map(_fts_query, parts)) + ")"
        case And(parts):
            wanted = [part for part in parts if not isinstance(part, Not)]
            unwanted = [part.part for part in parts if isinstance(part, Not)]
            query = "(" + " AND ".join(map(_fts_query, wanted)) + ")"
            return query + "".join(f" NOT {_fts_query(part)}" for part in unwanted)
        case Near(left, right):
            return f"({_fts_query(Or(left))} AND {_fts_query(Or(right))})"
    raise ValueError(tree)


def with_fts(title: str, text: str, queries: Sequence[str]) -> int:
    """How many of some queries match one article in an index of its own."""
    with sqlite3.connect(":memory:") as db:
        db.execute("CREATE VIRTUAL TABLE one USING fts5(title, text)")
        db.execute("INSERT INTO one VALUES (?, ?)", (title, text))
        ask = "SELECT count(*) FROM one WHERE one MATCH ?"
        rows: list[Any] = [db.execute(ask, (query,)).fetchone() for query in queries]
    db.close()
    return sum(row[0] for row in rows)


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:3])))
