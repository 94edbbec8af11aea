"""A query's text cut into tokens; everything that is no token of the language is refused here."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, NoReturn

from worker.errors import QueryError
from worker.topics import misuse
from worker.topics.nodes import FIELDS, FieldName, Term
from worker.topics.tokens import tokens_of

MIN_PREFIX = 3

Kind = Literal["(", ")", "AND", "OR", "NOT", "NEAR", "field", "term", "end"]
_LOWER_CASE = {"and": "AND", "or": "OR", "not": "NOT", "near": "NEAR/10"}


class Token(NamedTuple):
    """`meant` is the operator that a term without quotes may have been meant for.

    `within` is how near NEAR is, `field` what a field names.
    """

    kind: Kind
    text: str
    term: Term | None = None
    meant: str | None = None
    within: int = 0
    field: FieldName | None = None


class Lexer:
    """Cuts queries; it remembers what it has met, so that many topics share their terms.

    `finish` is given each term that is met for the first time, and answers with what to keep.
    """

    def __init__(self, finish: Callable[[Term], Term] | None = None) -> None:
        self._known = dict(_FIXED)
        self._finish = finish

    def tokens(self, query: str) -> list[Token]:
        """The tokens of `query`, an "end" last; raises QueryError."""
        found = [*map(self._known.get, _PIECE.findall(query)), _END]
        if not query.isprintable():
            _refuse_odd_blanks(query)
        if not all(found):
            for number, piece in enumerate(_PIECE.finditer(query)):
                if found[number] is None:
                    found[number] = self._first_met(query, piece.group(), piece.start())
        return found  # type: ignore[return-value]  # every None has been replaced

    def forget(self) -> None:
        """Forget all that was met, bit by bit: all at once it would hold up other threads."""
        while self._known:
            self._known.popitem()

    def _first_met(self, query: str, raw: str, at: int) -> Token:
        if raw in self._known:  # met before in this query
            return self._known[raw]
        quoted = '"' in raw
        token = _phrase(query, raw, at) if quoted else _bare(query, raw, at)
        if token.term is not None and self._finish is not None:
            token = token._replace(term=self._finish(token.term))
        self._known[raw] = token
        return token


def columns_of(query: str) -> list[int]:
    """Where the tokens of `query` begin, counted from 1."""
    return [*(piece.start() + 1 for piece in _PIECE.finditer(query)), len(query) + 1]


_FIXED: dict[str, Token] = {
    "(": Token("(", "("),
    ")": Token(")", ")"),
    "AND": Token("AND", "AND"),
    "OR": Token("OR", "OR"),
    "NOT": Token("NOT", "NOT"),
    **{f"{name}:": Token("field", f"{name}:", field=name) for name in FIELDS},
}
_END = Token("end", "")

# Parentheses, a field before what it holds, a phrase, a term without quotes; whatever is none of
# these is taken up to the next blank, to be refused.
_PIECE = re.compile(
    rf"[()]|(?:{'|'.join(FIELDS)}):(?=[^\s)])"
    r'|"[^"]*"(?=[\s()]|$)|[^\s()"]+(?=[\s()]|$)|[^\s()]+'
)
_NEAR = re.compile(r"(O?NEAR)/([0-9]{1,9})")
_ODD_BLANK = re.compile(r"[^\S \t\r\n]")
_CHUNK = re.compile(r"\S+")
# Terms that need no second look: most of those that are ever written.
_SIMPLE = re.compile(r"[A-Za-z]{1,64}")
_SIMPLE_PHRASE = re.compile(r'"[A-Za-z]{1,64}(?: [A-Za-z]{1,64})*"')


def read_bare(text: str) -> Token:
    """The token that `text` is without quotes; raises QueryError."""
    return _FIXED.get(text) or _bare(text, text, 0)


def read_term(text: str) -> Term:
    """A term as a list holds it: its words need no quotes; raises QueryError."""
    if '"' in text:
        tokens = Lexer().tokens(text)
        if len(tokens) == 2 and tokens[0].term:
            return tokens[0].term
        _fail(text, columns_of(text)[1] - 1, "more than one term", "Write an item for each.")
    _refuse_odd_blanks(text)
    words: list[str] = []
    for chunk in _CHUNK.finditer(text):
        token = _FIXED.get(chunk.group()) or _bare(text, chunk.group(), chunk.start())
        if token.term is None:
            problem = f"{token.text} is an operator, and stands in a list of terms"
            remedy = f"Write an item of the list for each term. {misuse.QUOTE_IT}"
            _fail(text, chunk.start(), problem, remedy)
        words.append(token.term.key)
    if not words:
        _fail(text, 0, "the term is empty", "Write at least one word.")
    return Term(" ".join(words), " ".join(text.split()))


def _bare(query: str, raw: str, at: int) -> Token:
    if _SIMPLE.fullmatch(raw) and not misuse.is_reserved(raw):
        return Token("term", raw, _plain_term(raw), _LOWER_CASE.get(raw.lower()))
    if (near := _NEAR.fullmatch(raw)) and int(near.group(2)) <= misuse.MAX_BETWEEN:
        return Token("NEAR", raw, within=int(near.group(2)))
    if wrong := misuse.misuse(raw):
        _fail(query, at + wrong.offset, wrong.problem, wrong.remedy)
    term = _term(query, raw, at)
    if wrong := misuse.mixed_scripts(raw):
        _fail(query, at + wrong.offset, wrong.problem, wrong.remedy)
    return Token("term", raw, term, _LOWER_CASE.get(term.key))


def _phrase(query: str, raw: str, at: int) -> Token:
    if _SIMPLE_PHRASE.fullmatch(raw):
        return Token("term", raw, _plain_term(raw[1:-1]))
    if raw[0] != '"':
        inside = at + raw.index('"')
        _fail(query, inside, "a quote opens inside a term", "Put a blank before it.")
    end = query.find('"', at + 1)
    inner = query[at + 1 : end if end >= 0 else None]
    if wrong := misuse.in_quotes(inner):
        _fail(query, at + 1 + wrong.offset, wrong.problem, wrong.remedy)
    if end < 0:
        _fail(query, at, "this quote is never closed", 'End the phrase with a second ".')
    if not inner.strip():
        remedy = "Write at least one word, or leave the quotes out."
        _fail(query, at, "nothing between the quotes", remedy)
    term = _term(query, inner, at + 1, start=at)
    if behind := query[end + 1 : end + 2].strip("() \t\r\n"):
        _refuse_behind(query, end + 1, behind, term)
    return Token("term", raw, term)


def _refuse_behind(query: str, at: int, sign: str, term: Term) -> NoReturn:
    """A phrase stands alone: what touches its end would be read as something else."""
    if sign == "~":
        number = re.match(r"\d*", query[at + 1 :])
        near = f"NEAR/{number.group() if number and number.group() else 10}"
        words = term.words
        pair = f"{words[0]} {near} {words[1]}" if len(words) == 2 else f"a {near} b"
        _fail(query, at, "~ is an unknown operator", f"Write {pair}.")
    if sign == "*":
        remedy = 'Write it inside: "peace negotiat*".'
        _fail(query, at, "a * stands behind the quotes", remedy)
    if sign == "^":
        _fail(query, at, "^ is an unknown operator", "Leave it out: rules: give terms weight.")
    _fail(query, at, "a term begins right behind a quote", "Put a blank between them.")


def _refuse_odd_blanks(query: str) -> None:
    if not _ODD_BLANK.search(query):
        return
    unquoted = re.sub(r'"[^"]*"?', lambda found: "x" * len(found.group()), query)
    for piece in _ODD_BLANK.finditer(unquoted):
        wrong = misuse.odd_blank(piece.group())
        _fail(query, piece.start(), wrong.problem, wrong.remedy)


def _plain_term(text: str) -> Term:
    key = text.lower()
    return Term(key, key if text == key else text)


def _term(query: str, text: str, at: int, *, start: int | None = None) -> Term:
    """The words of a term, of which each may end in a `*`; `text` begins at `at` in `query`."""
    words: list[str] = []
    for chunk in _CHUNK.finditer(text):
        words += _words(query, chunk.group(), at + chunk.start())
    if not words:
        where = at if start is None else start
        problem = f"{text.strip()[:20]} holds no letter and no digit"
        _fail(query, where, problem, "Leave it out, or write a word.")
    return Term(" ".join(words), " ".join(text.split()))


def _words(query: str, chunk: str, at: int) -> Sequence[str]:
    """The folded words of a piece without blanks."""
    star = chunk.find("*")
    if star < 0:
        found = tokens_of(chunk)
        if not found.dotted:
            return found.folded
        return [
            f".{word}" if place in found.dotted else word for place, word in enumerate(found.folded)
        ]
    behind = chunk[star + 1 :].strip(".,;:!?)]}'")
    if behind:
        problem = f"a * stands {'inside' if star else 'before'} a term"
        _fail(query, at + star, problem, "It may only end a word: negotiat*.")
    words = list(tokens_of(chunk[:star]).folded)
    ends_in_word = bool(star) and (chunk[star - 1].isalnum() or _is_mark(chunk[star - 1]))
    if not words or not ends_in_word or _letters(words[-1]) < MIN_PREFIX:
        problem = f"fewer than {MIN_PREFIX} letters before the *"
        remedy = "Write more letters, or the whole words with OR between them."
        if words and _is_sign(words[-1]):
            remedy = "In Chinese and Japanese every sign is a word: leave the * out."
        _fail(query, at + star, problem, remedy)
    return [*words[:-1], f"{words[-1]}*"]


def _letters(word: str) -> int:
    """How many letters: a syllable of Korean holds two or three, but one alone is too few."""
    return len(unicodedata.normalize("NFD", word)) if len(word) > 1 else len(word)


def _is_sign(word: str) -> bool:
    return len(word) == 1 and unicodedata.name(word, "").startswith(_SIGNS)


_SIGNS = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "MYANMAR", "KHMER")


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "MC"


def _fail(query: str, offset: int, problem: str, remedy: str) -> NoReturn:
    raise QueryError(query, offset + 1, problem, remedy)
