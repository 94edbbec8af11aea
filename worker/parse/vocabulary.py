"""The names that feeds are written in: namespaces, and the elements that HTML has.

The prefixes are those by which feedparser names elements of a namespace, whatever prefix the
document itself declares.
"""

from html.entities import name2codepoint


def names(text: str) -> frozenset[str]:
    """Names that stand in `text` with blanks between."""
    return frozenset(text.split())


def numbered(text: str, *, first: int = 0) -> dict[str, int]:
    """Names that stand in `text` with blanks between -> their places, from `first`."""
    return {name: number for number, name in enumerate(text.split(), first)}


_CORE = (
    "http://backend.userland.com/rss",
    "http://blogs.law.harvard.edu/tech/rss",
    "http://purl.org/rss/1.0/",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://example.com/newformat#",
    "http://example.com/necho",
    "http://purl.org/echo/",
    "uri/of/echo/namespace#",
    "http://purl.org/pie/",
    "http://purl.org/atom/ns#",
    "http://www.w3.org/2005/atom",
    "http://purl.org/rss/1.0/modules/rss091#",
)
_RSS_1_MODULES = (
    ("ag", "aggregation/"),
    ("annotate", "annotate/"),
    ("co", "company"),
    ("content", "content/"),
    ("email", "email/"),
    ("ev", "event/"),
    ("image", "image/"),
    ("l", "link/"),
    ("ref", "reference/"),
    ("reqv", "richequiv/"),
    ("search", "search/"),
    ("slash", "slash/"),
    ("ss", "servicestatus/"),
    ("sub", "subscription/"),
    ("sy", "syndication/"),
    ("taxo", "taxonomy/"),
    ("thr", "threading/"),
    ("ti", "textinput/"),
    ("wiki", "wiki/"),
)
# A namespace's URI in lower case -> the prefix that its elements are known by ("" for the feed
# formats' own).
NAMESPACES = (
    {"": ""}
    | dict.fromkeys(_CORE, "")
    | {f"http://purl.org/rss/1.0/modules/{path}": prefix for prefix, path in _RSS_1_MODULES}
    | {
        "http://webns.net/mvcb/": "admin",
        "http://media.tangent.org/rss/1.0/": "audio",
        "http://backend.userland.com/blogchannelmodule": "blogChannel",
        "http://creativecommons.org/ns#license": "cc",
        "http://web.resource.org/cc/": "cc",
        "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativeCommons",
        "http://backend.userland.com/creativecommonsrssmodule": "creativeCommons",
        "http://my.theinfo.org/changed/1.0/rss/": "cp",
        "http://purl.org/dc/elements/1.1/": "dc",
        "http://purl.org/dc/terms/": "dcterms",
        "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
        "http://freshmeat.net/rss/fm/": "fm",
        "http://xmlns.com/foaf/0.1/": "foaf",
        "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
        "http://www.georss.org/georss": "georss",
        "http://www.opengis.net/gml": "gml",
        "http://postneo.com/icbm/": "icbm",
        "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
        "http://example.com/dtds/podcast-1.0.dtd": "itunes",
        "http://search.yahoo.com/mrss": "media",
        "http://search.yahoo.com/mrss/": "media",
        "http://www.pheedo.com/namespace/pheedo": "pheedo",
        "http://madskills.com/public/xml/rss/module/pingback/": "pingback",
        "http://prismstandard.org/namespaces/1.2/basic/": "prism",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
        "http://www.w3.org/2000/01/rdf-schema#": "rdfs",
        "http://schemas.xmlsoap.org/soap/envelope/": "soap",
        "http://hacks.benhammersley.com/rss/streaming/": "str",
        "http://schemas.pocketsoap.com/rss/mydescmodule/": "szf",
        "http://madskills.com/public/xml/rss/module/trackback/": "trackback",
        "http://wellformedweb.org/commentapi/": "wfw",
        "http://www.w3.org/1999/xhtml": "xhtml",
        "http://www.w3.org/1999/xlink": "xlink",
        "http://www.w3.org/xml/1998/namespace": "xml",
        "http://podlove.org/simple-chapters": "psc",
    }
)
ATOM = "http://www.w3.org/2005/atom"
# Userland's namespace came with many endings, all of which mean RSS.
USERLAND = "http://backend.userland.com/rss"
MATHML, SVG = "http://www.w3.org/1998/Math/MathML", "http://www.w3.org/2000/svg"

XHTML = "application/xhtml+xml"
HTML_TYPES = frozenset({"text/html", XHTML})
SHORT_TYPES = {"text": "text/plain", "plain": "text/plain", "html": "text/html", "xhtml": XHTML}

# What Windows writes where Unicode has control characters.
WINDOWS = {
    code: bytes([code]).decode("windows-1252")
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
ENTITIES = {name: chr(code) for name, code in name2codepoint.items()}

# Elements by which a text that is said to be plain gives itself away as HTML.
HTML_ELEMENTS = names(
    """a abbr acronym address area article aside audio b big blockquote br button canvas caption
    center cite code col colgroup command datagrid datalist dd del details dfn dialog dir div dl
    dt em event-source fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 header hr i
    img input ins kbd keygen label legend li m map menu meter multicol nav nextid noscript ol
    optgroup option output p pre progress q s samp section select small sound source spacer span
    strike strong sub sup table tbody td textarea tfoot th thead time tr tt u ul var video"""
)
