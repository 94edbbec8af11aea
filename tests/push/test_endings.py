"""Subscriptions that end: hubs are told, and what they still say is answered rightly."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from tests.hub import Hub
from tests.push.conftest import (
    ITEM,
    SECOND,
    Pushed,
    document,
    feed_with,
    subscribed,
)
from tests.site import Site
from worker import store, subscribing
from worker.store.moves import move_feed

MODES = ["subscribe", "unsubscribe"]


def modes(hub: Hub) -> list[str]:
    return [form["hub.mode"] for form in hub.asked]


def unwatch(desk: Pushed) -> None:
    desk.watch()
    desk.subscribe()


def test_the_hub_of_a_feed_that_is_watched_no_more_is_told_and_confirmed(
    desk: Pushed, hub: Hub
) -> None:
    subscribed(desk, hub)
    unwatch(desk)
    first, last = hub.asked
    assert last["hub.mode"] == "unsubscribe"
    names = ("hub.callback", "hub.topic")
    assert [last[name] for name in names] == [first[name] for name in names]
    assert [(one.status, one.body) for one in hub.verified] == [(200, b"a challenge & more")] * 2
    assert desk.push(hub, document(SECOND))[0] == 410
    desk.make_due("push_end")
    subscribing.subscribe(desk.tools)
    assert desk.one("feed")["pushed_until"] is None


def test_a_feed_that_has_stopped_for_good_is_one_of_them(desk: Pushed, hub: Hub) -> None:
    subscribed(desk, hub)
    desk.site.put("/feed", status=410)
    desk.poll()
    desk.subscribe()
    assert modes(hub) == MODES


def test_a_feed_that_becomes_another_is_one_of_them(desk: Pushed, hub: Hub) -> None:
    old = subscribed(desk, hub)
    new = desk.site.put_feed("/new", [ITEM])
    desk.watch(old, new)
    desk.poll()
    db, (first, _) = desk.tools.db, desk.rows("feed")
    db.write(lambda c: move_feed(c, first["id"], new, desk.clock()))
    desk.subscribe()
    assert modes(hub) == MODES


def test_a_feed_that_names_another_hub_tells_the_one_before(
    desk: Pushed, hub: Hub, site: Site
) -> None:
    subscribed(desk, hub)
    other = Hub(site, path="/other-hub")
    site.put("/feed", feed_with(other.url, ITEM), kind="application/rss+xml")
    desk.poll()
    subscribing.subscribe(desk.tools)
    assert (modes(hub), modes(other)) == (MODES, ["subscribe"])
    assert desk.subscription()["state"] == "verified"


@pytest.mark.parametrize("changed", [{"push": False}, {"public_url": ""}])
def test_push_that_is_switched_off_ends_all(
    desk: Pushed, hub: Hub, changed: dict[str, object]
) -> None:
    subscribed(desk, hub)
    off = replace(desk.tools, settings=desk.tools.settings.model_copy(update=changed))
    subscribing.look_after(off)
    subscribing.subscribe(off)
    assert modes(hub) == MODES
    assert hub.verified[-1].status == 200
    subscribing.look_after(off)
    subscribing.subscribe(off)
    assert modes(hub) == MODES, "once"


def test_what_another_key_made_cannot_be_ended_and_is_left_to_its_lease(
    lone_desk: Pushed, hub: Hub
) -> None:
    subscribed(lone_desk, hub)
    (row,) = lone_desk.rows("push")
    db = lone_desk.tools.db
    db.write(lambda c: store.renew_keys(c, "another", lone_desk.clock()))
    (end,) = lone_desk.rows("push_end")
    assert end["key_id"] == row["key_id"]
    strange = lone_desk.tools.settings.model_copy(
        update={"push_key": type(lone_desk.tools.settings.push_key)("z" * 40)}
    )
    subscribing.subscribe(replace(lone_desk.tools, settings=strange))
    assert "unsubscribe" not in modes(hub)
    assert lone_desk.rows("push_end")[0]["due_at"] is None


@pytest.mark.parametrize("status", [404, 410, 500, 302])
def test_a_hub_that_is_gone_is_told_a_few_times_and_no_more(
    lone_desk: Pushed, hub: Hub, status: int
) -> None:
    subscribed(lone_desk, hub)
    hub.status = status
    unwatch(lone_desk)
    for _ in range(10):
        if lone_desk.rows("push_end")[0]["due_at"] is not None:
            lone_desk.make_due("push_end")
        subscribing.subscribe(lone_desk.tools)
    assert modes(hub).count("unsubscribe") == 5


def test_a_hub_that_verified_is_not_told_again(lone_desk: Pushed, hub: Hub) -> None:
    subscribed(lone_desk, hub)
    unwatch(lone_desk)
    assert lone_desk.rows("push_end")[0]["due_at"] is None


@pytest.mark.parametrize(
    "changed",
    [
        {"mode": "subscribe"},
        {"mode": "denied"},
        {"topic": "http://other.test/feed"},
        {"challenge": ""},
    ],
    ids=["subscribe", "denied", "another-topic", "no-challenge"],
)
def test_of_an_ended_subscription_nothing_else_is_confirmed(
    lone_desk: Pushed, hub: Hub, changed: dict[str, str]
) -> None:
    subscribed(lone_desk, hub)
    hub.verifies = False
    unwatch(lone_desk)
    assert lone_desk.intent(hub, **changed)[0] in (400, 404)
    assert lone_desk.intent(hub) == (200, b"a challenge & more")


def test_an_end_that_was_not_told_yet_is_not_confirmed(lone_desk: Pushed, hub: Hub) -> None:
    subscribed(lone_desk, hub)
    lone_desk.watch()
    subscribing.look_after(lone_desk.tools)
    assert lone_desk.intent(hub, mode="unsubscribe")[0] == 404


def test_a_feed_that_is_watched_again_is_subscribed_to_anew(desk: Pushed, hub: Hub) -> None:
    url = subscribed(desk, hub)
    unwatch(desk)
    desk.watch(url)
    subscribing.subscribe(desk.tools)
    assert modes(hub) == [*MODES, "subscribe"]
    assert hub.asked[0]["hub.callback"] != hub.asked[2]["hub.callback"]
    assert desk.subscription()["state"] == "verified"
    assert desk.push(hub, document(SECOND))[0] == 202


def test_with_the_lease_an_ended_subscription_is_forgotten(desk: Pushed, hub: Hub) -> None:
    subscribed(desk, hub)
    old = urlsplit(hub.callback).path
    unwatch(desk)
    desk.clock.ahead = timedelta(seconds=hub.lease_s + 600)
    subscribing.look_after(desk.tools)
    assert desk.rows("push_end") == []
    assert desk.ask("POST", old, b"")[0] == 404


@pytest.mark.parametrize(
    "before",
    [
        lambda hub: setattr(hub, "status", 500),
        lambda hub: setattr(hub, "verifies", False),
    ],
    ids=["refused", "not-verified"],
)
def test_where_nothing_was_agreed_to_there_is_nothing_to_end(
    lone_desk: Pushed, hub: Hub, before: Callable[[Hub], None]
) -> None:
    before(hub)
    subscribed(lone_desk, hub)
    unwatch(lone_desk)
    assert modes(hub) == ["subscribe"]
    assert lone_desk.intent(hub)[0] == 404
