"""Signed webhooks against a real receiver: what it gets, and what is made of its answer."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from tests.browser import Browser
from tests.rawsite import hangs, raw_site, resets, says, unused_port
from tests.site import Site
from worker import channels
from worker.errors import Reason
from worker.records import Answer, ClaimedAlert

SECRET = "whsec_" + base64.b64encode(b"a key of twenty-four b..").decode()
TOKEN = "t0k3n/with+signs"
BODY = json.dumps({"type": "alert", "title": "Ceasefire — پایان"}, ensure_ascii=False)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    browser = Browser(timeout_s=5)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def hasty() -> Iterator[Browser]:
    browser = Browser(timeout_s=1)
    yield browser
    browser.close()


def an_alert(url: str, secret: str = "${SECRET}") -> ClaimedAlert:
    config = {"url": url, "secret": secret}
    return ClaimedAlert(1, 7, 3, "desk", "webhook", config, "msg_1", BODY, attempts=1)


def deliver(
    browser: Browser,
    alert: ClaimedAlert,
    environ: dict[str, str] | None = None,
    now: datetime | None = None,
) -> Answer:
    secrets = {"SECRET": SECRET, "TOKEN": TOKEN} if environ is None else environ
    at = now or datetime.now(UTC)
    return browser.deliver(lambda means: channels.send(replace(means, environ=secrets), alert, at))


def failed(answer: Answer, reason: Reason) -> Answer:
    assert not answer.accepted
    assert answer.reason is reason, answer
    assert answer.detail
    return answer


# ---- what the receiver gets


def test_a_receiver_can_verify_an_alert(site: Site, browser: Browser) -> None:
    answer = deliver(browser, an_alert(site.put("/hook", status=204)))
    assert answer.accepted
    assert answer.status == 204
    (seen,) = site.requests
    assert seen.method == "POST"
    assert seen.headers["Content-Type"] == "application/json"
    assert Webhook(SECRET).verify(seen.body, seen.headers) == json.loads(BODY)


def test_a_changed_body_does_not_verify(site: Site, browser: Browser) -> None:
    deliver(browser, an_alert(site.put("/hook")))
    (seen,) = site.requests
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(seen.body + b" ", seen.headers)


def test_another_secret_does_not_verify(site: Site, browser: Browser) -> None:
    deliver(browser, an_alert(site.put("/hook")))
    (seen,) = site.requests
    with pytest.raises(WebhookVerificationError):
        Webhook(base64.b64encode(b"somebody else's key").decode()).verify(seen.body, seen.headers)


def test_every_try_has_one_identity_and_a_time_of_its_own(site: Site, browser: Browser) -> None:
    alert, first = an_alert(site.put("/hook", status=500)), datetime.now(UTC)
    failed(deliver(browser, alert, now=first), Reason.SERVER_ERROR)
    site.put("/hook", status=200)
    later = first + timedelta(seconds=60)
    assert deliver(browser, replace(alert, attempts=2), now=later).accepted
    tries = site.requests
    assert [seen.headers["webhook-id"] for seen in tries] == ["msg_1", "msg_1"]
    times = [int(seen.headers["webhook-timestamp"]) for seen in tries]
    assert times == [int(first.timestamp()), int(first.timestamp()) + 60]
    for seen in tries:
        Webhook(SECRET).verify(seen.body, seen.headers)


def test_a_token_in_the_address_comes_from_the_environment(site: Site, browser: Browser) -> None:
    site.put("/hook/plain")
    answer = deliver(
        browser, an_alert(site.url("/hook/${TOKEN}")), {"SECRET": SECRET, "TOKEN": "plain"}
    )
    assert answer.accepted
    assert site.paths() == ["/hook/plain"]


# ---- what is made of its answer


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_success(site: Site, browser: Browser, status: int) -> None:
    answer = deliver(browser, an_alert(site.put("/hook", status=status)))
    assert answer.accepted
    assert (answer.status, answer.reason, answer.detail) == (status, None, "")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (302, Reason.REDIRECTED),
        (304, Reason.BAD_RESPONSE),
        (400, Reason.CLIENT_ERROR),
        (401, Reason.ACCESS_DENIED),
        (404, Reason.NOT_FOUND),
        (410, Reason.GONE),
        (429, Reason.RATE_LIMITED),
        (500, Reason.SERVER_ERROR),
    ],
)
def test_nothing_else_is(site: Site, browser: Browser, status: int, reason: Reason) -> None:
    answer = failed(deliver(browser, an_alert(site.put("/hook", "no", status=status))), reason)
    assert answer.status == status
    assert str(status) in answer.detail


def test_what_the_receiver_says_is_kept_in_short(site: Site, browser: Browser) -> None:
    said = "unknown\n\ttenant \x00\x1b[31m" + "x" * 100_000
    answer = deliver(browser, an_alert(site.put("/hook", said, status=400)))
    assert answer.detail.startswith("The receiver answered 400: unknown tenant")
    assert answer.detail.isprintable()
    assert len(answer.detail) < 300


def test_a_wish_for_a_pause_is_heard(site: Site, browser: Browser) -> None:
    answer = deliver(browser, an_alert(site.put("/hook", status=429, retry_after="90")))
    assert answer.retry_after_s == 90


def test_a_redirect_is_not_followed(site: Site, browser: Browser) -> None:
    site.put("/elsewhere")
    url = site.put("/hook", status=307, location="/elsewhere")
    failed(deliver(browser, an_alert(url)), Reason.REDIRECTED)
    assert site.paths() == ["/hook"]


def test_a_2xx_counts_even_if_its_body_never_ends(hasty: Browser) -> None:
    with raw_site(hangs(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nthank")) as url:
        assert deliver(hasty, an_alert(url)).accepted


def test_a_410_counts_even_if_its_body_never_ends(hasty: Browser) -> None:
    with raw_site(hangs(b"HTTP/1.1 410 Gone\r\nContent-Length: 99\r\n\r\ngo")) as url:
        answer = failed(deliver(hasty, an_alert(url)), Reason.GONE)
    assert answer.status == 410


def test_a_receiver_that_hangs(hasty: Browser) -> None:
    with raw_site(hangs()) as url:
        answer = failed(deliver(hasty, an_alert(url)), Reason.TIMED_OUT)
    assert 900 <= answer.duration_ms < 5_000


def test_a_receiver_that_resets(browser: Browser) -> None:
    with raw_site(resets()) as url:
        failed(deliver(browser, an_alert(url)), Reason.CONNECTION_LOST)


def test_a_receiver_that_is_not_there(browser: Browser) -> None:
    url = f"http://127.0.0.1:{unused_port()}/hook"
    failed(deliver(browser, an_alert(url)), Reason.CONNECTION_REFUSED)


def test_a_receiver_nobody_knows(browser: Browser) -> None:
    failed(deliver(browser, an_alert("http://nohost.invalid/hook")), Reason.HOST_UNKNOWN)


def test_a_receiver_on_a_private_address_needs_to_be_allowed(site: Site) -> None:
    strict = Browser(allow_networks=())
    try:
        failed(deliver(strict, an_alert(site.put("/hook"))), Reason.FORBIDDEN_ADDRESS)
    finally:
        strict.close()
    assert site.requests == []


# ---- secrets


@pytest.mark.parametrize("environ", [{}, {"SECRET": ""}, {"secret": SECRET}])
def test_a_secret_that_is_missing_is_named(
    site: Site, browser: Browser, environ: dict[str, str]
) -> None:
    answer = deliver(browser, an_alert(site.put("/hook")), environ)
    failed(answer, Reason.SECRET_MISSING)
    assert "SECRET is not set" in answer.detail
    assert "desk" in answer.detail
    assert site.requests == []


@pytest.mark.parametrize("secret", ["whsec_not base64!", "whsec_a", "é", "whsec_é"])
def test_a_secret_that_is_no_key_is_not_told(site: Site, browser: Browser, secret: str) -> None:
    answer = deliver(browser, an_alert(site.put("/hook")), {"SECRET": secret})
    failed(answer, Reason.SECRET_MISSING)
    assert secret not in answer.detail
    assert site.requests == []


@pytest.mark.parametrize("missing", ["url", "secret"])
def test_a_channel_without_its_options(browser: Browser, missing: str) -> None:
    alert = an_alert("http://127.0.0.1/hook")
    alert = replace(alert, config={k: v for k, v in alert.config.items() if k != missing})
    failed(deliver(browser, alert), Reason.SECRET_MISSING)


async def _echo(request: web.Request) -> web.Response:
    return web.Response(status=404, text=f"Cannot POST {request.raw_path} {request.path}")


def test_a_receiver_that_quotes_the_address_gives_no_secret_away(
    site: Site, browser: Browser
) -> None:
    site.at(f"/hook/{TOKEN}", _echo)
    answer = failed(deliver(browser, an_alert(site.url("/hook/${TOKEN}"))), Reason.NOT_FOUND)
    assert TOKEN not in answer.detail
    assert "Cannot POST /hook/${TOKEN}" in answer.detail


@pytest.mark.parametrize(
    "url",
    [
        "http://[${TOKEN}/",
        "ftp://example.org/${TOKEN}",
        "${TOKEN}",
        "http://127.0.0.1:${TOKEN}/",
        "http://${TOKEN}.invalid/hook",
    ],
)
def test_an_address_that_cannot_be_used_gives_no_secret_away(browser: Browser, url: str) -> None:
    answer = deliver(browser, an_alert(url), {"SECRET": SECRET, "TOKEN": "s3cr3t"})
    assert not answer.accepted
    assert "s3cr3t" not in answer.detail


@pytest.mark.parametrize("said", [b"SSH-2.0-x\r\n", b"HTTP/1.1 nought\r\n\r\n"])
def test_a_receiver_that_speaks_no_http_gets_no_secret_told(browser: Browser, said: bytes) -> None:
    with raw_site(says(said)) as url:
        answer = deliver(browser, an_alert(f"{url}?token=${{TOKEN}}"))
    assert not answer.accepted
    assert "t0k3n" not in answer.detail
