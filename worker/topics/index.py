"""Many topics made ready for matching, so that an article is held against few of them.

A topic is hung on the terms of its two rarest necessary clauses. Only topics of which a term of
both stands in the article are looked at.
"""

import gc
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from worker.records import Evidence, TopicMatch, TopicRow
from worker.topics.evidence import LazyEvidence, Pieces
from worker.topics.lexer import Lexer
from worker.topics.nodes import FieldName, Node, terms_of
from worker.topics.passage import Passage
from worker.topics.postings import Postings
from worker.topics.program import Clause, Op, clauses_of, op_of
from worker.topics.query import parse_query
from worker.topics.rules import is_rules, read_rule
from worker.topics.seen import Seen
from worker.topics.vocabulary import Vocabulary
from worker.topics.weighing import Weighing, weighing_of

# What so many topics hold stays for long, and is hidden from the garbage collector: to visit it
# would hold up every other thread, again and again.
_FREEZE_AFTER = 2_000
_NO_TEXTS: Mapping[int, str] = {}


class Index:
    """Topics ready for matching; filled once, then only read, so threads may share it."""

    def __init__(self, rows: Iterable[TopicRow]) -> None:
        self.vocabulary = Vocabulary()
        self._ids: list[int] = []
        # The terms of every clause in one row, where each clause ends in it, and the number of
        # each topic's first clause.
        self._terms, self._ends, self._firsts = array("I"), array("I", [0]), array("I", [0])
        # under a topic's number what clauses do not say of its tree, and the tree
        self._trees: dict[int, tuple[Op, Op]] = {}
        self._weighings: dict[int, Weighing] = {}
        # where a topic spells a term otherwise than the first topic that has it
        self._texts: dict[int, Mapping[int, str]] = {}
        self._hung = Postings(), Postings()
        lexer = Lexer(self.vocabulary.numbered)
        for number, row in enumerate(rows, 1):
            self._add(row.id, row.spec.query, lexer)
            if number % _FREEZE_AFTER == 0:
                gc.freeze()
        lexer.forget()
        numbers = list(range(len(self._ids)))
        for hung in self._hung:
            hung.settle(len(self.vocabulary.keys), numbers)

    @property
    def looks_beside(self) -> bool:
        """Whether a topic looks at more than title and text."""
        return bool(self.vocabulary.scoped.keys() - {"title", "lead", "body"})

    def seen(self, article: Passage, about: Mapping[FieldName, Passage]) -> Seen | None:
        """The article as these topics see it; None where there are none."""
        return Seen(self.vocabulary, article, about) if self._ids else None

    def match(self, seen: Seen) -> Iterator[TopicMatch]:
        """The topics that an article matches, in no order."""
        pieces = Pieces(seen)
        for number in self._candidates(seen.there):
            if (weighing := self._weighings.get(number)) is not None:
                weighed = weighing.weighed(seen)
                if weighed and weighed.score >= weighing.threshold:
                    evidence = LazyEvidence(weighed.evidence, pieces)
                    yield TopicMatch(self._ids[number], evidence, weighed.score)
                continue
            tree = self._trees.get(number)
            if tree is None or seen.holds(tree[0]):
                yield TopicMatch(self._ids[number], LazyEvidence(self._shown(number), pieces))

    def near_misses(self, seen: Seen) -> Iterator[TopicMatch]:
        """The weighted topics that an article gives points to, but not enough."""
        pieces = Pieces(seen)
        for number, weighing in self._weighings.items():
            weighed = weighing.weighed(seen)
            if weighed and weighed.score < weighing.threshold:
                evidence = LazyEvidence(weighed.evidence, pieces)
                yield TopicMatch(self._ids[number], evidence, weighed.score)

    def _shown(self, number: int) -> Callable[[Pieces], tuple[Evidence, ...]]:
        """What makes the evidence for a topic without weights, when it is asked for."""

        def shown(pieces: Pieces) -> tuple[Evidence, ...]:
            texts = self._texts.get(number, _NO_TEXTS)
            if tree := self._trees.get(number):
                return pieces.of_reasons(pieces.seen.reasons(tree[1]), texts)
            first, behind = self._firsts[number], self._firsts[number + 1]
            terms = self._terms[self._ends[first] : self._ends[behind]]
            return pieces.of_terms(pieces.seen.there.intersection(terms), texts)

        return shown

    def _candidates(self, there: set[int]) -> Iterable[int]:
        """The topics whose clauses all hold."""
        first, second = (hung.of(there) for hung in self._hung)
        likely = set[int]().union(*first).intersection(chain.from_iterable(second))
        firsts = self._firsts
        return [
            n
            for n in likely
            if firsts[n + 1] - firsts[n] < 3 or self._hold(firsts[n] + 2, firsts[n + 1], there)
        ]

    def _hold(self, first: int, behind: int, there: set[int]) -> bool:
        ends = self._ends
        return not any(
            there.isdisjoint(self._terms[ends[n] : ends[n + 1]]) for n in range(first, behind)
        )

    def _add(self, id_: int, query: str, lexer: Lexer) -> None:
        number = len(self._ids)
        if is_rules(query):
            weighing = weighing_of(read_rule(query), self.vocabulary)
            self._weighings[number], clauses = weighing, weighing.clauses
        else:
            node = parse_query(query, lexer)
            tree = op_of(node, self.vocabulary)
            clauses, rest = clauses_of(tree, self.vocabulary)
            if rest is not None:
                self._trees[number] = rest, tree
            if self.vocabulary.spelt_otherwise:
                self._texts[number] = self._spellings(node)
        self._ids.append(id_)
        self._hang(number, clauses)

    def _hang(self, number: int, clauses: Sequence[Clause]) -> None:
        """Note a topic's clauses, and hang it on the two rarest."""
        for clause in clauses:
            self._terms.extend(clause)
            self._ends.append(len(self._terms))
        self._firsts.append(len(self._ends) - 1)
        for hung, clause in zip(self._hung, (clauses[0], clauses[:2][-1]), strict=True):
            hung.hang(number, clause)

    def _spellings(self, node: Node) -> Mapping[int, str]:
        """How a topic spells its terms, where the vocabulary knows them by another spelling."""
        first: dict[int, str] = {}
        for term in terms_of(node):
            first.setdefault(self.vocabulary.add(term), term.text)
        self.vocabulary.spelt_otherwise = False
        known = self.vocabulary.texts
        return {number: text for number, text in first.items() if text != known[number]}
