"""Manners towards hosts: robots.txt, pauses, and texts that are judged while pages must wait."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import monotonic
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import update

from tests.pipeline.conftest import Desk, settings_for
from tests.site import Site, page
from tests.store.line import hosts_state, pass_time, set_host
from worker import pipeline, runtime, store
from worker.errors import Reason
from worker.feed_options import FeedOptions
from worker.hosts import FAILS_AS_A_WHOLE, host_key
from worker.records import FeedSpec, OptionsSpec
from worker.store import Database, _tables
from worker.tools import Tools

TALKS = (
    "Diplomats from five countries met on Tuesday to prepare new talks on the future of Syria.",
    "The envoy said that a ceasefire would have to come first, and that all sides knew it.",
)
HEADLINE = "Envoy prepares talks on Syria"
TEASER = "A word on Syria and its talks"
CLOSED = "User-agent: *\nDisallow: /"

Opens = Callable[..., Desk]


@pytest.fixture
def opens(database: Database, site: Site) -> Iterator[Opens]:
    """Opens desks with settings of their own over one store, as several processes would."""
    opened: list[Tools] = []
    url = database.engine.url.render_as_string(hide_password=False)

    def one(**knobs: Any) -> Desk:
        opened.append(runtime.build(settings_for(url, **knobs)))
        return Desk(opened[-1], site)

    yield one
    for tools in opened:
        runtime.close(tools)


def publish(site: Site, count: int = 1) -> str:
    """A feed of so many articles with pages at /0, /1 …, each with a headline of its own."""
    site.put("/hook")
    items = []
    for n in range(count):
        link = site.put(f"/{n}", page(f"{HEADLINE} {n}", *TALKS, f"It was number {n}."))
        items.append({"title": f"{HEADLINE} {n}", "link": link, "description": f"{TEASER} {n}."})
    return site.put_feed("/feed", items)


def pages_read(site: Site) -> list[str]:
    return [path for path in site.paths() if path[1:].isdecimal()]


def texts(desk: Desk) -> list[str]:
    """Which text each article has: the page's or the feed's."""
    return ["feed" if a["text"].startswith(TEASER) else "page" for a in desk.rows("article")]


def host_of(site: Site) -> str:
    return host_key(site.url("/"))


# ---- robots.txt


def test_a_page_that_robots_txt_closes_is_judged_by_its_feeds_text(desk: Desk, site: Site) -> None:
    site.put("/robots.txt", CLOSED, kind="text/plain")
    desk.watch(publish(site, 3))
    desk.run()
    assert pages_read(site) == []
    assert site.paths().count("/robots.txt") == 1
    assert texts(desk) == ["feed"] * 3
    assert {a["reason"] for a in desk.rows("article")} == {Reason.ROBOTS_DISALLOW}
    assert {a["due_at"] for a in desk.rows("article")} == {None}
    assert len(desk.hooks()) == 3


def test_a_feed_may_pass_robots_txt(desk: Desk, site: Site) -> None:
    site.put("/robots.txt", CLOSED, kind="text/plain")
    url = publish(site, 2)
    desk.watch(url)
    passing = OptionsSpec(FeedOptions(robots=False), feed=url)
    desk.tools.db.write(lambda c: store.sync_feeds(c, [FeedSpec(url)], runtime.clock(), [passing]))
    desk.run()
    assert texts(desk) == ["page"] * 2
    assert "/robots.txt" not in site.paths()


def test_while_robots_txt_cannot_be_had_texts_are_judged_and_pages_read_later(
    opens: Opens, site: Site
) -> None:
    desk = opens()
    site.put("/robots.txt", status=503)
    desk.watch(publish(site, 4))
    desk.run()
    assert pages_read(site) == []
    assert len(desk.hooks()) == 4
    for article in desk.rows("article"):
        assert article["reason"] == Reason.ROBOTS_UNREACHABLE
        assert article["due_at"] is not None
    known = hosts_state(desk.tools.db)[host_of(site)]
    assert (known["failures"], known["paused_until"]) == (0, None), "pages were never asked for"
    site.put("/robots.txt", "", kind="text/plain")
    pass_time(desk.tools.db, 3_600)
    later = opens()
    later.run()
    assert texts(later) == ["page"] * 4
    assert {a["reason"] for a in later.rows("article")} == {None}
    assert len(later.hooks()) == 4


def test_links_to_private_addresses_keep_their_reason(opens: Opens, site: Site) -> None:
    desk = opens()
    item = {"title": HEADLINE, "link": "http://10.9.8.7/page", "description": TEASER}
    desk.watch(site.put_feed("/feed", [item]))
    desk.poll()
    desk.ingest()
    article = desk.one("article")
    assert (article["reason"], article["due_at"]) == (Reason.FORBIDDEN_ADDRESS, None)


# ---- the text first, where the page has to wait


def test_an_article_whose_page_must_wait_is_judged_at_once_and_read_later(
    opens: Opens, site: Site
) -> None:
    desk = opens(page_gap_s=300, page_wait_s=10)
    desk.watch(publish(site, 3))
    desk.run()
    assert texts(desk) == ["page", "feed", "feed"]
    assert pages_read(site) == ["/0"]
    assert len(desk.hooks()) == 3
    assert [a["reason"] for a in desk.rows("article")] == [None] * 3
    assert [a["page_tries"] for a in desk.rows("article")] == [1, 0, 0]

    pass_time(desk.tools.db, 300)
    desk.ingest()
    assert texts(desk) == ["page", "page", "feed"]
    pass_time(desk.tools.db, 300)
    desk.ingest()
    desk.deliver()
    assert pages_read(site) == ["/0", "/1", "/2"]
    for number, article in enumerate(desk.rows("article")):
        assert article["text"].endswith(f"It was number {number}.")
        assert (article["due_at"], article["fetched_at"] is None) == (None, False)
    assert len(desk.rows("topic_match")) == 3
    assert len(desk.hooks()) == 3


def test_an_article_that_only_its_page_makes_match_is_alerted_when_it_is_read(
    opens: Opens, site: Site
) -> None:
    desk = opens(page_gap_s=300, page_wait_s=10)
    desk.watch(publish(site, 2), query='"all sides knew it"')
    desk.run()
    assert len(desk.hooks()) == 1
    pass_time(desk.tools.db, 300)
    desk.ingest()
    desk.deliver()
    assert len(desk.hooks()) == 2


def test_an_article_whose_turn_comes_soon_waits_for_its_page(opens: Opens, site: Site) -> None:
    desk = opens(page_gap_s=0.1, page_wait_s=60)
    desk.watch(publish(site, 4))
    desk.run()
    assert texts(desk) == ["page"] * 4
    assert desk.tools.counts["ingested"] == 4, "one verdict each"
    assert desk.rows("revision") == []
    assert len(desk.hooks()) == 4


def test_articles_that_need_no_page_wait_for_nobody(opens: Opens, site: Site) -> None:
    desk = opens(page_gap_s=300, page_wait_s=300)
    hidden = "https://news.google.com/rss/articles/CBMiKEFVX3lxTE9wYXF1ZV9hbmRfaGlkZGVuX2Zyb20"
    items = [
        {"title": f"{HEADLINE} {n}", "link": f"{hidden}{n}", "description": TEASER}
        for n in range(5)
    ]
    desk.watch(site.put_feed("/feed", items))
    desk.poll()
    desk.ingest()
    assert [a["reason"] for a in desk.rows("article")] == [Reason.UNRESOLVED_LINK] * 5
    assert list(hosts_state(desk.tools.db)) == [host_of(site)]


def test_a_feed_without_full_text_leaves_its_pages_host_alone(opens: Opens, site: Site) -> None:
    desk = opens(page_gap_s=300, page_wait_s=300)
    url = publish(site, 5)
    plain = OptionsSpec(FeedOptions(full_text=False), feed=url)
    desk.watch(url)
    desk.tools.db.write(lambda c: store.sync_feeds(c, [FeedSpec(url)], runtime.clock(), [plain]))
    desk.run()
    assert texts(desk) == ["feed"] * 5
    assert pages_read(site) == []
    assert len(desk.hooks()) == 5


# ---- the distance between pages


def test_pages_keep_their_distance_although_robots_txt_held_up_the_first(
    opens: Opens, site: Site
) -> None:
    left: list[float] = []

    async def slow_rules(_request: web.Request) -> web.Response:
        await asyncio.sleep(0.5)
        return web.Response(text="")

    async def answer(_request: web.Request) -> web.Response:
        left.append(monotonic())
        return web.Response(text=page(HEADLINE, *TALKS), content_type="text/html")

    desk = opens(page_gap_s=0.4)
    desk.watch(publish(site, 3))
    site.at("/robots.txt", slow_rules)
    for n in range(3):
        site.at(f"/{n}", answer)
    desk.poll()
    desk.ingest()
    # What loops and kernel add to a request's way is not ours to promise.
    assert min(later - earlier for earlier, later in pairwise(left)) > 0.4 - 0.1
    assert len(left) == 3


# ---- hosts that want to be left alone


def test_retry_after_holds_for_all_feeds_and_pages_of_the_host(desk: Desk, site: Site) -> None:
    site.put("/limited", status=429, retry_after="600")
    desk.watch(site.url("/limited"))
    desk.poll()
    until = hosts_state(desk.tools.db)[host_of(site)]["paused_until"]
    assert isinstance(until, datetime)
    assert timedelta(seconds=590) < until - datetime.now(UTC) <= timedelta(seconds=600)

    url = publish(site, 2)
    now = runtime.clock()
    desk.tools.db.write(lambda c: store.add_feed(c, FeedSpec(url), now))
    before = len(site.requests)
    work_all(desk)
    assert len(site.requests) == before
    site.put_feed("/limited", [])
    pass_time(desk.tools.db, 600)
    work_all(desk)
    assert site.paths()[before:].count("/feed") == 1
    assert sorted(pages_read(site)) == ["/0", "/1"]


def work_all(desk: Desk) -> None:
    """Whatever is due, as it is due."""
    pipeline.poll(desk.tools, desk.nudges.append)
    pipeline.ingest(desk.tools, desk.nudges.append)


def test_new_articles_of_a_paused_host_are_judged_at_once(desk: Desk, site: Site) -> None:
    desk.watch(publish(site, 2))
    desk.poll()
    later = datetime.now(UTC) + timedelta(hours=1)
    set_host(desk.tools.db, host_of(site), failures=FAILS_AS_A_WHOLE, paused_until=later)
    desk.ingest()
    desk.deliver()
    assert pages_read(site) == []
    assert texts(desk) == ["feed"] * 2
    assert len(desk.hooks()) == 2


def test_a_host_that_fails_as_a_whole_is_asked_one_thing_at_a_time(desk: Desk, site: Site) -> None:
    feeds = [site.put(f"/feed/{n}", status=500) for n in range(5)]
    desk.watch(*feeds)
    for url in feeds[:3]:
        poll_only(desk, url)
    assert hosts_state(desk.tools.db)[host_of(site)]["failures"] == 3
    before = len(site.requests)
    poll_only(desk, *feeds)
    assert len(site.requests) == before

    pass_time(desk.tools.db, 60)
    poll_only(desk, *feeds)
    assert len(site.requests) == before + 1

    for n in range(5):
        site.put_feed(f"/feed/{n}", [])
    pass_time(desk.tools.db, 120)
    poll_only(desk, *feeds)
    assert hosts_state(desk.tools.db)[host_of(site)]["failures"] == 0
    assert set(site.paths()[before + 1 :]) == {f"/feed/{n}" for n in range(5)}


def poll_only(desk: Desk, *urls: str) -> None:
    """Poll of these feeds what the host can be asked for."""
    feed = _tables.feed
    past, future = (datetime.now(UTC) + timedelta(days=d) for d in (-1, 1))

    def unit(c: store.Connection) -> None:
        c.execute(update(feed).values(due_at=future))
        c.execute(update(feed).where(feed.c.url.in_(urls)).values(due_at=past))

    desk.tools.db.write(unit)
    pipeline.poll(desk.tools, desk.nudges.append)
