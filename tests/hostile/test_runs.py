"""All misbehaviours at once, as feeds in one poll run and as pages in one ingest run.

Each settles with its own reason, in no more time than one fetch may take, and what is healthy is
read as if it were alone.
"""

import time
from collections.abc import Iterator

import pytest

from tests.hostile.misbehaviours import CASES, LIMITS, TOTAL_S
from tests.hostile.server import PARAGRAPHS, Hostile
from tests.pipeline.conftest import Desk, settings_for
from tests.site import Site, page
from worker import runtime
from worker.errors import Reason
from worker.store import Database

HEALTHY = 5
# What a busy machine may need for reading some two hundred documents, beside the waiting.
READING_S = 12
_NOTHING_IS_HAD = {Reason.CONNECTION_REFUSED, Reason.CONNECT_TIMED_OUT, Reason.TLS_FAILED}
BY_NAME = {case.name: case for case in CASES}


@pytest.fixture
def desk(database: Database, site: Site) -> Iterator[Desk]:
    """A desk whose runs have room for everything at once."""
    url = database.engine.url.render_as_string(hide_password=False)
    tools = runtime.build(settings_for(url, poll_width=400, ingest_width=400, **LIMITS))
    yield Desk(tools, site)
    runtime.close(tools)


def test_hostile_feeds_settle_with_their_reasons_and_healthy_ones_are_stored(
    desk: Desk, site: Site, hostile: Hostile
) -> None:
    urls = {case.url(hostile): case for case in CASES}
    healthy = {f"Headline {n}" for n in range(HEALTHY)}
    for title in healthy:
        link = f"http://stories.test/{title}"
        urls |= {site.put_feed(f"/{title}", [{"title": title, "link": link}]): BY_NAME["plain"]}
    desk.watch(*urls)
    began = time.monotonic()
    desk.poll()
    assert time.monotonic() - began < TOTAL_S + READING_S
    assert desk.overview().queues["poll"].leased == 0
    stored = {article["title"] for article in desk.rows("article")}
    expected = set(healthy)
    for feed in desk.rows("feed"):
        case = urls[feed["url"]]
        assert feed["polls"] == 1, feed
        if case.reason is not None:
            assert feed["reason"] == case.reason, feed
            assert case.detail in feed["detail"]
            assert feed["last_status"] == case.status or case.status is None
        else:
            assert feed["reason"] in case.feed, feed
            if feed["reason"] is None and case.feed == (None,):
                expected.add(case.title)
    assert stored >= expected
    unsure = {case.title for case in CASES if len(case.feed) > 1}
    assert stored - expected <= unsure, "nothing else is stored"


def test_hostile_pages_leave_the_feeds_own_text_with_their_reasons(
    desk: Desk, site: Site, hostile: Hostile
) -> None:
    items = [
        {"title": case.name, "link": case.url(hostile), "description": f"In short: {case.name}."}
        for case in CASES
    ]
    for number in range(HEALTHY):
        title = f"Headline {number}"
        link = site.put(f"/{number}", page(title, *PARAGRAPHS))
        items.append({"title": title, "link": link, "description": f"In short: {title}."})
    desk.watch(site.put_feed("/feed", items))
    desk.poll()
    began = time.monotonic()
    desk.ingest()
    assert time.monotonic() - began < TOTAL_S + READING_S
    assert desk.overview().queues["ingest"].leased == 0
    articles = {article["feed_title"]: article for article in desk.rows("article")}
    assert len(articles) == len(items)
    for title, article in articles.items():
        case = BY_NAME.get(title, BY_NAME["plain"])
        expected = case.page if case.reason is None else (case.reason,)
        if article["reason"] == Reason.ROBOTS_UNREACHABLE:  # where nothing can be had, it is first
            assert case.reason in _NOTHING_IS_HAD, article
        else:
            assert article["reason"] in expected, article
        if article["reason"] is None and case.page == (None,):
            assert PARAGRAPHS[1] in article["text"]
            assert article["fetched_at"] is not None
        elif article["reason"] is not None:
            assert article["text"] == f"In short: {title}."
            assert case.detail in article["detail"]
            assert article["fetched_at"] is None
