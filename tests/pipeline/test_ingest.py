"""Ingest: pages become documents, copies join their story, matches owe alerts, once."""

import json
import threading

import pytest
from sqlalchemy import text

from tests.pipeline.conftest import Desk
from tests.site import Site, page
from worker import pipeline, runtime
from worker.errors import Reason

TALKS = (
    "Diplomats from five countries met on Tuesday to prepare new talks on the future of Syria.",
    "The envoy said that a ceasefire would have to come first, and that all sides knew it.",
)
HEADLINE = "Envoy prepares talks on Syria"


def feed_of(site: Site, path: str, *links: str, title: str = HEADLINE) -> str:
    return site.put_feed(
        path, [{"title": title, "link": link, "guid": link, "description": "…"} for link in links]
    )


def test_an_article_is_read_tagged_and_alerted_once_with_its_reason(desk: Desk, site: Site) -> None:
    link = site.put("/a", page(HEADLINE, *TALKS))
    site.put("/hook")
    desk.watch(feed_of(site, "/feed", link))
    desk.run()
    article, match = desk.one("article"), desk.one("topic_match")
    assert article["title"] == HEADLINE
    assert article["text"] == "\n".join(TALKS)
    (hook,) = desk.hooks()
    body = json.loads(hook.body)
    assert body["topic"]["name"] == "syria"
    assert body["article"]["url"] == link
    for evidence in body["match"]["evidence"]:
        whole = article[evidence["field"]]
        assert whole[evidence["start"] : evidence["end"]] == evidence["text"]
    stored = match["evidence"]
    kept = json.loads(stored) if isinstance(stored, str) else stored
    told = body["match"]["evidence"]
    assert [{key: one[key] for key in kept[0]} for one in told] == kept
    assert told[0]["sentence"] == HEADLINE


def test_copies_under_one_headline_are_one_story_and_one_alert(desk: Desk, site: Site) -> None:
    links = [site.put(f"/{n}", page(HEADLINE, *TALKS)) for n in range(3)]
    site.put("/hook")
    desk.watch(feed_of(site, "/feed", *links))
    desk.run()
    assert desk.one("story")["article_count"] == 3
    assert sorted(a["joined_by"] for a in desk.rows("article")) == [
        "first",
        "same-text",
        "same-text",
    ]
    assert len(desk.hooks()) == 1


def test_equal_text_under_other_headlines_stays_apart(desk: Desk, site: Site) -> None:
    notice = "We value your privacy and ask for your consent to store cookies on your device today."
    links = [site.put(f"/{n}", page(f"Headline number {n}", notice)) for n in range(2)]
    items = [{"title": f"Headline number {n}", "link": link} for n, link in enumerate(links)]
    desk.watch(site.put_feed("/feed", items))
    desk.run()
    assert len(desk.rows("story")) == 2


def test_two_workers_that_ingest_copies_at_once_make_one_story(
    desk: Desk, site: Site, sqlite_url: str
) -> None:
    """Forty pairs of copies, each pair split over two workers that start together."""
    site.put("/hook")
    items = []
    for n in range(40):
        # Paragraphs that all pages of a site have in common would be taken for its furniture.
        told = [f"{paragraph} So says report number {n}." for paragraph in TALKS]
        body = page(f"{HEADLINE} {n}", *told)
        for outlet in "ab":
            link = site.put(f"/{outlet}{n}", body)
            items.append({"title": f"{HEADLINE} {n}", "link": link, "guid": link})
    desk.watch(site.put_feed("/feed", items))
    desk.poll()
    together = threading.Barrier(2)

    def work() -> None:
        together.wait()
        pipeline.ingest(desk.tools, desk.nudges.append)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    stories = desk.rows("story")
    assert len(stories) == 40
    assert {s["article_count"] for s in stories} == {2}
    assert len(desk.rows("alert")) == 40


BAD_PAGES = {
    "missing": ({"status": 404}, Reason.NOT_FOUND),
    "pdf": ({"body": b"%PDF-1.7 ...", "kind": "application/pdf"}, Reason.NOT_HTML),
    "empty": ({"body": b""}, Reason.EMPTY_BODY),
    "bare": ({"body": "<html><body><script>x()</script></body></html>"}, Reason.NO_TEXT),
    "broken": ({"status": 500}, Reason.SERVER_ERROR),
}


@pytest.mark.parametrize("name", BAD_PAGES)
def test_a_page_that_fails_leaves_the_feeds_own_text_tagged_at_once(
    desk: Desk, site: Site, name: str
) -> None:
    answer, reason = BAD_PAGES[name]
    link = site.put("/page", **answer)  # type: ignore[arg-type]
    site.put("/hook")
    item = {"title": HEADLINE, "link": link, "description": f"<p>{TALKS[0]}</p>"}
    desk.watch(site.put_feed("/feed", [item]))
    desk.run()
    article = desk.one("article")
    assert (article["text"], article["reason"]) == (TALKS[0], reason)
    assert len(desk.hooks()) == 1
    retried = article["due_at"] is not None
    assert retried == (reason is not Reason.NOT_HTML)


def test_a_page_that_comes_late_replaces_the_text_and_alerts_no_second_time(
    desk: Desk, site: Site
) -> None:
    link = site.put("/page", status=503)
    site.put("/hook")
    desk.watch(site.put_feed("/f", [{"title": HEADLINE, "link": link, "description": TALKS[0]}]))
    desk.run()
    desk.make_due("article")
    desk.ingest()
    assert desk.one("article")["page_tries"] == 2
    site.put("/page", page(HEADLINE, *TALKS))
    desk.make_due("article")
    desk.ingest()
    desk.deliver()
    article = desk.one("article")
    assert (article["text"], article["reason"]) == ("\n".join(TALKS), None)
    assert article["due_at"] is None
    assert len(desk.hooks()) == len(desk.rows("topic_match")) == 1


def test_a_late_page_may_be_the_first_to_match(desk: Desk, site: Site) -> None:
    link = site.put("/page", status=503)
    site.put("/hook")
    desk.watch(site.put_feed("/f", [{"title": "Short notice", "link": link}]))
    desk.run()
    assert desk.rows("alert") == []
    site.put("/page", page("Short notice", *TALKS))
    desk.make_due("article")
    desk.ingest()
    desk.deliver()
    assert len(desk.hooks()) == 1


def test_pages_are_tried_only_so_often(desk: Desk, site: Site) -> None:
    link = site.put("/page", status=503)
    desk.watch(feed_of(site, "/feed", link))
    desk.poll()
    for _ in range(10):
        desk.make_due("article")
        desk.ingest()
    assert desk.one("article")["page_tries"] == desk.tools.settings.page_tries
    assert site.paths().count("/page") == desk.tools.settings.page_tries


def test_an_entry_without_a_link_is_an_article_of_its_own(desk: Desk, site: Site) -> None:
    site.put("/hook")
    desk.watch(site.put_feed("/f", [{"title": HEADLINE, "description": TALKS[0]}]))
    desk.run()
    article = desk.one("article")
    assert article["url"].startswith("urn:wirewatch:")
    assert (article["text"], article["reason"]) == (TALKS[0], None)
    assert len(desk.hooks()) == 1


def test_a_fuller_feed_beats_a_teaser_page(desk: Desk, site: Site) -> None:
    link = site.put("/page", page(HEADLINE, "Subscribe to read this article in full today please."))
    full = "".join(f"<p>{paragraph}</p>" for paragraph in TALKS)
    desk.watch(site.put_feed("/f", [{"title": HEADLINE, "link": link, "description": full}]))
    desk.poll()
    desk.ingest()
    assert desk.one("article")["text"] == "\n".join(TALKS)


def test_an_article_that_ends_its_workers_is_stored_from_its_feed(desk: Desk, site: Site) -> None:
    link = site.put("/page", page(HEADLINE, *TALKS))
    desk.watch(feed_of(site, "/feed", link))
    desk.poll()
    desk.tools.db.write(lambda db: db.execute(text("UPDATE article SET attempts = 4")))
    desk.ingest()
    article = desk.one("article")
    assert (article["reason"], article["due_at"]) == (Reason.WORKER_LOST, None)
    assert "/page" not in site.paths()


def test_a_topic_changed_while_running_counts_from_the_next_article_on(
    desk: Desk, site: Site
) -> None:
    first, second = (site.put(f"/{n}", page(f"{HEADLINE} {n}", *TALKS)) for n in "12")
    url = feed_of(site, "/feed", first)
    desk.watch(url, query="volcano")
    desk.poll()
    desk.ingest()
    assert desk.rows("topic_match") == []
    desk.watch(feed_of(site, "/feed", first, second))
    desk.poll()
    desk.ingest()
    assert len(desk.rows("topic_match")) == 1


def test_work_in_flight_when_the_process_must_stop_is_given_back(desk: Desk, site: Site) -> None:
    import asyncio

    from aiohttp import web

    async def hang(_request: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    desk.watch(feed_of(site, "/feed", site.at("/slow", hang)))
    desk.poll()
    stopping = threading.Event()
    tools = desk.tools
    object.__setattr__(tools, "stopping", stopping.is_set)
    worker = threading.Thread(target=desk.ingest)
    worker.start()
    from tests.waiting import wait_until

    wait_until(lambda: "/slow" in site.paths(), what="the page is being fetched")
    stopping.set()
    worker.join(5)
    assert not worker.is_alive()
    article = desk.one("article")
    assert (article["attempts"], article["lease_token"]) == (0, None)
    assert desk.overview().queues["ingest"].due == 1
    assert runtime.stopping() is False
