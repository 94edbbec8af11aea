"""What becomes of a request, whatever the site does: an outcome with its reason, no exception."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from tests.browser import Browser
from tests.rawsite import hangs, raw_site, resets, says, unused_port
from tests.site import Site, rss
from worker import runtime
from worker.errors import Reason
from worker.records import Failed, Fetched, NotModified

FEED = rss([{"title": "One", "guid": "1"}])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    browser = Browser(timeout_s=10, max_redirects=5)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def hasty() -> Iterator[Browser]:
    """A browser that waits for a second at the most."""
    browser = Browser(timeout_s=1)
    yield browser
    browser.close()


def failed(outcome: object, reason: Reason) -> Failed:
    assert isinstance(outcome, Failed), outcome
    assert outcome.reason is reason, outcome
    assert outcome.detail.strip()
    assert len(outcome.detail) <= 400
    return outcome


# ---- answers


def test_a_page_comes_back_as_it_was_sent(site: Site, browser: Browser) -> None:
    url = site.put("/feed", FEED, kind="application/rss+xml; charset=utf-8")
    got = browser.fetch(url)
    assert isinstance(got, Fetched)
    assert (got.url, got.status, got.body) == (url, 200, FEED.encode())
    assert got.content_type == "application/rss+xml; charset=utf-8"
    assert got.charset == "utf-8"
    assert (got.etag, got.last_modified) == (None, None)


def test_a_request_names_who_asks_and_what_for(site: Site, browser: Browser) -> None:
    browser.fetch(site.put("/feed", FEED))
    headers = site.requests[0].headers
    assert headers["User-Agent"] == runtime.user_agent(browser.settings)
    assert "application/rss+xml" in headers["Accept"]
    assert "If-None-Match" not in headers
    assert "If-Modified-Since" not in headers


@pytest.mark.parametrize(
    "etag", ['"strong"', 'W/"weak"', "unquoted", '"a,b"', 'W/"é"', '""', '"' + "x" * 900 + '"']
)
def test_an_etag_goes_back_exactly_as_it_came(site: Site, browser: Browser, etag: str) -> None:
    url = site.put("/feed", FEED, etag=etag)
    first = browser.fetch(url)
    assert isinstance(first, Fetched)
    assert first.etag == etag
    again = browser.fetch(url, etag=first.etag)
    assert isinstance(again, NotModified)
    assert again.etag == etag
    assert site.requests[-1].headers["If-None-Match"] == etag


@pytest.mark.parametrize(
    "modified", ["Wed, 21 Oct 2015 07:28:00 GMT", "2015-10-21 07:28", "last week", "0"]
)
def test_a_last_modified_goes_back_exactly_as_it_came(
    site: Site, browser: Browser, modified: str
) -> None:
    url = site.put("/feed", FEED, last_modified=modified)
    first = browser.fetch(url)
    assert isinstance(first, Fetched)
    assert first.last_modified == modified
    browser.fetch(url, last_modified=first.last_modified)
    assert site.requests[-1].headers["If-Modified-Since"] == modified


@pytest.mark.parametrize("etag", [b"x" * 5_000, b'"\xff\xfe"', b'"a\tb"'])
def test_an_etag_that_is_not_fit_to_be_sent_back_is_forgotten(
    browser: Browser, etag: bytes
) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nETag: " + etag + b"\r\n\r\nhi"
    with raw_site(says(answer)) as url:
        got = browser.fetch(url)
    assert isinstance(got, Fetched)
    assert got.etag is None


def test_a_304_nobody_asked_for_is_no_answer(site: Site, browser: Browser) -> None:
    got = failed(browser.fetch(site.put("/feed", status=304)), Reason.BAD_RESPONSE)
    assert got.status == 304


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (204, Reason.BAD_RESPONSE),
        (206, Reason.BAD_RESPONSE),
        (300, Reason.REDIRECTED),
        (302, Reason.REDIRECTED),  # without a Location
        (400, Reason.CLIENT_ERROR),
        (401, Reason.ACCESS_DENIED),
        (403, Reason.ACCESS_DENIED),
        (404, Reason.NOT_FOUND),
        (410, Reason.GONE),
        (418, Reason.CLIENT_ERROR),
        (429, Reason.RATE_LIMITED),
        (451, Reason.ACCESS_DENIED),
        (500, Reason.SERVER_ERROR),
        (503, Reason.SERVER_ERROR),
        (599, Reason.SERVER_ERROR),
    ],
)
def test_each_refusal_has_its_reason(
    site: Site, browser: Browser, status: int, reason: Reason
) -> None:
    got = failed(browser.fetch(site.put("/feed", "sorry", status=status)), reason)
    assert got.status == status
    assert str(status) in got.detail
    assert got.retry_after_s is None


@pytest.mark.parametrize("status", [429, 503])
def test_a_wish_in_seconds_is_heard(site: Site, browser: Browser, status: int) -> None:
    got = browser.fetch(site.put("/feed", status=status, retry_after="120"))
    assert isinstance(got, Failed)
    assert got.retry_after_s == 120


def test_a_wish_as_a_date_is_heard(site: Site, browser: Browser) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    got = browser.fetch(site.put("/feed", status=429, retry_after=until))
    assert isinstance(got, Failed)
    assert got.retry_after_s == pytest.approx(3600, abs=10)


def test_an_empty_body_is_fetched_for_the_parser_to_judge(site: Site, browser: Browser) -> None:
    got = browser.fetch(site.put("/feed", b""))
    assert isinstance(got, Fetched)
    assert got.body == b""


# ---- nobody there


def test_a_host_that_does_not_exist(browser: Browser) -> None:
    failed(browser.fetch("http://nohost.invalid/feed"), Reason.HOST_UNKNOWN)


def test_a_host_that_refuses(browser: Browser) -> None:
    failed(browser.fetch(f"http://127.0.0.1:{unused_port()}/"), Reason.CONNECTION_REFUSED)


def test_a_site_that_resets_the_connection(browser: Browser) -> None:
    with raw_site(resets()) as url:
        failed(browser.fetch(url), Reason.CONNECTION_LOST)


def test_a_site_that_resets_in_mid_body(browser: Browser) -> None:
    with raw_site(resets(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf")) as url:
        failed(browser.fetch(url), Reason.CONNECTION_LOST)


def test_a_site_that_hangs_up_without_a_word(browser: Browser) -> None:
    with raw_site(says()) as url:
        failed(browser.fetch(url), Reason.CONNECTION_LOST)


@pytest.mark.parametrize(
    "before",
    [b"", b"HTTP/1.1 200 OK\r\nContent-", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"],
    ids=["before headers", "in headers", "in the body"],
)
def test_a_site_that_hangs(hasty: Browser, before: bytes) -> None:
    with raw_site(hangs(before)) as url:
        failed(hasty.fetch(url), Reason.TIMED_OUT)


def test_a_site_that_drips_runs_out_of_time(site: Site, hasty: Browser) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while request.transport is not None:
            await answer.write(b"<")
        return answer

    slow = site.at("/feed", drip)
    got = hasty.fetch(slow, max_bytes=1024**3)
    failed(got, Reason.TIMED_OUT)


def test_a_plain_site_under_a_tls_address(site: Site, browser: Browser) -> None:
    site.put("/feed", FEED)
    failed(browser.fetch(f"https://127.0.0.1:{site.port}/feed"), Reason.TLS_FAILED)


# ---- redirects


def redirects(site: Site, path: str, to: str, status: int = 302) -> str:
    return site.put(path, status=status, location=to)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_to_where_it_ends(site: Site, browser: Browser, status: int) -> None:
    end = site.put("/end", FEED)
    got = browser.fetch(redirects(site, "/feed", "/end", status))
    assert isinstance(got, Fetched)
    assert got.url == end


def test_a_chain_within_the_limit_is_followed(site: Site, browser: Browser) -> None:
    site.put("/hop0", FEED)
    for hop in range(1, 6):
        redirects(site, f"/hop{hop}", f"/hop{hop - 1}")
    assert isinstance(browser.fetch(site.url("/hop5")), Fetched)


def test_a_chain_over_the_limit_is_not(site: Site, browser: Browser) -> None:
    site.put("/hop0", FEED)
    for hop in range(1, 7):
        redirects(site, f"/hop{hop}", f"/hop{hop - 1}")
    got = failed(browser.fetch(site.url("/hop6")), Reason.TOO_MANY_REDIRECTS)
    assert "still redirecting after 5 redirects (WIREWATCH_MAX_REDIRECTS)" in got.detail
    assert site.paths() == [f"/hop{hop}" for hop in range(6, 0, -1)]


@pytest.mark.parametrize("status", [301, 302])
def test_a_loop_of_redirects_ends(site: Site, browser: Browser, status: int) -> None:
    redirects(site, "/a", "/b", status)
    failed(browser.fetch(redirects(site, "/b", "/a", status)), Reason.TOO_MANY_REDIRECTS)


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("file:///etc/passwd", Reason.FORBIDDEN_SCHEME),
        ("ftp://127.0.0.1/x", Reason.FORBIDDEN_SCHEME),
        ("javascript:alert(1)", Reason.FORBIDDEN_SCHEME),
        ("http://", Reason.BAD_URL),
        ("http://[", Reason.BAD_URL),
    ],
)
def test_a_redirect_to_what_is_no_web_address(
    site: Site, browser: Browser, to: str, reason: Reason
) -> None:
    failed(browser.fetch(redirects(site, "/feed", to)), reason)


def test_a_redirect_to_a_forbidden_address_is_not_followed(site: Site) -> None:
    browser = Browser(allow_networks=("127.0.0.1/32",))
    try:
        to = f"http://127.0.0.2:{site.port}/secret"
        got = failed(browser.fetch(redirects(site, "/feed", to)), Reason.FORBIDDEN_ADDRESS)
    finally:
        browser.close()
    assert "127.0.0.2" in got.detail
    assert site.paths() == ["/feed"]


# ---- what is no HTTP


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x00\xff\x16\x03\x01" * 50,
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 nought OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: minus one\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnothex\r\nbody\r\n0\r\n\r\n",
    ],
    ids=["ssh", "binary", "version", "status", "length", "header", "chunk"],
)
def test_garbage_in_place_of_http(browser: Browser, answer: bytes) -> None:
    with raw_site(says(answer)) as url:
        got = browser.fetch(url)
    assert isinstance(got, Failed), got
    assert got.reason in (Reason.BAD_RESPONSE, Reason.CONNECTION_LOST), got
    assert url not in got.detail  # it may hold a secret


@pytest.mark.parametrize("length", [16_000, 17_000])
def test_a_header_may_be_so_long_and_no_longer(browser: Browser, length: int) -> None:
    head = b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * length
    with raw_site(says(head, b"\r\nContent-Length: 2\r\n\r\nhi")) as url:
        got = browser.fetch(url)
    if length < browser.settings.max_header_bytes:
        assert isinstance(got, Fetched), got
    else:
        assert "WIREWATCH_MAX_HEADER_BYTES" in failed(got, Reason.HEADERS_TOO_LARGE).detail


def test_a_flood_of_many_headers_is_survived(browser: Browser) -> None:
    flood = b"".join(b"X-%d: y\r\n" % i for i in range(50_000))
    with raw_site(says(b"HTTP/1.1 200 OK\r\n", flood, b"Content-Length: 0\r\n\r\n")) as url:
        failed(browser.fetch(url), Reason.HEADERS_TOO_LARGE)


def test_a_chunked_body_that_ends_too_soon(browser: Browser) -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf"
    with raw_site(says(answer)) as url:
        failed(browser.fetch(url), Reason.CONNECTION_LOST)


def test_a_body_shorter_than_it_said(browser: Browser) -> None:
    with raw_site(says(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf")) as url:
        failed(browser.fetch(url), Reason.CONNECTION_LOST)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", Reason.BAD_URL),
        ("feed", Reason.BAD_URL),
        ("http://", Reason.BAD_URL),
        ("ftp://127.0.0.1/", Reason.FORBIDDEN_SCHEME),
        ("http://127.0.0.1:99999/", Reason.BAD_URL),
        ("http://[::1/", Reason.BAD_URL),
    ],
)
def test_what_is_no_address(browser: Browser, url: str, reason: Reason) -> None:
    failed(browser.fetch(url), reason)
