"""Feeds, answers and documents, so that a test names only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from worker import polling, schedule
from worker.polling.entries import sorted_out
from worker.records import (
    ClaimedFeed,
    Entry,
    FeedMemory,
    FeedVisit,
    Fetched,
    Known,
    KnownEntry,
    ParsedFeed,
    Polled,
)
from worker.settings import Settings

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(hours=2)
URL = "https://press.example/feed"
KNOBS = Settings(poll_interval_s=300, max_freshness_s=1_800, poll_backoff_max_s=86_400)
RHYTHM = schedule.observed(None, (BEFORE - timedelta(days=9)).timestamp(), ()).as_json()
MEMORY = FeedMemory(etag='"1"', body_hash="aa")


def feed(memory: FeedMemory = MEMORY, **changes: object) -> ClaimedFeed:
    claim = ClaimedFeed(
        7, 1, URL, "press.example", 0, 1, BEFORE, BEFORE, memory=memory, rhythm=RHYTHM
    )
    return replace(claim, **changes)  # type: ignore[arg-type]


def body(**changes: object) -> Fetched:
    answer = Fetched(URL, 200, b"", "application/xml", None, '"2"', None)
    return replace(answer, **changes)  # type: ignore[arg-type]


def entry(number: int = 1, **changes: object) -> Entry:
    made = Entry(f"guid-{number}", f"https://press.example/{number}", f"Headline number {number}")
    return replace(made, **{"published": BEFORE} | changes)  # type: ignore[arg-type]


def parsed(*entries: Entry, **changes: object) -> ParsedFeed:
    return replace(ParsedFeed("A feed", None, entries), **changes)  # type: ignore[arg-type]


def known(*entries: Entry, **changes: object) -> Known:
    """These entries as they were seen before, each two hours ago."""
    seen = [
        replace(
            KnownEntry(
                guid=new.entry.guid,
                article_id=number,
                article_url=new.url,
                published=new.entry.published,
                title_version=new.title_version,
                text_version=new.text_version,
                title_before=None,
                changes=0,
                changed_at=BEFORE,
            ),
            **changes,  # type: ignore[arg-type]
        )
        for number, new in enumerate(sorted_out(feed(), parsed(*entries), Known(), BEFORE).new)
    ]
    return Known({one.guid: one for one in seen}, {one.article_url: one for one in seen}, True)


def visited(
    claim: ClaimedFeed,
    polled: Polled,
    seen: Known | None = None,
    *,
    now: datetime = NOW,
    knobs: Settings = KNOBS,
) -> FeedVisit:
    return polling.visit(claim, polled, seen or Known(), now, knobs, 0.0)


def pause_s(found: FeedVisit) -> float:
    return (found.due_at - NOW).total_seconds()
