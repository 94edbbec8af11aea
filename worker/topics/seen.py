"""What of a vocabulary an article holds, and whether programs hold in it."""

from collections.abc import Iterable, Mapping, Sequence
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


class _Marks(NamedTuple):
    """A bit for each place at which terms begin, and behind which they end."""

    starts: int
    ends: int


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
        self._marks: dict[int, _Marks] = {}
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
        """Whether terms of both sides stand near each other.

        Worked out for all places at once: the bits behind the terms of one side are spread over the
        words that may stand between, and meet those at which the other side begins, or do not.
        """
        left, right = self._side(near.left), self._side(near.right)
        if _spread(left.ends, near.within) & right.starts:
            return True
        return not near.ordered and bool(_spread(right.ends, near.within) & left.starts)

    def _nearby(
        self, ours: Iterable[int], others: Iterable[int], within: int, ordered: bool, *, leads: bool
    ) -> Iterable[Found]:
        """Of one side's terms the places near the other side; `leads` says that it is the left."""
        other = self._side(others)
        ahead = _spread(other.starts, within, back=True) if leads or not ordered else 0
        behind = _spread(other.ends, within) if not (leads and ordered) else 0
        for number in filter(self.there.__contains__, ours):
            found = self.found(number)
            width = self.vocabulary.widths[found.number]
            bits = _bits(found.passage, found.places)
            places = [
                place
                for place, bit in zip(found.places, bits, strict=True)
                if (ahead >> (bit + width) | behind >> bit) & 1
            ]
            if places:
                yield found._replace(places=places)

    def _side(self, numbers: Iterable[int]) -> _Marks:
        starts = ends = 0
        for number in self.there.intersection(numbers):
            marks = self._marks.get(number)
            if marks is None:
                marks = self._marks[number] = self._marked(self.found(number))
            starts |= marks.starts
            ends |= marks.ends
        return _Marks(starts, ends)

    def _marked(self, found: Found) -> _Marks:
        passage = found.passage
        marks = bytearray((len(passage.folded) + _APART * len(passage.texts)) // 8 + 1)
        for bit in _bits(passage, found.places):
            marks[bit >> 3] |= 1 << (bit & 7)
        starts = int.from_bytes(marks, "little")
        return _Marks(starts, starts << self.vocabulary.widths[found.number])


def _bits(passage: Passage, places: Sequence[int]) -> list[int]:
    """The bits that stand for places, those of different texts far apart."""
    if len(passage.texts) < 2:
        return [*places]
    return [place + _APART * passage.part_of(place) for place in places]


def _spread(marks: int, words: int, *, back: bool = False) -> int:
    """Each bit also set at the next `words` places, or at those before it."""
    done = 1
    while done <= words:
        step = min(done, words + 1 - done)
        marks |= marks >> step if back else marks << step
        done += step
    return marks
