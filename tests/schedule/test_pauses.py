"""When to come back: after an answer, after failures, to a page, and where a feed has gone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker import schedule
from worker.errors import Reason
from worker.records import Failed, Hop

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY_S = 86_400.0
DOWN = Failed(Reason.TIMED_OUT, "no answer")


def pause_s(until: datetime | None) -> float:
    assert until is not None
    return (until - NOW).total_seconds()


def tried(failures: int, *, failed: Failed = DOWN, jitter: float = 0.0) -> float:
    return pause_s(schedule.next_try(NOW, failed, failures, 300, DAY_S, jitter))


def page_tried(tries: int, failed: Failed = DOWN) -> datetime | None:
    return schedule.next_page_try(NOW, failed, tries, 4, 900)


@pytest.mark.parametrize(("fresh_s", "pause"), [(0, 300), (299, 300), (301, 301), (1_800, 1_800)])
def test_a_feed_is_not_asked_before_its_answer_has_ceased_to_be_fresh(
    fresh_s: float, pause: float
) -> None:
    assert pause_s(schedule.next_poll(NOW, 300, fresh_s)) == pause


def test_each_failure_doubles_the_pause_up_to_the_longest() -> None:
    pauses = [tried(failures) for failures in range(1, 12)]
    assert pauses[:4] == [300, 600, 1_200, 2_400]
    assert pauses[-2:] == [DAY_S, DAY_S]


@pytest.mark.parametrize(
    ("wish_s", "pause"), [(10, 300), (7_200, 7_200), (1e9, DAY_S), (None, 300)]
)
def test_a_sites_own_wish_lengthens_a_pause_and_never_shortens_it(
    wish_s: float | None, pause: float
) -> None:
    failed = Failed(Reason.RATE_LIMITED, "later", 429, retry_after_s=wish_s)
    assert tried(1, failed=failed) == pause


def test_feeds_that_failed_together_come_back_apart() -> None:
    pauses = {tried(3, jitter=n / 10) for n in range(10)}
    assert len(pauses) == 10
    assert (min(pauses), max(pauses) < 1_200 * 1.1) == (1_200, True)


@given(
    failures=st.integers(1, 10**6),
    jitter=st.floats(0, 1),
    wish_s=st.none() | st.floats(0, 1e9),
    interval_s=st.floats(0.01, 1e9),
    longest_s=st.floats(0.01, 1e9),
)
def test_a_pause_is_never_shorter_than_the_interval_nor_longer_than_the_longest(
    failures: int, jitter: float, wish_s: float | None, interval_s: float, longest_s: float
) -> None:
    failed = Failed(Reason.SERVER_ERROR, "", 503, retry_after_s=wish_s)
    due = schedule.next_try(NOW, failed, failures, interval_s, longest_s, jitter)
    slack = timedelta(microseconds=1)
    assert due >= NOW + timedelta(seconds=interval_s) - slack
    assert due <= NOW + timedelta(seconds=max(interval_s, longest_s)) + slack


@pytest.mark.parametrize(
    ("asked", "jitter", "pause"),
    [(True, 0.0, 5), (True, 1.0, 5), (False, 0.0, 30), (False, 0.5, 60), (False, 1.0, 90)],
)
def test_while_we_are_offline_something_looks_soon_and_the_rest_in_about_a_minute(
    asked: bool, jitter: float, pause: float
) -> None:
    assert pause_s(schedule.next_look(NOW, 60, jitter, asked=asked)) == pause


@pytest.mark.parametrize("reason", list(Reason))
def test_only_what_is_gone_is_gone_for_good(reason: Reason) -> None:
    assert schedule.is_final(Failed(reason, "")) == (reason is Reason.GONE)


def test_a_failed_page_is_tried_after_doubling_pauses_and_only_so_often() -> None:
    assert [pause_s(page_tried(tries)) for tries in (1, 2, 3)] == [900, 1_800, 3_600]
    assert page_tried(4) is None


@pytest.mark.parametrize(
    "reason", [Reason.GONE, Reason.NOT_HTML, Reason.ROBOTS_DISALLOW, Reason.UNRESOLVED_LINK]
)
def test_a_page_that_will_never_come_is_not_tried_again(reason: Reason) -> None:
    assert page_tried(1, Failed(reason, "")) is None


def test_a_page_waits_for_as_long_as_its_site_wishes_up_to_a_day() -> None:
    for wish_s, pause in [(10, 900), (7_200, 7_200), (1e9, DAY_S)]:
        failed = Failed(Reason.RATE_LIMITED, "", 429, retry_after_s=wish_s)
        assert pause_s(page_tried(1, failed)) == pause


MOVES = [
    ("no redirect", [], None),
    ("moved for good", [(301, "b")], "b"),
    ("moved for good, the method kept", [(308, "b")], "b"),
    ("moved for good twice", [(301, "b"), (308, "c")], "c"),
    ("lent", [(302, "b")], None),
    ("see other", [(303, "b")], None),
    ("lent, the method kept", [(307, "b")], None),
    ("moved for good, and lent from there", [(301, "b"), (302, "c")], "b"),
    ("lent, and moved for good from there", [(302, "b"), (301, "c")], None),
    ("moved, lent, moved", [(301, "b"), (307, "c"), (301, "d")], "b"),
]


@pytest.mark.parametrize(
    ("hops", "target"), [move[1:] for move in MOVES], ids=[m[0] for m in MOVES]
)
def test_a_feed_has_moved_as_far_as_only_permanent_redirects_lead(
    hops: list[tuple[int, str]], target: str | None
) -> None:
    assert schedule.moved_to(Hop(status, url) for status, url in hops) == target


RECHECKS = [(0, 1), (59, 1), (60, 24), (1_439, 24), (1_440, None), (9_999, None)]


@pytest.mark.parametrize(("minutes", "hours"), RECHECKS)
def test_an_articles_page_is_read_again_after_an_hour_and_a_day(
    minutes: int, hours: int | None
) -> None:
    now = NOW + timedelta(minutes=minutes)
    expected = None if hours is None else NOW + timedelta(hours=hours)
    assert schedule.recheck_at(NOW, now, (86_400, 3_600)) == expected
