"""Subscriptions: asked for, renewed before their leases end, asked for again where hubs fail."""

from collections.abc import Sequence
from datetime import timedelta
from random import random

import structlog

from worker import store, subscriptions, websub
from worker.conveyor import Stage, run
from worker.records import PushAsked
from worker.settings import Settings
from worker.subscriptions import Keys
from worker.tools import Tools

log = structlog.get_logger(__name__)

_WIDTH = 16
# For so long a document that was pushed is known again, whatever becomes of its entries.
_REMEMBERED = timedelta(days=14)


def keys_of(settings: Settings) -> Keys | None:
    """What the secrets of subscriptions are made of; None where push is off."""
    if not settings.pushes:
        return None
    return Keys(settings.push_key.get_secret_value(), settings.public_url)


def subscribe(tools: Tools) -> bool:
    """Ask the hubs that are due, if push is on; returns whether more are."""
    keys, now = keys_of(tools.settings), tools.clock()
    tools.db.write(lambda db: store.purge_bodies(db, now - _REMEMBERED))
    # Another key or address, or none any more: what hubs were told before leads nowhere.
    afresh = tools.db.write(lambda db: store.renew_keys(db, keys.id if keys else "", now))
    if afresh:
        log.info("push.keys_changed", feeds=afresh)
    if keys is None:
        return False
    return run(
        tools,
        Stage(
            name="subscribe",
            queue=store.PUSHES,
            width=_WIDTH,
            refill=1,
            group=_WIDTH,
            claim=lambda db, limit, lease_s: store.claim_pushes(db, limit, lease_s, keys.id),
            work=lambda push: websub.ask_hub(tools.web, push, keys, tools.settings.push_lease_s),
            decide=lambda push, failed: subscriptions.after_asking(
                push, failed, tools.clock(), random()
            ),
            give_up=lambda push, failed: subscriptions.after_asking(
                push, failed, tools.clock(), random()
            ),
            settle=lambda asked: _settle(tools, asked),
        ),
    )


def _settle(tools: Tools, asked: Sequence[PushAsked]) -> None:
    tools.db.write(lambda db: store.settle_asked(db, asked))
    for one in asked:
        if one.reason is not None and one.tries == 1:
            log.warning("push.refused", id=one.id, reason=one.reason, detail=one.detail)
