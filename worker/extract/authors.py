"""Who wrote an article: names as the page gives them, one each, without the words around them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from lxml.html import HtmlElement

from worker.extract.blocks import Block
from worker.extract.head import Head
from worker.extract.jsonld import Linked, plain
from worker.extract.vocabulary import BYLINE_WORDS, NAME_PARTICLES, words_of
from worker.text import clean_line, fold

MAX_AUTHORS, MAX_AUTHOR = 20, 200
_METAS = (
    "author", "byl", "parsely-author", "dc.creator", "dcterms.creator", "sailthru.author",
    "cxenseparse:author", "article:author_name", "citation_author",
)  # fmt: skip
_BY = re.compile(r"(written |words |story |posted )?by\s*:?\s+|(author|text)\s*:\s+", re.I)
# In other languages "by" may begin a name (Di Maria, Von Trapp): cut off where a byline stands.
_BYLINE_BY = re.compile(
    rf"{_BY.pattern}|(af|autor(in)?|av|di|door|från|oleh|od|par|por|tekst|von|автор)\s*:?\s+", re.I
)
_AND = re.compile(r"\s*;\s*|\s+(?:and|und|og|och|oraz|&)\s+|\s*\|\s*", re.I)
_ROLE = re.compile(r"\s*(?:/|\(|\s-\s|\s–\s|@|\bfor\s+\S+\.\w{2,}$).*$", re.I | re.S)
_ADDRESS = re.compile(r"https?:|www\.|\S@\S")
_NO_NAME = re.compile(r"\d{3,}|[{}<>\[\]=@]")
_MAX_BYLINE, _MAX_SIGNED = 80, 40
# Written as a name is: no digits, no sentence, a capital where the script has any.
_NAME = re.compile(r"(?!.*[\d!?…:»«“”\"])(?:[^\W\d_a-zà-öø-ÿ]|(?:d|l|o)['’]).{1,50}", re.S)


def find_authors(tree: HtmlElement, head: Head, near: Sequence[Block], url: str) -> tuple[str, ...]:
    """Names in the page's order: persons of its JSON-LD, else of its meta tags, else its byline.

    `near` are the blocks around the article's text, where bylines stand. The site's own name, or an
    organisation's, stands for its people only where the page names none of them.
    """
    sites = head.site_names(url)
    persons, everyone = _linked(head.linked)
    metas = list(head.all_metas(*_METAS))
    for said in (persons, metas, _byline(near), _signed(tree)):
        names = tuple(name for name in _distinct(said) if fold(name) not in sites)
        if names:
            return names
    return next((names for said in (everyone, metas) if (names := _distinct(said))), ())


def _linked(linked: Linked) -> tuple[list[str], list[str]]:
    """The article's authors in JSON-LD: where a person is among them, and wherever."""
    persons: list[str] = []
    everyone: list[str] = []
    said = linked.first("author") or linked.first("creator")
    for one in said[: 2 * MAX_AUTHORS] if isinstance(said, list) else [said]:
        node = linked.resolved(one)
        name = one if isinstance(one, str) and not node else _name(node)
        kind = str(node.get("@type", "Person"))
        everyone.append(name)
        if "Organization" not in kind and "WebSite" not in kind:
            persons.append(name)
    return everyone if persons else [], everyone


def _name(node: dict[str, Any]) -> str:
    name: Any = node.get("name") or node.get("byline")
    if isinstance(name, list):
        name = "; ".join(part for part in name if isinstance(part, str))
    if isinstance(name, dict):
        name = name.get("name")
    if isinstance(name, str) and name.strip():
        return name
    parts = (node.get(part) for part in ("givenName", "additionalName", "familyName"))
    return " ".join(part for part in parts if isinstance(part, str))


def _byline(near: Sequence[Block]) -> Iterator[str]:
    """Names of the first block that is marked as a byline, or reads like one."""
    for block in near:
        if len(block.text) > _MAX_BYLINE:
            continue
        boxes = islice(block.box.around(), 3)
        by = _BYLINE_BY.match(block.text)
        if by or any(BYLINE_WORDS & words_of(box.marks) for box in boxes):
            text = block.text[by.end() :] if by else block.text
            names = [name for name in _split(text) if _is_name(name)]
            if names:
                yield from names
                return


def _signed(tree: HtmlElement) -> Iterator[str]:
    """The name of the first link to an author's page (HTML Standard, link type `author`)."""
    for link in tree.iterfind(".//a[@rel]"):
        text = " ".join("".join(link.itertext()).split())
        if "author" in link.get("rel", "").lower().split() and 2 <= len(text) <= _MAX_SIGNED:
            yield text
            return


def _is_name(text: str) -> bool:
    words = text.split()
    # where names are not divided by blanks, one word is a whole one
    enough = 1 < len(words) <= 5 or (len(words) == 1 and not text.isascii())
    if not enough or not _NAME.fullmatch(text):
        return False
    return all(word.lower() in NAME_PARTICLES or not word[0].islower() for word in words)


def _distinct(said: Iterable[str]) -> tuple[str, ...]:
    names: dict[str, str] = {}
    texts = (plain(text[:1_000]) for text in said if isinstance(text, str))
    for name in chain.from_iterable(map(_split, texts)):
        if folded := fold(name):
            names.setdefault(folded, name)
        if len(names) == MAX_AUTHORS:
            break
    return tuple(names.values())


def _split(text: str) -> Iterator[str]:
    bare = text.strip()
    by = _BY.match(bare)
    for part in _AND.split(bare[by.end() :] if by else bare):
        pieces = [piece.strip() for piece in part.split(",")]
        # "AFP, Manila" is one, "Ana Bo, Carl Di" are two
        several = len(pieces) > 1 and all(len(piece.split()) > 1 for piece in pieces if piece)
        for name in pieces if several else [part]:
            if _ADDRESS.search(name):
                continue
            one = clean_line(_ROLE.sub("", name), MAX_AUTHOR).strip(" ,.;:|-–—•·")
            if 2 <= len(one) <= 80 and not _NO_NAME.search(one):
                yield one
