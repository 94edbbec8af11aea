"""Every road to a forbidden address, taken: what is asked for is refused, with its reason."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.browser import Browser
from tests.netguard.vectors import IN_A_REDIRECT, IN_AN_ODD_REDIRECT, IN_THE_NAME, IN_THE_URL
from tests.resolver import FakeResolver, ask
from tests.site import Site
from tests.urls.making import ADDRESSES
from worker import channels
from worker.errors import ForbiddenAddressError, Reason
from worker.fetch import Web
from worker.http.reasons import REQUEST_ERRORS
from worker.netguard import check_url, resolve_checked
from worker.records import ClaimedAlert, Failed, Fetched
from worker.urls import absolute_url

PUBLIC = "93.184.216.34"
AUTHORITY = re.compile(r"^(https?://[^/?#]*)")
LOOPBACK = (ip_network("127.0.0.1/32"),)


def test_the_tables_are_as_long_as_they_should_be() -> None:
    assert len(IN_THE_URL) + len(IN_THE_NAME) + len(IN_A_REDIRECT) >= 80


def refused(got: object, *reasons: Reason) -> Failed:
    assert isinstance(got, Failed), got
    assert got.reason in reasons, got
    assert got.detail
    return got


@pytest.fixture(scope="module")
def strict() -> Iterator[Browser]:
    browser = Browser(allow_networks=())
    yield browser
    browser.close()


@pytest.fixture
def near() -> Iterator[Browser]:
    """A browser that may reach 127.0.0.1 and nothing else that is not public."""
    browser = Browser(allow_networks=("127.0.0.1/32",))
    yield browser
    browser.close()


# ---- in the text of the address


@pytest.mark.parametrize(("url", "reason"), IN_THE_URL, ids=ascii)
def test_an_address_is_refused_before_any_look_up(url: str, reason: Reason) -> None:
    assert refused(check_url(url), reason).detail.endswith(".")


@pytest.mark.parametrize("url", [url for url, _ in IN_THE_URL if "http" in url[:4]], ids=ascii)
def test_an_address_that_slips_through_still_meets_the_wall(
    site: Site, strict: Browser, url: str
) -> None:
    """The second check alone: every name leads to loopback, and the request is made unasked."""
    site.put("/", "secret")
    ask(strict, FakeResolver({}, others=["127.0.0.1", "::1"]))

    async def unchecked(web: Web) -> None:
        for form in (url, AUTHORITY.sub(rf"\1:{site.port}", url)):
            with pytest.raises((*REQUEST_ERRORS, AssertionError)):
                await web.direct.get(form)

    strict.run(unchecked)
    assert site.requests == []


GOOD = [
    *(
        "http://good.example/",
        "https://good.example:8443/x?y=http://127.0.0.1/#z",
        "http://8.8.8.8",
    ),
    *("http://[2606:4700:4700::1111]/", "http://пример.рф/статья", "http://good.example/a b@c\\d"),
    *("http://127.0.0.1.nip.example/", "http://localhost.example/", "http://local.example/"),
]


@pytest.mark.parametrize("url", GOOD)
def test_what_is_not_refused(url: str) -> None:
    assert check_url(url) is None


@settings(deadline=None)
@given(st.one_of(ADDRESSES, st.text(max_size=60)))
def test_what_is_no_link_is_never_asked_for_and_the_other_way_round(url: str) -> None:
    """Feeds and the guard agree on what an address is, and part only over where it leads."""
    anywhere = (ip_network("0.0.0.0/0"), ip_network("::/0"))
    usable = absolute_url(url) is not None
    assert usable is (check_url(url.strip(), allowed=anywhere) is None)


# ---- what the operator allows


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:8000/", True),
        ("http://[::ffff:127.0.0.1]/", True),
        ("http://127.0.0.2/", False),
        ("http://10.0.0.1/", False),
        ("http://169.254.169.254/", False),
        # where a network is allowed, a name is judged by what it resolves to
        ("http://demo:8000/", True),
        ("http://site.internal/", True),
        # an allowed network is no reason to guess at odd notations
        ("http://2130706433/", False),
        ("http://127.1/", False),
    ],
)
def test_a_network_that_is_allowed_lets_its_literals_and_all_names_through(
    url: str, allowed: bool
) -> None:
    assert (check_url(url, allowed=LOOPBACK) is None) is allowed


def test_a_service_name_is_reached_in_an_allowed_network(site: Site, near: Browser) -> None:
    ask(near, FakeResolver({"demo": [["127.0.0.1"]]}))
    site.put("/feed", "hello")
    assert isinstance(near.fetch(site.url("/feed", host="demo")), Fetched)


def test_a_service_name_outside_of_it_is_not(site: Site, near: Browser) -> None:
    ask(near, FakeResolver({"demo": [["127.0.0.2"]]}))
    refused(near.fetch(site.url("/feed", host="demo")), Reason.FORBIDDEN_ADDRESS)
    assert site.requests == []


def test_the_operator_is_told_how_to_allow_it(strict: Browser) -> None:
    got = refused(strict.fetch("http://127.0.0.1/feed"), Reason.FORBIDDEN_ADDRESS)
    told = "127.0.0.1 is not a public address; WIREWATCH_ALLOW_NETWORKS can allow it."
    assert got.detail == told
    assert check_url("http://127.0.0.1/feed") == got


def test_a_network_that_is_allowed_is_reached(site: Site, near: Browser) -> None:
    assert isinstance(near.fetch(site.put("/feed", "hello")), Fetched)


# ---- by name


@pytest.mark.parametrize(("name", "addresses"), IN_THE_NAME)
def test_a_name_that_leads_inside_is_not_followed(
    site: Site, strict: Browser, name: str, addresses: list[str]
) -> None:
    ask(strict, FakeResolver({name: [addresses]}))
    got = refused(strict.fetch(site.url("/", host=name)), Reason.FORBIDDEN_ADDRESS)
    assert any(address.partition("%")[0] in got.detail for address in addresses)
    assert site.requests == []


def test_a_name_that_changes_its_mind_after_the_check_is_not_followed(
    site: Site, strict: Browser
) -> None:
    """DNS rebinding: the address that was judged is the one that is connected to, or none is."""
    resolver = FakeResolver({"rebind.example": [[PUBLIC], ["127.0.0.1"]]})
    ask(strict, resolver)
    url = site.url("/", host="rebind.example")
    assert check_url(url) is None
    checked = asyncio.run(resolve_checked("rebind.example", site.port, resolver))
    assert checked == [PUBLIC]
    refused(strict.fetch(url), Reason.FORBIDDEN_ADDRESS)
    assert resolver.asked == ["rebind.example"] * 2
    assert site.requests == []


def test_a_name_that_changes_its_mind_between_two_requests_is_not_followed(
    site: Site, near: Browser
) -> None:
    ask(near, FakeResolver({"rebind.example": [["127.0.0.1"], ["127.0.0.2"]]}))
    url = site.url("/feed", host="rebind.example")
    site.put("/feed", "hello", connection="close")
    assert isinstance(near.fetch(url), Fetched)
    refused(near.fetch(url), Reason.FORBIDDEN_ADDRESS)
    assert site.paths() == ["/feed"]


# ---- by redirect


@pytest.mark.parametrize(("to", "reason"), IN_A_REDIRECT, ids=ascii)
def test_a_redirect_to_a_forbidden_place_is_not_followed(
    site: Site, near: Browser, to: str, reason: Reason
) -> None:
    ask(near, FakeResolver({"loopback.evil.example": [["127.0.0.2"]]}))
    url = site.put("/feed", status=302, location=to.format(port=site.port))
    refused(near.fetch(url), reason)
    assert site.paths() == ["/feed"]


@pytest.mark.parametrize("to", IN_AN_ODD_REDIRECT)
def test_a_redirect_in_an_odd_notation_is_not_followed(site: Site, near: Browser, to: str) -> None:
    url = site.put("/feed", status=302, location=to.format(port=site.port))
    refused(near.fetch(url), Reason.FORBIDDEN_ADDRESS, Reason.BAD_URL)
    assert site.paths() == ["/feed"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_kind_of_redirect_gets_through(site: Site, near: Browser, status: int) -> None:
    inner = f"http://127.0.0.2:{site.port}/secret"
    hop = site.put("/hop", status=status, location=inner)
    url = site.put("/feed", status=status, location=hop)
    refused(near.fetch(url), Reason.FORBIDDEN_ADDRESS)
    assert site.paths() == ["/feed", "/hop"]


# ---- through a proxy, and to a receiver


def checked(name: str, answer: list[str], allowed: bool = False) -> list[str]:
    resolver = FakeResolver({name: [answer]})
    return asyncio.run(resolve_checked(name, 80, resolver, LOOPBACK if allowed else ()))


def test_of_several_addresses_only_the_allowed_are_handed_to_a_proxy() -> None:
    assert checked("a.example", ["10.0.0.1", PUBLIC, "::1", "8.8.8.8"]) == [PUBLIC, "8.8.8.8"]
    assert checked("a.example", ["10.0.0.1", "127.0.0.1"], allowed=True) == ["127.0.0.1"]


def test_without_an_allowed_address_a_proxy_is_asked_for_nothing() -> None:
    with pytest.raises(ForbiddenAddressError) as error:
        checked("a.example", ["10.0.0.1", "127.0.0.1"])
    assert error.value.address == "10.0.0.1"


@pytest.mark.parametrize("host", ["127.0.0.1", "0x7f000001", "127.1", "::1", "fe80::1%25eth0"])
def test_a_literal_is_judged_without_a_look_up(host: str) -> None:
    resolver = FakeResolver({})
    with pytest.raises(ForbiddenAddressError):
        asyncio.run(resolve_checked(host, 80, resolver))
    assert resolver.asked == []


def test_a_name_without_an_address_is_unknown_and_not_forbidden() -> None:
    with pytest.raises(OSError, match="no such name") as error:
        asyncio.run(resolve_checked("nobody.example", 80, FakeResolver({})))
    assert not isinstance(error.value, ForbiddenAddressError)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:{port}/hook", Reason.FORBIDDEN_ADDRESS),
        ("http://hooks.example:{port}/hook", Reason.FORBIDDEN_ADDRESS),
        ("http://169.254.169.254/hook", Reason.FORBIDDEN_ADDRESS),
        ("file:///etc/passwd", Reason.FORBIDDEN_SCHEME),
    ],
)
def test_no_alert_goes_to_a_forbidden_place(
    site: Site, strict: Browser, url: str, reason: Reason
) -> None:
    ask(strict, FakeResolver({"hooks.example": [["127.0.0.1"]]}))
    config = {"url": url.format(port=site.port), "secret": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"}
    alert = ClaimedAlert(1, 1, 1, "desk", "webhook", config, "msg_1", "{}", attempts=1)
    answer = strict.deliver(lambda means: channels.send(means, alert, datetime.now(UTC)))
    assert not answer.accepted
    assert answer.reason is reason
    assert site.requests == []
