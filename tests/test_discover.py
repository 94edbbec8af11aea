"""Finding a site's feeds: what pages declare, what they link to, and where feeds mostly are."""

import gzip
import json
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.real_data import FOLDER, real_files
from worker.discover import FeedLink, feed_links, news_sitemaps, well_known
from worker.urls import absolute_url

HOME = "https://news.example/"
RSS, ATOM = "application/rss+xml", "application/atom+xml"


def links(html: str | bytes, base: str = HOME) -> list[str]:
    return [link.url for link in feed_links(html.encode() if isinstance(html, str) else html, base)]


# ---- what a page declares


@pytest.mark.parametrize(
    ("element", "url"),
    [
        (f'<link rel="alternate" type="{RSS}" href="/feed">', "https://news.example/feed"),
        (f"<LINK HREF='/feed' TYPE='{RSS}' REL='Alternate'>", "https://news.example/feed"),
        (f'<link rel="alternate home" type="{ATOM}" href="x.atom">', "https://news.example/x.atom"),
        (f'<link type="{RSS}; charset=utf-8" rel=alternate href=/f>', "https://news.example/f"),
        (f'<link rel="alternate" type="{RSS}" href="//cdn.example/r">', "https://cdn.example/r"),
        (f'<link rel="alternate" type="{RSS}" href="http://b.example/r#x">', "http://b.example/r"),
        (
            f'<link rel="alternate" type="{RSS}" href=" /feed&amp;x ">',
            "https://news.example/feed&x",
        ),
        (
            f'<link rel="alternate" type="{RSS}" href="feed://news.example/f">',
            "https://news.example/f",
        ),
        (
            f'<link rel="alternate" type="{RSS}" href="feed:http://news.example/f">',
            "http://news.example/f",
        ),
        (
            '<link rel="alternate" type="application/feed+json" href="/feed.json">',
            "https://news.example/feed.json",
        ),
        (
            '<link rel="alternate" type="application/json" href="/feed.json">',
            "https://news.example/feed.json",
        ),
        ('<link rel="alternate" type="text/xml" href="/rss.xml">', "https://news.example/rss.xml"),
        ('<link rel="feed" href="/news">', "https://news.example/news"),
        (f'<link rel="service.feed" type="{ATOM}" href="/news">', "https://news.example/news"),
        ('<a href="/rss">RSS</a>', "https://news.example/rss"),
        ('<a href="/feed/">x</a>', "https://news.example/feed/"),
        ('<a href="/news.rss">x</a>', "https://news.example/news.rss"),
        ('<a href="/rss/world">x</a>', "https://news.example/rss/world"),
        ('<a href="/world/atom.xml">x</a>', "https://news.example/world/atom.xml"),
        ('<a href="/index.xml">x</a>', "https://news.example/index.xml"),
        ('<a href="/rss.php?c=1">x</a>', "https://news.example/rss.php?c=1"),
        ('<a href="/?feed=rss2">x</a>', "https://news.example/?feed=rss2"),
        ('<a href="/x?format=rss">x</a>', "https://news.example/x?format=rss"),
        ('<a href="/feeds/posts/default">x</a>', "https://news.example/feeds/posts/default"),
        ('<a href="https://feeds.feedburner.com/Desk">x</a>', "https://feeds.feedburner.com/Desk"),
        (f'<a type="{RSS}" href="/odd">x</a>', "https://news.example/odd"),
    ],
)
def test_a_feed_is_found(element: str, url: str) -> None:
    assert links(f"<html><head>{element}</head><body><p>x</p></body></html>") == [url]
    assert links(f"<p>no head <b>and not closed {element}") == [url]


@pytest.mark.parametrize(
    "element",
    [
        '<link rel="alternate" hreflang="de" href="/de/feed-the-world">',
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">',
        '<link rel="alternate" type="application/json+oembed" href="/oembed?format=json">',
        '<link rel="alternate" type="text/xml+oembed" href="/oembed?format=xml">',
        '<link rel="alternate" type="text/html" href="/amp">',
        f'<link rel="stylesheet alternate" type="{RSS}" href="/x">',
        f'<link rel="self" type="{RSS}" href="/x">',
        f'<link rel="alternate" type="{RSS}">',
        f'<link rel="alternate" type="{RSS}" href="">',
        f'<link rel="alternate" type="{RSS}" href="javascript:alert(1)">',
        f'<link rel="alternate" type="{RSS}" href="http://u:p@news.example/x">',
        f'<!-- <link rel="alternate" type="{RSS}" href="/x"> -->',
        f'<script>\'<link rel="alternate" type="{RSS}" href="/x">\'</script>',
        '<a href="/feedback">x</a>',
        '<a href="/about/rss.html">RSS explained</a>',
        '<a href="/img/rss.png">x</a>',
        '<a href="/world/atomic-energy">x</a>',
        '<a href="/press">x</a>',
        '<a href="https://feeds.feedburner.com/">x</a>',
        '<a href="/sitemap.xml">x</a>',
    ],
)
def test_what_is_no_feed_is_not(element: str) -> None:
    assert links(f"<html><head>{element}</head><body>{element}</body></html>") == []


def test_declared_feeds_come_first_and_comments_last() -> None:
    html = f"""
      <a href="/rss/sport">Sport</a>
      <link rel="alternate" type="{RSS}" title="News » Comments Feed" href="/c">
      <link rel="alternate" type="{RSS}" title="News" href="/feed">
      <link rel="alternate" type="{ATOM}" title="Kommentare" href="/k">
      <a href="/comments/feed/">x</a><a href="/?feed=comments-rss2">x</a>"""
    assert [link.partition("example")[2] for link in links(html)] == [
        *("/feed", "/rss/sport", "/c", "/k", "/comments/feed/", "/?feed=comments-rss2"),
    ]


def test_an_articles_own_feed_comes_after_the_sites() -> None:
    base = "https://news.example/2026/01/talks-in-geneva/"
    html = "<a href='feed/'>x</a><a href='/feed/'>y</a>"
    assert links(html, base) == ["https://news.example/feed/", f"{base}feed/"]
    section = "https://news.example/world/"
    assert links(html, section) == [f"{section}feed/", "https://news.example/feed/"]


def test_a_feed_is_told_once_with_the_title_that_it_has_somewhere() -> None:
    html = f"""<link rel="alternate" type="{RSS}" href="/feed">
      <a href="/feed#top" title="  All\n news ">x</a><a href="/feed">other</a>"""
    assert feed_links(html.encode(), HOME) == [FeedLink(f"{HOME}feed", "All news", RSS)]


def test_the_base_of_the_document_counts() -> None:
    html = f"<base href='/de/'><link rel=alternate type={RSS} href=feed><base href='/no/'>"
    assert links(html) == ["https://news.example/de/feed"]
    assert links("<base href='javascript:x'><a href=rss>x</a>") == ["https://news.example/rss"]


def test_titles_in_any_encoding_are_read() -> None:
    html = f"<meta charset=windows-1251><link rel=alternate type={RSS} href=/f title='Новости'>"
    (found,) = feed_links(html.encode("windows-1251"), HOME)
    assert found.title == "Новости"


@pytest.mark.parametrize(
    "html", [b"", b" ", b"\x00", b"<", b"<?xml", b"\xff\xfe", b"%PDF-1.4", b"{}"]
)
def test_what_is_no_page_has_no_feeds(html: bytes) -> None:
    assert feed_links(html, HOME) == []


@pytest.mark.parametrize(
    "html",
    [
        b"<a href=/rss/%d>x" * 100_000,
        b"<div>" * 300_000 + b"<a href=/rss>x",
        b"<a " + b"x=y " * 400_000 + b"href=/rss>x",
        b"<a href='" + b"/rss" * 400_000 + b"'>",
    ],
    ids=["many", "deep", "attributes", "long"],
)
def test_a_hostile_page_costs_little(html: bytes) -> None:
    began = process_time()
    assert len(feed_links(html, HOME)) <= 100
    assert process_time() - began < 10


@settings(deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300), st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace"))
    )
)
def test_any_bytes_are_looked_through(html: bytes) -> None:
    for link in feed_links(b"<a href='/rss'>" + html + b"<link rel=feed href='" + html, HOME):
        assert absolute_url(link.url) == link.url


def test_real_pages_name_feeds_that_can_be_asked_for() -> None:
    real_files("pages/*.gz")
    naming = 0
    for page in json.loads((FOLDER / "pages" / "truth.json").read_text()):
        html = gzip.decompress((FOLDER / "pages" / page["file"]).read_bytes())
        found = feed_links(html, page["url"])
        naming += bool(found)
        assert all(absolute_url(link.url) == link.url for link in found)
        assert len({link.url for link in found}) == len(found)
    assert naming >= 60


# ---- where to look


def test_well_known_places_at_the_root() -> None:
    places = well_known("https://news.example")
    assert places[:5] == [
        f"{HOME}{name}" for name in ("feed", "rss", "rss.xml", "feed.xml", "atom.xml")
    ]
    assert {f"{HOME}index.xml", f"{HOME}feeds/posts/default", f"{HOME}?feed=rss2"} <= set(places)


def test_well_known_places_in_the_folders_above_a_page() -> None:
    places = well_known("https://news.example:8443/en/world/asia/index.html?x=1#y")
    assert places[:5] == [
        f"https://news.example:8443/en/{place}"
        for place in (
            *("world/asia/feed", "world/asia/rss", "world/asia/rss.xml", "world/asia/?feed=rss2"),
            "world/feed",
        )
    ]
    assert "https://news.example:8443/feed" in places
    assert len(places) < 40


@settings(deadline=None)
@given(st.text(max_size=60))
def test_places_are_usable_and_told_once(path: str) -> None:
    places = well_known(f"https://news.example/{path}")
    assert len(set(places)) == len(places)
    assert all(absolute_url(place) for place in places)


ROBOTS = """User-agent: *
Disallow: /x
Sitemap: https://news.example/sitemap.xml
sitemap:https://news.example/sitemap-news.xml
Sitemap: https://cdn.example/google-news/latest.xml # newest
Sitemap: https://news.example/news/sitemap-2019-04.xml
Sitemap: https://news.example/newsletter.xml
Sitemap: /news-index.xml
Sitemap: file:///etc/news
"""


def test_news_sitemaps_of_robots_txt_come_first() -> None:
    found = news_sitemaps(ROBOTS, HOME)
    assert found[:3] == [
        "https://news.example/sitemap-news.xml",
        "https://cdn.example/google-news/latest.xml",
        "https://news.example/news-index.xml",
    ]
    assert f"{HOME}news-sitemap.xml" in found
    assert len(set(found)) == len(found)
    assert not any("2019" in url or "newsletter" in url or "file:" in url for url in found)


def test_without_robots_txt_the_usual_names_are_tried() -> None:
    assert news_sitemaps("", "https://news.example/world/x")[0] == f"{HOME}news-sitemap.xml"
    assert len(news_sitemaps("Sitemap: /news%d.xml\n" * 100_000, HOME)) < 20
