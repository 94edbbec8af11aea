"""What a page says of itself outside its text: meta tags, links, titles, JSON-LD, all read once."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from worker.extract.jsonld import Linked, read_linked
from worker.text import fold
from worker.urls import host_of

_NAMED_BY = ("property", "name", "itemprop", "http-equiv")
_MAX_METAS, _MAX_META, _MAX_TITLES, _MAX_TITLE = 500, 5_000, 20, 1_000


@dataclass(frozen=True, slots=True)
class Head:
    """`metas` by lower-case name, property or itemprop, each with its values in order."""

    linked: Linked = field(default_factory=Linked)
    metas: dict[str, list[str]] = field(default_factory=dict)
    language: str = ""
    canonical: str = ""
    base: str = ""
    title: str = ""
    headings: tuple[str, ...] = ()

    def meta(self, *names: str) -> str:
        """The first value of the first of `names` that the page has."""
        return next((value for name in names for value in self.metas.get(name, ())), "")

    def all_metas(self, *names: str) -> Iterator[str]:
        for name in names:
            yield from self.metas.get(name, ())

    def site_names(self, url: str) -> set[str]:
        """What the site is called, folded: by itself, by its JSON-LD, and by its host."""
        publisher = self.linked.resolved(self.linked.first("publisher")).get("name")
        said = [publisher, *self.all_metas("og:site_name", "application-name", "twitter:site")]
        names = {fold(name) for name in said if isinstance(name, str)}
        host = host_of(url).removeprefix("www.")
        return names | {fold(host), host.partition(".")[0]} - {""}


def read_head(tree: HtmlElement) -> Head:
    """The page's own words about itself; a page has no more than a few hundred of them."""
    language = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
    base = tree.find(".//base[@href]")
    title = tree.find(".//head/title")
    title = tree.find(".//title") if title is None else title
    return Head(
        linked=read_linked(tree),
        metas=_metas(tree),
        language=language or tree.get("xml:lang") or "",
        canonical=_link(tree, "canonical"),
        base="" if base is None else base.get("href", ""),
        title="" if title is None else _text(title),
        headings=tuple(_headings(tree)),
    )


def _metas(tree: HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for number, meta in enumerate(tree.iter("meta")):
        if number >= _MAX_METAS:
            break
        value = " ".join(meta.get("content", "")[:_MAX_META].split())
        if value:
            names = {meta.get(kind, "").strip().lower() for kind in _NAMED_BY}
            for name in names - {""}:
                found.setdefault(name, []).append(value)
    return found


def _link(tree: HtmlElement, relation: str) -> str:
    for link in tree.iterfind(".//link[@rel]"):
        if relation in link.get("rel", "").lower().split():
            return str(link.get("href", "")).strip()
    return ""


def _headings(tree: HtmlElement) -> Iterator[str]:
    for number, heading in enumerate(tree.iter("h1")):
        if number >= _MAX_TITLES:
            return
        text = _text(heading)
        if text:
            yield text


def _text(element: HtmlElement) -> str:
    return " ".join("".join(element.itertext()).split())[:_MAX_TITLE]
