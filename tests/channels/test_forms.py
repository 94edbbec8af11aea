"""Webhooks in every form: what the receiver gets, how it is signed, what is kept of its answer."""

import asyncio
import base64
import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from nacl.signing import VerifyKey
from standardwebhooks import Webhook

from tests.browser import Browser
from tests.channels.making import BODY, claimed, deliver, failed
from tests.rawsite import raw_site, streams
from tests.site import Site
from worker.errors import Reason
from worker.formats import FORMS
from worker.signing import new_secret, new_signing_key, public_key

OLD, NEW, KEY = new_secret(), new_secret(), new_signing_key()
ENVIRON = {"OLD": OLD, "NEW": NEW, "KEY": KEY, "TOKEN": "t0k3n-x9", "BROKEN": "a\r\nX-Evil: 1"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    browser = Browser(timeout_s=5)
    yield browser
    browser.close()


def test_a_message_is_signed_with_every_secret_and_key(site: Site, browser: Browser) -> None:
    both = ["${NEW}", "${OLD}"]
    alert = claimed("webhook", url=site.put("/hook"), secrets=both, signing_key="${KEY}")
    assert deliver(browser, alert, ENVIRON).accepted
    (seen,) = site.requests
    for secret in (OLD, NEW):
        assert Webhook(secret).verify(seen.body, seen.headers) == json.loads(BODY)
    told = seen.headers["webhook-signature"].split(" ")
    assert [one.partition(",")[0] for one in told] == ["v1", "v1", "v1a"]
    signed = b".".join((b"msg_1", seen.headers["webhook-timestamp"].encode(), seen.body))
    VerifyKey(_decoded(public_key(KEY))).verify(signed, _decoded(f"v1a_{told[2][4:]}"))


def _decoded(told: str) -> bytes:
    return base64.b64decode(told.partition("_")[2])


@pytest.mark.parametrize("form", FORMS)
def test_a_form_needs_no_secret_but_is_signed_with_one(
    site: Site, browser: Browser, form: str
) -> None:
    url = site.put("/hook")
    assert deliver(
        browser, claimed("webhook", url=url, format=form, secret="${NEW}"), ENVIRON
    ).accepted
    (seen,) = site.requests
    assert seen.headers["Content-Type"].startswith("application/")
    told = Webhook(NEW).verify(seen.body, seen.headers)
    assert told == FORMS[form](json.loads(BODY), "msg_1")
    answer = deliver(browser, claimed("webhook", url=url, format=form), ENVIRON)
    if form == "cloudevents":
        failed(answer, Reason.SECRET_MISSING, "no secret to sign with")
    else:
        assert answer.accepted
        assert "webhook-signature" not in site.requests[1].headers


def test_a_template_makes_the_message(site: Site, browser: Browser) -> None:
    template = {"template": "desk.j2", "template_text": '{"t": {{ title | tojson }}}'}
    alert = claimed("webhook", url=site.put("/hook"), content_type="application/json", **template)
    assert deliver(browser, alert, ENVIRON).accepted
    (seen,) = site.requests
    assert seen.headers["Content-Type"] == "application/json"
    assert json.loads(seen.body) == {"t": "Syria: talks: Talks resume"}


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("a\n{{ article.nothing }}", "Channel desk: desk.j2:2: 'dict object' has no attribute"),
        ("{{ 'a' * 10 ** 10 }}",
         "Channel desk: desk.j2: it takes too much memory"),
        ("{{ title.__class__ }}", "unsafe"),
    ],
)  # fmt: skip
def test_a_template_that_fails_sends_nothing(
    site: Site, browser: Browser, source: str, told: str
) -> None:
    url = site.put("/hook")
    alert = claimed("webhook", url=url, template="desk.j2", template_text=source)
    failed(deliver(browser, alert, ENVIRON), Reason.TEMPLATE_FAILED, told)
    assert site.requests == []


def test_headers_are_added_with_their_secrets(site: Site, browser: Browser) -> None:
    headers = {"Authorization": "Bearer ${TOKEN}", "X-Desk": "one"}
    alert = claimed("webhook", url=site.put("/hook"), secret="${NEW}", headers=headers)
    assert deliver(browser, alert, ENVIRON).accepted
    (seen,) = site.requests
    assert seen.headers["Authorization"] == "Bearer t0k3n-x9"
    assert seen.headers["X-Desk"] == "one"


# ---- what cannot be sent: options, reason, what is told
UNSENDABLE = [
    ({"headers": {"X": "${BROKEN}"}}, Reason.SECRET_MISSING, "header X holds a line break"),
    ({"headers": {"X": "${NONE}"}}, Reason.SECRET_MISSING, "NONE is not set"),
    ({"headers": {"X": "a\nb"}}, Reason.SECRET_MISSING, "header X holds a line break"),
    ({"headers": {"X": 7}}, Reason.SECRET_MISSING, "no usable header X"),
    ({"secret": "${TOKEN}"}, Reason.SECRET_MISSING, "one of its secrets or signing keys is none"),
    ({"secrets": ["${NEW}", "${NONE}"]}, Reason.SECRET_MISSING, "NONE is not set"),
    ({"secrets": [], "signing_key": "${NEW}"}, Reason.SECRET_MISSING, "is none"),
    ({"secrets": []}, Reason.SECRET_MISSING, "no secret to sign with"),
    ({"format": "pigeon"}, Reason.CHANNEL_UNKNOWN, "no format 'pigeon'"),
    ({"url": "http://169.254.169.254/"}, Reason.FORBIDDEN_ADDRESS, "not a public address"),
    ({"url": "http://10.0.0.1/${TOKEN}"}, Reason.FORBIDDEN_ADDRESS, "10.0.0.1"),
    ({"url": "ftp://example.org/"}, Reason.FORBIDDEN_SCHEME, "http"),
]


@pytest.mark.parametrize(("config", "reason", "told"), UNSENDABLE, ids=range(len(UNSENDABLE)))
def test_what_cannot_be_sent_says_why(
    site: Site, browser: Browser, config: dict[str, object], reason: Reason, told: str
) -> None:
    given: dict[str, Any] = {"url": site.put("/hook"), "secret": "${NEW}"} | config
    if "secrets" in config:
        del given["secret"]
    answer = failed(deliver(browser, claimed("webhook", **given), ENVIRON), reason, told)
    for secret in (NEW, "t0k3n", "X-Evil"):
        assert secret not in answer.detail
    assert site.requests == []


# ---- the answer


@pytest.mark.parametrize("status", [200, 404])
def test_the_first_kib_of_an_answer_and_its_address_are_kept(
    site: Site, browser: Browser, status: int
) -> None:
    url = site.put("/hook", "é" * 5_000, status=status)
    answer = deliver(browser, claimed("webhook", url=url, secret="${NEW}"), ENVIRON)
    assert answer.answer == "é" * 512
    assert answer.address == "127.0.0.1"


@pytest.mark.parametrize("status", [b"200 OK", b"500 Oh"])
def test_of_an_answer_of_100_mb_no_more_is_read(browser: Browser, status: bytes) -> None:
    head = b"HTTP/1.1 %s\r\nContent-Length: 100000000\r\n\r\n" % status
    sent: list[int] = []

    def chunks() -> Iterator[bytes]:
        for _ in range(1_000):
            sent.append(1)
            yield b"x" * 100_000

    def talk(connection: object, asked: bytes) -> None:
        streams(head, b"", 0)(connection, asked)  # type: ignore[arg-type]
        for chunk in chunks():
            connection.sendall(chunk)  # type: ignore[attr-defined]

    with raw_site(talk) as url:
        answer = deliver(browser, claimed("webhook", url=url, secret="${NEW}"), ENVIRON)
    assert answer.accepted is status.startswith(b"200")
    assert answer.answer == "x" * 1024
    assert len(sent) < 200


def test_an_answer_that_drips_is_not_waited_for(site: Site, browser: Browser) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b"x")
            await asyncio.sleep(0.1)
        return response

    alert = claimed("webhook", url=site.at("/hook", drip), secret="${NEW}")
    answer = deliver(browser, alert, ENVIRON)
    assert answer.accepted
    assert 1 <= len(answer.answer) < 20
    assert answer.duration_ms < 400


def test_an_answer_that_expands_is_kept_small(site: Site, browser: Browser) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    url = site.put("/hook", bomb, status=500, content_encoding="gzip")
    answer = deliver(browser, claimed("webhook", url=url, secret="${NEW}"), ENVIRON)
    failed(answer, Reason.SERVER_ERROR)
    assert len(answer.answer.encode()) <= 1024


@pytest.mark.parametrize("form", ['t0k3n-x9/+"é', "plain"])
def test_no_answer_gives_a_secret_away(site: Site, browser: Browser, form: str) -> None:
    """Not even where the kept part ends in the middle of it."""
    for room in (0, 900, 1010, 1020):
        for said in (form, json.dumps(form), json.dumps(form, ensure_ascii=False)):
            url = site.put("/hook", "." * room + said, status=500)
            alert = claimed("webhook", url=f"{url}?t=${{TOKEN}}", secret="${NEW}")
            answer = deliver(browser, alert, ENVIRON | {"TOKEN": form})
            assert form[:4] not in answer.answer + answer.detail
