"""Options at work: in polls, on article pages, and when the file or a secret changes."""

from pathlib import Path

import pytest

from tests.pipeline.conftest import Desk
from tests.site import Site, page
from worker import configure, runtime
from worker.configure import ConfigWatcher
from worker.errors import Reason
from worker.feed_options import FeedOptions
from worker.records import Configuration, Failed, FeedSpec, OptionsSpec

TEXT = "Talks on Syria resume in Geneva on Monday, said the envoy, after weeks of silence there."
SECRETS = FeedOptions(headers=(("X-Key", "${DESK_TEST_KEY}"),), auth="desk:${DESK_TEST_KEY}")
CLOSED = "User-agent: *\nDisallow: /"


def watch(desk: Desk, url: str, options: FeedOptions) -> None:
    wanted = Configuration([FeedSpec(url)], [], [], [OptionsSpec(options, feed=url)])
    desk.tools.db.write(lambda db: configure.apply(db, wanted, runtime.clock()))


def publish(site: Site, *links: str) -> str:
    return site.put_feed(
        "/feed", [{"title": f"Item {n}", "link": link} for n, link in enumerate(links)]
    )


def test_a_feed_whose_secret_is_missing_says_so_and_is_polled_once_it_is_there(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DESK_TEST_KEY", raising=False)
    watch(desk, publish(site, site.put("/1", page("Item 0", TEXT))), SECRETS)
    desk.poll()
    feed = desk.one("feed")
    assert (feed["reason"], feed["failures"]) == (Reason.SECRET_MISSING, 1)
    assert "DESK_TEST_KEY" in feed["detail"]
    assert site.requests == []
    assert desk.rows("host", "name")[0]["failures"] == 0, "it is no fault of the host's"
    monkeypatch.setenv("DESK_TEST_KEY", "k3y")
    desk.poll()
    assert (desk.one("feed")["reason"], len(desk.rows("article"))) == (None, 1)


def test_secrets_go_along_to_the_feeds_own_pages_and_to_no_others(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK_TEST_KEY", "k3y")
    own = site.put("/own", page("Item 0", TEXT))
    site.put("/theirs", page("Item 1", TEXT))
    watch(desk, publish(site, own, site.url("/theirs", "localhost")), SECRETS)
    desk.poll()
    desk.ingest()
    told = {(s.headers["Host"].partition(":")[0], s.path): s.headers for s in site.requests}
    with_key = {place for place, headers in told.items() if "X-Key" in headers}
    assert with_key == {("127.0.0.1", path) for path in ("/feed", "/own", "/robots.txt")}
    assert {place for place in told if place[0] == "localhost"} == {
        ("localhost", "/theirs"),
        ("localhost", "/robots.txt"),
    }
    assert all("Authorization" in told[place] for place in with_key)
    shown = str([desk.rows(table) for table in ("feed", "article")])
    assert "${DESK_TEST_KEY}" in shown
    assert "k3y" not in shown


def test_without_full_text_pages_are_not_asked_for(desk: Desk, site: Site) -> None:
    item = {"title": "Item", "link": site.put("/1", page("Item", TEXT)), "description": "Short."}
    watch(desk, site.put_feed("/feed", [item]), FeedOptions(full_text=False))
    desk.poll()
    desk.ingest()
    assert site.paths() == ["/feed"]
    article = desk.one("article")
    assert (article["text"], article["reason"], article["due_at"]) == ("Short.", None, None)


@pytest.mark.parametrize("robots", [True, False])
def test_robots_txt_is_asked_unless_the_operator_says_otherwise(
    desk: Desk, site: Site, robots: bool
) -> None:
    site.put("/robots.txt", CLOSED, kind="text/plain")
    url = publish(site, site.put("/1", page("Item 0", TEXT)))
    watch(desk, url, FeedOptions(robots=robots))
    desk.poll()
    desk.ingest()
    article = desk.one("article")
    if robots:
        assert article["reason"] == Reason.ROBOTS_DISALLOW
        assert site.paths() == ["/feed", "/robots.txt"]
    else:
        assert (article["reason"], site.paths()) == (None, ["/feed", "/1"])


def test_an_edit_of_the_file_reaches_feeds_that_are_watched_already(
    desk: Desk, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK_TEST_KEY", "k3y")
    url = publish(site)
    (tmp_path / "feeds.opml").write_text(
        f'<opml version="2.0"><head/><body><outline text="f" xmlUrl="{url}"/></body></opml>'
    )
    (tmp_path / "topics.yml").write_text("topics: []")
    (tmp_path / "channels.yml").write_text("channels: []")
    environ = {"DESK_TEST_KEY": "k3y"}
    watcher = ConfigWatcher(desk.tools.db, tmp_path, environ, runtime.clock)
    watcher.apply_now()
    desk.poll()
    options = f"feeds:\n  - feed: {url}\n    headers: {{X-Key: '${{DESK_TEST_KEY}}'}}\n"
    (tmp_path / "feeds.yml").write_text(options)
    watcher.apply_now()
    desk.poll()
    (tmp_path / "feeds.yml").unlink()
    watcher.apply_now()
    desk.poll()
    assert [seen.headers.get("X-Key") for seen in site.requests] == [None, "k3y", None]


def test_an_encoding_of_the_operators_is_what_the_parser_and_the_extractor_read_by(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever they are: this is about what they are told."""
    told: list[str | None] = []

    async def run(job: str, body: bytes, **how: object) -> object:
        told.append(str(how.get("encoding") or how.get("charset")))
        return Failed(Reason.MALFORMED_FEED, job)

    monkeypatch.setattr(desk.tools.sandbox, "run", run)
    monkeypatch.setattr("worker.asking.parse_fast", lambda *_, **__: None)
    watch(desk, publish(site), FeedOptions(encoding="cp1256"))
    desk.poll()
    assert told == ["cp1256"]
