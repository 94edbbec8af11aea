"""Polls that ask for the whole body, to find out servers that answer 304 although they have news.

Some do, and what they hide would never be seen. So one poll in a hundred takes no 304 for an
answer. If it brings news under the validators that we have, the server would have hidden them; if
under others, the next poll sends the old ones once more, and a 304 to these is a lie. A server that
has lied is asked in full ten times as often, and less again by a tenth for each proof that its word
holds. Polls without news prove nothing: whoever always answers 304 is right most of the time.
"""

from dataclasses import replace

from worker.records import ClaimedFeed, FeedMemory, FeedVisit, Fetched, NotModified

FULL_EVERY = 100


def wants_full(feed: ClaimedFeed) -> bool:
    """Whether this poll is one of those that ask for the whole body, validators or not."""
    memory = feed.memory
    return not memory.in_doubt and memory.since_full >= memory.full_every - 1


def after_304(memory: FeedMemory, answer: NotModified) -> tuple[FeedMemory, bool]:
    """What to remember after a 304, and whether it was a lie."""
    if memory.in_doubt:
        return replace(_caught(memory), etag=None, last_modified=None), True
    # Some servers answer 304 without the validators they gave: keep the old ones.
    etag, modified = answer.etag or memory.etag, answer.last_modified or memory.last_modified
    since_full = memory.since_full + 1
    return replace(memory, etag=etag, last_modified=modified, since_full=since_full), False


def after_body(feed: ClaimedFeed, answer: Fetched, body_hash: str | None) -> FeedMemory:
    """What to remember of a body; of one that was cut off nothing that would hide the rest."""
    return replace(
        feed.memory,
        etag=answer.etag,
        last_modified=answer.last_modified,
        body_hash=body_hash if answer.whole else None,
        # Feeds that were added together would otherwise be asked in full in the same round.
        since_full=feed.id % FULL_EVERY if feed.changed_at is None else 0,
        in_doubt=False,
    )


def judged(feed: ClaimedFeed, found: FeedVisit, answer: Fetched) -> FeedVisit:
    """What an answer with a body shows of the server's word."""
    old = feed.memory
    if not (old.etag or old.last_modified) or not answer.whole:
        return found  # no 304 was asked for, or none can be told from this
    # What differs without any news, such as a counter, may well be called not modified.
    news = bool(found.articles) or any(not change.only_noted for change in found.changes)
    if not wants_full(feed):
        if not news and not old.in_doubt:
            return found
        return replace(found, memory=_trusted_more(found.memory))
    if not news:
        return found
    if _is_same(old, answer):
        return replace(found, memory=_caught(found.memory), lied=True)
    memory = replace(found.memory, etag=old.etag, last_modified=old.last_modified, in_doubt=True)
    return replace(found, memory=memory)


def _is_same(old: FeedMemory, answer: Fetched) -> bool:
    """Whether a server would call `answer` not modified: by its ETag, if it has one."""
    if old.etag or answer.etag:
        return old.etag == answer.etag
    return old.last_modified == answer.last_modified


def _caught(memory: FeedMemory) -> FeedMemory:
    return replace(
        memory,
        full_every=max(1, memory.full_every // 10),
        false_304s=memory.false_304s + 1,
        since_full=0,
        in_doubt=False,
    )


def _trusted_more(memory: FeedMemory) -> FeedMemory:
    every = memory.full_every
    return replace(memory, full_every=min(FULL_EVERY, every + max(1, every // 10)))
