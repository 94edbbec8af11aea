"""Claims of polls keep hosts' slots: for all workers, in the order in which feeds came due."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from time import monotonic

from sqlalchemy import select

from tests.store.line import (
    MANNERS,
    feeds,
    hosts_state,
    pass_time,
    polled,
    polled_before,
    polls,
)
from tests.store.making import LATER, LEASE_S, NOW, at_once, count
from worker import store
from worker.records import ClaimedFeed
from worker.store import Database, _tables

GAP_S = 60.0
SPACED = replace(MANNERS, poll_gap_s=GAP_S)


def of_host(host: str, how_many: int) -> list[str]:
    return [f"https://{host}/{number}" for number in range(how_many)]


def test_a_hosts_feeds_are_polled_a_gap_apart_the_longest_due_first(database: Database) -> None:
    urls = of_host("a.example", 3)
    polled_before(database, *urls)
    served = []
    for _ in urls:
        (claim,) = polls(database, manners=SPACED)
        served.append(claim.url)
        polled(database, claim)
        assert polls(database, manners=SPACED) == []
        pass_time(database, GAP_S - 5)
        assert polls(database, manners=SPACED) == []
        pass_time(database, 5)
    assert served == urls


def test_what_waits_for_its_hosts_slot_is_left_as_it_was(database: Database) -> None:
    polled_before(database, *of_host("a.example", 9))
    before = count(database, "feed", "attempts = 0 AND leased_until IS NULL")
    polls(database, manners=SPACED)
    assert count(database, "feed", "attempts = 0 AND leased_until IS NULL") == before - 1


def test_new_feeds_of_a_host_are_all_read_at_once(database: Database) -> None:
    wide = replace(SPACED, connections=100)
    polled_before(database, *of_host("a.example", 3), due=NOW - timedelta(minutes=1))
    feeds(database, *(f"https://a.example/new/{number}" for number in range(50)))
    first = polls(database, 100, wide)
    assert sum("/new/" in claim.url for claim in first) == 50
    assert len(first) == 51
    polled(database, *first)
    feeds(database, "https://a.example/newest")
    assert [claim.url for claim in polls(database, manners=wide)] == ["https://a.example/newest"]


def test_new_feeds_keep_the_others_waiting_for_one_gap_only(database: Database) -> None:
    wide = replace(SPACED, connections=100)
    feeds(database, *of_host("a.example", 20))
    polled(database, *polls(database, manners=wide))
    polled_before(database, "https://a.example/old")
    assert polls(database, manners=wide) == []
    pass_time(database, GAP_S)
    assert [claim.url for claim in polls(database, manners=wide)] == ["https://a.example/old"]


def test_new_feeds_share_connections_with_the_one_whose_turn_it_is(database: Database) -> None:
    polled_before(database, *of_host("a.example", 3), due=NOW - timedelta(minutes=1))
    feeds(database, *(f"https://a.example/new/{number}" for number in range(5)))
    urls = {claim.url for claim in polls(database, manners=SPACED)}
    assert urls == {"https://a.example/0", "https://a.example/new/0"}


def test_hundreds_of_feeds_that_wait_for_a_slot_hide_nobody(database: Database) -> None:
    polled_before(database, *of_host("busy.example", 300))
    polled_before(
        database, *(f"https://h{n}.example/" for n in range(30)), due=NOW + timedelta(minutes=1)
    )
    claims = polls(database, 20, SPACED)
    assert len(claims) == 20
    assert Counter(claim.host for claim in claims)["busy.example"] == 1
    assert len(polls(database, 50, SPACED)) == 11


def test_without_a_gap_only_connections_count(database: Database) -> None:
    polled_before(database, *of_host("a.example", 5))
    assert len(polls(database)) == MANNERS.connections
    assert hosts_state(database)["a.example"]["poll_free_at"] is None


def test_feeds_whose_urls_name_no_host_wait_for_nobody(database: Database) -> None:
    polled_before(database, "https://[broken", "https://[too")
    assert [claim.host for claim in polls(database, manners=SPACED)] == ["", ""]


def test_what_waits_for_its_slot_is_late_by_no_more_than_the_host(database: Database) -> None:
    polled_before(database, *of_host("a.example", 3))
    assert _overdue_s(database) > 3_000
    polls(database, manners=SPACED)
    assert _overdue_s(database) == 0
    pass_time(database, GAP_S + 20)
    assert 15 < _overdue_s(database) < 40


def _overdue_s(database: Database) -> float:
    return database.read(lambda c: store.overdue_s(c, {"poll"}))


def test_a_feeds_place_in_its_hosts_line_is_told(database: Database) -> None:
    polled_before(database, *of_host("a.example", 4), "https://b.example/")
    feeds(database, "https://a.example/new", due=NOW - timedelta(minutes=1))
    last = database.read(lambda c: store.find_feed(c, "https://a.example/3"))
    assert last is not None
    assert database.read(lambda c: store.poll_line(c, last)) == (None, 3)
    database.write(lambda c: store.claim_feeds(c, 2, LEASE_S, SPACED))
    free_at, ahead = database.read(lambda c: store.poll_line(c, last))
    assert (free_at, ahead) == (hosts_state(database)["a.example"]["poll_free_at"], 2)


def test_eight_workers_keep_the_gap_and_serve_everybody_in_order(database: Database) -> None:
    hosts, each = [f"h{n}.example" for n in range(3)], 6
    for host in hosts:
        polled_before(database, *of_host(host, each))
    quick, give_up = replace(SPACED, poll_gap_s=0.05), monotonic() + 60
    at: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)

    def work(_number: int) -> None:
        while count(database, "feed", f"due_at < '{LATER:%Y-%m-%d}'"):
            assert monotonic() < give_up, "some are never served"
            claims = polls(database, 4, quick)
            for claim in claims:
                at[claim.host].append((_claimed_at(database, claim), claim.url))
            polled(database, *claims)

    at_once(work, range(8))
    assert set(at) == set(hosts)
    for host, found in at.items():
        assert [url for _, url in sorted(found)] == of_host(host, each)
        gaps = [after - before for (before, _), (after, _) in pairwise(sorted(found))]
        assert min(gaps) >= timedelta(seconds=0.05)


def _claimed_at(database: Database, claim: ClaimedFeed) -> datetime:
    """When it was handed out, by the clock of the database."""
    feed = _tables.feed.c
    held_until = select(feed.leased_until).where(feed.lease_token == claim.token)
    until = database.read(lambda c: c.execute(held_until.where(feed.id == claim.id)).scalar_one())
    assert isinstance(until, datetime)
    return until - timedelta(seconds=LEASE_S)
