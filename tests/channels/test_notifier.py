"""Channels by apprise: what is sent, by which roads it may go, and what is made of a failure."""

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.browser import Browser
from tests.channels.making import BODY, claimed, deliver, failed
from tests.rawsite import hangs, raw_site, unused_port
from tests.site import Site
from worker.errors import Reason

TOKEN = "t0k3n-x9"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    browser = Browser(timeout_s=1)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def strict() -> Iterator[Browser]:
    browser = Browser(timeout_s=1, allow_networks=())
    yield browser
    browser.close()


def test_a_service_gets_title_and_text(site: Site, browser: Browser) -> None:
    site.put("/hook")
    url = f"json://127.0.0.1:{site.port}/hook?+X-Token=${{TOKEN}}"
    answer = deliver(browser, claimed("apprise", url=url), {"TOKEN": TOKEN})
    assert answer.accepted, answer
    assert answer.address == "127.0.0.1"
    (seen,) = site.requests
    told = json.loads(seen.body)
    assert told["title"] == "Syria: talks"
    assert told["message"].startswith("Talks resume\nThe Site · 3 publishers")
    assert "Talks on Syria resumed on Monday." in told["message"]
    assert "https://www.example.org/talks?a=1" in told["message"]
    assert seen.headers["X-Token"] == TOKEN


def test_nobody_is_pinged_by_a_headline(site: Site, browser: Browser) -> None:
    site.put("/hook")
    body = json.loads(BODY)
    body["article"]["headline"] = "@everyone <@123> <!here> a@b.example"
    url = f"json://127.0.0.1:{site.port}/hook"
    assert deliver(browser, claimed("apprise", json.dumps(body), url=url), {}).accepted
    message = json.loads(site.requests[0].body)["message"]
    for mention in ("@everyone", "<@", "<!", "@b"):
        assert mention not in message


def test_a_refusal_is_told_without_the_secret(site: Site, browser: Browser) -> None:
    site.put(f"/{TOKEN}", f"no such token {TOKEN}", status=500)
    url = f"json://127.0.0.1:{site.port}/${{TOKEN}}"
    answer = deliver(browser, claimed("apprise", url=url), {"TOKEN": TOKEN})
    failed(answer, Reason.NOTIFIER_FAILED, "apprise could not send it", "error=500")
    assert TOKEN not in f"{answer.detail} {answer.answer}"


def test_nobody_listens(browser: Browser) -> None:
    url = f"json://127.0.0.1:{unused_port()}/"
    failed(deliver(browser, claimed("apprise", url=url), {}), Reason.NOTIFIER_FAILED)


@pytest.mark.parametrize(
    "url",
    [
        "json://127.0.0.1:{port}/hook",
        "xml://localhost:{port}/hook",
        "json://[::1]:{port}/hook",
        "ntfy://2130706433:{port}/topic",
    ],
)
def test_the_network_guard_holds(site: Site, strict: Browser, url: str) -> None:
    answer = deliver(strict, claimed("apprise", url=url.format(port=site.port)), {})
    failed(answer, Reason.NOTIFIER_FAILED, "is not a public address")
    assert site.requests == []


def test_no_redirect_leads_into_a_private_network(site: Site, browser: Browser) -> None:
    site.put("/hook", status=307, location=f"http://127.1.2.3:{site.port}/inside")
    narrow = Browser(timeout_s=1, allow_networks=("127.0.0.1/32",))
    try:
        url = f"json://127.0.0.1:{site.port}/hook"
        answer = deliver(narrow, claimed("apprise", url=url), {})
    finally:
        narrow.close()
    failed(answer, Reason.NOTIFIER_FAILED, "127.1.2.3 is not a public address")
    assert site.paths() == ["/hook"]


@pytest.mark.parametrize("url", ["dbus://", "nonsense", "file:///etc/passwd", "syslog://"])
def test_what_is_no_service_is_refused(browser: Browser, url: str) -> None:
    answer = deliver(browser, claimed("apprise", url=url), {})
    failed(answer, Reason.NOTIFIER_FAILED, "apprise cannot use its url")


@pytest.mark.parametrize(
    ("url", "told"), [("${TOKEN}", "TOKEN is not set"), (None, "no usable url")]
)
def test_a_channel_without_its_url(browser: Browser, url: str | None, told: str) -> None:
    config = {} if url is None else {"url": url}
    failed(deliver(browser, claimed("apprise", **config), {}), Reason.SECRET_MISSING, told)


def test_a_service_that_hangs_is_given_up(browser: Browser) -> None:
    with raw_site(hangs()) as url:
        where = quote(url.removeprefix("http://"), safe=":/")
        answer = deliver(browser, claimed("apprise", url=f"json://{where}?rto=1&cto=1"), {})
    failed(answer, Reason.NOTIFIER_FAILED)
    assert answer.duration_ms < 10_000
