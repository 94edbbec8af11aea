"""Bytes to entries: a feed document becomes bounded, cleaned, frozen records.

RSS, Atom, RDF and CDF, well-formed or broken, JSON Feed and news sitemaps are read here, by rules
that are feedparser's (`docs/parsing.md` tells the few differences) at many times its speed. The
rare document of which only feedparser itself can tell what it means is left to it.
"""

import re
from collections.abc import Sequence

from worker.errors import Reason
from worker.parse import jsonfeed, sitemap, tagsoup, wellformed
from worker.parse.decode import EXPANDS, Decoded, Source, as_text, decoded
from worker.parse.entries import bounded, older
from worker.parse.hints import hints
from worker.parse.limits import MAX_GUID, MAX_HTML, MAX_TITLE
from worker.parse.markup import told_title
from worker.parse.reader import UnsureError
from worker.parse.told import Reading, RefusedError, Told
from worker.records import Failed, ParsedFeed
from worker.text import clean_line

_BLANKS_AND_MARK = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*")
_FIRST_ELEMENT = re.compile(rb"<([a-zA-Z][a-zA-Z0-9:]*)")
_PART_OF_A_FEED = re.compile(rb"<(?:[\w\-]+:)?(?i:rss|feed|rdf|channel|item|entry)\b")
# Bytes that no text has, unless each letter has two bytes or more, as those of `<` show.
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_WIDE_OPENING = re.compile(rb"\xff\xfe|\xfe\xff|\x00|.\x00|\x4c\x6f\xa7\x94", re.S)
_MAX_DETAIL = 300


def parse_feed(
    body: bytes, *, url: str, content_type: str = "", encoding: str | None = None
) -> ParsedFeed | Failed:
    """Read a feed document, every entry of it, however broken it is, in this process.

    `url` resolves relative links; `content_type` is the HTTP header, for its charset, and
    `encoding` what an operator knows better. Entries come in the document's order, each with a guid
    that is unique in the document.
    """
    found = read(body, url=url, content_type=content_type, encoding=encoding)
    return found if isinstance(found, Failed) else bounded(found, url)


def parse_fast(
    body: bytes, *, url: str, content_type: str = "", encoding: str | None = None
) -> ParsedFeed | Failed | None:
    """As `parse_feed`, in time linear in the body; None: only `parse_tolerant` can tell."""
    found = _read_fast(body, url, content_type, encoding)
    return bounded(found, url) if isinstance(found, Reading) else found


def parse_tolerant(
    body: bytes, *, url: str, content_type: str = "", encoding: str | None = None
) -> ParsedFeed | Failed:
    """As `parse_feed`, by feedparser alone, which may take for ever: run it where that can end."""
    found = _read_tolerantly(body, url, content_type, encoding)
    return bounded(found, url) if isinstance(found, Reading) else found


def read(
    body: bytes, *, url: str, content_type: str = "", encoding: str | None = None
) -> Reading | Failed:
    """What a document tells, to the letter: nothing is bounded, cleaned or made absolute."""
    found = _read_fast(body, url, content_type, encoding)
    return _read_tolerantly(body, url, content_type, encoding) if found is None else found


def _read_fast(
    body: bytes, url: str, content_type: str, encoding: str | None
) -> Reading | Failed | None:
    if not body or body.isspace():
        return Failed(Reason.EMPTY_BODY, "The site sent a feed of no bytes.")
    try:
        return _read_by_form(body, url, content_type, encoding)
    except UnsureError:
        return None
    except RefusedError as error:
        return Failed(error.reason, clean_line(str(error), _MAX_DETAIL))


def _read_by_form(body: bytes, url: str, content_type: str, encoding: str | None) -> Reading:
    start = _BLANKS_AND_MARK.match(body)
    if start and body[start.end() : start.end() + 1] == b"{":
        try:
            return jsonfeed.read(as_text(body, encoding), url)
        except RefusedError:
            # a bracket that some template left before a feed is no JSON
            if jsonfeed.MARK.encode() in body or not _PART_OF_A_FEED.search(body):
                raise
    if (_is_html(body) or _is_binary(body)) and not _PART_OF_A_FEED.search(body):
        raise _refusal(body, ())
    has_elements = _FIRST_ELEMENT.search(body) is not None
    for text in decoded(body, content_type, encoding):
        if has_elements and text.checked and not _FIRST_ELEMENT.search(text.data):
            continue  # in this encoding it is no markup any more
        reading = _read_xml(text, url)
        if reading is not None:
            return _accepted(reading, body)
    raise _refusal(body, ())


def _read_xml(text: Decoded, url: str) -> Reading | None:
    """Read a document as XML, or as what was meant to be it; None if its encoding is another."""
    document = Source(text.data)
    if document.expands_too_far:
        raise RefusedError(Reason.ENTITY_EXPANSION, EXPANDS)
    if sitemap.is_sitemap(document.data) and text.is_valid:
        return sitemap.read(document.data)
    try:
        reading = wellformed.read(document.data, url)
    except wellformed.MalformedError as error:
        if not text.is_valid:
            return None
        reading = tagsoup.read(document.data, url, document.entities)
        reading.notes.append(f"no well-formed XML: {error}")
    if document.netscape:
        reading.form = "rss091n"
    return reading


def _read_tolerantly(
    body: bytes, url: str, content_type: str, encoding: str | None
) -> Reading | Failed:
    from worker.parse import tolerant  # it takes feedparser along, which few processes need

    if encoding:
        content_type = f"application/xml; charset={encoding}"
    try:
        return _accepted(tolerant.read(body, url, content_type), body)
    except RefusedError as error:
        return Failed(error.reason, clean_line(str(error), _MAX_DETAIL))
    except Exception as error:  # feedparser lets errors of its parsers through on hostile input
        told = clean_line(f"{type(error).__name__}: {error}", _MAX_DETAIL)
        return Failed(Reason.MALFORMED_FEED, told)


def _accepted(reading: Reading, body: bytes) -> Reading:
    """A reading that is one of a feed; a page that happens to have an entry or two is none."""
    if reading.form and reading.entries:
        return reading
    if not (reading.form or reading.entries) or _is_html(body):
        raise _refusal(body, reading.notes)
    return reading


def _refusal(body: bytes, notes: Sequence[str]) -> RefusedError:
    if _is_html(body):
        return RefusedError(Reason.NOT_A_FEED, "The site sent an HTML page in place of a feed.")
    told = "; ".join(["No element of a feed in it", *notes])
    return RefusedError(Reason.MALFORMED_FEED, f"{told}.")


def _is_binary(body: bytes) -> bool:
    """Whether a document begins as no text does, in any encoding that has one byte a letter."""
    return _CONTROLS.search(body[:_MAX_DETAIL]) is not None and not _WIDE_OPENING.match(body)


def _is_html(body: bytes) -> bool:
    first = _FIRST_ELEMENT.search(body)
    if first is None:
        return False
    return first.group(1).lower() == b"html" or b"<!doctype html" in body[: first.start()].lower()


__all__ = [
    "MAX_GUID",
    "MAX_HTML",
    "MAX_TITLE",
    "Reading",
    "Told",
    "hints",
    "older",
    "parse_fast",
    "parse_feed",
    "parse_tolerant",
    "read",
    "told_title",
]
