"""Which terms of a vocabulary stand in a passage, and where."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice, pairwise, product

from worker.topics.passage import BORDER, Passage
from worker.topics.vocabulary import Vocabulary


class Hits:
    """The terms that a passage holds. Places are worked out when asked for: few ever are."""

    def __init__(self, vocabulary: Vocabulary, passage: Passage) -> None:
        self._vocabulary, self._passage = vocabulary, passage
        self._places: dict[int, list[int]] = {}
        self._told: dict[int, set[int]] = {}
        self._begins: Sequence[tuple[str, Sequence[int]]] = ()
        words, numbers = passage.words, vocabulary.numbers
        self.there: set[int] = {*filter(None, map(numbers.get, words))}
        if vocabulary.prefixes:
            self._begins = vocabulary.prefixes.told(words)
            self.there.update(chain.from_iterable(numbers for _, numbers in self._begins))
        if vocabulary.abbreviations:
            self._find_abbreviations()
        self._find_phrases()
        if self.there and passage.shares_signs:
            self.there = {number for number in self.there if self.places(number)}

    def places(self, number: int) -> Sequence[int]:
        """Where a term begins, in order; none if it is not there."""
        if number not in self.there:
            return ()
        places = self._places.get(number)
        if places is None:
            places = sorted(self._told.get(number, ())) or self._of_word(number)
            if self._passage.shares_signs:
                places = self._whole_signs(number, places)
            self._places[number] = places
        return places

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

    def _add(self, number: int, place: int) -> None:
        """Note a place of a phrase or an abbreviation."""
        self.there.add(number)
        self._told.setdefault(number, set()).add(place)

    def _find_abbreviations(self) -> None:
        passage, abbreviations = self._passage, self._vocabulary.abbreviations
        for word in abbreviations.keys() & passage.words:
            for place in passage.places(word):
                if _is_abbreviation(passage, place):
                    self._add(abbreviations[word], place)

    def _find_phrases(self) -> None:
        """Phrases by two plain words side by side in them, or else by one word or prefix."""
        passage, vocabulary = self._passage, self._vocabulary
        unsure: set[tuple[int, int]] = set()
        if not vocabulary.firsts.isdisjoint(passage.words):
            row = pairwise(passage.folded)
            found = enumerate(map(vocabulary.pairs.get, row))
            for place, phrases in [one for one in found if one[1]]:
                for phrase in phrases or ():
                    if isinstance(phrase, tuple):
                        unsure.add((phrase[0], place - phrase[1]))
                    else:
                        self._add(phrase, place)
            if not passage.plain:
                unsure.update(self._joined_pairs())
        anchored = vocabulary.anchored
        for anchor in anchored.keys() & self.there:
            for number, offset in anchored[anchor]:
                unsure.update((number, place - offset) for place in self.places(anchor))
        for number, place in unsure:
            if self._stands(number, place):
                self._add(number, place)

    def _joined_pairs(self) -> Iterator[tuple[int, int]]:
        """Phrases, and where, of which one of two words has something joined to it."""
        before, behind, folded = self._passage.before, self._passage.behind, self._passage.folded
        for place in {*before, *(at - 1 for at in behind)}:
            if not 0 <= place < len(folded) - 1:
                continue
            firsts = (folded[place], *before.get(place, ()))
            seconds = (folded[place + 1], behind.get(place + 1, BORDER))
            for pair in islice(product(firsts, seconds), 1, None):
                for phrase in self._vocabulary.pairs.get(pair, ()):
                    number, offset = phrase if isinstance(phrase, tuple) else (phrase, 0)
                    yield number, place - offset

    def _stands(self, number: int, place: int) -> bool:
        """Whether a phrase stands at `place`: only its ends may have something joined to them."""
        key, passage = self._vocabulary.keys[number], self._passage
        words, folded = key.split(" "), passage.folded
        last = place + len(words) - 1
        if place < 0 or last >= len(folded):
            return False
        if passage.plain and "*" not in key and "." not in key:
            return folded[place : last + 1] == words
        return all(
            word == folded[at]
            or _fits(word, passage, at)
            or (at == place and any(_begins(word, stem) for stem in passage.before.get(at, ())))
            or (at == last and at in passage.behind and _begins(word, passage.behind[at]))
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
    return word[-1] == "*" and folded.startswith(word[:-1])


def _begins(word: str, found: str) -> bool:
    return found.startswith(word[:-1]) if word[-1] == "*" else found == word


def _is_abbreviation(passage: Passage, place: int) -> bool:
    """Whether the word there is written with dots, or in capitals."""
    return place in passage.dotted or passage.raw(place).isupper()
