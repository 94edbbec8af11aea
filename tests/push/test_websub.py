"""Push from end to end, with a real hub: asked, verified, pushed, renewed, denied, lost."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from tests.hub import Hub
from tests.push.conftest import ITEM, Pushed, feed_with
from tests.site import Site, rss
from worker import pipeline, store, subscribing
from worker.records import PushedVisit
from worker.store.moves import move_feed

SECOND = {"title": "More talks on Syria", "link": "http://news.test/2", "guid": "2"}
THIRD = {"title": "Still more talks on Syria", "link": "http://news.test/3", "guid": "3"}


def subscribed(desk: Pushed, hub: Hub) -> str:
    """A feed that was polled, and is subscribed to; returns its URL."""
    url = desk.site.put("/feed", feed_with(hub.url, ITEM), kind="application/rss+xml")
    desk.watch(url)
    desk.poll()
    desk.subscribe()
    return url


def document(*items: dict[str, str]) -> bytes:
    return rss(list(items)).encode()


def minutes_to_next_poll(desk: Pushed) -> float:
    feed = desk.one("feed")
    db = desk.tools.db
    due = db.read(lambda c: store.list_feeds(c))[0]["due_at"]
    assert feed["polls"]
    return float((due - desk.clock()).total_seconds() / 60)


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

    polls = desk.site.paths().count("/feed")
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
    subscribing.subscribe(elsewhere)
    assert hub.callback.startswith("http://127.0.0.1:9/push/")
    assert hub.callback != first
    desk.poll()
    assert minutes_to_next_poll(desk) == pytest.approx(5, abs=1)


def test_without_push_nothing_is_asked_and_what_was_asked_is_not_relied_on(
    desk: Pushed, hub: Hub
) -> None:
    subscribed(desk, hub)
    knobs = desk.tools.settings.model_copy(update={"public_url": ""})
    subscribing.subscribe(replace(desk.tools, settings=knobs))
    assert len(hub.asked) == 1
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
    assert desk.ask("POST", old, b"")[0] == 404
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
    assert len(hub.asked) == 1


def test_a_feed_that_is_watched_no_more_tells_its_hub_so(desk: Pushed, hub: Hub) -> None:
    subscribed(desk, hub)
    desk.watch()
    assert desk.push(hub, document(SECOND))[0] == 410
    assert desk.intent(hub)[0] == 404


# ---- forged questions


@pytest.mark.parametrize(
    "changed",
    [
        {"topic": "http://other.test/feed"},
        {"mode": "unsubscribe"},
        {"mode": ""},
        {"challenge": ""},
        {"challenge": "x" * 1_001},
    ],
    ids=["another-topic", "unsubscribe", "no-mode", "no-challenge", "endless-challenge"],
)
def test_a_question_that_is_not_about_what_was_asked_for_is_not_confirmed(
    lone_desk: Pushed, hub: Hub, changed: dict[str, str]
) -> None:
    hub.verifies = False
    subscribed(lone_desk, hub)
    status, body = lone_desk.intent(hub, **changed)
    assert status in (400, 404)
    assert changed.get("challenge", "a challenge").encode() not in body or not changed["challenge"]
    assert lone_desk.subscription()["state"] == "asked"
    assert lone_desk.intent(hub) == (200, b"a challenge & more")


def test_a_subscription_that_nobody_asked_for_is_not_confirmed(lone_desk: Pushed, hub: Hub) -> None:
    hub.status = 500  # it refused, and so has nothing to verify
    subscribed(lone_desk, hub)
    assert lone_desk.intent(hub)[0] == 404
    assert lone_desk.one("feed")["pushed_until"] is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path[:-1] + ("A" if path[-1] != "A" else "B"),
        lambda path: path[:-2],
        lambda path: path + "A",
        lambda path: "/push/0123456789abcdef/" + path.rpartition("/")[2],
        lambda path: "/push/%F0%9F%92%A9/x",
        lambda path: "/push/a/b/c",
    ],
)
def test_a_callback_is_known_by_its_whole_path_alone(
    lone_desk: Pushed, hub: Hub, spoil: Callable[[str], str]
) -> None:
    subscribed(lone_desk, hub)
    path = spoil(urlsplit(hub.callback).path)
    body = document(SECOND)
    signed = {"X-Hub-Signature": hub.signature(body)}
    assert lone_desk.ask("POST", path, body, signed)[0] == 404
    assert lone_desk.ask("GET", path)[0] == 404


# ---- forged pushes


def _upper(signature: str) -> str:
    return signature.upper()


@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("spelt", [str, _upper], ids=["as-usual", "upper-case"])
def test_a_good_signature_is_taken_in_any_case(
    lone_desk: Pushed, hub: Hub, method: str, spelt: Callable[[str], str]
) -> None:
    subscribed(lone_desk, hub)
    body = document(SECOND)
    assert lone_desk.push(hub, body, spelt(hub.signature(body, method)))[0] == 202


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "sha1=" + "0" * 40,
        "md5=" + "0" * 32,
        "0" * 64,
        "sha256=é",
        "sha512=SHORT",
    ],
)
def test_a_forged_push_is_refused_and_leaves_nothing(
    lone_desk: Pushed, hub: Hub, forged: str
) -> None:
    subscribed(lone_desk, hub)
    forged = forged.replace("SHORT", hub.signature(document(SECOND))[7:])
    status, told = lone_desk.push(hub, document(SECOND), forged)
    assert (status, told["error"]) == (403, "bad-signature")
    assert lone_desk.rows("push_body") == []


def test_a_signature_for_another_body_is_refused(lone_desk: Pushed, hub: Hub) -> None:
    subscribed(lone_desk, hub)
    assert lone_desk.push(hub, document(THIRD), hub.signature(document(SECOND)))[0] == 403


def test_what_is_signed_with_sha1_alone_is_not_taken_but_polled(
    lone_desk: Pushed, hub: Hub
) -> None:
    subscribed(lone_desk, hub)
    lone_desk.clock.ahead = timedelta(seconds=30)
    body = document(SECOND)
    answer = lone_desk.push(hub, body, hub.signature(body, "sha1"))
    assert answer == (202, {"status": "polling"})
    lone_desk.take_in()
    assert lone_desk.titles() == [ITEM["title"]]
    assert minutes_to_next_poll(lone_desk) <= 0


def test_what_is_signed_with_sha1_is_taken_where_the_operator_allows_it(
    weak_desk: Pushed, hub: Hub
) -> None:
    subscribed(weak_desk, hub)
    body = document(SECOND)
    assert weak_desk.push(hub, body, hub.signature(body, "sha1"))[1] == {"status": "kept"}
    weak_desk.take_in()
    assert SECOND["title"] in weak_desk.titles()


def test_a_body_that_comes_again_makes_nothing_new(desk: Pushed, hub: Hub) -> None:
    subscribed(desk, hub)
    body, corrected = document(SECOND), document(SECOND | {"title": "Talks are off"})
    for one in (body, corrected):
        desk.push(hub, one)
        desk.take_in()
    assert desk.push(hub, body) == (202, {"status": "known"})
    desk.take_in()
    assert len(desk.titles()) == 2
    feed_titles = {row["feed_title"] for row in desk.rows("article")}
    assert "Talks are off" in feed_titles, "an old version that is replayed does not come back"


def test_known_entries_in_another_body_make_nothing_new(desk: Pushed, hub: Hub) -> None:
    subscribed(desk, hub)
    desk.push(hub, document(SECOND))
    desk.take_in()
    desk.nudges.clear()
    assert desk.push(hub, document(SECOND, ITEM)) == (202, {"status": "kept"})
    desk.take_in()
    assert len(desk.titles()) == 2
    assert desk.nudges == ["push"]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_a_hundred_megabytes_is_refused(
    lone_desk: Pushed, hub: Hub, chunked: bool
) -> None:
    subscribed(lone_desk, hub)
    body: Any = (b"x" * 1024**2 for _ in range(100)) if chunked else b"x" * 100 * 1024**2
    path = urlsplit(hub.callback).path
    try:
        status, _ = lone_desk.ask("POST", path, body, {"X-Hub-Signature": "sha256=" + "0" * 64})
    except (BrokenPipeError, ConnectionResetError):
        status = 413  # hung up on before all of it was sent
    assert status == 413
    assert lone_desk.rows("push_body") == []
    assert lone_desk.push(hub, document(SECOND))[0] == 202, "the door is still open"


def test_too_much_that_waits_is_refused_for_now(lone_desk: Pushed, hub: Hub) -> None:
    subscribed(lone_desk, hub)
    answers = [
        lone_desk.push(hub, document(SECOND | {"guid": str(number)}))[0] for number in range(21)
    ]
    assert answers == [202] * 20 + [503]
    lone_desk.take_in()
    assert lone_desk.push(hub, document(THIRD))[0] == 202


def test_a_push_that_is_no_feed_has_the_feed_polled(desk: Pushed, hub: Hub) -> None:
    subscribed(desk, hub)
    desk.clock.ahead = timedelta(seconds=30)
    assert desk.push(hub, b"<html><body>not a feed</body></html>")[0] == 202
    desk.take_in()
    assert minutes_to_next_poll(desk) <= 0
    assert desk.subscription()["reason"] == "not-a-feed"
    assert desk.nudges[-1] == "poll"


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


# ---- hubs that say no, or nothing


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


# ---- rssCloud


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
    assert desk.push(hub, document(THIRD))[0] == 404
    desk.take_in()
    assert len(desk.rows("feed")) == 1
