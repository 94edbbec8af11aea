"""How long a feed is left alone: by its rate, its hours, its silence, a burst, and the limits."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.schedule import (
    Budget,
    Limits,
    Pace,
    Profile,
    Rhythm,
    first_pace,
    host_stretch,
    interval_s,
    observed,
    outlook,
)

DAY = 86_400.0
START = 20_000 * DAY
PACE = first_pace(START, 100, Budget(400), 1.0)
LIMITS = Limits(theta=1.0)


def published(per_day: int, days: int = 40, *, at_hours: range = range(24)) -> Rhythm:
    """The rhythm of a feed that publishes evenly, within some hours of each day."""
    rhythm = observed(None, START, [], 20)
    span = len(at_hours) * 3_600
    for day in range(days):
        for n in range(per_day):
            spread = (n + (day * 0.618) % 1) / per_day
            at = START + day * DAY + at_hours[0] * 3_600 + span * spread
            rhythm = observed(rhythm, at + 60, [at], 20)
    return rhythm


def waits(rhythm: Rhythm, at: float, pace: Pace = PACE, weight: float = 1.0) -> float:
    return interval_s(rhythm, at, pace, LIMITS, weight)


AFTER = START + 40 * DAY


def test_a_constant_rate_gives_the_square_root_rule() -> None:
    rhythm = published(48)
    expected = outlook(rhythm, AFTER, PACE)
    assert expected.rate == pytest.approx(48 / DAY, rel=0.05)
    flat = replace(rhythm, seen=0.0, hours=(0.0,) * 24, minutes=(0.0,) * 60, burst=0.0)
    known = outlook(flat, AFTER, PACE)
    assert waits(flat, AFTER) == pytest.approx((2 * PACE.mu / known.steady) ** 0.5, rel=0.01)


def test_a_feed_is_polled_more_in_the_hours_in_which_it_publishes() -> None:
    rhythm = published(24, at_hours=range(6, 12))
    assert waits(rhythm, AFTER + 7 * 3_600) < waits(rhythm, AFTER + 18 * 3_600) / 2


def test_a_poll_waits_for_the_minute_at_which_a_feed_publishes() -> None:
    rhythm = observed(None, START, [], 20)
    for hour in range(40 * 24):
        at = START + hour * 3_600 + 1_800
        rhythm = observed(rhythm, at + 60, [at], 20)
    from_ten_past = waits(rhythm, AFTER + 600)
    assert 1_200 <= from_ten_past <= 1_800


def test_a_feed_that_is_written_anew_every_quarter_of_an_hour_is_polled_when_it_is() -> None:
    rhythm = observed(None, START, [], 20)
    chance, at = random.Random(3), START
    while at < AFTER:
        at += 900 * chance.randint(1, 9) + 7 * chance.random()
        rhythm = observed(rhythm, at + 60, [at], 20, pace=PACE)
    eager = replace(PACE, mu=PACE.mu / 3)
    for minutes in (5, 10, 14):
        asked = 60.0 * minutes
        assert 900 < asked + waits(rhythm, rhythm.last_at + asked, eager) < 1_100
    likely = {start: factor for start, _, factor in Profile(rhythm, PACE).likely_after()}
    assert max(likely, key=likely.__getitem__) == 900


def test_what_an_entry_is_followed_by_counts_for_less_once_others_may_have_come() -> None:
    lonely = replace(published(400), came_after=(0.0,) * 18, due_after=(50.0,) * 18)
    cheap, dear = PACE, replace(PACE, mu=PACE.mu * 1_000)
    told = {pace: waits(lonely, AFTER, pace) for pace in (cheap, dear)}
    plain = {pace: waits(published(400), AFTER, pace) for pace in (cheap, dear)}
    assert told[cheap] / plain[cheap] > told[dear] / plain[dear] > 1


def test_a_burst_is_followed_closely() -> None:
    quiet = published(4)
    now = AFTER + 1_000
    bursting = observed(quiet, now, [now - 60 * n for n in range(12)], 20)
    assert waits(bursting, now) < waits(quiet, now) / 2


def test_a_feed_that_fell_silent_is_polled_less_and_less() -> None:
    rhythm = published(12)
    lasting = [waits(rhythm, AFTER + days * DAY) for days in (1, 3, 7)]
    assert lasting == sorted(lasting)
    assert lasting[-1] > 4 * lasting[0]


def test_what_matters_more_is_polled_more() -> None:
    rhythm = published(12)
    assert waits(rhythm, AFTER, weight=4.0) < waits(rhythm, AFTER) * 0.7


def test_a_new_feed_is_not_left_alone_for_longer_than_an_even_share() -> None:
    rhythm = observed(None, AFTER, [AFTER - 300 * DAY], 1)
    assert waits(rhythm, AFTER) <= PACE.even_s


def test_a_document_never_fills_up_between_two_polls() -> None:
    rhythm = replace(published(96), window=4)
    dear = replace(PACE, mu=PACE.mu * 1e6)
    rate = outlook(rhythm, AFTER, dear).steady
    assert waits(rhythm, AFTER, dear) < 2 * 2 / rate


def test_squares_of_delays_keep_rare_feeds_from_waiting() -> None:
    rare, busy = published(1), published(96)
    ratios = [
        interval_s(rare, AFTER, pace, Limits(theta)) / interval_s(busy, AFTER, pace, Limits(theta))
        for theta, pace in ((t, first_pace(START, 100, Budget(400), t)) for t in (1.0, 1.5, 2.0))
    ]
    assert ratios == sorted(ratios, reverse=True)


@given(
    st.integers(0, 200),
    st.floats(1e-6, 1e12),
    st.sampled_from([1.0, 1.25, 2.0]),
    st.floats(0.01, 100),
    st.floats(0, 60 * DAY),
)
def test_an_interval_is_always_within_the_limits(
    per_day: int, mu: float, theta: float, weight: float, later: float
) -> None:
    rhythm = published(per_day, days=2)
    limits = Limits(theta)
    s = interval_s(rhythm, START + 2 * DAY + later, replace(PACE, mu=mu), limits, weight)
    assert limits.floor_s <= s <= limits.ceiling_s


@given(st.floats(1e-3, 1e6), st.floats(1.01, 10))
def test_the_dearer_a_poll_the_longer_the_wait(mu: float, factor: float) -> None:
    rhythm = published(10, days=2)
    at = START + 3 * DAY
    cheap, dear = replace(PACE, mu=mu), replace(PACE, mu=mu * factor)
    assert waits(rhythm, at, cheap) <= waits(rhythm, at, dear)


@pytest.mark.parametrize(("polls_a_minute", "stretch"), [(0.5, 1.0), (2.0, 2.1)])
def test_feeds_of_one_host_are_stretched_to_what_it_bears(
    polls_a_minute: float, stretch: float
) -> None:
    assert host_stretch(polls_a_minute / 60, 60) == pytest.approx(stretch)
