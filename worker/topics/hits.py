"""Which terms of a vocabulary stand in a passage, and where."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, pairwise

from worker.topics.passage import BORDER, Passage
from worker.topics.vocabulary import PAIR_SHIFT, Branch, Vocabulary


class Hits:
    """The terms that a passage holds. Places are worked out when asked for: few ever are."""

    def __init__(self, vocabulary: Vocabulary, passage: Passage) -> None:
        self._vocabulary, self._passage = vocabulary, passage
        self._places: dict[int, Sequence[int]] = {}
        # phrases and abbreviations, and where each begins
        self._told: defaultdict[int, list[int]] = defaultdict(list)
        self._begins: Sequence[tuple[str, Sequence[int]]] = ()
        words, numbers = passage.words, vocabulary.numbers
        self.there: set[int] = {*filter(None, map(numbers.get, words))}
        if vocabulary.prefixes:
            self._begins = vocabulary.prefixes.told(words)
            self.there.update(chain.from_iterable(numbers for _, numbers in self._begins))
        if vocabulary.abbreviations:
            self._find_abbreviations()
        if vocabulary.phrases:
            self._find_phrases()
        self.there.update(self._told)
        if vocabulary.anchored:
            self._find_anchored()
            self.there.update(self._told)
        if self.there and passage.shares_signs:
            self.there = {number for number in self.there if self.places(number)}

    def places(self, number: int) -> Sequence[int]:
        """Where a term begins, in order; none if it is not there."""
        if number not in self.there:
            return ()
        places = self._places.get(number)
        if places is None:
            places = self._any_places(number)
            if self._passage.shares_signs:
                places = self._whole_signs(number, places)
            self._places[number] = places
        return places

    def _any_places(self, number: int) -> list[int]:
        """The places of a term, also those within a sign."""
        told = self._told.get(number)
        return self._of_word(number) if told is None else sorted({*told})

    def _of_word(self, number: int) -> list[int]:
        key, passage = self._vocabulary.keys[number], self._passage
        if key[-1] != "*":
            return passage.places(key)
        return sorted({at for word in self._begun[number] for at in passage.places(word)})

    @cached_property
    def _begun(self) -> Mapping[int, list[str]]:
        """Under the number of a prefix, the words that begin with it."""
        found: defaultdict[int, list[str]] = defaultdict(list)
        for word, numbers in self._begins:
            for number in numbers:
                found[number].append(word)
        return found

    def _find_abbreviations(self) -> None:
        passage, abbreviations = self._passage, self._vocabulary.abbreviations
        for word in abbreviations.keys() & passage.words:
            for place in passage.places(word):
                if _is_abbreviation(passage, place):
                    self._told[abbreviations[word]].append(place)

    def _find_phrases(self) -> None:
        """Phrases of plain words, from each pair of words that one of them begins with."""
        folded, told = self._passage.folded, self._told
        if not self._passage.plain:
            for number, place in self._joined_phrases():
                told[number].append(place)
            return
        words, begun = self._passage.words, self._vocabulary.phrases.get
        ids = dict(zip(words, map(self._vocabulary.phrase_words.get, words), strict=True))
        row = enumerate(pairwise(map(ids.__getitem__, folded)))
        found = [
            (place, begins)
            for place, (first, second) in row
            if first and second and (begins := begun(first << PAIR_SHIFT | second))
        ]
        branch: Branch | int | None
        for place, branch in found:
            at = place + 2
            while branch:
                if isinstance(branch, int):
                    told[branch].append(place)
                    break
                if branch.number:
                    told[branch.number].append(place)
                branch = branch.further.get(folded[at]) if at < len(folded) else None
                at += 1

    def _joined_phrases(self) -> Iterator[tuple[int, int]]:
        """The same where the first word or the last may have something joined to it."""
        before, behind, folded = self._passage.before, self._passage.behind, self._passage.folded
        begun = self._vocabulary.begun
        for place in range(len(folded) - 1):
            for first in (folded[place], *before.get(place, ())):
                branch = begun(first, folded[place + 1])
                last = begun(first, behind.get(place + 1, BORDER))
                at = place + 2
                while branch or last:
                    for one in (branch, last):
                        number = one.number if isinstance(one, Branch) else one
                        if number:
                            yield number, place
                    if not isinstance(branch, Branch) or at >= len(folded):
                        break
                    last = branch.further.get(behind.get(at, BORDER))
                    branch = branch.further.get(folded[at])
                    at += 1

    def _find_anchored(self) -> None:
        """Phrases with a prefix or an abbreviation in them, from one of their words."""
        anchored = self._vocabulary.anchored
        for anchor in anchored.keys() & self.there:
            for number, offset in anchored[anchor]:
                likely = [place - offset for place in self._any_places(anchor)]
                if found := [place for place in likely if self._stands(number, place)]:
                    self._told[number] += found

    def _stands(self, number: int, place: int) -> bool:
        """Whether a phrase stands at `place`: only its ends may have something joined to them."""
        passage, words = self._passage, self._vocabulary.keys[number].split(" ")
        last = place + len(words) - 1
        if place < 0 or last >= len(passage.folded):
            return False
        return all(
            _fits(word, passage, at)
            or (at == place and _begins(word, passage.before.get(at, ())))
            or (at == last and at in passage.behind and _begins(word, [passage.behind[at]]))
            for at, word in enumerate(words, place)
        )

    def _whole_signs(self, number: int, places: Sequence[int]) -> list[int]:
        """Only places that do not cut a sign which stands for several words, as ¼ does."""
        spans, width = self._passage.spans, self._vocabulary.widths[number]
        return [
            at
            for at in places
            if spans[at - 1 : at] != spans[at : at + 1]
            and spans[at + width : at + width + 1] != spans[at + width - 1 : at + width]
        ]


def _fits(word: str, passage: Passage, place: int) -> bool:
    """Whether a word of a phrase, with its star or dot, stands at `place`."""
    folded = passage.folded[place]
    if word[0] == ".":
        return folded == word[1:] and _is_abbreviation(passage, place)
    return folded.startswith(word[:-1]) if word[-1] == "*" else folded == word


def _begins(word: str, stems: Iterable[str]) -> bool:
    if word[-1] == "*":
        return any(stem.startswith(word[:-1]) for stem in stems)
    return word in stems


def _is_abbreviation(passage: Passage, place: int) -> bool:
    """Whether the word there is written with dots, or in capitals."""
    return place in passage.dotted or passage.raw(place).isupper()
