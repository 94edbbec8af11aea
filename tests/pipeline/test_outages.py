"""Our own network goes down and comes back: no feed and no page is blamed for it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog
from sqlalchemy import text

from tests.pipeline.conftest import Desk
from tests.pipeline.documents import document, read_here
from tests.site import Site, page
from worker import pipeline, runtime
from worker.errors import Reason
from worker.outage import Outage
from worker.records import Entry

TALKS = "Diplomats from five countries met on Tuesday to prepare new talks on the future of Syria."


@pytest.fixture(autouse=True)
def _documents(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


class Internet:
    """Five sites with two feeds each, which can all be cut off at once.

    Time as requests see it passes by the test's word.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.sites: list[Site] = [Site() for _ in range(5)]
        self.now = runtime.clock() - timedelta(hours=1)
        self.is_up = False
        object.__setattr__(desk.tools.web, "clock", lambda: self.now)
        self.watch_for_outages(after_s=0)
        self.connect()

    def watch_for_outages(self, after_s: float) -> None:
        object.__setattr__(self.desk.tools.web, "outage", Outage(after_s))

    def connect(self) -> None:
        self.sites, self.is_up = [Site(site.port) for site in self.sites], True
        for n, site in enumerate(self.sites):
            site.start()
            for path in "ab":
                told = Entry(path, site.url(f"/page{path}"), f"Talks on Syria {n}{path}", TALKS)
                site.put(f"/{path}", document([told]), etag='"1"')
                site.put(f"/page{path}", page(told.title, TALKS, f"This is told by {n}{path}."))

    def cut(self) -> None:
        for site in self.sites if self.is_up else ():
            site.stop()
        self.is_up = False

    def feeds(self) -> list[str]:
        return [site.url(f"/{path}") for site in self.sites for path in "ab"]

    def poll(self) -> None:
        """Poll everything, two seconds later."""
        self.now += timedelta(seconds=2)
        self.desk.poll()

    def poll_due(self) -> None:
        """Poll what is due by itself."""
        pipeline.poll(self.desk.tools, self.desk.nudges.append)

    def read_pages(self) -> None:
        self.now += timedelta(seconds=2)
        self.desk.make_due("article")
        self.desk.ingest()

    def is_down(self) -> bool:
        return self.desk.tools.web.outage.is_down


@pytest.fixture
def internet(desk: Desk) -> Iterator[Internet]:
    internet = Internet(desk)
    yield internet
    internet.cut()


def feeds(desk: Desk) -> list[tuple[int, str | None]]:
    return [(feed["failures"], feed["reason"]) for feed in desk.rows("feed")]


def test_an_outage_is_told_costs_nobody_and_ends_with_everything_polled_at_once(
    desk: Desk, internet: Internet
) -> None:
    desk.watch(*internet.feeds())
    internet.poll()
    troubled = "UPDATE feed SET failures = 3, reason = 'not-found' WHERE id = 1"
    desk.tools.db.write(lambda db: db.execute(text(troubled)))
    internet.cut()
    with structlog.testing.capture_logs() as logs:
        for _ in range(4):
            internet.poll()
        assert internet.is_down()
        assert feeds(desk) == [(3, Reason.OFFLINE)] + [(0, Reason.OFFLINE)] * 9
        assert desk.overview().feeds_offline == 10
        internet.connect()
        internet.poll()
        internet.poll_due()
    assert feeds(desk) == [(0, None)] * 10
    assert desk.overview().feeds_offline == 0
    assert all({"/a", "/b"} <= set(site.paths()) for site in internet.sites)
    told = [event["event"] for event in logs if event["event"].startswith("network.")]
    assert told == ["network.down", "network.back"]


def test_while_it_lasts_hardly_anything_is_asked(desk: Desk, internet: Internet) -> None:
    desk.watch(*internet.feeds())
    internet.poll()
    internet.cut()
    internet.poll()
    assert internet.is_down()
    internet.connect()
    object.__setattr__(desk.tools.web.outage, "_probed_at", internet.now + timedelta(seconds=2))
    internet.poll()
    assert internet.is_down()
    assert not any(site.requests for site in internet.sites)


def test_what_was_counted_before_anybody_knew_is_taken_back(desk: Desk, internet: Internet) -> None:
    internet.watch_for_outages(after_s=60)
    desk.watch(*internet.feeds())
    internet.poll()
    internet.cut()
    internet.poll()
    assert {failures for failures, _ in feeds(desk)} == {1}
    internet.now += timedelta(seconds=60)
    internet.poll()
    assert internet.is_down()
    assert {failures for failures, _ in feeds(desk)} == {0}
    internet.connect()
    internet.poll()
    internet.poll_due()
    assert feeds(desk) == [(0, None)] * 10


def test_sites_that_are_really_down_are_counted_while_others_answer(
    desk: Desk, internet: Internet
) -> None:
    internet.watch_for_outages(after_s=5)
    desk.watch(*internet.feeds())
    internet.poll()
    for site in internet.sites[1:]:
        site.stop()
    for _ in range(5):
        internet.poll()
    for site in internet.sites[1:]:
        site.start()
    assert not internet.is_down()
    assert [failures for failures, _ in feeds(desk)] == [0, 0] + [5] * 8


def test_pages_keep_their_tries_and_the_feeds_own_text_is_alerted_meanwhile(
    desk: Desk, internet: Internet, site: Site
) -> None:
    site.put("/hook")
    desk.watch(*internet.feeds())
    internet.poll()
    internet.cut()
    internet.poll()
    assert internet.is_down()
    for _ in range(3):
        internet.read_pages()
    desk.deliver()
    articles = desk.rows("article")
    assert {article["reason"] for article in articles} == {Reason.OFFLINE}
    assert {article["text"] for article in articles} == {TALKS}
    assert {article["page_tries"] for article in articles} == {0}
    assert all(article["due_at"] is not None for article in articles)
    assert len(desk.hooks()) == 10
    internet.connect()
    internet.poll()
    for _ in range(3):
        internet.read_pages()
    assert {article["reason"] for article in desk.rows("article")} == {None}
    assert len(desk.rows("alert")) == 10
