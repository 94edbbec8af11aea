"""What an operator sets for a feed, seen where it arrives; and where its secrets never do."""

import base64
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import Browser
from tests.hostile.server import Hostile, answers, hostile_site
from tests.resolver import FakeResolver
from tests.site import Site, rss
from worker.errors import Reason
from worker.feed_options import PLAIN, FeedOptions
from worker.records import Failed, Fetched

ENVIRON = {"PASSWORD": "open sesame", "KEY": "k3y", "TOKEN": "t/k%n", "BROKEN": "a\nb", "EMPTY": ""}
SECRETS = FeedOptions(
    headers=(("X-Key", "${KEY}"), ("X-Plain", "value")),
    auth="desk:${PASSWORD}",
    cookie="token=${TOKEN}",
)
FEED = rss([{"title": "One", "guid": "1"}])


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Every name leads to the test's own sites."""
    browser = Browser(resolver=lambda: FakeResolver({}, ["127.0.0.1"]), environ=ENVIRON)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def hostile() -> Iterator[Hostile]:
    with hostile_site() as site:
        yield site


def told(site: Site, path: str = "/feed") -> list[dict[str, str]]:
    return [seen.headers for seen in site.requests if seen.path == path]


def secrets_in(headers: dict[str, str]) -> set[str]:
    return {"X-Key", "X-Plain", "Authorization", "Cookie"} & set(headers)


ALL = {"X-Key", "X-Plain", "Authorization", "Cookie"}


# ---- what is sent


def test_headers_auth_and_cookie_arrive_filled_in(site: Site, browser: Browser) -> None:
    browser.fetch(site.put("/feed", FEED), options=SECRETS)
    (headers,) = told(site)
    assert headers["X-Key"] == "k3y"
    assert headers["X-Plain"] == "value"
    assert headers["Cookie"] == "token=t/k%n"
    login = base64.b64decode(headers["Authorization"].removeprefix("Basic "))
    assert login == b"desk:open sesame"


def test_a_header_of_the_operators_replaces_our_own_in_any_spelling(
    site: Site, browser: Browser
) -> None:
    options = FeedOptions(headers=(("ACCEPT", "text/xml"), ("accept-language", "fa")))
    browser.fetch(site.put("/feed", FEED), options=options)
    (headers,) = told(site)
    lower = [name.lower() for name in headers]
    assert lower.count("accept") == 1
    assert {name.lower(): value for name, value in headers.items()}["accept"] == "text/xml"
    assert "accept-language" in lower


def test_another_user_agent_is_sent_everywhere(site: Site, browser: Browser) -> None:
    site.put("/end", FEED)
    url = site.put("/feed", status=302, location=site.url("/end", "other.example.net"))
    browser.fetch(url, options=FeedOptions(user_agent="Reader/1.0"))
    assert [seen.headers["User-Agent"] for seen in site.requests] == ["Reader/1.0"] * 2


def test_an_encoding_of_the_operators_beats_what_the_site_says(
    site: Site, browser: Browser
) -> None:
    url = site.put("/feed", FEED, kind="text/xml; charset=utf-8")
    got = browser.fetch(url, options=FeedOptions(encoding="cp1256"))
    assert isinstance(got, Fetched)
    assert got.charset == "cp1256"


def test_cookies_that_a_site_sets_never_go_back(site: Site, browser: Browser) -> None:
    url = site.put("/feed", FEED, set_cookie="session=1; Path=/")
    browser.fetch(url)
    browser.fetch(url)
    browser.fetch(url, options=SECRETS)
    assert [headers.get("Cookie") for headers in told(site)] == [None, None, "token=t/k%n"]


# ---- where secrets go


@pytest.mark.parametrize(
    ("home", "asked", "sent"),
    [
        ("http://feeds.example.com/", "http://feeds.example.com", True),
        ("http://feeds.example.com/", "http://www.example.com", True),
        ("http://feeds.example.com/", "http://example.com", True),
        ("http://feeds.example.com/", "http://example.net", False),
        ("http://feeds.example.com/", "http://example.com.evil.test", False),
        ("http://feeds.example.com/", "http://notexample.com", False),
        ("http://a.github.io/", "http://b.github.io", False),
        ("http://desk.co.uk/", "http://other.co.uk", False),
        ("https://feeds.example.com/", "http://feeds.example.com", False),  # others read along
        ("HTTPS://feeds.example.com/", "http://feeds.example.com", False),
        (None, "http://feeds.example.com", True),
    ],
)
def test_secrets_go_to_the_feeds_own_site_alone(
    site: Site, browser: Browser, home: str | None, asked: str, sent: bool
) -> None:
    site.put("/feed", FEED)
    url = f"{asked}:{site.port}/feed"
    browser.fetch(url, options=SECRETS, home=home)
    (headers,) = told(site)
    assert secrets_in(headers) == (ALL if sent else set())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_takes_no_secret_to_another_site(
    site: Site, browser: Browser, status: int
) -> None:
    site.put("/end", FEED)
    site.put("/feed", status=status, location=site.url("/end", "elsewhere.test"))
    browser.fetch(site.url("/feed", "feeds.example.com"), options=SECRETS)
    assert [secrets_in(seen.headers) for seen in site.requests] == [ALL, set()]


def test_secrets_are_sent_again_once_a_detour_leads_back_home(site: Site, browser: Browser) -> None:
    site.put("/end", FEED)
    site.put("/away", status=302, location=site.url("/end", "www.example.com"))
    site.put("/feed", status=302, location=site.url("/away", "elsewhere.test"))
    browser.fetch(site.url("/feed", "feeds.example.com"), options=SECRETS)
    assert [secrets_in(seen.headers) for seen in site.requests] == [ALL, set(), ALL]


def test_a_redirect_from_tls_to_plain_http_takes_no_secret_along(
    site: Site, browser: Browser, hostile: Hostile
) -> None:
    site.put("/end", FEED)
    hostile.secure.at(
        "/feed",
        answers(f"Location: {site.url('/end', 'feeds.example.com')}", status="302 Found"),
    )
    options = FeedOptions(SECRETS.headers, SECRETS.auth, SECRETS.cookie, verify_tls=False)
    got = browser.fetch(hostile.secure.url("/feed", "feeds.example.com"), options=options)
    assert isinstance(got, Fetched), got
    assert b"X-Key: k3y" in hostile.secure.requests[-1]
    assert secrets_in(told(site, "/end")[0]) == set()


# ---- secrets that are not there, and where they are never shown


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (FeedOptions(auth="desk:${NOWHERE}"), "NOWHERE"),
        (FeedOptions(cookie="a=${EMPTY}"), "EMPTY"),
        (FeedOptions(headers=(("X-Key", "${NOWHERE}"),)), "NOWHERE"),
        (FeedOptions(headers=(("X-Key", "${BROKEN}"),)), "BROKEN"),
        (FeedOptions(proxy="http://desk:${NOWHERE}@127.0.0.1:1"), "NOWHERE"),
    ],
)
def test_a_secret_that_cannot_be_sent_is_named_and_nothing_is_asked(
    site: Site, browser: Browser, options: FeedOptions, named: str
) -> None:
    got = browser.fetch(site.put("/feed", FEED), options=options)
    assert isinstance(got, Failed)
    assert got.reason is Reason.SECRET_MISSING
    assert named in got.detail
    assert site.requests == []


def test_a_secret_that_is_not_meant_for_a_site_is_not_missed_there(
    site: Site, browser: Browser
) -> None:
    options = FeedOptions(cookie="${NOWHERE}")
    got = browser.fetch(site.put("/feed", FEED), options=options, home="http://example.com/")
    assert isinstance(got, Fetched)


@pytest.mark.parametrize("secret", ["open sesame", "k3y", "t/k%n", "t%2Fk%25n"])
def test_a_site_that_throws_secrets_back_does_not_get_them_shown(
    browser: Browser, hostile: Hostile, secret: str
) -> None:
    url = hostile.plain.at("/echo", answers(status=f"404 No {secret} here"))
    led = hostile.plain.at("/led", answers(f"Location: /echo?{secret}", status="302 Found"))
    for asked in (url, led):
        got = browser.fetch(asked, options=SECRETS)
        assert isinstance(got, Failed)
        assert secret not in got.detail
        assert "${" in got.detail


# ---- TLS


def test_verify_tls_off_reads_a_self_signed_site_and_only_for_who_says_so(
    browser: Browser, hostile: Hostile
) -> None:
    """A connection that was made without looking is none for those who look."""

    def kept(connection: socket.socket, head: bytes) -> None:
        while head:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
            head = connection.recv(65_536)

    url = hostile.secure.at("/feed", kept)
    lax = browser.fetch(url, options=FeedOptions(verify_tls=False))
    strict = browser.fetch(url)
    assert isinstance(lax, Fetched), lax
    assert isinstance(strict, Failed)
    assert strict.reason is Reason.TLS_FAILED
    assert "self-signed certificate" in strict.detail


# ---- as they are stored


@pytest.mark.parametrize(
    "options",
    [
        PLAIN,
        SECRETS,
        FeedOptions(proxy="http://p:1", user_agent="x", verify_tls=False, encoding="cp1256"),
        FeedOptions(full_text=False, robots=False),
    ],
)
def test_options_come_back_from_the_store_as_they_were(options: FeedOptions) -> None:
    stored: dict[str, Any] = json.loads(json.dumps(options.as_json()))
    assert FeedOptions.from_json(stored) == options
    assert FeedOptions.from_json({**stored, "of_a_later_version": 1}) == options
    assert all(value != getattr(PLAIN, name) for name, value in stored.items())
