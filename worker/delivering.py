"""What follows from deliveries: for alerts, their channels, and whoever looks after them."""

from collections.abc import Sequence
from datetime import timedelta
from random import random
from uuid import uuid4

import structlog

from worker import breaker, messages, store
from worker.records import ChannelState, Delivery
from worker.settings import Settings
from worker.store import Connection
from worker.tools import Tools

log = structlog.get_logger(__name__)

_MANY = 8


def write(
    tools: Tools, db: Connection, deliveries: Sequence[Delivery]
) -> list[tuple[ChannelState, ChannelState]]:
    """Settle what channels answered, and what becomes of them; returns their states, before and
    after, where they have changed. That one was stopped is owed to operators with it.
    """
    now, limits = tools.clock(), _limits(tools.settings)
    changed = store.settle_deliveries(
        db, deliveries, lambda state, of_it: breaker.after(state, of_it, limits, random())
    )
    for before, state in changed:
        if breaker.has_recovered(before, state, now):
            store.recall_alerts(db, state.id)
        if state.stopped and not before.stopped:
            notice = messages.channel_stopped(store.stopped_matter(state.name), state)
            store.settle_ops(db, notice.matter, now)  # it may have been stopped before
            body = messages.ops_body(notice, now)
            store.tell_ops(db, notice, body, f"msg_{uuid4().hex}", now)
    return changed


def tell(
    deliveries: Sequence[Delivery], changed: Sequence[tuple[ChannelState, ChannelState]]
) -> None:
    """Say in the log what became of alerts, and of channels."""
    taken = [one for one in deliveries if one.answer.accepted]
    if many := len(taken) > _MANY:  # a line for each would cost a third of sending it
        channels = len({one.claim.channel_id for one in taken})
        log.info("alerts.delivered", count=len(taken), channels=channels)
    for one in deliveries:
        if many and one.answer.accepted:
            continue
        topic, title = messages.heading(one.claim.body)
        event = log.bind(channel=one.claim.channel_name, topic=topic, title=title)
        if one.answer.accepted:
            event.info("alert.delivered", tries=one.claim.attempts)
        else:
            event.warning(
                "alert.failed" if one.due_at else "alert.dead",
                reason=one.answer.reason,
                detail=one.answer.detail,
                again_at=one.due_at.isoformat(timespec="seconds") if one.due_at else "never",
            )
    for before, state in changed:
        _log_channel(before, state)


def _limits(settings: Settings) -> breaker.Limits:
    return breaker.Limits(
        settings.channel_failures,
        settings.channel_rest_s,
        settings.channel_rest_max_s,
        timedelta(days=settings.channel_failing_d),
    )


def _log_channel(before: ChannelState, state: ChannelState) -> None:
    event = log.bind(channel=state.name)
    if state.stopped and not before.stopped:
        event.error("channel.stopped", reason=state.reason, detail=state.detail)
    elif state.paused_until and not before.paused_until:
        until = state.paused_until.isoformat(timespec="seconds")
        event.warning("channel.resting", failures=state.failures, until=until)
    elif before.paused_until and not state.paused_until:
        event.info("channel.well", failures=before.failures)
