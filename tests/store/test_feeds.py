"""Feeds: what the file lists is watched, what people add by command stays."""

from dataclasses import replace

import pytest
from sqlalchemy import Connection, text

from tests.store.making import (
    NOW,
    add_feeds,
    at_once,
    claim_feed,
    count,
    rows,
    visit,
)
from worker import store
from worker.errors import ConflictError, NotFoundError, Reason
from worker.records import FeedSpec
from worker.store import Database

A, B, C = (FeedSpec(f"https://{name}.example/rss") for name in "abc")


def _sync(db: Database, *specs: FeedSpec) -> dict[str, int]:
    return db.write(lambda c: store.sync_feeds(c, specs, NOW))


def _watched(db: Database) -> list[str]:
    return [row["url"] for row in db.read(store.list_feeds)]


def test_the_file_decides_which_feeds_are_watched(database: Database) -> None:
    assert _sync(database, A, B) == {"added": 2, "dropped": 0}
    assert _sync(database, B, C) == {"added": 1, "dropped": 1}
    assert _watched(database) == [B.url, C.url]


def test_the_same_file_again_changes_nothing(database: Database) -> None:
    _sync(database, A, B)
    before = rows(database, "SELECT * FROM feed ORDER BY id")
    assert _sync(database, A, B) == {"added": 0, "dropped": 0}
    assert rows(database, "SELECT * FROM feed ORDER BY id") == before


def test_a_feed_listed_twice_is_watched_once(database: Database) -> None:
    assert _sync(database, A, A)["added"] == 1


def test_a_feed_that_comes_back_goes_on_with_its_history(database: Database) -> None:
    _sync(database, A)
    claim = claim_feed(database)
    database.write(lambda c: store.settle_visits(c, [visit(claim, ["https://a.example/1"])]))
    _sync(database)
    assert _watched(database) == []
    _sync(database, A)
    assert rows(database, "SELECT id, polls, etag, enabled FROM feed") == [
        (claim.id, 1, '"v1"', True)
    ]
    assert count(database, "sighting") == 1


def test_a_new_title_in_the_file_is_taken_over_and_an_empty_one_is_not(
    database: Database,
) -> None:
    _sync(database, FeedSpec(A.url, title="Ours", category="ports"))
    _sync(database, FeedSpec(A.url, title="", category="ships"))
    assert rows(database, "SELECT title, category FROM feed") == [("Ours", "ships")]
    _sync(database, FeedSpec(A.url, title="Theirs", category="ships"))
    assert rows(database, "SELECT title FROM feed") == [("Theirs",)]


def test_the_operators_title_stands_against_the_feeds_own(database: Database) -> None:
    _sync(database, FeedSpec(A.url, title="Ours"))
    claim = claim_feed(database)
    found = replace(visit(claim), title="Own", site_url="https://a/")
    database.write(lambda c: store.settle_visits(c, [found]))
    assert rows(database, "SELECT title, site_url FROM feed") == [("Ours", "https://a/")]


def test_a_feed_added_by_command_survives_the_file(database: Database) -> None:
    database.write(lambda c: store.add_feed(c, A, NOW))
    _sync(database, B)
    assert _watched(database) == [A.url, B.url]
    # until the file lists it too: from then on the file decides
    _sync(database, A, B)
    _sync(database, B)
    assert _watched(database) == [B.url]


def test_a_feed_cannot_be_added_twice(database: Database) -> None:
    feed_id = database.write(lambda c: store.add_feed(c, A, NOW))
    with pytest.raises(ConflictError, match=rf"{A.url} is watched already \(feed {feed_id}\)"):
        database.write(lambda c: store.add_feed(c, A, NOW))


def test_a_feed_added_by_two_people_at_once_is_added_by_one(database: Database) -> None:
    def add(_person: int) -> bool:
        try:
            database.write(lambda c: store.add_feed(c, A, NOW))
        except ConflictError:
            return False
        return True

    assert sorted(at_once(add, range(4))) == [False, False, False, True]


def test_processes_that_apply_a_file_at_once_apply_it_once(database: Database) -> None:
    added = at_once(lambda _number: _sync(database, A, B, C)["added"], range(4))
    assert sorted(added) == [0, 0, 0, 3]


def test_a_feed_that_was_stopped_goes_on_when_added_again(database: Database) -> None:
    _sync(database, A)
    claim = claim_feed(database)
    gone = replace(visit(claim), status=410, reason=Reason.GONE, stopped=True)
    database.write(lambda c: store.settle_visits(c, [gone]))
    assert database.read(store.overview).feeds_stopped == 1
    assert database.write(lambda c: store.add_feed(c, A, NOW)) == claim.id
    assert claim_feed(database).id == claim.id
    (shown,) = database.read(store.list_feeds)
    assert (shown["stopped"], shown["reason"], shown["source"]) == (False, None, "command")


def test_a_feed_added_by_command_can_be_removed_and_keeps_its_articles(
    database: Database,
) -> None:
    database.write(lambda c: store.add_feed(c, A, NOW))
    claim = claim_feed(database)
    database.write(lambda c: store.settle_visits(c, [visit(claim, ["https://a.example/1"])]))
    database.write(lambda c: store.remove_feed(c, A.url))
    assert _watched(database) == []
    assert count(database, "article") == 1


def test_a_feed_of_the_file_is_removed_in_the_file(database: Database) -> None:
    _sync(database, A)
    with pytest.raises(ConflictError, match=r"feeds\.opml"):
        database.write(lambda c: store.remove_feed(c, A.url))


def test_a_feed_that_is_not_watched_cannot_be_removed(database: Database) -> None:
    with pytest.raises(NotFoundError, match="feeds list"):
        database.write(lambda c: store.remove_feed(c, A.url))


def test_the_overview_counts_what_is_watched(database: Database) -> None:
    add_feeds(database, 4)

    def unit(c: Connection) -> None:
        c.execute(text("UPDATE feed SET failures = 2, polls = 5 WHERE id = 1"))
        c.execute(text("UPDATE feed SET enabled = false WHERE id = 2"))

    database.write(unit)
    seen = database.read(store.overview)
    assert (seen.feeds, seen.feeds_failing, seen.feeds_stopped, seen.polls) == (3, 1, 0, 5)
    assert seen.queues["poll"].due == 3
