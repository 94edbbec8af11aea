"""What is a usable web address: links made absolute, and why others are refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from tests.urls.making import ADDRESSES
from worker.errors import Reason
from worker.urls import MAX_URL, absolute_url, host_of, problem_of
from worker.urls.address import number_of


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
        ("http://a.org/press release.html", None, "http://a.org/press release.html"),
        ("http://demo:8000/", None, "http://demo:8000/"),
        ("http://my_site.a-.org./x", None, "http://my_site.a-.org./x"),
        ("http://127.0.0.1:8000/x", None, "http://127.0.0.1:8000/x"),
        ("http://[2001:db8::1]:8000/x", None, "http://[2001:db8::1]:8000/x"),
        ("http://a.org:65535/", None, "http://a.org:65535/"),
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
        ("http://a.org:0/", None, None),
        ("http://u:p@a.org/", None, None),
        ("//u@b.org/x", "http://a.org/", None),
        ("http://a\\.org/", None, None),
        ("http://" + "a" * 64 + ".org/", None, None),
        ("http://" + "a." * 130 + "org/", None, None),
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


@settings(deadline=None)
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


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://a.org/" + "x" * MAX_URL, Reason.URL_TOO_LONG),
        ("file:///etc/passwd", Reason.FORBIDDEN_SCHEME),
        ("javascript:alert(1)", Reason.FORBIDDEN_SCHEME),
        ("ws://a.org/", Reason.FORBIDDEN_SCHEME),
        ("a.org/x", Reason.BAD_URL),
        ("//a.org/x", Reason.BAD_URL),
        ("http:/a.org/x", Reason.BAD_URL),
        ("http://user@a.org/", Reason.CREDENTIALS_IN_URL),
        ("http://user:secret@a.org/", Reason.CREDENTIALS_IN_URL),
        ("http://a b.org/", Reason.BAD_URL),
        ("http://a.org:http/", Reason.BAD_URL),
        ("http://2130706433/", Reason.BAD_URL),
    ],
)
def test_a_refusal_has_its_reason_and_quotes_no_secret(url: str, reason: Reason) -> None:
    problem = problem_of(url)
    assert problem is not None
    assert problem[0] is reason
    assert problem[1].endswith(".")
    assert "secret" not in problem[1]


def test_how_long_an_address_may_be_is_for_the_caller_to_say() -> None:
    assert problem_of("http://a.org/" + "x" * 5_000, longest=8_000) is None
    assert problem_of("http://a.org/", longest=5) is not None


@settings(deadline=None)
@given(st.one_of(ADDRESSES, st.text(max_size=80)), st.one_of(st.none(), ADDRESSES))
def test_what_is_usable_is_read_by_the_http_library_as_it_is_here(
    link: str, base: str | None
) -> None:
    usable = absolute_url(link, base)
    if usable is not None:
        assert problem_of(usable) is None
        read = URL(usable)
        assert read.scheme in ("http", "https")
        assert read.raw_host
        assert (read.user, read.password) == (None, None)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("127.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0X7F.0x0.0.1", "127.0.0.1"),
        ("0177.0.0.01", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("0x", "0.0.0.0"),
        ("10.0xffffff", "10.255.255.255"),
        ("256.0.0.1", None),
        ("1.2.3.256", None),
        ("4294967296", None),
        ("08.0.0.1", None),
        ("1.2.3.4.5", None),
        ("1..2", None),
        ("a.1", None),
        ("9" * 5_000, None),
    ],
)
def test_numbers_are_read_as_browsers_read_them(host: str, address: str | None) -> None:
    found = number_of(host)
    assert (str(found) if found else None) == address
