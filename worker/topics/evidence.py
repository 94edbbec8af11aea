"""The evidence for a match: which terms stand where, as much of it as a person reads."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, overload

from worker.records import Evidence
from worker.text import words
from worker.topics.passage import Passage
from worker.topics.rules import QUERY_GROUP
from worker.topics.seen import Found, Seen

MAX_EVIDENCE = 20

_ORDER = {"title": 0, "text": 1, "lang": 2, "source": 3, "author": 4, "section": 5}


class Piece(NamedTuple):
    """Pieces sort in reading order, the title's first."""

    field: int
    place: int
    behind: int
    group: str
    number: int
    evidence: Evidence


class Pieces:
    """Makes the evidence of one article's matches; topics share what they have in common."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        self._of: dict[int, list[Piece]] = {}

    def of_terms(self, numbers: Collection[int], texts: Mapping[int, str]) -> tuple[Evidence, ...]:
        """At most MAX_EVIDENCE pieces for terms that are all there, wherever they stand.

        `texts` are the terms that this topic spells otherwise.
        """
        if texts or self.seen.vocabulary.scoped:
            return self.of_reasons(self.seen.merged(map(self.seen.found, numbers)), texts)
        known = self._of
        for number in numbers:
            if number not in known:
                found = self.seen.found(number)
                known[number] = [self.piece(found, at) for at in found.places[:MAX_EVIDENCE]]
        return chosen([known[number] for number in numbers])

    def of_reasons(
        self, reasons: Iterable[Found], texts: Mapping[int, str]
    ) -> tuple[Evidence, ...]:
        """At most MAX_EVIDENCE pieces for some places of terms."""
        return chosen(
            [
                [self.piece(one, at, texts.get(one.number)) for at in one.places[:MAX_EVIDENCE]]
                for one in reasons
            ]
        )

    def piece(
        self,
        found: Found,
        place: int,
        text: str | None = None,
        group: str = QUERY_GROUP,
        points: float = 1.0,
    ) -> Piece:
        number, passage = found.number, found.passage
        vocabulary = self.seen.vocabulary
        behind = place + vocabulary.widths[number]
        part = passage.part_of(place)
        name, whole = passage.names[part], passage.texts[part]
        start, end = passage.spans[place][0], passage.spans[behind - 1][1]
        if not passage.plain:
            start, end = _bounds(vocabulary.keys[number], passage, place, behind)
        term = vocabulary.texts[number] if text is None else text
        evidence = Evidence(term, name, start, end, whole[start:end], group, points)
        return Piece(_ORDER[name], place, behind, group, number, evidence)


class LazyEvidence(Sequence[Evidence]):
    """Evidence that is worked out when somebody looks at it: of most matches nobody does."""

    def __init__(self, made: Callable[[Pieces], tuple[Evidence, ...]], pieces: Pieces) -> None:
        self._made, self._pieces = made, pieces

    @cached_property
    def _evidence(self) -> tuple[Evidence, ...]:
        return self._made(self._pieces)

    @overload
    def __getitem__(self, at: int) -> Evidence: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Evidence]: ...

    def __getitem__(self, at: int | slice) -> Evidence | Sequence[Evidence]:
        return self._evidence[at]

    def __len__(self) -> int:
        return len(self._evidence)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._evidence == tuple(other)

    def __hash__(self) -> int:
        return hash(self._evidence)

    def __repr__(self) -> str:
        return repr(self._evidence)


def chosen(terms: Sequence[Sequence[Piece]]) -> tuple[Evidence, ...]:
    """At most MAX_EVIDENCE pieces in reading order, of those of each term.

    Every term shows its first place before any shows its second: else a common name crowds out the
    rarer term that made the difference.
    """
    pieces = [piece for found in terms for piece in found]
    if len(pieces) > MAX_EVIDENCE:
        pieces = []
        for rank in range(MAX_EVIDENCE):
            level = sorted(found[rank] for found in terms if rank < len(found))
            pieces += level[: MAX_EVIDENCE - len(pieces)]
    pieces.sort()
    return tuple([piece.evidence for piece in pieces])


def _bounds(key: str, passage: Passage, place: int, behind: int) -> tuple[int, int]:
    """Where a term stands in its text, without what is joined before and behind it."""
    start, end = passage.spans[place][0], passage.spans[behind - 1][1]
    text = passage.texts[passage.part_of(place)]
    if stems := passage.before.get(place):
        first = key.partition(" ")[0]
        if not fits(first, passage.folded[place]):
            start = _cut(
                text, passage.spans[place], lambda rest: rest in stems and fits(first, rest)
            )
    if behind - 1 in passage.behind:
        last = key.rpartition(" ")[2]
        if not fits(last, passage.folded[behind - 1]):
            end = text.rindex("\u200c", start, end)
    return start, end


def fits(word: str, folded: str) -> bool:
    """Whether a word of a term, with its star or dot, stands for a folded word."""
    return folded.startswith(word[:-1]) if word[-1] == "*" else folded == word.lstrip(".")


def _cut(text: str, span: tuple[int, int], wanted: Callable[[str], bool]) -> int:
    """Where in a word the rest begins that is wanted."""
    for start in range(span[0] + 1, span[1]):
        rest = words(text[start : span[1]])
        if len(rest.folded) == 1 and rest.spans[0][0] == 0 and wanted(rest.folded[0]):
            return start
    return span[0]
