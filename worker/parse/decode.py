"""The bytes of a document as UTF-8, whatever they were; its document type made harmless."""

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from worker.parse.limits import MAX_EXPANSION
from worker.parse.vocabulary import names

_DECLARATION = b"<?xml version='1.0' encoding='utf-8'?>"
_DECLARED = re.compile(r"\A<\?xml[^>]*?>")
_DECLARED_BYTES = re.compile(rb"\A<\?xml[^>]*?>")
# A declaration that any parser takes as it is, told that the document is UTF-8 whatever it says.
_IN_ORDER = re.compile(
    rb"""\A(?:<\?xml\s+version=["']1\.0["'](?:\s+encoding=["'][\w.\-]+["'])?\s*\?>|\s*<[a-zA-Z])"""
)
_NAMED_ENCODING = re.compile(rb"\A<\?.*encoding=['\"](.*?)['\"].*\?>")
# Longer than any declaration.
_MAX_DECLARATION = 1_000
_MARKS = (
    (codecs.BOM_UTF32_BE, "utf-32be"),
    (codecs.BOM_UTF32_LE, "utf-32le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF8, "utf-8"),
)
# How a document begins in encodings that are no kind of ASCII: `<?xm`, or `<` and a letter.
_OPENINGS = (
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
    (re.compile(rb"\x00<\x00[^\x00]"), "utf-16be"),
    (re.compile(rb"<\x00[^\x00]\x00"), "utf-16le"),
    (re.compile(rb"\x00\x00\x00<"), "utf-32be"),
    (re.compile(rb"<\x00\x00\x00"), "utf-32le"),
)
_WIDE = names(
    """u16 utf-16 utf16 utf_16 u32 utf-32 utf32 utf_32 iso-10646-ucs-2 iso-10646-ucs-4 csucs4
    csunicode ucs-2 ucs-4"""
)
# Codecs that no document is written in, and that take time or raise what decoding never should.
_NO_ENCODINGS = frozenset({"punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape"})
_LAST_TRIES = ("utf-8", "windows-1252", "iso-8859-2")


class Decoded(NamedTuple):
    """A document in what may be its encoding, now UTF-8, whatever its declaration says.

    Unless it is `checked`, it was UTF-8 before by its own account, and whoever fails to read it as
    such has to ask whether it `is_valid`.
    """

    data: bytes
    checked: bool = True

    @property
    def is_valid(self) -> bool:
        try:
            return self.checked or bool(self.data.decode() or True)
        except UnicodeDecodeError:
            return False


def decoded(body: bytes, content_type: str, override: str | None) -> Iterator[Decoded]:
    """`body` in each encoding that it may be in, in the order in which feedparser tries them.

    `override`, what RFC 3023 makes of the HTTP header and the declaration, the declared encoding,
    that of a byte order mark, and then the usual ones: the last of them has every byte. Only the
    mark of an encoding in which a letter is more than one byte comes before all but the first: what
    else would have the zeros.
    """
    mark, body = _marked(body)
    declared = _declared(body, mark)
    wide = mark if mark != "utf-8" else ""
    told = _by_rfc_3023(content_type, declared)
    tries = (override or "", wide, told, declared, mark, *_LAST_TRIES)
    for encoding in dict.fromkeys(tries):
        found = _decoded(body, encoding) if encoding else None
        if found is not None:
            yield found


def as_text(body: bytes, encoding: str | None) -> str:
    """The text of a document that says nothing of its encoding, which then is UTF-8."""
    try:
        name = codecs.lookup(encoding or "utf-8-sig").name
        return body.decode("utf-8-sig" if name in _NO_ENCODINGS else name, "replace")
    except (UnicodeError, LookupError):
        return body.decode("utf-8-sig", "replace")


def _marked(body: bytes) -> tuple[str, bytes]:
    for mark, encoding in _MARKS:
        if body.startswith(mark) and (len(mark) != 2 or body[2:4] != b"\0\0"):
            return encoding, body[len(mark) :]
    return next((name for opening, name in _OPENINGS if opening.match(body)), ""), body


def _declared(body: bytes, mark: str) -> str:
    try:
        wide = mark and mark != "utf-8"
        head = body.decode(mark).encode() if wide else body[:_MAX_DECLARATION]
    except UnicodeError:
        return ""
    found = _NAMED_ENCODING.match(head)
    encoding = found.group(1).decode("utf-8", "replace").lower() if found else ""
    if encoding == "gb2312":
        return "gb18030"  # which has all of it, and the characters that sites use besides
    return mark if mark and encoding in _WIDE else encoding


def _by_rfc_3023(content_type: str, declared: str) -> str:
    """What RFC 3023 makes of a header and a declaration: the header wins, where it may speak."""
    kind, charset = _header(content_type)
    top, _, sub = kind.partition("/")
    if top == "application" and (
        sub in ("xml", "xml-dtd", "xml-external-parsed-entity") or sub.endswith("+xml")
    ):
        encoding = charset or declared or "utf-8"
    elif kind.startswith("text/"):
        encoding = charset or "us-ascii"
    else:
        encoding = declared or "utf-8"
    return "gb18030" if encoding.lower() == "gb2312" else encoding


def _header(content_type: str) -> tuple[str, str]:
    kind, *parameters = content_type.split(";")
    charset = ""
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset":
            charset = value.strip().strip("\"'")
    return kind.strip(), charset


def _decoded(body: bytes, encoding: str) -> Decoded | None:
    try:
        name = codecs.lookup(encoding).name
        if name == "utf-8":
            return Decoded(_declared_utf8(body), checked=False)
        if name in _NO_ENCODINGS:
            return None
        text = body.decode(encoding)
        text = _DECLARED.sub("", text) if _DECLARED.match(text) else f"\n{text}"
        return Decoded(_DECLARATION + text.encode())
    except (UnicodeError, LookupError, ValueError):
        return None


def _declared_utf8(body: bytes) -> bytes:
    """`body` with a declaration that is in order, or none: copies cost more than looking."""
    if _IN_ORDER.match(body, 0, _MAX_DECLARATION):
        return body
    declared = _DECLARED_BYTES.match(body)
    rest = memoryview(body)[declared.end() :] if declared else body
    return b"".join((_DECLARATION, b"" if declared else b"\n", rest))


# ---- the document type

EXPANDS = "Its entities expand to far more than the document."
_FIRST_ELEMENT = re.compile(rb"<\w")
# Texts without markup of their own, or one character: entities that cannot grow in each other.
_SAFE_ENTITY = re.compile(rb"\s+(\w+)\s+\"(&#\w+;|[^&\"]*)\"")
_REFERENCE = re.compile(rb"&(\w+);")


class Source:
    """A document with its type replaced by one that declares harmless entities alone."""

    def __init__(self, data: bytes) -> None:
        first = _FIRST_ELEMENT.search(data)
        # feedparser takes an element at the very start for none at all
        split = first.start() + 1 if first and first.start() else 0
        head = data[:split]
        self.netscape = False
        self.entities: dict[str, str] = {}
        self.data = data
        if b"<!" in head:
            self._replace_doctype(head, data[split:])

    def _replace_doctype(self, head: bytes, rest: bytes) -> None:
        pieces, entities = _without(head, b"<!ENTITY")
        pieces, doctypes = _without(b"".join(pieces), b"<!DOCTYPE")
        self.netscape = bool(doctypes) and b"netscape" in doctypes[0].lower()
        safe = [e for e in entities if _SAFE_ENTITY.match(e)] if len(doctypes) == 1 else []
        subset = b"".join(b"<!ENTITY %s>\n" % entity for entity in safe)
        replacement = b"<!DOCTYPE feed [\n%s]>" % subset if safe else b""
        self.entities = {
            name.decode(): value.decode("utf-8", "replace")
            for name, value in _SAFE_ENTITY.findall(subset)
        }
        self.data = replacement.join(pieces) + rest

    @property
    def expands_too_far(self) -> bool:
        """Whether references to its entities would make the document grow without measure."""
        if not self.entities:
            return False
        sizes = {name.encode(): len(value) for name, value in self.entities.items()}
        grown = 0
        for reference in _REFERENCE.finditer(self.data):
            grown += sizes.get(reference.group(1), 0)
            if grown > MAX_EXPANSION + len(self.data):
                return True
        return False


def _without(head: bytes, opening: bytes) -> tuple[list[bytes], list[bytes]]:
    """What is around the declarations that begin a line with `opening`, and what is in them."""
    around: list[bytes] = []
    found: list[bytes] = []
    kept = seen = line = 0  # where what is kept begins, where to look for a line's end, the line
    at = head.find(opening)
    while at >= 0:
        newline = head.rfind(b"\n", seen, at)
        line = newline + 1 if newline >= 0 else line
        seen = at
        if line >= 0 and not head[line:at].strip():
            end = head.find(b">", at)
            if end < 0:
                break
            around.append(head[kept:line])
            found.append(head[at + len(opening) : end])
            kept = seen = end + 1
        line = -1  # only the first on its line can begin it
        at = head.find(opening, max(seen, at + 1))
    return [*around, head[kept:]], found
