"""A tree written out as a query again."""

from typing import assert_never

from worker.errors import QueryError
from worker.topics.lexer import read_bare
from worker.topics.nodes import And, Field, Near, Node, Not, Or, Term


def spelling(node: Node) -> str:
    """The query that reads as `node`: what `parse_query` makes of it is equal to it."""
    match node:
        case Term():
            return node.text if _needs_no_quotes(node) else f'"{node.text}"'
        case Not(part):
            return f"NOT {_enclosed(part)}"
        case And(parts):
            return " AND ".join(_enclosed(part) for part in parts)
        case Or(parts):
            return " OR ".join(_enclosed(part) for part in parts)
        case Near():
            operator = f"{'O' if node.ordered else ''}NEAR/{node.within}"
            return f"{_side(node.left)} {operator} {_side(node.right)}"
        case Field(name, Term() as term):
            return f"{name}:{spelling(term)}"
        case Field(name, part):
            return f"{name}:({spelling(part)})"
    assert_never(node)


def _needs_no_quotes(term: Term) -> bool:
    if term.key in ("and", "or", "not"):
        return False
    try:
        token = read_bare(term.text)
    except QueryError:
        return False
    return token.term == term


def _enclosed(node: Node) -> str:
    return f"({spelling(node)})" if isinstance(node, And | Or) else spelling(node)


def _side(terms: tuple[Term, ...]) -> str:
    return spelling(terms[0]) if len(terms) == 1 else f"({spelling(Or(terms))})"
