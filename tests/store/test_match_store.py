"""Matches of an article that is read again: what is said anew, and what stays."""

from dataclasses import replace

from tests.store.making import (
    LATER,
    NOW,
    add_articles,
    claim_article,
    ingested,
    judge,
    rows,
    sync,
    topic,
)
from worker import store
from worker.records import TopicMatch
from worker.store import Database

MATCHES = "SELECT score, version, mark FROM topic_match"


def test_an_article_that_is_read_again_keeps_what_an_analyst_said_of_it(database: Database) -> None:
    sync(database, [topic(channels=())], [])
    (known,) = database.read(store.enabled_topics)
    add_articles(database, ["https://site.example/a"])
    first = replace(ingested(claim_article(database), topics=[known.id]), due_at=NOW)
    database.write(lambda c: judge(c, first))
    article = first.claim.id
    assert database.write(lambda c: store.mark_match(c, article, known.spec.name, False, NOW))
    again = replace(ingested(claim_article(database)), matches=(TopicMatch(known.id, (), 7.5),))
    database.write(lambda c: judge(c, again))
    database.write(lambda c: store.settle_matches(c, again, {known.id: known}, LATER))
    ((score, version, mark),) = rows(database, MATCHES)
    assert (score, version, bool(mark), mark is None) == (7.5, known.version, False, False)


def test_an_article_that_is_read_again_and_no_longer_fits_matches_nothing(
    database: Database,
) -> None:
    sync(database, [topic(channels=())], [])
    (known,) = database.read(store.enabled_topics)
    add_articles(database, ["https://site.example/a"])
    first = replace(ingested(claim_article(database), topics=[known.id]), due_at=NOW)
    database.write(lambda c: judge(c, first))
    again = ingested(claim_article(database))
    database.write(lambda c: judge(c, again))
    assert rows(database, MATCHES) == []
