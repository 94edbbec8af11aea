"""A feed that names several hubs: one is subscribed to, and the next when it fails."""

from datetime import timedelta

import pytest

from tests.hub import Hub
from tests.push.conftest import ITEM, SECOND, Pushed, document, feed_with, minutes_to_next_poll
from tests.site import Site
from worker import subscribing


@pytest.fixture
def other(site: Site) -> Hub:
    return Hub(site, path="/other-hub")


def named(desk: Pushed, *hubs: Hub) -> None:
    """A feed that names these hubs in its header, polled, and its hub asked."""
    links = ", ".join(f"<{hub.url}>; rel=hub" for hub in hubs)
    body = document(ITEM).decode()
    desk.watch(desk.site.put("/feed", body, kind="application/rss+xml", link=links))
    desk.poll()
    subscribing.subscribe(desk.tools)


def test_the_first_is_subscribed_to_and_no_other(desk: Pushed, hub: Hub, other: Hub) -> None:
    named(desk, hub, other)
    told = desk.subscription()
    assert (told["hub"], told["state"]) == (hub.url, "verified")
    assert told["hubs"] == [hub.url, other.url]
    assert other.asked == []


def test_where_one_denies_the_next_is_asked_at_once(desk: Pushed, hub: Hub, other: Hub) -> None:
    hub.verifies = False
    named(desk, hub, other)
    assert desk.intent(hub, mode="denied", reason="not you")[0] == 200
    subscribing.subscribe(desk.tools)
    told = desk.subscription()
    assert (told["hub"], told["state"]) == (other.url, "verified")
    assert hub.asked[0]["hub.callback"] != other.asked[0]["hub.callback"]
    assert hub.secret != other.secret
    assert desk.intent(hub)[0] == 404, "what the first agrees to later is not wanted any more"
    assert desk.push(other, document(SECOND))[0] == 202


def test_where_one_keeps_failing_the_next_is_asked(desk: Pushed, hub: Hub, other: Hub) -> None:
    hub.status = 500
    named(desk, hub, other)
    assert desk.subscription()["state"] == "failed"
    assert other.asked == []
    desk.subscribe()
    subscribing.subscribe(desk.tools)
    assert (len(hub.asked), len(other.asked)) == (2, 1)
    assert desk.subscription()["hub"] == other.url


def test_where_one_never_verifies_the_next_is_asked(desk: Pushed, hub: Hub, other: Hub) -> None:
    hub.verifies = False
    named(desk, hub, other)
    for _ in range(2):
        desk.subscribe()
    subscribing.subscribe(desk.tools)
    assert (len(hub.asked), len(other.asked)) == (2, 1)
    told = desk.subscription()
    assert (told["hub"], told["state"]) == (other.url, "verified")


def test_where_all_fail_the_feed_is_polled_and_the_first_is_asked_again_later(
    lone_desk: Pushed, hub: Hub, other: Hub
) -> None:
    hub.status = other.status = 503
    named(lone_desk, hub, other)
    for _ in range(3):
        lone_desk.subscribe()
    assert len(hub.asked) + len(other.asked) == 5
    subscribing.subscribe(lone_desk.tools)
    assert len(hub.asked) + len(other.asked) == 5, "not in a rush"
    told = lone_desk.subscription()
    assert (told["state"], told["reason"]) == ("failed", "server-error")
    lone_desk.poll()
    assert minutes_to_next_poll(lone_desk) == pytest.approx(5, abs=1)


def test_the_better_hub_is_come_back_to_with_the_next_renewal(
    desk: Pushed, hub: Hub, other: Hub
) -> None:
    hub.status = 500
    named(desk, hub, other)
    desk.subscribe()
    assert desk.subscription()["hub"] == other.url
    hub.status = 202
    desk.clock.ahead = timedelta(hours=20)
    for _ in range(2):
        desk.subscribe()
    told = desk.subscription()
    assert (told["hub"], told["state"]) == (hub.url, "verified")
    assert [form["hub.mode"] for form in other.asked] == ["subscribe", "unsubscribe"]


def test_a_renewal_that_fails_ends_the_subscription_there(
    desk: Pushed, hub: Hub, other: Hub
) -> None:
    named(desk, hub, other)
    hub.status = 500
    desk.clock.ahead = timedelta(hours=20)
    for _ in range(3):
        desk.subscribe()
    assert desk.subscription()["hub"] == other.url
    assert hub.asked[-1]["hub.mode"] == "unsubscribe"
    assert desk.push(hub, document(SECOND))[0] == 410
    assert desk.push(other, document(SECOND))[0] == 202


def test_another_hub_beside_it_changes_nothing(desk: Pushed, hub: Hub, other: Hub) -> None:
    named(desk, hub)
    links = f"<{other.url}>; rel=hub, <{hub.url}>; rel=hub"
    desk.site.put("/feed", document(SECOND, ITEM), kind="application/rss+xml", link=links)
    desk.poll()
    told = desk.subscription()
    assert (told["hub"], told["state"]) == (hub.url, "verified")
    assert told["hubs"] == [other.url, hub.url]
    assert (len(hub.asked), len(other.asked)) == (1, 0)


def test_a_document_may_name_several(lone_desk: Pushed, hub: Hub, other: Hub) -> None:
    body = feed_with(other.url, ITEM)
    atom = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{hub.url}"/>'
    body = body.replace("<atom:link", f"{atom}<atom:link", 1)
    lone_desk.watch(lone_desk.site.put("/feed", body, kind="application/rss+xml"))
    lone_desk.poll()
    assert lone_desk.subscription()["hubs"] == [hub.url, other.url]
