"""Topics as feeds over HTTP: who may read them, and that nobody is sent twice what he has."""

import feedparser
import pytest
from aiohttp import ClientSession, web
from multidict import CIMultiDictProxy

from tests.pipeline.conftest import Desk, settings_for
from tests.pipeline.conftest import desk as desk
from tests.site import page, rss
from worker import runtime
from worker.tools import Tools
from worker.topic_feeds import place_of
from worker.web import topic_feeds

KEY = "k" * 32
TEXT = "Talks on Syria resumed in Geneva on Monday after weeks of silence, said the envoy there."


@pytest.fixture
def published(desk: Desk) -> Desk:
    """Two publishers carry one story of the topic."""
    urls = []
    for name in ("a", "b"):
        link = desk.site.put(
            f"/{name}", page("Talks on Syria", *[f"{TEXT} {n}." for n in range(5)])
        )
        items = [{"title": "Talks on Syria", "link": link, "guid": name}]
        urls.append(desk.site.put(f"/feed-{name}", rss(items), kind="application/rss+xml"))
    desk.watch(*urls)
    desk.poll()
    desk.ingest()
    return desk


async def ask(
    tools: Tools, place: str, headers: dict[str, str] | None = None
) -> tuple[int, CIMultiDictProxy[str], bytes]:
    app = web.Application()
    app.add_routes(topic_feeds.routes(tools))
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with ClientSession() as session, session.get(base + place, headers=headers) as got:
            return got.status, got.headers, await got.read()
    finally:
        await runner.cleanup()


def test_a_topic_is_read_under_its_key_once(published: Desk) -> None:
    url = published.tools.db.engine.url.render_as_string(hide_password=False)
    tools = runtime.build(settings_for(url, feed_key=KEY, public_url="https://watch.example/"))

    def get(place: str, **headers: str) -> tuple[int, CIMultiDictProxy[str], bytes]:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return tools.loop.run(ask(tools, place, named))

    try:
        for form in ("atom", "rss", "json"):
            status, headers, body = get(place_of(KEY, "syria", form))
            assert status == 200
            again, _, nothing = get(place_of(KEY, "syria", form), If_None_Match=headers["ETag"])
            assert (again, nothing) == (304, b"")
            since = headers["Last-Modified"]
            assert get(place_of(KEY, "syria", form), If_Modified_Since=since)[0] == 304
            other = get(place_of(KEY, "syria", form), If_None_Match='"x"', If_Modified_Since=since)
            assert other[0] == 200, "a tag goes before a time"
        status, headers, body = get(place_of(KEY, "syria", "atom"))
        assert headers["Content-Type"].startswith("application/atom+xml")
        parsed = feedparser.parse(body)
        (entry,) = parsed.entries
        assert entry.title == "Talks on Syria"
        assert parsed.feed.links[0].href == f"https://watch.example{place_of(KEY, 'syria', 'atom')}"
        for place in (
            place_of("x" * 20, "syria", "atom"),
            place_of(KEY, "nothing", "atom"),
            "/topics/syria.atom",
            place_of(KEY, "syria", "pdf"),
        ):
            assert get(place)[0] == 404
    finally:
        runtime.close(tools)


def test_without_a_key_no_feed_is_served(desk: Desk) -> None:
    assert topic_feeds.routes(desk.tools) == []


@pytest.mark.parametrize("key", ["short", "k" * 31])
def test_a_key_that_could_be_guessed_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="32 characters or more"):
        settings_for("sqlite:///x", feed_key=key)
