"""Documents that are no XML: their markup taken to pieces as feedparser's SGML parser does it.

What it makes of a mistake decides which entries a broken feed has, so its rules are kept to the
letter: which `<` opens a tag, where a tag ends, what `&nbsp` without a semicolon stands for.
"""

import re
from html import escape

from worker.parse.elements import known
from worker.parse.limits import MAX_ATTRIBUTES, TOO_MANY
from worker.parse.reader import Attrs, Element, Reader
from worker.parse.structure import EnoughError
from worker.parse.told import Reading
from worker.parse.vocabulary import ENTITIES, HTML_TYPES, XHTML, names

_NO_DECLARATION = re.compile(r"<!(?!(?i:DOCTYPE)|--|\[)")
# <name/>, and <name /> too: without attributes, both end where they begin.
_EMPTY = re.compile(r"<([^<>\s]++)(?:(?<=[^<]/)>|\s++/>)")
_VOID = names(
    """area base basefont br col command embed frame hr img input isindex keygen link meta param
    source track wbr"""
)
# No `*+` behind a group: Python up to 3.11.4 matches those wrongly (its issue 106052).
# Where a tag ends: before the first bracket outside of quotes, or before the first one at all
# where the quotes are not in order.
_TAG_END = re.compile(
    r"""(?:[^'"<>]++|"[^"]*"(?=>|/|\s|\w+=)|'[^']*'(?=>|/|\s|\w+=))*(?=[<>])|.*?(?=[<>])"""
)
# A tag as it should be: whether it closes, its name, its attributes, whether it is empty.
_TAG = re.compile(
    r"<(/?)([a-zA-Z][-_.:a-zA-Z0-9]*+)"
    r"((?:\s++[a-zA-Z_][-:.a-zA-Z_0-9]*+\s*+=\s*+(?:\"[^\"<>]*+\"|'[^'<>]*+'))*)\s*+(/?)>"
)
_QUOTED = re.compile(r"([a-zA-Z_][-:.a-zA-Z_0-9]*+)\s*+=\s*+(\"[^\"]*\"|'[^']*')")
_NAME = re.compile(r"[a-zA-Z][-_.:a-zA-Z0-9]*")
_SHORTHAND_OPEN = re.compile(r"<[a-zA-Z][-.a-zA-Z0-9]*/")
_SHORTHAND = re.compile(r"<([a-zA-Z][-.a-zA-Z0-9]*)/([^/]*)/")
_ATTRIBUTE = re.compile(
    r"\s*([a-zA-Z_][-:.a-zA-Z_0-9]*)[$]?"
    r"(\s*=\s*('[^']*'|\"[^\"]*\"|[\]\[\-a-zA-Z0-9./,:;+*%?!&$()_#=~'\"@]*))?"
)
_DECIMAL = re.compile(r"&#([0-9]++)(?!;)")
_COMMENT_END = re.compile(r"--\s*>")
_REFERENCE = re.compile(r"&(?:#([0-9]+|[xX][0-9a-fA-F]+);|([a-zA-Z][-.a-zA-Z0-9]*+);?)")
# All but those that stay as they are, which are most.
_TELLING_REFERENCE = re.compile(
    r"&(?!(?:lt|gt|quot|amp|apos|#(?:34|38|39|60|62|x(?:22|26|27|3c|3e)));)"
    + _REFERENCE.pattern[1:]
)
# One that the document ends in is none.
_UNENDED = re.compile(r"&[a-zA-Z][-.a-zA-Z0-9]*\Z")
# Left as they are until it is known whether the text is markup.
_MARKUP = frozenset({"lt", "gt", "quot", "amp", "apos"})
_MARKUP_CODES = names("34 38 39 60 62 x22 x26 x27 x3c x3e")


def read(data: bytes, base: str, entities: dict[str, str]) -> Reading:
    """Read `data`, text that is meant to be UTF-8; `entities` are those that it declares."""
    soup = _Soup(data.decode("utf-8", "replace"), base, entities)
    try:
        soup.run()
    except EnoughError:
        soup.reader.reading.notes.append(TOO_MANY)
    soup.reader.reading.form = soup.reader.form
    return soup.reader.reading


class _Soup:
    """Takes a document to pieces and tells the reader."""

    def __init__(self, text: str, base: str, entities: dict[str, str]) -> None:
        text = _NO_DECLARATION.sub("&lt;!", text)
        text = _EMPTY.sub(_opened, text)
        self.text = text.replace("&#39;", "'").replace("&#34;", '"')
        self.entities = entities
        self.reader = Reader(base, loose=True, odd=True)
        self.reader.set_bases()
        self.last_tag = "???"
        self.strange = False

    def run(self) -> None:
        text, at, size = self.text, 0, len(self.text)
        while at < size:
            opening = text.find("<", at)
            if opening < 0:
                self._tell_last(text[at:])
                return
            if opening > at:
                self._tell(text[at:opening])
            at = self._markup(opening)
            if at < 0:
                self._tell_last(text[opening:])
                return

    def _tell_last(self, text: str) -> None:
        unended = _UNENDED.search(text)
        end = unended.start() if unended else len(text)
        self._tell(text[:end])
        self.reader.hear(text[end:])

    def _markup(self, at: int) -> int:
        """Read the markup that begins `at`; returns where it ends, -1 if it never does."""
        text = self.text
        tag = _TAG.match(text, at)
        if tag:
            return self._orderly_tag(tag)
        follows = text[at + 1 : at + 2]
        if follows == ">" or (follows.isascii() and follows.isalpha()):
            return self._start_tag(at)
        if follows == "/":
            return self._end_tag(at)
        if follows == "?":
            return text.find(">", at + 2) + 1 or -1
        if text.startswith("<!--", at):
            found = _COMMENT_END.search(text, at + 4)
            return found.end() if found else -1
        if text.startswith("<![CDATA[", at):
            return self._cdata(at)
        if follows == "!":
            return text.find(">", at) + 1 or -1
        if not follows:
            return -1
        self.reader.hear("<")
        return at + 1

    def _cdata(self, at: int) -> int:
        end = self.text.find("]]>", at)
        if end < 0:
            return len(self.text)
        self.reader.hear_markup(escape(self.text[at + 9 : end], quote=False))
        return end + 3

    # ---- tags

    def _orderly_tag(self, found: re.Match[str]) -> int:
        closes, name, told, empty = found.groups()
        if closes:
            self.reader.end(self._element(name.lower()))
            return found.end()
        self.last_tag = name.lower()
        attrs: Attrs = {}
        if told:
            for key, value in _QUOTED.findall(told)[:MAX_ATTRIBUTES]:
                self._know_attribute(attrs, key, value[1:-1])
        return self._open(name, attrs, found.end(), empty=bool(empty))

    def _start_tag(self, at: int) -> int:
        """A tag with mistakes in it."""
        text = self.text
        if _SHORTHAND_OPEN.match(text, at):
            return self._shorthand(at)
        found = _TAG_END.match(text, at + 1)
        if not found:
            return -1
        end = found.end()
        attrs: Attrs = {}
        if text[at + 1] == ">":  # <> repeats the tag before
            name, place = self.last_tag, end
        else:
            named = _NAME.match(text, at + 1)
            assert named is not None  # a letter follows
            name, place = named.group(), named.end()
            self.last_tag = name.lower()
        while place < end and len(attrs) < MAX_ATTRIBUTES:
            one = _ATTRIBUTE.match(text, place)
            if not one:
                break
            self._know_attribute(attrs, *_attribute(one))
            place = one.end()
        end += text[end] == ">"
        return self._open(name, attrs, end, empty=text[end - 2 : end] == "/>")

    def _know_attribute(self, attrs: Attrs, key: str, value: str) -> None:
        key = key.lower()
        if "&" in value:
            value = _DECIMAL.sub(r"&#\1;", value).replace("&amp;", "&")
        if key == "xmlns" or key.startswith("xmlns:"):
            self.reader.declare(key[6:] or None, value)
        attrs[key] = value

    def _open(self, name: str, attrs: Attrs, after: int, *, empty: bool) -> int:
        """Begin an element, and end it if there are no others in it; returns where to go on."""
        element = self._element(self.last_tag)
        if not empty and "xml:base" not in attrs and "base" not in attrs:
            end = self._leaf(element, attrs, f"</{name}>", after)
            if end:
                return end
        self.reader.start(element, attrs)
        if empty:
            self.reader.end(element)
        return after

    def _leaf(self, element: Element, attrs: Attrs, closing: str, after: int) -> int:
        """Where the element ends that has nothing but text in it; 0: it is to be read in turns."""
        text, reader = self.text, self.reader
        verbatim = text.startswith("<![CDATA[", after)
        end = text.find("]]>", after) if verbatim else text.find("<", after)
        close = end + 3 * verbatim
        if end < 0 or not text.startswith(closing, close):
            return 0
        if not verbatim:
            told = text[after:end]
            if "&" in told:
                self.strange = False
                told = _TELLING_REFERENCE.sub(self._referred, told)
                if self.strange:
                    return 0
        elif element.prose:
            told = text[after + 9 : end]
        else:
            told = escape(text[after + 9 : end], quote=False)
        reader.verbatim = verbatim and element.prose
        could = reader.leaf(element, attrs, told)
        reader.verbatim = False
        return close + len(closing) if could else 0

    def _shorthand(self, at: int) -> int:
        """<tag/text/, which is SGML for <tag>text</tag>."""
        found = _SHORTHAND.match(self.text, at)
        if not found:
            return -1
        tag = found.group(1).lower()
        self.reader.start(self._element(tag), {})
        self.reader.hear(found.group(2))
        self.reader.end(self._element(tag))
        if self.text[found.end() - 2 : found.end()] == "/>":
            self.reader.end(self._element(self.last_tag))
        return found.end()

    def _end_tag(self, at: int) -> int:
        found = _TAG_END.match(self.text, at + 1)
        if not found:
            return -1
        end = found.end()
        tag = self.text[at + 2 : end].strip().lower()
        name = _NAME.match(tag)
        self.reader.end(self._element(name.group() if name else tag))
        return end + (self.text[end] == ">")

    def _element(self, tag: str) -> Element:
        element = self.reader.elements.get(tag)
        if element is None:
            element = self.reader.elements[tag] = known(self.reader, tag)
        return element

    # ---- text

    def _tell(self, text: str) -> None:
        """Text with references, some of which stay as they are."""
        reader = self.reader
        if not reader.stack or reader.stack[-1][2] is None:
            return
        if reader.kind == XHTML:
            self._tell_escaped(text)
        else:
            told = _TELLING_REFERENCE.sub(self._referred, text) if "&" in text else text
            reader.hear_markup(told)

    def _tell_escaped(self, text: str) -> None:
        """Text between tags that are part of it: all but its references is made safe."""
        at = 0
        for found in _REFERENCE.finditer(text):
            self.reader.hear(text[at : found.start()])
            self.reader.hear_markup(self._referred(found))
            at = found.end()
        self.reader.hear(text[at:])

    def _referred(self, reference: re.Match[str]) -> str:
        code, name = reference.groups()
        if code:
            code = code.lower()
            if code in _MARKUP_CODES:
                return f"&#{code};"
            return _character(code)
        if name in _MARKUP:
            return f"&{name};"
        told = self.entities.get(name)
        if told is not None:
            return f"&{told};" if told.startswith("&#") and told.endswith(";") else told
        if name in ENTITIES:
            return ENTITIES[name]
        # feedparser gives it a semicolon, and its sanitiser takes any away from it in HTML
        self.strange = True
        return f"&{name}" if self.reader.kind in HTML_TYPES else f"&{name};"


def _opened(empty: re.Match[str]) -> str:
    tag = empty.group(1)
    if empty.group() == f"<{tag}>":
        tag = tag[:-1]  # without the slash that ends it
    return f"<{tag} />" if tag in _VOID else f"<{tag}></{tag}>"


def _attribute(found: re.Match[str]) -> tuple[str, str]:
    name, given, value = found.groups()
    if not given:
        value = name.lower()
    elif value and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1]
    return name, value


def _character(code: str) -> str:
    """The character of a number; nothing where there is none, as for half of an emoji."""
    number = int(code[1:], 16) if code[0] == "x" else int(code[:10])
    return "" if number > 0x10FFFF or 0xD800 <= number < 0xE000 else chr(number)
