"""When a channel that keeps failing is left alone, and when it is stopped. Pure.

A circuit breaker for each channel, kept in its row for all workers: after some failures in a row
it opens, and the channel's alerts wait, using up no tries; when its rest is over one alert is sent
as a probe, and closes it or lets it rest for longer. (Nygard, Release It!, chapter 5.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from worker.errors import Reason
from worker.records import Answer, ChannelState, Delivery

# What is no fault of the receiver: ours to mend, and no word about how the channel is.
_OURS = frozenset(
    {Reason.SECRET_MISSING, Reason.CHANNEL_UNKNOWN, Reason.WORKER_LOST, Reason.UNEXPECTED}
)
# A receiver that wants fewer messages, or is down and knows for how long.
_TELLS_WHEN = frozenset({429, 503})
# A channel that fails and answers by turns must not use up the tries of its alerts in minutes.
_OUTAGE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Limits:
    """A channel rests after `failures` in a row, for `rest_s` seconds, and twice as long after each
    probe that fails, `longest_rest_s` at the most. It is stopped once it has failed for `failing`.
    """

    failures: int
    rest_s: float
    longest_rest_s: float
    failing: timedelta


def after(
    before: ChannelState, deliveries: Sequence[Delivery], limits: Limits, jitter: float
) -> ChannelState:
    """A channel's state after what it has answered; `jitter` in 0..1 adds up to a tenth to rests.

    410 stops it at once. Once stopped, nothing but an operator opens it again.
    """
    state = before
    for one in sorted(deliveries, key=lambda one: one.at):
        if one.answer.accepted:
            state = replace(state, failures=0, failing_since=None, paused_until=None)
        elif one.answer.reason not in _OURS:
            state = _failed(state, one, limits, jitter)
    return state


def has_recovered(before: ChannelState, state: ChannelState, now: datetime) -> bool:
    """Whether an outage is over: what failed in it need not wait for its next try."""
    if state.failures or before.failing_since is None or before.paused_until is None:
        return False
    return now - before.failing_since >= _OUTAGE


def _failed(state: ChannelState, one: Delivery, limits: Limits, jitter: float) -> ChannelState:
    answer = one.answer
    state = replace(state, failures=state.failures + 1, failing_since=state.failing_since or one.at)
    if answer.status == 410:
        return _stopped(
            state,
            Reason.GONE,
            "The receiver answered 410 Gone. Change its address in channels.yml to go on.",
        )
    if one.at - (state.failing_since or one.at) >= limits.failing:
        days = limits.failing.total_seconds() / 86_400
        return _stopped(
            state,
            answer.reason,
            f"Nothing was taken for {days:g} days; the last answer was: {answer.detail} "
            f"Mend it, then `wirewatch channels open {state.name}`.",
        )
    rest_s = _rest_s(state.failures, answer, limits) * (1 + jitter / 10)
    if not rest_s:
        return state
    until = one.at + timedelta(seconds=rest_s)
    return replace(state, paused_until=max(until, state.paused_until or until))


def _rest_s(failures: int, answer: Answer, limits: Limits) -> float:
    told_s = (answer.retry_after_s or 0.0) if answer.status in _TELLS_WHEN else 0.0
    over = failures - limits.failures
    own_s = limits.rest_s * 2 ** min(over, 30) if over >= 0 else 0.0
    return min(max(told_s, own_s), limits.longest_rest_s)


def _stopped(state: ChannelState, reason: Reason | None, detail: str) -> ChannelState:
    if state.stopped:
        return state
    return replace(state, stopped=True, reason=reason, detail=detail)
