"""Our own network goes down and comes back: no feed and no page is blamed for it."""

from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy import text

from tests.pipeline.conftest import Desk
from tests.pipeline.documents import document, read_here
from tests.site import Site, page
from worker import pipeline
from worker.errors import Reason
from worker.outage import Outage
from worker.records import Entry

TALKS = "Diplomats from five countries met on Tuesday to prepare new talks on the future of Syria."


@pytest.fixture(autouse=True)
def _documents(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


class Internet:
    """Five sites with two feeds each, which can all be cut off at once."""

    def __init__(self) -> None:
        self.sites = [Site() for _ in range(5)]
        self.connect()

    def connect(self) -> None:
        self.sites = [Site(site.port) for site in self.sites]
        for n, site in enumerate(self.sites):
            site.start()
            for path in "ab":
                told = Entry(path, site.url(f"/page{path}"), f"Talks on Syria {n}{path}", TALKS)
                site.put(f"/{path}", document([told]), etag='"1"')
                site.put(f"/page{path}", page(told.title, TALKS, f"This is told by {n}{path}."))

    def cut(self) -> None:
        for site in self.sites:
            site.stop()

    def feeds(self) -> list[str]:
        return [site.url(f"/{path}") for site in self.sites for path in "ab"]


@pytest.fixture
def internet(desk: Desk) -> Iterator[Internet]:
    object.__setattr__(desk.tools, "outage", Outage(after_s=0))
    internet = Internet()
    yield internet
    internet.cut()


def go_on(desk: Desk) -> None:
    """Poll what is due by itself."""
    pipeline.poll(desk.tools, desk.nudges.append)


def feeds(desk: Desk) -> list[tuple[int, str | None]]:
    return [(feed["failures"], feed["reason"]) for feed in desk.rows("feed")]


def test_an_outage_is_told_costs_nobody_and_ends_with_everything_polled_at_once(
    desk: Desk, internet: Internet
) -> None:
    desk.watch(*internet.feeds())
    desk.poll()
    troubled = "UPDATE feed SET failures = 3, reason = 'timed-out' WHERE id = 1"
    desk.tools.db.write(lambda db: db.execute(text(troubled)))
    internet.cut()
    with structlog.testing.capture_logs() as logs:
        for _ in range(4):
            desk.poll()
        assert desk.tools.outage.is_down
        assert {reason for _, reason in feeds(desk)} == {Reason.OFFLINE}
        assert desk.overview().feeds_offline == 10
        internet.connect()
        desk.poll()
        go_on(desk)
    assert feeds(desk) == [(0, None)] * 10
    assert desk.overview().feeds_offline == 0
    assert all("/a" in site.paths() and "/b" in site.paths() for site in internet.sites)
    told = [event["event"] for event in logs if event["event"].startswith("network.")]
    assert told == ["network.down", "network.back"]


def test_what_was_counted_before_anybody_knew_is_taken_back(desk: Desk, internet: Internet) -> None:
    desk.watch(*internet.feeds())
    desk.poll()
    internet.cut()
    object.__setattr__(desk.tools, "outage", Outage(after_s=60))
    desk.poll()
    assert {failures for failures, _ in feeds(desk)} == {1}
    # A minute later the same requests are known for an outage.
    desk.tools.outage._after *= 0
    desk.poll()
    assert desk.tools.outage.is_down
    internet.connect()
    desk.poll()
    go_on(desk)
    assert feeds(desk) == [(0, None)] * 10


def test_sites_that_are_really_down_are_counted_while_others_answer(
    desk: Desk, internet: Internet
) -> None:
    desk.watch(*internet.feeds())
    desk.poll()
    for site in internet.sites[1:]:
        site.stop()
    try:
        for _ in range(3):
            desk.poll()
    finally:
        for site in internet.sites[1:]:
            site.start()
    assert not desk.tools.outage.is_down
    assert [failures for failures, _ in feeds(desk)][2:] != [0] * 8


def test_pages_keep_their_tries_and_the_feeds_own_text_is_alerted_meanwhile(
    desk: Desk, internet: Internet, site: Site
) -> None:
    site.put("/hook")
    desk.watch(*internet.feeds())
    desk.poll()
    internet.cut()
    for _ in range(3):
        desk.make_due("article")
        desk.ingest()
    desk.deliver()
    assert desk.tools.outage.is_down
    articles = desk.rows("article")
    assert {article["reason"] for article in articles} == {Reason.OFFLINE}
    assert {article["text"] for article in articles} == {TALKS}
    assert sum(article["page_tries"] for article in articles) <= 10
    assert all(article["due_at"] is not None for article in articles)
    assert len(desk.hooks()) == 10
    internet.connect()
    for _ in range(3):
        desk.make_due("article")
        desk.ingest()
    assert {article["reason"] for article in desk.rows("article")} == {None}
    assert len(desk.rows("alert")) == 10
