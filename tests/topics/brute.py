"""Whether a query matches, worked out word by word with no thought of speed.

Shares with the matcher only what defines words: folding, and what may be taken off of a word.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import assert_never

from worker.records import About
from worker.topics import And, Field, Near, Node, Not, Or, Term
from worker.topics.clitics import is_arabic, joined_stems, stems
from worker.topics.languages import primary
from worker.topics.tokens import tokens_of


@dataclass(frozen=True)
class Word:
    """`first` and `last` are what the word may be as the first or the last of a term."""

    folded: str
    first: frozenset[str]
    last: frozenset[str]
    span: tuple[int, int]
    is_abbreviation: bool


@dataclass(frozen=True)
class Article:
    """Its fields, each one or more rows of words."""

    fields: dict[str, list[list[Word]]] = field(default_factory=dict)

    @classmethod
    def of(cls, title: str, text: str, about: About | None = None) -> "Article":
        about = about or About()
        head, body = _rows([title, text])
        return cls(
            {
                "title": [head],
                "body": [body],
                "lead": [body[: _lead(text, body)]],
                "lang": _rows([primary(about.language)]),
                "source": _rows(about.source),
                "author": _rows(about.authors),
                "section": _rows([about.section or ""]),
            }
        )

    def rows(self, name: str | None) -> list[list[Word]]:
        if name is None:
            return self.fields["title"] + self.fields["body"]
        return self.fields[name]


def _rows(texts: list[str] | tuple[str, ...]) -> list[list[Word]]:
    found = [tokens_of(text) for text in texts]
    arabic = is_arabic(texts, [word for one in found for word in one.folded])
    rows = []
    for text, tokens in zip(texts, found, strict=True):
        endings = joined_stems(text)
        row = []
        for place, (folded, span) in enumerate(zip(tokens.folded, tokens.spans, strict=True)):
            row.append(
                Word(
                    folded,
                    frozenset({folded, *(stems(folded) if arabic else ())}),
                    frozenset({folded, endings.get(place, folded)}),
                    span,
                    place in tokens.dotted or text[slice(*span)].isupper(),
                )
            )
        rows.append(row)
    return rows


def _lead(text: str, words: list[Word]) -> int:
    """How many words the lead has: to the end of the paragraph with the 30th, at most 80."""
    for number, word in enumerate(words):
        if number >= 80 or (number >= 30 and "\n" in text[words[29].span[1] : word.span[0]]):
            return number
    return len(words)


def matches(node: Node, article: Article, name: str | None = None) -> bool:
    match node:
        case Term():
            return any(True for _ in _found(node, article, name))
        case Not(part):
            return not matches(part, article, name)
        case And(parts):
            return all(matches(part, article, name) for part in parts)
        case Or(parts):
            return any(matches(part, article, name) for part in parts)
        case Field(inner, part):
            return matches(part, article, inner)
        case Near(left, right, within, ordered):
            befores = [at for term in left for at in _found(term, article, name)]
            behinds = [at for term in right for at in _found(term, article, name)]
            return any(
                _follows(one, other, within) or (not ordered and _follows(other, one, within))
                for one in befores
                for other in behinds
            )
    assert_never(node)


Place = tuple[int, int, int]


def _follows(one: Place, other: Place, within: int) -> bool:
    """Whether, in the same row, the other begins behind the one, few words behind."""
    return one[0] == other[0] and 0 <= other[1] - one[2] <= within


def _found(term: Term, article: Article, name: str | None) -> Iterator[Place]:
    """Row, first word and the word behind, of each place where a term stands."""
    width = len(term.words)
    for number, row in enumerate(article.rows(name)):
        for at in range(len(row) - width + 1):
            if _stands(term.words, row[at : at + width]) and not _cuts(row, at, at + width):
                yield number, at, at + width


def _stands(wanted: tuple[str, ...], row: list[Word]) -> bool:
    for place, (word, found) in enumerate(zip(wanted, row, strict=True)):
        forms = {found.folded}
        if place == 0:
            forms |= found.first
        if place == len(row) - 1:
            forms |= found.last
        if word.startswith("."):
            if not (found.is_abbreviation and found.folded == word[1:]):
                return False
        elif word.endswith("*"):
            if not any(form.startswith(word[:-1]) for form in forms):
                return False
        elif word not in forms:
            return False
    return True


def _cuts(row: list[Word], first: int, behind: int) -> bool:
    """Whether a sign that stands for several words would be cut in two."""
    return any(0 < at < len(row) and row[at - 1].span == row[at].span for at in (first, behind))
