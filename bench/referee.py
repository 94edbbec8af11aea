"""feedparser as the referee: what it says of a document, and where we say something else."""

import calendar
import io
import warnings
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any, NamedTuple

import feedparser

from worker.parse import Reading, Told, read, told_title
from worker.text import sanitised


class Facts(NamedTuple):
    """What a reader relies on in an entry: `published` in seconds, HTML as its words alone."""

    id: str
    link: str
    title: str
    authors: tuple[str, ...]
    published: int | None
    summary: str
    content: str


class Differences(NamedTuple):
    """Where a document's `entries` differ: `core` names fields, `html` says that words of HTML do.

    `dated` counts the entries of which only we find a date, which is no difference.
    """

    core: tuple[str, ...]
    html: bool
    entries: int = 0
    dated: int = 0


def asked(body: bytes, url: str = "", **options: bool) -> Any:
    """feedparser's own result, `url` given as the address that the document came from."""
    headers = {"content-location": url, "content-type": "application/xml"} if url else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return feedparser.parse(io.BytesIO(body), response_headers=headers, **options)


def differences(body: bytes, url: str = "", *, html: bool = True) -> Differences | None:
    """Compare our reading of `body` with feedparser's; None where feedparser finds no entry.

    `html` compares the words of summaries and contents too, with feedparser's sanitising on, which
    is slow.
    """
    options = {} if html else {"sanitize_html": False, "resolve_relative_uris": False}
    theirs = [_facts_of_theirs(entry, html) for entry in asked(body, url, **options).entries]
    found = read(body, url=url)
    ours = (
        [_facts_of_ours(told, html) for told in found.entries] if isinstance(found, Reading) else []
    )
    if not theirs:
        return None
    if len(theirs) != len(ours):
        return Differences(("count",), html=False)
    fields = {
        field
        for one, other in zip(theirs, ours, strict=True)
        for field in Facts._fields
        if getattr(one, field) != getattr(other, field)
        and not (field == "published" and one.published is None)
    }
    return Differences(
        core=tuple(sorted(fields - {"summary", "content"})),
        html=bool(fields & {"summary", "content"}),
        entries=len(theirs),
        dated=sum(
            one.published is None and other.published is not None
            for one, other in zip(theirs, ours, strict=True)
        ),
    )


def _facts_of_theirs(entry: Any, html: bool) -> Facts:
    told = {key: dict.get(entry, key) for key in ("id", "link", "title", "summary", "author")}
    dates = (dict.get(entry, f"{key}_parsed") for key in ("published", "updated", "created"))
    date = next((date for date in dates if date), None)
    authors = [author["name"] for author in dict.get(entry, "authors") or () if author.get("name")]
    contents = [content.value for content in dict.get(entry, "content") or ()]
    return Facts(
        told["id"] or "",
        told["link"] or "",
        words(told["title"] or ""),
        tuple(authors or ([told["author"]] if told["author"] else [])),
        calendar.timegm(date) if date else None,
        words(told["summary"] or "") if html else "",
        words(next(iter(contents), "")) if html else "",
    )


def _facts_of_ours(told: Told, html: bool) -> Facts:
    contents: Sequence[str] = told.contents or ()
    return Facts(
        told.id or "",
        told.link or "",
        words(told_title(told.title or "", told.title_type)),
        tuple(told.authors),
        int(told.moment.timestamp()) if told.moment else None,
        words(sanitised(told.summary or "")) if html else "",
        words(sanitised(next(iter(contents), ""))) if html else "",
    )


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def handle_data(self, data: str) -> None:
        self.told.append(data)


def words(html: str) -> str:
    """The text of some HTML, without the blanks that markup leaves."""
    if "<" not in html and "&" not in html:
        return " ".join(html.split())
    parser = _Words()
    parser.feed(html)
    parser.close()
    return " ".join("".join(parser.told).split())
