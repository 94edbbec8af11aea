"""What each element of the feed formats and their extensions does to the reader's state.

RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, CDF, Dublin Core, iTunes, Media RSS; GeoRSS, GML and
Creative Commons only so far as they take text away from what stands around them.
"""

from collections.abc import Callable
from typing import NamedTuple

from worker.parse import people, structure, texts
from worker.parse.reader import Attrs, Element, Frame, Reader, UnsureError
from worker.parse.vocabulary import names

Start = Callable[[Reader, Attrs], None]
End = Callable[[Reader], None]
Leaf = Callable[[Reader, Attrs, str], bool]


class Does(NamedTuple):
    """What an element's start does, its end, and both at once; or only which text it takes away."""

    start: Start | None = None
    end: End | None = None
    leaf: Leaf | None = None
    takes: Frame | None = None
    quiet: bool = False


def _no_start(r: Reader, attrs: Attrs) -> None:
    pass


def _heard(name: str, end: End, leaf: Leaf | None = None, *, kept: bool = True) -> Does:
    def start(r: Reader, attrs: Attrs) -> None:
        r.push(name, kept)

    return Does(start, end, leaf)


def _unheard(name: str, kept: bool = True) -> Does:
    """An element that only takes its text away from what stands around it."""
    return Does(takes=(name, kept, None), quiet=True)


def _unheard_content(name: str) -> Does:
    frame: Frame = (name, True, None)

    def start(r: Reader, attrs: Attrs) -> None:
        r.take_content(attrs, "text/plain")
        r.stack.append(frame)

    def end(r: Reader) -> None:
        r.pop(name)
        r.close_content()

    return Does(start, end, quiet=True)


def _hint(key: str) -> Does:
    def end(r: Reader) -> None:
        leaf(r, {}, r.pop(key) or "")

    def leaf(r: Reader, attrs: Attrs, text: str) -> bool:
        if not r.inentry and len(r.reading.hints.setdefault(key, [])) < _MAX_HINTS:
            r.reading.hints[key].append(text.strip())
        return True

    return _heard(key, end, leaf)


# More hours or days than there are say nothing more.
_MAX_HINTS = 100
_ITEM = Does(structure.start_item, structure.end_item)
_GUID = Does(structure.start_guid, structure.end_guid, structure.leaf_guid)
_AUTHOR = Does(people.start_author, people.end_author, people.leaf_author)
_TITLE = Does(texts.start_title, texts.end_title, texts.leaf_title)
_DESCRIPTION = Does(texts.start_description, texts.end_description, texts.leaf_description)
_SUMMARY = Does(texts.start_summary, texts.end_summary, texts.leaf_summary)
_ENCODED = Does(texts.start_encoded, texts.end_content, texts.leaf_encoded)
_BODY = Does(texts.start_body, texts.end_content)
_SUBTITLE, _RIGHTS, _INFO = (_unheard_content(name) for name in ("subtitle", "rights", "info"))
_PICTURE = Does(texts.see_picture, leaf=texts.leaf_picture)
_NOTHING = Does(_no_start, quiet=True)
_GEOMETRY = _unheard("geometry", kept=False)


def _each(does: Does, keys: str) -> dict[str, Does]:
    return dict.fromkeys(keys.split(), does)


# An element's name, its namespace's prefix before it -> what it does.
_DOES: dict[str, Does] = {
    "rss": Does(structure.start_rss),
    "channel": Does(structure.start_channel, structure.end_channel),
    "feed": Does(structure.start_feed, structure.end_channel),
    **_each(_ITEM, "item entry"),
    "image": Does(structure.start_image, structure.end_image),
    "textinput": Does(structure.start_textinput, structure.end_textinput),
    "cloud": Does(structure.start_cloud),
    "source": Does(structure.start_source, structure.end_source),
    **_each(_GUID, "guid id"),
    "link": Does(structure.start_link, structure.end_link, structure.leaf_link),
    **_each(
        _heard("original", structure.end_original, structure.leaf_original),
        "feedburner_origlink pheedo_origlink",
    ),
    **_each(_AUTHOR, "author managingeditor dc_author dc_creator itunes_author"),
    **_each(
        _heard("name", people.end_name, people.leaf_name, kept=False),
        "name itunes_name dc_contributor",
    ),
    **_each(_heard("email", people.end_email, people.leaf_email, kept=False), "email itunes_email"),
    **_each(_heard("href", people.end_url), "url homepage uri"),
    **_each(_unheard("contributor", kept=False), "contributor"),
    "itunes_owner": Does(people.start_owner, people.end_owner),
    **_each(_TITLE, "title dc_title"),
    "media_title": Does(texts.start_title, texts.end_media_title, texts.leaf_media_title),
    **_each(_DESCRIPTION, "description dc_description media_description"),
    "abstract": Does(texts.start_abstract, texts.end_description),
    **_each(_SUMMARY, "summary itunes_summary"),
    "content": Does(texts.start_content, texts.end_content, texts.leaf_content),
    **_each(_ENCODED, "content_encoded fullitem"),
    **_each(_BODY, "body xhtml_body"),
    **_each(_SUBTITLE, "subtitle tagline itunes_subtitle"),
    **_each(_RIGHTS, "rights copyright dc_rights"),
    **_each(_INFO, "info feedburner_browserfriendly"),
    **_each(
        _heard("published", texts.end_published, texts.leaf_published),
        "published issued pubdate dcterms_issued",
    ),
    **_each(
        _heard("updated", texts.end_updated, texts.leaf_updated),
        "updated modified lastbuilddate dc_date dcterms_modified",
    ),
    **_each(_heard("created", texts.end_created, texts.leaf_created), "created dcterms_created"),
    **_each(_heard("language", texts.end_language), "language dc_language"),
    **{key: _hint(key) for key in ("ttl", "hour", "day", "sy_updateperiod", "sy_updatefrequency")},
    **_each(_PICTURE, "enclosure media_content"),
    "media_thumbnail": Does(
        texts.start_thumbnail, None, texts.leaf_thumbnail, takes=("url", True, None)
    ),
    "itunes_image": Does(texts.start_itunes_image, None, texts.leaf_itunes_image, texts.PICTURE),
    "itunes_link": Does(texts.start_itunes_image),
    # From here on only the name matters by which an element takes its text away.
    **_each(_NOTHING, "media_group cc_license psc_chapters psc_chapter"),
    **_each(_unheard("publisher"), "webmaster dc_publisher"),
    **_each(_unheard("category"), "category keywords dc_subject media_category itunes_category"),
    **{name: _unheard(name) for name in ("tags", "generator", "newlocation")},
    **{name: _unheard(name, kept=False) for name in ("width", "height", "media_player")},
    "expirationdate": _unheard("expired"),
    "dcterms_valid": _unheard("validity"),
    **{f"media_{name}": _unheard(name) for name in ("credit", "rating", "restriction", "license")},
    "creativecommons_license": _unheard("license"),
    **_each(_GEOMETRY, "georss_point georss_line georss_polygon georss_box"),
    **_each(_GEOMETRY, "gml_point gml_linestring gml_polygon gml_exterior gml_linearring"),
    **_each(_unheard("pos", kept=False), "gml_pos gml_poslist"),
    **_each(_unheard("where", kept=False), "where georss_where"),
}
# Those whose attributes count.
_READS = names(
    """rss feed channel item entry source cloud guid id link title dc_title media_title description
    dc_description media_description abstract summary itunes_summary content body xhtml_body
    content_encoded fullitem subtitle tagline itunes_subtitle rights copyright dc_rights info
    feedburner_browserfriendly enclosure media_content media_thumbnail itunes_image itunes_link"""
)
# Those whose text may be HTML.
_PROSE = names(
    """title dc_title media_title description dc_description media_description summary
    itunes_summary content content_encoded fullitem"""
)
# Unknown elements by these names would stand in for what feedparser keeps under them.
_TAKEN = names("""authors links published_parsed updated_parsed created_parsed guidislink""")
_KEEP_TEXTINPUT = frozenset({"title", "link", "description", "name"})
_KEEP_IMAGE = frozenset({"title", "link", "description", "url", "href", "width", "height"})


def known(reader: Reader, tag: str) -> Element:
    """What the element `tag` (with the prefix that the document gives it) means."""
    prefix, colon, name = tag.partition(":")
    prefix, name = (prefix, name) if colon else ("", tag)
    prefix = reader.prefixes.get(prefix, prefix)
    key = f"{prefix}_{name}" if prefix else name
    does = _DOES.get(key)
    if does is None and key in _TAKEN:
        raise UnsureError(f"an element named {key}")
    unknown: Frame = (key, True, None)
    start, end, leaf, takes, quiet = does or Does(quiet=True)
    clears = 0 if prefix else (tag not in _KEEP_TEXTINPUT) + 2 * (tag not in _KEEP_IMAGE)
    return Element(
        key=key,
        tag=tag,
        start=start,
        end=end,
        takes=takes or unknown,
        leaf=leaf,
        known=does is not None,
        quiet=quiet,
        prose=key in _PROSE,
        reads=key in _READS,
        clears=clears,
    )
