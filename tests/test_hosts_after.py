"""How asking a host went: what it is told, and what follows from it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import Reason
from worker.hosts import (
    FAILS_AS_A_WHOLE,
    NOT_ASKED,
    Errand,
    Manners,
    after,
    outcome_of,
    take_turns,
)
from worker.records import Failed, Hop, HostOutcome, HostState

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
MANNERS = Manners(connections=2, page_gap_s=1, ahead_s=0, longest_gap_s=30, longest_pause_s=3_600)
HOST = HostState("news.example", robots_due_at=NOW + timedelta(days=1))
POLL, PAGE = Errand.POLL, Errand.PAGE


def s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def granted(host: HostState, errand: Errand, waiting: int = 9) -> int:
    return len(take_turns(host, range(waiting), errand, NOW, MANNERS)[1])


OK = HostOutcome(HOST.name)


def failed(reason: Reason, retry_after_s: float | None = None) -> Failed:
    return Failed(reason, "no", None, retry_after_s)


def fails(
    host: HostState,
    reason: Reason = Reason.SERVER_ERROR,
    retry_after_s: float | None = None,
    *,
    now: datetime = NOW,
) -> HostState:
    """The host after one more request, claimed just before, went wrong."""
    told = outcome_of(host.name, host.failures, failed(reason, retry_after_s))
    assert told is not None
    return after(host, told, now, MANNERS)


def paused_s(host: HostState, now: datetime = NOW) -> float:
    return (host.paused_until - now).total_seconds() if host.paused_until else 0.0


def test_what_never_reached_the_host_says_nothing_of_it() -> None:
    for reason in NOT_ASKED:
        assert outcome_of(HOST.name, 5, failed(reason)) is None, reason
    assert outcome_of(None, 5, None) is outcome_of("", 5, failed(Reason.TIMED_OUT)) is None


def test_every_other_reason_is_the_hosts_failure_or_an_answer_of_its_own() -> None:
    own = {r for r in Reason if (o := outcome_of("h", 1, failed(r))) and o.reason is not None}
    assert own == {
        Reason.HOST_UNKNOWN, Reason.CONNECTION_REFUSED, Reason.CONNECTION_LOST, Reason.TLS_FAILED,
        Reason.CONNECT_TIMED_OUT, Reason.FIRST_BYTE_TIMED_OUT, Reason.TIMED_OUT,
        Reason.RATE_LIMITED, Reason.SERVER_ERROR, Reason.BOT_PROTECTION,
    }  # fmt: skip
    for reason in set(Reason) - own - NOT_ASKED:
        assert outcome_of("h", 1, failed(reason)) == HostOutcome("h", 1), reason


def test_a_success_is_news_only_after_failures() -> None:
    assert outcome_of(HOST.name, 0, None) is outcome_of(HOST.name, 0, failed(Reason.GONE)) is None
    assert outcome_of(HOST.name, 2, None) == HostOutcome(HOST.name, failures=2)


def test_a_redirect_is_an_answer_wherever_it_leads() -> None:
    down = failed(Reason.TIMED_OUT)
    elsewhere = replace(
        down, hops=(Hop(302, "https://news.example/2"), Hop(301, "https://b.example"))
    )
    assert outcome_of(HOST.name, 2, elsewhere) == HostOutcome(HOST.name, 2)
    back_again = replace(down, hops=(*elsewhere.hops, Hop(302, "https://news.example/3")))
    told = outcome_of(HOST.name, 2, back_again)
    assert told is not None
    assert told.reason is Reason.TIMED_OUT


# ---- what follows


def test_the_third_failure_in_a_row_pauses_the_host_and_each_probe_doubles_it() -> None:
    host, pauses = HOST, []
    for _ in range(14):
        host = fails(replace(host, paused_until=None))
        pauses.append(paused_s(host))
    assert pauses[:8] == [0, 0, 60, 120, 240, 480, 960, 1_920]
    assert set(pauses[8:]) == {MANNERS.longest_pause_s}


def test_any_answer_makes_all_well_again() -> None:
    down = replace(HOST, failures=4, paused_until=NOW)
    for answer in (None, failed(Reason.NOT_FOUND), failed(Reason.NO_TEXT)):
        told = outcome_of(HOST.name, 4, answer)
        assert told is not None
        assert after(down, told, NOW, MANNERS) == HOST


def test_a_probe_that_fails_is_followed_by_one_probe_and_a_good_one_by_all() -> None:
    host = HOST
    for _ in range(FAILS_AS_A_WHOLE):
        host = fails(host)
    assert granted(host, POLL) == 0
    awake = replace(host, paused_until=NOW)
    assert granted(awake, POLL) == 1
    again = fails(awake)
    assert granted(again, POLL) == 0
    assert granted(replace(again, paused_until=NOW), POLL) == 1
    well = after(again, HostOutcome(HOST.name, again.failures), NOW, MANNERS)
    assert granted(well, POLL) == 2


@pytest.mark.parametrize(
    ("reason", "wish_s", "pause_s"),
    [
        (Reason.RATE_LIMITED, None, 60),
        (Reason.RATE_LIMITED, 5, 5),
        (Reason.RATE_LIMITED, 0, 0),
        (Reason.RATE_LIMITED, 900, 900),
        (Reason.RATE_LIMITED, 1e9, 3_600),
        (Reason.SERVER_ERROR, None, 0),
        (Reason.SERVER_ERROR, 120, 120),
        (Reason.BOT_PROTECTION, 300, 300),
    ],
)
def test_retry_after_pauses_the_host_at_the_first_failure(
    reason: Reason, wish_s: float | None, pause_s: float
) -> None:
    assert paused_s(fails(HOST, reason, wish_s)) == pause_s


def test_a_wish_never_shortens_a_pause() -> None:
    failing = replace(HOST, failures=FAILS_AS_A_WHOLE + 2)
    assert paused_s(fails(failing, Reason.RATE_LIMITED, 5)) == 480
    paused = replace(HOST, failures=1, paused_until=NOW + s(900))
    assert paused_s(fails(paused, Reason.RATE_LIMITED, 5)) == 900
    assert paused_s(fails(paused)) == 900


def test_a_success_from_before_a_pause_does_not_lift_it() -> None:
    limited = fails(HOST, Reason.RATE_LIMITED, 600)
    assert after(limited, OK, NOW, MANNERS) == limited
    assert after(limited, replace(OK, failures=1), NOW, MANNERS).paused_until is None


def test_two_that_failed_together_count_as_one_probe() -> None:
    failing = replace(HOST, failures=FAILS_AS_A_WHOLE - 1)
    both = [HostOutcome(HOST.name, failing.failures, Reason.TIMED_OUT)] * 2
    host = after(after(failing, both[0], NOW, MANNERS), both[1], NOW + s(1), MANNERS)
    assert (host.failures, paused_s(host)) == (FAILS_AS_A_WHOLE, 61)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, Reason.TIMED_OUT, Reason.RATE_LIMITED, Reason.SERVER_ERROR]),
            st.none() | st.floats(0, 1e12),
            st.floats(0, 5_000),
            st.integers(0, 3),
        ),
        max_size=40,
    )
)
def test_no_host_is_left_alone_for_longer_than_the_longest_pause(
    events: list[tuple[Reason | None, float | None, float, int]],
) -> None:
    host, now = HOST, NOW
    for reason, wish_s, passed_s, stale_by in events:
        now += s(passed_s)
        known = max(0, host.failures - stale_by)
        before = host
        host = after(host, HostOutcome(host.name, known, reason, "", wish_s), now, MANNERS)
        assert host.paused_until is None or host.paused_until <= max(
            now + s(MANNERS.longest_pause_s), before.paused_until or now
        )
        assert host.failures >= before.failures or (host.failures, host.paused_until) == (0, None)
