"""The tree that a query is read into."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """Folded words that stand side by side; one word alone is a phrase of one.

    `text` is the term as the analyst wrote it, without its quotes.
    """

    words: tuple[str, ...]
    text: str
    column: int


@dataclass(frozen=True, slots=True)
class Prefix:
    """Any word whose folded form begins with `start`."""

    start: str
    text: str
    column: int


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"
    column: int


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Node", ...]


Node = Term | Prefix | Not | And | Or
