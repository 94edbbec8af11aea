"""Texts set right: escaped twice, encoded twice, in base64, or wrapped in a `div` too many."""

import base64
import binascii
import re
from contextlib import suppress

from worker.parse.vocabulary import WINDOWS

_CONTROL = re.compile("[\x80-\x9f]")
_MEANT = {chr(code): character for code, character in WINDOWS.items()}


def unwrapped(pieces: list[str]) -> list[str]:
    """Inline XHTML without the `div` around all of it that Atom asks for (RFC 4287, 3.1.1.3)."""
    pieces = pieces[:]
    while len(pieces) > 1 and not pieces[-1].strip():
        del pieces[-1]
    first = next((n for n, piece in enumerate(pieces[:-1]) if piece.strip()), len(pieces) - 1)
    pieces = pieces[first:]
    if not (pieces[0] == "<div>" or pieces[0].startswith("<div ")) or pieces[-1] != "</div>":
        return pieces
    depth = 0
    for piece in pieces[:-1]:
        if piece.startswith("</"):
            depth -= 1
            if depth == 0:
                return pieces
        elif piece.startswith("<") and not piece.endswith("/>"):
            depth += 1
    return pieces[1:-1]


def from_base64(text: str) -> str:
    try:
        return base64.decodebytes(text.encode()).decode()
    except (binascii.Error, UnicodeError):
        return text


def mended(text: str) -> str:
    """UTF-8 that was taken for Latin-1 and encoded again, and Windows' characters, set right."""
    with suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode()
    return _CONTROL.sub(lambda found: _MEANT.get(found.group(), found.group()), text)


_REFERENCES = {
    **{f"&#{code};": f"&{name};" for code, name in ((60, "lt"), (62, "gt"), (38, "amp"))},
    **{f"&#{code};": f"&{name};" for code, name in ((34, "quot"), (39, "apos"))},
    **{"&#x3c;": "&lt;", "&#x3C;": "&lt;", "&#x3e;": "&gt;", "&#x3E;": "&gt;"},
    **{"&#x26;": "&amp;", "&#x22;": "&quot;", "&#x27;": "&apos;"},
}


def unescaped(text: str, *, all_of_it: bool) -> str:
    """One layer of escaping less, in the order that makes feedparser's mistakes its own."""
    if "&#" in text:
        for reference, named in _REFERENCES.items():
            text = text.replace(reference, named)
    if not all_of_it:
        return text
    return unquoted(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def unquoted(text: str) -> str:
    """What is left of that layer for a text that never was escaped: a CDATA section's."""
    text = text.replace("&quot;", '"').replace("&apos;", "'")
    return text.replace("&#x2f;", "/").replace("&#x2F;", "/") if "&#x2" in text else text
