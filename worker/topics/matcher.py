"""All topics at once over one article: what matches, and which terms stand where."""

from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from worker.records import Evidence, TopicMatch, TopicRow
from worker.text import Words, words
from worker.topics.lexer import MIN_PREFIX
from worker.topics.nodes import And, Node, Not, Or, Prefix, Term
from worker.topics.query import parse_query

MAX_EVIDENCE = 20

_FIELDS = ("title", "text")
# Where a term stands: number of the field, first word, word behind the last.
_Place = tuple[int, int, int]
# What a term looks for: its words, or for a prefix its letters.
_Key = tuple[str, ...] | str


def compile_topics(rows: Sequence[TopicRow]) -> "TopicSet":
    """Make topics ready for matching; raises QueryError for a query that cannot be read."""
    return TopicSet(rows)


class TopicSet:
    """Topics ready for matching; immutable, so threads may share it."""

    def __init__(self, rows: Sequence[TopicRow]) -> None:
        self.topics: Mapping[int, TopicRow] = {row.id: row for row in rows}
        self._trees = {id_: parse_query(row.spec.query) for id_, row in self.topics.items()}
        terms = [term for tree in self._trees.values() for term in _terms(tree)]
        self._vocabulary = frozenset(w for t in terms if isinstance(t, Term) for w in t.words)
        self._heads: dict[str, tuple[str, ...]] = {}
        for start in sorted({t.start for t in terms if isinstance(t, Prefix)}):
            head = start[:MIN_PREFIX]
            self._heads[head] = (*self._heads.get(head, ()), start)

    def match(self, title: str, text: str) -> tuple[TopicMatch, ...]:
        """The topics that an article matches, each with its evidence, in the topics' order."""
        if not self._trees:
            return ()
        fields = (title, text)
        article = _Article((words(title), words(text)), self._vocabulary, self._heads)
        return tuple(
            TopicMatch(id_, _evidence(tree, article, fields))
            for id_, tree in self._trees.items()
            if article.has(tree)
        )


class _Article:
    """Where the topics' words stand in one article; phrases are looked up once for all topics."""

    def __init__(
        self,
        fields: tuple[Words, ...],
        vocabulary: frozenset[str],
        heads: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.fields = fields
        self._indexes = [_index(field.folded, vocabulary, heads) for field in fields]
        self._known: dict[_Key, list[_Place]] = {}

    def has(self, node: Node) -> bool:
        match node:
            case Term() | Prefix():
                return bool(self.places(node))
            case And(parts):
                return all(self.has(part) for part in parts)
            case Or(parts):
                return any(self.has(part) for part in parts)
            case Not(part):
                return not self.has(part)
        assert_never(node)

    def places(self, term: Term | Prefix) -> list[_Place]:
        """The first places of a term, at most as many as evidence may have."""
        key = _key(term)
        if key not in self._known:
            self._known[key] = list(self._find(term))
        return self._known[key]

    def _find(self, term: Term | Prefix) -> Iterator[_Place]:
        found = 0
        for number, (field, index) in enumerate(zip(self.fields, self._indexes, strict=True)):
            starts: Iterator[int] | Sequence[int]
            if isinstance(term, Prefix):
                starts, width = index.get(f"{term.start}*", ()), 1
            elif len(term.words) == 1:
                starts, width = index.get(term.words[0], ()), 1
            else:
                starts, width = _phrase_starts(term.words, field.folded, index), len(term.words)
            for start in starts:
                if found == MAX_EVIDENCE:
                    return
                found += 1
                yield number, start, start + width


def _index(
    folded: Sequence[str], vocabulary: frozenset[str], heads: Mapping[str, tuple[str, ...]]
) -> dict[str, list[int]]:
    """Positions of the words that a topic uses; those of prefixes under the prefix and a star."""
    wanted: dict[str, list[str]] = {}
    for word in set(folded):
        names = [word] if word in vocabulary else []
        if starts := heads.get(word[:MIN_PREFIX]):
            names += [f"{start}*" for start in starts if word.startswith(start)]
        if names:
            wanted[word] = names
    index: dict[str, list[int]] = {}
    for position, word in enumerate(folded):
        if word in wanted:
            for name in wanted[word]:
                index.setdefault(name, []).append(position)
    return index


def _phrase_starts(
    phrase: tuple[str, ...], folded: tuple[str, ...], index: Mapping[str, Sequence[int]]
) -> Iterator[int]:
    """Where a phrase begins; looks around the rarest of its words only."""
    offset, places = min(
        ((offset, index.get(word, ())) for offset, word in enumerate(phrase)),
        key=lambda pair: len(pair[1]),
    )
    for place in places:
        start = place - offset
        if start >= 0 and folded[start : start + len(phrase)] == phrase:
            yield start


def _evidence(tree: Node, article: _Article, fields: tuple[str, ...]) -> tuple[Evidence, ...]:
    """At most MAX_EVIDENCE pieces in reading order.

    Every term shows its first place before any shows its second: else a common name crowds out the
    rarer term that made the difference.
    """
    terms = {_key(term): term for term in reversed(list(_reasons(tree, article)))}
    ranked = sorted(
        (rank, place, term.column, term)
        for term in terms.values()
        for rank, place in enumerate(article.places(term))
    )
    chosen = sorted(ranked[:MAX_EVIDENCE], key=lambda piece: piece[1:3])
    pieces = []
    for _, (number, first, behind), _, term in chosen:
        spans = article.fields[number].spans
        start, end = spans[first][0], spans[behind - 1][1]
        text = fields[number][start:end]
        pieces.append(Evidence(term.text, _FIELDS[number], start, end, text))
    return tuple(pieces)


def _reasons(node: Node, article: _Article) -> Iterator[Term | Prefix]:
    """The terms that made `node` true: not those of an OR's false branch, none below a NOT."""
    match node:
        case Term() | Prefix():
            yield node
        case And(parts) | Or(parts):
            for part in parts:
                if article.has(part):
                    yield from _reasons(part, article)
        case Not():
            return


def _terms(node: Node) -> Iterator[Term | Prefix]:
    match node:
        case Term() | Prefix():
            yield node
        case And(parts) | Or(parts):
            for part in parts:
                yield from _terms(part)
        case Not(part):
            yield from _terms(part)


def _key(term: Term | Prefix) -> _Key:
    return term.start if isinstance(term, Prefix) else term.words
