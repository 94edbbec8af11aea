"""Delivery: signed, retried under one id, and a bad receiver is nobody else's trouble."""

import asyncio
import json
import threading
from dataclasses import replace

import pytest
from aiohttp import web
from sqlalchemy import text

from tests.pipeline.conftest import SECRET, Desk
from tests.site import Site
from tests.waiting import wait_until
from worker import configure, pipeline, runtime, store
from worker.errors import Reason
from worker.records import ChannelSpec, Configuration, FeedSpec, Owed, TopicSpec

ITEM = {"title": "Talks on Syria resume", "description": "Syria talks resume in Geneva today."}


def test_a_refused_alert_is_sent_again_under_the_same_id(desk: Desk, site: Site) -> None:
    site.put("/hook", status=500)
    desk.watch(site.put_feed("/f", [ITEM]))
    desk.run()
    assert desk.overview().queues["deliver"].due == 0
    site.put("/hook")
    desk.make_due("alert")
    desk.deliver()
    first, second = desk.hooks()
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    attempts = desk.rows("delivery_attempt")
    assert [(a["accepted"], a["status"]) for a in attempts] == [(False, 500), (True, 200)]
    alert = desk.one("alert")
    assert alert["delivered_at"] is not None
    assert alert["due_at"] is None


def test_a_receiver_that_is_gone_stops_its_channel_and_keeps_its_alerts(
    desk: Desk, site: Site
) -> None:
    site.put("/hook", status=410)
    url = site.put_feed("/f", [ITEM])
    desk.watch(url)
    desk.run()
    desk.deliver()
    assert site.paths().count("/hook") == 1
    channel = desk.one("channel")
    assert (channel["stopped"], channel["reason"]) == (True, Reason.GONE)
    assert desk.overview().queues["deliver"].due == 0
    site.put("/elsewhere")
    moved = ChannelSpec("desk", "webhook", {"url": site.url("/elsewhere"), "secret": SECRET})
    wanted = Configuration([FeedSpec(url)], [TopicSpec("syria", "", "syria", ("desk",))], [moved])
    desk.tools.db.write(lambda db: configure.apply(db, wanted, runtime.clock()))
    desk.deliver()
    assert site.paths().count("/elsewhere") == 1


@pytest.mark.parametrize(("status", "reason"), [(302, Reason.REDIRECTED), (404, Reason.NOT_FOUND)])
def test_only_2xx_is_success_and_redirects_are_not_followed(
    desk: Desk, site: Site, status: int, reason: Reason
) -> None:
    site.put("/hook", status=status, location=site.url("/other"))
    desk.watch(site.put_feed("/f", [ITEM]))
    desk.run()
    assert "/other" not in site.paths()
    assert desk.one("alert")["reason"] == reason


def test_a_hanging_receiver_times_out_and_delays_no_other(desk: Desk, site: Site) -> None:
    async def hang(_request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    slow, quick = (site.at("/slow", hang), site.put("/quick"))
    channels = [
        ChannelSpec(name, "webhook", {"url": url, "secret": SECRET})
        for name, url in (("slow", slow), ("quick", quick))
    ]
    topic = TopicSpec("syria", "", "syria", ("slow", "quick"))
    wanted = Configuration([FeedSpec(site.put_feed("/f", [ITEM]))], [topic], channels)
    desk.tools.db.write(lambda db: configure.apply(db, wanted, runtime.clock()))
    desk.run()
    reasons = sorted(str(a["reason"]) for a in desk.rows("alert"))
    assert reasons == ["None", "timed-out"]
    quick_try = next(a for a in desk.rows("delivery_attempt") if a["accepted"])
    assert quick_try["duration_ms"] < 900


def test_a_refused_connection_and_a_missing_secret_are_told_and_kept(
    desk: Desk, site: Site
) -> None:
    channels = [
        ChannelSpec("closed", "webhook", {"url": "http://127.0.0.1:1/", "secret": SECRET}),
        ChannelSpec("mute", "webhook", {"url": site.put("/hook"), "secret": "${NOT_SET_HERE}"}),
    ]
    topic = TopicSpec("syria", "", "syria", ("closed", "mute"))
    wanted = Configuration([FeedSpec(site.put_feed("/f", [ITEM]))], [topic], channels)
    desk.tools.db.write(lambda db: configure.apply(db, wanted, runtime.clock()))
    desk.run()
    told = {a["reason"]: a["detail"] for a in desk.rows("alert")}
    assert set(told) == {Reason.CONNECTION_REFUSED, Reason.SECRET_MISSING}
    assert "NOT_SET_HERE" in told[Reason.SECRET_MISSING]
    assert all(a["due_at"] for a in desk.rows("alert"))


def test_a_worker_that_lost_its_lease_does_not_settle_what_another_holds(
    desk: Desk, site: Site
) -> None:
    async def steal(_request: web.Request) -> web.Response:
        desk.tools.db.write(lambda db: db.execute(text("UPDATE alert SET lease_token = 1")))
        return web.Response()

    site.at("/hook", steal)
    desk.watch(site.put_feed("/f", [ITEM]))
    desk.run()
    alert = desk.one("alert")
    assert (alert["delivered_at"], alert["lease_token"]) == (None, 1)
    assert len(desk.rows("delivery_attempt")) == 1


def test_operators_are_told_when_a_receiver_stops_its_channel(desk: Desk, site: Site) -> None:
    site.put("/hook", status=410)
    channels = [
        ChannelSpec("desk", "webhook", {"url": site.url("/hook"), "secret": SECRET}),
        ChannelSpec("ops", "webhook", {"url": site.put("/ops"), "secret": SECRET}),
    ]
    feed = FeedSpec(site.put_feed("/f", [ITEM]))
    wanted = Configuration([feed], [TopicSpec("syria", "", "syria", ("desk",))], channels)
    desk.tools.db.write(lambda db: configure.apply(db, wanted, runtime.clock()))
    desk.run()
    desk.deliver()
    (told,) = [json.loads(seen.body) for seen in site.requests if seen.path == "/ops"]
    assert (told["type"], told["matter"]) == ("ops", "channel-stopped:desk")
    assert "410 Gone" in told["text"]
    assert "channel-stopped:desk" in desk.tools.db.read(store.notices)
    moved = replace(channels[0], options={"url": site.put("/new"), "secret": SECRET})
    wanted = replace(wanted, channels=[moved, channels[1]])
    desk.tools.db.write(lambda db: configure.apply(db, wanted, runtime.clock()))
    assert "channel-stopped:desk" not in desk.tools.db.read(store.notices)


def test_channels_that_hang_hold_up_no_alert_of_those_that_are_well(desk: Desk, site: Site) -> None:
    """More hang than one task has room for."""

    async def hang(_request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    url, well = site.at("/hang", hang), site.put("/well")
    tools = replace(desk.tools, settings=desk.tools.settings.model_copy(update=_NARROW))
    specs = [
        ChannelSpec(f"c{n}", "webhook", {"url": url if n < 3 else well, "secret": SECRET})
        for n in range(4)
    ]
    tools.db.write(lambda db: store.sync_channels(db, specs, runtime.clock()))
    ids = [tools.db.read(lambda db, n=s.name: store.find_channel(db, n)) for s in specs]  # type: ignore[misc]
    body = json.dumps({"type": "ops", "title": "A test"})
    owed = [
        Owed(None, None, row["id"], None, f"m{row['id']}_{n}", body, due_at=runtime.clock())
        for row in ids
        if row
        for n in range(6)
    ]
    tools.db.write(lambda db: store.owe_alerts(db, owed, runtime.clock()))
    working = threading.Thread(target=pipeline.deliver, args=(tools, desk.nudges.append))
    working.start()
    wait_until(lambda: site.paths().count("/well") == 6, timeout_s=8, what="the well got theirs")
    hanging = site.paths().count("/hang")
    working.join(20)
    assert hanging <= 3 * 2
    rested = [row["paused_until"] is not None for row in desk.rows("channel")]
    assert rested == [True, True, True, False]


_NARROW = {
    "deliver_width": 4,
    "deliver_per_channel": 2,
    "deliver_timeout_s": 3,
    "task_budget_s": 4,
    "channel_failures": 2,
}


def test_an_attempt_keeps_what_was_answered_and_from_where(desk: Desk, site: Site) -> None:
    site.put("/hook", "no " * 1_000, status=503)
    desk.watch(site.put_feed("/f", [ITEM]))
    desk.run()
    attempt = desk.one("delivery_attempt")
    assert attempt["answer"] == ("no " * 1_000)[:1_024]
    assert (attempt["status"], attempt["address"]) == (503, "127.0.0.1")
