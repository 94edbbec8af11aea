"""What of a vocabulary an article holds, and whether programs hold in it."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from worker.topics.hits import Hits
from worker.topics.misuse import MAX_BETWEEN
from worker.topics.nodes import FieldName
from worker.topics.passage import Passage
from worker.topics.program import Kind, Nearness, Op
from worker.topics.vocabulary import Vocabulary

_NOWHERE = Passage((), ())
_IN_ARTICLE = ("title", "lead", "body")
# So far apart that nothing is near across the border of two texts.
_APART = MAX_BETWEEN + 1


class Found(NamedTuple):
    """Where a term stands: `number` without its field, and the places in the passage."""

    number: int
    passage: Passage
    places: Sequence[int]


class _Side(NamedTuple):
    """Where terms begin, and the places behind them, both in order."""

    starts: Sequence[int]
    ends: Sequence[int]


class Seen:
    """One article against one vocabulary; `there` holds the numbers of the terms that are there."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        article: Passage,
        about: Mapping[FieldName, Passage],
    ) -> None:
        self.vocabulary, self.article, self._about = vocabulary, article, about
        self._hits = Hits(vocabulary, article)
        self._beside: dict[FieldName, Hits] = {}
        self._sides: dict[int, _Side] = {}
        self._scoped: dict[int, Found] = {}
        self.there = self._hits.there
        if vocabulary.scoped:
            self.there = self.there | self._find_scoped()

    def holds(self, op: Op) -> bool:
        if op.kind is Kind.ALL:
            return (
                self.there.issuperset(op.terms)
                and all(map(self._is_near, op.near))
                and all(map(self.holds, op.parts))
            )
        found = (
            not self.there.isdisjoint(op.terms)
            or any(map(self._is_near, op.near))
            or any(map(self.holds, op.parts))
        )
        return found if op.kind is Kind.ANY else not found

    def found(self, number: int) -> Found:
        """Where a term that is there stands."""
        return self._scoped.get(number) or Found(number, self.article, self._hits.places(number))

    def reasons(self, op: Op) -> Iterable[Found]:
        """What made `op` hold: nothing of an OR's branch that did not, nothing below a NOT."""
        return self.merged(self._reasons(op))

    def merged(self, reasons: Iterable[Found]) -> Iterable[Found]:
        """Each term once, with all the places that were found for it."""
        found: dict[tuple[int, int], Found] = {}
        for one in reasons:
            key = one.number, id(one.passage)
            before = found.get(key)
            if before is not None and before.places is not one.places:
                one = one._replace(places=sorted({*before.places, *one.places}))
            found[key] = one
        return found.values()

    def _reasons(self, op: Op) -> Iterable[Found]:
        if op.kind is Kind.NONE:
            return
        yield from map(self.found, filter(self.there.__contains__, op.terms))
        for near in op.near:
            yield from self._nearby(near.left, near.right, near.within, near.ordered, leads=True)
            yield from self._nearby(near.right, near.left, near.within, near.ordered, leads=False)
        for part in op.parts:
            if self.holds(part):
                yield from self._reasons(part)

    def _find_scoped(self) -> set[int]:
        """The terms that stand within the field which a topic asks for."""
        for scope, numbers in self.vocabulary.scoped.items():
            hits, passage = self._hits, self.article
            if scope not in _IN_ARTICLE:
                passage = self._about.get(scope, _NOWHERE)
                hits = Hits(self.vocabulary, passage)
            for base in numbers.keys() & hits.there:
                places = hits.places(base)
                if scope in _IN_ARTICLE:
                    first, end = self._bounds(scope)
                    width = self.vocabulary.widths[base]
                    places = [at for at in places if first <= at and at + width <= end]
                if places:
                    self._scoped[numbers[base]] = Found(base, passage, places)
        return set(self._scoped)

    def _bounds(self, scope: FieldName) -> tuple[int, int]:
        text = self.article.firsts[1]
        if scope == "title":
            return 0, text - 1
        return text, self.article.lead_end if scope == "lead" else len(self.article.folded)

    def _is_near(self, near: Nearness) -> bool:
        """Whether terms of both sides stand near each other."""
        left, right = self.there.intersection(near.left), self.there.intersection(near.right)
        for one in map(self._side_of, left):
            for other in map(self._side_of, right):
                if _follows(one.ends, other.starts, near.within):
                    return True
                if not near.ordered and _follows(other.ends, one.starts, near.within):
                    return True
        return False

    def _nearby(
        self, ours: Iterable[int], others: Iterable[int], within: int, ordered: bool, *, leads: bool
    ) -> Iterable[Found]:
        """Of one side's terms the places near the other side; `leads` says that it is the left."""
        other = self._side(others)
        looks_ahead, looks_back = leads or not ordered, not (leads and ordered)
        for number in filter(self.there.__contains__, ours):
            found, side = self.found(number), self._side_of(number)
            places = [
                place
                for place, start, end in zip(found.places, *side, strict=True)
                if (looks_ahead and _holds_one(other.starts, end, end + within))
                or (looks_back and _holds_one(other.ends, start - within, start))
            ]
            if places:
                yield found._replace(places=places)

    def _side(self, numbers: Iterable[int]) -> _Side:
        sides = [self._side_of(number) for number in self.there.intersection(numbers)]
        if len(sides) == 1:
            return sides[0]
        starts, ends = zip(*sides, strict=True) if sides else ((), ())
        return _Side(sorted(chain.from_iterable(starts)), sorted(chain.from_iterable(ends)))

    def _side_of(self, number: int) -> _Side:
        side = self._sides.get(number)
        if side is None:
            found = self.found(number)
            width, starts = self.vocabulary.widths[found.number], found.places
            if len(found.passage.texts) > 1:
                part_of = found.passage.part_of
                starts = [place + _APART * part_of(place) for place in starts]
            side = self._sides[number] = _Side(starts, [start + width for start in starts])
        return side


def _follows(ends: Sequence[int], starts: Sequence[int], within: int) -> bool:
    """Whether something begins at most `within` words behind where something else ends."""
    for end in ends:
        at = bisect_left(starts, end)
        if at < len(starts) and starts[at] <= end + within:
            return True
    return False


def _holds_one(places: Sequence[int], first: int, last: int) -> bool:
    """Whether one of some places, which are in order, is from `first` to `last`."""
    at = bisect_left(places, first)
    return at < len(places) and places[at] <= last
