"""When a channel rests, and when it is stopped; and when its alerts are tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker import breaker, retries
from worker.errors import Reason
from worker.records import Answer, ChannelState, ClaimedAlert, Delivery

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIMITS = breaker.Limits(3, 10, 300, timedelta(days=5))
WELL = ChannelState(1, "desk")
TAKEN = Answer(accepted=True, status=200)
REFUSALS = {
    "500": Answer(accepted=False, status=500, reason=Reason.SERVER_ERROR),
    "404": Answer(accepted=False, status=404, reason=Reason.NOT_FOUND),
    "429": Answer(accepted=False, status=429, reason=Reason.RATE_LIMITED, retry_after_s=60),
    "hang": Answer(accepted=False, reason=Reason.TIMED_OUT),
    "410": Answer(accepted=False, status=410, reason=Reason.GONE),
    "secret": Answer(accepted=False, reason=Reason.SECRET_MISSING),
}
anything = st.sampled_from([TAKEN, *REFUSALS.values()])


def _claim(attempts: int = 1) -> ClaimedAlert:
    return ClaimedAlert(1, 1, 1, "desk", "webhook", {}, "msg_1", "{}", attempts)


def _told(*answers: Answer, at: datetime = NOW) -> list[Delivery]:
    return [
        Delivery(_claim(), answer, at + timedelta(seconds=n), None)
        for n, answer in enumerate(answers)
    ]


def _after(*answers: Answer, before: ChannelState = WELL, at: datetime = NOW) -> ChannelState:
    return breaker.after(before, _told(*answers, at=at), LIMITS, 0)


def test_a_channel_rests_after_so_many_failures_in_a_row_and_not_before() -> None:
    broken = REFUSALS["500"]
    assert _after(broken, broken).paused_until is None
    resting = _after(broken, broken, broken)
    assert resting.paused_until == NOW + timedelta(seconds=2 + 10)
    assert _after(broken, broken, TAKEN, broken, broken).paused_until is None


def test_each_probe_that_fails_doubles_the_rest_up_to_the_longest() -> None:
    state, rests = _after(*[REFUSALS["hang"]] * 3), []
    for minute in range(1, 8):
        at = NOW + timedelta(minutes=10 * minute)
        state = _after(REFUSALS["hang"], before=state, at=at)
        assert state.paused_until is not None
        rests.append((state.paused_until - at).total_seconds())
    assert rests == [20, 40, 80, 160, 300, 300, 300]


def test_success_makes_a_channel_as_good_as_new() -> None:
    assert _after(TAKEN, before=_after(*[REFUSALS["500"]] * 4)) == WELL


@pytest.mark.parametrize(("told_s", "rest_s"), [(0, None), (60, 60), (9_999_999, 300)])
def test_a_receiver_that_wants_fewer_messages_is_left_alone_for_as_long_as_it_says(
    told_s: float, rest_s: float | None
) -> None:
    slower = Answer(accepted=False, status=429, reason=Reason.RATE_LIMITED, retry_after_s=told_s)
    until = _after(slower).paused_until
    assert until == (None if rest_s is None else NOW + timedelta(seconds=rest_s))


def test_410_stops_a_channel_at_once() -> None:
    state = _after(REFUSALS["410"])
    assert (state.stopped, state.reason) == (True, Reason.GONE)
    assert "channels.yml" in state.detail


def test_a_channel_that_fails_for_five_days_is_stopped_with_its_last_answer() -> None:
    failing = _after(REFUSALS["500"])
    last = Answer(accepted=False, status=404, reason=Reason.NOT_FOUND, detail="No such hook.")
    almost = _after(last, before=failing, at=NOW + timedelta(days=4.9))
    assert not almost.stopped
    state = _after(last, before=almost, at=NOW + timedelta(days=5))
    assert (state.stopped, state.reason) == (True, Reason.NOT_FOUND)
    assert "No such hook." in state.detail
    assert "wirewatch channels open desk" in state.detail


def test_what_is_ours_to_mend_is_not_the_channels_fault() -> None:
    assert _after(*[REFUSALS["secret"]] * 9) == WELL


def test_only_an_outage_of_some_minutes_calls_its_alerts_back() -> None:
    resting = _after(*[REFUSALS["500"]] * 3)
    well = _after(TAKEN, before=resting)
    assert not breaker.has_recovered(resting, well, NOW + timedelta(minutes=9))
    assert breaker.has_recovered(resting, well, NOW + timedelta(minutes=10))
    assert not breaker.has_recovered(WELL, WELL, NOW + timedelta(days=1))


@given(st.lists(anything, max_size=30))
def test_a_state_is_consistent_whatever_a_channel_answers(answers: list[Answer]) -> None:
    state = _after(*answers)
    assert (state.failures == 0) == (state.failing_since is None)
    assert state.paused_until is None or state.failures
    assert state.stopped == (REFUSALS["410"] in answers)
    assert state.failures < LIMITS.failures or state.paused_until or state.stopped


@given(st.lists(anything, max_size=12), st.integers(0, 12))
def test_answers_in_two_batches_leave_what_they_leave_in_one(
    answers: list[Answer], cut: int
) -> None:
    told = _told(*answers)
    halfway = breaker.after(WELL, told[:cut], LIMITS, 0)
    assert breaker.after(halfway, told[cut:], LIMITS, 0) == breaker.after(WELL, told, LIMITS, 0)


# ---- tries


def test_an_alert_is_tried_eleven_times_over_three_days_and_then_is_dead() -> None:
    at, tries = NOW, []
    for attempts in range(1, 20):
        tries.append((at - NOW).total_seconds())
        due_at = retries.after(_claim(attempts), REFUSALS["500"], at, 0).due_at
        if due_at is None:
            break
        at = due_at
    pauses = [0, 5, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert tries == [sum(pauses[: n + 1]) for n in range(11)]


@given(
    st.integers(1, 30),
    st.floats(0, 1),
    st.none() | st.floats(0, 1e9),
    st.sampled_from(list(REFUSALS.values())),
)
def test_a_next_try_is_never_sooner_than_told_nor_later_than_a_day_and_a_tenth(
    attempts: int, jitter: float, wish_s: float | None, answer: Answer
) -> None:
    told = Answer(False, answer.status, answer.reason, retry_after_s=wish_s)
    due_at = retries.after(_claim(attempts), told, NOW, jitter).due_at
    if due_at is None:
        assert attempts > len(retries.PAUSES_S)
        return
    assert due_at <= NOW + timedelta(days=1.1)
    if answer.status != 410:
        assert due_at >= NOW + timedelta(seconds=min(wish_s or 0, 86_400))
        assert due_at >= NOW + timedelta(seconds=5)


def test_a_missing_secret_never_uses_tries_up() -> None:
    assert retries.after(_claim(99), REFUSALS["secret"], NOW, 0).due_at == NOW + timedelta(
        minutes=5
    )
