"""Feed documents become entries: every form of feed, every mistake that publishers make."""

from datetime import UTC, datetime
from html import escape

import pytest

from tests.site import rss
from worker.parse import MAX_HTML, MAX_TITLE, parse_feed
from worker.records import Entry, ParsedFeed

URL = "https://news.example.org/feeds/world.xml"


def parsed(document: str | bytes, content_type: str = "") -> ParsedFeed:
    body = document.encode() if isinstance(document, str) else document
    found = parse_feed(body, url=URL, content_type=content_type)
    assert isinstance(found, ParsedFeed), found
    return found


def entry(**elements: str) -> Entry:
    """The one entry of an RSS feed whose item has these elements."""
    (found,) = parsed(rss([elements])).entries
    return found


def titles(feed: ParsedFeed) -> list[str]:
    return [one.title for one in feed.entries]


# ---- the forms of feeds

RSS_2 = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
     xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>The &amp; Wire</title><link>https://news.example.org/</link>
<item><title>Talks <i>resume</i></title><link>https://news.example.org/1</link>
  <guid isPermaLink="false">tag:1</guid><dc:creator>Ana B</dc:creator>
  <pubDate>Sun, 01 Mar 2026 13:00:00 +0100</pubDate>
  <description>Short.</description>
  <content:encoded><![CDATA[<p>The whole article.</p>]]></content:encoded></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>The &amp; Wire</title>
<link href="https://news.example.org/"/><link rel="self" href="https://news.example.org/atom"/>
<entry><title type="html">Talks &lt;i&gt;resume&lt;/i&gt;</title>
  <link rel="enclosure" href="https://news.example.org/1.mp3"/>
  <link href="https://news.example.org/1"/>
  <id>tag:1</id><author><name>Ana B</name></author>
  <published>2026-03-01T12:00:00Z</published><updated>2026-03-02T12:00:00Z</updated>
  <summary>Short.</summary>
  <content type="html">&lt;p&gt;The whole article.&lt;/p&gt;</content></entry></feed>"""

RSS_1 = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://news.example.org/"><title>The &amp; Wire</title>
<link>https://news.example.org/</link></channel>
<item rdf:about="tag:1"><title>Talks resume</title><link>https://news.example.org/1</link>
<dc:creator>Ana B</dc:creator><dc:date>2026-03-01T12:00:00Z</dc:date>
<description>&lt;p&gt;The whole article.&lt;/p&gt;</description></item></rdf:RDF>"""


@pytest.mark.parametrize("document", [RSS_2, ATOM, RSS_1], ids=["RSS 2.0", "Atom", "RSS 1.0"])
def test_every_form_of_feed_gives_the_same_entry(document: str) -> None:
    feed = parsed(document)
    assert feed.title == "The & Wire"
    assert feed.site_url == "https://news.example.org/"
    (one,) = feed.entries
    assert one.guid == "tag:1"
    assert one.link == "https://news.example.org/1"
    assert one.title == "Talks resume"
    assert one.html == "<p>The whole article.</p>"
    assert one.authors == ("Ana B",)
    assert one.published == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_feed_without_entries_is_a_feed() -> None:
    assert parsed(rss([])).entries == ()


def test_five_thousand_entries_are_all_taken_in_order() -> None:
    items = [{"title": f"Number {n}", "guid": str(n)} for n in range(5_000)]
    assert titles(parsed(rss(items))) == [item["title"] for item in items]


# ---- bodies and links


def test_the_longer_of_summary_and_content_is_kept() -> None:
    swapped = RSS_2.replace("Short.", "A summary that is much longer than the content. " * 3)
    (one,) = parsed(swapped).entries
    assert one.html.startswith("A summary")


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        ("https://other.example/x", "https://other.example/x"),
        ("/story", "https://news.example.org/story"),
        ("story", "https://news.example.org/feeds/story"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("javascript:alert(1)", None),
        ("http://[bad", None),
        ("", None),
    ],
)
def test_links_are_made_absolute(link: str, absolute: str | None) -> None:
    assert entry(title="x", guid="g", link=link).link == absolute


def test_a_base_in_the_document_counts_for_its_links() -> None:
    document = ATOM.replace("<entry>", '<entry xml:base="https://base.example/news/">').replace(
        '<link href="https://news.example.org/1"/>', '<link href="one"/>'
    )
    assert parsed(document).entries[0].link == "https://base.example/news/one"


def test_one_bad_link_costs_only_itself() -> None:
    feed = parsed(rss([{"title": "bad", "link": "http://[::"}, {"title": "good", "link": "/x"}]))
    assert titles(feed) == ["bad", "good"]


# ---- what must not get through


def test_what_no_database_takes_is_cleaned_out() -> None:
    document = (
        "<rss version='2.0'><channel><title>t\x00t</title><item><title>a\x00b\x08c&#0;&#x1;"
        "&#xD800;d</title><guid>g\x00\x1f1</guid><link>http://a.org/\x00x</link>"
        "<author>A\x00na</author><description>x\x00&#xDFFF;y</description></item></channel></rss>"
    )
    feed = parsed(document.encode())
    (one,) = feed.entries
    parts = [feed.title, one.guid, one.link or "", one.title, one.html, *one.authors]
    for part in parts:
        part.encode()
        assert "\x00" not in part
    assert one.title.startswith("abc")


def test_half_an_emoji_costs_only_itself() -> None:
    document = rss([{"title": "one TWO"}, {"title": "three"}])
    feed = parsed(document.replace("TWO", "&#55357;&#56832;&#128512;"))
    assert titles(feed) == ["one 😀", "three"]


def test_sizes_are_bounded() -> None:
    one = entry(title="T" * 50_000, description="d" * (MAX_HTML + 5), author="A" * 9_999)
    assert len(one.title) == MAX_TITLE
    assert len(one.html) == MAX_HTML
    assert all(len(author) <= 200 for author in one.authors)


def test_markup_in_a_title_is_gone() -> None:
    found = entry(title="<script>alert(1)</script><b>Talks</b> &amp; more")
    assert found.title == "Talks & more"


def test_many_authors_are_cut_short() -> None:
    names = "".join(f"<author><name>Author {n}</name></author>" for n in range(500))
    assert len(parsed(ATOM.replace("<entry>", f"<entry>{names}")).entries[0].authors) <= 20


# ---- encodings


@pytest.mark.parametrize(
    ("charset", "header"),
    [
        ("utf-8", "application/xml"),
        ("utf-8", "text/xml; charset=utf-8"),
        ("utf-16", "application/xml"),
        ("windows-1251", "application/xml; charset=windows-1251"),
        ("utf-8", "text/html; charset=iso-8859-1"),  # the document knows better
        ("utf-8", "application/xml; charset=nonsense"),
        ("utf-8", "text/plain"),
        ("utf-8", "application/xml; charset=undefined"),
        ("utf-8", "application/xml; charset=punycode"),
        ("utf-8", ";;;"),
    ],
)
def test_a_wrong_header_spoils_no_letters(charset: str, header: str) -> None:
    document = f'<?xml version="1.0" encoding="{charset}"?>' + rss([{"title": "Перемирие"}])[21:]
    feed = parsed(document.encode(charset), header)
    assert titles(feed) == ["Перемирие"]


def test_a_declaration_that_lies_loses_no_entry() -> None:
    latin = '<?xml version="1.0" encoding="utf-8"?>' + rss([{"title": "café"}, {"title": "b"}])[21:]
    assert len(parsed(latin.encode("latin-1")).entries) == 2


def test_entities_that_html_has_and_xml_has_not() -> None:
    document = rss([{"title": "one"}]).replace("one", "one&nbsp;&eacute;&rsquo;")
    assert titles(parsed(document)) == ["one é’"]


def test_a_title_is_unescaped_once_as_text() -> None:
    document = rss([{"title": escape("AT&T")}])
    assert titles(parsed(document)) == ["AT&T"]
