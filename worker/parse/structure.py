"""The frame of a document: the feed, its entries, their identity and links."""

import re

from worker.parse.dates import moment
from worker.parse.limits import MAX_ENTRIES
from worker.parse.links import cloud_address, joined
from worker.parse.reader import Attrs, Frame, Reader
from worker.parse.told import Told
from worker.parse.vocabulary import HTML_TYPES, SHORT_TYPES

_RSS_FORMS = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}
_ATOM_FORMS = {"0.1": "atom01", "0.2": "atom02", "0.3": "atom03"}
# A query in a link, taken for a reference to an entity.
_BY_MISTAKE = re.compile("&([A-Za-z0-9_]+);")
# What lies on the stack for an element whose text nobody asks for.
_ENTRY: Frame = ("item", False, None)
_IMAGE: Frame = ("image", False, None)
_TEXTINPUT: Frame = ("textinput", False, None)


class EnoughError(Exception):
    """The document has more entries than are taken."""


def start_rss(r: Reader, attrs: Attrs) -> None:
    _language_of_root(r, attrs)
    if not r.form.startswith("rss"):
        version = attrs.get("version", "")
        r.form = _RSS_FORMS.get(version) or ("rss20" if version.startswith("2.") else "rss")


def start_feed(r: Reader, attrs: Attrs) -> None:
    _language_of_root(r, attrs)
    r.infeed = True
    r.form = r.form or _ATOM_FORMS.get(attrs.get("version", ""), "atom")


def _language_of_root(r: Reader, attrs: Attrs) -> None:
    language = attrs.get("xml:lang", attrs.get("lang"))
    if language:
        r.feed.language = language.replace("_", "-")


def start_channel(r: Reader, attrs: Attrs) -> None:
    r.infeed = True
    _active_channel(r, attrs)


def end_channel(r: Reader) -> None:
    r.infeed = False


def _active_channel(r: Reader, attrs: Attrs) -> None:
    """Microsoft's Channel Definition Format tells in attributes what others tell in elements."""
    if "lastmod" in attrs:
        r.context().updated = moment(attrs["lastmod"].strip())
    if "href" in attrs:
        _tell_link(r, attrs["href"].strip())


def start_item(r: Reader, attrs: Attrs) -> None:
    if len(r.reading.entries) >= MAX_ENTRIES:
        raise EnoughError
    r.entry = Told()
    r.reading.entries.append(r.entry)
    r.stack.append(_ENTRY)
    r.inentry = True
    r.guid_is_link = False
    r.title_depth = -1
    r.depths = {}
    if attrs:
        about = attrs.get(f"{r.prefixes.get('rdf', 'rdf')}:about")
        if about:
            r.context().id = about
        _active_channel(r, attrs)


def end_item(r: Reader) -> None:
    r.pop("item")
    r.inentry = r.has_content = False


def start_image(r: Reader, attrs: Attrs) -> None:
    if not r.inentry and r.context() is r.feed and r.image is None:
        r.image = Told()
    r.inimage = True
    r.title_depth = -1
    r.stack.append(_IMAGE)


def end_image(r: Reader) -> None:
    r.pop("image")
    r.inimage = False


def start_textinput(r: Reader, attrs: Attrs) -> None:
    if r.context() is r.feed and r.textinput is None:
        r.textinput = Told()
    r.intextinput = True
    r.title_depth = -1
    r.stack.append(_TEXTINPUT)


def end_textinput(r: Reader) -> None:
    r.pop("textinput")
    r.intextinput = False


def start_source(r: Reader, attrs: Attrs) -> None:
    if "url" in attrs:
        r.source.link = attrs["url"]
    r.push("source", True)
    r.insource = True
    r.title_depth = -1


def end_source(r: Reader) -> None:
    r.insource = False
    r.pop("source")
    r.context().source = r.source.link
    r.source = Told()


def start_cloud(r: Reader, attrs: Attrs) -> None:
    """RSS 2.0's <cloud>: where one asks to be told of changes, if plain HTTP does there."""
    if r.context() is r.feed:
        r.reading.links.append(("cloud", cloud_address(attrs)))


# ---- identity and links


def start_guid(r: Reader, attrs: Attrs) -> None:
    r.guid_is_link = not attrs or attrs.get("ispermalink", "true") == "true"
    r.push("id", True)


def end_guid(r: Reader) -> None:
    text = r.pop("id")
    if text is not None:
        _tell_guid(r, text)
    elif r.guid_is_link and r.context().link is None:
        r.context().link = ""  # an end without a start still stands in for a link


def leaf_guid(r: Reader, attrs: Attrs, text: str) -> bool:
    r.guid_is_link = not attrs or attrs.get("ispermalink", "true") == "true"
    _tell_guid(r, r.cleaned(text))
    return True


def _tell_guid(r: Reader, text: str) -> None:
    if not r.guid_is_link:
        r.keep("id", text)
        return
    if text:
        text = joined(r.base, text)
    r.keep("id", text)
    told = r.context()
    if told.link is None:
        told.link = text


def start_link(r: Reader, attrs: Attrs) -> None:
    if not _linked(r, attrs):
        r.push("link", r.inentry or r.infeed or r.insource)


def end_link(r: Reader) -> None:
    text = r.pop("link")
    if text is not None and r.kept:
        _tell_link(r, text)


def leaf_link(r: Reader, attrs: Attrs, text: str) -> bool:
    if attrs and (text or (r.stack and r.stack[-1][0] == "link")):
        return False  # whose text it is depends on the attributes, and what it ends too
    if not _linked(r, attrs) and (r.inentry or r.infeed or r.insource):
        _tell_link(r, r.cleaned(text))
    return True


def end_original(r: Reader) -> None:
    leaf_original(r, {}, r.pop("original") or "")


def leaf_original(r: Reader, attrs: Attrs, text: str) -> bool:
    text = r.cleaned(text).replace("&amp;", "&")
    if text and r.inentry and not r.insource:
        r.entry.original = joined(r.base, text)
    return True


def _linked(r: Reader, attrs: Attrs) -> bool:
    """Whether the link is in the attributes, as Atom has it."""
    if not attrs:
        return False
    href = attrs.get("url", attrs.get("uri", attrs.get("href"))) or attrs.get("href")
    if href is None:
        return False
    told, href = r.context(), joined(r.base, href)
    rel = attrs.get("rel", "alternate").lower()
    kind = attrs.get("type", "text/html").lower()
    if rel == "alternate":
        if SHORT_TYPES.get(kind, kind) in HTML_TYPES:
            told.link = href
    elif told is r.feed:
        r.reading.links.append((rel, href))
    elif rel == "enclosure" and told.image is None and kind.startswith("image/"):
        told.image = href
    return True


def _tell_link(r: Reader, text: str) -> None:
    if text:
        text = joined(r.base, text)
    if not r.inentry or r.insource:
        r.context().link = _BY_MISTAKE.sub(r"&\1", text)
    elif not r.inimage:
        if "&" in text:
            text = _BY_MISTAKE.sub(r"&\1", text.replace("&amp;", "&"))
        r.entry.link = text
