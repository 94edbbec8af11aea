"""How alike two texts are, as the article-extraction-benchmark of Zyte measures it.

Runs of four words (`\\w+`, as they are written) are counted in both; of a page, precision is the
share of ours that is true, recall the share of the true that is ours. The benchmark's F1 is that of
the mean precision and the mean recall over pages; the mean of the pages' F1 is a little lower.
"""

import re
from collections import Counter
from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

_WORD = re.compile(r"\w+")
_RUN = 4


class Likeness(NamedTuple):
    """Of one page, shares of all its runs: common, only ours, only true."""

    common: float
    ours: float
    true: float

    @property
    def precision(self) -> float:
        return self.common / (self.common + self.ours) if self.common else 0.0

    @property
    def recall(self) -> float:
        return self.common / (self.common + self.true) if self.common else 0.0

    @property
    def f1(self) -> float:
        return harmonic(self.precision, self.recall)


def likeness(true: str, ours: str) -> Likeness:
    wanted, found = _runs(true), _runs(ours)
    common = (wanted & found).total()
    total = common + (found - wanted).total() + (wanted - found).total()
    if not total:
        return Likeness(1, 0, 0)
    return Likeness(
        common / total, (found - wanted).total() / total, (wanted - found).total() / total
    )


def overall(pages: Sequence[Likeness]) -> tuple[float, float, float]:
    """The benchmark's F1, precision and recall of all pages; one without text has no precision."""
    precision = fmean(page.precision for page in pages if page.common + page.ours)
    recall = fmean(page.recall for page in pages if page.common + page.true)
    return harmonic(precision, recall), precision, recall


def harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return Counter(
        tuple(words[at : at + _RUN]) for at in range(max(1, len(words) - _RUN + 1)) if words
    )
