"""Every form of feed, and what the extensions say of an entry."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from worker.errors import Reason
from worker.parse import parse_feed
from worker.records import Entry, Failed, Hints, ParsedFeed

URL = "https://news.example.org/feeds/world.xml"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def parsed(document: str | bytes) -> ParsedFeed:
    body = document.encode() if isinstance(document, str) else document
    found = parse_feed(body, url=URL)
    assert isinstance(found, ParsedFeed), found
    assert not found.tolerant
    return found


def entry(document: str) -> Entry:
    (found,) = parsed(document).entries
    return found


def atom(inside: str, attributes: str = "") -> str:
    """An Atom feed of one entry that holds `inside`."""
    namespaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"'
    return f"<feed {namespaces} {attributes}><title>T</title><entry>{inside}</entry></feed>"


def rss2(inside: str, channel: str = "") -> str:
    """An RSS 2.0 feed of one item that holds `inside`."""
    return (
        '<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
        'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>T</title>{channel}<item>{inside}</item></channel></rss>"
    )


# ---- old forms

CDF = """<CHANNEL HREF="https://news.example.org/" BASE="https://news.example.org/">
<TITLE>The Wire</TITLE><ITEM HREF="1" LASTMOD="2026-03-01T12:00Z">
<TITLE>Talks resume</TITLE><ABSTRACT>Short.</ABSTRACT></ITEM></CHANNEL>"""

ATOM_03 = """<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="en">
<title>The Wire</title><link rel="alternate" type="text/html" href="https://news.example.org/"/>
<entry><title>Talks resume</title><link rel="alternate" type="text/html"
href="https://news.example.org/1"/><id>tag:1</id><issued>2026-03-01T12:00:00Z</issued>
<content type="text/html" mode="escaped">&lt;p&gt;Short.&lt;/p&gt;</content></entry></feed>"""

RSS_091 = """<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"
 "http://my.netscape.com/publish/formats/rss-0.91.dtd">
<rss version="0.91"><channel><title>The Wire</title><link>https://news.example.org/</link>
<item><title>Talks resume</title><link>https://news.example.org/1</link>
<description>Short.</description></item></channel></rss>"""

RSS_09 = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>The Wire</title>
<link>https://news.example.org/</link></channel><item><title>Talks resume</title>
<link>https://news.example.org/1</link></item></rdf:RDF>"""


@pytest.mark.parametrize(
    ("document", "form"),
    [(CDF, ""), (ATOM_03, "atom03"), (RSS_091, "rss091n"), (RSS_09, "rss090")],
    ids=["CDF", "Atom 0.3", "RSS 0.91", "RSS 0.9"],
)
def test_old_forms_are_read_too(document: str, form: str) -> None:
    found = parsed(document)
    assert (found.title, found.site_url) == ("The Wire", "https://news.example.org/")
    assert found.form == form
    (one,) = found.entries
    assert (one.title, one.link) == ("Talks resume", "https://news.example.org/1")


def test_prefixes_are_only_names_for_namespaces() -> None:
    document = """<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
      xmlns:rss="http://purl.org/rss/1.0/" xmlns:who="http://purl.org/dc/elements/1.1/">
    <rss:channel><rss:title>T</rss:title></rss:channel><rss:item r:about="tag:1">
    <rss:title>Talks resume</rss:title><who:creator>Ana B</who:creator></rss:item></r:RDF>"""
    one = entry(document)
    assert (one.guid, one.title, one.authors) == ("tag:1", "Talks resume", ("Ana B",))


# ---- texts, in every wrapping


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ('<content type="html">&lt;p&gt;a &amp;amp; b&lt;/p&gt;</content>', "<p>a &amp; b</p>"),
        ('<content type="html"><![CDATA[<p>a</p>]]></content>', "<p>a</p>"),
        (
            '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
            "<p>a &amp; <b>b</b></p></div></content>",
            "<p>a &amp; <b>b</b></p>",
        ),
        ('<content type="text/html" mode="base64">PHA+YTwvcD4=</content>', "<p>a</p>"),
        ('<content type="image/png">PHA+YTwvcD4=</content>', "<p>a</p>"),
        ('<content type="html"><p>said to be escaped, and not</p></content>', "<p>said to be"),
    ],
    ids=["escaped", "CDATA", "XHTML", "base64", "base64 unsaid", "not escaped"],
)
def test_content_is_the_same_however_it_is_wrapped(content: str, html: str) -> None:
    assert entry(atom(f"<title>x</title>{content}")).content.startswith(html)


def test_of_several_contents_the_longest_counts() -> None:
    inside = (
        "<title>x</title><description>Short.</description><itunes:summary>Not so short."
        "</itunes:summary><content:encoded>By far the longest of them all.</content:encoded>"
    )
    one = entry(rss2(inside))
    assert one.summary == "Short."
    assert one.content == "By far the longest of them all."


def test_a_headline_nearer_to_the_entry_counts() -> None:
    video = "<media:group><media:title>The video's</media:title></media:group>"
    assert entry(rss2(f"{video}<title>The entry's</title>{video}")).title == "The entry's"


# ---- links


@pytest.mark.parametrize(
    ("inside", "link"),
    [
        ("<link>https://a.org/1</link>", "https://a.org/1"),
        ("<guid>https://a.org/1</guid>", "https://a.org/1"),
        ('<guid isPermaLink="false">1</guid>', None),
        ('<atom:link href="/1"/>', "https://news.example.org/1"),
        ('<atom:link rel="enclosure" href="/1.mp3"/>', None),
        ("<link>https://a.org/?a=1&amp;b=2</link>", "https://a.org/?a=1&b=2"),
        ("<link>https:///a.org/1</link>", "https://a.org/1"),
        ("<guid>/1</guid>", "https://news.example.org/1"),
    ],
)
def test_the_link_is_where_the_item_leads(inside: str, link: str | None) -> None:
    assert entry(rss2(f"<title>x</title>{inside}")).link == link


@pytest.mark.parametrize(
    ("inside", "link"),
    [
        ("<fb:origLink>https://a.org/1</fb:origLink>", "https://a.org/1"),
        ("<fb:origLink> https://a.org/1?a=1&amp;b=2 </fb:origLink>", "https://a.org/1?a=1&b=2"),
        ("<ph:origLink><![CDATA[https://a.org/1]]></ph:origLink>", "https://a.org/1"),
        ("<fb:origLink>javascript:f()</fb:origLink>", "https://feeds.example.com/~r/1"),
        ("<fb:origLink/>", "https://feeds.example.com/~r/1"),
    ],
)
@pytest.mark.parametrize("mistake", ["", "<br>"])
def test_where_links_are_counted_the_original_is_the_link(
    inside: str, link: str, mistake: str
) -> None:
    namespaces = (
        'xmlns:fb="http://rssnamespace.org/feedburner/ext/1.0" '
        'xmlns:ph="http://www.pheedo.com/namespace/pheedo"'
    )
    proxied = "<link>https://feeds.example.com/~r/1</link>"
    document = rss2(f"{proxied}{inside}{mistake}").replace("<rss ", f"<rss {namespaces} ")
    assert entry(document).link == link


def test_bases_count_one_within_the_other() -> None:
    document = atom(
        '<link href="1"/><source><link href="2"/></source>', 'xml:base="https://a.org/b/"'
    )
    inner = document.replace("<entry>", '<entry xml:base="c/">')
    assert entry(document).link == "https://a.org/b/1"
    assert entry(inner).link == "https://a.org/b/c/1"


def test_a_base_that_is_no_address_counts_for_nothing() -> None:
    one = entry(atom('<link href="1"/>', 'xml:base="javascript:alert(1)//"'))
    assert one.link == "https://news.example.org/feeds/1"


# ---- people, pictures, sources


@pytest.mark.parametrize(
    ("inside", "authors"),
    [
        ("<author>ana@a.org (Ana B)</author>", ("Ana B",)),
        ("<author>Ana B &lt;ana@a.org&gt;</author>", ("Ana B",)),
        ("<author>ana@a.org</author>", ("ana@a.org",)),
        ("<dc:creator>Ana B</dc:creator><dc:creator>Bo C</dc:creator>", ("Ana B", "Bo C")),
        ("<dc:creator>Ana B</dc:creator><itunes:author>Ana B</itunes:author>", ("Ana B",)),
        ("<author><name>Ana B</name><email>ana@a.org</email></author>", ("Ana B",)),
        ("<dc:creator>Ana B</dc:creator><author><name>Bo C</name></author>", ("Ana B", "Bo C")),
        ("<atom:author><atom:name>Ana B</atom:name></atom:author>", ("Ana B",)),
        ("<author/>", ()),
    ],
)
def test_authors_are_known_by_their_names(inside: str, authors: tuple[str, ...]) -> None:
    assert entry(rss2(f"<title>x</title>{inside}")).authors == authors


@pytest.mark.parametrize(
    "inside",
    [
        '<media:content url="/p.jpg" medium="image"/>',
        '<media:content url="/p.jpg" type="image/jpeg"/>',
        '<media:content url="/v.mp4" medium="video"/><media:thumbnail url="/p.jpg"/>',
        '<media:group><media:thumbnail url="/p.jpg"/></media:group>',
        '<enclosure url="/p.jpg" type="image/jpeg" length="1"/>',
        '<enclosure url="/a.mp3" type="audio/mpeg"/><itunes:image href="/p.jpg"/>',
        "<image><url>/p.jpg</url><title>A picture</title></image>",
        '<atom:link rel="enclosure" type="image/png" href="/p.jpg"/>',
    ],
)
def test_a_picture_is_found_wherever_it_is(inside: str) -> None:
    one = entry(rss2(f"<title>x</title>{inside}"))
    assert one.image == "https://news.example.org/p.jpg"
    assert one.title == "x"


def test_an_aggregator_says_whose_the_entry_is() -> None:
    inside = '<title>x - The Wire</title><source url="https://wire.example">The Wire</source>'
    one = entry(rss2(inside))
    assert (one.title, one.source_url) == ("x - The Wire", "https://wire.example")


def test_the_source_of_an_entry_is_not_taken_for_the_entry() -> None:
    source = "<source><title>Other</title><id>tag:other</id><updated>2020-01-01</updated></source>"
    one = entry(
        atom(f"{source}<title>Mine</title><id>tag:1</id><updated>2026-03-01T12:00:00Z</updated>")
    )
    assert (one.title, one.guid, one.published) == ("Mine", "tag:1", NOON)


def test_published_and_updated_are_kept_apart() -> None:
    one = entry(
        atom("<published>2026-03-01T12:00:00Z</published><updated>2026-03-01T13:00:00Z</updated>")
    )
    assert (one.published, one.updated) == (NOON, NOON.replace(hour=13))


# ---- the feed's own words


def test_hints_say_when_to_come_back() -> None:
    channel = (
        "<ttl>90</ttl><skipHours><hour>0</hour><hour>24</hour><hour>7</hour><hour>99</hour>"
        "</skipHours><skipDays><day>Saturday</day><day>Sunday</day><day>Moonday</day></skipDays>"
        "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"
    )
    assert parsed(rss2("<title>x</title>", channel)).hints == Hints(5_400, (0, 7), (5, 6), 21_600)


@pytest.mark.parametrize(
    "channel",
    [
        "",
        "<ttl/>",
        "<ttl>soon</ttl>",
        "<ttl>-5</ttl>",
        "<sy:updateFrequency>4</sy:updateFrequency>",
    ],
)
def test_hints_that_say_nothing_are_none(channel: str) -> None:
    assert parsed(rss2("<title>x</title>", channel)).hints == Hints()


@pytest.mark.parametrize(
    ("links", "older"),
    [
        ('<link rel="next" href="?page=2"/>', "https://news.example.org/feeds/world.xml?page=2"),
        ('<link rel="prev-archive" href="/2026/02"/>', "https://news.example.org/2026/02"),
        (
            '<link rel="next" href="/n"/><link rel="prev-archive" href="/a"/>',
            "https://news.example.org/a",
        ),
        ('<link rel="previous" href="/p"/><link rel="self" href="/s"/>', None),
    ],
)
def test_archives_are_followed_back(links: str, older: str | None) -> None:
    document = atom("<title>x</title>").replace("<entry>", f"{links}<entry>")
    assert parsed(document).older == older


def test_a_feed_says_in_which_language_it_is() -> None:
    assert parsed(rss2("", "<language>de-at</language>")).language == "de-at"
    assert parsed(atom("", 'xml:lang="pt_BR"')).language == "pt-BR"
    assert parsed(rss2("")).language is None


# ---- JSON Feed


def json_feed(**more: Any) -> bytes:
    item = {"id": 7, "url": "/7", "title": "Talks resume", "content_text": "a < b"}
    told = {"version": "https://jsonfeed.org/version/1.1", "title": "The Wire", "items": [item]}
    return json.dumps(told | more).encode()


def test_a_json_feed_is_a_feed() -> None:
    found = parsed(
        json_feed(home_page_url="https://news.example.org/", next_url="/2", language="en")
    )
    assert (found.form, found.title, found.language) == ("json11", "The Wire", "en")
    assert (found.site_url, found.older) == (
        "https://news.example.org/",
        "https://news.example.org/2",
    )
    (one,) = found.entries
    assert (one.guid, one.link, one.title) == ("7", "https://news.example.org/7", "Talks resume")
    assert one.content == "a &lt; b"


def test_items_of_a_json_feed_have_dates_authors_and_pictures() -> None:
    item = {
        "id": "x",
        "content_html": "<p>a</p>",
        "date_published": "2026-03-01T12:00:00Z",
        "date_modified": "2026-03-01T13:00:00Z",
        "authors": [{"name": "Ana B"}, {"url": "https://a.org"}, "Bo"],
        "image": "/p.jpg",
    }
    (one,) = parsed(json_feed(items=[item])).entries
    assert (one.content, one.published, one.authors) == ("<p>a</p>", NOON, ("Ana B",))
    assert (one.updated, one.image) == (NOON.replace(hour=13), "https://news.example.org/p.jpg")


def test_authors_of_the_whole_json_feed_are_those_of_its_items() -> None:
    (one,) = parsed(json_feed(author={"name": "Ana B"})).entries
    assert one.authors == ("Ana B",)


@pytest.mark.parametrize(
    "items", [[1, None, "x", []], [{"id": None, "title": 7, "url": ["x"], "authors": {"name": 1}}]]
)
def test_nonsense_in_a_json_feed_costs_only_itself(items: list[Any]) -> None:
    assert len(parsed(json_feed(items=[*items, {"id": "1", "title": "x"}])).entries) in (1, 2)


@pytest.mark.parametrize(
    "body",
    [
        *(
            b'{"items": []}',
            b'{"version": "https://jsonfeed.org/version/1"}',
            b"{",
            b"{}",
            b'{"a":',
        ),
        *(b'{"a":' * 100_000, b'{"n": ' + b"9" * 100_000 + b"}", b'{"version": 1, "items": [1]}'),
    ],
)
def test_json_that_is_no_feed_is_refused(body: bytes) -> None:
    found = parse_feed(body, url=URL)
    assert isinstance(found, Failed)
    assert found.reason is Reason.MALFORMED_FEED
