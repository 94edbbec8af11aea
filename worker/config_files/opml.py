"""feeds.opml: the list of feeds, in the format that every feed reader imports and exports."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from worker.config_files.files import bounded, read_file
from worker.errors import ConfigError, Reason
from worker.records import FeedSpec
from worker.text import clean_line
from worker.urls import MAX_URL, absolute_url, host_of, problem_of

_MAKE = (
    "Export the subscriptions of a feed reader as OPML to that place, or write "
    '<opml version="2.0"><body><outline text="Name" xmlUrl="https://…"/></body></opml>.'
)
_MAX_TITLE, _MAX_CATEGORY, _MAX_DEPTH = 500, 200, 50
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)


def read_feeds(path: Path) -> tuple[list[FeedSpec], list[ConfigError]]:
    """The feeds of an OPML file and its mistakes."""
    try:
        return _read(read_file(path, _MAKE), str(path))
    except ConfigError as error:
        return [], [error]


def read_opml(data: bytes, file: str) -> list[FeedSpec]:
    """The feeds of an OPML document named `file`; raises ConfigError for the first mistake."""
    feeds, mistakes = _read(bounded(data, file), file)
    if mistakes:
        raise mistakes[0]
    return feeds


def write_opml(feeds: Sequence[FeedSpec]) -> str:
    """An OPML 2.0 document of `feeds`, one outline per category, as `read_opml` reads it."""
    opml = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(opml, "head"), "title").text = "wirewatch feeds"
    body = etree.SubElement(opml, "body")
    folders: dict[str, etree._Element] = {"": body}
    for feed in feeds:
        category = clean_line(feed.category, _MAX_CATEGORY)
        if category not in folders:
            folders[category] = etree.SubElement(body, "outline", text=category)
        label = clean_line(feed.title, _MAX_TITLE) or feed.url
        folder = folders[category]
        outline = etree.SubElement(folder, "outline", type="rss", text=label, xmlUrl=feed.url)
        if feed.site_url:
            outline.set("htmlUrl", clean_line(feed.site_url, MAX_URL))
    etree.indent(opml)
    written: bytes = etree.tostring(opml, xml_declaration=True, encoding="UTF-8")
    return written.decode("utf-8") + "\n"


def _read(data: bytes, file: str) -> tuple[list[FeedSpec], list[ConfigError]]:
    root = _parse(data, file)
    if _name(root) != "opml":
        problem = f"it is <{_name(root)[:40]}>, not OPML"
        raise ConfigError(file, problem, _MAKE, line=root.sourceline)
    body = next((child for child in root if _name(child) == "body"), None)
    if body is None:
        remedy = "Put the outlines into <body>…</body>."
        raise ConfigError(file, "it has no <body>", remedy, line=root.sourceline)
    feeds: list[FeedSpec] = []
    mistakes: list[ConfigError] = []
    lines: dict[str, int] = {}
    for outline, category in _outlines(body, file):
        try:
            feed = _feed(outline, category, file)
            _refuse_twice(feed, outline.sourceline, lines, file)
            feeds.append(feed)
        except ConfigError as error:
            mistakes.append(error)
    return feeds, mistakes


def _parse(data: bytes, file: str) -> etree._Element:
    if not data.strip():
        raise ConfigError(file, "it is empty", _MAKE)
    if found := _DOCTYPE.search(data):
        line = data.count(b"\n", 0, found.start()) + 1
        remedy = "Remove it: a list of feeds needs none."
        raise ConfigError(file, "it declares a document type", remedy, line=line)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        told = re.sub(r", line \d+, column \d+.*", "", (error.msg or "it cannot be parsed").strip())
        remedy = "Mend it there; in XML, & is written &amp;, and every tag is closed."
        line = error.lineno or 1
        raise ConfigError(file, f"malformed XML: {told[:300]}", remedy, line=line) from None
    if root.getroottree().docinfo.doctype:  # in an encoding in which the search above was blind
        remedy = "Remove it: a list of feeds needs none."
        raise ConfigError(file, "it declares a document type", remedy)
    return root


def _outlines(body: etree._Element, file: str) -> Iterable[tuple[etree._Element, str]]:
    """The outlines that are feeds, in order, each with its parent's text as its category."""
    waiting = [(child, "", 1) for child in reversed(body) if _name(child) == "outline"]
    while waiting:
        outline, category, depth = waiting.pop()
        if depth > _MAX_DEPTH:
            remedy = f"Nest at most {_MAX_DEPTH} outlines."
            raise ConfigError(file, "nested too deeply", remedy, line=outline.sourceline)
        if _is_feed(outline):
            yield outline, category
            inner = category
        else:
            inner = _label(outline, _MAX_CATEGORY) or category
        waiting += [(c, inner, depth + 1) for c in reversed(outline) if _name(c) == "outline"]


def _is_feed(outline: etree._Element) -> bool:
    return _get(outline, "xmlUrl") is not None or (_get(outline, "type") or "").lower() == "rss"


def _feed(outline: etree._Element, category: str, file: str) -> FeedSpec:
    line, title = outline.sourceline, _label(outline, _MAX_TITLE)
    raw = (_get(outline, "xmlUrl") or "").strip()
    if not raw:
        problem = f"the outline {title!r} has no xmlUrl" if title else "an outline has no xmlUrl"
        remedy = "Write the feed's address there, or remove the outline."
        raise ConfigError(file, problem, remedy, line=line, key="xmlUrl")
    url = absolute_url(raw) if raw.isprintable() and " " not in raw and "${" not in raw else None
    if url is None:
        problem, remedy = _bad_url(raw)
        raise ConfigError(file, problem, remedy, line=line, key="xmlUrl")
    title = "" if title == raw else title  # as readers write a feed that has none
    return FeedSpec(url, title, absolute_url(_get(outline, "htmlUrl") or ""), category)


def _bad_url(raw: str) -> tuple[str, str]:
    """Problem and remedy; the URL is shown only where it cannot hold a password."""
    if len(raw) > MAX_URL:
        return f"the URL is longer than {MAX_URL:,} characters", "Use the feed's own address."
    if "${" in raw:
        return "a feed's URL cannot hold ${NAME}", "Write the address out; feeds know no secrets."
    found = problem_of(raw)
    if found and found[0] is Reason.CREDENTIALS_IN_URL:
        problem = f"the URL at {host_of(raw)} holds a user name or password"
        return problem, "Take it out: feeds are read without credentials."
    shown = f"{raw[:80]!r} " if "@" not in raw else "the URL "
    if "://" in raw and not raw.lower().startswith(("http://", "https://")):
        return f"{shown}is neither http nor https", "Only feeds on the web can be polled."
    return f"{shown}is no usable address", "Write one like https://example.org/feed.xml."


def _refuse_twice(feed: FeedSpec, line: int, lines: dict[str, int], file: str) -> None:
    """Refuse a feed that stands further up already; `lines` is where each address stands."""
    parts = urlsplit(feed.url)
    identity = parts._replace(
        scheme=parts.scheme.lower(),
        netloc=parts.netloc.lower(),
        path=parts.path or "/",
        fragment="",
    ).geturl()
    if identity in lines:
        problem = f"{feed.url} stands in lines {lines[identity]} and {line}"
        raise ConfigError(file, problem, "Remove one of the two.", line=line, key="xmlUrl")
    lines[identity] = line


def _label(outline: etree._Element, limit: int) -> str:
    return clean_line(_get(outline, "text") or _get(outline, "title") or "", limit)


def _get(outline: etree._Element, name: str) -> str | None:
    """An attribute whatever its case: some readers export xmlurl."""
    exact = outline.get(name)
    if exact is not None:
        return str(exact)
    low = name.lower()
    return next((str(v) for k, v in outline.attrib.items() if str(k).lower() == low), None)


def _name(element: etree._Element) -> str:
    """The local name, lower case; empty for comments and processing instructions."""
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""
