"""Polls that ask for the whole body, to find out servers that answer 304 although they have news.

Some do, and what they hide would never be seen. So one poll in a hundred takes no 304 for an
answer; a server that has lied is asked in full more often, until it has shown itself honest.
"""

from dataclasses import replace

from worker.records import ClaimedFeed, FeedMemory, Fetched, Polled

FULL_EVERY = 100


def wants_full(feed: ClaimedFeed) -> bool:
    """Whether this poll is one of those that ask for the whole body, validators or not."""
    return feed.memory.since_full >= feed.memory.full_every - 1


def judged(feed: ClaimedFeed, memory: FeedMemory, answer: Fetched, polled: Polled) -> FeedMemory:
    """Whether the server would have hidden this body: the same validators under another one."""
    if not wants_full(feed) or feed.memory.body_hash is None:
        return memory
    same = (answer.etag, answer.last_modified) == (feed.memory.etag, feed.memory.last_modified)
    if same and polled.feed is not None:
        every = max(1, memory.full_every // 10)
        return replace(memory, full_every=every, false_304s=memory.false_304s + 1)
    return replace(memory, full_every=min(FULL_EVERY, memory.full_every * 2))
