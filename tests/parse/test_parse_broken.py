"""What is no feed, or a broken or hostile one: a reason, or what can be saved, and soon."""

import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.site import page, rss
from worker.errors import Reason
from worker.parse import parse_feed
from worker.records import Failed, ParsedFeed

URL = "https://news.example.org/feed"
ITEMS = [{"title": f"Story {n}", "guid": str(n), "description": "Text. " * 20} for n in range(10)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", Reason.EMPTY_BODY),
        (b" \r\n\t ", Reason.EMPTY_BODY),
        (page("Sign in", "Please sign in.").encode(), Reason.NOT_A_FEED),
        (b"<!DOCTYPE html><title>404</title>", Reason.NOT_A_FEED),
        (b"\xef\xbb\xbf<html><body>hello</body></html>", Reason.NOT_A_FEED),
        (b"just some words", Reason.MALFORMED_FEED),
        (b'{"error": "not found"}', Reason.MALFORMED_FEED),
        (b"%PDF-1.7 \x00\x01", Reason.MALFORMED_FEED),
        (b"<opml version='2.0'><body/></opml>", Reason.MALFORMED_FEED),
        (b"\x00" * 1_000, Reason.MALFORMED_FEED),
        (b"\xff\xfe", Reason.MALFORMED_FEED),
    ],
)
def test_what_is_no_feed_is_refused_with_a_reason(body: bytes, reason: Reason) -> None:
    found = parse_feed(body, url=URL)
    assert isinstance(found, Failed), found
    assert found.reason is reason
    assert found.detail
    assert len(found.detail) <= 300


def test_a_bracket_before_a_feed_makes_no_json_of_it() -> None:
    found = parse_feed(b"{" + rss([{"title": "x"}]).encode(), url=URL)
    assert isinstance(found, ParsedFeed)
    assert [one.title for one in found.entries] == ["x"]


def test_a_feed_that_breaks_off_in_mid_item_keeps_the_items_before() -> None:
    whole = rss(ITEMS)
    cut = whole[: whole.index("Story 7") + 3]
    found = parse_feed(cut.encode(), url=URL)
    assert isinstance(found, ParsedFeed)
    assert [one.title for one in found.entries][:7] == [item["title"] for item in ITEMS[:7]]


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9, 0.99])
def test_wherever_a_feed_breaks_off_what_was_whole_is_kept(share: float) -> None:
    whole = rss(ITEMS)
    cut = whole[: int(len(whole) * share)]
    found = parse_feed(cut.encode(), url=URL)
    assert isinstance(found, ParsedFeed)
    assert len(found.entries) >= cut.count("</item>")


@pytest.mark.parametrize(
    "mistake",
    [
        ("</title>", ""),
        ("Text.", "Text & <b>more"),
        ("Text.", "a < b"),
        ("Text.", "\x01\x02"),
        ("<item>", "<item <item>"),
        ("<guid>", "<ns:odd/><guid>"),
    ],
    ids=["unclosed", "ampersand", "less than", "controls", "tag in tag", "namespace"],
)
def test_a_mistake_in_one_item_loses_no_other(mistake: tuple[str, str]) -> None:
    document = rss(ITEMS).replace(*mistake, 1) if mistake[0] != "Text." else _in_third(mistake)
    found = parse_feed(document.encode(), url=URL)
    assert isinstance(found, ParsedFeed)
    told = " ".join(one.title for one in found.entries)
    assert all(f"Story {n}" in told for n in range(4, 10))


def _in_third(mistake: tuple[str, str]) -> str:
    spoilt = [dict(item) for item in ITEMS]
    spoilt[2]["description"] = "SPOIL"
    return rss(spoilt).replace("SPOIL", mistake[1])


# ---- attacks


def swiftly(body: bytes, seconds: float = 5) -> ParsedFeed | Failed:
    began = time.perf_counter()
    found = parse_feed(body, url=URL)
    assert time.perf_counter() - began < seconds
    return found


def test_an_entity_bomb_does_not_go_off() -> None:
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE rss [<!ENTITY a0 "boom">{levels}]>' + rss([{"title": "x"}])[21:]
    found = swiftly(bomb.replace("<title>x", "<title>&a9;").encode())
    assert len(str(found)) < 10_000


def test_a_wide_entity_bomb_does_not_go_off() -> None:
    wide = f'<!DOCTYPE rss [<!ENTITY a "{"x" * 50_000}">]>' + rss([{"title": "TITLE"}])[21:]
    found = swiftly(wide.replace("TITLE", "&a;" * 50_000).encode(), seconds=10)
    assert len(str(found)) < 1_000_000


@pytest.mark.parametrize("form", ["SYSTEM", "PUBLIC 'x'"])
def test_an_external_entity_is_not_read(tmp_path: Path, form: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cr3t")
    doctype = f'<!DOCTYPE rss [<!ENTITY x {form} "{secret.as_uri()}">]>'
    document = doctype + rss([{"title": "TITLE"}])[21:].replace("TITLE", "a &x; b")
    assert "s3cr3t" not in str(swiftly(document.encode()))


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "</",
        "<a ",
        "<a b='",
        "<!--",
        "<![CDATA[",
        "<!DOCTYPE ",
        "<!ENTITY x '",
        "&",
        "&#",
        "]]>",
    ],
)
def test_markup_that_never_ends_takes_bounded_time(piece: str) -> None:
    swiftly(b"<rss><channel><item><title>" + piece.encode() * 20_000)


def test_a_body_of_nothing_but_openings_takes_bounded_time() -> None:
    swiftly(rss([{"title": "x", "description": "<!--" * 50_000}]).encode())
    swiftly(rss([{"title": "<script " * 50_000}]).encode())


def test_deep_nesting_is_survived() -> None:
    swiftly(b"<rss><channel>" + b"<div>" * 20_000 + b"<item><title>x</title></item>")


# ---- laws, and the real world


@given(st.binary(max_size=2_000))
def test_any_bytes_are_a_feed_or_a_failure(body: bytes) -> None:
    assert isinstance(parse_feed(body, url=URL), ParsedFeed | Failed)


PIECES = st.sampled_from(
    [
        *("<rss version='2.0'>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<feed>"),
        *(
            "<entry>",
            "<link>",
            "<link href='",
            "'/>",
            "<guid>",
            "</guid>",
            "http://a.org/",
            "[",
            "&",
        ),
        *(
            "<pubDate>",
            "Mon, 99 Foo",
            "</pubDate>",
            "<![CDATA[",
            "]]>",
            "\x00",
            "é",
            "&#xD800;",
            "x",
        ),
        *("<?xml version='1.0' encoding='utf-16'?>", "<!DOCTYPE x [", "]>", "xml:base='http://['"),
    ]
)


@settings(max_examples=200)
@given(st.lists(PIECES, max_size=30).map("".join), st.text(max_size=30))
def test_any_heap_of_markup_is_a_feed_or_a_failure(body: str, content_type: str) -> None:
    found = parse_feed(body.encode(), url=URL, content_type=content_type)
    assert isinstance(found, ParsedFeed | Failed)
    if isinstance(found, ParsedFeed):
        guids = Counter(entry.guid for entry in found.entries)
        assert all(count == 1 for count in guids.values())
        for entry in found.entries:
            for part in (entry.guid, entry.link or "", entry.title, entry.html):
                part.encode()
                assert "\x00" not in part
