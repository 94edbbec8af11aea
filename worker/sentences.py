"""The sentence around a place in a text, so that a term is read where it stands. Pure.

A few rules of Unicode's sentence boundaries (UAX 29, 5.1), for any language: a line ends a
sentence; so do the full stops of Chinese and Japanese wherever they stand, and those of other
scripts before a blank, unless an abbreviation, an initial or a number stands before them or a small
letter follows. Where it is in doubt two sentences stay together: the length is bounded anyway.
"""

import re
import unicodedata

LONGEST = 300
_WINDOW = 600
_CLOSING = "\"'”’»›)\\]}」』）】》〉"
_STOPS = re.compile(
    rf"[。！？｡]+[{_CLOSING}]*"
    rf"|(?P<mark>[.!?…\u061f\u06d4\u0964\u0965\u0589]+)[{_CLOSING}]*(?=\s)"
)
_WORD_BEFORE = re.compile(r"[\w.]*\Z")
# Before a full stop these do not end a sentence. Single letters and what holds a dot need no list.
_SHORT = """
    mr mrs ms dr prof gen col maj sgt lt capt cpl rep sen gov pres rev hon st mt ft vs etc inc ltd
    co corp jr sr dept est approx jan feb mar apr jun jul aug sep sept oct nov dec
    гг ул см ср им тыс млн млрд трлн руб долл проф акад ген полк гос обл напр пр др тел
    bzw usw ca hr fr abs bd mme mlle sra srta dra av doç alb yrd
"""
_ABBREVIATIONS = frozenset(_SHORT.split())
_BEFORE_NUMBERS = frozenset(("no", "nos", "nr", "art", "fig", "núm", "pág", "str", "рис", "стр"))


def sentence_around(text: str, start: int, end: int, longest: int = LONGEST) -> tuple[str, int]:
    """The sentence that `text[start:end]` stands in, and where in it the place begins.

    At most `longest` characters; "…" stands where it was cut, never within a character and, where
    words are parted by blanks, seldom within a word.
    """
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    low = max(line_start, start - _WINDOW)
    high = min(len(text) if line_end < 0 else line_end, end + _WINDOW)
    first, last = low, high
    for stop in _STOPS.finditer(text, low, high):
        if not _ends(text, stop, high):
            continue
        if stop.end() <= start:
            first = stop.end()
        elif stop.end() >= end:
            last = stop.end()
            break
    while first < start and text[first].isspace():
        first += 1
    while last > end and text[last - 1].isspace():
        last -= 1
    return _bounded(text, first, last, start, end, longest)


def _ends(text: str, stop: re.Match[str], high: int) -> bool:
    """Whether a full stop is the end of a sentence."""
    if stop["mark"] is None:
        return True
    following = text[stop.end() : high].lstrip()[:1]
    if following.islower():
        return False
    if stop["mark"] != ".":
        return True
    before = _WORD_BEFORE.search(text, max(0, stop.start() - 40), stop.start())
    word = before[0] if before else ""
    if following.isdecimal() and word.lower() in _BEFORE_NUMBERS:
        return False
    is_short = len(word) == 1 or (len(word) == 2 and word.isdecimal())
    return not (is_short or "." in word or word.lower() in _ABBREVIATIONS)


def _bounded(
    text: str, first: int, last: int, start: int, end: int, longest: int
) -> tuple[str, int]:
    if last - first <= longest:
        return text[first:last], start - first
    room = longest - 2  # for the two signs that say so
    end = min(end, start + room)
    beside = room - (end - start)
    before = min(start - first, max(beside // 2, beside - (last - end)))
    low, high = start - before, min(last, end + beside - before)
    low = _word_start(text, low, start) if low > first else first
    high = _word_end(text, high, end) if high < last else last
    opening, closing = "…" if low > first else "", "…" if high < last else ""
    return f"{opening}{text[low:high]}{closing}", len(opening) + start - low


_NEAR = 30


def _word_start(text: str, at: int, start: int) -> int:
    """The nearest place from `at` on that no word or character is cut at."""
    for place in range(at, min(at + _NEAR, start)):
        if text[place - 1].isspace():
            return place
    while at < start and _joins(text[at]):
        at += 1
    return at


def _word_end(text: str, at: int, end: int) -> int:
    for place in range(at, max(at - _NEAR, end), -1):
        if text[place].isspace():
            return place
    while at > end and _joins(text[at]):
        at -= 1
    return at


def _joins(sign: str) -> bool:
    """Whether a sign belongs to the one before it: marks, joiners, variation selectors."""
    return unicodedata.category(sign) in ("Mn", "Mc", "Me", "Cf")
