"""Subscriptions: asked for, renewed before their leases end, given up, and ended at their hubs."""

from collections.abc import Sequence
from datetime import timedelta
from random import random

import structlog

from worker import hub_choice, store, subscriptions, websub
from worker.conveyor import Stage, run
from worker.records import ClaimedEnd, ClaimedPush, EndAsked, Failed, PushAsked
from worker.settings import Settings
from worker.subscriptions import Keys
from worker.tools import Tools

log = structlog.get_logger(__name__)

_WIDTH = 16
# For so long a document that was pushed is known again, whatever becomes of its entries.
_REMEMBERED = timedelta(days=14)


def keys_of(settings: Settings) -> Keys | None:
    """What the secrets of subscriptions are made of; None where push is off."""
    return keys_to_end(settings) if settings.pushes else None


def keys_to_end(settings: Settings) -> Keys | None:
    """The same for subscriptions that end, which they may while push is off; None without a key."""
    key = settings.push_key.get_secret_value()
    return Keys(key, settings.public_url) if key else None


# ---- every minute


def look_after(tools: Tools) -> None:
    """Put subscriptions in order: those by another key, or to what nobody watches, and old ones."""
    keys, now = keys_of(tools.settings), tools.clock()
    tools.db.write(lambda db: store.purge_bodies(db, now - _REMEMBERED))
    tools.db.write(lambda db: store.purge_ends(db, now))
    # Another key or address, or none any more: what hubs were told before leads nowhere.
    afresh = tools.db.write(lambda db: store.renew_keys(db, keys.id if keys else "", now))
    if afresh:
        log.info("push.keys_changed", feeds=afresh)
    if ended := tools.db.write(lambda db: store.end_unwatched(db, now)):
        log.info("push.ended", feeds=ended)


# ---- every tick


def subscribe(tools: Tools) -> bool:
    """Ask the hubs that are due, if push is on, and tell others of ends; whether more are due."""
    return any([_ask(tools), _tell_ends(tools)])


def _ask(tools: Tools) -> bool:
    keys = keys_of(tools.settings)
    if keys is None or not tools.db.read(store.pushes_due):
        return False
    return run(
        tools,
        Stage(
            name="subscribe",
            queue=store.PUSHES,
            width=_WIDTH,
            refill=1,
            group=_WIDTH,
            claim=lambda db, limit, lease_s: store.claim_pushes(
                db, limit, lease_s, keys.id, keys.public_url
            ),
            work=lambda push: _asked(tools, keys, push),
            decide=lambda push, answer: _decided(tools, push, answer),
            give_up=lambda push, failed: _decided(tools, push, failed),
            settle=lambda asked: _settle(tools, asked),
        ),
    )


async def _asked(tools: Tools, keys: Keys, push: ClaimedPush) -> PushAsked | Failed | None:
    instead = hub_choice.before_asking(push, tools.clock(), random())
    if instead is not None:
        return instead
    return await websub.ask_hub(tools.web, push, keys, tools.settings.push_lease_s)


def _decided(tools: Tools, push: ClaimedPush, answer: PushAsked | Failed | None) -> PushAsked:
    if isinstance(answer, PushAsked):
        return answer
    return hub_choice.after_asking(push, answer, tools.clock(), random())


def _settle(tools: Tools, asked: Sequence[PushAsked]) -> None:
    now = tools.clock()
    tools.db.write(lambda db: store.settle_asked(db, asked, now))
    for one in asked:
        if one.reason is not None and (one.tries == 1 or one.instead is not None):
            next_hub = one.instead.hub if one.instead else None
            log.warning(
                "push.refused", id=one.id, reason=one.reason, detail=one.detail, next=next_hub
            )


# ---- ends


def _tell_ends(tools: Tools) -> bool:
    keys = keys_to_end(tools.settings)
    if not tools.db.read(store.ends_due):
        return False
    return run(
        tools,
        Stage(
            name="unsubscribe",
            queue=store.ENDS,
            width=_WIDTH,
            refill=1,
            group=_WIDTH,
            claim=store.claim_ends,
            work=lambda end: _told(tools, keys, end),
            decide=lambda end, answer: answer,
            give_up=lambda end, failed: subscriptions.after_ending(
                end, failed, tools.clock(), random()
            ),
            settle=lambda ends: tools.db.write(lambda db: store.settle_ends(db, ends)),
        ),
    )


async def _told(tools: Tools, keys: Keys | None, end: ClaimedEnd) -> EndAsked:
    """A hub verifies at the callback that it knows, of which only the key then can tell."""
    made_by = subscriptions.made_by(end, keys)
    if made_by is None:
        return EndAsked(end.id, end.token, None, end.tries)
    failed = await websub.tell_end(tools.web, end, made_by)
    return subscriptions.after_ending(end, failed, tools.clock(), random())
