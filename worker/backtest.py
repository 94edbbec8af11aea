"""What a rule would have found among stored articles: to be looked at before alerts go on."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import NamedTuple

from worker import store
from worker.records import StoredText, TopicMatch, TopicRow, TopicSpec
from worker.store import Database
from worker.topics import compile_topics, gates_of

_BATCH, _MISSES = 500, 10
# Points of what must be there: it is in every match, and so no reason for one.
_REQUIRED = "require"


class Hit(NamedTuple):
    """A stored article with what a rule makes of it."""

    article: StoredText
    match: TopicMatch


@dataclass(frozen=True, slots=True)
class Backtest:
    """`hits` reach the threshold, `misses` are ten with points and too few; the highest come first.

    `come` and `gone` are what changed against the version that the store has, if it has one.
    `looked_at` is how many articles the index left to look at.
    """

    hits: Sequence[Hit]
    misses: Sequence[Hit]
    looked_at: int
    days: float
    come: Sequence[Hit] | None = None
    gone: Sequence[Hit] | None = None

    @property
    def stories(self) -> int:
        return len({hit.article.story_id or -hit.article.id for hit in self.hits})

    @property
    def alerts_per_day(self) -> float:
        """Alerts are told once per story."""
        return self.stories / self.days if self.days else 0.0

    def per_day(self) -> dict[date, int]:
        """Under each day of which there are hits, how many."""
        return dict(sorted(Counter(hit.article.first_seen.date() for hit in self.hits).items()))

    def alone(self) -> list[tuple[str, int]]:
        """Terms that made an article match with no other beside them, the most frequent first."""
        return Counter(_lone_terms(self.hits)).most_common()


def _lone_terms(hits: Iterable[Hit]) -> Iterator[str]:
    for hit in hits:
        terms = {piece.term for piece in hit.match.evidence if piece.group != _REQUIRED}
        if len(terms) == 1:
            yield from terms


def backtest(
    db: Database,
    spec: TopicSpec,
    since: datetime,
    now: datetime,
    before: TopicSpec | None = None,
    *,
    full_scan: bool = False,
) -> Backtest:
    """Hold a rule against the articles first seen since then, and `before` beside it.

    The index only leaves out what cannot match: with a `full_scan` the answer is the same.
    """
    both = [one for one in (spec, before) if one is not None]
    compiled = compile_topics([TopicRow(n, one, ()) for n, one in enumerate(both)])
    looked_at: set[int] = set()
    for one in both:
        gates = () if full_scan else gates_of(one.query)
        looked_at.update(db.read(partial(store.candidates, since=since, gates=gates)))
    ids = sorted(looked_at)
    found: list[list[Hit]] = [[] for _ in both]
    misses: list[Hit] = []
    for article in _articles(db, ids):
        matches, missed = compiled.match_and_miss(article.title, article.text, article.about)
        for match in matches:
            found[match.topic_id].append(_kept(article, match))
        for miss in missed:
            lowest = misses[-1].match.score if len(misses) == _MISSES else 0.0
            if miss.topic_id == 0 and miss.score > lowest:
                misses = _highest([*misses, _kept(article, miss)])[:_MISSES]
    come = gone = None
    if before is not None:
        now_found, then_found = ({hit.article.id for hit in hits} for hits in found)
        come = _highest(hit for hit in found[0] if hit.article.id not in then_found)
        gone = _highest(hit for hit in found[1] if hit.article.id not in now_found)
    days = max((now - since).total_seconds() / 86_400, 1.0)
    return Backtest(_highest(found[0]), _highest(misses), len(ids), days, come, gone)


def _articles(db: Database, ids: Sequence[int]) -> Iterator[StoredText]:
    for first in range(0, len(ids), _BATCH):
        yield from db.read(partial(store.texts_of, ids=ids[first : first + _BATCH]))


def _kept(article: StoredText, match: TopicMatch) -> Hit:
    """A hit that no longer holds on to all that the matcher saw of its article."""
    return Hit(article, replace(match, evidence=tuple(match.evidence)))


def _highest(hits: Iterable[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (-hit.match.score, -hit.article.id))
