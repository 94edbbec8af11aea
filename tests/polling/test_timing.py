"""When a visited feed is polled next: by the policy, by what its site asks for, after failures."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.polling.making import (
    BEFORE,
    NOW,
    RHYTHM,
    body,
    entry,
    feed,
    known,
    parsed,
    pause_s,
    visited,
)
from worker import polling, schedule
from worker.errors import Reason
from worker.polling.timing import planned
from worker.records import Failed, FeedMemory, FeedVisit, Hints, NotModified, Polled
from worker.schedule import Limits, Rhythm
from worker.settings import Settings

BY_BUDGET = Settings(max_freshness_s=1_800)
PACING = polling.first_pacing(BY_BUDGET, NOW)


def busy(per_hour: int = 20) -> dict[str, object]:
    """The stored rhythm of a feed that has published so much for a week."""
    at = NOW.timestamp() - 7 * 86_400
    rhythm = schedule.observed(None, at, (), 20)
    for hour in range(7 * 24):
        then = at + hour * 3_600
        news = [then + 3_600 * (n + 0.5) / per_hour for n in range(per_hour)]
        rhythm = schedule.observed(rhythm, then + 3_600, news, 20)
    return rhythm.as_json()


def polled(fetch: Polled, **changes: object) -> FeedVisit:
    claim = replace(feed(rhythm=busy()), **changes)  # type: ignore[arg-type]
    return visited(claim, fetch, knobs=BY_BUDGET)


def test_a_busy_feed_is_polled_more_often_than_an_even_share() -> None:
    found = polled(Polled(NotModified()))
    assert found.quiet
    assert 60 <= pause_s(found) < PACING.pace.even_s / 2


def test_what_a_poll_brings_is_learnt_from() -> None:
    before = feed(rhythm=RHYTHM)
    found = visited(before, Polled(body(), "bb", parsed(entry())), known(entry(9)), knobs=BY_BUDGET)
    rhythm, was = Rhythm.from_json(found.rhythm or {}), Rhythm.from_json(before.rhythm)
    assert rhythm is not None
    assert was is not None
    assert (was.seen, rhythm.seen) == (0, 1)
    assert rhythm.level > was.level
    assert rhythm.window == 1
    assert (rhythm.delay_s, rhythm.held_s) == pytest.approx((7_200, 0))


def test_what_the_publisher_held_back_is_told_apart_from_our_own_delay() -> None:
    old = entry(published=BEFORE - timedelta(minutes=50))
    found = polled(Polled(body(), "bb", parsed(old)), rhythm=RHYTHM)
    rhythm = Rhythm.from_json(found.rhythm or {})
    assert rhythm is not None
    assert (rhythm.delay_s, rhythm.held_s) == pytest.approx((10_200, 3_000))


@pytest.mark.parametrize(
    ("fresh_s", "ttl_s", "least"),
    [(900.0, None, 900), (None, 1_200.0, 1_200), (600.0, 1_200.0, 1_200), (9e9, 9e9, 1_800)],
)
def test_a_site_is_left_alone_as_it_asks_but_not_for_longer_than_the_setting(
    fresh_s: float | None, ttl_s: float | None, least: float
) -> None:
    hints: dict[str, object] = {
        "ttl_s": ttl_s,
        "skip_hours": [],
        "skip_days": [],
        "update_every_s": None,
    }
    found = polled(Polled(NotModified(fresh_s=fresh_s)), hints=hints)
    assert pause_s(found) == least
    assert found.not_before == found.due_at


def test_hours_that_a_feed_wants_to_be_left_alone_in_are_skipped() -> None:
    document = parsed(entry(), hints=Hints(skip_hours=(12, 13, 14)))
    found = polled(Polled(body(), "bb", document))
    assert found.due_at == NOW.replace(hour=15)


def test_who_wants_to_be_left_alone_for_ever_is_polled_all_the_same() -> None:
    found = polled(Polled(NotModified()), hints={"skip_hours": list(range(24))})
    assert pause_s(found) < PACING.pace.even_s


@pytest.mark.parametrize("hints", [{"ttl_s": "x", "skip_hours": None, "skip_days": 7}, {}])
def test_hints_that_make_no_sense_are_passed_over(hints: dict[str, object]) -> None:
    assert pause_s(polled(Polled(NotModified()), hints=hints)) < 900


def test_an_interval_that_the_operator_has_set_stands() -> None:
    knobs = Settings(poll_interval_s=77)
    found = visited(feed(rhythm=busy()), Polled(NotModified()), knobs=knobs)
    assert pause_s(found) == 77


def test_a_new_feed_is_polled_again_after_an_even_share() -> None:
    found = polled(Polled(body(), "bb", parsed(entry())), rhythm={}, polled_at=None)
    assert pause_s(found) <= PACING.pace.even_s


@pytest.mark.parametrize(("failures", "doublings"), [(0, 0), (1, 1), (3, 3)])
def test_failures_double_the_pause_that_the_feed_would_have(failures: int, doublings: int) -> None:
    usual = pause_s(polled(Polled(NotModified())))
    found = polled(Polled(Failed(Reason.TIMED_OUT, "")), failures=failures)
    assert pause_s(found) == pytest.approx(usual * 2**doublings, rel=0.01)


def test_a_rare_feed_that_fails_is_tried_again_after_an_even_share() -> None:
    found = polled(Polled(Failed(Reason.TIMED_OUT, "")), rhythm=busy(0))
    assert pause_s(found) <= PACING.pace.even_s


@pytest.mark.parametrize(("days", "stopped"), [(29, False), (31, True)])
def test_a_feed_that_has_failed_for_a_month_is_set_aside(days: int, stopped: bool) -> None:
    memory = FeedMemory(failing_since=NOW - timedelta(days=days))
    found = polled(Polled(Failed(Reason.NOT_FOUND, "no page")), memory=memory, failures=40)
    assert found.stopped is stopped
    assert found.memory.failing_since == memory.failing_since
    assert found.detail == ("Failing since 2026-04-03. no page" if stopped else "no page")


def test_an_answer_ends_a_time_of_failing() -> None:
    memory = FeedMemory(failing_since=NOW - timedelta(days=20))
    assert polled(Polled(NotModified()), memory=memory).memory.failing_since is None


def test_feeds_that_match_topics_more_are_polled_more() -> None:
    pace = schedule.steered(
        PACING.pace,
        NOW.timestamp() + 86_400,
        schedule.Lately(10, 40, 40 * 12.0, [NOW.timestamp()] * 100, matched=10),
        schedule.Budget(40),
        1.5,
    )
    pacing = polling.Pacing(pace, Limits(), 0.1)
    waits = [
        planned(feed(rhythm=busy(2), matched=matched, matched_at=NOW), None, NOW, pacing).wait_s
        for matched in (0.0, 30.0, 300.0)
    ]
    assert waits == sorted(waits, reverse=True)
    assert waits[2] < waits[0] / 1.5
    alike = polling.Pacing(pace, Limits(), unmatched=1.0)
    assert (
        planned(feed(rhythm=busy(2), matched=300.0, matched_at=NOW), None, NOW, alike).wait_s
        == planned(feed(rhythm=busy(2)), None, NOW, alike).wait_s
    )


def test_push_and_crowded_hosts_stretch_an_interval() -> None:
    rhythm = Rhythm.from_json(busy(2))
    assert rhythm is not None
    at = NOW.timestamp()
    usual, pushed = (
        schedule.plan(rhythm, at, PACING.pace, PACING.limits, stretch=stretch).wait_s
        for stretch in (1.0, schedule.PUSHED)
    )
    assert pushed == pytest.approx(12 * usual)
    crowded = polling.Pacing(PACING.pace, PACING.limits, 0.1, {"press.example": 3.0})
    assert planned(feed(rhythm=busy(2)), None, NOW, crowded).wait_s == pytest.approx(3 * usual)
