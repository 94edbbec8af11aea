"""Text becomes a tree, within bounds: what is out of proportion is refused before it is read."""

import re

from lxml.html import HtmlElement
from trafilatura import load_html

# Pages of articles have some 2,000 marks; live blogs of a whole day have stayed under 10,000.
# Time and memory grow with them: 100,000 take about a second.
MAX_MARKS = 100_000
# libxml2 compares every attribute of a tag with all others: 20,000 take a second, a million hours.
MAX_ATTRIBUTES = 500
# A tag to its end, which no ">" in a quoted value is; possessive, so that it takes linear time.
_TAG = re.compile(r"""<[a-zA-Z](?:[^<>=]++|=\s*+(?:"[^"]*+"|'[^']*+')|=)*""")
_QUOTED = re.compile(r"""=\s*+("[^"]*"|'[^']*')""")
_NAME = re.compile(r"<[\w:-]*")


class TooMuchMarkupError(ValueError):
    """A page with more tags than any article has; the message is for an operator."""


def parse(html: str) -> HtmlElement | None:
    """The tree of a page; None where there is no HTML in it.

    Raises TooMuchMarkupError past MAX_MARKS. libxml2 itself reads no deeper than 256 levels, and
    no run of text past ten million bytes.
    """
    marks = html.count("<")
    if marks > MAX_MARKS:
        raise TooMuchMarkupError(f"The page has {marks:,} tags; an article has a few thousand.")
    tree: HtmlElement | None = load_html(_few_attributes(html))
    return tree


def _few_attributes(html: str) -> str:
    """`html` with no tag of more than MAX_ATTRIBUTES; those that have more lose them all."""
    kept, end = [], 0
    for tag in _TAG.finditer(html):
        # an attribute takes two characters at least, and a blank
        if tag.end() - tag.start() > 2 * MAX_ATTRIBUTES and _has_too_many(tag.group()):
            name = _NAME.match(tag.group())
            kept += [html[end : tag.start()], name.group() if name else ""]
            end = tag.end()
    return "".join([*kept, html[end:]]) if kept else html


def _has_too_many(tag: str) -> bool:
    return len(_QUOTED.sub(" ", tag).split(None, MAX_ATTRIBUTES + 1)) > MAX_ATTRIBUTES
