"""Words of scripts whose vowels are marks: there a word without its marks is another word.

Hindi, Bengali or Tamil put blanks between words. Thai, Lao, Burmese and Khmer put none: there
every letter with its marks is a word of its own, as in Chinese.
"""

import re
import unicodedata
from collections.abc import Iterator

from worker.text import words

_INDIC = "\u0900-\u0963\u0966-\u0df3"
_NO_BLANKS = "\u0e01-\u0e3a\u0e40-\u0ece\u0edc-\u0eff\u1000-\u1049\u1050-\u109f\u1780-\u17d3"
_MARKS = (
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
    "\u102b-\u103e\u1056-\u1059\u105e-\u1060\u17b4-\u17d3"
)
_HOLDS_ONE = re.compile(f"[{_INDIC}{_NO_BLANKS}]")
_RUN = re.compile(
    f"(?P<word>[{_INDIC}](?:[\u200c\u200d]?[{_INDIC}])*)"
    f"|(?P<sign>[{_NO_BLANKS}][{_MARKS}]*)"
    f"|[^{_INDIC}{_NO_BLANKS}]+"
)
# A dot below makes another letter of one, and is often left out.
_DROPPED = re.compile("[\u093c\u09bc\u0a3c\u0abc\u0b3c\u200c\u200d]")


def holds_marked(text: str) -> bool:
    """Whether a text has words in such a script."""
    return _HOLDS_ONE.search(text) is not None


def marked_words(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """The folded words of such a text, and where each stands."""
    for run in _RUN.finditer(text):
        if run["word"] or run["sign"]:
            # composed again, some letters with a dot would still hold it
            apart = unicodedata.normalize("NFKD", run.group())
            yield unicodedata.normalize("NFC", _DROPPED.sub("", apart)), run.span()
            continue
        found = words(run.group())
        for word, (start, end) in zip(found.folded, found.spans, strict=True):
            yield word, (run.start() + start, run.start() + end)
