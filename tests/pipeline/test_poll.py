"""Polling: every entry once, validators with their entries, every failure a named one."""

import asyncio
import gzip
import threading
from pathlib import Path

import pytest
from aiohttp import web

from tests.pipeline.conftest import Desk
from tests.site import Site, rss
from worker.errors import Reason


def items(count: int, host: str = "http://news.test") -> list[dict[str, str]]:
    return [
        {"title": f"Item {n}", "link": f"{host}/{n}", "guid": f"tag:{n}", "description": "…"}
        for n in range(count)
    ]


def test_every_entry_of_a_long_feed_is_taken(desk: Desk, site: Site) -> None:
    desk.watch(site.put_feed("/feed", items(1_200)))
    desk.poll()
    assert len(desk.rows("article")) == len(desk.rows("sighting")) == 1_200
    assert desk.nudges == ["ingest"]


def test_a_second_poll_stores_nothing_twice_and_new_items_once(desk: Desk, site: Site) -> None:
    desk.watch(site.put_feed("/feed", items(3)))
    desk.poll()
    site.put_feed("/feed", items(5))
    desk.poll()
    assert [a["title"] for a in desk.rows("article")] == [f"Item {n}" for n in range(5)]
    assert desk.one("feed")["polls"] == 2


def test_validators_are_sent_back_exactly_and_kept_over_a_bare_304(desk: Desk, site: Site) -> None:
    weak, odd = 'W/"a b,c"', "Mon, 1 Jan 24 1:02:03 +0200"
    desk.watch(site.put_feed("/feed", items(1), etag=weak, last_modified=odd))
    desk.poll()

    async def bare_304(_request: web.Request) -> web.Response:
        return web.Response(status=304)

    site.at("/feed", bare_304)
    desk.poll()
    desk.poll()
    assert [r.headers.get("If-None-Match") for r in site.requests] == [None, weak, weak]
    assert [r.headers.get("If-Modified-Since") for r in site.requests] == [None, odd, odd]


def test_an_unchanged_body_is_not_parsed_again_but_its_new_validators_count(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.watch(site.put_feed("/feed", items(2), etag='"1"'))
    desk.poll()
    monkeypatch.setattr("worker.asking.parse_fast", lambda *_, **__: pytest.fail("parsed"))
    site.put_feed("/feed", items(2), etag='"2"')
    desk.poll()
    feed = desk.one("feed")
    assert (feed["etag"], feed["failures"]) == ('"2"', 0)


def test_two_feeds_with_one_article_make_one_row_and_two_sightings(desk: Desk, site: Site) -> None:
    one = {"title": "Shared", "link": "http://news.test/x?utm_source=a", "guid": "1"}
    other = {"title": "Shared", "link": "http://news.test/x#top", "guid": "2"}
    desk.watch(site.put_feed("/a", [one]), site.put_feed("/b", [other]))
    desk.poll()
    assert desk.one("article")["url"] == "https://news.test/x"
    assert len(desk.rows("sighting")) == 2


BAD_FEEDS: dict[str, tuple[bytes, dict[str, str], Reason]] = {
    "html": (b"<!doctype html><html><body>Hello</body></html>", {}, Reason.NOT_A_FEED),
    "empty": (b"", {}, Reason.EMPTY_BODY),
    "garbage": (b"\x00\x01\x02 nothing like a feed", {}, Reason.MALFORMED_FEED),
    "large": (b"<rss>" + b" " * (11 * 1024**2), {}, Reason.TOO_LARGE),
    "bomb": (
        gzip.compress(b" " * (60 * 1024**2)),
        {"content_encoding": "gzip"},
        Reason.EXPANDS_TOO_MUCH,
    ),
    "not-deflate": (b"plainly not", {"content_encoding": "deflate"}, Reason.BAD_COMPRESSION),
}


def test_bad_bodies_become_reasons_and_leave_the_others_alone(desk: Desk, site: Site) -> None:
    for name, (body, headers, _) in BAD_FEEDS.items():
        site.put(f"/{name}", body, kind="application/xml", **headers)  # type: ignore[arg-type]
    good = site.put_feed("/good", items(2))
    desk.watch(good, *(site.url(f"/{name}") for name in BAD_FEEDS))
    desk.poll()
    reasons = {Path(f["url"]).name: f["reason"] for f in desk.rows("feed")}
    assert reasons == {name: bad[2] for name, bad in BAD_FEEDS.items()} | {"good": None}
    assert len(desk.rows("article")) == 2


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (403, Reason.ACCESS_DENIED),
        (404, Reason.NOT_FOUND),
        (429, Reason.RATE_LIMITED),
        (500, Reason.SERVER_ERROR),
        (503, Reason.SERVER_ERROR),
    ],
)
def test_a_refused_poll_keeps_validators_and_comes_back_later(
    desk: Desk, site: Site, status: int, reason: Reason
) -> None:
    desk.watch(site.put_feed("/feed", items(1), etag='"1"'))
    desk.poll()
    site.put("/feed", "no", status=status, retry_after="7200")
    desk.poll()
    feed = desk.one("feed")
    assert (feed["reason"], feed["last_status"], feed["etag"]) == (reason, status, '"1"')
    assert desk.overview().queues["poll"].due == 0
    site.put_feed("/feed", items(2), etag='"2"')
    desk.poll()
    feed = desk.one("feed")
    assert (feed["reason"], feed["failures"], len(desk.rows("article"))) == (None, 0, 2)


def test_a_feed_that_is_gone_is_never_polled_again(desk: Desk, site: Site) -> None:
    desk.watch(site.put("/feed", "gone", status=410))
    desk.poll()
    desk.poll()
    assert len(site.requests) == 1
    assert desk.one("feed")["reason"] == Reason.GONE
    assert desk.overview().queues["poll"].due == 0


def test_a_truncated_feed_gives_what_it_has(desk: Desk, site: Site) -> None:
    whole = rss(items(10)).encode()
    desk.watch(site.put("/feed", whole[: whole.index(b"Item 7")], kind="application/xml"))
    desk.poll()
    assert len(desk.rows("article")) >= 7


def test_one_hanging_feed_holds_back_nobody(desk: Desk, site: Site) -> None:
    answered = threading.Event()

    async def hang(_request: web.Request) -> web.Response:
        while not answered.is_set():
            await asyncio.sleep(0.01)
        return web.Response(status=503)

    desk.watch(site.at("/slow", hang), *(site.put_feed(f"/{n}", items(1)) for n in range(3)))
    worker = threading.Thread(target=desk.poll)
    worker.start()
    try:
        from tests.waiting import wait_until

        wait_until(lambda: len(desk.rows("sighting")) == 3, what="the quick feeds are stored")
        assert worker.is_alive()
    finally:
        answered.set()
        worker.join(10)


def test_a_page_of_ours_that_raises_is_that_feeds_own_failure(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from worker.parse import parse_feed

    def parse(body: bytes, *, url: str, content_type: str, encoding: str | None) -> object:
        if url.endswith("/bad"):
            raise RuntimeError("a defect of ours")
        return parse_feed(body, url=url, content_type=content_type)

    monkeypatch.setattr("worker.asking.parse_fast", parse)
    desk.watch(site.put_feed("/bad", items(1)), site.put_feed("/good", items(2)))
    desk.poll()
    reasons = [f["reason"] for f in desk.rows("feed", "url")]
    assert reasons == [Reason.UNEXPECTED, None]
    assert len(desk.rows("article")) == 2


def test_a_feed_that_ends_its_workers_is_set_aside(desk: Desk, site: Site) -> None:
    from sqlalchemy import text

    desk.watch(site.put_feed("/feed", items(1)))
    desk.tools.db.write(lambda db: db.execute(text("UPDATE feed SET attempts = 4")))
    desk.poll()
    assert desk.one("feed")["reason"] == Reason.WORKER_LOST
    assert site.requests == []
