"""Which of a feed's hubs is asked: rules alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import Reason
from worker.hub_choice import after_asking, after_denial, before_asking, next_hub
from worker.records import ClaimedPush, Failed, HubRest, PushKind, PushPlace, PushState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
A, B, C = (f"https://{name}.test/hub" for name in "abc")
REFUSED = Failed(Reason.SERVER_ERROR, "The hub answered 500.", 500)
PUSH = ClaimedPush(1, 2, 3, PushKind.WEBSUB, A, "https://news.test/feed", "5a17", 0, (A, B))
PLACE = PushPlace(1, 3, PushKind.WEBSUB, PUSH.topic, True, True, None, A, (A, B, C))


def rest(hours: float, times: int = 1) -> HubRest:
    return HubRest(NOW + timedelta(hours=hours), times)


@pytest.mark.parametrize(
    ("rests", "hub", "in_hours"),
    [
        ({}, A, 0),
        ({A: rest(-1)}, A, 0),
        ({A: rest(1)}, B, 0),
        ({A: rest(1), B: rest(2)}, C, 0),
        ({A: rest(3), B: rest(2), C: rest(4)}, B, 2),
    ],
)
def test_the_first_hub_is_asked_that_does_not_rest(
    rests: dict[str, HubRest], hub: str, in_hours: float
) -> None:
    assert next_hub((A, B, C), rests, NOW) == (hub, NOW + timedelta(hours=in_hours))


def test_a_hub_that_fails_once_is_asked_again_before_the_next_one() -> None:
    once = after_asking(PUSH, REFUSED, NOW, 0)
    assert (once.instead, once.tries, once.state) == (None, 1, PushState.FAILED)
    twice = after_asking(replace(PUSH, tries=1), REFUSED, NOW, 0)
    assert twice.instead is not None
    assert (twice.instead.hub, twice.due_at, twice.detail) == (B, NOW, REFUSED.detail)
    assert twice.instead.rests == {A: HubRest(NOW + timedelta(minutes=10), 1)}


def test_a_hub_that_has_rested_gets_one_try_and_rests_longer_each_time() -> None:
    rests = {A: rest(-1, times=3)}
    asked = after_asking(replace(PUSH, rests=rests), REFUSED, NOW, 0)
    assert asked.instead is not None
    assert asked.instead.rests[A] == HubRest(NOW + timedelta(minutes=80), 4)


def test_a_pause_that_a_hub_asks_for_is_its_rest() -> None:
    busy = replace(REFUSED, retry_after_s=7_200)
    asked = after_asking(replace(PUSH, tries=1), busy, NOW, 0)
    assert asked.instead is not None
    assert asked.instead.rests[A].until == NOW + timedelta(hours=2)


@pytest.mark.parametrize("push", [replace(PUSH, hubs=(A,)), replace(PUSH, hubs=())])
def test_an_only_hub_is_asked_again_and_again(push: ClaimedPush) -> None:
    for tries in range(20):
        asked = after_asking(replace(push, tries=tries), REFUSED, NOW, 0)
        assert (asked.instead, asked.tries) == (None, tries + 1)
    waited = replace(push, tries=9, state=PushState.ASKED)
    assert before_asking(waited, NOW, 0) is None


def test_a_hub_that_agrees_and_never_verifies_is_left() -> None:
    assert before_asking(replace(PUSH, state=PushState.ASKED, tries=1), NOW, 0) is None
    asked = before_asking(replace(PUSH, state=PushState.ASKED, tries=2), NOW, 0)
    assert asked is not None
    assert asked.instead is not None
    assert (asked.instead.hub, asked.reason) == (B, Reason.TIMED_OUT)


@pytest.mark.parametrize(
    ("state", "rests", "back"),
    [
        (PushState.VERIFIED, {}, True),
        (PushState.VERIFIED, {A: rest(-1)}, True),
        (PushState.VERIFIED, {A: rest(1)}, False),
        (PushState.WANTED, {}, False),
    ],
)
def test_a_better_hub_is_come_back_to_when_a_lease_is_renewed(
    state: PushState, rests: dict[str, HubRest], back: bool
) -> None:
    asked = before_asking(replace(PUSH, hub=B, state=state, rests=rests), NOW, 0)
    assert (asked is not None) is back
    if asked is not None:
        assert asked.instead is not None
        assert (asked.instead.hub, asked.reason) == (A, None)


def test_a_hub_that_says_no_rests_for_a_day() -> None:
    to, due_at = after_denial(PLACE, NOW, 0)
    assert (to.hub, due_at, to.rests[A].until) == (B, NOW, NOW + timedelta(days=1))
    to, due_at = after_denial(replace(PLACE, hubs=(A,)), NOW, 0)
    assert (to.hub, due_at) == (A, NOW + timedelta(days=1))
    to, due_at = after_denial(replace(PLACE, kind=PushKind.RSSCLOUD), NOW, 0)
    assert (to.hub, due_at) == (A, NOW + timedelta(days=1))


@given(answers=st.lists(st.booleans(), max_size=40), jitter=st.floats(0, 1))
def test_hubs_that_all_fail_are_asked_ever_more_seldom(answers: list[bool], jitter: float) -> None:
    """However they answer: some hub is asked again within a day or so, and none in a rush."""
    push, now = PUSH, NOW
    for agrees in answers:
        asked = before_asking(push, now, jitter) or after_asking(
            push, None if agrees else REFUSED, now, jitter
        )
        assert timedelta() <= asked.due_at - now <= timedelta(days=1.1)
        now = asked.due_at
        if asked.instead is None:
            push = replace(push, tries=asked.tries, state=asked.state)
        else:
            push = replace(push, hub=asked.instead.hub, rests=asked.instead.rests, tries=0)
            push = replace(push, state=asked.state)
    # Two hubs, each with a try more the first time, and pauses that double.
    assert len(answers) < 10 or now - NOW > timedelta(hours=1)
