"""Copies become one story, at whatever moment they come in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.making import (
    LATER,
    NOW,
    TEXT_KEY,
    add_articles,
    at_once,
    claim_article,
    claim_articles,
    count,
    ingested,
    judge,
    rows,
    sync,
    topic,
)
from worker import store
from worker.errors import Reason
from worker.records import ClaimedArticle, Postponed
from worker.store import Database
from worker.store.alike import _advisory

URLS = [f"https://site{i}.example/story" for i in range(8)]


def _claim_all(db: Database) -> list[ClaimedArticle]:
    return claim_articles(db, 100)


def test_copies_that_are_judged_at_the_same_moment_join_one_story(database: Database) -> None:
    add_articles(database, URLS)

    def work(claim: ClaimedArticle) -> int | None:
        return database.write(lambda c: judge(c, ingested(claim)))

    assert len(set(at_once(work, _claim_all(database)))) == 1
    assert rows(database, "SELECT article_count FROM story") == [(len(URLS),)]
    assert count(database, "article", "joined_by = 'first'") == 1
    assert count(database, "article", "joined_by = 'same-text'") == len(URLS) - 1


def test_other_texts_at_the_same_moment_become_stories_of_their_own(database: Database) -> None:
    add_articles(database, URLS)

    def work(claim: ClaimedArticle) -> int | None:
        return database.write(lambda c: judge(c, ingested(claim, text_key=f"{claim.id:032x}")))

    assert len(set(at_once(work, _claim_all(database)))) == len(URLS)


def test_articles_without_text_are_never_copies(database: Database) -> None:
    add_articles(database, URLS[:2])
    for claim in _claim_all(database):
        database.write(lambda c, claim=claim: judge(c, ingested(claim, text_key=None)))  # type: ignore[misc]
    assert count(database, "story") == 2


def test_a_text_was_told_only_once_its_article_is_settled(database: Database) -> None:
    add_articles(database, URLS[:2])
    claim, other = claim_articles(database, 2)
    assert database.read(lambda c: store.told_before(c, ingested(other))) == []
    story_id = database.write(lambda c: judge(c, ingested(claim)))
    (told,) = database.read(lambda c: store.told_before(c, ingested(other)))
    assert (told.article_id, told.story_id, told.published) == (claim.id, story_id, NOW)


def test_settling_an_article_twice_is_settling_it_once(database: Database) -> None:
    add_articles(database, URLS[:1])
    read = ingested(claim_article(database))
    database.write(lambda c: judge(c, read))
    before = [rows(database, f"SELECT * FROM {table}") for table in ("article", "story")]
    assert database.write(lambda c: judge(c, read, LATER)) is None
    assert [rows(database, f"SELECT * FROM {table}") for table in ("article", "story")] == before


def test_a_page_that_comes_late_changes_the_text_and_not_the_story(database: Database) -> None:
    sync(database, [topic("ports", channels=()), topic("ships", channels=())], [])
    ports, ships = database.read(store.enabled_topics)
    add_articles(database, URLS[:1])
    claim = claim_article(database)
    first = database.write(lambda c: judge(c, ingested(claim, topics=[ports.id])))
    database.write(lambda c: c.execute(store.ARTICLES.table.update().values(due_at=NOW)))
    again = claim_article(database)
    assert again.story_id == first
    read = ingested(again, text_key="ab" * 16, topics=[ports.id, ships.id])
    assert database.write(lambda c: judge(c, read, LATER)) == first
    assert count(database, "story") == 1
    assert count(database, "topic_match") == 2
    (article,) = database.read(lambda c: store.list_articles(c, limit=5))
    assert article["topics"] == ["ports", "ships"]
    assert rows(database, "SELECT page_tries, attempts, due_at FROM article") == [(2, 0, None)]


def test_a_page_that_fails_again_leaves_the_stored_text(database: Database) -> None:
    add_articles(database, URLS[:1])
    claim = claim_article(database)
    database.write(lambda c: judge(c, ingested(claim)))
    database.write(lambda c: c.execute(store.ARTICLES.table.update().values(due_at=NOW)))
    again = claim_article(database)
    postponed = Postponed(again, None, Reason.TIMED_OUT, "slow")
    database.write(lambda c: store.postpone_article(c, postponed))
    stored = "SELECT text, reason, page_tries, leased_until FROM article"
    assert rows(database, stored) == [("All of the text", "timed-out", 2, None)]
    assert claim_articles(database, 9) == []


@pytest.mark.parametrize("keys", [[], [TEXT_KEY, TEXT_KEY], ["f" * 32, "0" * 32, None]])
def test_any_identities_can_be_locked(database: Database, keys: list[str | None]) -> None:
    add_articles(database, URLS[:1])
    claim = claim_article(database)
    read = [ingested(claim, text_key=key) for key in keys]
    database.write(lambda c: store.lock_identities(c, read))


@given(st.binary(min_size=16, max_size=16))
def test_every_key_makes_a_lock_that_fits_the_database(key: bytes) -> None:
    assert -(2**63) <= _advisory(key.hex()) < 2**63
