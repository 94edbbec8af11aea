"""Hubs that say no, hang, move or lead astray: polls go on."""

import asyncio

import pytest
from aiohttp import web

from tests.hub import Hub
from tests.push.conftest import (
    ITEM,
    Pushed,
    feed_with,
    minutes_to_next_poll,
    subscribed,
)
from tests.site import Site
from worker import subscribing


def test_a_hub_that_denies_is_asked_again_another_day_and_polls_go_on(
    desk: Pushed, hub: Hub
) -> None:
    subscribed(desk, hub)
    desk.poll()
    assert minutes_to_next_poll(desk) > 30
    assert desk.intent(hub, mode="denied", reason="no more")[0] == 200
    assert minutes_to_next_poll(desk) == pytest.approx(5, abs=1)
    told = desk.subscription()
    assert (told["state"], told["detail"]) == ("denied", "The hub says no: no more")
    subscribing.subscribe(desk.tools)
    assert len(hub.asked) == 1
    assert desk.intent(hub)[0] == 404, "what is denied is not confirmed unasked"


@pytest.mark.parametrize(
    ("status", "reason"),
    [(400, "client-error"), (500, "server-error"), (302, "redirected"), (403, "access-denied")],
)
def test_a_hub_that_refuses_is_asked_again_later_and_polls_go_on(
    lone_desk: Pushed, hub: Hub, status: int, reason: str
) -> None:
    hub.status = status
    subscribed(lone_desk, hub)
    told = lone_desk.subscription()
    assert (told["state"], told["reason"]) == ("failed", reason)
    assert "hub says" in told["detail"]
    subscribing.subscribe(lone_desk.tools)
    assert len(hub.asked) == 1
    lone_desk.poll()
    assert minutes_to_next_poll(lone_desk) == pytest.approx(5, abs=1)


def test_a_hub_that_hangs_costs_its_own_time_alone(lone_desk: Pushed, hub: Hub, site: Site) -> None:
    async def hang(_request: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    slow = site.at("/slow-hub", hang)
    feeds = [
        site.put(f"/{n}", feed_with(to, ITEM), kind="application/rss+xml")
        for n, to in enumerate((slow, hub.url))
    ]
    lone_desk.watch(*feeds)
    lone_desk.poll()
    lone_desk.subscribe()
    states = {row["hub"]: row["state"] for row in lone_desk.rows("push")}
    assert states == {slow: "failed", hub.url: "verified"}


def test_a_hub_is_followed_to_where_it_moved_with_the_same_request(
    lone_desk: Pushed, hub: Hub, site: Site
) -> None:
    moved = site.put("/moved-hub", status=307, location=hub.url)
    url = site.put("/feed", feed_with(moved, ITEM), kind="application/rss+xml")
    lone_desk.watch(url)
    lone_desk.poll()
    lone_desk.subscribe()
    assert lone_desk.subscription()["state"] == "verified"


@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/hub", "http://10.0.0.1/hub", "http://[::1]:1/hub"],
)
@pytest.mark.parametrize("through", [False, True], ids=["named", "redirected-to"])
def test_a_hub_at_a_private_address_is_not_asked(
    lone_desk: Pushed, site: Site, target: str, through: bool
) -> None:
    hub = site.put("/moved-hub", status=308, location=target) if through else target
    url = site.put("/feed", feed_with(hub, ITEM), kind="application/rss+xml")
    lone_desk.watch(url)
    lone_desk.poll()
    lone_desk.subscribe()
    assert lone_desk.subscription()["reason"] == "forbidden-address"


def test_a_push_is_asked_for_by_link_headers_before_the_document(
    lone_desk: Pushed, hub: Hub, site: Site
) -> None:
    links = f'<{hub.url}>; rel="hub", <{site.url("/canonical")}>; rel=self'
    document = feed_with(site.url("/not-this-one"), ITEM)
    url = site.put("/feed", document, kind="application/rss+xml", link=links)
    lone_desk.watch(url)
    lone_desk.poll()
    lone_desk.subscribe()
    assert [form["hub.topic"] for form in hub.asked] == [site.url("/canonical")]
