"""Bytes become text: byte order mark, HTTP header, meta tag, and none of them believed blindly.

The order and the labels are those of the Encoding and HTML standards (encoding.spec.whatwg.org,
"Determining the character encoding"), with two lessons of real pages: bytes that are valid UTF-8
are UTF-8 whatever is declared, and a header that says Latin-1 is a server's default, no knowledge.
"""

import codecs
import re

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Browsers look at the first 1,024 bytes; comments and scripts push the tag further down at times.
_META_WITHIN = 4_096
_META = re.compile(rb"""<meta[^<>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I)
# What a label means is wider than what it says: a superset that the standard prescribes.
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_LATIN = "cp1252"
# Encodings of addresses and mail, and one that only ever hid scripts from filters.
_NO_PAGE = {"idna", "punycode", "undefined", "utf-7", "raw-unicode-escape", "unicode-escape"}
_LOW, _HIGH = bytes(range(0x80)), bytes(range(0x80, 0x100))
# What tells these from ASCII: text has no NULs, and no escape characters.
_MARKED = dict.fromkeys(("utf-16", "utf-16-le", "utf-16-be"), b"\0") | dict.fromkeys(
    ("iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_kr"), b"\x1b"
)
_MARKED_WITHIN = 20_000
# Enough to tell an encoding by; a detector's time grows with what it is given.
_DETECT_BYTES = 20_000


def decode(body: bytes, charset: str | None) -> str:
    """`body` as text; `charset` is what its HTTP header says. Never raises.

    What no encoding fits is read as the declared one, with U+FFFD for the bytes that do not.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    declared = [name for name in (_codec(charset), _declared(body)) if name]
    if declared[:1] == [_LATIN]:
        declared.reverse()
    for encoding in declared:
        if encoding in _MARKED and _MARKED[encoding] in body[:_MARKED_WITHIN]:
            return body.decode(encoding, "replace")
    wide = _wide_without_mark(body)
    if wide:
        return body.decode(wide, "replace")
    letters = len(body) - len(body.translate(None, _HIGH))
    for encoding in ("utf-8", *declared):
        text = body.decode(encoding, "replace")
        # A few broken letters, as cut or spliced pages have them, do not make it another encoding.
        if text.count("\ufffd") * 20 <= letters:
            return text
    start = body.find(body.translate(None, _LOW)[:1])  # the head of a page is often bare ASCII
    found = from_bytes(body[start : start + _DETECT_BYTES]).best()
    return body.decode(found.encoding if found else (*declared, _LATIN)[0], "replace")


def _codec(label: str | None) -> str | None:
    """Python's name of a text encoding, as the standard widens it; None for what is none."""
    if not label or len(label) > 40:
        return None
    label = label.strip().strip("\"'")
    try:
        b"".decode(label)  # refuses what is a codec but no encoding of text: hex, zip
        name = codecs.lookup(label).name
    except (LookupError, UnicodeError, ValueError):
        return None
    return None if name in _NO_PAGE else _SUPERSETS.get(name, name)


def _declared(body: bytes) -> str | None:
    found = _META.search(body, 0, _META_WITHIN)
    name = _codec(found[1].decode("ascii", "replace")) if found else None
    # A tag that can be read as ASCII is not in UTF-16: the standard takes it for UTF-8.
    return "utf-8" if name and name.startswith("utf-16") else name


def _wide_without_mark(body: bytes) -> str | None:
    start = body[:200]
    if len(start) < 20 or start.count(0) * 3 < len(start):
        return None
    return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"
