"""A feed's rhythm: what is counted, what decays, what a first document tells, how it is stored."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.schedule import Budget, Rhythm, first_pace, observed
from worker.schedule.profile import Profile

DAY = 86_400.0
NOW = 20_000 * DAY + 9 * 3_600 + 7 * 60
PACE = first_pace(NOW, 100, Budget(400), 1.0)


def read_before(now: float = NOW) -> Rhythm:
    return observed(None, now, [], 10)


def test_an_entry_counts_in_its_hour_of_the_day_and_its_minute_of_the_hour() -> None:
    rhythm = observed(read_before(), NOW + 600, [NOW])
    assert rhythm.hours[9] == 1
    assert rhythm.minutes[7] == 1
    assert (sum(rhythm.hours), sum(rhythm.minutes), rhythm.seen) == (1, 1, 1)


def test_what_was_counted_fades_with_time() -> None:
    once = observed(read_before(), NOW, [NOW])
    later = observed(once, NOW + 28 * DAY, [NOW + 28 * DAY])
    assert later.level == pytest.approx(1 + 2.718281828 ** (-28 / 12))
    assert later.burst == pytest.approx(1)
    assert later.seen == pytest.approx(1 + 2.718281828**-1)


def test_a_poll_without_news_changes_nothing() -> None:
    rhythm = observed(read_before(), NOW, [NOW])
    assert observed(rhythm, NOW + DAY, []) is rhythm


@pytest.mark.parametrize(
    ("reaches_back", "profiled"), [(2 * DAY, 0), (4 * DAY, 3)], ids=["two-days", "four-days"]
)
def test_a_first_document_tells_of_hours_only_if_it_spans_days(
    reaches_back: float, profiled: int
) -> None:
    rhythm = observed(None, NOW, [NOW - reaches_back, NOW - 60, NOW - 30], 3)
    assert rhythm.seen == profiled
    assert rhythm.first_at == NOW - reaches_back
    assert 2 < rhythm.level < 3


@pytest.mark.parametrize(
    "published",
    [NOW + 9 * DAY, None, -5e9],
    ids=["from-the-future", "without-a-date", "before-computers"],
)
def test_dates_that_cannot_be_do_no_harm(published: float | None) -> None:
    rhythm = observed(read_before(), NOW + 60, [published])
    assert rhythm.last_at <= NOW + 60
    assert rhythm.level <= 1


def test_it_is_learnt_how_soon_one_entry_follows_another() -> None:
    first = observed(read_before(), NOW, [NOW], pace=PACE)
    rhythm = observed(first, NOW + 1_000, [NOW + 30, NOW + 30, NOW + 930], pace=PACE)
    spans = {n: round(count, 2) for n, count in enumerate(rhythm.came_after) if count}
    assert spans == {0: 1, 7: 1}  # after 30 seconds, and after 15 minutes


@given(st.floats(1e-6, 1e-2), st.floats(1, 3 * DAY))
def test_what_a_rate_brings_between_two_entries_is_the_rate_times_the_time(
    rate: float, apart: float
) -> None:
    due = Profile(read_before(), PACE).due_between(rate, NOW, NOW + apart)
    assert sum(due) == pytest.approx(rate * min(apart, 2 * DAY))
    assert min(due) >= 0


@given(
    st.lists(st.floats(0, 30 * DAY), max_size=30),
    st.integers(0, 500),
)
def test_what_comes_back_from_the_store_is_what_went_in(ages: list[float], window: int) -> None:
    rhythm = observed(read_before(NOW - 30 * DAY), NOW, [NOW - age for age in ages], window)
    again = Rhythm.from_json(json.loads(json.dumps(rhythm.as_json())))
    assert again is not None
    assert again.level == pytest.approx(rhythm.level, abs=1e-2)
    assert again.hours == pytest.approx(rhythm.hours, abs=1e-2)
    assert again.last_at == pytest.approx(rhythm.last_at, abs=1)
    assert again.window == rhythm.window
    assert again.as_json() == rhythm.as_json()


def test_a_feed_that_was_never_read_has_no_rhythm() -> None:
    assert Rhythm.from_json({}) is None
