"""robots.txt before article pages: asked for once a day by everybody together, kept, obeyed."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from tests.pipeline.conftest import settings_for
from tests.site import Site
from tests.store.line import hosts_state
from worker import robots_book, runtime, store
from worker.errors import Reason
from worker.feed_options import FeedOptions
from worker.fetch import PAGE_TYPES
from worker.hosts import host_key
from worker.records import Failed, FetchRequest
from worker.robots import FRESH, MAX_BYTES, PATIENCE, RETRY
from worker.robots_book import RobotsBook
from worker.store import Database
from worker.tools import Tools

AGENT = "wirewatch/9 (test)"
CLOSED = "User-agent: *\nDisallow: /"


@dataclass
class Library:
    """The books of several processes over one store, in a time of their own."""

    tools: Tools
    site: Site
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def book(self) -> RobotsBook:
        return RobotsBook(replace(self.tools.web, clock=lambda: self.now), self.tools.db, AGENT)

    def ask(self, book: RobotsBook, *paths: str, agent: str | None = None) -> list[Failed | None]:
        """Ask for these pages all at once."""

        async def all_of_them() -> list[Failed | None]:
            options = FeedOptions(user_agent=agent)
            wanted = [
                FetchRequest(self.site.url(path), PAGE_TYPES, 10_000, options=options)
                for path in paths
            ]
            return await asyncio.gather(*(book.refusal(one) for one in wanted))

        return self.tools.loop.run(all_of_them(), timeout_s=20)

    def allows(self, book: RobotsBook | None = None, path: str = "/1") -> bool:
        return self.ask(book or self.book(), path) == [None]

    def times_asked(self) -> int:
        return self.site.paths().count("/robots.txt")

    def crawl_delay_s(self) -> object:
        return hosts_state(self.tools.db)[host_key(self.site.url("/"))]["crawl_delay_s"]


@pytest.fixture
def library(database: Database, site: Site) -> Iterator[Library]:
    url = database.engine.url.render_as_string(hide_password=False)
    tools = runtime.build(settings_for(url))
    yield Library(tools, site)
    runtime.close(tools)


# ---- once


def test_many_pages_at_once_ask_once(library: Library, site: Site) -> None:
    site.put("/robots.txt", CLOSED, kind="text/plain")
    refused = library.ask(library.book(), *(f"/{n}" for n in range(20)))
    assert {one.reason for one in refused if one} == {Reason.ROBOTS_DISALLOW}
    assert len(refused) == 20
    assert library.times_asked() == 1


def test_processes_share_what_one_of_them_was_told(library: Library, site: Site) -> None:
    site.put("/robots.txt", CLOSED, kind="text/plain")
    first, second = library.book(), library.book()
    assert not library.allows(first)
    assert not library.allows(second)
    library.now += FRESH - timedelta(seconds=1)
    assert not library.allows(first)
    assert not library.allows()
    assert library.times_asked() == 1


def test_after_a_day_it_is_asked_again_by_one_of_them(library: Library, site: Site) -> None:
    site.put("/robots.txt", CLOSED, kind="text/plain")
    first, second = library.book(), library.book()
    assert not library.allows(first)
    assert not library.allows(second)
    site.put("/robots.txt", "User-agent: *\nDisallow:", kind="text/plain")
    library.now += FRESH
    assert library.allows(first)
    assert library.allows(second)
    assert library.times_asked() == 2


# ---- what it says


@pytest.mark.parametrize(
    ("status", "body", "kind", "allowed"),
    [
        (200, CLOSED, "text/plain", False),
        (200, CLOSED, "application/octet-stream", False),
        (200, "", "text/plain", True),
        (200, f"<!doctype html><html><body>{CLOSED}</body></html>", "text/html", True),
        (204, "", "text/plain", True),
        (401, CLOSED, "text/plain", True),
        (404, CLOSED, "text/plain", True),
        (410, CLOSED, "text/plain", True),
        (429, "", "text/plain", False),
        (500, "", "text/plain", False),
        (503, "", "text/plain", False),
    ],
)
def test_answers_are_taken_as_rfc_9309_says(
    library: Library, site: Site, status: int, body: str, kind: str, allowed: bool
) -> None:
    site.put("/robots.txt", body, status=status, kind=kind)
    assert library.allows() is allowed


def test_a_redirect_leads_to_the_rules_of_the_host_that_was_asked(
    library: Library, site: Site
) -> None:
    site.put("/robots.txt", status=301, location="/moved/robots.txt")
    site.put("/moved/robots.txt", "User-agent: *\nDisallow: /1", kind="text/plain")
    assert not library.allows(path="/1")
    assert library.allows(path="/2")


def test_redirects_without_end_mean_that_there_is_none(library: Library, site: Site) -> None:
    site.put("/robots.txt", status=302, location="/robots.txt")
    assert library.allows()


def test_of_a_very_long_one_the_first_500_kib_count(library: Library, site: Site) -> None:
    padding = "# nothing to see here\n" * (MAX_BYTES // 22)
    rules = f"User-agent: *\nDisallow: /1\n{padding}\nDisallow: /2\n"
    site.put("/robots.txt", rules, kind="text/plain")
    book = library.book()
    assert not library.allows(book, "/1")
    assert library.allows(book, "/2")


def test_one_that_never_ends_cannot_be_had(library: Library, site: Site) -> None:
    site.put("/robots.txt", CLOSED + "\n#" * 5 * 1024**2, kind="text/plain")
    (refused,) = library.ask(library.book(), "/1")
    assert refused is not None
    assert refused.reason is Reason.ROBOTS_UNREACHABLE


def test_the_name_that_a_feed_gives_us_is_the_one_that_counts(library: Library, site: Site) -> None:
    rules = "User-agent: wirewatch\nDisallow: /\n\nUser-agent: newsdesk\nDisallow:"
    site.put("/robots.txt", rules, kind="text/plain")
    book = library.book()
    assert library.ask(book, "/1", agent="newsdesk/2") == [None]
    assert not library.allows(book)


@pytest.mark.parametrize(
    ("rules", "delay_s"),
    [
        ("User-agent: *\nCrawl-delay: 7", 7),
        ("User-agent: *\nRequest-rate: 1/5", 5),
        ("User-agent: *\nCrawl-delay: 86400", 30),
        ("User-agent: *\nDisallow:", None),
    ],
)
def test_a_crawl_delay_is_told_to_all_workers(
    library: Library, site: Site, rules: str, delay_s: float | None
) -> None:
    site.put("/robots.txt", rules, kind="text/plain")
    assert library.allows()
    assert library.crawl_delay_s() == delay_s


# ---- when it cannot be had


def test_one_that_cannot_be_had_closes_all_pages_for_a_day(library: Library, site: Site) -> None:
    site.put("/robots.txt", status=503)
    book, began = library.book(), library.now
    (refused,) = library.ask(book, "/1")
    assert refused is not None
    assert refused.reason is Reason.ROBOTS_UNREACHABLE
    assert "robots.txt" in refused.detail
    assert refused.retry_after_s == RETRY.total_seconds()
    while library.now - began < PATIENCE:
        assert not library.allows(book)
        library.now += RETRY
    assert library.allows(book)
    assert library.times_asked() == PATIENCE / RETRY + 1


def test_until_it_is_asked_for_again_nobody_asks(library: Library, site: Site) -> None:
    site.put("/robots.txt", status=500)
    library.ask(library.book(), "/1", "/2")
    library.now += RETRY - timedelta(seconds=60)
    (refused,) = library.ask(library.book(), "/3")
    assert refused is not None
    assert refused.retry_after_s == 60
    assert library.times_asked() == 1


def test_the_last_copy_holds_while_none_can_be_had(library: Library, site: Site) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /1\nCrawl-delay: 9", kind="text/plain")
    book = library.book()
    assert library.allows(book, "/2")
    site.put("/robots.txt", status=500)
    for _ in range(3):
        library.now += FRESH
        assert library.allows(book, "/2")
        assert not library.allows(book, "/1")
    assert library.times_asked() == 4
    assert library.crawl_delay_s() == 9


def test_a_host_that_is_not_there_is_told_as_such_a_robots_txt(library: Library) -> None:
    nobody = FetchRequest("http://127.0.0.1:9/page", PAGE_TYPES, 10_000)
    refused = library.tools.loop.run(library.book().refusal(nobody), timeout_s=20)
    assert refused is not None
    assert refused.reason is Reason.ROBOTS_UNREACHABLE


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://10.1.2.3/page", Reason.FORBIDDEN_ADDRESS),
        ("http://169.254.169.254/page", Reason.FORBIDDEN_ADDRESS),
        ("http://a\\@b/", Reason.BAD_URL),
    ],
)
def test_what_may_not_be_asked_at_all_is_told_as_it_is(
    library: Library, url: str, reason: Reason
) -> None:
    page = FetchRequest(url, PAGE_TYPES, 10_000)
    refused = library.tools.loop.run(library.book().refusal(page), timeout_s=20)
    assert refused is not None
    assert refused.reason is reason
    assert library.tools.db.read(lambda c: store.robots_of(c, host_key(url))) is None


# ---- at hand


def test_what_is_at_hand_is_bounded_and_the_store_has_the_rest(
    library: Library, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robots_book, "_MOST_CHARS", 1_500)
    site.put("/robots.txt", f"{CLOSED}\n# {'x' * 1_000}", kind="text/plain")
    book = library.book()
    urls = [site.url("/1", host) for host in ("127.0.0.1", "localhost")]

    def refused(url: str) -> Failed | None:
        request = FetchRequest(url, PAGE_TYPES, 10_000)
        return library.tools.loop.run(book.refusal(request), timeout_s=20)

    for url in urls * 3:
        assert refused(url) is not None
    assert len(book._copies) == 1
    assert len(book._asking) == 0
    assert library.times_asked() == len(urls)


def test_a_question_that_ends_in_an_exception_leaves_nobody_waiting(
    library: Library, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.put("/robots.txt", CLOSED, kind="text/plain")
    book = library.book()
    with monkeypatch.context() as broken:
        broken.setattr(store, "robots_of", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            library.ask(book, "/1", "/2")
    assert not library.allows(book)


def test_the_slow_are_not_asked_twice(library: Library, site: Site) -> None:
    async def slow(_request: web.Request) -> web.Response:
        await asyncio.sleep(0.1)
        return web.Response(text=CLOSED)

    site.at("/robots.txt", slow)
    book = library.book()
    assert None not in library.ask(book, *(f"/{n}" for n in range(9)))
    assert library.times_asked() == 1
