"""Which of a feed's hubs is asked: the best one that is not at rest. Pure.

A feed may name several hubs, each of which it tells of its news (WebSub, section 4). One at a time
is subscribed to. One that says no, fails, or agrees and never verifies is left alone for a while,
and the next is asked. A better one is come back to when a lease is to be renewed, for one try.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from worker import subscriptions
from worker.errors import Reason
from worker.records import (
    ClaimedPush,
    Failed,
    HubRest,
    NextHub,
    PushAsked,
    PushKind,
    PushPlace,
    PushState,
)

# Tries in a row before another hub is asked: of one that has rested before, and of others.
_TRIES_AFTER_REST, _TRIES = 1, 2
_DENIED_S, _SPREAD = 86_400.0, 0.1


def before_asking(push: ClaimedPush, now: datetime, jitter: float) -> PushAsked | None:
    """What is to be done instead of asking a hub; None: it is to be asked."""
    if _is_alone(push):
        return None
    if push.state is PushState.ASKED and push.tries >= _patience(push):
        told = "The hub agreed, and did not come to verify."
        return _moved_on(push, Failed(Reason.TIMED_OUT, told), now, jitter)
    if push.state is PushState.VERIFIED and push.tries == 0:
        best, _ = next_hub(push.hubs, push.rests, now)
        if push.hub not in push.hubs or push.hubs.index(best) < push.hubs.index(push.hub):
            instead = NextHub(best, push.rests)
            return PushAsked(push.id, push.token, PushState.WANTED, now, 0, instead=instead)
    return None


def after_asking(
    push: ClaimedPush, failed: Failed | None, now: datetime, jitter: float
) -> PushAsked:
    """What follows from asking a hub: as `subscriptions.after_asking`, or another one's turn."""
    if failed is None or _is_alone(push) or push.tries + 1 < _patience(push):
        return subscriptions.after_asking(push, failed, now, jitter)
    return _moved_on(push, failed, now, jitter)


def after_denial(place: PushPlace, now: datetime, jitter: float) -> tuple[NextHub, datetime]:
    """Which hub is asked after one has said no, and when: it is asked again after a day."""
    until = now + timedelta(seconds=_DENIED_S * (1 + _SPREAD * jitter))
    if place.kind is PushKind.RSSCLOUD:
        return NextHub(place.hub, {}), until
    rests = _rested(place.rests, place.hub, until)
    hub, due_at = next_hub(place.hubs or (place.hub,), rests, now)
    return NextHub(hub, rests), due_at


def next_hub(
    hubs: Sequence[str], rests: Mapping[str, HubRest], now: datetime
) -> tuple[str, datetime]:
    """The first of `hubs` that does not rest, or whose rest is over first; and when it is asked."""
    over = {hub: max(now, rests[hub].until) if hub in rests else now for hub in hubs}
    hub = min(hubs, key=lambda hub: over[hub])
    return hub, over[hub]


def _is_alone(push: ClaimedPush) -> bool:
    return push.kind is PushKind.RSSCLOUD or len(push.hubs) < 2


def _patience(push: ClaimedPush) -> int:
    return _TRIES_AFTER_REST if push.hub in push.rests else _TRIES


def _moved_on(push: ClaimedPush, failed: Failed, now: datetime, jitter: float) -> PushAsked:
    before = push.rests.get(push.hub)
    times = before.times + 1 if before else 1
    until = now + subscriptions.again_after(times, failed, jitter)
    rests = _rested(push.rests, push.hub, until)
    hub, due_at = next_hub(push.hubs, rests, now)
    asked = subscriptions.after_asking(push, failed, now, jitter)
    return replace(asked, due_at=due_at, tries=0, instead=NextHub(hub, rests))


def _rested(rests: Mapping[str, HubRest], hub: str, until: datetime) -> dict[str, HubRest]:
    times = rests[hub].times if hub in rests else 0
    return {**rests, hub: HubRest(until, times + 1)}
