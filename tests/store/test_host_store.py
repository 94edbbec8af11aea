"""What is kept of hosts: turns taken by many at once, outcomes, robots.txt, and their lines."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Connection

from tests.store.line import (
    GAP_S,
    MANNERS,
    feeds,
    hosts_state,
    know_robots,
    pages,
    pass_time,
    polls,
    reads,
    set_host,
)
from tests.store.making import at_once, count
from worker import hosts, store
from worker.errors import Reason
from worker.records import HostOutcome
from worker.robots import FRESH, RobotsCopy
from worker.store import Database

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
A, B = "a.example", "b.example"


# ---- the moment at which a page's request leaves


def leave(db: Database, host: str = A, gap_s: float = GAP_S) -> float:
    decide = partial(hosts.leave, manners=replace(MANNERS, page_gap_s=gap_s))
    return db.write(lambda c: store.take_page_turn(c, host, decide))


def test_the_first_page_leaves_at_once_and_the_next_a_gap_later(database: Database) -> None:
    know_robots(database, A, B)
    assert leave(database) == 0
    assert GAP_S - 60 < leave(database) <= GAP_S
    assert leave(database, B) == 0
    pass_time(database, 2 * GAP_S)
    assert leave(database) == 0


def test_workers_whose_pages_are_ready_at_once_leave_one_after_the_other(
    database: Database,
) -> None:
    know_robots(database, A)
    began = datetime.now(UTC)
    waits = at_once(lambda _: leave(database), range(6))
    took_s = (datetime.now(UTC) - began).total_seconds()
    for earlier, later in pairwise(sorted(waits)):
        assert abs(later - earlier - GAP_S) <= took_s


def test_a_page_that_left_late_puts_off_the_next_claim(database: Database) -> None:
    know_robots(database, A)
    pages(database, f"https://{A}/1", told=True)
    set_host(database, A, page_free_at=datetime.now(UTC) - timedelta(seconds=1))
    leave(database)
    assert reads(database) == []
    pass_time(database, GAP_S)
    assert len(reads(database)) == 1


def test_a_crawl_delay_that_was_just_learnt_counts(database: Database) -> None:
    know_robots(database, A, delay_s=3 * GAP_S)
    assert leave(database) == 0
    assert leave(database) > 2 * GAP_S


def test_of_a_host_that_nobody_knows_a_page_leaves_at_once(database: Database) -> None:
    assert leave(database, "nobody.example") == 0


# ---- outcomes


def note(db: Database, *outcomes: HostOutcome | None) -> None:
    decide = partial(_after, now=datetime.now(UTC))
    db.write(lambda c: store.note_outcomes(c, outcomes, decide))


def _after(host: Any, outcome: HostOutcome, now: datetime) -> Any:
    return hosts.after(host, outcome, now, MANNERS)


DOWN = HostOutcome(A, reason=Reason.CONNECTION_REFUSED, detail="nobody there")


def test_failures_of_one_settle_and_of_several_add_up_to_a_pause(database: Database) -> None:
    know_robots(database, A, B)
    note(database, DOWN, None, DOWN)
    note(database, replace(DOWN, failures=2))
    known = hosts_state(database)
    assert (known[A]["failures"], known[A]["reason"], known[A]["detail"]) == (
        3, Reason.CONNECTION_REFUSED, "nobody there",
    )  # fmt: skip
    assert known[A]["paused_until"] > datetime.now(UTC)  # type: ignore[operator]
    assert (known[B]["failures"], known[B]["paused_until"]) == (0, None)


def test_a_success_makes_all_well_again_exactly_once(database: Database) -> None:
    know_robots(database, A)
    feeds(database, *(f"https://{A}/{n}" for n in range(2)))
    note(database, DOWN, DOWN)
    claims = polls(database)
    assert [claim.host_failures for claim in claims] == [2, 2]
    well = [hosts.outcome_of(claim.host, claim.host_failures, None) for claim in claims]
    note(database, well[0])
    known = hosts_state(database)[A]
    assert (known["failures"], known["reason"], known["detail"]) == (0, None, "")
    note(database, replace(DOWN, retry_after_s=900))
    before = hosts_state(database)
    note(database, well[1])  # from before the host's last failure
    assert hosts_state(database) == before


def test_hosts_that_nobody_knows_are_passed_over(database: Database) -> None:
    note(database, replace(DOWN, host="nobody.example"))
    assert hosts_state(database) == {}


def test_settles_claims_and_turns_never_wait_in_a_circle(postgres_url: str) -> None:
    database = Database(postgres_url, patience_s=20)
    names = [f"h{n}.example" for n in range(8)]
    know_robots(database, *names[:4])  # the others become known on the way
    feeds(database, *(f"https://{name}/" for name in names))

    def settle(c: Connection, order: Sequence[str]) -> None:
        store.hold_hosts(c, {*order[:3], *order[-3:]})
        outcomes = [replace(DOWN, host=name) for name in order[:3]]
        store.note_outcomes(c, outcomes, partial(_after, now=NOW))
        store.learn_lines(c, [(name, ["key"]) for name in order[-3:]], _learn)

    def work(number: int) -> None:
        order = names if number % 2 else list(reversed(names))
        for _ in range(25):
            # Not `Database.write`: it would try again what ended in a deadlock.
            with database.engine.begin() as c:
                settle(c, order[number % 3 :])
            with database.engine.begin() as c:
                claims = store.claim_feeds(c, 8, 60, MANNERS)
                store.release(c, store.FEEDS, [(claim.id, claim.token) for claim in claims])
            with database.engine.begin() as c:
                store.take_page_turn(c, order[0], partial(hosts.leave, manners=MANNERS))

    at_once(work, range(6))
    assert count(database, "host") == 8
    database.close()


# ---- robots.txt


def test_a_copy_of_robots_txt_comes_back_as_it_was_kept(database: Database) -> None:
    served = RobotsCopy("User-agent: *\nDisallow: /x", NOW, served_at=NOW)
    failing = replace(served, asked_at=NOW + FRESH, failing_since=NOW + FRESH)
    assert database.read(lambda c: store.robots_of(c, A)) is None
    for copy, delay_s in ((served, 5.0), (failing, None)):
        database.write(lambda c, one=copy, s=delay_s: store.keep_robots(c, A, one, s))  # type: ignore[misc]
        assert database.read(lambda c: store.robots_of(c, A)) == copy
        assert hosts_state(database)[A]["crawl_delay_s"] == delay_s
    assert database.read(lambda c: store.robots_of(c, B)) is None


def test_a_host_that_was_only_polled_has_no_copy(database: Database) -> None:
    feeds(database, f"https://{A}/")
    polls(database)
    assert list(hosts_state(database)) == [A]
    assert database.read(lambda c: store.robots_of(c, A)) is None


# ---- lines


def _learn(known: Mapping[str, Any], keys: Sequence[str]) -> Mapping[str, Any]:
    return {**known, **{key: known.get(key, 0) + 1 for key in keys}}


def test_hosts_learn_from_every_page_of_a_settle(database: Database) -> None:
    know_robots(database, A, B)
    seen = [(B, ["share"]), (A, ["menu"]), (B, ["share", "menu"]), ("nobody.example", ["menu"])]
    database.write(lambda c: store.learn_lines(c, seen, _learn))
    known = hosts_state(database)
    assert (known[A]["lines"], known[B]["lines"]) == ({"menu": 1}, {"share": 2, "menu": 1})
    assert count(database, "host") == 2


@pytest.mark.parametrize("host", ["", None])
def test_what_has_no_host_says_nothing(database: Database, host: str | None) -> None:
    note(database, hosts.outcome_of(host, 3, None))
    assert count(database, "host") == 0
