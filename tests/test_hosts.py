"""Whose turn it is: laws of the line at a host."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.hosts import (
    FAILS_AS_A_WHOLE,
    Errand,
    Manners,
    host_key,
    leave,
    page_gap,
    pages_at_once,
    put_last,
    take_turns,
    turn_of,
)
from worker.records import HostState

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
MANNERS = Manners(connections=2, page_gap_s=1, ahead_s=0, longest_gap_s=30, longest_pause_s=3_600)
HOST = HostState("news.example", robots_due_at=NOW + timedelta(days=1))
POLL, PAGE = Errand.POLL, Errand.PAGE


def s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def granted(host: HostState, errand: Errand, waiting: int = 9, manners: Manners = MANNERS) -> int:
    _, ids = take_turns(host, range(waiting), errand, NOW, manners)
    assert ids == list(range(len(ids))), "the first of the line go first"
    return len(ids)


# ---- who is asked


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://News.Example/a", "news.example"),
        ("https://news.example:443/a", "news.example"),
        ("http://news.example:80/", "news.example"),
        ("http://news.example:443/", "news.example:443"),
        ("https://news.example:8443/", "news.example:8443"),
        ("http://[2001:DB8::1]/", "2001:db8::1"),
        ("http://user@news.example/", "news.example"),
        ("http://news.example:port/", ""),
        ("http://[::1/", ""),
        ("urn:isbn:1", ""),
        ("", ""),
    ],
)
def test_a_host_is_known_by_its_name_and_a_port_that_is_not_the_usual(url: str, host: str) -> None:
    assert host_key(url) == host


# ---- how many go now


@pytest.mark.parametrize(
    ("host", "polls", "pages"),
    [
        (HOST, 2, 1),
        (replace(HOST, polls=1), 1, 1),
        (replace(HOST, pages=1), 1, 0),
        (replace(HOST, polls=1, pages=1), 0, 0),
        (replace(HOST, polls=3), 0, 0),
        (replace(HOST, page_waits=True), 1, 1),
        (replace(HOST, page_waits=True, polls=1), 0, 1),
        (replace(HOST, page_waits=True, page_free_at=NOW + s(1)), 2, 0),
        (replace(HOST, page_free_at=NOW), 2, 1),
        (replace(HOST, page_free_at=NOW + s(0.1)), 2, 0),
        (replace(HOST, paused_until=NOW + s(0.1)), 0, 0),
        (replace(HOST, paused_until=NOW), 2, 1),
        (replace(HOST, failures=FAILS_AS_A_WHOLE - 1), 2, 1),
        (replace(HOST, failures=FAILS_AS_A_WHOLE), 1, 1),
        (replace(HOST, failures=FAILS_AS_A_WHOLE, polls=1), 0, 0),
        (replace(HOST, failures=FAILS_AS_A_WHOLE, page_free_at=NOW + s(1)), 1, 0),
    ],
)
def test_a_host_with_two_connections_bears(host: HostState, polls: int, pages: int) -> None:
    assert (granted(host, POLL), granted(host, PAGE)) == (polls, pages)


def test_a_host_with_one_connection_is_asked_one_thing_at_a_time() -> None:
    one = replace(MANNERS, connections=1)
    assert granted(HOST, POLL, manners=one) == granted(HOST, PAGE, manners=one) == 1
    assert granted(replace(HOST, page_waits=True), POLL, manners=one) == 1
    assert granted(replace(HOST, polls=1), PAGE, manners=one) == 0


def test_until_robots_txt_is_known_one_page_goes_ahead() -> None:
    many = replace(MANNERS, connections=9, page_gap_s=0)
    assert granted(HOST, PAGE, manners=many) == 8
    for due in (None, NOW):
        unknown = replace(HOST, robots_due_at=due)
        assert granted(unknown, PAGE, manners=many) == 1
        assert granted(replace(unknown, pages=1), PAGE, manners=many) == 0
        assert granted(unknown, POLL, manners=many) == 9


def test_a_page_is_handed_out_a_little_before_its_turn_and_keeps_it() -> None:
    early = replace(MANNERS, connections=4, ahead_s=1.5)
    host, ids = take_turns(replace(HOST, page_free_at=NOW + s(1)), [7, 8, 9], PAGE, NOW, early)
    assert ids == [7]
    assert host.page_free_at == NOW + s(2)


# ---- the distance between pages


@pytest.mark.parametrize(
    ("asked_s", "kept_s"), [(None, 1), (0.5, 1), (1, 1), (7.5, 7.5), (30, 30), (86_400, 30)]
)
def test_a_crawl_delay_lengthens_the_gap_up_to_a_bound(
    asked_s: float | None, kept_s: float
) -> None:
    slow = replace(HOST, crawl_delay_s=asked_s)
    assert page_gap(slow, MANNERS) == s(kept_s)
    after_one, _ = take_turns(slow, [1], PAGE, NOW, MANNERS)
    assert after_one.page_free_at == NOW + s(kept_s)


def test_a_page_that_was_held_up_holds_up_the_next() -> None:
    host, first = leave(replace(HOST, page_free_at=NOW), NOW + s(5), MANNERS)
    host, second = leave(host, NOW + s(5.2), MANNERS)
    assert (first, second) == (NOW + s(5), NOW + s(6))
    assert host.page_free_at == NOW + s(7)


def test_after_a_rest_a_page_leaves_at_once() -> None:
    rested = replace(HOST, page_asked_at=NOW - s(60), page_free_at=NOW - s(59))
    _, at = leave(rested, NOW, MANNERS)
    assert at == NOW


@given(
    gap_s=st.floats(0, 40),
    delay_s=st.none() | st.floats(0, 1e6),
    holdups=st.lists(st.floats(0, 90), min_size=2, max_size=30),
)
def test_pages_never_leave_closer_than_the_gap(
    gap_s: float, delay_s: float | None, holdups: list[float]
) -> None:
    manners = replace(MANNERS, page_gap_s=gap_s)
    host, now = replace(HOST, crawl_delay_s=delay_s), NOW
    left: list[datetime] = []
    for holdup_s in holdups:
        host, ids = take_turns(replace(host, pages=0), [1], PAGE, now, manners)
        if ids:
            host, at = leave(host, now + s(holdup_s), manners)
            left.append(at)
        now += s(holdup_s / 7)
    gap = page_gap(host, manners)
    assert all(later - earlier >= gap for earlier, later in pairwise(left))


# ---- what cannot wait


def test_a_turn_is_told_by_the_place_in_the_line() -> None:
    assert turn_of(HOST, 0, NOW, MANNERS) == NOW
    assert turn_of(HOST, 3, NOW, MANNERS) == NOW + s(3)
    busy = replace(HOST, page_free_at=NOW + s(0.5), crawl_delay_s=10)
    assert turn_of(busy, 2, NOW, MANNERS) == NOW + s(20.5)
    assert turn_of(replace(busy, paused_until=NOW + s(600)), 1, NOW, MANNERS) == NOW + s(610)


def test_later_turns_are_a_gap_apart_and_never_the_same() -> None:
    host, turns = HOST, []
    for _ in range(4):
        host, turn = put_last(host, NOW + s(20), MANNERS)
        turns.append(turn)
    assert turns == [NOW + s(20 + n) for n in range(4)]
    _, much_later = put_last(host, NOW + s(90), MANNERS)
    assert much_later == NOW + s(90)


# ---- the line as a whole


@dataclass
class Line:
    """Polls and pages at one host, with workers that claim, finish and die as they are told to."""

    manners: Manners
    host: HostState = HOST
    now: datetime = NOW
    due: dict[int, tuple[datetime, Errand]] = field(default_factory=dict)
    leased: dict[int, datetime] = field(default_factory=dict)
    served: dict[int, datetime] = field(default_factory=dict)
    _ids: int = 0

    def arrive(self, errand: Errand) -> int:
        self._ids += 1
        self.due[self._ids] = (self.now, errand)
        return self._ids

    def waiting(self, errand: Errand) -> list[int]:
        """Due and unheld, the longest due first."""
        rows = [(at, row) for row, (at, kind) in self.due.items() if kind is errand]
        return [row for _, row in sorted(rows) if row not in self.leased]

    def claim(self, errand: Errand) -> list[int]:
        kinds = [self.due[row][1] for row in self.leased]
        host = replace(
            self.host,
            polls=kinds.count(POLL),
            pages=kinds.count(PAGE),
            page_waits=bool(self.waiting(PAGE)),
        )
        self.host, ids = take_turns(host, self.waiting(errand), errand, self.now, self.manners)
        for row in ids:
            self.leased[row] = self.now + s(60)
        return ids

    def finish(self, row: int) -> None:
        del self.leased[row], self.due[row]
        self.served[row] = self.now

    def wait(self, seconds: float) -> None:
        self.now += s(seconds)
        for row in [row for row, until in self.leased.items() if until <= self.now]:
            del self.leased[row]  # its worker died: it is due as it was


actions = st.lists(
    st.tuples(
        st.sampled_from(["poll arrives", "page arrives", "poll", "page", "finish", "wait"]),
        st.integers(0, 90),
    ),
    max_size=120,
)


@settings(deadline=None, max_examples=150)
@given(connections=st.integers(1, 4), ahead_s=st.sampled_from([0, 1, 5]), story=actions)
def test_however_workers_come_and_go_limits_hold_and_everybody_is_served(
    connections: int, ahead_s: float, story: list[tuple[str, int]]
) -> None:
    line = Line(replace(MANNERS, connections=connections, ahead_s=ahead_s))
    for what, number in story:
        match what:
            case "poll arrives" | "page arrives":
                line.arrive(POLL if what.startswith("poll") else PAGE)
            case "poll" | "page":
                line.claim(POLL if what == "poll" else PAGE)
            case "finish" if line.leased:
                line.finish(sorted(line.leased)[number % len(line.leased)])
            case _:
                line.wait(number / 7)
        kinds = [line.due[row][1] for row in line.leased]
        assert len(kinds) <= connections
        assert kinds.count(PAGE) <= pages_at_once(line.manners)
    count = len(line.due)
    for _ in range(count + 1):
        line.wait(60)  # whoever died has lost his lease by now
        for errand in (POLL, PAGE):
            for row in line.claim(errand):
                line.finish(row)
    assert line.due == {}


@pytest.mark.parametrize("connections", [2, 3, 5])
@pytest.mark.parametrize("first", [POLL, PAGE])
def test_neither_line_starves_the_other_for_ever(connections: int, first: Errand) -> None:
    """More of both than the host bears, and workers of one kind that are always quicker."""
    manners = replace(MANNERS, connections=connections, page_gap_s=0.2)
    line = Line(manners)
    second = PAGE if first is POLL else POLL
    began: dict[int, datetime] = {}
    arrived: dict[int, datetime] = {}
    for _ in range(400):
        for errand in (POLL, POLL, PAGE):
            arrived[line.arrive(errand)] = line.now
        for errand in (first, second):
            for row in line.claim(errand):
                began[row] = line.now
        line.wait(0.1)
        for row in [row for row in line.leased if line.now - began[row] >= s(0.5)]:
            line.finish(row)
            for again in line.claim(first):  # at once, before anybody else can look
                began[again] = line.now
    served = sorted(line.served)
    pages = [row for row in served if row % 3 == 0]
    polls = [row for row in served if row % 3 != 0]
    assert len(pages) >= 40 / 0.5 * 0.9
    assert len(polls) >= 40 / 0.5 * 0.9
    for kind in (pages, polls):  # in the order in which they came, none left out
        everyone = [row for row in arrived if (row % 3 == 0) == (kind is pages)]
        assert kind == everyone[: len(kind)]
