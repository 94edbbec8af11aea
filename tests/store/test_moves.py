"""Feeds that move, onto free addresses and onto watched ones: nothing of their history is lost."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.store.making import (
    LATER,
    NOW,
    at_once,
    claim_feed,
    claim_feeds,
    count,
    entry,
    rows,
    visit,
)
from worker import store
from worker.errors import ConflictError, NotFoundError, Reason
from worker.feed_options import FeedOptions
from worker.records import ClaimedFeed, FeedMemory, FeedSpec, FeedVisit, NewArticle, OptionsSpec
from worker.store import Database

OLD, NEW, THIRD = (f"https://{name}.example/feed" for name in ("old", "new", "third"))


def add(db: Database, *urls: str) -> None:
    for url in urls:
        db.write(lambda c, url=url: store.add_feed(c, FeedSpec(url), NOW))  # type: ignore[misc]


def sync(db: Database, *urls: str, options: Sequence[OptionsSpec] = ()) -> dict[str, int]:
    return db.write(lambda c: store.sync_feeds(c, [FeedSpec(u) for u in urls], NOW, options))


def claim(db: Database, url: str) -> ClaimedFeed:
    """Claim the feed at this address, whatever else is due."""
    due = store.FEEDS.table.update().values(due_at=NOW, leased_until=None)
    db.write(lambda c: c.execute(due))
    put_off = store.FEEDS.table.c.url != url
    db.write(lambda c: c.execute(store.FEEDS.table.update().where(put_off).values(due_at=LATER)))
    return claim_feed(db)


def settle(db: Database, *visits: FeedVisit) -> None:
    db.write(lambda c: store.settle_visits(c, visits))


def bring(db: Database, url: str, *guids: str, minutes: int = 0) -> None:
    """Let the feed at `url` bring these guids, each of an article named after it."""
    polled = visit(claim(db, url), at=NOW + timedelta(minutes=minutes))
    articles = tuple(
        NewArticle(f"https://site.example/{guid.rpartition('=')[2]}", entry(guid, guid=guid))
        for guid in guids
    )
    settle(db, replace(polled, articles=articles))


def move(db: Database, url: str, to: str) -> None:
    settle(db, replace(visit(claim(db, url)), move_to=to))


def watched(db: Database) -> dict[str, list[str]]:
    return {row["url"]: row["former_urls"] for row in db.read(store.list_feeds)}


def sightings(db: Database) -> list[tuple[object, ...]]:
    return rows(
        db,
        "SELECT feed.url, guid, article.url FROM sighting JOIN feed ON feed.id = sighting.feed_id"
        " JOIN article ON article.id = article_id ORDER BY guid",
    )


# ---- to a free address


def test_a_feed_that_moves_keeps_what_it_is(database: Database) -> None:
    add(database, OLD)
    bring(database, OLD, "1", "2")
    (before,) = rows(database, "SELECT id, polls, etag, changed_at FROM feed")
    move(database, OLD, NEW)
    assert watched(database) == {NEW: [OLD]}
    (after,) = rows(database, "SELECT id, polls - 1, etag, changed_at FROM feed")
    assert after == before
    assert rows(database, "SELECT host FROM feed") == [("new.example",)]
    assert count(database, "sighting") == 2


def test_a_feed_that_moves_on_is_known_by_all_its_addresses(database: Database) -> None:
    add(database, OLD)
    move(database, OLD, NEW)
    move(database, NEW, THIRD)
    assert watched(database) == {THIRD: [OLD, NEW]}


def test_a_feed_that_moves_back_is_watched_at_its_old_address(database: Database) -> None:
    add(database, OLD)
    move(database, OLD, NEW)
    move(database, NEW, OLD)
    assert watched(database) == {OLD: [NEW]}


def test_a_worker_that_lost_its_lease_moves_nothing(database: Database) -> None:
    add(database, OLD)
    late = claim(database, OLD)
    claim(database, OLD)
    settle(database, replace(visit(late), move_to=NEW))
    assert watched(database) == {OLD: []}


def test_a_stranger_at_a_former_address_takes_it_over(database: Database) -> None:
    add(database, OLD, THIRD)
    move(database, OLD, NEW)
    move(database, THIRD, OLD)
    assert watched(database) == {NEW: [], OLD: [THIRD]}


# ---- onto a watched feed


@pytest.mark.parametrize("older", [OLD, NEW])
def test_two_feeds_become_one_with_the_history_of_both(database: Database, older: str) -> None:
    for url in (older, NEW if older == OLD else OLD):
        add(database, url)
    bring(database, OLD, "only=old", "both=both")
    bring(database, NEW, "both=both", "only=new", minutes=5)
    move(database, OLD, NEW)
    assert watched(database) == {NEW: [OLD]}
    assert sightings(database) == [
        (NEW, "both=both", "https://site.example/both"),
        (NEW, "only=new", "https://site.example/new"),
        (NEW, "only=old", "https://site.example/old"),
    ]
    assert count(database, "article", "feed_id = (SELECT id FROM feed)") == 3
    assert rows(database, "SELECT polls FROM feed") == [(3,)]
    both = database.read(lambda c: store.show_article(c, "https://site.example/both"))
    assert [one["seen_at"] for one in both["sightings"]] == [NOW]


def test_a_guid_that_meant_two_articles_loses_neither_sighting(database: Database) -> None:
    add(database, OLD, NEW)
    (old_id,) = rows(database, f"SELECT id FROM feed WHERE url = '{OLD}'")[0]
    bring(database, OLD, "1")
    polled = visit(claim(database, NEW))
    other = NewArticle("https://site.example/other", entry("1", guid="1"))
    settle(database, replace(polled, articles=(other,)))
    move(database, OLD, NEW)
    assert sightings(database) == [
        (NEW, "1", "https://site.example/other"),
        (NEW, f"1#{old_id}", "https://site.example/1"),
    ]


def test_troubles_and_counts_are_added_up(database: Database) -> None:
    add(database, OLD, NEW)
    for url, at in ((OLD, NOW), (NEW, LATER), (OLD, NOW + timedelta(hours=1))):
        failed = replace(visit(claim(database, url), at=at), reason=Reason.TIMED_OUT)
        settle(database, failed)
    settle(database, replace(visit(claim(database, OLD)), reason=Reason.TLS_FAILED))
    for url, lies in ((OLD, 2), (NEW, 3)):
        memory = FeedMemory(false_304s=lies, gaps=1)
        settle(database, replace(visit(claim(database, url)), memory=memory))
    done = replace(
        visit(claim(database, OLD)), memory=FeedMemory(false_304s=2, gaps=1), move_to=NEW
    )
    settle(database, done)
    found = database.read(lambda c: store.find_feed(c, OLD))
    assert found is not None
    assert (found["url"], found["false_304s"], found["gaps"]) == (NEW, 5, 2)
    told = {t["reason"]: (t["count"], t["first_at"], t["last_at"]) for t in found["troubles"]}
    assert told == {
        Reason.TIMED_OUT: (3, NOW, LATER),
        Reason.TLS_FAILED: (1, NOW, NOW),
    }


def test_former_addresses_of_both_lead_to_the_one(database: Database) -> None:
    add(database, "https://older.example/feed", NEW)
    move(database, "https://older.example/feed", OLD)
    move(database, OLD, NEW)
    assert watched(database) == {NEW: ["https://older.example/feed", OLD]}


def test_whoever_polls_the_other_feed_meanwhile_goes_on_with_it(database: Database) -> None:
    add(database, OLD, NEW)
    bring(database, OLD, "1", "2")
    mine, other = sorted(claim_feeds_due(database), key=lambda one: one.url != OLD)
    settle(database, replace(visit(mine), move_to=NEW))
    brought = tuple(NewArticle(f"https://site.example/{n}", entry(n, guid=n)) for n in "23")
    settle(database, replace(visit(other), articles=brought))
    assert [guid for _, guid, _ in sightings(database)] == ["1", "2", "3"]
    assert count(database, "article") == 3
    assert watched(database) == {NEW: [OLD]}


def claim_feeds_due(db: Database) -> list[ClaimedFeed]:
    due = store.FEEDS.table.update().values(due_at=NOW, leased_until=None)
    db.write(lambda c: c.execute(due))
    return claim_feeds(db, 9)


def test_whoever_still_polls_the_feed_that_is_no_more_writes_nothing(database: Database) -> None:
    add(database, OLD, NEW)
    late = claim(database, OLD)
    move(database, OLD, NEW)
    new = NewArticle("https://site.example/late", entry("late"))
    settle(database, replace(visit(late), articles=(new,), reason=Reason.TIMED_OUT))
    assert (count(database, "article"), count(database, "feed_trouble")) == (0, 0)


def test_three_feeds_that_move_to_one_address_at_once_become_one(database: Database) -> None:
    add(database, OLD, NEW, THIRD)
    held = [one for one in claim_feeds_due(database) if one.url != NEW]

    def settled(one: ClaimedFeed) -> None:
        settle(database, replace(visit(one), move_to=NEW))

    at_once(settled, held)
    assert {url: sorted(former) for url, former in watched(database).items()} == {
        NEW: sorted([OLD, THIRD])
    }


def test_two_feeds_that_move_to_one_free_address_in_one_go_become_one(database: Database) -> None:
    add(database, OLD, THIRD)
    settle(database, *(replace(visit(one), move_to=NEW) for one in claim_feeds_due(database)))
    assert {url: sorted(former) for url, former in watched(database).items()} == {
        NEW: sorted([OLD, THIRD])
    }


def test_a_stopped_or_failing_feed_goes_on_once_another_has_moved_onto_it(
    database: Database,
) -> None:
    add(database, OLD, NEW)
    gone = replace(visit(claim(database, NEW)), stopped=True, failures=3, reason=Reason.GONE)
    settle(database, gone)
    move(database, OLD, NEW)
    (shown,) = database.read(store.list_feeds)
    assert (shown["stopped"], shown["failures"], shown["reason"]) == (False, 0, None)


def test_a_feed_that_was_dropped_from_the_file_does_not_drop_the_one_that_moves_onto_it(
    database: Database,
) -> None:
    sync(database, NEW)
    sync(database)
    add(database, OLD)
    move(database, OLD, NEW)
    sync(database)
    assert watched(database) == {NEW: [OLD]}


def test_the_feed_goes_on_with_a_gap_that_is_being_filled(database: Database) -> None:
    add(database, OLD, NEW)
    gap = FeedMemory(
        backfill=("https://old.example/2",), backfill_left=3, gap_from=NOW, gap_to=LATER
    )
    settle(database, replace(visit(claim(database, OLD)), memory=gap, move_to=NEW))
    assert claim(database, NEW).memory.backfill == gap.backfill


# ---- what people and files say


@pytest.mark.parametrize("listed", [(OLD,), (NEW,), (OLD, NEW), (NEW, OLD)])
def test_a_file_may_list_the_old_address_the_new_one_or_both(
    database: Database, listed: tuple[str, ...]
) -> None:
    sync(database, OLD)
    move(database, OLD, NEW)
    assert sync(database, *listed) == {"added": 0, "dropped": 0}
    assert watched(database) == {NEW: [OLD]}
    assert sync(database) == {"added": 0, "dropped": 1}


def test_what_the_file_says_of_the_present_address_has_the_last_word(database: Database) -> None:
    sync(database, OLD)
    move(database, OLD, NEW)
    specs = [FeedSpec(NEW, "Present"), FeedSpec(OLD, "Former")]
    database.write(lambda c: store.sync_feeds(c, specs, NOW))
    assert rows(database, "SELECT title FROM feed") == [("Present",)]


def test_a_file_that_lists_both_of_two_feeds_that_became_one_keeps_it(database: Database) -> None:
    sync(database, OLD, NEW)
    move(database, OLD, NEW)
    assert sync(database, OLD, NEW) == {"added": 0, "dropped": 0}
    assert watched(database) == {NEW: [OLD]}


def test_people_may_say_the_old_address(database: Database) -> None:
    add(database, OLD)
    move(database, OLD, NEW)
    with pytest.raises(ConflictError, match=f"{OLD}, which has moved to {NEW}, is watched"):
        add(database, OLD)
    with pytest.raises(ConflictError, match=f"{NEW} is watched"):
        add(database, NEW)
    database.write(lambda c: store.remove_feed(c, OLD))
    assert watched(database) == {}
    with pytest.raises(NotFoundError):
        database.write(lambda c: store.remove_feed(c, OLD))
    add(database, OLD)
    assert watched(database) == {NEW: [OLD]}


def test_a_feed_of_the_file_is_removed_in_the_file_under_either_address(database: Database) -> None:
    sync(database, OLD)
    move(database, OLD, NEW)
    with pytest.raises(ConflictError, match=rf"{OLD} stands in feeds\.opml, .* or as {NEW}"):
        database.write(lambda c: store.remove_feed(c, OLD))


def test_a_feed_that_is_watched_again_is_asked_at_once_and_has_missed_nothing(
    database: Database,
) -> None:
    add(database, OLD)
    bring(database, OLD, "1")
    settle(database, replace(visit(claim(database, OLD)), failures=9, reason=Reason.NOT_FOUND))
    database.write(lambda c: store.remove_feed(c, OLD))
    database.write(lambda c: store.add_feed(c, FeedSpec(OLD), NOW))
    again = claim_feed(database)
    assert (again.failures, again.changed_at) == (0, None)


# ---- options

SECRET = FeedOptions(cookie="${COOKIE}", encoding="latin-1")


@pytest.mark.parametrize(
    ("to", "kept"),
    [("https://www.old.example/rss", SECRET), (NEW, FeedOptions(encoding="latin-1"))],
)
def test_options_for_a_former_address_hold_but_secrets_stay_on_their_site(
    database: Database, to: str, kept: FeedOptions
) -> None:
    options = [OptionsSpec(SECRET, feed=OLD)]
    sync(database, OLD, options=options)
    move(database, OLD, to)
    sync(database, OLD, options=options)
    assert claim(database, to).options == kept


def test_options_for_the_present_address_stand_against_those_for_a_former_one(
    database: Database,
) -> None:
    mine = FeedOptions(user_agent="mine")
    options = [OptionsSpec(SECRET, feed=OLD), OptionsSpec(mine, feed=NEW)]
    sync(database, OLD)
    move(database, OLD, NEW)
    sync(database, OLD, options=options)
    assert claim(database, NEW).options == mine


def test_what_was_read_under_other_options_is_read_anew(database: Database) -> None:
    sync(database, OLD)
    bring(database, OLD, "1")
    sync(database, OLD)
    assert claim(database, OLD).memory.body_hash == "aa"
    sync(database, OLD, options=[OptionsSpec(FeedOptions(encoding="latin-1"), feed=OLD)])
    memory = claim(database, OLD).memory
    assert (memory.etag, memory.body_hash) == (None, None)


def test_a_merged_feed_takes_the_options_of_the_other_where_it_has_none(
    database: Database,
) -> None:
    sync(database, OLD, NEW, options=[OptionsSpec(SECRET, feed=OLD)])
    move(database, OLD, NEW)
    assert claim(database, NEW).options == FeedOptions(encoding="latin-1")


def test_a_move_is_written_with_its_visit_or_not_at_all(database: Database) -> None:
    add(database, OLD)
    done = replace(visit(claim(database, OLD), ["https://site.example/1"]), move_to=NEW)

    def unit(c: store.Connection) -> None:
        store.settle_visits(c, [done])
        c.execute(text("SELECT 1 FROM no_such_table"))

    with pytest.raises(Exception, match="no_such_table"):
        database.write(unit)
    assert (watched(database), count(database, "article")) == ({OLD: []}, 0)
