"""What an outage of our own network did is taken back, and nothing else is."""

from dataclasses import replace
from datetime import timedelta

from tests.store.making import (
    LATER,
    NOW,
    add_articles,
    add_feeds,
    claim_article,
    claim_articles,
    claim_feeds,
    ingested,
    judge,
    rows,
    visit,
)
from worker import hosts, store
from worker.errors import Reason
from worker.hosts import Manners
from worker.records import FeedVisit, HostOutcome
from worker.robots import RobotsCopy
from worker.store import Database
from worker.store.hosts import add_hosts

BEGAN = NOW + timedelta(minutes=10)
FAILURES = "SELECT failures FROM feed ORDER BY id"


def fail(one: FeedVisit, reason: Reason, failures: int, minutes: int) -> FeedVisit:
    at = NOW + timedelta(minutes=minutes)
    return replace(one, reason=reason, failures=failures, polled_at=at, due_at=LATER)


def test_feeds_that_it_silenced_are_asked_at_once_without_the_failure_it_cost(
    database: Database,
) -> None:
    add_feeds(database, 5)
    before, counted, spared, answered, healthy = (
        visit(claim, due=LATER) for claim in sorted(claim_feeds(database, 5), key=lambda c: c.id)
    )
    offline = replace(spared, aside=True, reason=Reason.OFFLINE, due_at=LATER)
    visits = [
        fail(before, Reason.TIMED_OUT, 3, 5),
        fail(counted, Reason.HOST_UNKNOWN, 4, 11),
        offline,
        fail(answered, Reason.NOT_FOUND, 2, 11),
        healthy,
    ]
    database.write(lambda c: store.settle_visits(c, visits))
    assert database.read(store.overview).feeds_offline == 1
    assert database.write(lambda c: store.forgive_outage(c, BEGAN, NOW)) == 2
    assert rows(database, FAILURES) == [(3,), (3,), (0,), (2,), (0,)]
    due = {claim.id for claim in claim_feeds(database, 9)}
    assert due == {counted.feed_id, spared.feed_id}


def test_a_visit_while_offline_leaves_all_that_is_known_of_a_feed(database: Database) -> None:
    add_feeds(database, 1)
    (claim,) = claim_feeds(database, 1)
    failed = replace(visit(claim), failures=2, reason=Reason.TIMED_OUT, status=None)
    database.write(lambda c: store.settle_visits(c, [replace(failed, due_at=NOW)]))
    kept = "SELECT failures, polls, polled_at, changed_at, etag, stopped FROM feed"
    before = rows(database, kept)
    (again,) = claim_feeds(database, 1)
    offline = replace(
        visit(again), aside=True, reason=Reason.OFFLINE, failures=2, memory=again.memory
    )
    database.write(lambda c: store.settle_visits(c, [offline]))
    assert rows(database, kept) == before
    assert rows(database, "SELECT reason FROM feed") == [("offline",)]
    assert rows(database, "SELECT reason, count FROM feed_trouble") == [("timed-out", 1)]


def test_pages_that_wait_for_the_network_are_tried_at_once(database: Database) -> None:
    add_articles(database, [f"https://site.example/{n}" for n in range(2)])
    for reason in (Reason.OFFLINE, Reason.SERVER_ERROR):
        verdict = replace(ingested(claim_article(database)), reason=reason, due_at=LATER)
        database.write(lambda c, one=verdict: judge(c, one))  # type: ignore[misc]
    database.write(lambda c: store.forgive_outage(c, BEGAN, NOW))
    assert claim_article(database).url in ("https://site.example/0", "https://site.example/1")
    assert rows(database, "SELECT reason FROM article WHERE leased_until IS NOT NULL") == [
        ("offline",)
    ]


def test_hosts_that_were_silent_are_paused_no_more(database: Database) -> None:
    manners = Manners(2, 1, 1, 30, 3_600)
    told = [
        HostOutcome(name, failures, reason)
        for failures in range(3)
        for name, reason in (("silent", Reason.TIMED_OUT), ("strict", Reason.RATE_LIMITED))
    ]
    database.write(lambda c: add_hosts(c, {"silent", "strict"}))
    database.write(
        lambda c: store.note_outcomes(
            c, told, lambda host, one: hosts.after(host, one, LATER, manners)
        )
    )
    database.write(lambda c: store.forgive_outage(c, BEGAN, NOW))
    paused = "SELECT name FROM host WHERE paused_until IS NOT NULL"
    assert rows(database, paused) == [("strict",)]


def test_pages_closed_by_a_robots_txt_that_was_not_had_are_tried_at_once(
    database: Database,
) -> None:
    add_articles(database, ["https://away.example/a", "https://rude.example/a"])
    for url in claim_articles(database, 2):
        verdict = replace(ingested(url), reason=Reason.ROBOTS_UNREACHABLE, due_at=LATER)
        database.write(lambda c, one=verdict: judge(c, one))  # type: ignore[misc]
    long_before = BEGAN - timedelta(hours=1)
    for host, since in (
        ("away.example", NOW + timedelta(minutes=11)),
        ("rude.example", long_before),
    ):
        copy = RobotsCopy("", since, failing_since=since)
        database.write(lambda c, h=host, r=copy: store.keep_robots(c, h, r, None))  # type: ignore[misc]
    database.write(lambda c: store.forgive_outage(c, BEGAN, NOW))
    assert [one.url for one in claim_articles(database, 2)] == ["https://away.example/a"]
