"""A text's words as topics see them: abbreviations with dots are one word, U.N. like UN."""

from bisect import bisect_left
from dataclasses import dataclass

from worker.text import words


@dataclass(frozen=True, slots=True)
class Tokens:
    """Like `worker.text.Words`; `dotted` are the places of abbreviations that stand with dots."""

    folded: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    dotted: frozenset[int] = frozenset()


def tokens_of(text: str) -> Tokens:
    """The folded words of `text` with their places; `a.b.c` is the one word `abc`."""
    found = words(text)
    runs = _dotted(text)
    if not runs:
        return Tokens(found.folded, found.spans)
    folded, spans = list(found.folded), list(found.spans)
    dotted: list[int] = []
    for start, end in reversed(runs):
        first, behind = bisect_left(spans, (start, 0)), bisect_left(spans, (end, 0))
        letters = "".join(folded[first:behind])
        if 1 < behind - first == len(letters):
            dotted = [place - (behind - first - 1) for place in dotted]
            folded[first:behind] = [letters]
            spans[first:behind] = [(start, end)]
            dotted.append(first)
    return Tokens(tuple(folded), tuple(spans), frozenset(dotted))


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


def folded(text: str) -> str:
    """`text` folded as terms are, single blanks between its words."""
    return " ".join(tokens_of(text).folded)
