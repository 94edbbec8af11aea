"""The tree that a query is read into."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, assert_never

FieldName = Literal["title", "lead", "body", "lang", "source", "author", "section"]
FIELDS: tuple[FieldName, ...] = ("title", "lead", "body", "lang", "source", "author", "section")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand side by side; one word alone is a phrase of one.

    `key` holds the folded words with blanks between. One that ends in `*` stands for every word
    that begins so; one that begins with `.` for an abbreviation, U.N. or UN, but not for `un`.
    `text` is the term as the analyst wrote it, without its quotes, `number` its number in the
    vocabulary that it was read for, or 0.
    """

    key: str
    text: str
    number: int = field(default=0, compare=False)

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(self.key.split(" "))


@dataclass(frozen=True, slots=True)
class Not:
    """`token` is the number of its token in the query."""

    part: "Node"
    token: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Near:
    """A term of each side with at most `within` words between; `ordered`: the left one first."""

    left: tuple[Term, ...]
    right: tuple[Term, ...]
    within: int
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """What must hold within one field of the article; `token` as in `Not`."""

    name: FieldName
    part: "Node"
    token: int = field(default=0, compare=False)


Node = Term | Not | And | Or | Near | Field


def terms_of(node: Node) -> Iterator[Term]:
    """Every term of a query, in its order."""
    match node:
        case Term():
            yield node
        case And(parts) | Or(parts):
            for part in parts:
                yield from terms_of(part)
        case Near(left, right):
            yield from left
            yield from right
        case Not(part) | Field(_, part):
            yield from terms_of(part)
        case _:
            assert_never(node)
