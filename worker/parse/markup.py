"""The HTML that feeds carry: what gives it away, and what is left of it once it is harmless."""

import re
from html.entities import name2codepoint

from worker.parse.vocabulary import HTML_ELEMENTS, HTML_TYPES, WINDOWS
from worker.text import sanitised

_SIGN = re.compile(r"</\w+>|&#?\w+;")
_TAG = re.compile(r"</?(\w+)")
_ENTITY = re.compile(r"&(\w+);")
_REFERENCE = re.compile(
    r"&(?:#([0-9]+|[xX][0-9a-fA-F]+);|([a-zA-Z][-.a-zA-Z0-9]*)(?:;|(?=.)))", re.S
)


def looks_like_html(text: str) -> bool:
    """Whether a text that is said to be plain is HTML, as feedparser guesses for RSS."""
    return (
        _SIGN.search(text) is not None
        and all(tag.lower() in HTML_ELEMENTS for tag in _TAG.findall(text))
        and all(name in name2codepoint for name in _ENTITY.findall(text))
    )


def told_title(title: str, kind: str) -> str:
    """A title as feedparser gives it: plain text as it is, HTML made safe.

    `kind` is its media type, empty where the text itself must tell.
    """
    if not kind:
        kind = "text/html" if looks_like_html(title) else "text/plain"
    if kind not in HTML_TYPES or ("<" not in title and "&" not in title):
        return title
    if "<" in title:
        return sanitised(title).replace("&nbsp;", "\xa0")
    return _REFERENCE.sub(_safe, title)


def _safe(reference: re.Match[str]) -> str:
    """A reference as feedparser's sanitiser leaves it."""
    code, name = reference.groups()
    if name:
        return f"&{name};" if name in name2codepoint or name == "apos" else f"&amp;{name}"
    if code in ("39", "34"):
        return chr(int(code))
    number = int(code[1:], 16) if code[0] in "xX" else int(code[:10])
    if number in WINDOWS:
        return f"&#x{ord(WINDOWS[number]):x};"
    return reference.group().lower()
