"""What no document may do, however it is made: each limit, and time in step with the size."""

import time
from collections.abc import Callable

import pytest

from tests.site import rss
from worker.errors import Reason
from worker.parse import parse_fast, parse_feed
from worker.parse.limits import (
    MAX_ATTRIBUTES,
    MAX_AUTHOR,
    MAX_AUTHORS,
    MAX_DEPTH,
    MAX_ENTRIES,
    MAX_EXPANSION,
    MAX_HTML,
    MAX_NAMESPACES,
    MAX_TITLE,
)
from worker.records import Failed, ParsedFeed

URL = "https://news.example.org/feed"


def read(document: str | bytes) -> ParsedFeed | Failed | None:
    body = document.encode() if isinstance(document, str) else document
    return parse_fast(body, url=URL)


def fed(document: str | bytes) -> ParsedFeed:
    found = read(document)
    assert isinstance(found, ParsedFeed), found
    return found


def refused(document: str | bytes) -> Reason:
    found = read(document)
    assert isinstance(found, Failed), found
    return found.reason


# ---- limits of what is kept


def test_titles_texts_and_authors_are_cut_short() -> None:
    item = {"title": "T" * 50_000, "description": "d" * (MAX_HTML + 5), "author": "A" * 9_999}
    (one,) = fed(rss([item])).entries
    assert (len(one.title), len(one.html)) == (MAX_TITLE, MAX_HTML)
    assert [len(author) for author in one.authors] == [MAX_AUTHOR]


def test_many_authors_are_cut_short() -> None:
    names = "".join(f"<author><name>Author {n}</name></author>" for n in range(5_000))
    document = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry>{names}</entry></feed>'
    assert len(fed(document).entries[0].authors) == MAX_AUTHORS


@pytest.mark.parametrize("mistake", ["", "<title>&</title>"], ids=["well-formed", "broken"])
def test_entries_beyond_the_limit_are_left_out_and_a_note_says_so(mistake: str) -> None:
    items = "<item><guid>1</guid></item>" * (MAX_ENTRIES + 5)
    found = fed(f"<rss version='2.0'><channel>{mistake}{items}</channel></rss>")
    assert len(found.entries) == 1  # they were all the same one
    assert f"only the first {MAX_ENTRIES:,} entries were read" in found.notes
    assert any(f"{MAX_ENTRIES - 1} entries were there twice" in note for note in found.notes)


def test_elements_may_nest_as_deep_as_feeds_do_and_no_deeper() -> None:
    def nested(depth: int) -> str:
        inside = "<b>" * depth + "x" + "</b>" * depth
        return rss([{"title": "t", "description": "TEXT"}]).replace("TEXT", inside)

    assert len(fed(nested(MAX_DEPTH - 10)).entries) == 1
    assert refused(nested(MAX_DEPTH + 10)) is Reason.TOO_DEEP


def test_attributes_beyond_the_limit_are_left_out() -> None:
    many = "".join(f' A{n}="{n}"' for n in range(10 * MAX_ATTRIBUTES))
    document = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link LINK/></entry></feed>'
    (one,) = fed(document.replace("LINK", f'HREF="/1"{many}')).entries
    assert one.link == "https://news.example.org/1"
    assert fed(document.replace("LINK", f'{many} HREF="/1"')).entries[0].link is None


def test_namespaces_beyond_the_limit_are_taken_for_none() -> None:
    many = "".join(f' xmlns:n{n}="http://a.org/{n}"' for n in range(10 * MAX_NAMESPACES))
    document = rss([{"title": "x"}]).replace("<channel", f"<channel{many}")
    assert [one.title for one in fed(document).entries] == ["x"]


# ---- entities


def entity_document(declared: str, title: str) -> str:
    return f"<!DOCTYPE rss [{declared}\n]>" + rss([{"title": "TITLE"}])[21:].replace("TITLE", title)


def test_entities_that_a_document_declares_are_read() -> None:
    document = entity_document(
        '\n<!ENTITY wire "The Wire">\n<!ENTITY eur "&#8364;">', "&wire; &eur;5"
    )
    assert fed(document).entries[0].title == "The Wire €5"


def test_entities_that_nobody_declares_are_those_of_html() -> None:
    document = rss([{"title": "T"}]).replace("<title>T", "<title>caf&eacute;&nbsp;&mdash;&rsquo;")
    assert fed(document).entries[0].title == "café —’"


def test_an_entity_that_is_said_too_often_is_refused() -> None:
    declared = f'\n<!ENTITY a "{"x" * 50_000}">'
    assert fed(entity_document(declared, "&a;" * 10)).entries[0].title.startswith("xxx")
    assert refused(entity_document(declared, "&a;" * 50_000)) is Reason.ENTITY_EXPANSION
    assert MAX_EXPANSION < 50_000 * 50_000


def test_entities_within_entities_do_not_grow() -> None:
    levels = "".join(f'\n<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = entity_document(f'\n<!ENTITY a0 "boom">{levels}', "&a11;")
    assert len(str(read(bomb))) < 10_000
    on_one_line = "<?xml version='1.0'?>" + bomb.replace("\n", " ")
    assert refused(on_one_line) is Reason.ENTITY_EXPANSION


# ---- time

Attack = Callable[[int], str]
ATTACKS: dict[str, Attack] = {
    "tags that never close": lambda n: "<rss><channel>" + "<item>" * n,
    "starts of tags": lambda n: "<rss><item><title>" + "<a " * n,
    "quotes that never close": lambda n: "<rss><item><title>" + "<a b='" * n,
    "either quote": lambda n: "<rss><item><title>" + "<a b='\">" * n,
    "ends of tags": lambda n: "<rss><item><title>" + "</" * n,
    "comments": lambda n: "<rss><item><title>" + "<!--" * n,
    "CDATA": lambda n: "<rss><item><title>" + "<![CDATA[" * n,
    "document types": lambda n: "<!DOCTYPE " * n + "<rss/>",
    "document types on a line": lambda n: "a" + "<!DOCTYPE a>" * n + "<rss/>",
    "entities": lambda n: "<!DOCTYPE x [" + "\n<!ENTITY x 'y'>" * n + "]><rss/>",
    "blank lines": lambda n: "\n" * 10 * n + "<rss><item/></rss>",
    "references": lambda n: "<rss><item><title>" + "&" * n + "&#" * n + "&a" * n,
    "an address without end": lambda n: "<rss><item><author>" + "a" * n * 5 + "@",
    "at signs": lambda n: "<rss><item><author>" + "a@" * n + "</author>",
    "shorthand": lambda n: "<rss><item><title>" + "<a/b" * n,
    "attributes": lambda n: "<rss " + " ".join(f"a{k}='1'" for k in range(n)) + "><item/></rss>",
    "namespaces": lambda n: (
        "<rss>" + "".join(f"<x xmlns='u{k}'/>" for k in range(n)) + "<item/></rss>"
    ),
    "authors": lambda n: "<rss><item>" + "<author>a</author>" * n + "</item></rss>",
    "contents": lambda n: "<rss><item>" + "<description>a</description>" * n + "</item></rss>",
    "dates": lambda n: (
        "<rss>" + "".join(f"<item><pubDate>{k} q 2020</pubDate></item>" for k in range(n // 8))
    ),
    "markup in markup": lambda n: rss([{"title": "<script " * n, "description": "<!--" * n}]),
    "a deep JSON feed": lambda n: '{"items":' * n,
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_twice_the_size_takes_about_twice_the_time(attack: Attack) -> None:
    small, large = attack(10_000).encode(), attack(80_000).encode()
    assert _cpu_s(large) < 0.3 + 20 * _cpu_s(small)


def _cpu_s(body: bytes) -> float:
    began = time.process_time()
    found = parse_feed(body, url=URL)
    spent = time.process_time() - began
    assert isinstance(found, ParsedFeed | Failed)
    return spent
