"""What WebSub asks of a subscriber, point by point (W3C Recommendation, sections 3 to 7).

Discovery in a page's HTML is left out: what is watched is a feed. What is forged is refused in
`test_forged`, hubs that redirect and lie in `test_hubs`, ends are in `test_endings`.
"""

import http.client
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import pytest
from aiohttp import web
from multidict import CIMultiDict

from tests.hub import Hub
from tests.push.conftest import (
    ITEM,
    SECOND,
    Pushed,
    document,
    feed_with,
    subscribed,
)
from tests.site import Site, rss
from worker import subscribing

ATOM = "http://www.w3.org/2005/Atom"


def poll(desk: Pushed, url: str) -> None:
    desk.watch(url)
    desk.poll()
    subscribing.subscribe(desk.tools)


def atom_feed(hub: str, topic: str) -> str:
    at = "<updated>2026-03-01T12:00:00Z</updated>"
    return (
        f'<feed xmlns="{ATOM}"><title>T</title><id>urn:t</id>{at}'
        f'<link rel="hub" href="{hub}"/><link rel="self" href="{topic}"/><entry><id>urn:e</id>'
        f'<title>E</title><link href="http://news.test/2"/>{at}</entry></feed>'
    )


def rss_feed(hub: str, topic: str) -> str:
    links = "".join(
        f'<a:link xmlns:a="{ATOM}" rel="{rel}" href="{href}"/>'
        for rel, href in (("hub", hub), ("self", topic))
    )
    return rss([ITEM]).replace("<item>", f"{links}<item>", 1)


def json_feed(hub: str, topic: str) -> str:
    return (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": '
        '[{"id": "1", "url": "http://news.test/1", "content_text": "E"}], '
        f'"feed_url": "{topic}", "hubs": [{{"type": "WebSub", "url": "{hub}"}}]}}'
    )


# ---- discovery, section 4


@pytest.mark.parametrize(
    ("write", "kind"),
    [
        (atom_feed, "application/atom+xml"),
        (rss_feed, "application/rss+xml"),
        (json_feed, "application/feed+json"),
    ],
    ids=["atom", "rss", "json"],
)
def test_hub_and_topic_are_found_in_every_kind_of_feed(
    lone_desk: Pushed, hub: Hub, write: object, kind: str
) -> None:
    topic = lone_desk.site.url("/topic")
    assert callable(write)
    poll(lone_desk, lone_desk.site.put("/feed", write(hub.url, topic), kind=kind))
    assert [form["hub.topic"] for form in hub.asked] == [topic]
    assert lone_desk.subscription()["state"] == "verified"


def test_hub_and_topic_are_found_in_headers_of_their_own(lone_desk: Pushed, hub: Hub) -> None:
    topic = lone_desk.site.url("/topic")

    async def answer(_request: web.Request) -> web.Response:
        links = (("Link", f'<{hub.url}>; rel="hub"'), ("Link", f'<{topic}>; rel="self"'))
        body = rss_feed("http://hub.test/", "http://news.test/not-this")
        return web.Response(body=body.encode(), headers=CIMultiDict(links))

    poll(lone_desk, lone_desk.site.at("/feed", answer))
    assert [form["hub.topic"] for form in hub.asked] == [topic]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("named", [False, True], ids=["unnamed", "named"])
def test_the_topic_of_a_feed_that_redirects_is_what_it_leads_to(
    lone_desk: Pushed, hub: Hub, site: Site, status: int, named: bool
) -> None:
    topic = site.url("/canonical")
    body = rss_feed(hub.url, topic) if named else feed_with(hub.url, ITEM)
    target = site.put("/target", body, kind="application/rss+xml")
    poll(lone_desk, site.put("/feed", status=status, location=target))
    assert [form["hub.topic"] for form in hub.asked] == [topic if named else target]
    assert lone_desk.subscription()["state"] == "verified"


# ---- subscribing, section 5


def test_the_request_is_a_form_with_all_that_is_required(lone_desk: Pushed, hub: Hub) -> None:
    url = subscribed(lone_desk, hub)
    (form,) = hub.asked
    (seen,) = [one for one in lone_desk.site.requests if one.path == "/hub"]
    assert seen.method == "POST"
    assert seen.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", url)
    assert len(form["hub.secret"].encode()) < 200
    assert form["hub.lease_seconds"].isdigit()


@pytest.mark.parametrize("status", [307, 308])
def test_hubs_are_followed_with_the_same_request_also_to_end_it(
    lone_desk: Pushed, hub: Hub, site: Site, status: int
) -> None:
    moved = site.put("/moved-hub", status=status, location=hub.url)
    poll(lone_desk, site.put("/feed", feed_with(moved, ITEM), kind="application/rss+xml"))
    assert lone_desk.subscription()["state"] == "verified"
    lone_desk.watch()
    lone_desk.subscribe()
    assert [form["hub.mode"] for form in hub.asked] == ["subscribe", "unsubscribe"]


def test_what_is_echoed_is_no_page_to_anybody(lone_desk: Pushed, hub: Hub) -> None:
    hub.verifies = False
    subscribed(lone_desk, hub)
    asked = http.client.HTTPConnection("127.0.0.1", lone_desk.port, timeout=10)
    query = urlencode(hub.intent(challenge="<script>alert(1)</script>"))
    asked.request("GET", f"{urlsplit(hub.callback).path}?{query}")
    answer = asked.getresponse()
    assert answer.read() == b"<script>alert(1)</script>"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    asked.close()


@pytest.mark.parametrize(
    ("told", "lasts_s"),
    [("3600", 3_600), ("864000", 864_000), ("2592000", 2_592_000), ("", 864_000)],
    ids=["shorter", "as-asked", "longer", "unsaid"],
)
def test_a_lease_is_what_the_hub_says(lone_desk: Pushed, hub: Hub, told: str, lasts_s: int) -> None:
    hub.verifies = False
    subscribed(lone_desk, hub)
    assert lone_desk.intent(hub, lease_seconds=told)[0] == 200
    left = lone_desk.subscription()["expires_at"] - lone_desk.clock()
    assert left == pytest.approx(timedelta(seconds=lasts_s), abs=timedelta(seconds=30))


def test_a_hub_may_confirm_again_while_its_lease_lasts(lone_desk: Pushed, hub: Hub) -> None:
    subscribed(lone_desk, hub)
    assert lone_desk.intent(hub)[0] == 200
    lone_desk.clock.ahead = timedelta(seconds=hub.lease_s + 1)
    assert lone_desk.intent(hub)[0] == 404


def test_a_denial_before_any_verification_is_heard(lone_desk: Pushed, hub: Hub) -> None:
    hub.verifies = False
    subscribed(lone_desk, hub)
    assert lone_desk.intent(hub, mode="denied", topic="http://other.test/")[0] == 404
    assert lone_desk.intent(hub, mode="denied", reason="")[0] == 200
    told = lone_desk.subscription()
    assert (told["state"], told["expires_at"]) == ("denied", None)
    assert told["detail"] == "The hub says no: it gives no reason"


# ---- content distribution, section 7


def test_a_document_is_known_by_the_callback_and_not_by_what_it_says_of_itself(
    lone_desk: Pushed, hub: Hub
) -> None:
    subscribed(lone_desk, hub)
    body = atom_feed("http://elsewhere.test/hub", "http://elsewhere.test/topic").encode()
    headers = {
        "X-Hub-Signature": hub.signature(body),
        "Content-Type": "application/atom+xml",
        "Link": '<http://elsewhere.test/topic>; rel="self"',
    }
    assert lone_desk.ask("POST", urlsplit(hub.callback).path, body, headers)[0] == 202
    lone_desk.take_in()
    assert len(lone_desk.titles()) == 2
    told = lone_desk.subscription()
    assert (told["hub"], told["state"]) == (hub.url, "verified")


def test_receipt_is_acknowledged_before_anything_is_read(lone_desk: Pushed, hub: Hub) -> None:
    subscribed(lone_desk, hub)
    assert lone_desk.push(hub, document(SECOND))[0] == 202
    assert len(lone_desk.titles()) == 1
    assert lone_desk.nudges[-1] == "push"


# ---- at once


def test_a_hub_that_a_poll_finds_is_asked_at_once(desk: Pushed, hub: Hub) -> None:
    url = desk.site.put("/feed", feed_with(hub.url, ITEM), kind="application/rss+xml")
    desk.watch(url)
    desk.poll()
    assert desk.nudges == ["ingest", "subscribe"]
    subscribing.subscribe(desk.tools)
    assert desk.subscription()["state"] == "verified"
    desk.nudges.clear()
    desk.poll()
    assert desk.nudges == [], "what was asked for is not asked for again"


def test_where_push_is_off_no_hub_is_asked_at_once_or_later(closed_desk: Pushed, hub: Hub) -> None:
    url = closed_desk.site.put("/feed", feed_with(hub.url, ITEM), kind="application/rss+xml")
    poll(closed_desk, url)
    assert (closed_desk.nudges, hub.asked) == (["ingest"], [])
