"""A page's body as blocks: runs of text as a reader sees them, each with the boxes it stands in.

One walk over the tree, in its order, keeps all that the rules of `article` ask for; the rules then
work on these small records and never on the tree again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from worker.extract.vocabulary import CELL_TAGS, INLINE_TAGS, SKIPPED_TAGS, UNSEEN

# An article has some hundred blocks, a live blog of a whole day some thousand, none of them long:
# what comes after these would cost more time than it is worth.
MAX_BLOCKS, MAX_BLOCK = 8_000, 100_000


@dataclass(slots=True, eq=False)
class Box:
    """An element that holds blocks; `weight` and `count` are sums over all blocks inside it."""

    tag: str
    marks: str  # its class and id, as they are written
    parent: "Box | None"
    hidden: bool = False
    weight: float = 0.0
    count: int = 0

    def around(self) -> Iterator["Box"]:
        """This box, the one that holds it, and so on to the body."""
        box: Box | None = self
        while box is not None:
            yield box
            box = box.parent


@dataclass(slots=True, eq=False)
class Block:
    """One run of text; `box` is the element that it belongs to, `links` counts linked characters.

    `weight` is what it counts as evidence of an article, `trusted` whether the library or the page
    itself counts it to the article.
    """

    text: str
    box: Box
    links: int
    weight: float = 0.0
    trusted: bool = False
    key: str = ""

    @property
    def tag(self) -> str:
        return self.box.tag

    @property
    def link_share(self) -> float:
        return self.links / len(self.text)


@dataclass(slots=True)
class _Run:
    """The run of text that is being gathered, and how deep in links the walk is."""

    parts: list[str] = field(default_factory=list)
    links: int = 0
    in_link: int = 0

    def add(self, text: str | None) -> None:
        if text:
            self.parts.append(text)
            if self.in_link:
                self.links += len(text.strip())


def read_blocks(tree: HtmlElement) -> list[Block]:
    """The blocks of a page in its order, at most MAX_BLOCKS; their white space is single blanks."""
    body = tree.find(".//body")
    top = tree if body is None else body
    blocks: list[Block] = []
    boxes = [Box("body", "", None)]
    run = _Run()
    walk = iterwalk(top, events=("start", "end"))
    for event, element in walk:
        if len(blocks) >= MAX_BLOCKS:
            break
        tag = element.tag
        if event == "start":
            if tag in SKIPPED_TAGS or not isinstance(tag, str) or _is_unseen(element, tag):
                walk.skip_subtree()
            else:
                _enter(element, tag, boxes, run, blocks)
        else:
            if tag not in SKIPPED_TAGS and isinstance(tag, str):
                _leave(tag, boxes, run, blocks)
            if element is not top:
                run.add(element.tail)
    _flush(boxes[-1], run, blocks)
    return blocks


def _enter(
    element: HtmlElement, tag: str, boxes: list[Box], run: _Run, blocks: list[Block]
) -> None:
    if tag == "a":
        run.in_link += 1
    if tag not in INLINE_TAGS:
        _flush(boxes[-1], run, blocks)
        if tag != "br":
            boxes.append(_box(element, tag, boxes[-1]))
    elif tag in CELL_TAGS:
        run.parts.append(" ")
    run.add(element.text)


def _leave(tag: str, boxes: list[Box], run: _Run, blocks: list[Block]) -> None:
    if tag == "a":
        run.in_link -= 1
    if tag not in INLINE_TAGS and tag != "br":
        _flush(boxes[-1], run, blocks)
        boxes.pop()


def _is_unseen(element: HtmlElement, tag: str) -> bool:
    return tag == "span" and bool(UNSEEN.search(element.get("class", "")))


def _box(element: HtmlElement, tag: str, parent: Box) -> Box:
    marks, hidden = "", False
    for name, value in element.items():
        if name in ("class", "id"):
            marks = f"{marks} {value}"[:400]
        elif name == "hidden":
            hidden = value.lower() != "until-found"
        elif name == "aria-hidden":
            hidden = hidden or value == "true"
        elif name == "style" and "none" in value:
            hidden = hidden or "display:none" in value.replace(" ", "").lower()
    return Box(tag, marks, parent, hidden)


def _flush(box: Box, run: _Run, blocks: list[Block]) -> None:
    if run.parts:
        text = " ".join("".join(run.parts).split())
        if text:
            text = text[:MAX_BLOCK]
            blocks.append(Block(text, box, min(run.links, len(text))))
        run.parts.clear()
    run.links = 0
