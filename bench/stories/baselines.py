"""MinHash-LSH as two libraries have it, at the threshold and reading that suit each best."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from datasketch import MinHash, MinHashLSH
from rensa import RMinHash, RMinHashLSH

from worker.clustering import FileArticle, score
from worker.text import folded_words

_HASHES = 128
_THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)
_BANDS = (8, 16, 32, 64)


class Best(NamedTuple):
    f1: float
    threshold: str


def best(articles: Sequence[FileArticle], truth: Mapping[str, Hashable]) -> dict[str, Best]:
    """The best F1 over pairs that each library reaches, its pairs joined into stories."""
    shingles = [_shingles(one) for one in articles]
    return {
        "datasketch MinHashLSH": max(_datasketch(articles, shingles, truth)),
        "rensa RMinHashLSH": max(_rensa(articles, shingles, truth)),
    }


def _shingles(one: FileArticle) -> list[str]:
    words = folded_words(one.text)
    return [" ".join(words[i : i + 3]) for i in range(max(1, len(words) - 2))]


def _datasketch(
    articles: Sequence[FileArticle], shingles: list[list[str]], truth: Mapping[str, Hashable]
) -> Iterable[Best]:
    hashes = []
    for found in shingles:
        minhash = MinHash(num_perm=_HASHES)
        minhash.update_batch([shingle.encode() for shingle in found])
        hashes.append(minhash)
    for threshold in _THRESHOLDS:
        index = MinHashLSH(threshold=threshold, num_perm=_HASHES)
        yield _scored(articles, hashes, index, truth, threshold, lambda a, b: a.jaccard(b), "")


def _rensa(
    articles: Sequence[FileArticle], shingles: list[list[str]], truth: Mapping[str, Hashable]
) -> Iterable[Best]:
    hashes = []
    for found in shingles:
        minhash = RMinHash(num_perm=_HASHES, seed=42)
        minhash.update(found)
        hashes.append(minhash)
    for bands in _BANDS:
        for threshold in _THRESHOLDS:
            index = RMinHashLSH(threshold=threshold, num_perm=_HASHES, num_bands=bands)
            how = f", {bands} bands"
            yield _scored(articles, hashes, index, truth, threshold, lambda a, b: a.jaccard(b), how)


def _scored(
    articles: Sequence[FileArticle],
    hashes: list[Any],
    index: Any,
    truth: Mapping[str, Hashable],
    threshold: float,
    jaccard: Callable[[Any, Any], float],
    how: str,
) -> Best:
    """Each article joins the story of the most alike of those that came before it."""
    stories: dict[str, int] = {}
    for number, (one, minhash) in enumerate(zip(articles, hashes, strict=True)):
        near = [(jaccard(minhash, hashes[other]), -other) for other in index.query(minhash)]
        alike, other = max(near, default=(0.0, 0))
        joins = alike >= threshold
        stories[one.id] = stories[articles[-other].id] if joins else number
        index.insert(number, minhash)
    return Best(score(stories, truth).f1, f"{threshold}{how}")
