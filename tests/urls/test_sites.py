"""Whose an address is: pages of one owner, and pages of strangers under one name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.urls import same_site, site_of


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.bbc.co.uk/news", "bbc.co.uk"),
        ("https://news.bbc.co.uk/", "bbc.co.uk"),
        ("http://BBC.co.uk.:80/", "bbc.co.uk"),
        ("https://example.com/", "example.com"),
        ("https://a.b.c.example.com/", "example.com"),
        ("https://www.пример.рф/", "xn--e1afmkfd.xn--p1ai"),
        ("https://www.asahi.example.ne.jp/", "example.ne.jp"),
        ("https://ana.github.io/x", "ana.github.io"),
        ("https://www.ana.blogspot.com/x", "ana.blogspot.com"),
        ("https://desk.wordpress.com/x", "desk.wordpress.com"),
        ("https://www.wordpress.com/x", "wordpress.com"),
        ("https://wordpress.com/x", "wordpress.com"),
        ("http://127.0.0.1:8000/", "127.0.0.1"),
        ("http://[::1]/", "::1"),
        ("http://demo:8000/", "demo"),
        ("https://desk.internal/", "desk.internal"),
        ("https://www.desk.internal/", "desk.internal"),
        ("https://www.desk.newtoplevel/", "desk.newtoplevel"),
        ("https://co.uk/", "co.uk"),
        ("https://blogspot.com/", "blogspot.com"),
        ("x", ""),
        ("http://[", ""),
    ],
)
def test_the_site_of_an_address(url: str, site: str) -> None:
    assert site_of(url) == site


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.bbc.co.uk/news", "http://m.bbc.co.uk/amp", True),
        ("https://bbc.co.uk/", "https://itv.co.uk/", False),
        ("https://example.com/", "https://example.org/", False),
        ("https://example.com/", "https://example.com.evil.org/", False),
        ("https://example.com/", "https://evilexample.com/", False),
        ("https://example.com/", "https://example.com@evil.org/", False),
        ("https://ana.github.io/", "https://ben.github.io/", False),
        ("https://ana.substack.com/", "https://ben.substack.com/", False),
        ("http://10.0.0.1/", "http://10.0.0.2/", False),
        ("http://demo:8000/", "http://demo:9000/", True),
        ("x", "x", False),
    ],
)
def test_who_is_believed_of_whom(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same
    assert same_site(other, one) is same


@settings(deadline=None)
@given(st.text())
def test_any_text_has_a_site_or_none(text: str) -> None:
    assert site_of(text) == site_of(text).lower()
