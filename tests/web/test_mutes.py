"""The page behind a mute link: reading it does nothing, its button mutes, a bad link says so."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from tests.pipeline.conftest import Desk, desk
from tests.store.making import NOW, channel, owe_one, sync, topic
from worker import store
from worker.links import mute_link
from worker.records import MuteWhat
from worker.store import Database
from worker.web.mutes import routes

KEY = "k" * 32
__all__ = ["desk"]


def visited(desk: Desk, *asked: tuple[str, str]) -> list[tuple[int, str]]:
    """Status and page for each (method, path)."""
    knobs = desk.tools.settings.model_copy(update={"link_key": SecretStr(KEY)})
    tools = replace(desk.tools, settings=knobs, clock=lambda: NOW)

    async def visit() -> list[tuple[int, str]]:
        app = web.Application()
        app.add_routes(routes(tools))
        async with TestClient(TestServer(app)) as client:
            found = []
            for method, path in asked:
                async with client.request(method, path) as answer:
                    assert answer.headers["Cache-Control"] == "no-store"
                    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
                    found.append((answer.status, await answer.text()))
            return found

    return asyncio.run(visit())


def link(what: MuteWhat, which: str, **changes: Any) -> str:
    made = mute_link("http://x", KEY, what, which, changes.pop("at", NOW), **changes)
    assert made is not None
    return made.removeprefix("http://x")


def mutes(db: Database) -> list[tuple[Any, ...]]:
    rows = db.read(lambda c: store.list_mutes(c, NOW))
    return [(r["what"], r["which"], r["channel"], r["until"], r["made_by"]) for r in rows]


def test_reading_the_page_mutes_nothing_and_its_button_does(desk: Desk) -> None:
    owed = owe_one(desk.tools.db)
    path = link("story", str(owed.story_id), channel="desk", span=timedelta(days=2))
    (status, asks), (head, _) = visited(desk, ("GET", path), ("HEAD", path))
    assert (status, head) == (200, 200)
    assert '<form method="post">' in asks
    assert "for 2 days, in the channel desk" in asks
    assert mutes(desk.tools.db) == []
    ((status, done),) = visited(desk, ("POST", path))
    assert status == 200
    assert "Muted" in done
    until = NOW + timedelta(days=2)
    assert mutes(desk.tools.db) == [("story", str(owed.story_id), "desk", until, "link")]
    assert desk.rows("alert") == []
    # pressed twice it is one mute
    visited(desk, ("POST", path))
    assert len(mutes(desk.tools.db)) == 1


def test_what_a_page_names_is_escaped(desk: Desk) -> None:
    named = replace(topic(), title="<script>alert(1)</script> & more")
    sync(desk.tools.db, [named], [channel()])
    ((_, asks),) = visited(desk, ("GET", link("topic", "ports")))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in asks
    assert "<script>" not in asks


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        (link("story", "17", at=NOW - timedelta(days=31)), 410, "expired"),
        (link("story", "17")[:-1], 403, "does not hold"),
        ("/mute/abc", 403, "not made here"),
        (link("story", "4711"), 404, "No story 4711"),
        (link("topic", "gone"), 404, "No topic"),
    ],
    ids=["expired", "cut", "forged", "no-story", "no-topic"],
)
def test_a_link_that_does_not_hold_says_why_and_mutes_nothing(
    desk: Desk, method: str, path: str, status: int, says: str
) -> None:
    ((answered, page),) = visited(desk, (method, path))
    assert answered == status
    assert says in page
    assert mutes(desk.tools.db) == []
