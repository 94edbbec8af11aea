"""The two roads to an entry: the fast one, and feedparser where only it can tell."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from bench.referee import differences
from tests.real_data import real_files
from tests.site import page, rss
from worker.errors import Reason
from worker.parse import parse_fast, parse_feed, parse_tolerant, told_title
from worker.records import Failed, ParsedFeed

URL = "https://news.example.org/feed"
# feedparser keeps an element's text under its name, and this one stands in for the authors.
ODD = "<authors>Ana B</authors>"
ITEM = {"title": "Talks", "guid": "tag:1", "link": "/1", "pubDate": "Sun, 01 Mar 2026 12:00:00 GMT"}


def test_what_only_feedparser_can_tell_is_left_to_it() -> None:
    body = rss([ITEM]).replace("<guid>", f"{ODD}<guid>").encode()
    assert parse_fast(body, url=URL) is None
    found = parse_feed(body, url=URL)
    assert isinstance(found, ParsedFeed)
    assert found.tolerant
    assert found == parse_tolerant(body, url=URL)


def test_both_roads_lead_to_the_same_entries() -> None:
    items = [ITEM | {"guid": f"tag:{n}", "author": "Ana B"} for n in range(3)]
    body = rss(items, title="A & B").encode()
    fast, tolerant = parse_fast(body, url=URL), parse_tolerant(body, url=URL)
    assert isinstance(fast, ParsedFeed)
    assert isinstance(tolerant, ParsedFeed)
    assert (fast.title, fast.site_url, fast.entries) == (
        tolerant.title,
        tolerant.site_url,
        tolerant.entries,
    )
    assert fast.entries[0].published == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_slow_road_refuses_what_the_fast_one_refuses() -> None:
    for body in (page("Sign in", "Please sign in.").encode(), b"just some words"):
        fast, tolerant = parse_fast(body, url=URL), parse_tolerant(body, url=URL)
        assert isinstance(fast, Failed)
        assert isinstance(tolerant, Failed)
        assert fast.reason is tolerant.reason


def test_a_process_that_never_needs_feedparser_never_loads_it() -> None:
    code = (
        "import sys, worker.parse as p; p.parse_feed(b'<rss version=\"2.0\"/>', url=''); "
        "sys.exit('feedparser' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ---- encodings


def test_an_operator_knows_the_encoding_better() -> None:
    head = b"<?xml version='1.0' encoding='iso-8859-1'?>"
    body = head + rss([{"title": "Мир"}])[21:].encode("koi8-r")
    for parse in (parse_fast, parse_tolerant):
        found = parse(body, url=URL, encoding="koi8-r")
        assert isinstance(found, ParsedFeed)
        assert found.entries[0].title == "Мир"


@pytest.mark.parametrize("encoding", ["nonsense", "hex", "punycode", "undefined", "utf-16"])
def test_an_operator_who_is_wrong_loses_no_entry(encoding: str) -> None:
    found = parse_feed(rss([{"title": "Мир"}]).encode(), url=URL, encoding=encoding)
    assert isinstance(found, ParsedFeed)
    assert [one.title for one in found.entries] == ["Мир"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (
            "déjà vu".encode().decode("iso-8859-1"),
            "déjà vu",
        ),  # UTF-8 that somebody took for Latin-1
        ("it&#146;s &#147;so&#148;", "it’s “so”"),  # Windows' numbers for them
        ("caf\xe9 \x96 bar", "café – bar"),
        ("Ã la carte", "Ã la carte"),
    ],
)
def test_letters_that_were_encoded_wrongly_are_set_right(written: str, meant: str) -> None:
    document = rss([{"title": "TITLE"}]).replace("TITLE", written)
    found = parse_fast(document.encode(), url=URL)
    assert isinstance(found, ParsedFeed)
    assert found.entries[0].title == meant


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("head", ["", '<?xml version="1.0" encoding="utf-8"?>'])
@pytest.mark.parametrize("header", ["", "text/xml; charset=utf-8", "text/xml; charset=utf-16"])
def test_letters_of_two_bytes_or_more_show_whatever_is_said_of_them(
    encoding: str, head: str, header: str
) -> None:
    body = (head + rss([{"title": "Talks"}])[21:]).encode(encoding)
    found = parse_fast(body, url=URL, content_type=header)
    assert isinstance(found, ParsedFeed)
    assert [one.title for one in found.entries] == ["Talks"]


def test_bytes_that_are_not_what_the_document_says_cost_no_entry() -> None:
    head = b"<?xml version='1.0' encoding='utf-8'?>"
    body = head + rss([{"title": "Été"}, {"title": "b"}])[21:].encode("iso-8859-1")
    found = parse_fast(body, url=URL)
    assert isinstance(found, ParsedFeed)
    assert [one.title for one in found.entries] == ["Été", "b"]


# ---- titles


@pytest.mark.parametrize(
    ("title", "kind", "told"),
    [
        ("AT&T", "text/plain", "AT&T"),
        ("a <b>b</b>", "text/plain", "a <b>b</b>"),  # said to be text: these are its letters
        ("a <b>b</b><script>c</script>", "text/html", "a <b>b</b>"),
        ("a <b>b</b>", "", "a <b>b</b>"),
        ("a < b", "", "a < b"),
        ("it&#39;s &#8217; &#146; &foo; x", "text/html", "it's &#8217; &#x2019; &amp;foo x"),
    ],
)
def test_a_title_is_told_as_feedparser_tells_it(title: str, kind: str, told: str) -> None:
    assert told_title(title, kind) == told


# ---- what is no feed


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><body><item>a</item></body></html>",
        b"<html xmlns='http://www.w3.org/1999/xhtml' xmlns:a='http://www.w3.org/2005/Atom'/>",
        b"<!-- x --><HTML><entry/><link rel=alternate href=/feed></HTML>",
    ],
)
def test_a_page_is_no_feed_whatever_is_in_it(body: bytes) -> None:
    found = parse_fast(body, url=URL)
    assert isinstance(found, Failed)
    assert found.reason is Reason.NOT_A_FEED


def test_html_in_a_feed_makes_no_page_of_it() -> None:
    item = {"title": "x", "description": "<!DOCTYPE html><html><body>Hello.</body></html>"}
    assert isinstance(parse_fast(rss([item]).encode(), url=URL), ParsedFeed)


def test_what_was_repaired_is_noted() -> None:
    found = parse_fast(rss([ITEM]).replace("</title>", "", 1).encode(), url=URL)
    assert isinstance(found, ParsedFeed)
    assert found.notes == ("no well-formed XML: mismatched tag",)


# ---- real feeds


@pytest.mark.parametrize("folder", ["feeds", "feeds-world"])
def test_of_real_feeds_feedparser_says_the_same(folder: str) -> None:
    differ, left = {}, []
    for file in real_files(f"{folder}/*.xml"):
        body = file.read_bytes()
        found = differences(body, html=False)
        if found is not None and found.core:
            differ[file.name] = found.core
        if parse_fast(body, url=URL) is None:
            left.append(file.name)
    assert differ == {}
    assert left == []
