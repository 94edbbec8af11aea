"""Well-formed documents, read by expat, the parser of the standard library."""

import re
from functools import lru_cache
from itertools import islice
from xml.parsers import expat

from worker.errors import Reason
from worker.parse.decode import EXPANDS
from worker.parse.elements import known
from worker.parse.limits import MAX_ATTRIBUTES, MAX_DEPTH, TOO_MANY
from worker.parse.reader import Attrs, Element, Reader
from worker.parse.structure import EnoughError
from worker.parse.told import Reading, RefusedError
from worker.parse.vocabulary import NAMESPACES, USERLAND

_XML_BASE = "http://www.w3.org/XML/1998/namespace base xml"
# What may have to be mended: references to the control characters of Latin-1, or to its letters.
_ODD_REFERENCE = re.compile(rb"&#(?:[xX]0*[89a-fA-F]|0*(?:1[2-5]|19|2))")
_ODD_LETTER = re.compile(rb"\xc2(?:[\x80-\x9f]|(?<=\xc3[\x82-\xb4]\xc2))")
_MANY = 1_000
# Of a document's end so much is looked at before the document is: most broken ones end badly.
_MAX_BLANKS = 200
_HANDLERS = (
    *("StartElementHandler", "EndElementHandler", "CharacterDataHandler"),
    *("StartNamespaceDeclHandler", "ExternalEntityRefHandler"),
)
# What expat calls a document whose entities grow without measure (since its version 2.4).
_AMPLIFIED = 43


class MalformedError(Exception):
    """The document is not well-formed XML."""


def read(data: bytes, base: str) -> Reading:
    """Read `data`, UTF-8 whatever it says of itself.

    Raises MalformedError, UnsureError, or RefusedError where it is an attack.
    """
    ending = data[-_MAX_BLANKS:].rstrip()
    if ending and not ending.endswith(b">"):
        raise MalformedError("something after the end, or no end")
    parser = expat.ParserCreate("utf-8", " ")
    parser.namespace_prefixes = True
    parser.buffer_text = True
    parser.buffer_size = 65_536
    # What an external subset would declare is left out, and nothing is ever loaded.
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE)
    parser.ExternalEntityRefHandler = lambda context, base, system, public: 1
    reader = Reader(base, loose=False, odd=_is_odd(data))
    _listen(parser, reader)
    reader.reading.clean = True
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        if error.code == _AMPLIFIED:
            raise RefusedError(Reason.ENTITY_EXPANSION, EXPANDS) from None
        raise MalformedError(expat.ErrorString(error.code)) from None
    except EnoughError:
        reader.reading.notes.append(TOO_MANY)
    finally:
        # The parser and the reader hold each other: without this, they would stay in memory until
        # the next collection of garbage, with all the texts of the document.
        for handler in _HANDLERS:
            setattr(parser, handler, None)
    reader.reading.form = reader.form
    return reader.reading


def _is_odd(data: bytes) -> bool:
    """Whether a letter may have to be mended; where there are next to none, it costs nothing."""
    return (
        data.isascii()
        or _has_odd_letter(data)
        or _ODD_REFERENCE.search(data) is not None
        or b"<!ENTITY" in data[:10_000]
    )


def _has_odd_letter(data: bytes) -> bool:
    """Control characters of Latin-1, or UTF-8 encoded twice: both have a byte C2 in them.

    Finding one byte is the fastest search there is, unless it is everywhere.
    """
    at = data.find(b"\xc2")
    for _ in range(_MANY):
        if at < 0:
            return False
        if data[at + 1 : at + 2] < b"\xa0" or b"\xc3\x82" <= data[at - 2 : at] <= b"\xc3\xb4":
            return True
        at = data.find(b"\xc2", at + 1)
    return _ODD_LETTER.search(data, at) is not None if at >= 0 else False


def _listen(parser: expat.XMLParserType, reader: Reader) -> None:
    """Have `parser` tell `reader`, elements without others in them at once, for most are."""
    elements, stack = reader.elements, reader.stack
    pieces: list[str] = []
    plain: set[str] = set()
    open_element: Element | None = None
    open_attrs: Attrs = {}
    rebased = False

    def settle() -> None:
        """The element that was begun is not a leaf, or the text stands after an end."""
        nonlocal open_element
        if open_element is not None:
            reader.start(open_element, open_attrs)
            open_element = None
            if reader.depth > MAX_DEPTH:
                told = f"More than {MAX_DEPTH} elements in each other."
                raise RefusedError(Reason.TOO_DEEP, told)
        if pieces:
            reader.hear("".join(pieces))
            pieces.clear()

    def start(name: str, attrs: Attrs) -> None:
        nonlocal open_element, open_attrs, rebased
        if open_element is not None or (stack and stack[-1][2] is not None):
            settle()
        else:
            pieces.clear()  # what stands between elements, and belongs to none
        element = elements.get(name)
        if element is None:
            element = elements[name] = known(reader, _tag(reader, name))
        rebased = False
        if attrs:
            if _XML_BASE in attrs or "base" in attrs or "BASE" in attrs:
                rebased = True
                reader.set_bases()
            if (element.reads or rebased or reader.incontent) and not plain.issuperset(attrs):
                attrs = _lowered(attrs, plain)
        open_element, open_attrs = element, attrs

    def end(name: str) -> None:
        nonlocal open_element
        element = open_element
        if element is None:
            if stack and stack[-1][2] is not None:
                settle()
            else:
                pieces.clear()
            element = elements.get(name)
            if element is None:
                element = elements[name] = known(reader, _tag(reader, name))
            reader.end(element)
            return
        open_element = None
        text = "".join(pieces)
        pieces.clear()
        if rebased or not reader.leaf(element, open_attrs, text):
            reader.start(element, open_attrs)
            reader.hear(text)
            reader.end(element)

    def declare(prefix: str | None, uri: str) -> None:
        settle()
        if uri:
            reader.declare(prefix or None, uri)

    parser.StartNamespaceDeclHandler = declare
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = pieces.append


def _tag(reader: Reader, name: str) -> str:
    """The name that feedparser knows an element by: its prefix is its namespace's own."""
    uri, _, local = name.partition(" ")
    if not local:
        return name.lower()
    local = local.partition(" ")[0].lower()
    if USERLAND[7:] in uri.lower():
        uri = USERLAND
    prefix = NAMESPACES.get(uri.lower())
    if prefix:
        return f"{prefix}:{local}".lower()
    for used, meant in reader.in_use.items():
        if used and meant == uri:
            return f"{used}:{local}".lower()
    return local


def _lowered(attrs: Attrs, plain: set[str]) -> Attrs:
    """Attributes by their names in lower case, with and without the prefix given to them."""
    lowered: Attrs = {}
    for name, value in islice(attrs.items(), MAX_ATTRIBUTES):
        keys = _attribute(name)
        if keys == (name,):
            plain.add(name)
        lowered.update(dict.fromkeys(keys, value))
    return lowered


@lru_cache(1_000)
def _attribute(name: str) -> tuple[str, ...]:
    uri, _, local = name.partition(" ")
    if not local:
        return (name.lower(),)
    local, _, given = local.partition(" ")
    prefix = NAMESPACES.get(uri.lower())
    keys = [f"{prefix}:{local}" if prefix else local, f"{given}:{local}" if given else local]
    return tuple(dict.fromkeys(key.lower() for key in keys))
