"""Delivery: signed, retried under one id, and a bad receiver is nobody else's trouble."""

import asyncio

import pytest
from aiohttp import web
from sqlalchemy import text

from tests.pipeline.conftest import SECRET, Desk
from tests.site import Site
from worker import configure, runtime
from worker.errors import Reason
from worker.records import ChannelSpec, Configuration, FeedSpec, TopicSpec

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
