"""Canonical addresses: what two links must share to be one article, and what is no link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.urls import MAX_URL, absolute_url, canonical_url, host_of


@pytest.mark.parametrize(
    ("link", "base", "absolute"),
    [
        ("http://a.org/x", None, "http://a.org/x"),
        ("  https://a.org/x\n", None, "https://a.org/x"),
        ("/x?y=1", "http://a.org/feed", "http://a.org/x?y=1"),
        ("x", "http://a.org/news/feed", "http://a.org/news/x"),
        ("//b.org/x", "https://a.org/feed", "https://b.org/x"),
        ("http://a.org/" + "x" * (MAX_URL - 13), None, "http://a.org/" + "x" * (MAX_URL - 13)),
        ("http://пример.рф/статья", None, "http://пример.рф/статья"),
        # no address that a page could be fetched from
        ("", None, None),
        ("x", None, None),
        ("/x", "file:///etc/", None),
        ("javascript:alert(1)", "http://a.org/", None),
        ("mailto:a@b.org", "http://a.org/", None),
        ("file:///etc/passwd", "http://a.org/", None),
        ("ftp://a.org/x", None, None),
        ("http://", None, None),
        ("http:///x", None, None),
        ("http://[bad/", None, None),
        ("http://a.org:port/", None, None),
        ("http://a.org:99999/", None, None),
        ("http://a.org/" + "x" * MAX_URL, None, None),
        # what no database takes
        ("http://a.org/\x00", None, None),
        ("http://a.org/\ud800", None, None),
        ("http://a.org/a\nb", None, None),
        ("http://a.org/a\x7f", None, None),
    ],
)
def test_links_are_made_absolute_or_refused(
    link: str, base: str | None, absolute: str | None
) -> None:
    assert absolute_url(link, base) == absolute


SAME = "https://example.org/news/story?id=7"


@pytest.mark.parametrize(
    "variant",
    [
        SAME,
        f" {SAME} ",
        SAME + "#comments",
        SAME + "&utm_source=rss&utm_medium=feed&utm_campaign=x",
        SAME + "&fbclid=abc",
        SAME + "&gclid=abc",
        SAME.replace("example.org", "EXAMPLE.org"),
        SAME.replace("https", "HTTPS"),
        SAME.replace("example.org", "example.org:443"),
    ],
)
def test_what_is_added_on_the_way_makes_no_other_article(variant: str) -> None:
    assert canonical_url(variant) == SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.org/story?id=1", "https://a.org/story?id=2"),
        ("https://a.org/Story", "https://a.org/story"),
        ("https://a.org/story", "https://b.org/story"),
        ("https://a.org/?p=1", "https://a.org/"),
        ("https://a.org/#!story-1", "https://a.org/#!story-2"),
        ("https://a.org:8443/story", "https://a.org/story"),
    ],
)
def test_what_names_another_page_stays_another(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


def test_the_order_of_a_query_makes_no_other_article() -> None:
    assert canonical_url("https://a.org/?b=2&a=1") == canonical_url("https://a.org/?a=1&b=2")


@pytest.mark.parametrize("url", ["", "x", "ftp://a.org/", "http://[", "http://a.org/\x00"])
def test_what_is_no_address_has_no_identity(url: str) -> None:
    assert canonical_url(url) is None


ADDRESSES = st.builds(
    "{}://{}{}/{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(["a.org", "A.org", "пример.рф", "127.0.0.1", "[::1]", "u:p@a.org"]),
    st.sampled_from(["", ":80", ":443", ":8080"]),
    st.text(max_size=40),
    st.text(max_size=30).map(lambda query: f"?{query}"),
    st.text(max_size=10).map(lambda fragment: f"#{fragment}"),
)


@given(st.one_of(ADDRESSES, st.text(max_size=80)))
def test_a_canonical_address_is_a_fixed_point(url: str) -> None:
    canonical = canonical_url(url)
    if canonical is not None:
        assert canonical_url(canonical) == canonical
        assert len(canonical) <= MAX_URL
        canonical.encode()


@given(st.text(), st.one_of(st.none(), st.text()))
def test_any_text_is_an_address_or_none(link: str, base: str | None) -> None:
    found = absolute_url(link, base)
    if found is not None:
        assert found.lower().startswith(("http://", "https://"))
        assert "\x00" not in found
        found.encode()


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://A.org:80/x", "a.org"),
        ("http://u:p@a.org/", "a.org"),
        ("http://[::1]/", "::1"),
        ("x", ""),
        ("http://[", ""),
    ],
)
def test_the_host_of_an_address(url: str, host: str) -> None:
    assert host_of(url) == host
