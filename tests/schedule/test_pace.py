"""The pace of all feeds: mu follows the demand, the purse keeps to the budget, hours are learnt."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.schedule import Budget, Lately, Mode, Pace, Purse, first_pace, steered
from worker.schedule.pace import week_hour

DAY = 86_400.0
MONDAY = 4 * DAY + 2_900 * 7 * DAY
HOURLY, DAILY = Budget(360, "hourly"), Budget(360, "daily")
HALF_A_DAY = 360 * 12.0
BOTH = pytest.mark.parametrize("mode", ["hourly", "daily"])


def steer(pace: Pace, budget: Budget, demand: float, minutes: int) -> Pace:
    for _ in range(minutes):
        pace = steered(pace, pace.at + 60, Lately(100, demand, HALF_A_DAY), budget, 1.0)
    return pace


@BOTH
@pytest.mark.parametrize(("demand", "dearer"), [(720.0, True), (90.0, False)])
def test_a_poll_becomes_dearer_when_feeds_ask_for_too_many(
    mode: Mode, demand: float, dearer: bool
) -> None:
    budget = Budget(360, mode)
    before = first_pace(MONDAY, 100, budget, 1.0)
    assert (steer(before, budget, demand, 60).mu > before.mu) is dearer


@BOTH
def test_mu_settles_where_the_budget_is_asked_for(mode: Mode) -> None:
    budget = Budget(360, mode)
    pace = first_pace(MONDAY, 100, budget, 1.0)
    wanted = 3.0 * pace.mu
    purse = Purse(MONDAY, 180 * 24)
    for _ in range(60 * 24 * 30):
        demand = budget.polls_per_hour * (wanted / pace.mu) ** 0.5
        purse = purse.filled(pace.at, budget).spent(demand / 60)
        lately = Lately(100, demand, purse.saved)
        pace = steered(pace, pace.at + 60, lately, budget, 1.0)
    assert pace.mu == pytest.approx(wanted, rel=0.12)


def test_new_feeds_bring_their_share_of_the_budget_and_leave_mu_as_it_was() -> None:
    pace = steer(first_pace(MONDAY, 100, DAILY, 1.0), DAILY, 360.0, 60 * 24 * 3)
    bigger = Budget(720)
    after = steered(pace, pace.at + 60, Lately(200, 720.0, 2 * HALF_A_DAY), bigger, 1.0)
    assert after.mu == pytest.approx(pace.mu, rel=1e-3)
    assert after.even_s == pace.even_s


def test_a_weekend_does_not_make_polls_cheap() -> None:
    pace = steer(first_pace(MONDAY, 100, DAILY, 1.0), DAILY, 360.0, 60 * 24 * 7)
    weekend = steer(pace, DAILY, 250.0, 60 * 24 * 2)
    assert pace.mu * 0.7 < weekend.mu < pace.mu


def test_what_is_saved_up_makes_polls_cheaper() -> None:
    pace = first_pace(MONDAY, 100, DAILY, 1.0)
    rich, poor = (
        steered(pace, MONDAY + 600, Lately(100, 360, saved), DAILY, 1.0)
        for saved in (360 * 24.0, 0.0)
    )
    assert rich.mu < pace.mu < poor.mu


@given(st.floats(0, 1e12), st.integers(0, 10**6), st.floats(0, 1e9))
def test_no_demand_drives_mu_out_of_bounds(demand: float, feeds: int, passed: float) -> None:
    pace = first_pace(MONDAY, feeds, DAILY, 1.5)
    after = steered(pace, MONDAY + passed, Lately(feeds, demand, 0.0), DAILY, 1.5)
    assert 0 < after.mu < float("inf")


def test_hours_and_days_of_the_week_are_learnt() -> None:
    pace = first_pace(MONDAY, 10, DAILY, 1.0)
    for day in range(21):
        noon = MONDAY + day * DAY + 12 * 3_600
        news = [noon] * (100 if day % 7 < 5 else 10)
        pace = steered(pace, MONDAY + (day + 1) * DAY, Lately(10, 360, 0.0, news), DAILY, 1.0)
    assert max(pace.hours) == pace.hours[12] > 3
    assert min(pace.days[:5]) > max(pace.days[5:])
    assert sum(pace.hours) / 24 == pytest.approx(1)
    assert sum(pace.days) / 7 == pytest.approx(1)
    assert pace.rate == pytest.approx((15 * 100 + 6 * 10) / 21 / 10 / DAY, rel=0.3)


@pytest.mark.parametrize(
    ("at", "hour"), [(MONDAY, 0), (MONDAY + 3_600, 1), (MONDAY - 1, 167), (0, 72)]
)
def test_weeks_begin_on_mondays(at: float, hour: int) -> None:
    assert week_hour(at) == hour


def test_what_comes_back_from_the_store_is_what_went_in() -> None:
    pace = steered(
        first_pace(MONDAY, 10, DAILY, 1.0),
        MONDAY + 9 * DAY,
        Lately(10, 300, 5.0, [MONDAY + 8 * DAY]),
        DAILY,
        1.0,
    )
    again = Pace.from_json(json.loads(json.dumps(pace.as_json())))
    assert again.hours == pytest.approx(pace.hours, rel=1e-3)
    assert again.days == pytest.approx(pace.days, rel=1e-3)
    assert replace(again, week=(), hours=(), days=()) == replace(pace, week=(), hours=(), days=())


# ---- the purse


@BOTH
def test_no_hour_has_more_polls_than_it_may(mode: Mode) -> None:
    budget = Budget(360, mode)
    purse = Purse(0.0, 1e9, 1e9)
    polls = 0
    for second in range(3_600):
        purse = purse.filled(float(second), budget)
        polls += purse.polls()
        purse = purse.spent(purse.polls())
    assert polls <= budget.polls_per_hour * {"hourly": 1.1, "daily": 2.1}[mode]


def test_a_purse_that_ran_dry_says_how_long_to_wait() -> None:
    purse = Purse(0.0).filled(0.0, HOURLY)
    assert purse.polls() == 0
    waited = purse.filled(purse.wait_s(HOURLY), HOURLY)
    assert waited.polls() == 1


def test_the_smallest_budget_still_lets_polls_go() -> None:
    budget = Budget(0.5, "hourly")
    assert Purse(0.0).filled(2 * 3_600.0, budget).polls() == 1


def test_time_that_runs_backwards_fills_nothing_twice() -> None:
    purse = Purse(100.0, 1.0, 1.0).filled(50.0, HOURLY)
    assert (purse.at, purse.saved) == (100.0, 1.0)


def test_what_would_be_lost_is_to_be_spent_before_its_time() -> None:
    full = Purse(0.0, 1e9, 1e9).filled(0.0, HOURLY)
    assert full.overflow(60.0, HOURLY) == 6
    assert Purse(0.0).overflow(60.0, HOURLY) == 0
