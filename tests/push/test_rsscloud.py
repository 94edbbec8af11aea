"""rssCloud: a ping, and the feed is polled."""

import asyncio
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import pytest
from aiohttp import web

from tests.hub import Hub
from tests.push.conftest import (
    ITEM,
    SECOND,
    Pushed,
    document,
    minutes_to_next_poll,
)
from tests.site import Site, rss
from worker import pipeline, store


def cloudy(desk: Pushed, hub: Hub) -> str:
    port = urlsplit(hub.url).port
    cloud = (
        f'<cloud domain="127.0.0.1" port="{port}" path="/hub" registerProcedure="" '
        'protocol="http-post"/>'
    )
    body = rss([ITEM]).replace("<item>", f"{cloud}<item>")
    url = desk.site.put("/feed", body, kind="application/rss+xml")
    desk.watch(url)
    desk.poll()
    desk.subscribe()
    return url


def test_an_rsscloud_ping_has_the_feed_polled_at_once(desk: Pushed, hub: Hub) -> None:
    url = cloudy(desk, hub)
    (form,) = hub.asked
    assert form["protocol"] == "http-post"
    assert [(one.status, one.body) for one in hub.verified] == [(200, b"cloudy")]
    told = desk.subscription()
    assert (told["kind"], told["state"]) == ("rsscloud", "verified")
    desk.clock.ahead = timedelta(seconds=30)
    desk.site.put("/feed", document(SECOND, ITEM), kind="application/rss+xml")
    path = urlsplit(hub.callback).path
    assert desk.told("POST", path, f"url={url}") == (202, {"status": "polling"})
    desk.take_in()
    assert desk.nudges[-1] == "poll"
    assert minutes_to_next_poll(desk) <= 0


def test_an_rsscloud_lease_is_renewed_every_day(lone_desk: Pushed, hub: Hub) -> None:
    cloudy(lone_desk, hub)
    due = lone_desk.tools.db.read(store.list_pushes)
    (row,) = due.values()
    assert row["expires_at"] - lone_desk.clock() == pytest.approx(
        timedelta(hours=25), abs=timedelta(minutes=1)
    )


@pytest.mark.parametrize("said", ["url=http://other.test/", "", "x" * 9_000])
def test_a_ping_about_something_else_is_refused(lone_desk: Pushed, hub: Hub, said: str) -> None:
    cloudy(lone_desk, hub)
    assert lone_desk.ask("POST", urlsplit(hub.callback).path, said)[0] in (400, 413)
    assert lone_desk.rows("push_body") == []


def test_a_ping_while_the_feed_is_polled_waits_until_that_is_over(desk: Pushed, hub: Hub) -> None:
    url = cloudy(desk, hub)
    desk.clock.ahead = timedelta(seconds=30)
    path = urlsplit(hub.callback).path

    async def slow(_request: web.Request) -> web.Response:
        await asyncio.to_thread(desk.told, "POST", path, f"url={url}")
        await asyncio.to_thread(desk.take_in)
        return web.Response(status=304)

    desk.site.at("/feed", slow)
    desk.make_due("feed")
    pipeline.poll(desk.tools, desk.nudges.append)
    assert desk.rows("push_body")[0]["due_at"] is not None
    desk.make_due("push_body")
    desk.take_in()
    assert desk.rows("push_body")[0]["due_at"] is None
    assert minutes_to_next_poll(desk) <= 1


def test_a_registration_is_made_again_after_a_day_in_the_same_words(
    lone_desk: Pushed, hub: Hub
) -> None:
    cloudy(lone_desk, hub)
    before = lone_desk.subscription()["expires_at"]
    lone_desk.clock.ahead = timedelta(hours=24)
    lone_desk.subscribe()
    first, second = hub.asked
    assert first == second
    assert set(first) == {"protocol", "domain", "port", "path", "url1"}
    assert lone_desk.subscription()["expires_at"] > before


def test_a_server_that_refuses_says_why(lone_desk: Pushed, hub: Hub, site: Site) -> None:
    no = '<notifyResult success="false" msg="The challenge came back changed."/>'
    site.put("/hub", no, kind="text/xml")
    cloudy(lone_desk, hub)
    told = lone_desk.subscription()
    assert (told["state"], told["reason"]) == ("failed", "client-error")
    assert "The challenge came back changed." in told["detail"]


@pytest.mark.parametrize("url", ["http://other.test/feed", ""])
def test_a_challenge_about_another_feed_is_not_answered(
    lone_desk: Pushed, hub: Hub, url: str
) -> None:
    hub.verifies = False
    cloudy(lone_desk, hub)
    query = urlencode({"url": url, "challenge": "cloudy"})
    assert lone_desk.ask("GET", f"{urlsplit(hub.callback).path}?{query}")[0] == 404
    assert lone_desk.subscription()["state"] == "asked"


def test_a_server_is_told_no_end_for_it_knows_none_and_its_pings_end(
    lone_desk: Pushed, hub: Hub
) -> None:
    url = cloudy(lone_desk, hub)
    lone_desk.watch()
    lone_desk.subscribe()
    assert len(hub.asked) == 1
    assert lone_desk.ask("POST", urlsplit(hub.callback).path, f"url={url}")[0] == 410
