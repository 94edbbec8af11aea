"""An article's whole way, as the stages leave it behind on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import SQLModel

from tests.pipeline.conftest import Desk
from tests.site import page, rss
from worker import explain, runtime, store
from worker.records import Step, Way

TEXT = "Talks on Syria resumed in Geneva on Monday after weeks of silence, said the envoy there."


def publish(desk: Desk, *names: str, title: str = "Talks on Syria", status: int = 200) -> None:
    """Watch a feed for each name, each with an article of its own with one text."""
    urls = []
    for name in names:
        text = [f"{TEXT} It was meeting number {n} of many." for n in range(8)]
        desk.site.put(f"/{name}", page(title, *text), status=status)
        items = [{"title": title, "link": desk.site.url(f"/{name}"), "guid": f"guid-{name}"}]
        urls.append(desk.site.put(f"/feed-{name}", rss(items), kind="application/rss+xml"))
    desk.watch(*urls)
    desk.poll()


def way(desk: Desk, wanted: str) -> Way:
    found = desk.tools.db.read(lambda db: store.find_article(db, wanted))
    assert found is not None, wanted
    return desk.tools.db.read(lambda db: store.way_of(db, *found))


def told(found: Way) -> dict[str, Step]:
    return {step.name: step for step in explain.steps(found, runtime.clock())}


def text_of(step: Step) -> str:
    return "\n".join(step.lines)


def test_an_article_that_was_told_has_gone_all_its_way(desk: Desk) -> None:
    publish(desk, "a", "b")
    desk.ingest()
    desk.site.put("/hook")
    desk.deliver()
    first = way(desk, desk.site.url("/a"))
    found = told(first)
    assert explain.verdict([*found.values()]) == "It has gone all its way."
    assert f"guid {desk.site.url('/guid-a')}" in text_of(found["seen"])
    assert "/feed-a" in found["seen"].lines[0]
    assert "after 1 try" in text_of(found["fetch"])
    assert "from its page" in text_of(found["extraction"])
    assert "first of its story" in text_of(found["story"])
    assert f"by version {first.matches[0]['version']}" in text_of(found["topics"])
    assert "talks: «Talks» in the title (+1)" in text_of(found["topics"])
    alert = text_of(found["alert of syria to desk"])
    assert "delivered at" in alert
    assert "try 1 at" in alert
    assert "200 taken" in alert
    second = told(way(desk, desk.site.url("/b")))
    assert "joined by" in text_of(second["story"])
    assert "has 100% of its text" in text_of(second["story"])
    assert "for article 1 of the same story" in text_of(second["alert of syria to desk"])


def test_an_article_is_found_by_any_form_of_its_address(desk: Desk) -> None:
    publish(desk, "news/2026-story")
    url = desk.site.url("/news/2026-story")
    for form in (
        url,
        f"{url}?utm_source=x",
        f" {url}/ ",
        f"{url}/amp",
        f"{url}#top",
        url.replace("http:", "https:"),
        desk.site.url("/feed-news/guid-news/2026-story"),
        "1",
    ):
        assert way(desk, form).article["link"] == url, form
    own = "https://publisher.example/own-address-of-the-page"
    article = SQLModel.metadata.tables["article"]
    desk.tools.db.write(lambda db: db.execute(article.update().values(page_url=own)))
    assert way(desk, f"{own}?fbclid=1").found_by == "the address that its page gives itself"
    for nothing in ("https://other.example/", "nonsense", "", "99999999999999999999", "\x00"):
        assert desk.tools.db.read(lambda db, n=nothing: store.find_article(db, n)) is None  # type: ignore[misc]


def test_what_may_have_been_meant_is_named(desk: Desk) -> None:
    publish(desk, "a")
    near = desk.tools.db.read(lambda db: store.near_articles(db, desk.site.url("/other")))
    assert [one["title"] for one in near] == ["Talks on Syria"]
    feeds = desk.tools.db.read(lambda db: store.feeds_of_site(db, desk.site.url("/other")))
    assert [one["url"] for one in feeds] == [desk.site.url("/feed-a")]
    assert desk.tools.db.read(lambda db: store.near_articles(db, "nonsense")) == []
    assert desk.tools.db.read(lambda db: store.feeds_of_site(db, "nonsense")) == []


def test_before_it_is_read_an_article_waits(desk: Desk) -> None:
    publish(desk, "a")
    found = explain.steps(way(desk, "1"), runtime.clock())
    assert [step.state for step in found] == ["done", "waits", "waits", "waits", "waits"]
    assert explain.verdict(found).startswith("It waits at fetch: not read yet")


def test_a_page_that_cannot_be_had_says_why_and_when_it_is_tried_again(desk: Desk) -> None:
    publish(desk, "a", status=503)
    desk.ingest()
    fetch = told(way(desk, "1"))["fetch"]
    assert fetch.state == "failed"
    assert "failed after 1 try: server-error" in text_of(fetch)
    assert "tried again at" in fetch.lines[-1]
    assert "from its feed" in text_of(told(way(desk, "1"))["extraction"])


def test_an_article_that_matches_nothing_ends_there(desk: Desk) -> None:
    publish(desk, "a", title="Football")
    topic = SQLModel.metadata.tables["topic"]
    desk.tools.db.write(lambda db: db.execute(topic.update().values(query="cricket")))
    desk.ingest()
    found = explain.steps(way(desk, "1"), runtime.clock())
    assert found[-1].name == "topics"
    assert explain.verdict(found).startswith("It ends with topics: it does not match the one topic")


def test_an_alert_that_is_refused_shows_each_try_and_answer(desk: Desk) -> None:
    publish(desk, "a")
    desk.site.put("/hook", "out of order", status=500)
    desk.ingest()
    for _ in range(2):
        desk.make_due("alert")
        desk.deliver()
    step = told(way(desk, "1"))["alert of syria to desk"]
    assert step.state == "waits"
    assert "is tried again at" in text_of(step)
    assert sum(": 500 server-error" in line for line in step.lines) == 2


def test_a_match_that_was_withheld_says_by_which_rule(desk: Desk) -> None:
    publish(desk, "a")
    desk.ingest()
    alert, withheld = (SQLModel.metadata.tables[name] for name in ("alert", "withheld"))
    now = runtime.clock()
    row = {"article_id": 1, "topic_id": 1, "channel_id": 1, "reason": "too-old", "at": now}
    row |= {"detail": "3 days"}
    desk.tools.db.write(lambda db: db.execute(alert.delete()))
    desk.tools.db.write(lambda db: db.execute(withheld.insert().values(row)))
    step = told(way(desk, "1"))["alert of syria to desk"]
    assert step.state == "nothing"
    assert step.lines[-1].endswith("too-old (3 days)")


@pytest.fixture
def matched(desk: Desk) -> tuple[Way, datetime]:
    publish(desk, "a")
    desk.ingest()
    return way(desk, "1"), runtime.clock()


STATES: dict[str, tuple[dict[str, Any], str, str]] = {
    "due": ({}, "waits", "is due now"),
    "later": ({"due_at": timedelta(hours=1)}, "waits", "is tried again at"),
    "stopped": ({"channel_stopped": True}, "waits", "the channel is stopped"),
    "taken out": ({"channel_enabled": False}, "waits", "has this channel no more"),
    "to be folded": ({"due_at": None, "fold_at": timedelta(hours=1)}, "waits", "the digest of"),
    "folded": ({"due_at": None, "digest_id": 9}, "done", "folded into the digest 9"),
    "dead": ({"due_at": None, "dead_at": timedelta(), "reason": "gone"}, "failed", "given up at"),
}


def test_what_became_of_an_alert(matched: tuple[Way, datetime]) -> None:
    found, now = matched
    for name, (change, state, words) in STATES.items():
        moved = {k: now + v if isinstance(v, timedelta) else v for k, v in change.items()}
        alert = {**found.alerts[0], **moved}
        step = told(replace(found, alerts=[alert]))["alert of syria to desk"]
        assert (step.state, words in text_of(step)) == (state, True), name


def test_who_is_told_nothing_is_told_why(matched: tuple[Way, datetime]) -> None:
    found, _ = matched
    match = dict(found.matches[0])
    shadow = replace(found, matches=[match | {"shadow": True}])
    assert "in shadow" in text_of(told(shadow)["alerts of syria"])
    nobody = replace(found, owed_to={"syria": []})
    assert "no channel" in text_of(told(nobody)["alerts of syria"])
    retagged = replace(found, alerts=[])
    assert "tagged later" in text_of(told(retagged)["alert of syria to desk"])
    newer = replace(found, matches=[match | {"version_now": "other"}])
    assert "which has changed since" in text_of(told(newer)["topics"])


def test_an_article_that_no_feed_brought_and_nobody_fetches(matched: tuple[Way, datetime]) -> None:
    found, now = matched
    bare = {
        "host": None,
        "published_known": False,
        "reason": "unresolved-link",
        "detail": "Hidden.",
    }
    steps = told(replace(found, sightings=[], article={**found.article, **bare}))
    assert "in no feed" in steps["seen"].lines[0]
    assert "Nobody gave a date" in steps["seen"].lines[-1]
    assert "asked of nobody (unresolved-link: Hidden.)" in steps["fetch"].lines[0]
    busy = {**found.article, "leased_until": now + timedelta(minutes=5)}
    assert "at this moment" in told(replace(found, article=busy))["fetch"].lines[0]
    host = {"paused_until": now + timedelta(minutes=5), "reason": "rate-limited", "detail": ""}
    resting = told(replace(found, host=host))["fetch"]
    assert "rests until" in text_of(resting)
