"""Which topics hang on which terms."""

from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise, repeat


class Postings:
    """Filled by `hang`, closed by `settle`, then only read, so threads may share it."""

    def __init__(self) -> None:
        self._terms, self._topics = array("I"), array("I")
        # Tuples, which a garbage collector leaves alone, of numbers that they share.
        self._of: list[tuple[int, ...]] = []

    def hang(self, topic: int, terms: Sequence[int]) -> None:
        """Hang a topic on each of some terms."""
        self._terms.extend(terms)
        self._topics.extend(repeat(topic, len(terms)))

    def settle(self, size: int, numbers: Sequence[int]) -> None:
        """Put the topics of each term side by side; terms are numbered below `size`.

        `numbers` holds each topic's number under itself.
        """
        # No Counter and no sort: each would hold up other threads until it is done.
        counts = array("I", bytes(size * array("I").itemsize))
        for term in self._terms:
            counts[term] += 1
        starts = array("I", accumulate(counts, initial=0))
        at, topics = starts[:], self._topics[:]
        for term, topic in zip(self._terms, self._topics, strict=True):
            topics[at[term]] = topic
            at[term] += 1
        number = numbers.__getitem__
        for start, end in pairwise(starts):
            self._of.append(tuple(map(number, topics[start:end])) if start < end else ())
        self._terms, self._topics = array("I"), array("I")

    def of(self, terms: Iterable[int]) -> list[tuple[int, ...]]:
        """For each of some terms the topics that hang on it, where there are any."""
        return list(filter(None, map(self._of.__getitem__, terms)))
