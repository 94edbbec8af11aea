"""What feeds offer, what secrets are made of, and when hubs are asked: rules alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import Reason
from worker.records import (
    ClaimedPush,
    Failed,
    ParsedFeed,
    PushKind,
    PushOffer,
    PushPlace,
    PushState,
)
from worker.subscriptions import (
    Keys,
    Signed,
    after_asking,
    confirms,
    form_of,
    lease,
    offer_of,
    refused_by_cloud,
    signed,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL, HUB, CLOUD = "https://news.test/feed", "https://hub.test/", "http://cloud.test:5337/notify"
KEYS = Keys("k" * 40, "https://watch.test")
WEBSUB, RSSCLOUD = PushKind.WEBSUB, PushKind.RSSCLOUD


def feed(**told: object) -> ParsedFeed:
    return ParsedFeed("T", None, (), **told)  # type: ignore[arg-type]


def push(kind: PushKind = WEBSUB, tries: int = 0) -> ClaimedPush:
    return ClaimedPush(1, 2, 3, kind, HUB, URL, "0123456789abcdef", tries)


@pytest.mark.parametrize(
    ("links", "document", "offer"),
    [
        ("", feed(), None),
        ("", feed(self_url=URL), None),
        ("", feed(hubs=(HUB,)), PushOffer(WEBSUB, (HUB,), URL)),
        (
            "",
            feed(hubs=(HUB,), self_url="https://a.test/"),
            PushOffer(WEBSUB, (HUB,), "https://a.test/"),
        ),
        (
            "",
            feed(hubs=("http://h.test/", HUB, "http://i.test/", HUB)),
            PushOffer(WEBSUB, (HUB, "http://h.test/", "http://i.test/"), URL),
        ),
        (
            f"<http://h.test/>; rel=hub, <{HUB}>; rel=hub",
            feed(),
            PushOffer(WEBSUB, (HUB, "http://h.test/"), URL),
        ),
        ("", feed(hubs=("http://h.test/",)), PushOffer(WEBSUB, ("http://h.test/",), URL)),
        ("", feed(cloud=CLOUD), PushOffer(RSSCLOUD, (CLOUD,), URL)),
        ("", feed(cloud=CLOUD, hubs=(HUB,)), PushOffer(WEBSUB, (HUB,), URL)),
        (f"<{HUB}>; rel=hub", feed(hubs=("https://other.test/",)), PushOffer(WEBSUB, (HUB,), URL)),
        (
            f'<{HUB}>; rel="hub", <https://a.test/>; rel="self"',
            feed(self_url="https://b.test/"),
            PushOffer(WEBSUB, (HUB,), "https://a.test/"),
        ),
        (f'<{HUB}>; title="a, b"; REL="next hub"', feed(), PushOffer(WEBSUB, (HUB,), URL)),
        ("</hub>; rel=hub", feed(), PushOffer(WEBSUB, ("https://news.test/hub",), URL)),
        ("<javascript:alert(1)>; rel=hub", feed(), None),
        ("<>; rel=hub, broken <<<, ;;;", feed(), None),
        (f"<{HUB}>; rel=hubbub", feed(), None),
    ],
)
def test_what_a_feed_offers(links: str, document: ParsedFeed, offer: PushOffer | None) -> None:
    assert offer_of(links, document, URL) == offer


@given(st.text(max_size=200))
def test_no_link_header_breaks_it(links: str) -> None:
    offer = offer_of(links, feed(), URL)
    assert offer is None or all(hub.startswith("http") for hub in offer.hubs)


# ---- secrets


def test_every_subscription_has_secrets_of_its_own() -> None:
    salts = [f"{number:016x}" for number in range(100)]
    made = {KEYS.secret(salt) for salt in salts} | {KEYS.callback(salt) for salt in salts}
    assert len(made) == 200
    assert all(len(bytes.fromhex(KEYS.secret(salt))) == 32 for salt in salts)
    other = Keys("l" * 40, KEYS.public_url)
    assert other.secret(salts[0]) != KEYS.secret(salts[0])
    assert other.id != KEYS.id != Keys(KEYS.key, "https://else.test").id
    assert KEYS.key not in KEYS.id


def test_a_path_is_known_by_its_own_salt_alone() -> None:
    salt, token = KEYS.path("abc").removeprefix("/push/").split("/")
    assert KEYS.is_path(salt, token)
    assert not KEYS.is_path("abd", token)
    assert not KEYS.is_path(salt, token[:-1])
    assert not KEYS.is_path(salt, "é")


# From the HMAC test vectors of RFC 4231 (case 2) and RFC 2202 (case 2): key «Jefe».
VECTOR = b"what do ya want for nothing?"
SHA1 = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
SHA256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


@pytest.mark.parametrize(
    ("signature", "worth"),
    [
        (f"sha256={SHA256}", Signed.WELL),
        (f" SHA256 = {SHA256.upper()} ", Signed.WELL),
        (f"sha1={SHA1}", Signed.WEAKLY),
        (f"sha1={SHA256}", Signed.WRONGLY),
        (f"sha256={SHA1}", Signed.WRONGLY),
        (f"sha256={SHA256[:-1]}0", Signed.WRONGLY),
        (SHA256, Signed.WRONGLY),
        (f"sha256={SHA256}, sha1={SHA1}", Signed.WRONGLY),
        ("", Signed.WRONGLY),
    ],
)
def test_what_a_signature_is_worth(signature: str, worth: Signed) -> None:
    assert signed(signature, VECTOR, "Jefe") is worth


# ---- asking


def test_a_websub_hub_is_told_where_and_by_which_secret() -> None:
    form = form_of(push(), KEYS, 864_000)
    assert form["hub.callback"] == KEYS.callback(push().salt)
    assert form["hub.secret"] == KEYS.secret(push().salt)
    assert (form["hub.topic"], form["hub.lease_seconds"]) == (URL, "864000")


@pytest.mark.parametrize(
    ("public", "protocol", "domain", "port"),
    [
        ("https://watch.test", "https-post", "watch.test", "443"),
        ("http://watch.test", "http-post", "watch.test", "80"),
        ("http://watch.test:8484", "http-post", "watch.test", "8484"),
        ("http://[::1]:8484", "http-post", "[::1]", "8484"),
        ("http://[::1]", "http-post", "[::1]", "80"),
    ],
)
def test_an_rsscloud_server_is_told_where(
    public: str, protocol: str, domain: str, port: str
) -> None:
    form = form_of(push(RSSCLOUD), Keys(KEYS.key, public), 1)
    assert (form["protocol"], form["domain"], form["port"]) == (protocol, domain, port)
    assert public.partition("://")[2].partition(":8484")[0] == domain
    assert form["path"] == Keys(KEYS.key, public).path(push().salt)


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        ('<notifyResult success="true" msg="ok"/>', False),
        ('<?xml version="1.0"?><notifyResult success="false" msg="No &amp; no"/>', True),
        ("ok", False),
        ("", False),
    ],
)
def test_an_rsscloud_servers_no_is_heard(answer: str, refused: bool) -> None:
    assert (refused_by_cloud(answer) is not None) is refused


@given(tries=st.integers(0, 100), jitter=st.floats(0, 1))
def test_a_hub_is_asked_again_in_ten_minutes_to_a_day_or_so(tries: int, jitter: float) -> None:
    asked = after_asking(push(tries=tries), None, NOW, jitter)
    assert timedelta(minutes=10) <= asked.due_at - NOW <= timedelta(days=1.1)
    assert (asked.state, asked.tries) == (PushState.ASKED, tries + 1)


def test_a_hub_that_fails_may_ask_for_a_pause() -> None:
    failed = Failed(Reason.RATE_LIMITED, "Wait.", 429, 7_200)
    asked = after_asking(push(), failed, NOW, 0)
    assert asked.due_at == NOW + timedelta(hours=2)
    assert (asked.state, asked.reason, asked.detail) == (PushState.FAILED, failed.reason, "Wait.")


@given(lasts=st.integers(3_600, 7_776_000), jitter=st.floats(0, 1))
def test_a_lease_is_renewed_at_about_three_quarters(lasts: int, jitter: float) -> None:
    found = lease(WEBSUB, str(lasts), 1, NOW, jitter)
    assert found.expires_at == NOW + timedelta(seconds=lasts)
    share = (found.renew_at - NOW) / timedelta(seconds=lasts)
    assert 0.674 < share < 0.751


@pytest.mark.parametrize(
    ("told", "lasts_s"),
    [(None, 5_000), ("", 5_000), ("soon", 5_000), ("-7", 5_000), ("0", 60), ("9" * 30, 7_776_000)],
)
def test_a_lease_is_as_asked_where_a_hub_says_nothing_sensible(
    told: str | None, lasts_s: int
) -> None:
    assert lease(WEBSUB, told, 5_000, NOW, 0).expires_at == NOW + timedelta(seconds=lasts_s)


def test_an_rsscloud_lease_is_renewed_every_day() -> None:
    found = lease(RSSCLOUD, "60", 60, NOW, 0)
    assert found.renew_at == NOW + timedelta(hours=24)
    assert found.expires_at == NOW + timedelta(hours=25)


@pytest.mark.parametrize(
    ("asked", "lease_h", "watched", "mode", "topic", "yes"),
    [
        (True, None, True, "subscribe", URL, True),
        (False, 1, True, "subscribe", URL, True),
        (False, -1, True, "subscribe", URL, False),
        (False, None, True, "subscribe", URL, False),
        (True, None, False, "subscribe", URL, False),
        (True, None, True, "unsubscribe", URL, False),
        (True, None, True, "subscribe", URL + "/", False),
    ],
)
def test_only_what_was_asked_for_is_confirmed(
    asked: bool, lease_h: int | None, watched: bool, mode: str, topic: str, yes: bool
) -> None:
    expires_at = None if lease_h is None else NOW + timedelta(hours=lease_h)
    place = PushPlace(1, 2, WEBSUB, URL, watched, asked, expires_at)
    assert confirms(place, mode, topic, NOW) is yes
