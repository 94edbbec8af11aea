"""A desk with an open door, and a hub that knows it."""

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from tests.hub import Hub
from tests.pipeline.conftest import Desk, settings_for
from tests.servers._process import free_port
from tests.site import Site, rss
from worker import runtime, store, subscribing, taking_in
from worker.store import Database
from worker.tools import Tools
from worker.web import Door

PUSH_KEY, INGEST_KEY = "k" * 40, "i" * 40
ITEM = {"title": "Talks on Syria", "link": "http://news.test/1", "guid": "1"}
SECOND = {"title": "More talks on Syria", "link": "http://news.test/2", "guid": "2"}
THIRD = {"title": "Still more talks on Syria", "link": "http://news.test/3", "guid": "3"}


@dataclass
class Clock:
    """The wall clock, and what was added to it."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return runtime.clock() + self.ahead


@dataclass
class Pushed(Desk):
    """A desk that can be pushed to."""

    port: int = 0
    clock: Clock = field(default_factory=Clock)

    def rhythm(self, url: str) -> dict[str, Any]:
        """What is remembered of when a feed publishes."""
        found = self.tools.db.read(lambda c: store.find_feed(c, url))
        assert found is not None
        return dict(found["rhythm"])

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            asked.request(method, path, body, headers or {})
            answer = asked.getresponse()
            return answer.status, answer.read()
        finally:
            asked.close()

    def told(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        status, said = self.ask(method, path, body, named)
        return status, json.loads(said)

    def subscribe(self) -> None:
        """As every tick does, once all are due, behind what is done every minute."""
        self.make_due("push")
        subscribing.look_after(self.tools)
        subscribing.subscribe(self.tools)

    def push(self, hub: Hub, body: bytes, signature: str | None = None) -> tuple[int, Any]:
        """What the callback answers to a document, signed well unless told otherwise."""
        signature = hub.signature(body) if signature is None else signature
        headers = {"X_Hub_Signature": signature} if signature else {}
        path = urlsplit(hub.callback).path
        return self.told("POST", path, body, Content_Type="application/rss+xml", **headers)

    def intent(self, hub: Hub, **changed: str) -> tuple[int, bytes]:
        """What the callback answers to a hub's question."""
        query = urlencode(hub.intent(**changed))
        return self.ask("GET", f"{urlsplit(hub.callback).path}?{query}")

    def take_in(self) -> None:
        taking_in.take_in(self.tools, self.nudges.append)

    def titles(self) -> list[str]:
        return [row["title"] for row in self.rows("article")]

    def subscription(self) -> dict[str, Any]:
        (row,) = self.tools.db.read(store.list_pushes).values()
        return row


def feed_with(hub: str, *items: dict[str, str]) -> str:
    """An RSS feed that names its hub as feeds do."""
    atom = '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="HUB"/>'
    return rss(list(items)).replace("<item>", atom.replace("HUB", hub) + "<item>", 1)


def subscribed(desk: Pushed, hub: Hub) -> str:
    """A feed that was polled, and is subscribed to; returns its URL."""
    url = desk.site.put("/feed", feed_with(hub.url, ITEM), kind="application/rss+xml")
    desk.watch(url)
    desk.poll()
    desk.subscribe()
    return url


def document(*items: dict[str, str]) -> bytes:
    return rss(list(items)).encode()


def minutes_to_next_poll(desk: Pushed) -> float:
    feed = desk.one("feed")
    db = desk.tools.db
    due = db.read(lambda c: store.list_feeds(c))[0]["due_at"]
    assert feed["polls"]
    return float((due - desk.clock()).total_seconds() / 60)


@pytest.fixture
def hub(site: Site) -> Hub:
    return Hub(site)


def _desk(url: str, site: Site, **knobs: Any) -> Iterator[Pushed]:
    port = free_port()
    settings = settings_for(
        url,
        **{
            "listen": f"127.0.0.1:{port}",
            "public_url": f"http://127.0.0.1:{port}",
            "push_key": PUSH_KEY,
            "ingest_key": INGEST_KEY,
            "max_feed_bytes": 1024**2,
            **knobs,
        },
    )
    clock = Clock()
    tools: Tools = replace(runtime.build(settings), clock=clock)
    desk = Pushed(tools, site, port=port, clock=clock)
    door = Door(tools, desk.nudges.append)
    door.open()
    try:
        yield desk
    finally:
        door.close()
        runtime.close(tools)


@pytest.fixture
def desk(database: Database, site: Site) -> Iterator[Pushed]:
    """On an empty store, once on SQLite and once on Postgres."""
    yield from _desk(database.engine.url.render_as_string(hide_password=False), site)


@pytest.fixture
def lone_desk(sqlite_url: str, site: Site) -> Iterator[Pushed]:
    """On SQLite alone, for what no database decides."""
    yield from _desk(sqlite_url, site)


@pytest.fixture
def weak_desk(sqlite_url: str, site: Site) -> Iterator[Pushed]:
    """One that takes SHA-1."""
    yield from _desk(sqlite_url, site, push_sha1=True)


@pytest.fixture
def closed_desk(sqlite_url: str, site: Site) -> Iterator[Pushed]:
    """One without keys: nothing is pushed or handed in."""
    yield from _desk(sqlite_url, site, push_key="", ingest_key="")
