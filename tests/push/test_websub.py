"""Push from end to end, with a real hub: asked, verified, pushed, renewed, lost."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from tests.hub import Hub
from tests.push.conftest import (
    ITEM,
    SECOND,
    THIRD,
    Pushed,
    document,
    feed_with,
    minutes_to_next_poll,
    subscribed,
)
from tests.site import Site
from worker import store, subscribing
from worker.records import PushedVisit
from worker.store.moves import move_feed

# ---- to be pushed to


def test_what_a_hub_pushes_is_an_alert_without_a_poll(desk: Pushed, hub: Hub) -> None:
    url = subscribed(desk, hub)
    (form,) = hub.asked
    assert form["hub.mode"] == "subscribe"
    assert form["hub.topic"] == url
    assert form["hub.lease_seconds"] == "864000"
    assert len(form["hub.secret"]) >= 64
    assert [(one.status, one.body) for one in hub.verified] == [(200, b"a challenge & more")]
    assert desk.subscription()["state"] == "verified"

    polls, before = desk.site.paths().count("/feed"), desk.rhythm(url)
    assert desk.push(hub, document(SECOND, ITEM)) == (202, {"status": "kept"})
    assert desk.nudges[-1] == "push"
    desk.take_in()
    assert desk.nudges[-1] == "ingest"
    desk.ingest()
    desk.deliver()
    assert desk.titles() == [ITEM["title"], SECOND["title"]]
    assert len(desk.hooks()) == 2
    assert desk.site.paths().count("/feed") == polls
    told = desk.subscription()
    assert told["pushes"] == 1
    assert told["pushed_at"] is not None
    assert desk.rhythm(url) != before  # what was pushed tells of when the feed publishes


def test_no_secret_stands_in_the_store(desk: Pushed, hub: Hub) -> None:
    subscribed(desk, hub)
    stored = repr([desk.rows(table) for table in ("push", "push_body", "feed")])
    assert hub.secret not in stored
    assert urlsplit(hub.callback).path.rpartition("/")[2] not in stored


def test_a_pushed_feed_is_polled_twelve_times_more_seldom(desk: Pushed, hub: Hub) -> None:
    subscribed(desk, hub)
    desk.poll()
    assert minutes_to_next_poll(desk) == pytest.approx(60, abs=1)


def test_polls_come_back_when_the_lease_ends(desk: Pushed, hub: Hub) -> None:
    hub.lease_s = 1_200
    subscribed(desk, hub)
    desk.poll()
    assert minutes_to_next_poll(desk) == pytest.approx(20, abs=1)
    desk.clock.ahead = timedelta(seconds=1_201)
    desk.poll()
    assert minutes_to_next_poll(desk) == pytest.approx(5, abs=1)


def test_a_hub_that_did_not_push_what_a_poll_found_is_relied_on_once_it_pushes(
    desk: Pushed, hub: Hub
) -> None:
    subscribed(desk, hub)
    desk.site.put("/feed", feed_with(hub.url, SECOND, ITEM), kind="application/rss+xml")
    desk.poll()
    assert minutes_to_next_poll(desk) == pytest.approx(5, abs=1)
    desk.poll()
    assert minutes_to_next_poll(desk) == pytest.approx(5, abs=1)
    desk.push(hub, document(THIRD))
    desk.take_in()
    desk.poll()
    assert minutes_to_next_poll(desk) == pytest.approx(60, abs=1)


def test_a_lease_is_renewed_before_it_ends_under_the_same_callback(desk: Pushed, hub: Hub) -> None:
    subscribed(desk, hub)
    before = desk.subscription()["expires_at"]
    subscribing.subscribe(desk.tools)
    assert len(hub.asked) == 1, "three quarters are not over"
    desk.clock.ahead = timedelta(seconds=0.75 * hub.lease_s)
    desk.subscribe()
    assert len(hub.asked) == 2
    assert hub.asked[0] == hub.asked[1]
    assert desk.subscription()["expires_at"] > before


def test_another_key_or_address_makes_all_subscriptions_anew(desk: Pushed, hub: Hub) -> None:
    subscribed(desk, hub)
    first = hub.callback
    knobs = desk.tools.settings.model_copy(update={"public_url": "http://127.0.0.1:9"})
    elsewhere = replace(desk.tools, settings=knobs)
    hub.verifies = False
    subscribing.look_after(elsewhere)
    subscribing.subscribe(elsewhere)
    second, ended = hub.asked[1:]
    assert second["hub.callback"].startswith("http://127.0.0.1:9/push/")
    assert (ended["hub.mode"], ended["hub.callback"]) == ("unsubscribe", first)
    desk.poll()
    assert minutes_to_next_poll(desk) == pytest.approx(5, abs=1)


def test_without_push_nothing_is_asked_and_what_was_asked_is_not_relied_on(
    desk: Pushed, hub: Hub
) -> None:
    subscribed(desk, hub)
    knobs = desk.tools.settings.model_copy(update={"public_url": ""})
    subscribing.look_after(replace(desk.tools, settings=knobs))
    subscribing.subscribe(replace(desk.tools, settings=knobs))
    assert [form["hub.mode"] for form in hub.asked] == ["subscribe", "unsubscribe"]
    desk.poll()
    assert minutes_to_next_poll(desk) == pytest.approx(5, abs=1)


def test_with_a_feed_that_names_another_hub_the_old_callback_ends(
    desk: Pushed, hub: Hub, site: Site
) -> None:
    subscribed(desk, hub)
    old = urlsplit(hub.callback).path
    other = site.put("/other-hub", status=202)
    site.put("/feed", feed_with(other, ITEM), kind="application/rss+xml")
    desk.poll()
    assert desk.ask("POST", old, b"")[0] == 410
    desk.subscribe()
    assert "/other-hub" in site.paths()


def test_a_feed_that_names_no_hub_any_more_is_polled_as_any_other(desk: Pushed, hub: Hub) -> None:
    subscribed(desk, hub)
    desk.site.put("/feed", document(ITEM), kind="application/rss+xml")
    desk.poll()
    desk.poll()
    assert minutes_to_next_poll(desk) == pytest.approx(5, abs=1)
    assert desk.subscription()["state"] == "withdrawn"
    assert desk.push(hub, document(SECOND))[0] == 410
    desk.subscribe()
    assert [form["hub.mode"] for form in hub.asked] == ["subscribe", "unsubscribe"]


def test_a_feed_that_is_watched_no_more_tells_its_hub_so(desk: Pushed, hub: Hub) -> None:
    subscribed(desk, hub)
    desk.watch()
    assert desk.push(hub, document(SECOND))[0] == 410
    assert desk.intent(hub)[0] == 404


# ---- at the same time


def test_a_body_that_comes_while_the_feed_is_polled_is_not_lost(desk: Pushed, hub: Hub) -> None:
    subscribed(desk, hub)
    came: list[int] = []

    async def slow(_request: web.Request) -> web.Response:
        pushed = await asyncio.to_thread(desk.push, hub, document(THIRD, SECOND))
        came.append(pushed[0])
        await asyncio.to_thread(desk.take_in)
        return web.Response(
            text=feed_with(hub.url, SECOND, ITEM), content_type="application/rss+xml"
        )

    desk.site.at("/feed", slow)
    desk.poll()
    assert came == [202]
    assert sorted(desk.titles()) == sorted(one["title"] for one in (ITEM, SECOND, THIRD))
    assert len(desk.rows("sighting")) == 3
    assert desk.rows("push_body")[0]["body"] is None


def test_a_lease_that_ran_out_writes_nothing(desk: Pushed, hub: Hub) -> None:
    subscribed(desk, hub)
    desk.push(hub, document(SECOND))
    db = desk.tools.db
    (claim,) = db.write(lambda c: store.claim_bodies(c, 10, -1))
    desk.take_in()
    late = PushedVisit(claim.id, claim.token, claim.feed.id, poll=True)
    assert db.write(lambda c: store.settle_pushed(c, [late], desk.clock())) == []
    assert len(desk.titles()) == 2
    assert desk.subscription()["pushes"] == 1


# ---- feeds that move


def test_a_feed_that_becomes_another_takes_no_subscription_along(desk: Pushed, hub: Hub) -> None:
    old = subscribed(desk, hub)
    new = desk.site.put_feed("/new", [ITEM])
    desk.watch(old, new)
    desk.poll()
    desk.push(hub, document(SECOND))
    db, (first, _) = desk.tools.db, desk.rows("feed")
    db.write(lambda c: move_feed(c, first["id"], new, desk.clock()))
    assert [row["url"] for row in desk.rows("feed")] == [new]
    assert desk.push(hub, document(THIRD))[0] == 410
    desk.take_in()
    assert len(desk.rows("feed")) == 1
