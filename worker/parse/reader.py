"""From the events of a parser to what a feed tells: the state that feedparser keeps, and no more.

The rules are feedparser's own (6.0), down to those that surprise: which of two titles counts, when
a second description is content, how long a base holds. Two drivers feed it, one for well-formed
documents (`wellformed`) and one for all others (`tagsoup`); what each element does is in
`elements`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from worker.parse.limits import MAX_NAMESPACES
from worker.parse.links import safe_base
from worker.parse.mending import from_base64, mended, unescaped, unquoted, unwrapped
from worker.parse.told import Reading, Told
from worker.parse.vocabulary import (
    ATOM,
    MATHML,
    NAMESPACES,
    SHORT_TYPES,
    SVG,
    USERLAND,
    XHTML,
)

Attrs = dict[str, str]
# An open element that takes text: its name, whether its text is kept, and the text's pieces (None
# where nobody asks for them).
Frame = tuple[str, bool, list[str] | None]

_DIVS = frozenset({"div", "xhtml:div"})


class UnsureError(Exception):
    """The document does what only feedparser itself can answer for."""


class SkippedError(Exception):
    """An element's end that finds nothing to end: feedparser takes it for an unknown one."""


@dataclass(frozen=True, slots=True)
class Element:
    """What an element's name means in the document at hand.

    `key` names it as feedparser does, `tag` is the name with its prefix. `takes` is what an element
    without a start of its own opens (one that nobody knows: where it has no attributes), and what
    an element without an end of its own closes. `leaf` is both at once, with the text between, for
    an element without others in it, and returns whether it could; of a `quiet` one nothing remains
    unless somebody is listening. `prose`: the text may be HTML. `clears` tells whether
    `intextinput` (1) and `inimage` (2) end where it begins, `reads` whether its attributes matter.
    """

    key: str
    tag: str
    start: "Callable[[Reader, Attrs], None] | None"
    end: "Callable[[Reader], None] | None"
    takes: Frame
    leaf: "Callable[[Reader, Attrs, str], bool] | None"
    known: bool
    quiet: bool
    prose: bool
    reads: bool
    clears: int


class Reader:
    """The state between two events."""

    __slots__ = (
        *("base", "base64", "bases", "depth", "depths", "elements", "entry", "feed", "form"),
        *("guid_is_link", "has_content", "image", "in_use", "inauthor", "incontent"),
        *("inentry", "infeed", "inimage", "inpublisher", "insource"),
        *("intextinput", "kept", "kind", "loose", "odd", "prefixes", "reading", "source", "stack"),
        *("summary_key", "svg", "textinput", "title_depth", "verbatim"),
    )

    def __init__(self, base: str, *, loose: bool, odd: bool) -> None:
        """`odd`: the document may have letters to be mended."""
        self.base = safe_base(base, base) or base
        self.bases: list[str] | None = None  # until one is set, there is only one
        self.loose, self.odd = loose, odd
        self.feed = Told()
        self.reading = Reading(self.feed, [])
        self.entry, self.source = self.feed, Told()
        self.image: Told | None = None
        self.textinput: Told | None = None
        self.form = ""
        self.prefixes: dict[str | None, str] = {}
        self.in_use: dict[str, str] = {}
        self.elements: dict[str, Element] = {}
        self.stack: list[Frame] = []
        self.depths: dict[str, int] = {}
        self.depth, self.title_depth = 0, -1
        self.incontent = self.svg = 0
        self.infeed = self.inentry = self.insource = self.inimage = self.intextinput = False
        self.inauthor = self.inpublisher = False
        self.has_content = self.guid_is_link = False
        self.summary_key: str | None = None
        self.kind: str | None = None
        self.base64 = self.kept = self.verbatim = False

    # ---- names

    def declare(self, prefix: str | None, uri: str) -> None:
        """A namespace comes into use; its prefix holds to the document's end."""
        lower = uri.lower()
        if not self.form:
            if prefix is None and lower == "http://my.netscape.com/rdf/simple/0.9/":
                self.form = "rss090"
            elif lower == "http://purl.org/rss/1.0/":
                self.form = "rss10"
            elif lower == ATOM:
                self.form = "atom10"
        if USERLAND[7:] in lower:
            uri = lower = USERLAND
        known = NAMESPACES.get(lower)
        used = (prefix or "") if known is None else known
        if self.in_use.get(used) == uri and (known is None or self.prefixes.get(prefix) == known):
            return
        if len(self.in_use) + len(self.prefixes) > 2 * MAX_NAMESPACES:
            return
        if known is not None:
            self.prefixes[prefix] = known
        self.in_use[used] = uri
        self.elements.clear()

    # ---- events

    def start(self, element: Element, attrs: Attrs) -> None:
        self.depth += 1
        if self.bases is not None:
            self._enter(self.bases, attrs)
        if self.incontent and self._starts_inline(element, attrs):
            return
        if (self.inimage or self.intextinput) and element.clears:
            self.intextinput = self.intextinput and not element.clears & 1
            self.inimage = self.inimage and not element.clears & 2
        if element.start is not None:
            element.start(self, attrs)
        elif element.known or not attrs:
            self.stack.append(element.takes)

    def end(self, element: Element) -> None:
        if self.svg and element.tag.rpartition(":")[2] == "svg":
            self.svg -= 1
        if element.end is None:
            self.pop(element.takes[0])
        elif self.svg:
            if self.stack and self.stack[-1][0] == element.key:
                raise UnsureError("a drawing without an end")
        else:
            try:
                element.end(self)
            except SkippedError:
                text = self.pop(element.key)
                if text is not None and element.key == "content":
                    self.keep("content", text)
        if self.incontent and self._ends_inline(element):
            return
        if self.bases:
            self.bases.pop()
            if self.bases and self.bases[-1]:
                self.base = self.bases[-1]
        self.depth -= 1

    def set_bases(self) -> None:
        """From the element about to start, look for bases; so far there was none but the first."""
        if self.bases is None:
            self.bases = [self.base] * self.depth

    def _enter(self, bases: list[str], attrs: Attrs) -> None:
        base = attrs.get("xml:base", attrs.get("base")) if attrs else None
        if base:
            self.base = safe_base(self.base, base) or self.base
        bases.append(self.base)

    def _starts_inline(self, element: Element, attrs: Attrs) -> bool:
        """Whether the element is markup within a text, rather than the feed's own."""
        if self.kind is not None and not self.kind.endswith("xml"):
            if element.tag in _DIVS:
                return True
            self.kind = XHTML  # it was said to be escaped, and is not
        if self.kind != XHTML:
            return False
        prefix, _, tag = element.tag.rpartition(":")
        if tag == "svg":
            self.svg += 1
        namespace = self.in_use.get(prefix) if prefix else None
        if (tag, namespace) in (("svg", SVG), ("math", MATHML)):
            attrs = attrs | {"xmlns": str(namespace)}
        told = "".join(f' {name}="{self._quoted(value)}"' for name, value in attrs.items())
        self.hear_markup(f"<{tag}{told}>")
        return True

    def _ends_inline(self, element: Element) -> bool:
        """Whether the end leaves the depth as it is, as feedparser has it for a `div`."""
        if self.kind is not None and not self.kind.endswith("xml"):
            if element.tag in _DIVS:
                return True
            self.kind = XHTML
        if self.kind == XHTML:
            self.hear_markup(f"</{element.tag.rpartition(':')[2]}>")
        return False

    def _quoted(self, value: str) -> str:
        return value.replace('"', "&quot;") if self.loose else escape(value)

    def leaf(self, element: Element, attrs: Attrs, text: str) -> bool:
        """An element without others in it, from its start to its end; False: take it in turns."""
        if self.incontent or self.inimage or self.intextinput or self.svg:
            return False
        if element.quiet:
            return not self.stack or self.stack[-1][2] is None
        if element.leaf is None:
            return False
        self.depth += 1
        could = element.leaf(self, attrs, text)
        self.depth -= 1
        return could

    # ---- text

    def hear(self, text: str) -> None:
        """Text of the document, which belongs to the innermost open element."""
        self.hear_markup(escape(text, quote=False) if self.kind == XHTML else text)

    def hear_markup(self, text: str) -> None:
        """Text as it is to be kept."""
        if self.stack:
            pieces = self.stack[-1][2]
            if pieces is not None:
                pieces.append(text)

    def push(self, name: str, kept: bool) -> None:
        self.stack.append((name, kept, []))

    def push_content(self, name: str, attrs: Attrs, kind: str, kept: bool) -> None:
        """Open an element whose text may be HTML, escaped or as it is, or base64."""
        self.take_content(attrs, kind)
        self.push(name, kept)

    def take_content(self, attrs: Attrs, kind: str) -> None:
        self.incontent += 1
        self.base64 = False
        if attrs:
            kind = attrs.get("type", kind).lower()
            kind = SHORT_TYPES.get(kind, kind)
            plain = kind.startswith("text/") or kind.endswith(("+xml", "/xml"))
            self.base64 = attrs.get("mode") == "base64" or not plain
        self.kind = kind

    def pop(self, name: str) -> str | None:
        """The text of the innermost open element, if its name is `name`.

        Afterwards `kept` tells whether the text is to be kept.
        """
        stack = self.stack
        if not stack or stack[-1][0] != name:
            self.kept = False
            return None
        _, kept, pieces = stack.pop()
        self.kept = kept
        if pieces is None:
            if kept:
                self.base64 = False
            return ""
        if len(pieces) == 1:
            text = pieces[0].strip()
        else:
            if pieces and self.kind == XHTML and self.form == "atom10":
                pieces = unwrapped(pieces)
            text = "".join(pieces).strip()
        if kept and (self.loose or self.base64 or (self.odd and not text.isascii())):
            return self._repaired(text)
        return text

    def _repaired(self, text: str) -> str:
        if self.base64:
            text = from_base64(text)
            self.reading.clean = False
        elif self.loose and "&" in text:
            text = unescaped(text, all_of_it=not (self.kind or "xml").endswith("xml"))
        self.base64 = False
        return text if text.isascii() else mended(text)

    def cleaned(self, text: str, kind: str = "xml") -> str:
        """The text of an element of that `kind` that is neither inline markup nor in base64."""
        text = text.strip()
        if self.loose and "&" in text:
            if not self.verbatim:
                text = unescaped(text, all_of_it=not kind.endswith("xml"))
            elif not kind.endswith("xml"):
                text = unquoted(text)
        return mended(text) if self.odd and not text.isascii() else text

    def close_content(self) -> None:
        self.incontent -= 1
        self.kind, self.base64 = None, False

    # ---- what is kept

    def context(self) -> Told:
        """The part of the document that an element tells something of."""
        if self.insource:
            return self.source
        if self.inimage and self.image is not None:
            return self.image
        if self.intextinput:
            # within an entry feedparser looks for the feed's own, and gives up if it has none
            self.textinput = self.textinput or Told()
            return self.textinput
        return self.entry if self.inentry else self.feed

    def keep(self, name: str, text: str) -> None:
        """Have the part that is told of know its `name`; what stands further out counts."""
        if self.inentry and not self.insource:
            if name == "content":
                if self.entry.contents is None:
                    self.entry.contents = []
                self.entry.contents.append(text)
                return
            before = self.depths.get(name)
            if before is None or self.depth <= before:
                self.depths[name] = self.depth
                setattr(self.entry, name, text)
        elif name != "content" and (self.infeed or self.insource):
            setattr(self.context(), name, text)
