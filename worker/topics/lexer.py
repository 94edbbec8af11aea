"""A query's text cut into tokens; everything that is no token of the language is refused here.

Signs that other search engines read as operators are refused rather than dropped: a query that
looks as if it worked, and finds something else, is the worst kind of mistake.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NoReturn

from worker.errors import QueryError
from worker.text import words
from worker.topics.nodes import Prefix, Term

MIN_PREFIX = 3

Kind = Literal["(", ")", "AND", "OR", "NOT", "term", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """`bare` marks a term written without quotes: it may be an operator in the wrong case."""

    kind: Kind
    column: int
    text: str
    term: Term | Prefix | None = None
    bare: bool = False


Fail = Callable[[int, str, str], NoReturn]

_RAW = re.compile(r'[^\s()"“”„«»]+')
_OPERATORS: dict[str, Kind] = {"AND": "AND", "OR": "OR", "NOT": "NOT"}
_QUOTE_IT = 'To look for it as words, put it into "quotes".'

# What a term may not look like: pattern, problem, remedy; the mistake stands where group 1 begins.
_REFUSED = [
    (
        re.compile(r"((?:near|adj|within|onear|pre|w|n)/\d*)$", re.I),
        "{0} is an unknown operator: nearness is not known yet",
        f"Use a phrase or AND. {_QUOTE_IT}",
    ),
    (
        re.compile(r"(NEAR|XOR|ANDNOT|ADJ)$"),
        "{0} is an unknown operator",
        f"The operators are AND, OR and NOT. {_QUOTE_IT}",
    ),
    (
        re.compile(r"([^\W\d]\w*:)"),
        "the field {0} is not known yet",
        "Write the term alone: it is looked for in title and text. " + _QUOTE_IT,
    ),
    (
        re.compile(r"[^~^]*([~^])"),
        "{0} is an unknown operator: nearness, likeness and weight are not known yet",
        "Leave it out.",
    ),
    (
        re.compile(r"([+\-−–—]+)"),
        "{0} before a term is an unknown operator",
        f"Write NOT before what must be absent, AND between what must be there. {_QUOTE_IT}",
    ),
    (
        re.compile(r"[^?]*(\?)"),
        "{0} is an unknown operator",
        "Only a * at the end of a word stands for letters: negotiat*.",
    ),
    (
        # commas of several scripts, but not the one in 10,000
        re.compile(r".*?((?<!\d)[,;،؛、，；]|[,;،؛、，；](?!\d))"),
        "{0} joins nothing",
        "Write AND or OR between terms.",
    ),
    (
        re.compile(r"(['‘’`]+)"),
        "{0} opens no phrase",
        'A phrase stands between straight double quotes: "peace talks".',
    ),
    (
        re.compile(r"[^&|!=<>\[\]{}\\]*([&|!=<>\[\]{}\\]+)"),
        "{0} is an unknown operator",
        f"The operators are AND, OR and NOT. {_QUOTE_IT}",
    ),
]


def tokens(query: str) -> list[Token]:
    """The tokens of `query`, an "end" last; raises QueryError."""

    def fail(column: int, problem: str, remedy: str) -> NoReturn:
        raise QueryError(query, column, problem, remedy)

    found: list[Token] = []
    at = 0
    while at < len(query):
        sign = query[at]
        if sign.isspace():
            at += 1
        elif sign in "()":
            found.append(Token("(" if sign == "(" else ")", at + 1, sign))
            at += 1
        elif sign == '"':
            found.append(_phrase(query, at, fail))
            at = query.index('"', at + 1) + 1
        elif raw := _RAW.match(query, at):
            found.append(_bare(raw.group(), at + 1, fail))
            at = raw.end()
            if query[at : at + 1] == '"':
                fail(at + 1, "a quote opens inside a term", "Put a blank before it.")
        else:
            fail(at + 1, f"{sign} opens no phrase", 'Use straight double quotes: "peace talks".')
    found.append(Token("end", len(query) + 1, ""))
    return found


def _phrase(query: str, at: int, fail: Fail) -> Token:
    end = query.find('"', at + 1)
    if end < 0:
        fail(at + 1, "this quote is never closed", 'End the phrase with a second ".')
    inner = query[at + 1 : end]
    if "*" in inner:
        star = at + 2 + inner.index("*")
        fail(star, "a * inside quotes is not known yet", "Write the prefix alone: negotiat*.")
    found = words(inner).folded
    if not found:
        problem = "nothing between the quotes" if not inner.strip() else "no word in the quotes"
        fail(at + 1, problem, "Write at least one word, or leave the quotes out.")
    after = query[end + 1 : end + 2]
    if after == "~":
        fail(end + 2, "~ is an unknown operator: nearness is not known yet", "Leave it out.")
    if after == "*":
        fail(end + 2, "a * after quotes is not known yet", "Write the prefix alone: negotiat*.")
    if after and not after.isspace() and after not in "()":
        fail(end + 2, "a term begins right behind a quote", "Put a blank between them.")
    text = " ".join(inner.split())
    return Token("term", at + 1, text, Term(found, text, at + 1))


def _bare(raw: str, column: int, fail: Fail) -> Token:
    if raw in _OPERATORS:
        return Token(_OPERATORS[raw], column, raw)
    for pattern, problem, remedy in _REFUSED:
        if wrong := pattern.match(raw):
            fail(column + wrong.start(1), problem.format(wrong.group(1)), remedy)
    if "*" in raw:
        return Token("term", column, raw, _prefix(raw, column, fail))
    found = words(raw).folded
    if not found:
        fail(column, f"{raw[:20]} holds no letter and no digit", "Leave it out, or write a word.")
    return Token("term", column, raw, Term(found, raw, column), bare=True)


def _prefix(raw: str, column: int, fail: Fail) -> Prefix:
    star = raw.index("*")
    if star != len(raw) - 1:
        fail(column + star, "a * stands inside a term", "It may only end a word: negotiat*.")
    found = words(raw[:star]).folded
    if len(found) > 1:
        remedy = "Leave the * out, or write only one word before it."
        fail(column + star, f"{raw[:40]} is {len(found)} words, and a prefix is one", remedy)
    if not found or len(found[0]) < MIN_PREFIX:
        remedy = "Write more letters, or the whole words with OR between them."
        fail(column + star, f"fewer than {MIN_PREFIX} letters before the *", remedy)
    return Prefix(found[0], raw, column)
