"""feeds.opml: what is read, what is refused, and that what is written is read again."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config_files.making import FEEDS, write
from worker.config_files import read_opml, write_opml
from worker.config_files.opml import read_feeds
from worker.errors import ConfigError
from worker.records import FeedSpec

ONE = 'xmlUrl="https://one.example/feed"'
ENTITY = '<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/hostname">]>\n<opml'

# what is changed, into what, line, problem
MISTAKES = [
    (ONE, 'xmlUrl=""', 6, "'One' has no xmlUrl"),
    (ONE, "", 6, "'One' has no xmlUrl"),
    (ONE, 'xmlUrl="ftp://one.example/feed"', 6, "neither http nor https"),
    (ONE, 'xmlUrl="file:///etc/passwd"', 6, "neither http nor https"),
    (ONE, 'xmlUrl="one.example/feed"', 6, "no usable address"),
    (ONE, 'xmlUrl="https:///feed"', 6, "no usable address"),
    (ONE, 'xmlUrl="https://one.example:port/"', 6, "no usable address"),
    (ONE, 'xmlUrl="https://one example/"', 6, "no usable address"),
    (ONE, 'xmlUrl="https://[::1/feed"', 6, "no usable address"),
    (ONE, f'xmlUrl="https://one.example/{"x" * 2000}"', 6, "longer than 2,000"),
    (ONE, 'xmlUrl="https://me:hush@one.example/"', 6, "holds a user name or password"),
    (ONE, 'xmlUrl="ftp://me:hush@one.example/"', 6, "neither http nor https"),
    (ONE, 'xmlUrl="https://one.example/${HUSH}"', 6, "cannot hold ${NAME}"),
    ("http://three.example/atom.xml", "https://one.example/feed", 9, "in lines 6 and 9"),
    ("http://three.example/atom.xml", "HTTPS://ONE.example/feed#top", 9, "in lines 6 and 9"),
    ("</outline>", "", 10, "malformed XML"),
    ("&amp;", "&", 7, "malformed XML"),
    ('text="One"', 'text="One', 6, "malformed XML"),
    ("<opml", ENTITY, 2, "declares a document type"),
    (FEEDS, "", None, "it is empty"),
    (FEEDS, "Syria feeds", 1, "malformed XML"),
    (FEEDS, "<html><body/></html>", 1, "it is <html>, not OPML"),
    (FEEDS, '<opml version="2.0"><head/></opml>', 1, "it has no <body>"),
    (FEEDS, f"<opml><body>{'<outline>' * 60}{'</outline>' * 60}</body></opml>", 1, "too deeply"),
    (FEEDS, "<outline>" * 5_000, 1, "malformed XML"),
    (FEEDS, "<opml><body>\x01</body></opml>", 1, "malformed XML"),
]


@pytest.mark.parametrize(("old", "new", "line", "problem"), MISTAKES)
def test_a_mistake_in_feeds_is_pointed_at(
    tmp_path: Path, old: str, new: str, line: int | None, problem: str
) -> None:
    assert old in FEEDS
    path = write(tmp_path, feeds=FEEDS.replace(old, new, 1)) / "feeds.opml"
    _, found = read_feeds(path)
    assert len(found) == 1, [str(m) for m in found]
    assert (found[0].file, found[0].line) == (str(path), line), str(found[0])
    assert problem in found[0].problem
    assert found[0].remedy
    assert "hush" not in str(found[0])
    with pytest.raises(ConfigError) as caught:
        read_opml(path.read_bytes(), str(path))
    assert str(caught.value) == str(found[0])


def test_a_doctype_hidden_in_another_encoding_is_refused_as_well() -> None:
    text = '<?xml version="1.0" encoding="UTF-16"?>' + ENTITY + "><body/></opml>"
    with pytest.raises(ConfigError, match="document type"):
        read_opml(text.encode("utf-16"), "feeds.opml")


def test_lists_as_feed_readers_export_them_are_read() -> None:
    exported = """<opml version="1.0"><body>
      <!-- a comment -->
      <outline text="News"><outline title="Levant">
        <outline text="" title="A" type="RSS" xmlurl=" https://a.example/ "/>
      </outline><outline>
        <outline text="B&#10;two" xmlUrl="https://b.example/" htmlUrl="javascript:x"/>
      </outline></outline>
      <outline text="https://c.example/" xmlUrl="https://c.example/"/>
      <outline text="a note"/>
    </body></opml>"""
    assert read_opml(exported.encode(), "x.opml") == [
        FeedSpec("https://a.example/", "A", None, "Levant"),
        FeedSpec("https://b.example/", "B two", None, "News"),
        FeedSpec("https://c.example/", "", None, ""),
    ]


def test_a_list_without_feeds_is_an_empty_list() -> None:
    assert read_opml(b"<opml><body/></opml>", "x.opml") == []
    assert read_opml(write_opml([]).encode(), "x.opml") == []


LABEL = st.text(max_size=30)
FEED = st.builds(
    FeedSpec,
    url=st.integers(0, 10**6).map(lambda n: f"https://example.org/feed?n={n}&lang=ar"),
    title=LABEL,
    site_url=st.none() | st.just("https://example.org/a?b=1&c=2"),
    category=LABEL,
)


@given(st.lists(FEED, max_size=8, unique_by=lambda feed: feed.url))
def test_what_is_written_is_read_again(feeds: list[FeedSpec]) -> None:
    once = read_opml(write_opml(feeds).encode(), "x.opml")
    assert {feed.url for feed in once} == {feed.url for feed in feeds}
    assert {(f.url, f.site_url) for f in once} == {(f.url, f.site_url) for f in feeds}
    again = read_opml(write_opml(once).encode(), "x.opml")
    assert again == once


def test_titles_and_categories_survive() -> None:
    feeds = [
        FeedSpec("https://a.example/", 'عنب "بلدي" <&>', "https://a.example/", "العربية"),
        FeedSpec("https://b.example/", "", None, ""),
        FeedSpec("https://c.example/", "C", None, "العربية"),
    ]
    found = read_opml(write_opml(feeds).encode(), "x.opml")
    assert sorted(found, key=lambda f: f.url) == feeds


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for document in (data, b"<opml><body>" + data + b"</body></opml>"):
        try:
            read_opml(document, "x.opml")
        except ConfigError:
            continue
