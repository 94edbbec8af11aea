"""Many topics made ready for matching, so that an article is held against few of them.

A topic is hung on the terms of its two rarest necessary clauses. Only topics of which a term of
both stands in the article are looked at.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from worker.records import TopicMatch, TopicRow
from worker.topics.evidence import Pieces
from worker.topics.lexer import Lexer
from worker.topics.nodes import FieldName, Node, terms_of
from worker.topics.passage import Passage
from worker.topics.program import Clause, Op, clauses_of, op_of
from worker.topics.query import parse_query
from worker.topics.rules import is_rules, read_rule
from worker.topics.seen import Seen
from worker.topics.vocabulary import Vocabulary
from worker.topics.weighing import Weighing, weighing_of

_NO_TEXTS: Mapping[int, str] = {}
_NONE = array("I")


class Index:
    """Topics ready for matching; filled once, then only read, so threads may share it."""

    def __init__(self, rows: Iterable[TopicRow]) -> None:
        self.vocabulary = Vocabulary()
        self._ids: list[int] = []
        self._clauses: list[tuple[Clause, ...]] = []
        # under a topic's number what clauses do not say of its tree, and the tree
        self._trees: dict[int, tuple[Op, Op]] = {}
        self._weighings: dict[int, Weighing] = {}
        hung: tuple[list[array[int]], list[array[int]]] = ([], [])
        # where a topic spells a term otherwise than the first topic that has it
        self._texts: dict[int, Mapping[int, str]] = {}
        lexer = Lexer()
        for row in rows:
            clauses = self._add(row.id, row.spec.query, lexer)
            for under, clause in zip(hung, (clauses[0], clauses[:2][-1]), strict=True):
                under.extend([_NONE] * (len(self.vocabulary.keys) - len(under)))
                for term in clause:
                    if under[term] is _NONE:
                        under[term] = array("I")
                    under[term].append(len(self._ids) - 1)
        self._hung = hung

    @property
    def looks_beside(self) -> bool:
        """Whether a topic looks at more than title and text."""
        return bool(self.vocabulary.scoped.keys() - {"title", "lead", "body"})

    def match(self, article: Passage, about: Mapping[FieldName, Passage]) -> Iterator[TopicMatch]:
        """The topics that an article matches, in no order."""
        seen = Seen(self.vocabulary, article, about)
        pieces = Pieces(seen)
        for number in self._candidates(seen.there):
            id_, tree = self._ids[number], self._trees.get(number)
            if (weighing := self._weighings.get(number)) is not None:
                if weighed := weighing.weighed(seen):
                    yield TopicMatch(id_, weighed.evidence(pieces), weighed.score)
                continue
            texts = self._texts.get(number, _NO_TEXTS)
            if tree is None:
                terms = seen.there.intersection(chain.from_iterable(self._clauses[number]))
                yield TopicMatch(id_, pieces.of_terms(terms, texts))
            elif seen.holds(tree[0]):
                yield TopicMatch(id_, pieces.of_reasons(seen.reasons(tree[1]), texts))

    def _candidates(self, there: set[int]) -> Iterable[int]:
        """The topics whose clauses all hold."""
        first, second = ([hung[term] for term in there] for hung in self._hung)
        likely = set[int]().union(*first).intersection(chain.from_iterable(second))
        clauses, absent = self._clauses, there.isdisjoint
        return [n for n in likely if not any(map(absent, clauses[n][2:]))]

    def _add(self, id_: int, query: str, lexer: Lexer) -> tuple[Clause, ...]:
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
        self._clauses.append(clauses)
        return clauses

    def _spellings(self, node: Node) -> Mapping[int, str]:
        """How a topic spells its terms, where the vocabulary knows them by another spelling."""
        first: dict[int, str] = {}
        for term in terms_of(node):
            first.setdefault(self.vocabulary.add(term), term.text)
        self.vocabulary.spelt_otherwise = False
        known = self.vocabulary.texts
        return {number: text for number, text in first.items() if text != known[number]}
