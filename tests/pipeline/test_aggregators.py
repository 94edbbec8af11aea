"""Links that hide the publisher's own, pages that name another's address: one story, one alert."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.pipeline.conftest import Desk
from tests.pipeline.documents import document, read_here
from tests.site import Site, page
from worker import pipeline
from worker.errors import Reason
from worker.records import Document, Entry, Page

HEADLINE = "Envoy prepares talks on Syria in Geneva"
TALKS = (
    "Diplomats from five countries met on Tuesday to prepare new talks on the future of Syria.",
    "The envoy said that a ceasefire would have to come first, and that all sides knew it.",
)
HIDING = "https://news.google.com/rss/articles/CBMiXkFVX3lxTE5fbm90aGluZ190b19zZWVfaGVyZQ?oc=5"
NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _documents(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


def hidden(source: str, **changes: object) -> Entry:
    """An item as Google News gives it."""
    title = f"{HEADLINE} - The Press"
    body = f'<a href="{HIDING}">{HEADLINE}</a>&nbsp;&nbsp;<font color="#6f6f6f">The Press</font>'
    made = Entry("hidden", HIDING, title, summary=body, published=NOW, source_url=source)
    return replace(made, **changes)  # type: ignore[arg-type]


def own(site: Site, **changes: object) -> Entry:
    made = Entry("own", site.put("/own", page(HEADLINE, *TALKS)), HEADLINE, published=NOW)
    return replace(made, **changes)  # type: ignore[arg-type]


def brought(desk: Desk, *entries: Entry) -> None:
    """Let these entries come in, one poll after the other."""
    desk.site.put("/hook")
    urls = [desk.site.put(f"/{one.guid}", document([])) for one in entries]
    desk.watch(*urls)
    for one in entries:
        desk.site.put(f"/{one.guid}", document([one]))
        desk.run()


def test_a_hidden_link_is_judged_from_what_the_feed_says(desk: Desk, site: Site) -> None:
    brought(desk, hidden(site.url("/")))
    article = desk.one("article")
    assert (article["title"], article["reason"]) == (HEADLINE, Reason.UNRESOLVED_LINK)
    assert (article["text"], article["due_at"]) == ("", None)
    assert len(desk.hooks()) == 1


@pytest.mark.parametrize("publisher_first", [True, False])
def test_a_hidden_link_is_its_publishers_article_whichever_comes_first(
    desk: Desk, site: Site, publisher_first: bool
) -> None:
    both = [own(site), hidden(site.url("/"))]
    brought(desk, *(both if publisher_first else reversed(both)))
    assert desk.one("story")["article_count"] == 2
    assert [a["joined_by"] for a in desk.rows("article")] == ["first", "same-headline"]
    assert len(desk.hooks()) == 1


APART: dict[str, dict[str, object]] = {
    "another publisher": {"source_url": "https://another.example/"},
    "another headline": {"title": "Envoy puts off talks on Syria in Geneva - The Press"},
    "another week": {"published": NOW - timedelta(hours=73)},
}


@pytest.mark.parametrize("name", APART)
def test_a_hidden_link_of_other_things_stays_apart(desk: Desk, site: Site, name: str) -> None:
    brought(desk, own(site), hidden(site.url("/"), **APART[name]))
    assert len(desk.rows("story")) == 2


def test_two_publishers_of_one_headline_stay_apart(desk: Desk, site: Site) -> None:
    other = site.put("/other", page(HEADLINE, "Quite another text about quite another thing."))
    brought(desk, own(site), Entry("2", other, HEADLINE, published=NOW))
    assert len(desk.rows("story")) == 2


def test_a_hidden_link_and_its_publishers_read_by_two_workers_at_once_are_one_story(
    desk: Desk, site: Site
) -> None:
    site.put("/hook")
    entries = []
    for n in range(20):
        title = f"{HEADLINE}, part {n} of many"
        link = site.put(f"/own{n}", page(title, f"Of part {n} this is the text.", *TALKS))
        entries.append(Entry(f"own{n}", link, title, published=NOW))
        entries.append(
            hidden(site.url("/"), guid=f"hidden{n}", title=f"{title} - The Press",
                   link=HIDING.replace("CBMi", f"CBMi{n:03}"))
        )  # fmt: skip
    desk.watch(site.put("/feed", document(entries)))
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
    assert {story["article_count"] for story in desk.rows("story")} == {2}
    assert len(desk.rows("story")) == len(desk.rows("alert")) == 20


# ---- pages that name an address


def naming(desk: Desk, monkeypatch: pytest.MonkeyPatch, canonical: dict[str, str]) -> None:
    """Let the pages at these addresses give themselves others; each has words of its own."""

    async def run(_job: str, _body: bytes, *, url: str, **_kwargs: object) -> Page:
        words = f"What stands at {url} is told in words that nobody else has used."
        return Page(Document("", words, canonical=canonical.get(url)))

    monkeypatch.setattr(desk.tools.sandbox, "run", run)


def linked(site: Site, name: str, title: str) -> Entry:
    return Entry(name, site.put(f"/pages/{name}", "a page"), title, published=NOW)


@pytest.mark.parametrize("names_the_other", ["first", "second"])
def test_a_page_that_names_anothers_address_joins_its_story(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch, names_the_other: str
) -> None:
    one, other = linked(site, "one", "Talks on Syria"), linked(site, "other", "Syria: the talks")
    assert one.link is not None
    assert other.link is not None
    links = {one.link: other.link} if names_the_other == "first" else {other.link: one.link}
    naming(desk, monkeypatch, links)
    brought(desk, one, other)
    assert [a["joined_by"] for a in desk.rows("article")] == ["first", "same-url"]
    assert len(desk.hooks()) == 1


@pytest.mark.parametrize("named", ["/", "/section/news"])
def test_an_address_that_every_page_of_a_site_names_makes_no_story(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    entries = [linked(site, f"p{n}", f"Talks on Syria, part {n} of nine") for n in range(9)]
    naming(desk, monkeypatch, {one.link: site.url(named) for one in entries if one.link})
    brought(desk, *entries)
    stories = desk.rows("story")
    assert len(stories) == 9 if named == "/" else len(stories) >= 7
