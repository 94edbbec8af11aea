"""Work is handed out once, and only its holder may write about it."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import Connection, text

from tests.store.making import (
    LATER,
    NOW,
    add_articles,
    add_feeds,
    at_once,
    claim_alerts,
    claim_article,
    claim_feed,
    claim_feeds,
    count,
    ingested,
    judge,
    owe_one,
    rows,
    run_out,
    settle,
    visit,
)
from worker import store
from worker.errors import Reason
from worker.records import Answer, Delivery, Postponed
from worker.store import Database
from worker.store.leases import backlog


def test_eight_workers_claim_two_thousand_feeds_once_each(database: Database) -> None:
    add_feeds(database, 2_000)

    def work(_worker: int) -> list[int]:
        mine: list[int] = []
        while batch := claim_feeds(database, 40):
            mine += [claim.id for claim in batch]
        return mine

    claimed = Counter(feed for mine in at_once(work, range(8)) for feed in mine)
    assert len(claimed) == 2_000
    assert set(claimed.values()) == {1}


def test_a_claim_is_never_larger_than_asked(database: Database) -> None:
    add_feeds(database, 30)
    taken = [len(claim_feeds(database, 7)) for _ in range(6)]
    assert taken == [7, 7, 7, 7, 2, 0]


def test_what_has_been_due_longest_is_claimed_first(database: Database) -> None:
    urls = add_feeds(database, 10)
    wanted = [urls[i] for i in (7, 2, 5, 0)]
    for age_s, url in enumerate(reversed(wanted), start=1):
        due = NOW - timedelta(seconds=age_s)
        feed = store.FEEDS.table
        made = feed.update().where(feed.c.url == url).values(due_at=due)
        database.write(lambda c, made=made: c.execute(made))  # type: ignore[misc]
    assert [claim_feed(database).url for _ in wanted] == wanted


def test_what_is_not_due_is_not_claimed(database: Database) -> None:
    add_feeds(database, 3, due=LATER)
    assert claim_feeds(database, 10) == []


def test_work_of_a_worker_that_died_is_taken_over(database: Database) -> None:
    add_feeds(database)
    first = claim_feed(database)
    assert claim_feeds(database, 10) == []
    run_out(database, "feed")
    second = claim_feed(database)
    assert second.id == first.id
    assert second.token != first.token
    assert (first.attempts, second.attempts) == (1, 2)


def test_a_lease_runs_out_by_the_databases_own_clock(database: Database) -> None:
    add_feeds(database)
    (first,) = claim_feeds(database, 1, -1)
    assert claim_feed(database).id == first.id


def test_a_worker_that_lost_its_feed_writes_nothing(database: Database) -> None:
    add_feeds(database)
    late = claim_feed(database)
    run_out(database, "feed")
    holder = claim_feed(database)
    before = rows(database, "SELECT * FROM feed")
    assert database.write(lambda c: store.settle_visits(c, [visit(late, ["https://a/1"])])) == []
    assert database.write(lambda c: store.settle_visits(c, [visit(late)])) == []
    assert rows(database, "SELECT * FROM feed") == before
    assert count(database, "article") == count(database, "sighting") == 0
    new = database.write(lambda c: store.settle_visits(c, [visit(holder, ["https://a/1"])]))
    assert len(new) == 1


def test_a_worker_that_lost_its_article_writes_nothing(database: Database) -> None:
    add_articles(database, ["https://a/1"])
    late = claim_article(database)
    run_out(database, "article")
    claim_article(database)
    before = rows(database, "SELECT * FROM article")
    assert database.write(lambda c: judge(c, ingested(late))) is None
    postponed = Postponed(late, LATER, Reason.TIMED_OUT, "slow")
    database.write(lambda c: store.postpone_article(c, postponed))
    assert rows(database, "SELECT * FROM article") == before
    assert count(database, "story") == count(database, "topic_match") == 0


def test_a_worker_that_lost_its_alert_leaves_only_its_attempt(database: Database) -> None:
    owe_one(database)
    (late,) = claim_alerts(database, 1)
    run_out(database, "alert")
    claim_alerts(database, 1)
    before = rows(database, "SELECT * FROM alert")
    delivery = Delivery(late, Answer(accepted=True, status=200), NOW, None)
    settle(database, delivery)
    assert rows(database, "SELECT * FROM alert") == before
    assert rows(database, "SELECT status FROM delivery_attempt") == [(200,)]


def test_released_work_is_due_at_once_and_not_counted(database: Database) -> None:
    add_feeds(database)
    claim = claim_feed(database)
    database.write(lambda c: store.release(c, store.FEEDS, [(claim.id, claim.token)]))
    assert rows(database, "SELECT attempts, leased_until, lease_token FROM feed") == [
        (0, None, None)
    ]
    assert claim_feed(database).attempts == 1


def test_releasing_what_somebody_else_holds_changes_nothing(database: Database) -> None:
    add_feeds(database)
    late = claim_feed(database)
    run_out(database, "feed")
    claim_feed(database)
    before = rows(database, "SELECT * FROM feed")
    database.write(lambda c: store.release(c, store.FEEDS, [(late.id, late.token)]))
    assert rows(database, "SELECT * FROM feed") == before


def test_the_backlog_tells_due_from_held(database: Database) -> None:
    def look(c: Connection) -> tuple[int, int, float]:
        found = backlog(c, store.FEEDS)
        return found.due, found.leased, found.oldest_wait_s

    assert database.read(look) == (0, 0, 0.0)
    add_feeds(database, 5)
    claim_feeds(database, 2)
    due, leased, wait_s = database.read(look)
    assert (due, leased) == (3, 2)
    assert 3_500 < wait_s < 4_500
    assert database.read(lambda c: store.overdue_s(c, {"poll", "deliver"})) >= wait_s


def test_a_feed_that_is_stopped_or_removed_is_not_worked_on(database: Database) -> None:
    add_feeds(database, 2)
    database.write(lambda c: c.execute(text("UPDATE feed SET stopped = true WHERE id = 1")))
    database.write(lambda c: c.execute(text("UPDATE feed SET enabled = false WHERE id <> 1")))
    assert claim_feeds(database, 10) == []
    assert database.read(lambda c: backlog(c, store.FEEDS)).due == 0
