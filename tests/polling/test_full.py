"""Polls that ask in full: spread over feeds, and the judgement on what they bring."""

from dataclasses import replace

from tests.polling.making import MEMORY, body, entry, feed, known, parsed, visited
from worker import polling
from worker.records import (
    ClaimedFeed,
    FeedMemory,
    NotModified,
    Polled,
)


def test_feeds_that_were_added_together_are_asked_in_full_in_different_rounds() -> None:
    rounds: dict[int, int] = {}
    for number in range(1, 1_001):
        claim = feed(FeedMemory(), id=number, polled_at=None, changed_at=None)
        memory = visited(claim, Polled(body(), "bb", parsed(entry()))).memory
        polls = 1
        while not polling.wants_full(replace(claim, memory=memory)):
            memory = visited(replace(claim, memory=memory), Polled(NotModified())).memory
            polls += 1
        rounds[polls] = rounds.get(polls, 0) + 1
    assert max(rounds) <= 100
    assert max(rounds.values()) <= 20


def full(**changes: object) -> ClaimedFeed:
    """A feed whose next poll asks for the whole body."""
    memory = replace(MEMORY, since_full=99, **changes)  # type: ignore[arg-type]
    assert polling.wants_full(feed(memory))
    return feed(memory)


def test_a_server_that_never_gave_a_validator_is_never_accused() -> None:
    claim = full(etag=None)
    found = visited(claim, Polled(body(etag=None), "bb", parsed(entry())), known(entry(9)))
    assert (found.lied, found.memory.false_304s) == (False, 0)


def test_entries_whose_versions_were_unknown_are_no_news_to_accuse_a_server_of() -> None:
    seen = known(entry(), title_version=None, text_version=None)
    found = visited(full(), Polled(body(etag='"1"'), "bb", parsed(entry())), seen)
    assert (found.lied, len(found.changes)) == (False, 1)


def test_trust_comes_back_slowly_and_only_by_proof() -> None:
    memory = replace(MEMORY, full_every=10)
    for _ in range(5):
        memory = visited(feed(memory), Polled(NotModified())).memory
    assert memory.full_every == 10
    proofs = 0
    while memory.full_every < 100:
        news = parsed(entry(proofs))
        claim = feed(replace(memory, etag='"old"', since_full=0))
        memory = visited(claim, Polled(body(), "bb", news), known(entry(10**6))).memory
        proofs += 1
    assert 20 <= proofs <= 40
