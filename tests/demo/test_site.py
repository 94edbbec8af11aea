"""The demo's site over real HTTP: validators, feeds, pages and the log of what is true."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from worker.demo.newsroom import Item, Kind
from worker.demo.outlets import OUTLETS
from worker.demo.site import Site
from worker.extract import extract
from worker.records import Page

BASE = "http://outlets.test"
FEEDS = [f"/{outlet.slug}/{name}" for outlet in OUTLETS for name in outlet.feeds]
Visit = Callable[[ClientSession, Site], Awaitable[None]]


def visit(scenario: Visit, *, items: int | None = None, every_s: float = 60.0) -> None:
    """Run `scenario` against a served site; the site publishes when the scenario says so."""

    async def run() -> None:
        site = Site(BASE, seed=5, items=items, every_s=every_s)
        async with (
            TestServer(site.app()) as server,
            ClientSession(server.make_url("/"), auto_decompress=True) as http,
        ):
            await scenario(http, site)

    asyncio.run(run())


async def text_of(http: ClientSession, path: str) -> str:
    async with http.get(path) as answer:
        assert answer.status == 200
        return await answer.text()


@pytest.mark.parametrize("header", ["If-None-Match", "If-Modified-Since"])
@pytest.mark.parametrize("what", ["feed", "page"])
def test_what_a_client_has_already_is_not_sent_again(header: str, what: str) -> None:
    async def scenario(http: ClientSession, site: Site) -> None:
        path = FEEDS[0] if what == "feed" else site.log[0].item.path
        validator = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}[header]
        async with http.get(path) as first:
            assert first.status == 200
            had = first.headers[validator]
        async with http.get(path, headers={header: had}) as again:
            assert (again.status, await again.read()) == (304, b"")
            assert again.headers[validator] == had

    visit(scenario)


def test_a_feed_that_got_an_item_is_sent_to_who_has_the_old_one() -> None:
    async def scenario(http: ClientSession, site: Site) -> None:
        tags = {}
        for path in FEEDS:
            async with http.get(path) as first:
                tags[path] = first.headers["ETag"]
        changed = site.publish_next().item
        for path in FEEDS:
            async with http.get(path, headers={"If-None-Match": tags[path]}) as answer:
                in_it = path in [f"/{changed.outlet.slug}/{name}" for name in changed.feeds]
                assert answer.status == (200 if in_it else 304)

    visit(scenario)


def test_feeds_go_out_gzipped_to_who_asks_for_it() -> None:
    async def scenario(http: ClientSession, _site: Site) -> None:
        async with http.get(FEEDS[0], headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
        async with http.get(FEEDS[0], headers={"Accept-Encoding": "identity"}) as answer:
            assert "Content-Encoding" not in answer.headers

    visit(scenario)


def test_every_feed_parses_cleanly_and_lists_what_was_published_in_it() -> None:
    async def scenario(http: ClientSession, site: Site) -> None:
        for _ in range(40):
            site.publish_next()
        for path in FEEDS:
            parsed: Any = feedparser.parse(await text_of(http, path))
            assert not parsed.bozo, (path, parsed.get("bozo_exception"))
            newest = _newest_first(site, path)[:20]
            assert [entry.id for entry in parsed.entries] == [item.guid for item in newest]
            assert [entry.link for entry in parsed.entries] == [BASE + i.path for i in newest]
            assert [entry.title for entry in parsed.entries] == [i.headline for i in newest]
            for entry, item in zip(parsed.entries, newest, strict=True):
                assert entry.published_parsed[:6] == item.published.timetuple()[:6]

    visit(scenario)


def _newest_first(site: Site, path: str) -> list[Item]:
    """The feed's items by their last publication, each once."""
    found: dict[str, Item] = {}
    for publication in reversed(site.log):
        item = publication.item
        if path in [f"/{item.outlet.slug}/{name}" for name in item.feeds]:
            found.setdefault(item.guid, item)
    return list(found.values())


def test_the_formats_differ_and_one_carries_whole_texts() -> None:
    async def scenario(http: ClientSession, _site: Site) -> None:
        versions, full = set(), 0
        for path in FEEDS:
            parsed: Any = feedparser.parse(await text_of(http, path))
            versions.add(parsed.version)
            full += all("content" in entry for entry in parsed.entries) and bool(parsed.entries)
        assert versions == {"rss20", "atom10"}
        assert full == 2

    visit(scenario)


def test_pages_extract_to_the_very_text_without_furniture() -> None:
    async def scenario(http: ClientSession, site: Site) -> None:
        for _ in range(60):
            site.publish_next()
        latest = {one.item.path: one.item for one in site.log}
        for path, item in latest.items():
            found = extract(
                (await text_of(http, path)).encode(),
                url=BASE + path,
                content_type="text/html",
                charset="utf-8",
            )
            assert isinstance(found, Page)
            document = found.document
            assert document.text == item.text
            assert document.title == item.headline
            assert document.authors == (item.author,)
            assert document.site_name == item.outlet.title
            assert document.language == "en"

    visit(scenario)


def test_the_opml_lists_every_feed() -> None:
    async def scenario(http: ClientSession, _site: Site) -> None:
        tree = ElementTree.fromstring(await text_of(http, "/feeds.opml"))
        listed = [one.get("xmlUrl") for one in tree.iter("outline") if one.get("xmlUrl")]
        assert sorted(str(url) for url in listed) == sorted(BASE + path for path in FEEDS)

    visit(scenario)


def test_the_log_tells_kind_story_and_moment_of_each_publication() -> None:
    async def scenario(http: ClientSession, site: Site) -> None:
        published = [site.publish_next() for _ in range(30)]
        async with http.get("/log.json") as answer:
            log = (await answer.json())["published"]
        assert len(log) == 24 + 30
        assert [one["live"] for one in log] == [False] * 24 + [True] * 30
        for one, publication in zip(log[24:], published, strict=True):
            assert one["at"] == publication.at.isoformat()
            assert one["url"] == BASE + publication.item.path
            assert (one["kind"], one["story"], one["matches"]) == (
                publication.item.kind,
                publication.item.story,
                publication.item.matches,
            )

    visit(scenario)


def test_it_publishes_by_the_clock_as_many_items_as_wanted_and_stops() -> None:
    async def scenario(_http: ClientSession, site: Site) -> None:
        await asyncio.wait_for(site.publish(), 10)
        assert site.finished.is_set()
        live = [publication for publication in site.log if publication.live]
        assert len(live) == 12
        copies = sum(publication.item.kind is Kind.UPDATE for publication in site.log)
        assert site.articles == len(site.log) - copies

    visit(scenario, items=12, every_s=0.001)


def test_it_knows_when_every_feed_was_read() -> None:
    async def scenario(http: ClientSession, site: Site) -> None:
        for path in FEEDS:
            assert not site.every_feed_read.is_set()
            await text_of(http, path)
        assert site.every_feed_read.is_set()

    visit(scenario)


@pytest.mark.parametrize("path", ["/nobody/feed.xml", "/northgate-wire/none.html", "/x"])
def test_what_is_not_there_is_not_found(path: str) -> None:
    async def scenario(http: ClientSession, _site: Site) -> None:
        async with http.get(path) as answer:
            assert answer.status == 404

    visit(scenario)
