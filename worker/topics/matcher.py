"""All topics at once over one article: what matches, and which terms stand where."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from worker.records import Evidence, TopicMatch, TopicRow
from worker.text import words
from worker.topics.lexer import MIN_PREFIX
from worker.topics.nodes import And, Node, Not, Or, Prefix, Term
from worker.topics.query import parse_query

MAX_EVIDENCE = 20

_FIELDS = ("title", "text")
# What a term looks for: a word, a prefix with its star, or a phrase's words.
_Key = str | tuple[str, ...]
# Number of the field, first word, word behind the last.
_Place = tuple[int, int, int]


def compile_topics(rows: Sequence[TopicRow]) -> "TopicSet":
    """Make topics ready for matching; raises QueryError for a query that cannot be read."""
    return TopicSet(rows)


class TopicSet:
    """Topics ready for matching; immutable, so threads may share it."""

    def __init__(self, rows: Sequence[TopicRow]) -> None:
        self.topics: Mapping[int, TopicRow] = {row.id: row for row in rows}
        parsed = {id_: parse_query(row.spec.query) for id_, row in self.topics.items()}
        self._trees = {id_: _tree(node) for id_, node in parsed.items()}
        self._terms = {id_: _terms_by_key(node) for id_, node in parsed.items()}
        keys = {key for terms in self._terms.values() for key in terms}
        phrases = {key for key in keys if isinstance(key, tuple)}
        prefixes = {key[:-1] for key in keys if isinstance(key, str) and key.endswith("*")}
        self._phrases = tuple(sorted(phrases))
        self._vocabulary = frozenset(
            {key for key in keys if isinstance(key, str)}.union(*self._phrases)
        )
        self._heads: dict[str, tuple[str, ...]] = {}
        for start in sorted(prefixes):
            head = start[:MIN_PREFIX]
            self._heads[head] = (*self._heads.get(head, ()), start)

    def match(self, title: str, text: str) -> tuple[TopicMatch, ...]:
        """The topics that an article matches, each with its evidence, in the topics' order."""
        if not self._trees:
            return ()
        fields = [self._read(title), self._read(text)]
        present = fields[0].places.keys() | fields[1].places.keys()
        return tuple(
            TopicMatch(id_, _evidence(_reasons(tree, present), self._terms[id_], fields))
            for id_, tree in self._trees.items()
            if _holds(tree, present)
        )

    def _read(self, text: str) -> "_Field":
        """One field with the first word of every place of every word, prefix and phrase in it."""
        found = words(text)
        places = _places(found.folded, self._vocabulary, self._heads)
        for phrase in self._phrases:
            if starts := _phrase_starts(phrase, found.folded, places):
                places[phrase] = starts
        if len(set(found.spans)) < len(found.spans):
            places = _whole_signs(places, found.spans)
        return _Field(text, found.spans, places)


@dataclass(frozen=True, slots=True)
class _Field:
    text: str
    spans: Sequence[tuple[int, int]]
    places: Mapping[_Key, list[int]]


@dataclass(frozen=True, slots=True)
class _Tree:
    """A query with the terms of each node as one set, so that most nodes are one set operation."""

    kind: type[And] | type[Or] | type[Not]
    keys: frozenset[_Key]
    parts: tuple["_Tree", ...] = ()


def _tree(node: Node) -> _Tree:
    match node:
        case Term() | Prefix():
            return _Tree(Or, frozenset([_key(node)]))
        case Not(part):
            return _Tree(Not, frozenset(), (_tree(part),))
        case And(parts) | Or(parts):
            keys = frozenset(_key(part) for part in parts if isinstance(part, Term | Prefix))
            rest = tuple(_tree(part) for part in parts if not isinstance(part, Term | Prefix))
            return _Tree(type(node), keys, rest)
    assert_never(node)


def _holds(tree: _Tree, present: set[_Key]) -> bool:
    if tree.kind is Or:
        return not tree.keys.isdisjoint(present) or any(_holds(p, present) for p in tree.parts)
    if tree.kind is And:
        return tree.keys <= present and all(_holds(part, present) for part in tree.parts)
    return not _holds(tree.parts[0], present)


def _reasons(tree: _Tree, present: set[_Key]) -> set[_Key]:
    """The terms that made a tree hold: not those of an OR's false branch, none below a NOT."""
    if tree.kind is Not:
        return set()
    found = set(tree.keys & present)
    for part in tree.parts:
        if _holds(part, present):
            found |= _reasons(part, present)
    return found


def _places(
    folded: Sequence[str], vocabulary: frozenset[str], heads: Mapping[str, tuple[str, ...]]
) -> dict[_Key, list[int]]:
    """Where the words that a topic uses stand, and under a prefix's key those that begin so."""
    wanted: dict[str, list[list[int]]] = {}
    places: dict[_Key, list[int]] = {}
    for word in set(folded):
        names = [word] if word in vocabulary else []
        if starts := heads.get(word[:MIN_PREFIX]):
            names += [f"{start}*" for start in starts if word.startswith(start)]
        if names:
            wanted[word] = [places.setdefault(name, []) for name in names]
    for position, word in enumerate(folded):
        if word in wanted:
            for positions in wanted[word]:
                positions.append(position)
    return places


def _whole_signs(
    places: Mapping[_Key, list[int]], spans: Sequence[tuple[int, int]]
) -> dict[_Key, list[int]]:
    """Only places that do not cut a sign which stands for several words, as ¼ does for 1 and 4."""
    kept: dict[_Key, list[int]] = {}
    for key, starts in places.items():
        width = _width(key)
        whole = [
            start
            for start in starts
            if spans[start - 1 : start] != spans[start : start + 1]
            and spans[start + width : start + width + 1] != spans[start + width - 1 : start + width]
        ]
        if whole:
            kept[key] = whole
    return kept


def _phrase_starts(
    phrase: tuple[str, ...], folded: tuple[str, ...], places: Mapping[_Key, list[int]]
) -> list[int]:
    """Where a phrase begins, at most MAX_EVIDENCE places; looks around its rarest word only."""
    if not all(word in places for word in phrase):
        return []
    offset = min(range(len(phrase)), key=lambda n: len(places[phrase[n]]))
    found: list[int] = []
    for place in places[phrase[offset]]:
        start = place - offset
        if start >= 0 and folded[start : start + len(phrase)] == phrase:
            found.append(start)
            if len(found) == MAX_EVIDENCE:
                break
    return found


def _evidence(
    reasons: set[_Key], terms: Mapping[_Key, Term | Prefix], fields: Sequence[_Field]
) -> tuple[Evidence, ...]:
    """At most MAX_EVIDENCE pieces in reading order.

    Every term shows its first place before any shows its second: else a common name crowds out the
    rarer term that made the difference.
    """
    places = [(terms[key], list(_first_places(key, fields))) for key in reasons]
    chosen: list[tuple[_Place, int, Term | Prefix]] = []
    for rank in range(MAX_EVIDENCE):
        level = [(at[rank], term.column, term) for term, at in places if rank < len(at)]
        chosen += sorted(level)[: MAX_EVIDENCE - len(chosen)]
        if not level or len(chosen) == MAX_EVIDENCE:
            break
    pieces = []
    for (number, first, behind), _, term in sorted(chosen):
        field = fields[number]
        start, end = field.spans[first][0], field.spans[behind - 1][1]
        pieces.append(Evidence(term.text, _FIELDS[number], start, end, field.text[start:end]))
    return tuple(pieces)


def _first_places(key: _Key, fields: Sequence[_Field]) -> Iterator[_Place]:
    width = _width(key)
    room = MAX_EVIDENCE
    for number, field in enumerate(fields):
        starts = field.places.get(key, [])[:room]
        room -= len(starts)
        for start in starts:
            yield number, start, start + width


def _width(key: _Key) -> int:
    return len(key) if isinstance(key, tuple) else 1


def _terms_by_key(node: Node) -> dict[_Key, Term | Prefix]:
    """Every term of a query under its key, the first where several spellings fold to one."""
    match node:
        case Term() | Prefix():
            return {_key(node): node}
        case Not(part):
            return _terms_by_key(part)
        case And(parts) | Or(parts):
            found: dict[_Key, Term | Prefix] = {}
            for part in reversed(parts):
                found |= _terms_by_key(part)
            return found
    assert_never(node)


def _key(term: Term | Prefix) -> _Key:
    if isinstance(term, Prefix):
        return f"{term.start}*"
    return term.words[0] if len(term.words) == 1 else term.words
