"""Versions of articles in the store: noted on their sightings, kept as revisions, never lost."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.store.making import (
    LATER,
    NOW,
    add_feeds,
    claim_article,
    claim_articles,
    claim_feed,
    count,
    ingested,
    judge,
    rows,
    visit,
)
from worker import store
from worker.errors import Reason
from worker.records import ChangedEntry, ClaimedFeed, Document, Known, NewArticle, Postponed
from worker.store import Database

URL = "https://site.example/story"
GUID = f"guid-{URL}"


def stored(db: Database) -> ClaimedFeed:
    """A feed with one article, whose versions are known."""
    add_feeds(db)
    claim = claim_feed(db)
    (new,) = visit(claim, [URL]).articles
    new = replace(new, title_version="t1", text_version="x1")
    db.write(lambda c: store.settle_visits(c, [replace(visit(claim), articles=(new,))]))
    db.write(lambda c: c.execute(store.FEEDS.table.update().values(due_at=NOW)))
    return claim_feed(db)


def change(db: Database, claim: ClaimedFeed, *changes: ChangedEntry) -> None:
    made = replace(visit(claim, at=LATER), changes=tuple(changes))
    db.write(lambda c: store.settle_visits(c, [made]))


def corrected(**changes: object) -> ChangedEntry:
    made = ChangedEntry(1, GUID, "Corrected", "<p>New</p>", "t2", "x2", title_before="t1")
    return replace(made, **changes)  # type: ignore[arg-type]


def known(db: Database) -> Known:
    return db.read(lambda c: store.known_of(c, 1, [GUID], [URL]))


def read(db: Database, document: Document, *, page: bool = True) -> None:
    """Let the article's due reading end in a verdict on this document."""
    db.write(lambda c: c.execute(store.ARTICLES.table.update().values(due_at=NOW)))
    verdict = replace(ingested(claim_article(db)), document=document)
    verdict = verdict if page else replace(verdict, fetched_at=None)
    db.write(lambda c: judge(c, verdict))


def revisions(db: Database) -> Sequence[object]:
    return rows(db, "SELECT title, text FROM revision ORDER BY id")


def test_a_new_version_is_due_to_be_read_and_its_sighting_knows_it(database: Database) -> None:
    claim = stored(database)
    read(database, Document("Title", "Text"))
    assert claim_articles(database, 9) == []
    change(database, claim, corrected())
    (one,) = known(database).entries.values()
    assert (one.title_version, one.text_version, one.title_before) == ("t2", "x2", "t1")
    assert (one.changes, one.changed_at) == (1, LATER)
    database.write(lambda c: c.execute(store.ARTICLES.table.update().values(due_at=NOW)))
    again = claim_article(database)
    assert (again.title, again.html) == ("Corrected", "<p>New</p>")
    assert again.stored == Document("Title", "Text", authors=())
    assert count(database, "article") == 1


def test_what_is_only_noted_leaves_the_article_alone(database: Database) -> None:
    claim = stored(database)
    read(database, Document("Title", "Text"))
    change(database, claim, corrected(changes=0, only_noted=True))
    (one,) = known(database).entries.values()
    assert (one.title_version, one.changes, one.changed_at) == ("t2", 0, NOW)
    assert rows(database, "SELECT due_at, feed_title FROM article") == [(None, f"Title {URL}")]


def test_a_change_while_its_article_is_being_read_is_not_lost(database: Database) -> None:
    claim = stored(database)
    reading = claim_article(database)
    change(database, claim, corrected())
    assert database.write(lambda c: judge(c, ingested(reading))) is None
    postponed = Postponed(reading, None, Reason.TIMED_OUT, "slow")
    database.write(lambda c: store.postpone_article(c, postponed))
    assert rows(database, "SELECT due_at, page_tries FROM article") != [(None, 0)]
    database.write(lambda c: c.execute(store.ARTICLES.table.update().values(due_at=NOW)))
    assert claim_article(database).title == "Corrected"


def test_the_words_of_a_feed_that_a_page_replaces_are_no_version(database: Database) -> None:
    stored(database)
    read(database, Document("Title", "Few words"), page=False)
    read(database, Document("Title", "The whole text"))
    assert revisions(database) == []


@pytest.mark.parametrize("page", [True, False], ids=["of-the-page", "of-the-feed"])
def test_what_a_correction_replaces_is_kept(database: Database, page: bool) -> None:
    stored(database)
    read(database, Document("Title", "Text"), page=page)
    read(database, Document("Corrected", "Other text"), page=page)
    read(database, Document("Corrected", "Other text"), page=page)
    assert revisions(database) == [("Title", "Text")]


def test_a_headline_corrected_while_the_page_was_away_is_kept_too(database: Database) -> None:
    stored(database)
    read(database, Document("Title", "Few words"), page=False)
    read(database, Document("Corrected", "The whole text"))
    assert revisions(database) == [("Title", "Few words")]


def test_of_several_guids_of_one_article_the_newest_is_known_by_its_url(
    database: Database,
) -> None:
    claim = stored(database)
    first = visit(claim, [URL]).articles[0]
    renamed = NewArticle(URL, replace(first.entry, guid="renamed"), title_version="t2")
    later = replace(visit(claim, at=NOW + timedelta(minutes=5)), articles=(renamed,))
    database.write(lambda c: store.settle_visits(c, [later]))
    assert count(database, "article") == 1
    assert known(database).urls[URL].guid == "renamed"
