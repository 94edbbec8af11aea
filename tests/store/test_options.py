"""Options of feeds: by address or by site, kept in step with the file."""

import pytest

from tests.store.making import NOW, claim_article, claim_feed, visit
from worker import store
from worker.feed_options import PLAIN, FeedOptions
from worker.records import FeedSpec, OptionsSpec
from worker.store import Database

SECRET, SLOW, QUIET = (
    FeedOptions(cookie="session=${KEY}"),
    FeedOptions(headers=(("X-A", "b"), ("X-C", "d"))),
    FeedOptions(full_text=False),
)
SPECS = [
    OptionsSpec(QUIET, site="example.org"),
    OptionsSpec(SLOW, site="news.example.org"),
    OptionsSpec(SECRET, feed="https://news.example.org/own"),
    OptionsSpec(QUIET, site="localhost"),
]


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("https://news.example.org/own", SECRET),
        ("https://news.example.org/other", SLOW),
        ("https://a.news.example.org/", SLOW),
        ("https://EXAMPLE.org/feed", QUIET),
        ("https://www.example.org:8080/feed", QUIET),
        ("http://localhost:8080/feed", QUIET),
        ("https://notexample.org/", PLAIN),
        ("https://example.org.evil.test/", PLAIN),
        ("https://other.test/", PLAIN),
    ],
)
def test_whose_options_they_are(url: str, options: FeedOptions) -> None:
    assert store.options_for(url, SPECS) == options


def sync(db: Database, urls: list[str], options: list[OptionsSpec]) -> None:
    specs = [FeedSpec(url) for url in urls]
    db.write(lambda c: store.sync_feeds(c, specs, NOW, options))


def stored(db: Database) -> dict[str, FeedOptions]:
    rows = db.read(store.list_feeds)
    return {row["url"]: FeedOptions.from_json(row["options"]) for row in rows}


def test_options_come_change_and_go_with_the_file(database: Database) -> None:
    one, two = "https://one.example/", "https://two.example/"
    sync(database, [one, two], [OptionsSpec(SLOW, feed=one)])
    assert stored(database) == {one: SLOW, two: PLAIN}
    sync(database, [one, two], [OptionsSpec(QUIET, site="one.example"), OptionsSpec(SLOW, two)])
    assert stored(database) == {one: QUIET, two: SLOW}
    sync(database, [one, two], [])
    assert stored(database) == {one: PLAIN, two: PLAIN}


def test_feeds_that_were_added_by_command_have_options_too(database: Database) -> None:
    url = "https://one.example/"
    database.write(lambda c: store.add_feed(c, FeedSpec(url), NOW))
    sync(database, [], [OptionsSpec(SLOW, site="one.example")])
    assert stored(database) == {url: SLOW}


def test_a_claim_brings_the_options_of_the_feed_and_its_articles(database: Database) -> None:
    url = "https://one.example/"
    sync(database, [url], [OptionsSpec(SECRET, feed=url)])
    feed = claim_feed(database)
    assert feed.options == SECRET
    page = "https://pages.test/1"
    database.write(lambda c: store.settle_visits(c, [visit(feed, [page])]))
    article = claim_article(database)
    assert (article.options, article.home) == (SECRET, url)
