"""The identity of an article: which links are one, which must never be, and that it is stable."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.real_data import real_files
from tests.urls.making import ADDRESSES
from tests.urls.pairs import APART, SAME
from worker.parse import parse_feed
from worker.records import ParsedFeed
from worker.urls import MAX_URL, canonical_url, canonical_urls, problem_of


def test_the_tables_are_as_long_as_they_should_be() -> None:
    assert len(SAME) + len(APART) >= 120
    assert len(APART) >= 30


@pytest.mark.parametrize(("one", "other"), [pytest.param(a, b, id=why) for why, a, b in SAME])
def test_links_to_one_article_have_one_identity(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other) is not None


@pytest.mark.parametrize(("one", "other"), [pytest.param(a, b, id=why) for why, a, b in APART])
def test_links_to_two_articles_have_two(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)
    assert None not in (canonical_url(one), canonical_url(other))


def test_the_identity_is_https_without_www_and_in_ascii() -> None:
    found = canonical_url("http://WWW.Пример.рф:80/новости/?b=2&a=1&utm_source=x#c")
    assert found == (
        "https://xn--e1afmkfd.xn--p1ai/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8?a=1&b=2"
    )


@pytest.mark.parametrize(
    "url", ["", "x", "ftp://a.org/", "http://[", "http://a.org/\x00", "http://u:p@a.org/"]
)
def test_what_is_no_address_has_no_identity(url: str) -> None:
    assert canonical_url(url) is None


def test_an_identity_that_grows_too_long_is_none() -> None:
    assert canonical_url("http://a.org/" + "ж" * 1_000) is None


@settings(deadline=None)
@given(st.one_of(ADDRESSES, st.text(max_size=80)), st.booleans())
def test_an_identity_is_a_fixed_point(url: str, keep_fragment: bool) -> None:
    identity = canonical_url(url, keep_fragment=keep_fragment)
    if identity is not None:
        assert canonical_url(identity, keep_fragment=keep_fragment) == identity
        assert problem_of(identity) is None
        assert len(identity) <= MAX_URL
        identity.encode("ascii")


@settings(deadline=None)
@given(ADDRESSES)
def test_http_and_https_are_one(url: str) -> None:
    rest = url.partition("://")[2]
    assert canonical_url(f"http://{rest}") == canonical_url(f"https://{rest}")


# ---- the links of one document


def test_entries_that_only_a_fragment_tells_apart_stay_apart() -> None:
    links = ["https://a.org/news#1", "https://a.org/news#2", "https://a.org/x#comments", None, "?"]
    assert canonical_urls(links) == [
        "https://a.org/news#1",
        "https://a.org/news#2",
        "https://a.org/x",
        None,
        None,
    ]


def test_a_campaign_in_the_fragment_tells_no_entries_apart() -> None:
    one, other = canonical_urls(["https://a.org/x#xtor=RSS-1", "https://a.org/x#xtor=RSS-2"])
    assert one == other == "https://a.org/x"


def test_no_entry_of_a_real_feed_is_swallowed() -> None:
    swallowed = {}
    for file in [*real_files("feeds/*.xml"), *real_files("feeds-world/*.xml")]:
        feed = parse_feed(file.read_bytes(), url="https://example.org/feed")
        if isinstance(feed, ParsedFeed):
            links = {entry.link for entry in feed.entries if entry.link}
            lost = len(links) - len(set(canonical_urls(sorted(links))))
            if lost:
                swallowed[file.name] = lost
    assert swallowed == {}
