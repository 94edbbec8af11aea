"""What a site puts around its articles, learnt from the lines that come back.

A line is known by its key (`worker.extract` makes them): its kind and the digest of its folded
words. How often it must come back before it is dropped depends on what its loss would cost:

- a short line before the first or after the last paragraph ("Follow our channel", a desk, a
  newsletter's name) is the site's almost by its place: three articles, and one in ten;
- a short line between paragraphs may be a heading that explainers share ("What happens next"):
  six articles, and four in ten;
- a full paragraph at an edge may be the background that wire stories on one subject repeat for
  weeks: twelve articles, and three in four of all that the site has published since. No subject
  fills a site so long, a site's word about itself does.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

MAX_LINES = 200
# A line that has not come back for so many articles is forgotten, with a site's old design.
FORGET_AFTER = 120


class Proof(NamedTuple):
    """In how many articles, and in which share of those since it was first seen."""

    articles: int
    share: float


PROOFS = {"e": Proof(3, 0.1), "i": Proof(6, 0.4), "f": Proof(12, 0.75)}
_Line = tuple[int, int, int]  # times seen, number of the first and of the last article it was in


def learn(stats: Mapping[str, Any], line_keys: Iterable[str]) -> dict[str, Any]:
    """What is known of a site after one more article with these lines.

    `stats` is what this function returned before, or {} for a site that is new; it holds what JSON
    can hold, at most MAX_LINES lines of it. Lines that never came back make room first.
    """
    number = int(stats.get("articles", 0)) + 1
    lines = {key: line for key, line in _lines(stats).items() if number - line[2] <= FORGET_AFTER}
    for key in dict.fromkeys(line_keys):
        if key[:1] in PROOFS:
            times, first, _ = lines.get(key, (0, number, 0))
            lines[key] = times + 1, first, number
    if len(lines) > MAX_LINES:
        by_worth = sorted(lines, key=lambda key: (lines[key][0] > 1, lines[key][2]), reverse=True)
        lines = {key: lines[key] for key in by_worth[:MAX_LINES]}
    return {"articles": number, "lines": {key: list(line) for key, line in lines.items()}}


def known(stats: Mapping[str, Any]) -> frozenset[str]:
    """The keys of the lines that are furniture of the site, for `extract`."""
    number = int(stats.get("articles", 0))
    return frozenset(
        key
        for key, (times, first, _) in _lines(stats).items()
        if times >= PROOFS[key[0]].articles and times >= PROOFS[key[0]].share * (number - first + 1)
    )


def _lines(stats: Mapping[str, Any]) -> dict[str, _Line]:
    lines: Mapping[str, Iterable[int]] = stats.get("lines", {})
    return {key: (times, first, last) for key, (times, first, last) in lines.items()}
