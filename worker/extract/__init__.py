"""A page becomes a document: its article's text, and what the page says of it.

The page is decoded and parsed once (`decoding`, `markup`); what it says of itself is read from its
head (`head`, `jsonld`), its text from its blocks (`blocks`, `article`), where the library
trafilatura has a say; `lines` takes out what belongs to the site.
"""

from collections.abc import Collection
from typing import Any

from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura import meta as library_meta

from worker.errors import Reason
from worker.extract import article, labels, lines, times
from worker.extract.authors import find_authors
from worker.extract.blocks import Block, read_blocks
from worker.extract.decoding import decode
from worker.extract.head import Head, read_head
from worker.extract.headline import MAX_TITLE, find_headline
from worker.extract.language import find_language
from worker.extract.lines import drop_furniture
from worker.extract.markup import MAX_MARKS, TooMuchMarkupError, parse
from worker.records import Document, Failed, Page
from worker.text import clean, strip_html

MAX_TEXT = 400_000
_HTML_TYPES = ("text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain")
# Past so many tags or characters of HTML the libraries take seconds: the rules go on alone.
_LIBRARY_MARKS, _LIBRARY_CHARS = 30_000, 3_000_000
# A text this short may be a teaser: where the page's data holds a longer one, that is the article.
_SHORT_TEXT = 300


def extract(
    body: bytes,
    *,
    url: str,
    content_type: str = "",
    charset: str | None = None,
    furniture: Collection[str] = (),
) -> Page | Failed:
    """Text, headline and metadata of an article page; never raises.

    `url` is where the page was found ("" if that is not known), `charset` what its HTTP header
    says, `furniture` the keys of lines that its site is known to repeat. A page with no text in it,
    and what is no page at all, come back as Failed.
    """
    if not body.strip():
        return Failed(Reason.EMPTY_BODY, "The site sent a page of no bytes.")
    kind = content_type.partition(";")[0].strip().lower()
    if (kind and kind not in _HTML_TYPES) or body.startswith(b"%PDF-"):
        return Failed(Reason.NOT_HTML, f"The site sent {kind or 'a PDF'} in place of a page.")
    try:
        return _page(decode(body, charset), url, furniture)
    except TooMuchMarkupError as error:
        return Failed(Reason.TOO_LARGE, str(error))
    except Exception as error:  # a library of parsers on hostile input: any of them may trip
        return Failed(Reason.EXTRACTION_FAILED, f"{type(error).__name__}: {error}"[:300])


def _page(html: str, url: str, furniture: Collection[str]) -> Page | Failed:
    tree = parse(html)
    if tree is None:
        return Failed(Reason.NO_TEXT, "There is no HTML in what the site sent.")
    head = read_head(tree)
    blocks = read_blocks(tree)
    ask_library = html.count("<") <= _LIBRARY_MARKS and len(html) <= _LIBRARY_CHARS
    library = _by_library(tree, url) if ask_library else ""
    chosen, text = _text(blocks, head, library)
    raw = clean(text, MAX_TEXT)
    if not raw:
        return Failed(Reason.NO_TEXT, "No article text was found in the page.")
    title = find_headline(head, url)
    names = find_authors(tree, head, article.around(blocks, chosen), url)
    text = drop_furniture(raw, title, furniture, names)
    document = Document(
        title=title,
        text=text,
        authors=names,
        language=find_language(text, head),
        image=labels.image(head, url),
        site_name=labels.site_name(head),
        modified=times.modified(head),
        section=labels.section(head),
        paywalled=labels.paywalled(head),
        canonical=labels.canonical(head, url),
        # last, for the library in it takes the tree apart
        published=times.published(tree, head, url, by_text=ask_library),
    )
    return Page(document, lines.keys(raw))


def _text(blocks: list[Block], head: Head, library: str) -> tuple[list[Block], str]:
    """The blocks that are the article, and its text: theirs, unless there is more elsewhere."""
    told = head.linked.text("articleBody")
    leads = (*head.all_metas("description", "og:description"), head.linked.text("description"))
    chosen = article.choose(blocks, trusted=(*library.split("\n"), told), leads=leads)
    text = "\n".join(block.text for block in chosen)
    if len(text) < _SHORT_TEXT:
        full = strip_html(str(head.linked.first("articleBody") or ""))
        text = full if len(full) > 2 * len(text) else max(text, library, key=len)
    return chosen, text


def _by_library(tree: HtmlElement, url: str) -> str:
    found: Any = bare_extraction(
        tree, url=url or None, fast=True, favor_recall=True, include_comments=False
    )
    return str(found.text or "") if found is not None else ""


def reset_caches() -> None:
    """Empties what the libraries remember between pages; each of their caches is bounded.

    What grows for ever is out of reach: libxml2 keeps each new name, id and class, some 50 bytes
    for one, until the process ends.
    """
    library_meta.reset_caches()


__all__ = [
    "MAX_MARKS",
    "MAX_TEXT",
    "MAX_TITLE",
    "drop_furniture",
    "extract",
    "reset_caches",
]
