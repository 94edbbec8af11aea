"""What becomes of an article that says something new: read again, tagged again, alerted once."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from tests.pipeline.conftest import Desk
from tests.pipeline.documents import document, read_here
from tests.site import Site, page
from worker.records import Document, Entry, Page

TALKS = (
    "Diplomats from five countries met on Tuesday to prepare new talks on the future of Syria.",
    "The envoy said that a ceasefire would have to come first, and that all sides knew it.",
)
FIRST, CORRECTED = "Envoy prepares talks on Syria", "Envoy puts off talks on Syria"


@pytest.fixture(autouse=True)
def _documents(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


def entry(site: Site, title: str = FIRST, **changes: object) -> Entry:
    made = Entry("guid", site.url("/page"), title, summary=f"<p>{TALKS[0]}</p>")
    return replace(made, **changes)  # type: ignore[arg-type]


def publish(desk: Desk, *entries: Entry, path: str = "/feed") -> str:
    return desk.site.put(path, document(entries), kind="application/rss+xml")


def watched(desk: Desk, *entries: Entry) -> None:
    desk.site.put("/hook")
    desk.watch(publish(desk, *entries))
    desk.run()


def age(desk: Desk, minutes: int) -> None:
    """As if the entries had been seen so much earlier."""
    pg = desk.tools.db.engine.dialect.name == "postgresql"
    sql = (
        f"UPDATE sighting SET changed_at = changed_at - interval '{minutes} minutes'"
        if pg
        else "UPDATE sighting SET changed_at ="
        f" strftime('%Y-%m-%d %H:%M:%f', changed_at, '-{minutes} minutes') || '000'"
    )
    desk.tools.db.write(lambda db: db.execute(text(sql)))


def test_a_corrected_headline_is_read_and_tagged_again_and_alerts_no_second_time(
    desk: Desk, site: Site
) -> None:
    site.put("/page", page(FIRST, *TALKS))
    watched(desk, entry(site))
    publish(desk, entry(site, CORRECTED))
    site.put("/page", page(CORRECTED, "The talks on Syria are put off.", *TALKS))
    desk.run()
    article = desk.one("article")
    assert article["title"] == CORRECTED
    assert article["text"].startswith("The talks on Syria are put off.")
    (kept,) = desk.rows("revision")
    assert (kept["title"], kept["text"]) == (FIRST, "\n".join(TALKS))
    match = desk.one("topic_match")
    found = match["evidence"]
    found = json.loads(found) if isinstance(found, str) else found
    for one in found:
        assert article[one["field"]][one["start"] : one["end"]] == one["text"]
    assert (len(desk.hooks()), desk.one("story")["article_count"]) == (1, 1)


def test_a_corrected_headline_may_be_the_first_to_match(desk: Desk, site: Site) -> None:
    site.put("/page", page("Quiet day", "Nothing at all happened today in the whole wide world."))
    watched(desk, entry(site, "Quiet day", summary=""))
    assert desk.hooks() == []
    publish(desk, entry(site, CORRECTED, summary=""))
    desk.run()
    assert len(desk.hooks()) == 1


@pytest.mark.parametrize("status", [403, 404, 503])
def test_a_corrected_headline_counts_although_the_page_fails(
    desk: Desk, site: Site, status: int
) -> None:
    site.put("/page", page(FIRST, *TALKS))
    watched(desk, entry(site))
    site.put("/page", status=status)
    publish(desk, entry(site, CORRECTED))
    desk.run()
    article = desk.one("article")
    assert (article["title"], article["text"]) == (CORRECTED, "\n".join(TALKS))
    assert len(desk.hooks()) == 1


def test_a_corrected_entry_counts_where_the_page_has_never_been_had(desk: Desk, site: Site) -> None:
    site.put("/page", status=403)
    watched(desk, entry(site))
    publish(desk, entry(site, CORRECTED, summary="<p>Other words on Syria, and of no talks.</p>"))
    desk.run()
    article = desk.one("article")
    assert article["title"] == CORRECTED
    assert article["text"] == "Other words on Syria, and of no talks."
    assert [r["title"] for r in desk.rows("revision")] == [FIRST]


def test_a_page_that_fails_later_never_destroys_the_text_that_is_stored(
    desk: Desk, site: Site
) -> None:
    site.put("/page", page(FIRST, *TALKS))
    watched(desk, entry(site, summary="<p>Short.</p>"))
    due = text("UPDATE article SET due_at = first_seen_at")
    for status, body in ((503, ""), (200, ""), (200, "<html><body></body></html>")):
        site.put("/page", body, status=status)
        desk.tools.db.write(lambda db: db.execute(due))
        desk.ingest()
        assert desk.one("article")["reason"] is not None
        assert desk.one("article")["text"] == "\n".join(TALKS)


def test_words_that_differ_at_every_poll_are_read_five_times_at_the_most(
    desk: Desk, site: Site
) -> None:
    site.put("/page", page(FIRST, *TALKS))
    watched(desk, entry(site))
    for poll in range(12):
        age(desk, minutes=16)
        publish(desk, entry(site, summary=f"<p>{poll} readers are here now.</p>"))
        desk.run()
    assert site.paths().count("/page") == 6
    assert len(desk.hooks()) == 1


def test_words_that_change_too_soon_are_taken_later_though_the_feed_says_no_more(
    desk: Desk, site: Site
) -> None:
    site.put("/page", page(FIRST, *TALKS))
    watched(desk, entry(site))
    site.put(
        "/feed",
        document([entry(site, summary="<p>Other words, soon after the first ones.</p>")]),
        kind="application/rss+xml",
        etag='"2"',
    )
    desk.run()
    assert site.paths().count("/page") == 1
    age(desk, minutes=16)
    desk.run()
    assert site.paths().count("/page") == 2
    desk.run()
    assert desk.one("feed")["etag"] == '"2"'
    assert site.paths().count("/page") == 2


def test_two_feeds_with_different_headlines_for_one_article_do_not_fight(
    desk: Desk, site: Site
) -> None:
    site.put("/page", page(FIRST, *TALKS))
    one = publish(desk, entry(site, "Headline of the one", guid="1"), path="/one")
    other = publish(desk, entry(site, "Headline of the other", guid="2"), path="/other")
    desk.watch(one, other)
    for poll in range(6):
        for path, title, guid in (("/one", "one", "1"), ("/other", "other", "2")):
            told = entry(site, f"Headline of the {title}", guid=guid)
            site.put(path, document([told]) + b" " * poll, kind="application/rss+xml")
        desk.run()
    assert len(desk.rows("article")) == 1
    assert site.paths().count("/page") == 1


def test_an_entry_whose_versions_are_unknown_is_not_read_again(desk: Desk, site: Site) -> None:
    site.put("/page", page(FIRST, *TALKS))
    watched(desk, entry(site))
    unknown = "UPDATE sighting SET title_version = NULL, text_version = NULL"
    desk.tools.db.write(lambda db: db.execute(text(unknown)))
    publish(desk, entry(site, "Headline of an older version of this program"))
    desk.run()
    assert (site.paths().count("/page"), desk.one("article")["title"]) == (1, FIRST)
    publish(desk, entry(site, CORRECTED))
    desk.run()
    assert (site.paths().count("/page"), desk.one("article")["title"]) == (2, CORRECTED)


def test_one_guid_for_all_entries_one_at_a_time_loses_none(desk: Desk, site: Site) -> None:
    def told(number: int) -> Entry:
        link, words = f"http://press.test/{number}", f"What number {number} is about."
        return Entry("same", link, f"Headline number {number}", summary=words)

    desk.watch(publish(desk, told(1)))
    for number in (1, 2, 3, 4, 5, 2):
        publish(desk, told(number))
        desk.poll()
    titles = [article["title"] for article in desk.rows("article")]
    assert titles == [f"Headline number {number}" for number in range(1, 6)]
    assert len(desk.rows("sighting")) == 5


# ---- paywalls


def paywalled(text_of_page: str) -> Page:
    return Page(Document(FIRST, text_of_page, paywalled=True))


@pytest.mark.parametrize(
    ("of_feed", "of_page", "kept"),
    [
        (TALKS[0], "Subscribe to read on, it is cheap.", TALKS[0]),
        ("Short.", TALKS[0], TALKS[0]),
    ],
)
def test_behind_a_paywall_the_longer_of_the_two_texts_is_kept(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch, of_feed: str, of_page: str, kept: str
) -> None:
    async def run(_job: str, *_args: object, **_kwargs: object) -> Page:
        return paywalled(of_page)

    monkeypatch.setattr(desk.tools.sandbox, "run", run)
    site.put("/page", page(FIRST, of_page))
    watched(desk, entry(site, summary=f"<p>{of_feed}</p>"))
    article = desk.one("article")
    assert article["text"] == kept
    assert bool(article["paywalled"])
    assert len(desk.hooks()) == 1


def test_a_page_that_goes_behind_a_paywall_keeps_the_text_that_was_free(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.put("/page", page(FIRST, *TALKS))
    watched(desk, entry(site, summary="<p>Short.</p>"))

    async def run(_job: str, *_args: object, **_kwargs: object) -> Page:
        return paywalled("Subscribe to read on.")

    monkeypatch.setattr(desk.tools.sandbox, "run", run)
    publish(desk, entry(site, CORRECTED, summary="<p>Short.</p>"))
    desk.run()
    article = desk.one("article")
    assert (article["title"], article["text"]) == (CORRECTED, "\n".join(TALKS))


def test_the_first_seen_time_stays_what_it_was(desk: Desk, site: Site) -> None:
    site.put("/page", page(FIRST, *TALKS))
    watched(desk, entry(site, published=datetime(2026, 5, 4, tzinfo=UTC)))
    before = desk.one("article")
    publish(desk, entry(site, CORRECTED, published=datetime(2026, 5, 5, tzinfo=UTC)))
    desk.run()
    after = desk.one("article")
    assert (after["first_seen_at"], after["published_at"]) == (
        before["first_seen_at"],
        before["published_at"],
    )
