"""Articles whose page has to wait for its turn: judged meanwhile, and read later."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from tests.store.line import (
    GAP_S,
    MANNERS,
    WAIT_S,
    feeds,
    know_robots,
    pages,
    pass_time,
    polls,
    read,
    reads,
    set_host,
)
from tests.store.making import NOW, count
from worker import store
from worker.errors import Reason
from worker.records import Postponed
from worker.store import Database


def of_host(host: str, how_many: int, path: str = "") -> list[str]:
    return [f"https://{host}/{path}{number}" for number in range(how_many)]


def test_what_would_wait_too_long_is_taken_without_its_page(database: Database) -> None:
    know_robots(database, "a.example")
    pages(database, *of_host("a.example", 4))
    first, *others = reads(database)
    assert first.page_at is None
    assert [claim.url for claim in others] == of_host("a.example", 4)[1:]
    turns = [claim.page_at for claim in others if claim.page_at]
    assert [later - earlier for earlier, later in pairwise(turns)] == [timedelta(seconds=GAP_S)] * 2
    assert turns[0] - datetime.now(NOW.tzinfo) > timedelta(seconds=GAP_S - 60)


def test_what_has_its_turn_soon_waits_for_it(database: Database) -> None:
    soon = replace(MANNERS, page_gap_s=WAIT_S / 2.5)
    know_robots(database, "a.example")
    pages(database, *of_host("a.example", 5))
    claims = reads(database, manners=soon)
    later = [claim.url for claim in claims if claim.page_at]
    assert later == of_host("a.example", 5)[3:]
    assert len(claims) == 3
    assert reads(database, manners=soon) == []


def test_those_who_have_waited_long_enough_wait_no_longer(database: Database) -> None:
    soon = replace(MANNERS, page_gap_s=WAIT_S / 4)
    know_robots(database, "a.example")
    pages(database, *of_host("a.example", 3))
    assert len(reads(database, manners=soon)) == 1
    pass_time(database, WAIT_S / 4)
    assert reads(database, manners=soon) == []
    pass_time(database, WAIT_S)  # the first page takes its time
    (third,) = reads(database, manners=soon)
    assert third.url == "https://a.example/2"
    assert third.page_at is not None


def test_whose_turn_has_come_waits_for_a_place(database: Database) -> None:
    quick = replace(MANNERS, page_gap_s=0)
    pages(database, *of_host("a.example", 9))
    (first,) = reads(database, manners=quick)
    pass_time(database, 2 * WAIT_S)
    assert reads(database, manners=quick) == []
    read(database, first)
    (second,) = reads(database, manners=quick)
    assert second.page_at is None


def test_what_has_been_judged_before_waits_however_long(database: Database) -> None:
    pages(database, *of_host("a.example", 3), told=True)
    assert len(reads(database)) == 1
    assert reads(database) == []


def test_a_new_article_knows_of_those_that_wait_before_it(database: Database) -> None:
    soon = replace(MANNERS, page_gap_s=WAIT_S / 3)
    pages(database, *of_host("a.example", 6, "told"), told=True)
    pages(database, "https://a.example/new")
    _, new = reads(database, manners=soon)
    assert new.url == "https://a.example/new"
    assert new.page_at is not None


def test_while_a_host_is_paused_its_new_articles_wait_for_nothing(database: Database) -> None:
    until = datetime.now(NOW.tzinfo) + timedelta(hours=1)
    set_host(database, "a.example", paused_until=until)
    pages(database, *of_host("a.example", 2))
    claims = reads(database)
    assert [claim.page_at and claim.page_at >= until for claim in claims] == [True, True]


def test_pages_come_before_what_is_judged_meanwhile(database: Database) -> None:
    pages(database, *of_host("a.example", 10), *of_host("b.example", 10))
    claims = reads(database, 3)
    assert [claim.host for claim in claims if claim.page_at is None] == ["a.example", "b.example"]
    assert len(claims) == 3


def test_what_is_judged_meanwhile_takes_no_place_at_its_host(database: Database) -> None:
    pages(database, *of_host("a.example", 4))
    feeds(database, *of_host("a.example", 3, "feed"))
    page, *_ = reads(database)
    assert len(polls(database)) == 1  # beside the one page
    read(database, page)
    assert len(polls(database)) == 1


def test_an_article_given_back_before_it_was_judged_is_due_at_once(database: Database) -> None:
    pages(database, *of_host("a.example", 2))
    _, meanwhile = reads(database)
    held = [(meanwhile.id, meanwhile.token)]
    database.write(lambda c: store.release(c, store.ARTICLES, held))
    (again,) = reads(database)
    assert again.id == meanwhile.id
    assert again.page_at is not None


def test_an_article_that_was_judged_meanwhile_asks_when_its_turn_comes(database: Database) -> None:
    pages(database, *of_host("a.example", 2))
    first, meanwhile = reads(database)
    read(database, first)
    judged = Postponed(meanwhile, meanwhile.page_at, Reason.UNEXPECTED, "")
    database.write(lambda c: store.postpone_article(c, judged))
    pass_time(database, GAP_S + 5)
    (page,) = reads(database)
    assert (page.id, page.page_at) == (meanwhile.id, None)
    assert len(polls(database)) == 0
    assert count(database, "article", "page_at IS NULL AND leased_until IS NOT NULL") == 1
