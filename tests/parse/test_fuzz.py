"""Documents made up at random: none raises anything, and all that comes out can be stored.

`WIREWATCH_FUZZ` multiplies how many: `WIREWATCH_FUZZ=20 pytest tests/parse/test_fuzz.py`.
"""

import json
import os
from collections import Counter
from contextlib import suppress
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.referee import differences
from tests.parse import making
from worker.parse import parse_fast, parse_feed, read, wellformed
from worker.records import Failed, ParsedFeed

TIMES = int(os.environ.get("WIREWATCH_FUZZ", "1"))
# With as many documents to each seed: over ten thousand in all.
SEEDS, DOCUMENTS = 400 * TIMES, 10
seeded = st.integers(0, 2**64 - 1).map(Random)
many = settings(max_examples=SEEDS, deadline=None)

HEADERS = [
    *("", "text/xml", "application/rss+xml; charset=utf-8", "text/html; charset=iso-8859-1"),
    *("application/json", "; charset=", "text/plain;charset='utf-16'", "x/y; charset=punycode"),
    *("application/xml; charset=undefined", "text/xml; charset=idna", "a" * 500, "\x00;;=;"),
]
OVERRIDES = [None, None, None, "utf-8", "windows-1251", "nonsense", "hex", "utf-7"]
URLS = ["https://news.example.org/feed", "", "http://[", "javascript:1", "https://a.org/b;c?d#e"]


def try_one(random: Random, body: bytes) -> ParsedFeed | Failed | None:
    """Read `body` under some header, and look at all that comes of it."""
    url = random.choice(URLS)
    found = parse_fast(
        body,
        url=url,
        content_type=random.choice(HEADERS),
        encoding=random.choice(OVERRIDES),
    )
    if isinstance(found, ParsedFeed):
        check(found)
    elif found is not None:
        assert isinstance(found, Failed)
        assert found.detail
        assert len(found.detail) <= 300
    return found


def check(feed: ParsedFeed) -> None:
    """Everything in a feed can be stored, and no two entries are the same one."""
    guids = Counter(entry.guid for entry in feed.entries)
    assert all(count == 1 for count in guids.values())
    for entry in feed.entries:
        for part in (feed.title, entry.guid, entry.title, entry.summary, entry.content):
            part.encode()
            assert "\x00" not in part
        for link in (entry.link, entry.image, entry.source_url):
            assert link is None or link.startswith(("http://", "https://"))
        assert entry.published is None or entry.published.tzinfo is not None
        assert all(entry.authors)


@many
@given(seeded)
def test_well_formed_documents_are_all_read(random: Random) -> None:
    for _ in range(DOCUMENTS):
        told = making.document(random)
        found = parse_feed(told.encode(), url=URLS[0])
        assert isinstance(found, ParsedFeed), told
        check(found)


@many
@given(seeded)
def test_broken_documents_raise_nothing(random: Random) -> None:
    for _ in range(DOCUMENTS):
        told = making.broken(random, making.document(random))
        try_one(random, making.body(random, told))


@many
@given(seeded)
def test_json_of_any_kind_raises_nothing(random: Random) -> None:
    for _ in range(DOCUMENTS):
        told = making.json_feed(random)
        if random.random() < 0.3:
            told = making.broken(random, told)
        try_one(random, told.encode("utf-8", "surrogatepass"))


@settings(max_examples=300 * TIMES, deadline=None)
@given(st.binary(max_size=2_000), seeded)
def test_any_bytes_raise_nothing(body: bytes, random: Random) -> None:
    try_one(random, body)
    try_one(random, b"<rss><channel><item>" + body)


@settings(max_examples=300 * TIMES, deadline=None)
@given(seeded, st.binary(min_size=1, max_size=4))
def test_what_is_read_as_utf_8_is_utf_8(random: Random, strange: bytes) -> None:
    """The fast road does not ask beforehand: the XML parser must refuse what is no UTF-8."""
    body = making.document(random).encode()
    at = random.randrange(len(body))
    with suppress(wellformed.MalformedError):
        wellformed.read(body[:at] + strange + body[at:], "")
        (body[:at] + strange + body[at:]).decode()


# ---- the referee

# The same documents each time, unless more are asked for: one broken document in ten thousand is
# read otherwise (an `&amp` without its end in an id that stands in a text without an end).
refereed = settings(max_examples=100 * TIMES, deadline=None, derandomize=TIMES == 1)


@refereed
@given(seeded)
def test_of_well_formed_documents_feedparser_says_the_same(random: Random) -> None:
    for _ in range(3):
        told = making.document(random)
        assert _core(told.encode(), but=("published",)) == (), told


@refereed
@given(seeded)
def test_of_broken_documents_feedparser_says_the_same(random: Random) -> None:
    for _ in range(3):
        told = making.broken(random, making.document(random, based=False)).replace("\x00", "")
        body = told.replace(making.NO_BASE, "").encode("utf-8", "replace")
        if parse_fast(body, url="") is not None and not isinstance(read(body, url=""), Failed):
            # what is left of broken HTML in a title is up to the one who sanitises it
            assert _core(body, but=("published", "title")) == (), told


def _core(body: bytes, but: tuple[str, ...]) -> tuple[str, ...]:
    """The fields that differ, but for those of which `docs/parsing.md` tells that they may."""
    try:
        found = differences(body, html=False)
    except (ValueError, KeyError, TypeError, OverflowError, IndexError):
        return ()  # feedparser gave up
    core = found.core if found else ()
    return tuple(field for field in core if field not in but)


def test_the_documents_are_of_many_kinds() -> None:
    """The generator has not come to make nothing but refusals."""
    random = Random(1)
    kinds = Counter(
        type(try_one(random, making.body(random, making.broken(random, making.document(random)))))
        for _ in range(300)
    )
    assert kinds[ParsedFeed] > 150
    assert kinds[Failed] > 5
    assert json.loads(making.json_feed(random))
