"""A text's words as topics see them: abbreviations with dots are one word, U.N. like UN.

They are the words of `worker.text`, which the tests hold them to, and those of scripts whose vowels
are marks. But every article is asked for
its words, and few for where these stand: so the two come apart, and texts whose letters are plain
are folded as a whole.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from worker.text import Words, words
from worker.topics.scripts import holds_marked, marked_words

# The hyphen of Hebrew stands among its marks, but parts words.
_MAQAF = "\u05be"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Like `worker.text.Words`; `dotted` are the places of abbreviations that stand with dots."""

    folded: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    dotted: frozenset[int] = frozenset()


def tokens_of(text: str) -> Tokens:
    """The folded words of `text` with their places; `a.b.c` is the one word `abc`."""
    if _MAQAF in text:
        text = text.replace(_MAQAF, "-")
    runs = _dotted(text)
    found = _words_of(text)
    if not runs:
        return Tokens(found.folded, found.spans)
    folded, spans = list(found.folded), list(found.spans)
    dotted: list[int] = []
    for start, end in reversed(runs):
        first, behind = bisect_left(spans, (start, 0)), bisect_left(spans, (end, 0))
        letters = "".join(folded[first:behind])
        if 1 < behind - first == len(letters) and _is_one_word(letters):
            dotted = [place - (behind - first - 1) for place in dotted]
            folded[first:behind] = [letters]
            spans[first:behind] = [(start, end)]
            dotted.append(first)
    return Tokens(tuple(folded), tuple(spans), frozenset(dotted))


def _words_of(text: str) -> Words:
    """The folded words of `text`, abbreviations letter by letter."""
    if (parts := _quick_parts(text)) is not None:
        return Words(tuple(parts), tuple([run.span() for run in _RUN.finditer(text)]))
    if holds_marked(text):
        marked = list(marked_words(text))
        return Words(tuple(word for word, _ in marked), tuple(span for _, span in marked))
    return words(text)


def _is_one_word(letters: str) -> bool:
    """Whether letters that stood between dots make a word: of two scripts, they may not."""
    return letters.isascii() or len(_words_of(letters).folded) == 1


def _dotted(text: str) -> list[tuple[int, int]]:
    """Where single letters stand with dots between and nothing else."""
    found = []
    at = text.find(".", 1, -1)
    while at > 0:
        end = at
        if text[at - 1].isalpha() and (at < 2 or not text[at - 2].isalnum()):
            while text[end : end + 1] == "." and _is_lone_letter(text, end + 1):
                end += 2
        if end > at:
            found.append((at - 1, end))
        at = text.find(".", max(at + 1, end), -1)
    return found


def _is_lone_letter(text: str, at: int) -> bool:
    return text[at : at + 1].isalpha() and not text[at + 1 : at + 2].isalnum()


# What news in Latin letters is written with beside ASCII, where it has no accents.
_PUNCTUATION = "’‘“”–—…\u00a0•«»€£"
_BLANKS = {code: " " for code in range(128) if not chr(code).isalnum()}
_BUT_DOTS = _BLANKS | {ord("."): "."}
# Begins with the dot, for that is found quickest.
_ABBREVIATED = re.compile(r"\.(?=[a-z]\b)(?<=\b[a-z]\.)")
_ABBREVIATION = re.compile(r"\b[a-z](?:\.[a-z]\b)+")


def quick_words(text: str) -> Sequence[str] | None:
    """`tokens_of(text).folded`, without working out where each word stands.

    None where a text has signs that take a closer look; where it has none, no two words share one.
    """
    plain = _as_ascii(text)
    if plain is None:
        return None if _dotted(text) else _folded_letters(text)
    if _ABBREVIATED.search(plain):
        row = _ABBREVIATION.sub(_without_dots, plain.translate(_BUT_DOTS))
        return row.replace(".", " ").split()
    return plain.translate(_BLANKS).split()


def _quick_parts(text: str) -> Sequence[str] | None:
    """The same without regard to abbreviations: U.N. are two words here."""
    plain = _as_ascii(text)
    return _folded_letters(text) if plain is None else plain.translate(_BLANKS).split()


def _as_ascii(text: str) -> str | None:
    """A text in lower case that is ASCII but for its punctuation; None for any other."""
    if not text.isascii():
        for sign in _PUNCTUATION:
            text = text.replace(sign, " ")
        if not text.isascii():
            return None
    return text.lower().replace("_", " ")


# Letters of which each run is a word: no marks, joiners or signs that are words of their own.
_LETTERS = re.compile(
    "[\x00-\xac\xae-\u024f\u0400-\u0482\u048a-\u052f\u0620-\u063a\u0641-\u064a\u066e-\u066f"
    "\u0671-\u06d3\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]*"
)
_RUN = re.compile(r"[^\W_]+")


def _folded_letters(text: str) -> Sequence[str] | None:
    """The words of a text in plain letters of any alphabet; None where it holds more."""
    if not _LETTERS.fullmatch(text):
        return None
    row = list(map(_REMEMBERED.__getitem__, _RUN.findall(text)))
    return None if _SEVERAL in row else row


# What stands for a word that folds to several: no folded word is empty.
_SEVERAL = ""
_MOST_REMEMBERED, _LONGEST_REMEMBERED = 65_536, 64


class _Folded(dict[str, str]):
    """Under a word what it folds to, worked out when asked for."""

    def __missing__(self, word: str) -> str:
        found = words(word).folded
        folded = found[0] if len(found) == 1 else _SEVERAL
        if len(word) <= _LONGEST_REMEMBERED:
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[word] = folded
        return folded


_REMEMBERED = _Folded()


def _without_dots(found: re.Match[str]) -> str:
    return found.group().replace(".", "")


def folded(text: str) -> str:
    """`text` folded as terms and articles are, single blanks between its words."""
    return " ".join(tokens_of(text).folded)


def words_in_order(text: str) -> Sequence[str]:
    """The folded words of `text`."""
    quick = quick_words(text)
    return tokens_of(text).folded if quick is None else quick
