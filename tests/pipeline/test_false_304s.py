"""Servers that answer 304 in spite of news: what they hide is found, and they are known for it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import structlog
from aiohttp import web
from sqlalchemy import text

from tests.pipeline.conftest import Desk
from tests.pipeline.documents import document, read_here
from worker import store
from worker.records import Entry


@pytest.fixture(autouse=True)
def _documents(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


@dataclass
class Press:
    """A feed whose server says 304 to validators whenever `hides` says so, whatever is new."""

    desk: Desk
    hides: Callable[[web.Request, dict[str, str]], bool]
    validators: Callable[[int], dict[str, str]]
    entries: list[Entry] = field(default_factory=list)
    counter: int = 0

    def __post_init__(self) -> None:
        self.publish()
        self.desk.watch(self.desk.site.at("/feed", self._answer))
        self.desk.poll()

    def publish(self) -> str:
        n = len(self.entries)
        self.entries.insert(
            0, Entry(guid=f"g{n}", link=f"http://press.test/{n}", title=f"News {n}")
        )
        return self.entries[0].title

    async def _answer(self, request: web.Request) -> web.Response:
        headers = self.validators(len(self.entries))
        if self.hides(request, headers):
            return web.Response(status=304)
        body = document(self.entries) + b" " * self.counter
        return web.Response(body=body, headers=headers)

    def polls_until(self, title: str) -> int:
        """How many polls it takes until an article is there."""
        for polls in range(1, 301):
            self.desk.poll()
            if title in [article["title"] for article in self.desk.rows("article")]:
                return polls
        raise AssertionError(f"{title} was never found")

    def be_asked_in_full(self) -> None:
        """As if the next poll were the hundredth."""
        self.desk.tools.db.write(lambda db: db.execute(text("UPDATE feed SET since_full = 99")))

    def feed(self) -> tuple[int, int]:
        feed = self.desk.one("feed")
        return feed["false_304s"], feed["full_every"]


def asks_conditionally(request: web.Request, _validators: dict[str, str]) -> bool:
    return "If-None-Match" in request.headers or "If-Modified-Since" in request.headers


def is_known(request: web.Request, validators: dict[str, str]) -> bool:
    return request.headers.get("If-None-Match") == validators["ETag"]


def same_etag(_entries: int) -> dict[str, str]:
    return {"ETag": '"always"'}


def same_date(_entries: int) -> dict[str, str]:
    return {"Last-Modified": "Mon, 04 May 2026 10:00:00 GMT"}


def own_etag(entries: int) -> dict[str, str]:
    return {"ETag": f'"{entries}"'}


@pytest.mark.parametrize("validators", [same_etag, same_date], ids=["same-etag", "same-date"])
def test_what_one_validator_for_all_bodies_hides_is_found_and_then_sooner(
    desk: Desk, validators: Callable[[int], dict[str, str]]
) -> None:
    press = Press(desk, asks_conditionally, validators)
    assert press.polls_until(press.publish()) <= 100
    assert press.feed() == (1, 10)
    assert press.polls_until(press.publish()) <= 10
    assert press.feed() == (2, 1)
    assert press.polls_until(press.publish()) == 1
    assert press.feed() == (3, 1)


def test_a_server_that_calls_whatever_it_is_asked_not_modified_is_found_out(desk: Desk) -> None:
    press = Press(desk, asks_conditionally, own_etag)
    assert press.polls_until(press.publish()) <= 100
    assert press.feed() == (0, 100)  # its validators are others: it may have been honest
    desk.poll()
    assert press.feed() == (1, 10)
    for _ in range(3):
        assert press.polls_until(press.publish()) <= 10
    desk.poll()
    assert press.feed() == (2, 1)


def test_an_honest_server_is_never_accused_and_hardly_asked_in_full(desk: Desk) -> None:
    press = Press(desk, is_known, own_etag)
    for _ in range(3):
        for _ in range(35):
            desk.poll()
        press.publish()
        desk.poll()
    assert press.feed() == (0, 100)
    assert desk.one("feed")["in_doubt"] in (False, 0)
    asked_in_full = [r for r in desk.site.requests if "If-None-Match" not in r.headers]
    assert len(asked_in_full) <= 2


def test_news_that_happen_to_come_with_a_full_poll_are_no_lie(desk: Desk) -> None:
    press = Press(desk, is_known, own_etag)
    press.be_asked_in_full()
    title = press.publish()
    assert press.polls_until(title) == 1
    for _ in range(3):
        desk.poll()
    feed = desk.one("feed")
    assert (*press.feed(), feed["etag"]) == (0, 100, '"2"')


def test_a_body_that_differs_without_news_is_no_lie(desk: Desk) -> None:
    press = Press(desk, asks_conditionally, same_etag)
    press.be_asked_in_full()
    press.counter = 1
    desk.poll()
    assert desk.one("feed")["since_full"] == 0
    assert press.feed() == (0, 100)


def test_the_operator_is_told_once_and_finds_the_count_in_the_list(desk: Desk) -> None:
    press = Press(desk, asks_conditionally, same_etag)
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            press.be_asked_in_full()
            press.polls_until(press.publish())
    told = [one for one in logs if one["event"] == "feed.false_304"]
    assert [one["url"] for one in told] == [desk.site.url("/feed")]
    (shown,) = desk.tools.db.read(store.list_feeds)
    assert shown["false_304s"] == 3
