"""What a page says of its article in JSON-LD (schema.org): the nodes of the article itself.

A page has many nodes: its site, its breadcrumbs, comments, other articles in lists. Only what
stands at the top, in a graph, or as the main entity is the page's own.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from lxml.html import HtmlElement

Node = dict[str, Any]

_MAX_SCRIPTS, _MAX_CHARS, _MAX_NODES, _MAX_DEPTH = 40, 2_000_000, 2_000, 6
_INSIDE = ("@graph", "mainEntity", "mainEntityOfPage", "itemReviewed")
_ARTICLES = re.compile(r"(Article|Posting|^Report|^Review)$")
# Comments and CDATA marks, which old templates put around a script's text.
_WRAPPED = re.compile(
    r"^\s*(?:<!--|/\*|//)?\s*(?:<!\[CDATA\[)?\s*(?:\*/)?"
    r"|(?:/\*|//)?\s*(?:\]\]>|-->|;)\s*(?:\*/)?;?\s*$"
)
_LOOSE_COMMA = re.compile(r",(?=\s*[}\]])")
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Linked:
    """The article's nodes, nearest first, and every node that has an `@id` to be referred to by."""

    articles: tuple[Node, ...] = ()
    by_id: dict[str, Node] = field(default_factory=dict)

    def first(self, *names: str) -> Any:
        """The first value that is no emptiness, of `names` in their order, over the nodes."""
        for name in names:
            for node in self.articles:
                if node.get(name):
                    return node[name]
        return None

    def text(self, *names: str) -> str:
        """Like `first`, where it is a text: without entities and tags."""
        for name in names:
            for node in self.articles:
                value = node.get(name)
                value = value[0] if isinstance(value, list) and value else value
                if isinstance(value, str) and value.strip():
                    return plain(value)
        return ""

    def resolved(self, value: Any) -> Node:
        """The node that `value` is or refers to by `@id`."""
        if isinstance(value, str):
            return self.by_id.get(value, {})
        if not isinstance(value, dict):
            return {}
        name = value.get("@id")
        known = self.by_id.get(name, {}) if isinstance(name, str) else {}
        return known | {key: part for key, part in value.items() if part}


def plain(text: str) -> str:
    """A JSON-LD text without the HTML that some sites leave in it, on one line."""
    if "&" in text:
        text = unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    return " ".join(text.split())


def read_linked(tree: HtmlElement) -> Linked:
    """The page's article nodes; scripts that are no JSON are passed over."""
    articles: list[Node] = []
    by_id: dict[str, Node] = {}
    chars = 0
    for number, script in enumerate(tree.iterfind(".//script[@type]")):
        if number >= 10 * _MAX_SCRIPTS or "ld+json" not in script.get("type", "").lower():
            continue
        source = script.text or ""
        chars += len(source)
        if chars > _MAX_CHARS:
            break
        for node in _nodes(_loaded(source)):
            name = node.get("@id")
            if isinstance(name, str) and len(node) > len(by_id.get(name, {})):
                by_id[name] = node
            if _is_article(node):
                articles.append(node)
    # A node with a headline is the article; one without is only mentioned.
    articles.sort(key=lambda node: not (node.get("headline") or node.get("datePublished")))
    return Linked(tuple(articles), by_id)


def _loaded(source: str) -> Any:
    for text in (source, _LOOSE_COMMA.sub("", _WRAPPED.sub("", source))):
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _nodes(loaded: Any) -> Iterator[Node]:
    waiting, seen = [(loaded, 0)], 0
    while waiting and seen < _MAX_NODES:
        value, depth = waiting.pop(0)
        seen += 1
        if isinstance(value, dict):
            yield value
            inside = [value[name] for name in _INSIDE if name in value]
        else:
            inside = value if isinstance(value, list) else []
        if depth < _MAX_DEPTH:
            waiting.extend((part, depth + 1) for part in inside[:_MAX_NODES])


def _is_article(node: Node) -> bool:
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and _ARTICLES.search(kind) for kind in kinds)
