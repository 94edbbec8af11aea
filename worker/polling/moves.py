"""Feeds that redirect for good: followed to their new address once it has proved steady. Pure."""

from dataclasses import replace
from datetime import datetime

from worker import schedule
from worker.records import ClaimedFeed, FeedMemory, FeedVisit, Fetched, NotModified
from worker.settings import Settings
from worker.urls import same_site


def observed_move(
    feed: ClaimedFeed,
    found: FeedVisit,
    answer: Fetched | NotModified,
    now: datetime,
    settings: Settings,
) -> FeedVisit:
    """Move a feed that has been redirected for good, to one place, steadily for a while.

    A feed that is asked with secrets moves within its site only: they were not meant for another.
    Elsewhere it is redirected to for ever, without them.
    """
    target = schedule.moved_to(answer.hops)
    memory = found.memory
    if target is None or target == feed.url:
        if memory.moved_to is None:
            return found
        return replace(found, memory=_settled_down(memory))
    if target != memory.moved_to or memory.moved_since is None:
        memory = replace(memory, moved_to=target, moved_polls=1, moved_since=now)
        return replace(found, memory=memory)
    polls = memory.moved_polls + 1
    lasted_s = (now - memory.moved_since).total_seconds()
    steady = polls >= settings.move_after_polls and lasted_s >= settings.move_after_s
    if steady and (not feed.options.is_secret or same_site(feed.url, target)):
        return replace(found, memory=_settled_down(memory), move_to=target)
    return replace(found, memory=replace(memory, moved_polls=polls))


def _settled_down(memory: FeedMemory) -> FeedMemory:
    return replace(memory, moved_to=None, moved_polls=0, moved_since=None)
