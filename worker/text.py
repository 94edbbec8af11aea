"""Cleaning, folding and words, once for dedupe and topics.

Folding makes spellings of one word equal: NFKC, case, combining marks, Arabic and Persian letter
variants, invisible joiners. It is for comparing only, never for showing.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from html import unescape

import nh3

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BLANKS = re.compile(r"\s+")
# What is never closed swallows the rest, as in browsers: looking for its end from every opening
# would take quadratic time.
_TAGS = re.compile(
    r"<(?:script|style)\b.*?(?:</(?:script|style)\s*>|\Z)|<!--.*?(?:-->|\Z)|<[^<>]*>", re.S | re.I
)
_BREAKS = re.compile(r"</?(?:p|div|br|li|ul|ol|h[1-6]|tr|blockquote)\b[^<>]*>", re.I)

# Signs inside a word that do not end it: combining marks and invisible joiners, tatweel.
_INSIDE = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u0640\u200c\u200d\u00ad\ufeff"
)
# Scripts written without blanks: every character is a word of its own.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}](?:[{_INSIDE}]*[^\W_{_CJK}])*[{_INSIDE}]*")
_LETTERS = str.maketrans(
    {
        "\u064a": "\u06cc",  # Arabic yeh
        "\u0649": "\u06cc",  # alef maksura
        "\u0643": "\u06a9",  # Arabic kaf
        "\u0629": "\u0647",  # teh marbuta
        "\u0623": "\u0627",  # alef with hamza above
        "\u0625": "\u0627",  # alef with hamza below
        "\u0622": "\u0627",  # alef with madda
        "\u0671": "\u0627",  # alef wasla
        "\u0624": "\u0648",  # waw with hamza
        "\u0131": "i",  # dotless i
        "\u0640": None,
        "\u200b": None,
        "\u200c": None,
        "\u200d": None,
        "\u00ad": None,
        "\ufeff": None,
    }
)


@dataclass(frozen=True, slots=True)
class Words:
    """A text's folded words in order, and where each stands: `text[spans[i][0]:spans[i][1]]`.

    Words that one sign stands for share its span.
    """

    folded: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


def clean(text: str, limit: int) -> str:
    """`text` without what a database or a terminal chokes on, at most `limit` characters."""
    return _UNSTORABLE.sub("", text)[:limit].strip()


def clean_line(text: str, limit: int) -> str:
    """Like `clean`, on one line: every run of white space becomes one blank."""
    return _BLANKS.sub(" ", _UNSTORABLE.sub("", text)).strip()[:limit].strip()


def strip_html(html: str) -> str:
    """Plain text of a feed's HTML snippet, block elements on lines of their own."""
    if "<" not in html and "&" not in html:
        return html.strip()
    text = unescape(_TAGS.sub("", _BREAKS.sub("\n", html)))
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


# Of these nothing is left, of all other elements the text.
_WITHOUT_CONTENT = {"script", "style", "applet"}
_UNKNOWN_TAG = re.compile(
    rf"</?(?!(?:{'|'.join(sorted(nh3.ALLOWED_TAGS | _WITHOUT_CONTENT))})[\s/>])[a-z]"
    r"""(?:[^<>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?)*>?""",
    re.I,
)


def sanitised(html: str) -> str:
    """HTML of strangers made safe to show: no scripts, styles, frames or forms; links stay.

    By nh3, the Rust library ammonia: what it does not know to be harmless is dropped. Tags that it
    does not know go first, and their text stays: it would take text in frames, drawings, formulas
    and `noscript` for something else, or away.
    """
    if "<" not in html and "&" not in html:
        return html
    return nh3.clean(_UNKNOWN_TAG.sub("", html), clean_content_tags=_WITHOUT_CONTENT)


_LONG_WORD = 64  # longer ones are not worth keeping, and could fill the memory


@lru_cache(maxsize=65_536)
def _fold_word(word: str) -> tuple[str, ...]:
    """A word folded; several words where one sign stands for them (\ufdfa, ¼, halfwidth kana)."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    folded = unicodedata.normalize("NFC", bare.translate(_LETTERS)).casefold()
    return tuple(_WORD.findall(folded))


def fold(text: str) -> str:
    """`text` folded word by word, single blanks between; folding twice is folding once."""
    return " ".join(words(text).folded)


@lru_cache(maxsize=16)
def words(text: str) -> Words:
    """The folded words of `text` with their places in it.

    The last few texts are remembered, for dedupe and topics ask about the same one in turn.
    """
    folded: list[str] = []
    spans: list[tuple[int, int]] = []
    for found in _WORD.finditer(text):
        word = found.group()
        if word.isascii():
            folded.append(word.lower())
            spans.append(found.span())
            continue
        parts = _fold_word(word) if len(word) <= _LONG_WORD else _fold_word.__wrapped__(word)
        folded.extend(parts)
        spans.extend([found.span()] * len(parts))
    return Words(tuple(folded), tuple(spans))


def digest(*parts: str) -> str:
    """A short, stable fingerprint of `parts` as 32 hex digits (BLAKE2b, RFC 7693)."""
    return blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()
