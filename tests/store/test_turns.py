"""Claims of feeds and pages: the limits of hosts hold for all workers, and nobody is forgotten."""

import random
import threading
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from time import monotonic

import pytest
from sqlalchemy import Connection, select, text

from tests.store.line import (
    GAP_S,
    MANNERS,
    feeds,
    hosts_state,
    know_robots,
    pages,
    pass_time,
    polled,
    polls,
    read,
    reads,
    set_host,
)
from tests.store.making import LATER, LEASE_S, NOW, at_once, count, run_out
from worker import store
from worker.hosts import FAILS_AS_A_WHOLE
from worker.store import Database, _tables


def of_host(host: str, how_many: int, path: str = "") -> list[str]:
    return [f"https://{host}/{path}{number}" for number in range(how_many)]


# ---- the limits


def test_of_a_hosts_due_feeds_only_so_many_are_polled_at_once(database: Database) -> None:
    feeds(database, *of_host("a.example", 5), *of_host("b.example", 1))
    first = polls(database)
    assert Counter(claim.host for claim in first) == {"a.example": 2, "b.example": 1}
    assert polls(database) == []
    polled(database, first[0])
    assert [claim.url for claim in polls(database)] == ["https://a.example/2"]


def test_a_hosts_pages_are_read_one_after_the_other_a_gap_apart(database: Database) -> None:
    pages(database, *of_host("a.example", 3), told=True)
    (first,) = reads(database)
    read(database, first)
    assert reads(database) == []
    pass_time(database, GAP_S - 5)
    assert reads(database) == []
    pass_time(database, 5)
    (second,) = reads(database)
    assert [first.url, second.url] == of_host("a.example", 2)


def test_a_page_is_not_read_while_the_last_is_still_being_read(database: Database) -> None:
    pages(database, *of_host("a.example", 2), told=True)
    quick = replace(MANNERS, page_gap_s=0)
    (first,) = reads(database, manners=quick)
    assert reads(database, manners=quick) == []
    read(database, first)
    assert len(reads(database, manners=quick)) == 1


def test_a_crawl_delay_keeps_pages_further_apart(database: Database) -> None:
    know_robots(database, "a.example", delay_s=2 * GAP_S)
    pages(database, *of_host("a.example", 2), told=True)
    read(database, *reads(database))
    pass_time(database, GAP_S + 5)
    assert reads(database) == []
    pass_time(database, GAP_S)
    assert len(reads(database)) == 1


def test_polls_and_pages_share_a_hosts_connections(database: Database) -> None:
    feeds(database, *of_host("a.example", 2, "feed"))
    pages(database, "https://a.example/page", told=True)
    (poll,) = polls(database)  # the other connection is left to the page that waits
    (page,) = reads(database)
    assert polls(database) == []
    read(database, page)
    assert len(polls(database)) == 1
    polled(database, poll)
    assert count(database, "feed", "leased_until IS NOT NULL") == 1


def test_a_port_of_its_own_is_a_host_of_its_own(database: Database) -> None:
    feeds(database, *of_host("a.example", 3), *of_host("a.example:8443", 3))
    assert len(polls(database)) == 4


def test_articles_without_a_page_ask_nobody(database: Database) -> None:
    pages(database, *[None] * 30, "https://a.example/1", told=True)
    claims = reads(database, 12)
    assert len(claims) == 12
    assert len(reads(database)) == 19  # those that are held shut no host
    assert count(database, "host") == 1


@pytest.mark.parametrize("shut", ["paused", "failing"])
def test_a_host_that_fails_is_left_alone_and_then_asked_one_thing(
    database: Database, shut: str
) -> None:
    until = datetime.now(NOW.tzinfo) + timedelta(hours=1) if shut == "paused" else NOW
    set_host(database, "a.example", failures=FAILS_AS_A_WHOLE, paused_until=until)
    feeds(database, *of_host("a.example", 4, "feed"))
    pages(database, *of_host("a.example", 4), told=True)
    if shut == "paused":
        assert not polls(database)
        assert not reads(database)
        pass_time(database, 3_601)
    (probe,) = reads(database)
    assert probe.host_failures == FAILS_AS_A_WHOLE
    assert polls(database) == []
    read(database, probe)
    pass_time(database, GAP_S)
    (probe_,) = polls(database)
    assert not reads(database)
    assert not polls(database)
    polled(database, probe_)
    set_host(database, "a.example", failures=0, paused_until=None)
    assert (len(reads(database)), len(polls(database))) == (1, 1)


def test_before_robots_txt_is_known_one_page_is_read_at_a_time(database: Database) -> None:
    many = replace(MANNERS, connections=5, page_gap_s=0)
    pages(database, *of_host("a.example", 6), told=True)
    (first,) = reads(database, manners=many)
    assert reads(database, manners=many) == []
    know_robots(database, "a.example")
    assert len(reads(database, manners=many)) == 3
    read(database, first)
    assert len(reads(database, manners=many)) == 1


# ---- a lease is a place at the host


@pytest.mark.parametrize("ending", ["settled", "released", "run out"])
def test_a_place_is_free_again_once_its_lease_is(database: Database, ending: str) -> None:
    feeds(database, *of_host("a.example", 3))
    first, _ = polls(database)
    if ending == "settled":
        polled(database, first)
    elif ending == "released":
        database.write(lambda c: store.release(c, store.FEEDS, [(first.id, first.token)]))
    else:
        run_out(database, "feed")
    assert polls(database) != []


def test_a_page_that_is_given_back_keeps_its_place_and_the_gap(database: Database) -> None:
    pages(database, *of_host("a.example", 2), told=True)
    (first,) = reads(database)
    database.write(lambda c: store.release(c, store.ARTICLES, [(first.id, first.token)]))
    assert reads(database) == []
    pass_time(database, GAP_S)
    (again,) = reads(database)
    assert (again.id, again.attempts) == (first.id, 1)


def test_a_page_whose_worker_died_is_read_before_those_behind_it(database: Database) -> None:
    pages(database, *of_host("a.example", 2), told=True)
    (first,) = reads(database)
    pass_time(database, LEASE_S + GAP_S)
    (again,) = reads(database)
    assert (again.id, again.attempts) == (first.id, 2)


# ---- nobody is hidden, nobody is forgotten


def test_a_thousand_due_feeds_of_one_host_hide_nobody(database: Database) -> None:
    feeds(database, *of_host("busy.example", 1_000))
    feeds(database, *(f"https://h{n}.example/" for n in range(30)), due=NOW + timedelta(minutes=1))
    claims = polls(database, 20)
    assert Counter(claim.host for claim in claims)["busy.example"] == 2
    assert len(claims) == 20
    assert len(polls(database, 50)) == 12


def test_a_thousand_due_pages_of_one_host_hide_nobody(database: Database) -> None:
    pages(database, *of_host("busy.example", 1_000), told=True)
    pages(database, *(f"https://h{n}.example/" for n in range(20)), told=True)
    claims = reads(database, 16)
    assert Counter(claim.host for claim in claims)["busy.example"] == 1
    assert len(claims) == 16
    assert len(reads(database, 16)) == 5


def test_hosts_that_fail_one_probe_each_hide_nobody(database: Database) -> None:
    for number in range(60):
        host = f"down{number}.example"
        set_host(database, host, failures=FAILS_AS_A_WHOLE)
        feeds(database, *of_host(host, 2))
    assert len(polls(database, 200)) == 60
    feeds(database, "https://well.example/", due=NOW + timedelta(minutes=1))
    assert [claim.host for claim in polls(database, 5)] == ["well.example"]


@pytest.mark.parametrize("busy", ["read a moment ago", "being read", "asked for robots.txt"])
def test_hosts_whose_pages_must_wait_hide_nobody(database: Database, busy: str) -> None:
    hosts = [f"h{n}.example" for n in range(20)]
    pages(database, *(url for host in hosts for url in of_host(host, 4)), told=True)
    manners = MANNERS
    if busy == "being read":
        manners = replace(MANNERS, page_gap_s=0)
    elif busy == "asked for robots.txt":
        manners = replace(MANNERS, page_gap_s=0, connections=5)
    claims = reads(database, 200, manners)
    assert {claim.host for claim in claims} == set(hosts)
    if busy == "read a moment ago":
        read(database, *claims)
    pages(database, "https://well.example/", told=True)
    assert [claim.host for claim in reads(database, 2, manners)] == ["well.example"]


def test_a_host_is_served_in_the_order_in_which_it_was_due(database: Database) -> None:
    urls = of_host("a.example", 6)
    random.Random(7).shuffle(urls)
    for age, url in enumerate(urls):
        feeds(database, url, due=NOW + timedelta(seconds=age))
    served = []
    while claims := polls(database):
        served += [claim.url for claim in claims]
        polled(database, *claims)
    assert served == urls


def test_hosts_that_another_claim_holds_are_passed_over(postgres_url: str) -> None:
    database = Database(postgres_url, patience_s=20)
    feeds(database, "https://a.example/", "https://b.example/")
    know_robots(database, "a.example", "b.example")
    held = select(_tables.host).where(_tables.host.c.name == "a.example").with_for_update()
    with database.engine.begin() as other:
        other.execute(held)
        assert [claim.host for claim in polls(database)] == ["b.example"]
    assert [claim.host for claim in polls(database)] == ["a.example"]
    database.close()


# ---- work that waits for its host is not late


def test_what_waits_for_its_host_is_not_overdue(database: Database) -> None:
    until = datetime.now(NOW.tzinfo) + timedelta(hours=1)
    set_host(database, "paused.example", paused_until=until)
    feeds(database, "https://paused.example/", *of_host("busy.example", 3))
    polls(database)
    overdue = {"poll", "ingest", "deliver"}
    assert database.read(lambda c: store.overdue_s(c, overdue)) == 0
    feeds(database, "https://idle.example/")
    assert database.read(lambda c: store.overdue_s(c, overdue)) > 3_000


# ---- all at once


class Watch:
    """What every claim of a crowd of workers saw of the hosts that it met."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.most: Counter[str] = Counter()
        self.turns: dict[str, set[datetime]] = {}
        self.mutex = threading.Lock()

    def look(self) -> None:
        """Count requests under way by host, in one snapshot, and note when pages were free."""
        under_way, free = self.database.read(_seen)
        with self.mutex:
            for host, requests in under_way.items():
                self.most[host] = max(self.most[host], requests)
            for host, at in free.items():
                self.turns.setdefault(host, set()).add(at)


def _seen(c: Connection) -> tuple[Counter[str], dict[str, datetime]]:
    sql = (
        "SELECT host FROM feed WHERE leased_until IS NOT NULL UNION ALL "
        "SELECT host FROM article WHERE leased_until IS NOT NULL AND page_at IS NULL"
    )
    host = _tables.host.c
    free = c.execute(select(host.name, host.page_free_at).where(host.page_free_at.is_not(None)))
    return Counter(c.scalars(text(sql))), {row.name: row.page_free_at for row in free}


def test_eight_workers_never_exceed_a_hosts_limits_and_serve_everybody(database: Database) -> None:
    hosts = [f"h{n}.example" for n in range(3)]
    feeds(database, *(url for host in hosts for url in of_host(host, 12, "feed")))
    pages(database, *(url for host in hosts for url in of_host(host, 12)), told=True)
    manners = replace(MANNERS, page_gap_s=0.02)
    watch, give_up = Watch(database), monotonic() + 60
    served: Counter[str] = Counter()

    def poll() -> int:
        claims = polls(database, 4, manners)
        watch.look()
        polled(database, *claims)
        served.update(claim.url for claim in claims)
        return len(claims)

    def ingest() -> int:
        claims = reads(database, 4, manners)
        watch.look()
        read(database, *claims)
        served.update(claim.url for claim in claims)
        return len(claims)

    def work(number: int) -> None:
        mine = poll if number % 2 else ingest
        table = "feed" if number % 2 else "article"
        while mine() or count(database, table, f"due_at < '{LATER:%Y-%m-%d}'"):
            assert monotonic() < give_up, "some are never served"

    at_once(work, range(8))
    assert len(served) == 72
    assert set(served.values()) == {1}
    assert set(watch.most) == set(hosts)
    assert max(watch.most.values()) <= manners.connections
    for turns in watch.turns.values():
        gaps = [later - earlier for earlier, later in pairwise(sorted(turns))]
        assert min(gaps, default=timedelta(1)) >= timedelta(seconds=0.02)
    assert len(hosts_state(database)) == 3
