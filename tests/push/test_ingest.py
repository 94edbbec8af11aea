"""What programs hand in at /ingest, and what they are told where it will not do."""

import json
from typing import Any

import pytest

from tests.push.conftest import INGEST_KEY, ITEM, Pushed
from tests.site import page, rss

KEY = {"Authorization": f"Bearer {INGEST_KEY}"}
TEXT = "Talks on Syria resume in Geneva on Monday, said the envoy, after weeks of silence there."


def hand_in(
    desk: Pushed, body: Any, kind: str = "application/json", query: str = "", **more: str
) -> tuple[int, Any]:
    said = json.dumps(body) if kind == "application/json" and not isinstance(body, str) else body
    status, told = desk.ask("POST", f"/ingest{query}", said, KEY | {"Content-Type": kind} | more)
    return status, json.loads(told)


def test_a_page_becomes_an_article_and_an_alert_once(desk: Pushed) -> None:
    desk.watch()
    desk.site.put("/hook")
    url = desk.site.put("/page", page("Talks on Syria", TEXT))
    status, told = hand_in(desk, {"url": url})
    assert (status, told["new"], told["known"]) == (202, 1, 0)
    (listed,) = told["articles"]
    assert listed["state"] == "new"
    assert desk.nudges == ["ingest"]
    desk.ingest()
    desk.deliver()
    assert len(desk.hooks()) == 1
    status, told = hand_in(desk, {"url": url})
    assert (status, told["new"], told["known"]) == (202, 0, 1)
    assert told["articles"] == [listed | {"state": "known"}]
    assert desk.nudges == ["ingest", "deliver"]
    assert [row["title"] for row in desk.rows("article")] == ["Talks on Syria"]


def test_what_a_program_knows_of_a_page_is_kept(lone_desk: Pushed) -> None:
    told = {"url": "http://news.test/a", "title": "A title", "published": "2026-03-01T12:00+01:00"}
    assert hand_in(lone_desk, told)[0] == 202
    article = lone_desk.one("article")
    assert article["title"] == "A title"
    assert article["published_at"].startswith("2026-03-01 11:00")


ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>1</id>'
    '<title>Talks on Syria</title><link href="http://news.test/1"/></entry></feed>'
)
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "T",
        "items": [{"id": "1", "url": "http://news.test/1", "title": "Talks on Syria"}],
    }
)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (rss([ITEM]), "application/rss+xml"),
        (rss([ITEM]), "text/xml; charset=utf-8"),
        (ATOM, "application/atom+xml"),
        (JSON_FEED, "application/feed+json"),
    ],
)
def test_a_feed_document_becomes_articles_once(lone_desk: Pushed, body: str, kind: str) -> None:
    counts = [
        (told["new"], told["changed"], told["known"])
        for told in (hand_in(lone_desk, body, kind)[1] for _ in range(2))
    ]
    assert counts == [(1, 0, 0), (0, 0, 1)]
    assert lone_desk.titles() == [ITEM["title"]]


def test_a_corrected_headline_is_told_as_changed(desk: Pushed) -> None:
    hand_in(desk, rss([ITEM]), "text/xml")
    told = hand_in(desk, rss([ITEM | {"title": "Talks are off"}]), "text/xml")[1]
    assert (told["new"], told["changed"]) == (0, 1)


def test_two_publishers_that_count_their_entries_are_told_apart(lone_desk: Pushed) -> None:
    for host in ("one.test", "two.test"):
        hand_in(lone_desk, rss([ITEM | {"guid": "1", "link": f"http://{host}/a"}]), "text/xml")
    assert len(lone_desk.rows("article")) == 2


def test_a_watched_feeds_document_is_as_its_poll(desk: Pushed) -> None:
    url = desk.site.put_feed("/feed", [ITEM])
    desk.watch(url)
    told = hand_in(desk, rss([ITEM]), "text/xml", f"?feed={url}")[1]
    assert told["new"] == 1
    desk.poll()
    assert len(desk.rows("article")) == len(desk.rows("sighting")) == 1


def test_what_is_handed_in_of_a_watched_feed_tells_of_when_it_publishes(desk: Pushed) -> None:
    url = desk.site.put_feed("/feed", [ITEM])
    desk.watch(url)
    desk.poll()
    before = desk.rhythm(url)
    hand_in(desk, rss([{"title": "Another", "guid": "another"}]), "text/xml", f"?feed={url}")
    assert desk.rhythm(url)["n"][0] > before["n"][0]


def test_what_is_handed_in_adds_no_feed_that_is_polled_or_listed(lone_desk: Pushed) -> None:
    hand_in(lone_desk, rss([ITEM]), "text/xml")
    lone_desk.poll()
    assert lone_desk.overview().feeds == 0
    assert lone_desk.overview().queues["poll"].due == 0


# ---- what will not do


@pytest.mark.parametrize(
    ("body", "kind", "status", "error"),
    [
        ("{", "application/json", 400, "bad-json"),
        ("[" * 60_000, "application/json", 400, "bad-json"),
        ("[]", "application/json", 422, "bad-json"),
        ({}, "application/json", 422, "bad-json"),
        ({"url": 7}, "application/json", 422, "bad-json"),
        ({"url": "http://a.test/", "link": 1}, "application/json", 422, "bad-json"),
        ({"url": "http://a.test/", "title": 1}, "application/json", 422, "bad-json"),
        ({"url": "http://a.test/", "published": "noon"}, "application/json", 422, "bad-json"),
        ({"url": "http://a.test/", "published": 5}, "application/json", 422, "bad-json"),
        (
            {"url": "http://a.test/", "published": "2026-03-01T12:00:00"},
            "application/json",
            422,
            "bad-json",
        ),
        ({"url": "not an address"}, "application/json", 422, "bad-url"),
        ({"url": ""}, "application/json", 422, "bad-url"),
        ({"url": "file:///etc/passwd"}, "application/json", 422, "forbidden-scheme"),
        ({"url": "http://10.0.0.1/"}, "application/json", 422, "forbidden-address"),
        ({"url": "http://169.254.169.254/"}, "application/json", 422, "forbidden-address"),
        ({"url": "http://u:p@a.test/"}, "application/json", 422, "credentials-in-url"),
        ("<html><body>a page</body></html>", "application/xml", 422, "not-a-feed"),
        ("", "application/rss+xml", 422, "empty-body"),
        ("a text", "text/plain", 415, "unsupported-type"),
        ("\x00" * 100, "application/atom+xml", 422, "malformed-feed"),
        ('{"url": "http://a.test/' + "a" * 70_000 + '"}', "application/json", 413, "too-large"),
        ("x" * (1024**2 + 1), "application/rss+xml", 413, "too-large"),
    ],
)
def test_bad_input_is_told_by_its_name_and_leaves_nothing(
    lone_desk: Pushed, body: Any, kind: str, status: int, error: str
) -> None:
    got, told = hand_in(lone_desk, body, kind)
    assert (got, told["error"]) == (status, error)
    assert told["detail"]
    assert lone_desk.rows("article") == []
    assert lone_desk.nudges == []


def test_a_feed_that_is_not_watched_is_told(lone_desk: Pushed) -> None:
    got, told = hand_in(lone_desk, rss([ITEM]), "text/xml", "?feed=http://a.test/feed")
    assert (got, told["error"]) == (404, "feed-not-watched")
    assert "http://a.test/feed" in told["detail"]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": INGEST_KEY},
        {"Authorization": f"Bearer {INGEST_KEY}x"},
        {"Authorization": "Bearer \xe9"},
    ],
    ids=["none", "empty", "no-bearer", "wrong", "no-ascii"],
)
def test_without_the_key_nothing_is_read(lone_desk: Pushed, given: dict[str, str]) -> None:
    status, said = lone_desk.ask("POST", "/ingest", "{", given)
    assert (status, json.loads(said)["error"]) == (401, "wrong-key")


def test_without_keys_nothing_is_taken_at_all(closed_desk: Pushed) -> None:
    assert hand_in(closed_desk, {"url": "http://a.test/"})[1]["error"] == "ingest-off"
    empty = closed_desk.ask("POST", "/ingest", "{}", {"Authorization": "Bearer "})
    assert empty[0] == 404
    assert closed_desk.ask("GET", "/push/0123456789abcdef/x?hub.mode=subscribe")[0] == 404
