"""Feeds behind an operator's proxy: it is asked for addresses that were judged, no others."""

import base64
import contextlib
import socket
from collections.abc import Iterator

import pytest

from tests.browser import Browser
from tests.hostile.server import Hostile, hostile_site, self_signed
from tests.proxy import Proxy, proxy
from tests.rawsite import RawSite, Talk, hangs, resets, says, unused_port
from tests.resolver import FakeResolver
from tests.site import Site, rss
from worker.errors import Reason
from worker.feed_options import FeedOptions
from worker.http.proxy import proxy_address
from worker.records import Failed, Fetch, Fetched

PUBLIC, OTHER = "93.184.216.34", "93.184.216.35"
PASSWORD = "p@ss:w/rd%é#"
FEED = rss([{"title": "One", "guid": "1"}])
ENVIRON = {"PASSWORD": PASSWORD, "PORT": "8080", "WHOLE": "http://desk:secret@127.0.0.1:1"}
NAMES: dict[str, list[list[str]]] = {
    "public.test": [[PUBLIC]],
    "second.test": [[PUBLIC]],
    "other.test": [[OTHER]],
    "inside.test": [["10.0.0.1"]],
    "mixed.test": [["10.0.0.1", PUBLIC]],
    "changing.test": [[PUBLIC], ["169.254.169.254"]],
    "nowhere.test": [[]],
}


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A browser that may reach nothing private by itself, and no proxy either but by options."""
    browser = Browser(
        resolver=lambda: FakeResolver({name: [*found] for name, found in NAMES.items()}),
        environ=ENVIRON,
        allow_networks=(),
        connect_timeout_s=1,
    )
    yield browser
    browser.close()


@pytest.fixture
def middle(site: Site) -> Iterator[Proxy]:
    """A proxy for which every public address is the test's own site."""
    with proxy(instead=site.port) as made:
        yield made


@pytest.fixture(scope="module")
def hostile() -> Iterator[Hostile]:
    with hostile_site() as made:
        yield made


def through(made: Proxy, *, verify_tls: bool = True) -> FeedOptions:
    return FeedOptions(proxy=made.url, verify_tls=verify_tls)


def failed(got: Fetch, reason: Reason, told: str = "") -> Failed:
    assert isinstance(got, Failed), got
    assert got.reason is reason, got
    assert told in got.detail
    return got


# ---- what a proxy is asked for


def test_the_proxy_is_asked_for_the_address_and_the_site_sees_its_name(
    browser: Browser, site: Site, middle: Proxy
) -> None:
    site.put("/feed", FEED)
    got = browser.fetch("http://public.test/feed", options=through(middle))
    assert isinstance(got, Fetched)
    assert got.url == "http://public.test/feed"
    assert middle.targets == [f"GET http://{PUBLIC}/feed"]
    assert site.requests[0].headers["Host"] == "public.test"


def test_behind_tls_the_proxy_is_asked_for_the_address_and_the_site_is_named_in_the_handshake(
    browser: Browser,
) -> None:
    with secure_site() as (secure, named), proxy(instead=secure.port) as made:
        got = browser.fetch("https://public.test/feed", options=through(made, verify_tls=False))
        strict = browser.fetch("https://public.test/feed", options=through(made))
    assert isinstance(got, Fetched), got
    assert made.targets == [f"CONNECT {PUBLIC}:443"] * 2
    assert named == ["public.test"] * 2
    failed(strict, Reason.TLS_FAILED, "self-signed")


@contextlib.contextmanager
def secure_site() -> Iterator[tuple[RawSite, list[str | None]]]:
    """A self-signed site, and the names that it was asked for in handshakes."""
    context, named = self_signed(), list[str | None]()
    context.sni_callback = lambda _socket, name, _context: named.append(name)
    with RawSite(context) as site:
        site.at("*", names_itself)
        yield site, named


def names_itself_once(connection: socket.socket, head: bytes) -> None:
    """Answer with the name that one was asked by."""
    host = head.partition(b"Host: ")[2].partition(b"\r\n")[0]
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(host) + host)


def names_itself(connection: socket.socket, head: bytes) -> None:
    """The same for every request on the connection."""
    while head:
        names_itself_once(connection, head)
        head = connection.recv(65_536)


def test_an_international_name_is_sent_as_it_is_looked_up(
    browser: Browser, site: Site, middle: Proxy
) -> None:
    browser.web.resolver.others = [PUBLIC]  # type: ignore[attr-defined]
    site.put("/feed", FEED)
    got = browser.fetch("http://bücher.test:8080/feed", options=through(middle))
    assert isinstance(got, Fetched), got
    assert site.requests[0].headers["Host"] == "xn--bcher-kva.test:8080"
    assert middle.targets == [f"GET http://{PUBLIC}:8080/feed"]


# ---- what it is not asked for


@pytest.mark.parametrize(
    ("url", "reason", "told"),
    [
        ("http://inside.test/", Reason.FORBIDDEN_ADDRESS, "10.0.0.1 is not a public address"),
        ("https://inside.test/", Reason.FORBIDDEN_ADDRESS, "10.0.0.1"),
        ("http://127.0.0.1/", Reason.FORBIDDEN_ADDRESS, "127.0.0.1"),
        ("http://[::1]/", Reason.FORBIDDEN_ADDRESS, "::1"),
        ("http://0x7f000001/", Reason.FORBIDDEN_ADDRESS, "127.0.0.1"),
        ("http://localhost/", Reason.FORBIDDEN_ADDRESS, "localhost"),
        ("http://nowhere.test/", Reason.HOST_UNKNOWN, "nowhere.test"),
        ("ftp://public.test/", Reason.FORBIDDEN_SCHEME, ""),
    ],
)
def test_a_target_that_may_not_be_reached_is_not_asked_of_the_proxy(
    browser: Browser, middle: Proxy, url: str, reason: Reason, told: str
) -> None:
    failed(browser.fetch(url, options=through(middle)), reason, told)
    assert middle.asked == []


def test_of_several_addresses_the_proxy_is_asked_for_one_that_may_be_reached(
    browser: Browser, site: Site, middle: Proxy
) -> None:
    site.put("/feed", FEED)
    assert isinstance(browser.fetch("http://mixed.test/feed", options=through(middle)), Fetched)
    assert middle.targets == [f"GET http://{PUBLIC}/feed"]


def test_a_name_that_changes_its_mind_is_judged_anew_for_every_request(
    browser: Browser, site: Site, middle: Proxy
) -> None:
    site.put("/feed", FEED)
    url = "http://changing.test/feed"
    assert isinstance(browser.fetch(url, options=through(middle)), Fetched)
    failed(browser.fetch(url, options=through(middle)), Reason.FORBIDDEN_ADDRESS, "169.254.169.254")
    assert middle.targets == [f"GET http://{PUBLIC}/feed"]


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("http://inside.test/", Reason.FORBIDDEN_ADDRESS),
        ("http://10.0.0.1/", Reason.FORBIDDEN_ADDRESS),
        ("file:///etc/passwd", Reason.FORBIDDEN_SCHEME),
    ],
)
def test_redirects_are_judged_behind_a_proxy_too(
    browser: Browser, site: Site, middle: Proxy, to: str, reason: Reason
) -> None:
    site.put("/feed", status=302, location=to)
    failed(browser.fetch("http://public.test/feed", options=through(middle)), reason)
    assert len(middle.asked) == 1


def test_a_redirect_is_followed_through_the_proxy(
    browser: Browser, site: Site, middle: Proxy
) -> None:
    site.put("/feed", status=302, location="http://second.test/end")
    site.put("/end", FEED)
    got = browser.fetch("http://public.test/feed", options=through(middle))
    assert isinstance(got, Fetched)
    assert got.url == "http://second.test/end"
    assert [seen.headers["Host"] for seen in site.requests] == ["public.test", "second.test"]


# ---- who may be a proxy


def test_a_proxy_may_be_private_and_lets_no_feed_reach_what_is(
    browser: Browser, site: Site, middle: Proxy
) -> None:
    """The operator wrote the proxy, strangers write the feeds."""
    site.put("/feed", FEED)
    assert isinstance(browser.fetch("http://public.test/feed", options=through(middle)), Fetched)
    for options in (through(middle), FeedOptions()):
        failed(browser.fetch(site.url("/feed"), options=options), Reason.FORBIDDEN_ADDRESS)
    failed(browser.fetch(middle.url), Reason.FORBIDDEN_ADDRESS)
    assert len(site.requests) == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_login_is_shown_to_the_proxy_and_to_nobody_else(browser: Browser, scheme: str) -> None:
    login = f"Basic {base64.b64encode(f'desk:{PASSWORD}'.encode('latin-1')).decode()}"
    with (
        secure_site() as (secure, _),
        RawSite() as plain,
        proxy(login=login, instead=secure.port if scheme == "https" else plain.port) as made,
    ):
        plain.at("*", names_itself_once)
        written = f"http://desk:${{PASSWORD}}@127.0.0.1:{made.port}"
        options = FeedOptions(proxy=written, verify_tls=False)
        got = browser.fetch(f"{scheme}://public.test/feed", options=options)
        heard = b"".join([*secure.requests, *plain.requests])
    assert isinstance(got, Fetched), got
    assert made.connections == 1
    assert heard
    assert b"uthorization" not in heard


@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ("http://proxy:3128", "http://proxy:3128"),
        ("https://proxy", "https://proxy"),
        ("http://10.0.0.1:3128/", "http://10.0.0.1:3128/"),
        ("http://proxy:${PORT}", "http://proxy:8080"),
        ("http://desk:${PASSWORD}@proxy:1", "http://desk:p%40ss%3Aw%2Frd%25%C3%A9%23@proxy:1"),
        ("http://${PASSWORD}@proxy:${PORT}", "http://p%40ss%3Aw%2Frd%25%C3%A9%23@proxy:8080"),
        ("${WHOLE}", "http://desk:secret@127.0.0.1:1"),
        ("socks5://proxy:1", None),
        ("proxy:3128", None),
        ("http://", None),
        ("http://proxy:99999", None),
        ("http://proxy/path", None),
        ("http://proxy/?query", None),
        ("http://[::1", None),
        ("", None),
    ],
)
def test_how_a_proxy_is_written(written: str, filled: str | None) -> None:
    found = proxy_address(written, ENVIRON)
    assert (str(found) if found else None) == filled


# ---- proxies that fail


@pytest.mark.parametrize("url", ["http://public.test/feed", "https://public.test/feed"])
@pytest.mark.parametrize(
    ("talk", "told"),
    [
        (says(b"HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n"), "The proxy answered 407 Login."),
        (says(), "hung up"),
        (resets(), ""),
    ],
    ids=["wants a login", "hangs up", "resets"],
)
def test_a_proxy_that_fails_is_told_from_the_site(
    browser: Browser, url: str, talk: Talk, told: str
) -> None:
    with proxy(talk=talk) as made:
        failed(browser.fetch(url, options=through(made)), Reason.PROXY_FAILED, told)


def test_a_tunnel_that_the_proxy_refuses(browser: Browser) -> None:
    with proxy(talk=says(b"HTTP/1.1 502 No Way\r\nContent-Length: 0\r\n\r\n")) as made:
        got = browser.fetch("https://public.test/feed", options=through(made))
    failed(got, Reason.PROXY_FAILED, "The proxy answered 502 No Way.")


def test_a_proxy_that_is_not_there(browser: Browser, hostile: Hostile) -> None:
    """Neither down, nor silent, nor unknown, nor with a certificate that does not hold."""
    for port, scheme, host, told in (
        (unused_port(), "http", "127.0.0.1", "No connection to the proxy: Connect call failed"),
        (hostile.full_port, "http", "127.0.0.1", "within WIREWATCH_CONNECT_TIMEOUT_S"),
        (hostile.secure.port, "https", "127.0.0.1", "No secure connection to the proxy"),
        (1, "http", "nowhere.test", "No address was found for the proxy, nowhere.test."),
    ):
        options = FeedOptions(proxy=f"{scheme}://{host}:{port}")
        for url in ("http://public.test/feed", "https://public.test/feed"):
            failed(browser.fetch(url, options=options), Reason.PROXY_FAILED, told)


def test_a_proxy_whose_address_is_none_by_now(browser: Browser) -> None:
    options = FeedOptions(proxy="http://${PASSWORD}:1")
    got = failed(browser.fetch("http://public.test/", options=options), Reason.PROXY_FAILED)
    assert "${PASSWORD}" in got.detail
    assert PASSWORD not in got.detail


def test_a_proxy_that_says_nothing_runs_out_of_time() -> None:
    hasty = Browser(resolver=lambda: FakeResolver({}, [PUBLIC]), timeout_s=0.5, allow_networks=())
    try:
        with proxy(talk=hangs()) as made:
            failed(hasty.fetch("https://public.test/", options=through(made)), Reason.TIMED_OUT)
    finally:
        hasty.close()


def test_a_secret_of_the_proxys_is_not_shown(browser: Browser) -> None:
    """Neither as it is, nor as it stands in an address."""
    echo = f"HTTP/1.1 502 No {PASSWORD} p%40ss%3Aw%2Frd%25%C3%A9%23\r\nContent-Length: 0\r\n\r\n"
    with proxy(talk=says(echo.encode())) as made:
        options = FeedOptions(proxy=f"http://desk:${{PASSWORD}}@127.0.0.1:{made.port}")
        got = browser.fetch("https://public.test/", options=options)
    told = failed(got, Reason.PROXY_FAILED).detail
    assert told == "The proxy answered 502 No ${PASSWORD} ${PASSWORD}."


# ---- one proxy, many sites


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_connections_through_one_proxy_are_kept_apart_by_whom_they_lead_to(
    browser: Browser, scheme: str
) -> None:
    """Two names at one address too: what one site says on its connection, the other must not."""
    with (
        secure_site() as (secure, named),
        RawSite() as plain,
        proxy(instead=secure.port if scheme == "https" else plain.port) as made,
    ):
        plain.at("*", names_itself_once)
        for _ in range(2):
            for host in ("public.test", "second.test", "other.test"):
                got = browser.fetch(f"{scheme}://{host}/", options=through(made, verify_tls=False))
                assert isinstance(got, Fetched), got
                assert got.body == host.encode()
    assert made.connections == 3, "each is kept, and used for its own site alone"
    assert scheme == "http" or sorted(filter(None, named)) == [
        "other.test",
        "public.test",
        "second.test",
    ]
