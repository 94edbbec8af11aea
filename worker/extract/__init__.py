"""A page becomes a document: trafilatura finds the text, rules of our own drop what it lets in.

Settings measured on 125 news pages: `favor_recall` with comments off gives the best text.
"""

import re
from datetime import UTC, datetime
from typing import Any

from trafilatura import bare_extraction
from trafilatura.utils import load_html

from worker.errors import Reason
from worker.records import Document, Failed, Page
from worker.text import clean, clean_line, fold

MAX_TEXT, MAX_TITLE, MAX_AUTHOR = 400_000, 1_000, 200
_HTML_TYPES = ("text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain")
# Lines that only ever stand around an article, as they read after folding.
_FURNITURE = re.compile(
    r"(add|post|leave|write) (a |your )?(new )?(comment|reply)s?"
    r"|(read|see) our comment policy.*"
    r"|(\d+ )?comments?( \d+)?|no comments( yet)?"
    r"|(share|tweet|print|email|e mail)( this( (article|story|page))?)?( on \w+)?"
    r"|(sign up|subscribe)( (to|for) our newsletters?)?"
    r"|advertisements?|read more|related( stories| articles)?"
    r"|follow us( on \w+)?|all rights reserved|\d+"
)
_DOMAIN = re.compile(r"(www\.)?[\w-]{2,}(\.[\w-]{2,}){1,3}/?", re.I)
_DESK = re.compile(r"([\w&]+ ){0,3}desk")
# Furniture stands before the first and after the last real paragraph.
_PARAGRAPH_WORDS, _PARAGRAPH_CHARS = 12, 80


def extract(
    body: bytes, *, url: str, content_type: str, charset: str | None, furniture: object = ()
) -> Page | Failed:
    """Text, headline and metadata of an article page.

    `url` is where the page was found, `charset` what its HTTP header says. A page with no text in
    it, and what is no page at all, come back as Failed.
    """
    if not body.strip():
        return Failed(Reason.EMPTY_BODY, "The site sent a page of no bytes.")
    kind = content_type.partition(";")[0].strip().lower()
    if (kind and kind not in _HTML_TYPES) or body.startswith(b"%PDF-"):
        return Failed(Reason.NOT_HTML, f"The site sent {kind or 'a PDF'} in place of a page.")
    try:
        found = _document(body, url, charset)
        return Page(found) if isinstance(found, Document) else found
    except Exception as error:  # a library of parsers on hostile input: any of them may trip
        return Failed(Reason.EXTRACTION_FAILED, f"{type(error).__name__}: {error}"[:300])


def _document(body: bytes, url: str, charset: str | None) -> Document | Failed:
    tree = load_html(_decoded(body, charset))
    found: Any = (
        None
        if tree is None
        else bare_extraction(
            tree, url=url, favor_recall=True, include_comments=False, with_metadata=True
        )
    )
    text = clean(str(found.text or ""), MAX_TEXT) if found is not None else ""
    if found is None or not text:
        return Failed(Reason.NO_TEXT, "No article text was found in the page.")
    title = clean_line(str(found.title or ""), MAX_TITLE)
    return Document(
        title=title,
        text=drop_furniture(text, title),
        authors=_authors(str(found.author or "")),
        published=_day(found.date),
        language=_language(None if tree is None else tree.get("lang")),
        image=str(found.image)[:2_000] if found.image else None,
        site_name=clean_line(str(found.sitename), MAX_AUTHOR) if found.sitename else None,
    )


def _decoded(body: bytes, charset: str | None) -> bytes | str:
    """The page as text where its HTTP header names a charset that fits, else left to the parser."""
    if not charset:
        return body
    try:
        return body.decode(charset)
    except (LookupError, UnicodeDecodeError, ValueError):
        return body


def _authors(joined: str) -> tuple[str, ...]:
    names = (clean_line(name, MAX_AUTHOR) for name in joined.split(";")[:20])
    return tuple(name for name in names if name)


def _language(tag: str | None) -> str | None:
    """The primary subtag of an HTML `lang` attribute (BCP 47): en of en-GB."""
    primary = (tag or "").replace("_", "-").partition("-")[0].strip().lower()
    return primary if 2 <= len(primary) <= 3 and primary.isalpha() else None


def _day(date: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(date).replace(tzinfo=UTC) if date else None
    except ValueError:
        return None


def drop_furniture(text: str, title: str) -> str:
    """`text` without repeated headlines and the site's own lines before and after the article.

    Only lines outside the body are judged: before its first and after its last full paragraph.
    """
    lines = [line.strip() for line in text.split("\n")]
    headline = fold(title)
    full = [i for i, line in enumerate(lines) if _is_paragraph(line)]
    first, last = (full[0], full[-1]) if full else (len(lines), len(lines))
    kept = [
        line
        for i, line in enumerate(lines)
        if line
        and not _repeats(line, title, headline)
        and not (full and i < first and _is_label(line))
        and not ((i < first or i > last) and _is_furniture(line))
    ]
    return "\n".join(kept)


def _repeats(line: str, title: str, headline: str) -> bool:
    # Folding changes a text's length by little: most lines need no folding to be told apart.
    return len(line) <= 2 * len(title) + 10 and fold(line) == headline


def _is_paragraph(line: str) -> bool:
    return len(line) >= _PARAGRAPH_CHARS or len(line.split()) >= _PARAGRAPH_WORDS


def _is_label(line: str) -> bool:
    """A section's name, as sites put it over the first paragraph."""
    short = len(line) <= (24 if line.isascii() else 12) and len(line.split()) <= 2
    return short and line[-1] not in ".!?…。؟"


def _is_furniture(line: str) -> bool:
    bare = line.strip("-–|*# \t")
    folded = fold(bare)
    return not folded or bool(
        _FURNITURE.fullmatch(folded) or _DOMAIN.fullmatch(bare) or _DESK.fullmatch(folded)
    )
