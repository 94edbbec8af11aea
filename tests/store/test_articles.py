"""Articles come in once, whoever brings them, and keep every sighting."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy.exc import StatementError

from tests.store.making import (
    NOW,
    add_articles,
    add_feeds,
    at_once,
    claim_article,
    claim_feed,
    claim_feeds,
    count,
    entry,
    ingested,
    judge,
    rows,
    sync,
    topic,
    visit,
)
from worker import store
from worker.errors import NotFoundError
from worker.records import ClaimedFeed, FeedSpec, NewArticle
from worker.store import Database

URLS = [f"https://site.example/{i}" for i in range(60)]


def test_two_feeds_that_carry_an_article_at_the_same_moment_share_it(database: Database) -> None:
    add_feeds(database, 2)
    claims = claim_feeds(database, 2)
    shared = [f"https://site.example/{i}" for i in range(3_000)]
    database.patience_s = 0  # waiting for each other in a circle is no excuse

    def settle(work: tuple[ClaimedFeed, list[str]]) -> list[int]:
        claim, urls = work
        return database.write(lambda c: store.settle_visits(c, [visit(claim, urls)]))

    # in opposite orders, as two sites would list them
    new = at_once(settle, [(claims[0], shared), (claims[1], shared[::-1])])
    assert sorted(new[0] + new[1]) == sorted({*new[0], *new[1]})
    assert count(database, "article") == len(shared)
    assert count(database, "sighting") == 2 * len(shared)


def test_the_second_transaction_waits_for_the_first_and_points_to_its_article(
    database: Database,
) -> None:
    add_feeds(database, 2)
    first, second = claim_feeds(database, 2)

    def settle(claim: ClaimedFeed) -> list[int]:
        return database.write(lambda c: store.settle_visits(c, [visit(claim, URLS[:1])]))

    def settle_first(c: Connection) -> "Future[list[int]]":
        store.settle_visits(c, [visit(first, URLS[:1])])
        overtaking = pool.submit(settle, second)
        assert not wait([overtaking], timeout=0.3).done
        return overtaking

    with ThreadPoolExecutor(1) as pool:
        assert database.write(settle_first).result(10) == []
    assert count(database, "article") == 1
    assert len(rows(database, "SELECT DISTINCT article_id FROM sighting")) == 1
    assert count(database, "sighting") == 2


def test_settling_a_visit_twice_is_settling_it_once(database: Database) -> None:
    add_feeds(database)
    done = visit(claim_feed(database), URLS[:3])
    database.write(lambda c: store.settle_visits(c, [done]))
    before = [rows(database, f"SELECT * FROM {table}") for table in ("feed", "article", "sighting")]
    assert database.write(lambda c: store.settle_visits(c, [done])) == []
    after = [rows(database, f"SELECT * FROM {table}") for table in ("feed", "article", "sighting")]
    assert after == before


def test_entries_are_known_per_feed(database: Database) -> None:
    add_feeds(database, 2)
    mine, other = claim_feeds(database, 2)
    database.write(lambda c: store.settle_visits(c, [visit(mine, URLS[:3])]))
    asked = [f"guid-{url}" for url in URLS[1:5]]
    known = database.read(lambda c: store.known_of(c, mine.id, asked, URLS))
    assert set(known.entries) == set(asked[:2])
    assert known.entries[asked[0]].article_url == URLS[1]
    assert set(known.urls) == set(URLS[:3])
    assert known.urls[URLS[0]].guid == f"guid-{URLS[0]}"
    elsewhere = database.read(lambda c: store.known_of(c, other.id, asked, URLS))
    assert (elsewhere.entries, elsewhere.urls, elsewhere.read_before) == ({}, {}, False)


def test_a_feed_was_read_before_though_nothing_of_it_is_left(database: Database) -> None:
    add_articles(database, URLS[:1])
    (feed_id,) = rows(database, "SELECT id FROM feed")[0]
    known = database.read(lambda c: store.known_of(c, int(str(feed_id)), ["other"], URLS[1:]))
    assert (known.entries, known.urls, known.read_before) == ({}, {}, True)


def test_thousands_of_guids_can_be_asked_for_at_once(database: Database) -> None:
    add_articles(database, URLS[:1])
    asked = [f"guid-{i}" for i in range(40_000)] + [f"guid-{URLS[0]}"]
    (feed_id,) = rows(database, "SELECT id FROM feed")[0]
    found = database.read(lambda c: store.known_of(c, int(str(feed_id)), asked, asked))
    assert set(found.entries) == {f"guid-{URLS[0]}"}


def test_a_feed_may_bring_a_thousand_articles(database: Database) -> None:
    urls = [f"https://site.example/{i}" for i in range(1_500)]
    assert len(add_articles(database, urls)) == 1_500
    assert count(database, "sighting") == 1_500


def _entry_of(published: datetime | None) -> NewArticle:
    return NewArticle(URLS[0], entry(1, published=published))


@pytest.mark.parametrize(
    ("given_date", "stored", "known"),
    [
        (NOW - timedelta(days=2), NOW - timedelta(days=2), True),
        (NOW + timedelta(days=2), NOW, True),
        (None, NOW, False),
    ],
)
def test_an_article_is_never_published_after_it_was_seen(
    database: Database, given_date: datetime | None, stored: datetime, known: bool
) -> None:
    add_feeds(database)
    claim = claim_feed(database)
    made = replace(visit(claim), articles=(_entry_of(given_date),))
    database.write(lambda c: store.settle_visits(c, [made]))
    article = claim_article(database)
    assert (article.published, article.published_known) == (stored, known)
    assert article.published.utcoffset() == timedelta(0)
    assert article.first_seen == NOW


def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="naive datetime"):
        database.write(
            lambda c: store.add_feed(c, FeedSpec("https://a/"), NOW.replace(tzinfo=None))
        )


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moment=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.timezones()),
    title=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40),
)
def test_times_and_texts_come_back_as_they_went_in(
    database: Database, moment: datetime, title: str
) -> None:
    def unit(c: Connection) -> tuple[datetime, str]:
        add = store.add_feed(c, FeedSpec("https://a.example/", title=title), moment)
        feed = store.FEEDS.table
        back = c.execute(feed.select().where(feed.c.id == add)).one()
        c.execute(feed.delete())
        return back.added_at, back.title

    back, back_title = database.write(unit)
    assert back == moment.astimezone(UTC)
    assert back.utcoffset() == timedelta(0)
    assert back_title == title


def test_an_article_is_shown_with_where_it_was_seen_and_what_it_matched(
    database: Database,
) -> None:
    sync(database, [topic(channels=())], [])
    (topic_row,) = database.read(store.enabled_topics)
    add_articles(database, URLS[:2])
    claim = claim_article(database)
    database.write(lambda c: judge(c, ingested(claim, topics=[topic_row.id])))
    by_url = database.read(lambda c: store.show_article(c, claim.url))
    by_id = database.read(lambda c: store.show_article(c, str(claim.id)))
    assert by_url == by_id
    assert [m["topic"] for m in by_url["matches"]] == ["ports"]
    assert [s["guid"] for s in by_url["sightings"]] == [f"guid-{claim.url}"]
    assert by_url["articles_in_story"] == 1
    assert "html" not in by_url


@pytest.mark.parametrize("wanted", ["17", "https://nowhere.example/", "9" * 30, "²", ""])
def test_an_article_that_is_not_there_is_not_found(database: Database, wanted: str) -> None:
    with pytest.raises(NotFoundError, match="articles list"):
        database.read(lambda c: store.show_article(c, wanted))


def test_articles_are_listed_newest_first_by_topic_and_by_feed(database: Database) -> None:
    sync(database, [topic(channels=())], [])
    (topic_row,) = database.read(store.enabled_topics)
    add_articles(database, URLS[:3])
    claim = claim_article(database)
    database.write(lambda c: judge(c, ingested(claim, topics=[topic_row.id])))
    everything = database.read(lambda c: store.list_articles(c, limit=2))
    assert [row["id"] for row in everything] == sorted((r["id"] for r in everything), reverse=True)
    matched = database.read(lambda c: store.list_articles(c, limit=9, topic="ports"))
    assert [(row["id"], row["topics"]) for row in matched] == [(claim.id, ["ports"])]
    feed = "https://feed0.example/rss"
    assert len(database.read(lambda c: store.list_articles(c, limit=9, feed=feed))) == 3
    assert database.read(lambda c: store.list_articles(c, limit=9, feed="https://b/")) == []
