"""Which topics hang on which terms, in few objects: a garbage collector has little to visit."""

from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate, repeat


class Postings:
    """Filled by `hang`, closed by `settle`, then only read, so threads may share it."""

    def __init__(self) -> None:
        self._terms, self._topics = array("I"), array("I")
        self._starts = array("I")

    def hang(self, topic: int, terms: Sequence[int]) -> None:
        """Hang a topic on each of some terms."""
        self._terms.extend(terms)
        self._topics.extend(repeat(topic, len(terms)))

    def settle(self, size: int) -> None:
        """Put the topics of each term side by side; terms are numbered below `size`."""
        # No Counter and no sort: each would hold up other threads until it is done.
        counts = array("I", bytes(size * array("I").itemsize))
        for term in self._terms:
            counts[term] += 1
        self._starts = array("I", accumulate(counts, initial=0))
        at, topics = self._starts[:], self._topics[:]
        for term, topic in zip(self._terms, self._topics, strict=True):
            topics[at[term]] = topic
            at[term] += 1
        self._topics, self._terms = topics, array("I")

    def of(self, terms: Iterable[int]) -> list[Sequence[int]]:
        """For each of some terms the topics that hang on it."""
        starts, topics = self._starts, self._topics
        return [topics[starts[term] : starts[term + 1]] for term in terms]
