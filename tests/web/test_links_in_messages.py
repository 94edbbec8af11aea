"""A message's own links: they come with it, and whoever follows one mutes what it was about."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from tests.pipeline.conftest import Desk, settings_for
from tests.site import Site, page
from worker import runtime, store
from worker.store import Database
from worker.web import build_web

PUBLIC = "https://watch.example"
NEWS = {
    "geneva": "Diplomats met to prepare new talks on the future of Syria, an envoy said.",
    "cairo": "A truce in Syria held for a third night, and aid convoys were let through to Aleppo. "
    "Those who monitor the ceasefire counted two breaches, fewer than a week ago.",
}


@pytest.fixture
def desk(database: Database, site: Site) -> Iterator[Desk]:
    """A desk whose installation is reached from outside, and may sign links."""
    url = database.engine.url.render_as_string(hide_password=False)
    knobs = settings_for(url, public_url=PUBLIC, link_key=SecretStr("k" * 32))
    tools = runtime.build(knobs)
    yield Desk(tools, site)
    runtime.close(tools)


def publish(desk: Desk, *names: str) -> None:
    items = []
    for name in names:
        headline = f"Syria: what is heard from {name}"
        link = desk.site.put(f"/{name}", page(headline, NEWS[name]))
        items.append({"title": headline, "link": link, "guid": name})
    desk.watch(desk.site.put_feed("/feed", items))
    desk.site.put("/hook")
    desk.run()


def follow(desk: Desk, link: str) -> int:
    """Press the button of the page that a link leads to."""

    async def press() -> int:
        async with (
            TestClient(TestServer(build_web(desk.tools))) as client,
            client.post(urlsplit(link).path) as answer,
        ):
            return answer.status

    return desk.tools.loop.run(press(), timeout_s=10)


def test_whoever_follows_a_messages_link_is_told_no_more_of_the_topic(desk: Desk) -> None:
    publish(desk, "geneva")
    links = json.loads(desk.hooks()[0].body)["links"]
    assert set(links) == {"mute_story", "mute_topic", "mute_source"}
    assert all(link.startswith(f"{PUBLIC}/mute/") for link in links.values())
    assert "/mute/" not in json.dumps([row["body"] for row in desk.rows("alert")])
    assert follow(desk, links["mute_topic"]) == 200
    (mute,) = desk.tools.db.read(lambda db: store.mutes_at(db, runtime.clock()))
    assert (mute.what, mute.which, mute.channel_id) == ("topic", "syria", desk.one("channel")["id"])
    publish(desk, "geneva", "cairo")
    assert len(desk.hooks()) == 1
    assert [row["reason"] for row in desk.rows("withheld")] == ["topic-muted"]
