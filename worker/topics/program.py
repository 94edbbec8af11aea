"""A topic's tree made ready for matching: numbers for terms, and most nodes one set operation."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from itertools import chain
from typing import NamedTuple, TypeAlias, assert_never

from worker.topics.nodes import And, Field, FieldName, Near, Node, Not, Or, Term
from worker.topics.vocabulary import Vocabulary

# Numbers of terms. Arrays, for they lie in one place in memory: with many topics, looking up where
# each number lies would take longer than the rest of the matching.
Numbers: TypeAlias = "array[int]"
# Terms of which at least one must be there.
Clause: TypeAlias = "array[int]"


class Kind(IntEnum):
    ALL = 0
    ANY = 1
    NONE = 2


class Nearness(NamedTuple):
    left: Numbers
    right: Numbers
    within: int
    ordered: bool


class Op(NamedTuple):
    """All, any or none of some terms, of some pairs near each other, and of further parts."""

    kind: Kind
    terms: Numbers
    parts: tuple["Op", ...] = ()
    near: tuple[Nearness, ...] = ()


def clauses_of(tree: Op, vocabulary: Vocabulary) -> tuple[tuple[Clause, ...], Op | None]:
    """The clauses that must hold, the rarest first, and what of `tree` they do not say."""
    return by_rarity(list(necessary(tree, vocabulary)), vocabulary), _rest(tree)


def op_of(node: Node, vocabulary: Vocabulary, scope: FieldName | None = None) -> Op:
    match node:
        case Term():
            return Op(Kind.ANY, _numbers((vocabulary.add(node, scope),)))
        case Near():
            left = _numbers(vocabulary.add_all(node.left, scope))
            right = _numbers(vocabulary.add_all(node.right, scope))
            near = Nearness(left, right, node.within, node.ordered)
            return Op(Kind.ANY, _NO_NUMBERS, near=(near,))
        case Not(part):
            op = op_of(part, vocabulary, scope)
            if op.kind is Kind.ANY:
                return op._replace(kind=Kind.NONE)
            return Op(Kind.NONE, _NO_NUMBERS, (op,))
        case Field(name, part):
            return op_of(part, vocabulary, name)
        case And(parts):
            return _joined(Kind.ALL, parts, vocabulary, scope)
        case Or(parts):
            return _joined(Kind.ANY, parts, vocabulary, scope)
    assert_never(node)


def _joined(
    kind: Kind, parts: Sequence[Node], vocabulary: Vocabulary, scope: FieldName | None
) -> Op:
    plain = [part for part in parts if isinstance(part, Term)]
    terms = vocabulary.add_all(plain, scope)
    if len(plain) == len(parts):
        return Op(kind, _numbers(terms))
    others: list[Op] = []
    near: list[Nearness] = []
    for part in parts:
        if isinstance(part, Term):
            continue
        op = op_of(part, vocabulary, scope)
        single = op.kind is Kind.ANY and not op.parts and len(op.terms) + len(op.near) == 1
        if op.kind is kind or single:
            terms += op.terms
            near += op.near
            others += op.parts
        else:
            others.append(op)
    return Op(kind, _numbers(terms), tuple(others), tuple(near))


def _numbers(numbers: Iterable[int]) -> Numbers:
    return array("I", numbers)


_NO_NUMBERS = _numbers(())


def _rest(tree: Op) -> Op | None:
    """What of `tree` is more than that each of some clauses holds."""
    if tree.kind is Kind.ALL:
        parts = tuple(part for part in tree.parts if not _is_clause(part))
        return Op(Kind.ALL, _NO_NUMBERS, parts, tree.near) if parts or tree.near else None
    return None if _is_clause(tree) else tree


def _is_clause(op: Op) -> bool:
    return op.kind is Kind.ANY and not op.parts and not op.near


def necessary(tree: Op, vocabulary: Vocabulary) -> Iterator[Clause]:
    """Clauses without which `tree` cannot hold."""
    if tree.kind is Kind.NONE:
        return
    if tree.kind is Kind.ALL:
        yield from (_numbers((number,)) for number in tree.terms)
        for near in tree.near:
            yield near.left
            yield near.right
        for part in tree.parts:
            yield from necessary(part, vocabulary)
        return
    wanted = [tree.terms] if tree.terms else []
    choices = [[near.left, near.right] for near in tree.near]
    choices += [list(necessary(part, vocabulary)) for part in tree.parts]
    for clauses in choices:
        if not clauses:
            return
        wanted.append(by_rarity(clauses, vocabulary)[0])
    yield either(wanted)


def either(clauses: Sequence[Clause]) -> Clause:
    """The clause that holds where one of some does."""
    return clauses[0] if len(clauses) == 1 else _numbers(chain.from_iterable(clauses))


def by_rarity(clauses: Sequence[Clause], vocabulary: Vocabulary) -> tuple[Clause, ...]:
    shares = vocabulary.shares
    if len(clauses) == 1:
        return tuple(clauses)
    return tuple(sorted(clauses, key=lambda clause: sum([shares[n] for n in clause])))
