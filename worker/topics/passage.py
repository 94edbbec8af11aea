"""An article as the matcher sees it: its words in a row, with what may be taken off of them."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from contextlib import suppress
from functools import cached_property
from itertools import islice
from operator import eq

from worker.topics.clitics import is_arabic, joined_stems, stems
from worker.topics.tokens import Tokens, quick_words, tokens_of

# What parts two texts in the row of words: no folded word is empty.
BORDER = ""
# So many words are looked for in the row itself; for more it is worth making it a string.
_FEW = 4
_LEAD_AT_LEAST, _LEAD_AT_MOST = 30, 80


class Passage:
    """One or more texts as one row of folded words, a `BORDER` between two of them.

    A place is a word's number in the row. `names` says what each text is, `firsts` are the places
    at which the texts begin, `spans` where each word stands in its text, `dotted` the places of
    abbreviations with dots. `before` holds what words are without the clitics before them,
    `behind` without a joined ending; `plain` says that nothing is joined to any word.
    """

    def __init__(self, texts: Sequence[str], names: Sequence[str]) -> None:
        self.texts, self.names = tuple(texts), tuple(names)
        self.folded: list[str] = []
        self.firsts: list[int] = []
        self.before: Mapping[int, tuple[str, ...]] = {}
        self.behind: dict[int, str] = {}
        self._is_quick = True
        self._asked = 0
        for text in self.texts:
            if self.firsts:
                self.folded.append(BORDER)
            self.firsts.append(len(self.folded))
            row = quick_words(text)
            if row is None:
                row = tokens_of(text).folded
                self._is_quick = False
            self.folded += row
        if not all(map(str.isascii, self.texts)):
            self._take_apart()
        self.plain = not (self.before or self.behind)

    def _take_apart(self) -> None:
        for first, text in zip(self.firsts, self.texts, strict=True):
            if joined := joined_stems(text):
                self.behind |= {first + place: stem for place, stem in joined.items()}
        if is_arabic(self.texts, self.folded):
            told = enumerate(map(stems, self.folded))
            self.before = {place: found for place, found in told if found}

    @cached_property
    def _tokens(self) -> Sequence[Tokens]:
        return [tokens_of(text) for text in self.texts]

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for number, tokens in enumerate(self._tokens):
            if number:
                found.append((0, 0))
            found += tokens.spans
        return found

    @cached_property
    def dotted(self) -> Set[int]:
        pairs = zip(self.firsts, self._tokens, strict=True)
        return {first + place for first, tokens in pairs for place in tokens.dotted}

    @cached_property
    def words(self) -> Set[str]:
        """Every word that stands here, also without what is joined to it."""
        found = set(self.folded)
        if not self.plain:
            found.update(self._joined)
        return found

    def places(self, word: str) -> list[int]:
        """The places of a word, also those where something is joined to it, in order."""
        found = []
        row: str | list[str] = self.folded
        sign: str | None = word if word in self.words else None
        self._asked += 1
        if self._asked > _FEW:
            row, signs = self._row
            sign = signs.get(word)
        if sign is not None:
            at = -1
            with suppress(ValueError):
                while True:
                    at = row.index(sign, at + 1)
                    found.append(at)
        if not self.plain and word in self._joined:
            return sorted({*found, *self._joined[word]})
        return found

    @cached_property
    def _row(self) -> tuple[str, Mapping[str, str]]:
        """The row with a sign of its own for each word, for nothing finds quicker than a string."""
        signs = dict(zip(self.words, map(chr, range(len(self.words))), strict=True))
        return "".join(map(signs.__getitem__, self.folded)), signs

    @cached_property
    def _joined(self) -> Mapping[str, list[int]]:
        """The places of words without what is joined to them."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for place, stems_there in self.before.items():
            for stem in stems_there:
                found[stem].append(place)
        for place, stem in self.behind.items():
            found[stem].append(place)
        return found

    @cached_property
    def shares_signs(self) -> bool:
        """Whether one sign stands for several words somewhere, as ¼ does for 1 and 4."""
        if self._is_quick:
            return False
        return any(map(eq, self.spans, islice(self.spans, 1, None)))

    @cached_property
    def lead_end(self) -> int:
        """The place behind the lead of the second text.

        The lead ends with the paragraph that holds the text's 30th word, and after 80 words at
        the latest: so a date line or a headline told twice does not use it up.
        """
        first, text = self.firsts[1], self.texts[1]
        if len(self.folded) - first <= _LEAD_AT_LEAST:
            return len(self.folded)
        end = text.find("\n", self.spans[first + _LEAD_AT_LEAST - 1][1])
        last = min(first + _LEAD_AT_MOST, len(self.folded))
        return last if end < 0 else bisect_left(self.spans, (end, 0), first, last)

    def part_of(self, place: int) -> int:
        """The number of the text that `place` stands in."""
        return bisect_right(self.firsts, place) - 1

    def raw(self, place: int) -> str:
        start, end = self.spans[place]
        return self.texts[self.part_of(place)][start:end]
