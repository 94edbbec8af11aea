"""Feed documents made up at random, well-formed ones and broken ones, from a seed."""

import json
from random import Random
from xml.sax.saxutils import escape, quoteattr

NAMESPACES = {
    "media": "http://search.yahoo.com/mrss/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "itunes": "http://www.itunes.com/DTDs/PodCast-1.0.dtd",
    "atom": "http://www.w3.org/2005/Atom",
    "dc": "http://purl.org/dc/elements/1.1/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "odd": "http://example.org/odd#",
}
WORDS = [
    "talks",
    "Storm",
    "été",
    "Übung",
    "перемирие",
    "停火",
    "هدنة",
    "it's",
    "AT&T",
    "a < b",
    "é»",
]
HTML = [
    "<p>One &amp; two</p>",
    "<b>bold</b> text",
    "a<br/>b",
    '<a href="/x">link</a>',
    "&#8217;&nbsp;",
]
DATES = [
    "Sun, 01 Mar 2026 12:00:00 GMT",
    "2026-03-01T12:00:00+01:00",
    "2026-03-01",
    "Mon, 2 Mar 26 9:00 EST",
]
LINKS = [
    "https://a.org/1",
    "/story?a=1&b=2",
    "story#part",
    "//cdn.a.org/x",
    "mailto:a@a.org",
    "http://[",
    "",
]
PEOPLE = ["Ana B", "ana@a.org (Ana B)", "Ana B <ana@a.org>", "ana@a.org", ""]
TEXTS = [
    *("title", "description", "summary", "content", "content:encoded", "media:title", "dc:title"),
    *("media:description", "itunes:summary", "itunes:subtitle", "subtitle", "abstract", "rights"),
]
OTHERS = [
    *("category", "dc:subject", "odd:thing", "media:credit", "comments", "generator", "textInput"),
    *("itunes:duration", "itunes:link", "media:rating", "odd:language", "image", "cloud", "ttl"),
]
BOXES = ["media:group", "image", "source", "contributor", "odd:box", "itunes:owner", "textinput"]
DATED = [
    "pubDate",
    "published",
    "updated",
    "dc:date",
    "issued",
    "modified",
    "created",
    "lastBuildDate",
]
MARKUP = [
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<br>",
    "<i>x</i>",
    "&nbsp;",
    "&amp;",
    "&bogus;",
    "&#146;",
]
NO_BASE = ' xml:base="http://["'
BREAKS = [
    *(
        "<",
        ">",
        "&",
        "]]>",
        "<![CDATA[",
        "<!--",
        "-->",
        '"',
        "'",
        "/>",
        "</",
        "<a ",
        "<a/b",
        "\x00",
        "\x0b",
    ),
    *("<item>", "</item>", "<entry>", "</entry>", "<title>", "</title>", "</channel>", "</rss>"),
    *(
        "&nbsp;",
        "&eacute",
        "&#55357;",
        "&#x110000;",
        "&#0;",
        "<?xml version='1.0'?>",
        "<svg>",
        "\ufeff",
    ),
    *("<!DOCTYPE x>", "<odd:x>", NO_BASE, " xmlns:dc='http://a.org/'", "<authors/>"),
]
ENCODINGS = ["utf-8"] * 6 + ["utf-16", "utf-8-sig", "koi8-r", "shift_jis", "iso-8859-1", "utf-32"]


def text(random: Random) -> str:
    return " ".join(random.choices(WORDS, k=random.randint(0, 4)))


def element(random: Random, depth: int = 0) -> str:
    """One element of an entry, as XML; now and then with others in it."""
    kind = random.random()
    if kind < 0.45:
        return _text_element(random)
    if kind < 0.55:
        return tag(random.choice(DATED), random.choice(DATES))
    if kind < 0.65:
        return _link(random)
    if kind < 0.75:
        return tag(random.choice(["author", "dc:creator", "itunes:author"]), random.choice(PEOPLE))
    if kind < 0.9 or depth > 2:
        name = random.choice(OTHERS)
        return tag(name, text(random), {"url": "/p.jpg"} if random.random() < 0.4 else {})
    inside = "".join(element(random, depth + 1) for _ in range(random.randint(0, 3)))
    name = random.choice(BOXES)
    return f"<{name}>{inside}</{name}>"


def _text_element(random: Random) -> str:
    kind = random.random()
    attributes = {}
    if random.random() < 0.3:
        attributes["type"] = random.choice(["html", "text", "text/html", "text/plain", "xhtml"])
    name = random.choice(TEXTS)
    if kind < 0.4:
        return tag(name, text(random), attributes)
    if kind < 0.7:
        return tag(name, random.choice(HTML), attributes)
    if kind < 0.85:
        return tag(name, "", attributes).replace("><", f"><![CDATA[{random.choice(HTML)}]]><")
    inside = f"<div xmlns='http://www.w3.org/1999/xhtml'>{escape(text(random))}<i>x</i></div>"
    return tag(name, "", attributes | {"type": "xhtml"}).replace("><", f">{inside}<")


def _link(random: Random) -> str:
    link = random.choice(LINKS)
    if random.random() < 0.5:
        return tag(random.choice(["link", "guid", "id"]), link)
    name = random.choice(["link", "atom:link", "enclosure"])
    return tag(name, "", {"href": link} | ({"rel": "self"} if random.random() < 0.3 else {}))


def tag(name: str, inside: str, attributes: dict[str, str] | None = None) -> str:
    told = "".join(f" {key}={quoteattr(value)}" for key, value in (attributes or {}).items())
    return f"<{name}{told}>{escape(inside)}</{name}>"


def document(random: Random, *, based: bool = True) -> str:
    """A well-formed feed of some form; `based`: now and then with a base for its links."""
    entries = [
        "".join(element(random) for _ in range(random.randint(0, 7)))
        for _ in range(random.randint(0, 4))
    ]
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    base = ' xml:base="https://base.example/a/"' if based and random.random() < 0.2 else ""
    channel = "".join(element(random) for _ in range(random.randint(0, 4)))
    form = random.choice(["rss", "rss", "atom", "atom03", "rdf"])
    if form == "rss":
        items = "".join(f"<item>{entry}</item>" for entry in entries)
        return f'<rss version="2.0" {declared}{base}><channel>{channel}{items}</channel></rss>'
    if form == "rdf":
        items = "".join(f'<item rdf:about="tag:{n}">{e}</item>' for n, e in enumerate(entries))
        rss = 'xmlns="http://purl.org/rss/1.0/"'
        return f"<rdf:RDF {rss} {declared}{base}><channel>{channel}</channel>{items}</rdf:RDF>"
    items = "".join(f"<entry>{entry}</entry>" for entry in entries)
    uri = "http://www.w3.org/2005/Atom" if form == "atom" else "http://purl.org/atom/ns#"
    version = ' version="0.3"' if form == "atom03" else ""
    return f'<feed xmlns="{uri}"{version} {declared}{base}>{channel}{items}</feed>'


def broken(random: Random, told: str) -> str:
    """`told` with some mistakes in it, such as people and programs make."""
    for _ in range(random.choice([1, 1, 2, 4, 8])):
        at = random.randint(0, len(told))
        brackets = [n for n, sign in enumerate(told) if sign in "<>"]
        if brackets and random.random() < 0.6:
            at = random.choice(brackets) + random.randint(0, 1)
        kind = random.random()
        if kind < 0.5:
            told = told[:at] + random.choice(BREAKS + MARKUP) + told[at:]
        elif kind < 0.75:
            told = told[:at] + told[at + random.choice([1, 2, 7, 30]) :]
        elif kind < 0.9:
            other = random.randint(0, len(told))
            told = told[:at] + told[other : other + random.choice([5, 40, 200])] + told[at:]
        else:
            told = told[:at]
    return told


def body(random: Random, told: str) -> bytes:
    """`told` as bytes: in an encoding, declared or not, rightly or not, some bytes turned."""
    encoding, declared = random.choice(ENCODINGS), random.choice(ENCODINGS)
    if random.random() < 0.7:
        declared = encoding
    if random.random() < 0.6:
        told = f'<?xml version="1.0" encoding="{declared}"?>{told}'
    found = bytearray(told.encode(encoding, "replace"))
    if found and random.random() < 0.3:
        for _ in range(random.randint(1, 5)):
            found[random.randrange(len(found))] = random.randrange(256)
    return bytes(found)


def json_feed(random: Random) -> str:
    """A JSON Feed with values of any kind in any place."""

    def value(depth: int) -> object:
        kind = random.random()
        if depth < 3 and kind < 0.15:
            return [value(depth + 1) for _ in range(2)]
        if depth < 3 and kind < 0.3:
            return {"name": value(depth + 1), "url": "x"}
        plain = [None, True, 7, -1.5, text(random), random.choice(HTML + DATES + LINKS), "\ud83d"]
        return random.choice(plain)

    keys = ["id", "url", "title", "content_html", "content_text", "summary", "date_published"]
    keys += ["authors", "author", "image", "external_url", "date_modified", "tags"]
    items = [{key: value(0) for key in random.sample(keys, 6)} for _ in range(3)]
    told = {"version": "https://jsonfeed.org/version/1", "items": random.choice([items, value(0)])}
    return json.dumps(told | {key: value(0) for key in random.sample(keys, 3)})
