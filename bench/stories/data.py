"""The articles that are measured on, and what is unrelated to them."""

import gzip
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bench.ingest import data_folder
from worker.clustering import FileArticle, read_articles
from worker.fingerprint import fingerprint

SEEDS = (1, 2, 3)
# Background that shares so much of the smaller text with an article under test is none.
_RELATED = 0.25


def folder() -> Path:
    return data_folder()


def labelled(name: str) -> list[FileArticle]:
    """The articles of `copies/NAME.jsonl.gz`, with their true stories."""
    return list(read_articles(folder() / "copies" / f"{name}.jsonl.gz", "cluster"))


def kinds(name: str) -> dict[str, str]:
    return _field(name, "kind")


def languages(name: str) -> dict[str, str]:
    return _field(name, "lang")


def _field(name: str, field: str) -> dict[str, str]:
    with gzip.open(folder() / "copies" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        told: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return {row["id"]: row.get(field, "") for row in told}


def unrelated(background: Iterable[FileArticle], to: Sequence[FileArticle]) -> list[FileArticle]:
    """Those of a background that share next to nothing with the articles under test."""
    full = [frozenset(fingerprint(one.title, one.text).shingles) for one in to]
    holders: dict[int, list[int]] = defaultdict(list)
    for number, shingles in enumerate(full):
        for shingle in shingles:
            holders[shingle].append(number)
    kept = []
    for one in background:
        shingles = frozenset(fingerprint(one.title, one.text).shingles)
        shared = Counter(n for shingle in shingles for n in holders.get(shingle, ()))
        if not any(
            count >= _RELATED * min(len(shingles), len(full[number]))
            for number, count in shared.most_common(5)
        ):
            kept.append(one)
    return kept


def shuffled(articles: Sequence[FileArticle], seed: int) -> list[FileArticle]:
    mixed = list(articles)
    random.Random(seed).shuffle(mixed)
    return mixed
