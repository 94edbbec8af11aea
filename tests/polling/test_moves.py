"""Feeds that redirect for good: followed once that has proved steady, and never with secrets."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.polling.making import (
    NOW,
    URL,
    body,
    feed,
    visited,
)
from worker.errors import Reason
from worker.feed_options import PLAIN, FeedOptions
from worker.records import (
    Failed,
    Hop,
    NotModified,
    Polled,
)

OLD, NEW = URL, "https://new.example/feed"
FOR_GOOD = (Hop(301, NEW),)


def moved(
    polls: Sequence[tuple[float, tuple[Hop, ...]]], options: FeedOptions = PLAIN
) -> str | None:
    """Where a feed moves in polls at these hours, each redirected over these hops."""
    claim = feed(options=options)
    for hours, hops in polls:
        found = visited(claim, Polled(NotModified(hops=hops)), now=NOW + timedelta(hours=hours))
        if found.move_to:
            return found.move_to
        claim = replace(claim, memory=found.memory)
    return None


MOVES = [
    ("three polls over a day", [(0, FOR_GOOD), (12, FOR_GOOD), (24, FOR_GOOD)], NEW),
    ("kept methods count as well", [(n * 12, (Hop(308, NEW),)) for n in range(3)], NEW),
    ("two polls over a day", [(0, FOR_GOOD), (24, FOR_GOOD)], None),
    ("many polls within a day", [(n / 10, FOR_GOOD) for n in range(200)], None),
    ("not once in between", [(0, FOR_GOOD), (12, ()), (24, FOR_GOOD), (25, FOR_GOOD)], None),
    (
        "another address in between",
        [(0, FOR_GOOD), (12, (Hop(301, "https://c.example/feed"),)), (24, FOR_GOOD)],
        None,
    ),
    ("lent", [(n * 12, (Hop(302, NEW),)) for n in range(9)], None),
    ("see other", [(n * 12, (Hop(303, NEW),)) for n in range(9)], None),
    ("lent, the method kept", [(n * 12, (Hop(307, NEW),)) for n in range(9)], None),
    (
        "moved for good, lent from there",
        [(n * 12, (Hop(301, NEW), Hop(302, "https://cdn.example/1"))) for n in range(3)],
        NEW,
    ),
    ("led in a circle", [(n * 12, (Hop(301, NEW), Hop(301, OLD))) for n in range(9)], None),
]


@pytest.mark.parametrize(("polls", "to"), [m[1:] for m in MOVES], ids=[m[0] for m in MOVES])
def test_a_feed_moves_once_it_has_steadily_been_redirected_for_good(
    polls: list[tuple[float, tuple[Hop, ...]]], to: str | None
) -> None:
    assert moved(polls) == to


def test_a_failed_or_unread_answer_is_no_proof_of_a_new_home() -> None:
    claim = feed()
    for hours in range(0, 48, 6):
        now = NOW + timedelta(hours=hours)
        refused = Failed(Reason.NOT_A_FEED, "a page")
        found = visited(claim, Polled(body(hops=FOR_GOOD), "bb", refused), now=now)
        assert (found.move_to, found.memory.moved_to) == (None, None)
        found = visited(claim, Polled(Failed(Reason.FORBIDDEN_ADDRESS, "", hops=FOR_GOOD)), now=now)
        assert (found.move_to, found.memory.moved_to) == (None, None)


SECRET = FeedOptions(headers=(("X-Key", "${KEY}"),))


def test_a_feed_with_secrets_moves_only_within_its_site() -> None:
    elsewhere = [(n * 12.0, FOR_GOOD) for n in range(5)]
    at_home = [(n * 12.0, (Hop(301, "https://www.press.example/rss"),)) for n in range(5)]
    assert moved(elsewhere, options=SECRET) is None
    assert moved(at_home, options=SECRET) == "https://www.press.example/rss"
    assert moved(elsewhere, options=FeedOptions(encoding="utf-8")) == NEW
