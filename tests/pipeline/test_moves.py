"""Feeds whose sites redirect them: followed for good, for the moment, or not at all."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
import structlog
from aiohttp import web

from tests.pipeline.conftest import Desk
from tests.pipeline.documents import document, read_here
from tests.site import Site
from worker import runtime, store
from worker.errors import Reason
from worker.records import Entry, FeedSpec

HALF_A_DAY = timedelta(hours=12)


@pytest.fixture(autouse=True)
def _documents(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


def entries(*numbers: int) -> bytes:
    return document([Entry(f"g{n}", f"http://press.test/{n}", f"News {n}") for n in numbers])


def redirect(site: Site, path: str, to: str, status: int = 301) -> str:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": to})

    return site.at(path, answer)


def poll_for_a_day(desk: Desk) -> None:
    """Three polls, half a day between them."""
    began = runtime.clock()
    for poll in range(3):
        now = began + poll * HALF_A_DAY
        object.__setattr__(desk.tools, "clock", lambda now=now: now)
        desk.poll()


def watched(desk: Desk) -> dict[str, list[str]]:
    return {row["url"]: row["former_urls"] for row in desk.tools.db.read(store.list_feeds)}


@pytest.mark.parametrize("status", [301, 308])
def test_a_feed_that_is_redirected_for_good_for_a_day_moves(
    desk: Desk, site: Site, status: int
) -> None:
    new = site.put("/new", entries(1), kind="application/rss+xml", etag='"1"')
    old = redirect(site, "/old", new, status)
    desk.watch(old)
    with structlog.testing.capture_logs() as logs:
        poll_for_a_day(desk)
    assert watched(desk) == {new: [old]}
    assert [(e["url"], e["to"]) for e in logs if e["event"] == "feed.moved"] == [(old, new)]
    before = len(site.requests)
    desk.poll()
    (asked,) = site.requests[before:]
    assert (asked.path, asked.headers["If-None-Match"]) == ("/new", '"1"')
    assert len(desk.rows("article")) == 1


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_feed_that_is_lent_elsewhere_stays(desk: Desk, site: Site, status: int) -> None:
    old = redirect(site, "/old", site.put("/new", entries(1)), status)
    desk.watch(old)
    poll_for_a_day(desk)
    assert watched(desk) == {old: []}
    assert len(desk.rows("article")) == 1


CHAINS: list[tuple[Sequence[int], str]] = [
    ((301, 302), "/1"),
    ((301, 308, 307), "/2"),
    ((302, 301), "/0"),
    ((301, 301), "/2"),
]


@pytest.mark.parametrize(("statuses", "ends_at"), CHAINS)
def test_a_chain_moves_a_feed_as_far_as_it_is_for_good(
    desk: Desk, site: Site, statuses: Sequence[int], ends_at: str
) -> None:
    for step, status in enumerate(statuses):
        redirect(site, f"/{step}", site.url(f"/{step + 1}"), status)
    site.put(f"/{len(statuses)}", entries(1))
    desk.watch(site.url("/0"))
    poll_for_a_day(desk)
    assert list(watched(desk)) == [site.url(ends_at)]


BAD_HOMES = {
    "http://10.0.0.1/feed": Reason.FORBIDDEN_ADDRESS,
    "http://169.254.169.254/latest": Reason.FORBIDDEN_ADDRESS,
    "http://user:password@127.0.0.1/feed": Reason.CREDENTIALS_IN_URL,
    "file:///etc/passwd": Reason.FORBIDDEN_SCHEME,
    "/a-page": Reason.NOT_A_FEED,
    "/missing": Reason.NOT_FOUND,
}


@pytest.mark.parametrize("to", BAD_HOMES)
def test_a_feed_never_moves_to_where_no_feed_can_be_read(desk: Desk, site: Site, to: str) -> None:
    site.put("/a-page", "<html><body>Hello</body></html>")
    old = redirect(site, "/old", to)
    desk.watch(old)
    poll_for_a_day(desk)
    feed = desk.one("feed")
    assert (feed["url"], feed["reason"], feed["moved_to"]) == (old, BAD_HOMES[to], None)


def test_a_feed_that_moves_onto_a_watched_one_becomes_one_with_it(desk: Desk, site: Site) -> None:
    new = site.put("/new", entries(2, 3))
    old = site.put("/old", entries(1, 2))
    desk.watch(old, new)
    desk.poll()
    redirect(site, "/old", new)
    poll_for_a_day(desk)
    assert watched(desk) == {new: [old]}
    assert [article["title"] for article in desk.rows("article", "url")] == [
        "News 1",
        "News 2",
        "News 3",
    ]
    assert sorted(sighting["guid"] for sighting in desk.rows("sighting")) == ["g1", "g2", "g3"]
    site.put("/new", entries(2, 3, 4))
    desk.poll()
    assert len(desk.rows("article")) == 4
    assert desk.one("feed")["gaps"] == 0


def test_what_is_gone_stops_says_so_and_goes_on_when_added_again(desk: Desk, site: Site) -> None:
    url = site.put("/feed", "gone", status=410)
    desk.watch(url)
    with structlog.testing.capture_logs() as logs:
        desk.poll()
        desk.poll()
    told = [e for e in logs if e["event"] == "feed.stopped"]
    assert [(e["url"], e["reason"]) for e in told] == [(url, Reason.GONE)]
    assert site.paths() == ["/feed"]
    site.put("/feed", entries(1))
    desk.tools.db.write(lambda db: store.add_feed(db, FeedSpec(url), runtime.clock()))
    desk.poll()
    feed = desk.one("feed")
    assert (bool(feed["stopped"]), feed["reason"], feed["failures"]) == (False, None, 0)
    assert len(desk.rows("article")) == 1
