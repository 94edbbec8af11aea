"""The query language of topics: words, "phrases", prefix*, AND, OR, NOT and parentheses.

    group = item { ["AND"] item } | item { "OR" item }
    item  = "NOT" item | "(" group ")" | word | phrase | prefix

A blank is AND. There is no precedence to remember: AND beside OR needs parentheses.
"""

from typing import Literal, NoReturn

from worker.errors import QueryError
from worker.topics.lexer import Token, tokens
from worker.topics.nodes import And, Node, Not, Or, Prefix, Term

MAX_LENGTH = 20_000
MAX_DEPTH = 50


def parse_query(query: str) -> Node:
    """Read a query; raises QueryError with the column of the first mistake."""
    if len(query) > MAX_LENGTH:
        remedy = f"Keep it to {MAX_LENGTH:,} characters: split the topic in two."
        raise QueryError(query, MAX_LENGTH + 1, f"the query has {len(query):,} characters", remedy)
    return _Parser(query).read()


class _Parser:
    """One reading of one query; each method reads one rule of the grammar."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens = tokens(query)
        self._next = 0
        self._depth = 0

    def read(self) -> Node:
        if self._peek().kind == "end":
            self._fail(1, "the query is empty", "Write at least one word.")
        tree = self._group()
        rest = self._peek()
        if rest.kind == ")":
            self._fail(rest.column, "this ) closes nothing", "Remove it, or open a ( before.")
        boundless = _without_find(tree)
        if boundless is not None:
            self._fail(
                boundless.column,
                "nothing here says what to find, only what to leave out",
                "Add a term that must be there: term NOT other.",
            )
        return tree

    def _group(self) -> Node:
        """Items joined by one and the same operator."""
        items = [self._item()]
        joined: Literal["AND", "OR"] | None = None
        while (token := self._peek()).kind not in ("end", ")"):
            how: Literal["AND", "OR"] = "OR" if token.kind == "OR" else "AND"
            if joined not in (None, how):
                self._mixed(token, how)
            joined = how
            if token.kind in ("AND", "OR"):
                self._next += 1
            items.append(self._item(after=token))
        if len(items) == 1:
            return items[0]
        return Or(tuple(items)) if joined == "OR" else And(tuple(items))

    def _item(self, after: Token | None = None) -> Node:
        token = self._peek()
        match token.kind:
            case "NOT":
                self._deeper(token)
                part = self._item(after=token)
                self._depth -= 1
                return Not(part, token.column)
            case "(":
                return self._parentheses(token)
            case "term":
                return self._term(token)
        return self._nothing(token, after)

    def _parentheses(self, opening: Token) -> Node:
        self._deeper(opening)
        if self._peek().kind == ")":
            self._fail(opening.column, "nothing between the parentheses", "Write a term there.")
        part = None if self._peek().kind == "end" else self._group()
        if part is None or self._peek().kind != ")":
            self._fail(opening.column, "this ( is never closed", "Add the ) where its group ends.")
        self._next += 1
        self._depth -= 1
        return part

    def _term(self, token: Token) -> Node:
        if token.bare and token.text.upper() in ("AND", "OR", "NOT"):
            before = self._tokens[self._next - 1] if self._next else None
            behind = self._tokens[self._next + 1]
            if (before and before.kind in ("term", ")")) or behind.kind in ("term", "(", "NOT"):
                upper = token.text.upper()
                self._fail(
                    token.column,
                    f"{token.text} is no operator",
                    f'Write {upper} in upper case, or "{token.text}" in quotes to look for it.',
                )
        self._next += 1
        assert token.term is not None
        return token.term

    def _deeper(self, token: Token) -> None:
        self._next += 1
        self._depth += 1
        if self._depth > MAX_DEPTH:
            remedy = f"Nest at most {MAX_DEPTH} parentheses and NOTs: split the topic in two."
            self._fail(token.column, "the query is nested too deeply", remedy)

    def _mixed(self, token: Token, how: str) -> NoReturn:
        other = "OR" if how == "AND" else "AND"
        blank = "" if token.kind in ("AND", "OR") else " (a blank is AND)"
        problem = f"{how} beside {other} in one group{blank}"
        self._fail(token.column, problem, "Add parentheses: a AND (b OR c).")

    def _nothing(self, token: Token, after: Token | None) -> NoReturn:
        """An operator has nothing on one of its sides."""
        if token.kind == ")" and after is None:
            self._fail(token.column, "this ) closes nothing", "Remove it, or open a ( before.")
        behind = after is not None and after.kind in ("AND", "OR", "NOT")
        lone = after if after is not None and behind else token
        side = "behind" if behind else "before"
        remedy = f'Write a term there, or "{lone.text}" in quotes to look for it.'
        self._fail(lone.column, f"{lone.text} has no term {side} it", remedy)

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _fail(self, column: int, problem: str, remedy: str) -> NoReturn:
        raise QueryError(self._query, column, problem, remedy)


def _without_find(node: Node) -> Not | None:
    """The NOT that lets a text match though it holds none of the terms; None if there is none.

    So every match has a term to show for it: that is why `a OR NOT b` is refused like `NOT b`.
    """
    match node:
        case Term() | Prefix():
            return None
        case Not():
            return node
        case And(parts):
            found = [_without_find(part) for part in parts]
            return None if None in found else found[0]
        case Or(parts):
            return next(filter(None, map(_without_find, parts)), None)
