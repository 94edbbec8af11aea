"""The distance between two polls of one host: laws of its slots."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker import runtime
from worker.hosts import FAILS_AS_A_WHOLE, Errand, Manners, poll_turn, take_turns
from worker.records import HostState
from worker.settings import Settings

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
GAP_S = 5.0
MANNERS = Manners(10, 1, 0, 30, 3_600, GAP_S)
HOST = HostState("news.example", robots_due_at=NOW + timedelta(days=1))
POLL, FIRST, PAGE = Errand.POLL, Errand.FIRST_POLL, Errand.PAGE


def s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_of_many_due_feeds_one_goes_and_takes_the_next_slot() -> None:
    host, ids = take_turns(HOST, [7, 8, 9], POLL, NOW, MANNERS)
    assert (ids, host.poll_free_at) == ([7], NOW + s(GAP_S))
    for later_s, gone in ((0, []), (4.9, []), (5, [8]), (600, [8])):
        after, ids = take_turns(replace(host, polls=0), [8, 9], POLL, NOW + s(later_s), MANNERS)
        assert ids == gone
        if gone:  # what was not used is not saved up
            assert after.poll_free_at == NOW + s(later_s + GAP_S)


def test_feeds_that_were_never_polled_wait_for_no_slot() -> None:
    closed = replace(HOST, poll_free_at=NOW + s(3))
    host, ids = take_turns(closed, range(50), FIRST, NOW, MANNERS)
    assert len(ids) == MANNERS.connections
    assert host.poll_free_at == NOW + s(GAP_S)  # many keep the others waiting no longer than one


def test_first_polls_never_bring_a_slot_forward() -> None:
    far = replace(HOST, poll_free_at=NOW + s(100))
    assert take_turns(far, [1], FIRST, NOW, MANNERS)[0].poll_free_at == far.poll_free_at


@pytest.mark.parametrize(
    ("host", "manners"),
    [(HOST, replace(MANNERS, poll_gap_s=0)), (replace(HOST, name=""), MANNERS)],
    ids=["without a gap", "without a host"],
)
def test_where_no_distance_is_kept_connections_are_the_limit(
    host: HostState, manners: Manners
) -> None:
    after, ids = take_turns(host, range(50), POLL, NOW, manners)
    assert (len(ids), after.poll_free_at) == (manners.connections, None)


def test_pages_do_not_wait_for_polls_nor_polls_for_pages() -> None:
    polled, _ = take_turns(HOST, [1], POLL, NOW, MANNERS)
    both, pages = take_turns(polled, [2], PAGE, NOW, MANNERS)
    assert (pages, both.poll_free_at) == ([2], polled.poll_free_at)
    read, _ = take_turns(HOST, [2], PAGE, NOW, MANNERS)
    assert take_turns(read, [1], POLL, NOW, MANNERS)[1] == [1]


def test_a_host_that_fails_is_asked_one_thing_in_its_slot() -> None:
    failing = replace(HOST, failures=FAILS_AS_A_WHOLE)
    for at, gone in ((None, [1]), (NOW + s(1), [])):
        assert take_turns(replace(failing, poll_free_at=at), [1, 2], POLL, NOW, MANNERS)[1] == gone


@pytest.mark.parametrize(
    ("free_s", "due_s", "ahead", "turn_s"),
    [(None, -9, 0, 0), (None, 20, 0, 20), (3, -9, 0, 3), (3, -9, 4, 23), (3, 20, 1, 25)],
)
def test_a_turn_is_told_by_the_slot_and_those_ahead(
    free_s: float | None, due_s: float, ahead: int, turn_s: float
) -> None:
    free_at = None if free_s is None else NOW + s(free_s)
    assert poll_turn(free_at, NOW + s(due_s), ahead, NOW, MANNERS) == NOW + s(turn_s)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 120)), min_size=1, max_size=12),
    st.integers(1, 20),
)
def test_no_host_is_polled_closer_than_the_gap_and_no_feed_waits_for_more_than_all(
    feeds: list[tuple[int, int]], gap_s: int
) -> None:
    """Feeds, each due first at a moment and then so long after each of its polls."""
    manners = replace(MANNERS, poll_gap_s=gap_s)
    due = {number: NOW + s(first) for number, (first, _) in enumerate(feeds)}
    host, polls = HOST, []
    for _ in range(6 * len(feeds)):
        now = max(min(due.values()), host.poll_free_at or NOW)
        waiting = sorted((n for n in due if due[n] <= now), key=lambda n: due[n])
        host, (gone,) = take_turns(replace(host, polls=0), waiting, POLL, now, manners)
        assert now - due[gone] <= s(len(feeds) * gap_s)
        polls.append(now)
        due[gone] = now + s(feeds[gone][1])
    assert all(after - before >= s(gap_s) for before, after in pairwise(polls))


def test_an_interval_for_all_feeds_leaves_no_distance_between_polls() -> None:
    assert runtime.manners(Settings(host_poll_gap_s=7)).poll_gap_s == 7
    assert runtime.manners(Settings(host_poll_gap_s=7, poll_interval_s=60)).poll_gap_s == 0
