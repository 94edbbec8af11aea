"""The query language of topics, read by recursive descent.

    group   = clause { ["AND"] clause } | clause { "OR" clause }
    clause  = "NOT" clause | operand [ ("NEAR/n" | "ONEAR/n") operand ]
    operand = [ field ] ( term | "(" group ")" )
    field   = "title:" | "lead:" | "body:" | "lang:" | "source:" | "author:" | "section:"
    term    = word | prefix* | '"' words '"'

A blank is AND. NEAR joins the two operands beside it and nothing else; AND beside OR needs
parentheses. So there is no precedence to remember.
"""

from typing import Literal, NoReturn

from worker.errors import QueryError
from worker.topics.languages import code_of
from worker.topics.lexer import Lexer, columns_of
from worker.topics.nodes import FIELDS, And, Field, FieldName, Near, Node, Not, Or, Term

MAX_LENGTH = 20_000
MAX_DEPTH = 50


def parse_query(query: str, lexer: Lexer | None = None) -> Node:
    """Read a query; raises QueryError with the column of the first mistake.

    A `lexer` that has read other queries shares their terms.
    """
    if len(query) > MAX_LENGTH:
        remedy = f"Keep it to {MAX_LENGTH:,} characters: split the topic in two."
        raise QueryError(query, MAX_LENGTH + 1, f"the query has {len(query):,} characters", remedy)
    return _Parser(query, lexer or Lexer()).read()


class _Parser:
    """One reading of one query; each method reads one rule of the grammar."""

    def __init__(self, query: str, lexer: Lexer) -> None:
        self._query = query
        self._tokens = lexer.tokens(query)
        self._next = 0
        self._depth = 0
        self._field: FieldName | None = None
        self._leaves_out = self._names_language = False

    def read(self) -> Node:
        if self._tokens[0].kind == "end":
            self._fail(0, "the query is empty", "Write at least one word.")
        tree = self._group()
        if self._tokens[self._next].kind == ")":
            self._fail(self._next, "this ) closes nothing", "Remove it, or open a ( before.")
        if self._leaves_out:
            self._refuse_boundless(tree)
        if self._names_language:
            self._refuse_two_languages(tree)
        return tree

    def _group(self) -> Node:
        """Clauses joined by one and the same operator."""
        items = [self._clause(None)]
        joined: Literal["AND", "OR"] | None = None
        while (kind := self._tokens[self._next].kind) not in ("end", ")"):
            how: Literal["AND", "OR"] = "OR" if kind == "OR" else "AND"
            if joined is None:
                joined = how
            elif joined != how:
                self._mixed(how)
            after = None
            if kind in ("AND", "OR"):
                after = self._next
                self._next += 1
            items.append(self._plain_term() or self._clause(after))
            if kind == "OR":
                self._more_terms(items)
        if len(items) == 1:
            return items[0]
        return Or(tuple(items)) if joined == "OR" else And(tuple(items))

    def _more_terms(self, items: list[Node]) -> None:
        """Terms that follow, each behind an OR: what most of most queries is made of."""
        tokens, at = self._tokens, self._next
        while tokens[at].kind == "OR":
            kind, _, term, meant, _, _ = tokens[at + 1]
            if kind != "term" or meant or tokens[at + 2].kind == "NEAR" or self._field == "lang":
                break
            assert term is not None
            items.append(term)
            at += 2
        self._next = at

    def _plain_term(self) -> Term | None:
        """A term with nothing special about it, as most are: a short cut."""
        token = self._tokens[self._next]
        if token.kind != "term" or token.meant is not None or self._field == "lang":
            return None
        if self._tokens[self._next + 1].kind == "NEAR":
            return None
        self._next += 1
        return token.term

    def _clause(self, after: int | None) -> Node:
        """One clause; `after` is the operator that it stands behind."""
        at = self._next
        token = self._tokens[at]
        if token.kind == "NOT":
            self._leaves_out = True
            self._deeper(at)
            part = self._clause(at)
            self._depth -= 1
            return Not(part, at)
        left = self._operand(after)
        if self._tokens[self._next].kind == "NEAR":
            return self._near(left)
        return left

    def _near(self, left: Node) -> Near:
        at = self._next
        token = self._tokens[at]
        self._next += 1
        sides = self._side(left, at), self._side(self._operand(at), at)
        if self._tokens[self._next].kind == "NEAR":
            remedy = f"Write two pairs: (a {token.text} b) AND (b {token.text} c)."
            self._fail(self._next, "a second NEAR in a row", remedy)
        return Near(*sides, token.within, ordered=token.text[0] == "O")

    def _side(self, node: Node, at: int) -> tuple[Term, ...]:
        terms = _terms(node)
        if terms is None:
            name = self._tokens[at].text
            remedy = f"Write (a OR b) {name} c; what else must hold is joined by AND."
            if isinstance(node, Field):
                remedy = f"Write the field before parentheses: {node.name}:(a {name} b)."
            self._fail(at, f"{name} stands between terms, or terms joined by OR", remedy)
        return terms

    def _operand(self, after: int | None) -> Node:
        at = self._next
        token = self._tokens[at]
        match token.kind:
            case "term":
                if token.meant is not None:
                    self._refuse_lower_case(at, token.meant)
                self._next += 1
                assert token.term is not None
                return self._language(token.term, at) if self._field == "lang" else token.term
            case "(":
                return self._parentheses()
            case "field":
                return self._scoped()
        return self._nothing(after)

    def _scoped(self) -> Field:
        at = self._next
        name = self._tokens[at].field
        assert name is not None
        if self._field is not None:
            remedy = f"Close the parentheses of {self._field}: before {name}:."
            self._fail(at, f"{name}: stands inside {self._field}:", remedy)
        self._next += 1
        if (follows := self._tokens[self._next]).kind not in ("term", "("):
            what = follows.text or "nothing"
            problem, remedy = f"{name}: is followed by {what}", f"Write {name}:Syria or {name}:(a)."
            self._fail(at, problem, remedy)
        self._field = name
        self._names_language = self._names_language or name == "lang"
        part = self._operand(None)
        self._field = None
        if name == "lang" and not isinstance(part, Not) and _terms(part) is None:
            self._fail(at, _ONE_LANGUAGE, _JOIN_BY_OR)
        return Field(name, part, at)

    def _language(self, term: Term, at: int) -> Term:
        code = code_of(term)
        if code is None:
            problem = f"{term.text} is no code of a language"
            self._fail(at, problem, "Write its two letters, as in lang:fa or lang:(ar OR fa).")
        return Term(code, code)

    def _parentheses(self) -> Node:
        opening = self._next
        name = self._tokens[opening - 1].text if opening else ""
        if name in FIELDS and self._adjoins(opening):
            self._fail(opening - 1, f"{name} is no operator", f"Write {name}:( with a colon.")
        self._deeper(opening)
        if self._tokens[self._next].kind == ")":
            self._fail(opening, "nothing between the parentheses", "Write a term there.")
        part = None if self._tokens[self._next].kind == "end" else self._group()
        if part is None or self._tokens[self._next].kind != ")":
            self._fail(opening, "this ( is never closed", "Add the ) where its group ends.")
        self._next += 1
        self._depth -= 1
        return part

    def _adjoins(self, at: int) -> bool:
        columns = columns_of(self._query)
        return columns[at - 1] + len(self._tokens[at - 1].text) == columns[at]

    def _refuse_lower_case(self, at: int, meant: str) -> None:
        """An operator in lower case is a word only where nothing stands for it to join."""
        before = self._tokens[at - 1].kind if at else "end"
        if before in ("term", ")") or self._tokens[at + 1].kind in ("term", "(", "NOT", "field"):
            text = self._tokens[at].text
            remedy = f'Write {meant} in upper case, or "{text}" in quotes to look for it.'
            self._fail(at, f"{text} is no operator", remedy)

    def _deeper(self, at: int) -> None:
        self._next += 1
        self._depth += 1
        if self._depth > MAX_DEPTH:
            remedy = f"Nest at most {MAX_DEPTH} parentheses and NOTs: split the topic in two."
            self._fail(at, "the query is nested too deeply", remedy)

    def _mixed(self, how: str) -> NoReturn:
        other = "OR" if how == "AND" else "AND"
        blank = "" if self._tokens[self._next].kind in ("AND", "OR") else " (a blank is AND)"
        problem = f"{how} beside {other} in one group{blank}"
        self._fail(self._next, problem, "Add parentheses: a AND (b OR c).")

    def _nothing(self, after: int | None) -> NoReturn:
        """An operator has nothing on one of its sides."""
        at = self._next
        if self._tokens[at].kind == ")" and after is None:
            self._fail(at, "this ) closes nothing", "Remove it, or open a ( before.")
        lone, side = (at, "before") if after is None else (after, "behind")
        text = self._tokens[lone].text
        remedy = f'Write a term there, or "{text}" in quotes to look for it.'
        self._fail(lone, f"{text} has no term {side} it", remedy)

    def _fail(self, at: int, problem: str, remedy: str) -> NoReturn:
        raise QueryError(self._query, columns_of(self._query)[at], problem, remedy)

    def _refuse_boundless(self, tree: Node) -> None:
        if boundless := _without_find(tree):
            problem = "nothing here says what to find, only what to leave out"
            remedy = "Add a term that must be there: term NOT other."
            self._fail(boundless.token, problem, remedy)

    def _refuse_two_languages(self, node: Node) -> None:
        """An article is written in one language, so asking for two at once asks for nothing."""
        wanted: set[str] | None = None
        for part in node.parts if isinstance(node, And | Or) else ():
            self._refuse_two_languages(part)
            if isinstance(node, And) and isinstance(part, Field) and part.name == "lang":
                terms = {term.key for term in _terms(part.part) or ()}
                wanted = terms if wanted is None else wanted & terms
                if not wanted:
                    self._fail(part.token, _ONE_LANGUAGE, _JOIN_BY_OR)


_ONE_LANGUAGE, _JOIN_BY_OR = "an article has one language", "Join them by OR: lang:(ar OR fa)."


def _terms(node: Node) -> tuple[Term, ...] | None:
    """The terms of which one is to be found; None where more than that is asked for."""
    match node:
        case Term():
            return (node,)
        case Or(parts):
            sides = [_terms(part) for part in parts]
            return None if None in sides else tuple(t for side in sides if side for t in side)
    return None


def _without_find(node: Node) -> Not | None:
    """The NOT that lets a text match though it holds none of the terms; None if there is none.

    So every match has a term to show for it: that is why `a OR NOT b` is refused like `NOT b`.
    """
    match node:
        case Not():
            return node
        case And(parts):
            found = [_without_find(part) for part in parts]
            return None if None in found else found[0]
        case Or(parts):
            return next(filter(None, map(_without_find, parts)), None)
        case Field(_, part):
            return _without_find(part)
    return None
