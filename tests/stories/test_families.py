"""Copies find their story in whatever order they come, and people have the last word."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.store.making import NOW, count, rows
from tests.stories.texts import (
    FERRY,
    FROST,
    HARBOUR,
    HEADLINES,
    LANGUAGES,
    ORCHARD,
    article,
    stories,
    strangers,
)
from worker import store, upkeep
from worker.clustering import cluster
from worker.errors import NotFoundError
from worker.store import Database
from worker.store.near import COMMON, SLICES

DAY = timedelta(days=1)
FAMILY = (
    article("whole", HARBOUR),
    article("cut", HARBOUR[:6], published=NOW + timedelta(hours=1)),
    article("teaser", HARBOUR[:3]),
    article("reordered", [*HARBOUR[4:], *HARBOUR[:4]]),
    article("led", [ORCHARD[0], *HARBOUR], "Ferry terminal closes for two winters"),
)


@pytest.mark.parametrize("seed", range(4))
def test_copies_are_one_story_in_whatever_order_they_come(database: Database, seed: int) -> None:
    told = [*FAMILY, article("other", ORCHARD, FROST)]
    random.Random(seed).shuffle(told)
    placed = stories(database, *told, group=1 + seed)
    assert len({placed[one.id].story for one in FAMILY}) == 1
    assert placed["other"].story != placed["whole"].story


@pytest.mark.parametrize("language", LANGUAGES)
def test_copies_are_found_in_any_language(database: Database, language: str) -> None:
    lines, title = LANGUAGES[language], HEADLINES[language]
    placed = stories(
        database,
        article("whole", lines, title),
        article("cut", lines[:4], title),
        article("other", HARBOUR),
    )
    assert placed["cut"].story == placed["whole"].story != placed["other"].story
    assert placed["cut"].relation == "copy"


def test_why_an_article_is_in_its_story_is_kept(database: Database) -> None:
    placed = stories(database, *FAMILY[:3])
    shown = database.read(lambda db: store.show_story(db, placed["whole"].story))
    told = {m["publisher"]: m for m in shown["members"]}
    assert told["whole.example"]["joined_by"] == "first"
    cut, teaser = told["cut.example"], told["teaser.example"]
    assert (cut["joined_by"], cut["relation"]) == ("near-copy", "copy")
    assert (cut["contained"], cut["joined_id"]) == (1.0, told["whole.example"]["id"])
    assert 0.6 < cut["contains"] < 0.9
    assert teaser["relation"] == "excerpt"
    assert teaser["contained"] > 0.9, "all but its headline"
    assert shown["publishers"] == ["cut.example", "teaser.example", "whole.example"]


def test_the_earliest_published_leads_whenever_it_came(database: Database) -> None:
    early = article("early", HARBOUR[:7], "Ferry terminal to close", published=NOW - DAY)
    placed = stories(database, *FAMILY[:2], early)
    (row,) = rows(database, "SELECT canonical_id, title, article_count FROM story")
    (first,) = rows(database, "SELECT id FROM article WHERE title = 'Ferry terminal to close'")
    assert row == (first[0], "Ferry terminal to close", 3)
    assert len({one.story for one in placed.values()}) == 1


def test_of_articles_of_one_moment_the_first_stored_leads(database: Database) -> None:
    stories(database, article("one", HARBOUR), article("two", HARBOUR[:7]))
    assert rows(database, "SELECT canonical_id FROM story") == rows(
        database, "SELECT min(id) FROM article"
    )


@pytest.mark.parametrize(("days", "together"), [(2, True), (4, False)])
def test_a_near_copy_of_another_week_is_another_story(
    database: Database, days: int, together: bool
) -> None:
    late = article("late", HARBOUR[:7], published=NOW + days * DAY)
    placed = stories(database, article("early", HARBOUR), late)
    assert (placed["late"].story == placed["early"].story) is together


def test_an_old_article_published_again_is_recognised_for_ever(database: Database) -> None:
    old = article("old", HARBOUR, published=NOW - 400 * DAY)
    again = article("again", HARBOUR, published=NOW)
    placed = stories(database, old)
    for number in range(SLICES):
        database.write(lambda db, n=number: store.purge_hashes(db, NOW - 14 * DAY, n))  # type: ignore[misc]
    assert count(database, "kept_hash") == 0
    placed |= stories(database, again)
    assert placed["again"].story == placed["old"].story
    assert rows(database, "SELECT joined_by FROM article ORDER BY id")[1] == ("same-text",)


def test_the_same_address_is_the_same_article(database: Database) -> None:
    url = "https://press.example/ferry?utm_source=feed"
    placed = stories(
        database, article("one", HARBOUR, url=url), article("two", ORCHARD, FROST, url=url)
    )
    assert placed["one"].story == placed["two"].story
    assert count(database, "article") == 1


def test_a_quoted_wire_is_linked_and_its_story_stays_its_own(database: Database) -> None:
    wire = article("wire", HARBOUR[:4])
    host = article("host", [*ORCHARD, *LANGUAGES["tr"], *LANGUAGES["ru"], *HARBOUR[:4]], FROST)
    placed = stories(database, wire, host)
    assert placed["wire"].story != placed["host"].story
    (quote,) = database.read(lambda db: store.show_story(db, placed["wire"].story))["quotes"]
    assert (quote["title"], quote["share"]) == (FROST, 1.0)


def test_an_article_that_quotes_another_does_not_glue_their_stories(database: Database) -> None:
    update = article("update", [*HARBOUR, *ORCHARD[:3]])
    told = [
        *FAMILY[:3],
        update,
        article("frost", ORCHARD, FROST),
        article("cut2", ORCHARD[:5], FROST),
    ]
    placed = stories(database, *told)
    assert placed["update"].story == placed["whole"].story
    assert placed["frost"].story == placed["cut2"].story != placed["whole"].story


def test_a_story_is_in_the_index_once_however_many_copies_it_has(database: Database) -> None:
    stories(database, article("first", HARBOUR))
    once = count(database, "kept_hash")
    placed = stories(
        database, *(article(f"copy{n}", HARBOUR, source=f"p{n}.example") for n in range(9))
    )
    assert count(database, "kept_hash") == once
    assert len({one.story for one in placed.values()}) == 1


def test_a_hash_that_many_stories_know_is_kept_no_more(database: Database) -> None:
    told = [
        replace(one, text=f"{one.text}\n" + "\n".join(LANGUAGES["el"])) for one in strangers(12)
    ]
    placed = stories(database, *told)
    assert len({one.story for one in placed.values()}) == 12
    most = rows(database, "SELECT count(*) AS n FROM kept_hash GROUP BY hash ORDER BY n DESC")
    assert most[0] == (COMMON + 1,)


def test_furniture_is_still_known_once_those_that_showed_it_are_old(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.store.near._STALE", 20)
    furniture = "\n".join(LANGUAGES["el"])
    told = [replace(one, text=f"{one.text}\n{furniture}") for one in strangers(60)]
    stories(database, *told)
    common = "SELECT min(article_id) FROM kept_hash GROUP BY hash HAVING count(*) > 5"
    assert min(int(str(row[0])) for row in rows(database, common)) > 20


# ---- what people say


def test_what_a_person_splits_stays_apart(database: Database) -> None:
    placed = stories(database, *FAMILY)
    (cut,) = rows(database, "SELECT article_id FROM membership WHERE publisher = 'cut.example'")
    old = placed["whole"].story
    new = database.write(lambda db: store.split_story(db, old, [cut[0]], NOW))  # type: ignore[list-item]
    more = stories(database, *(article(f"more{n}", HARBOUR[: 8 - n]) for n in range(4)))
    assert {one.story for one in more.values()} <= {old, new}
    assert rows(database, f"SELECT merged_into FROM story WHERE id IN ({old}, {new})") == [
        (None,), (None,),
    ]  # fmt: skip
    members = database.read(lambda db: store.show_story(db, new))["members"]
    assert {m["joined_by"] for m in members if m["id"] == cut[0]} == {"by-hand"}


def test_what_a_person_merges_is_one_under_both_numbers(database: Database) -> None:
    placed = stories(database, *FAMILY[:2], article("frost", ORCHARD, FROST))
    one, other = placed["whole"].story, placed["frost"].story
    kept = database.write(lambda db: store.merge_by_hand(db, [other, one], NOW))
    assert kept == min(one, other)
    for number in (one, other):
        assert len(database.read(lambda db, n=number: store.show_story(db, n))["members"]) == 3  # type: ignore[misc]
    again = stories(database, article("late", ORCHARD[:6], FROST))
    assert again["late"].story == kept


def test_a_split_can_be_taken_back(database: Database) -> None:
    placed = stories(database, *FAMILY)
    (cut,) = rows(database, "SELECT article_id FROM membership WHERE publisher = 'cut.example'")
    old = placed["whole"].story
    new = database.write(lambda db: store.split_story(db, old, [cut[0]], NOW))  # type: ignore[list-item]
    assert database.write(lambda db: store.merge_by_hand(db, [old, new], NOW)) == old
    assert count(database, "stories_apart") == 0
    assert count(database, "membership", "pinned") == len(FAMILY)


@pytest.mark.parametrize("articles", [[], [999_999], None])
def test_a_split_that_makes_no_sense_is_refused(
    database: Database, articles: list[int] | None
) -> None:
    placed = stories(database, *FAMILY[:2])
    every = [int(str(row[0])) for row in rows(database, "SELECT id FROM article")]
    wanted = every if articles is None else articles
    with pytest.raises(NotFoundError):
        database.write(lambda db: store.split_story(db, placed["whole"].story, wanted, NOW))


def test_a_story_that_is_not_there_is_told(database: Database) -> None:
    with pytest.raises(NotFoundError, match="No story 77"):
        database.read(lambda db: store.show_story(db, 77))


# ---- lists


def test_stories_are_listed_by_how_many_publishers_tell_them(database: Database) -> None:
    stories(database, article("frost", ORCHARD, FROST), *FAMILY)
    one, other = database.read(lambda db: store.list_stories(db, limit=5))
    assert (one["title"], one["publishers"], one["independent"]) == (FERRY, 5, 5)
    assert (other["title"], other["publishers"]) == (FROST, 1)
    assert database.read(lambda db: store.list_stories(db, limit=5, since=NOW + DAY)) == []
    assert database.read(lambda db: store.list_stories(db, limit=5, topic="none")) == []


def test_an_agencys_customers_are_one_voice(database: Database) -> None:
    wired = [f"GENEVA (Reuters) - {HARBOUR[0]}", *HARBOUR[1:]]
    told = [article(f"paper{n}", wired[: 8 - n]) for n in range(3)]
    placed = stories(database, *told)
    shown = database.read(lambda db: store.show_story(db, placed["paper0"].story))
    assert (shown["origin"], len(shown["publishers"]), shown["independent"]) == ("Reuters", 3, 1)
    (row,) = database.read(lambda db: store.list_stories(db, limit=5))
    assert (row["publishers"], row["independent"], row["origin"]) == (3, 1, "Reuters")


# ---- upkeep


def test_only_what_has_left_the_window_is_forgotten(database: Database) -> None:
    stories(database, article("old", ORCHARD, FROST, published=NOW - 15 * DAY), *FAMILY[:1])
    before = count(database, "kept_hash")
    forgotten = sum(
        upkeep.purge(database, NOW + timedelta(minutes=n), 14, 64) for n in range(SLICES // 64)
    )
    assert 0 < forgotten < before
    assert count(database, "kept_hash") == before - forgotten
    placed = stories(database, article("again", HARBOUR[:7]))
    assert placed["again"].relation == "copy"
    assert count(database, "article") == 3


def test_copies_that_slipped_past_each_other_are_reunited(database: Database) -> None:
    for one in FAMILY[:2]:  # as if neither transaction had seen the other's hashes
        held = rows(database, "SELECT hash, article_id FROM kept_hash")
        database.write(lambda db: db.exec_driver_sql("DELETE FROM kept_hash"))
        cluster(database, [one], NOW)
        for pair in held:
            values = f"INSERT INTO kept_hash VALUES ({pair[0]}, {pair[1]}) ON CONFLICT DO NOTHING"
            database.write(lambda db, sql=values: db.exec_driver_sql(sql))  # type: ignore[misc]
    assert count(database, "story") == 2
    assert upkeep.reunite(database, NOW - DAY, NOW) == 1
    assert rows(database, "SELECT article_count FROM story WHERE merged_into IS NULL") == [(2,)]
    assert upkeep.reunite(database, NOW - DAY, NOW) == 0
