"""Matters of the daemon: what becomes one, what is one together, and when it is well again."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.ops_watch import Changes, Limits, changes, no_tick, usual_gap
from worker.records import MovedFeed, Vitals, WatchedFeed

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
LIMITS = Limits()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def told(found: Changes) -> list[str]:
    return [notice.matter for notice in found.tell]


def every(gap: timedelta, count: int = 30, *, silent: timedelta = timedelta()) -> list[datetime]:
    """Arrivals in even gaps, the last of them as long ago as the feed has been silent."""
    return [NOW - silent - number * gap for number in range(count)]


def feed(number: int = 1, arrivals: Iterable[datetime] = (), **told: str) -> WatchedFeed:
    host = told.pop("host", f"feed{number}.example")
    url = f"https://{host}/{number}"
    return WatchedFeed(number, url, host, NOW, arrivals=tuple(arrivals), **told)


def silent(*feeds: WatchedFeed) -> Vitals:
    return Vitals(feeds=1_000, may_be_quiet=feeds)


def down(count: int, **told: str) -> list[WatchedFeed]:
    return [feed(number, every(HOUR, silent=DAY), **told) for number in range(count)]


# ---- silence


OFFICE_HOURS = [
    day + minutes * timedelta(minutes=10)
    for day in (
        datetime(2026, 2, n, 9, tzinfo=UTC) for n in (16, 17, 18, 19, 20, 23, 24, 25, 26, 27)
    )
    for minutes in range(48)
]
SILENCES = {
    "a busy feed after six hours and a bit": (every(HOUR / 4, silent=6.1 * HOUR), True),
    "a busy feed before its floor": (every(HOUR / 4, silent=5.9 * HOUR), False),
    "an hourly feed, five hours": (every(HOUR, silent=5 * HOUR), False),
    "a daily feed, four days": (every(DAY, silent=4 * DAY), False),
    "a daily feed, six days": (every(DAY, silent=6 * DAY), True),
    "a weekly feed, four weeks": (every(7 * DAY, silent=28 * DAY), False),
    "a weekly feed, six weeks": (every(7 * DAY, silent=42 * DAY), True),
    "too little is known": (every(HOUR, 10, silent=30 * DAY), False),
    "just enough is known": (every(HOUR, 11, silent=30 * DAY), True),
    "nothing is known": ([], False),
    "office hours, over the weekend": (OFFICE_HOURS[::-1], False),
    "no longer than it was before": ([*every(HOUR, silent=2 * DAY), NOW - 9 * DAY], False),
}  # fmt: skip


@pytest.mark.parametrize("name", SILENCES)
def test_a_feed_is_silent_by_its_own_history(name: str) -> None:
    arrivals, is_matter = SILENCES[name]
    assert told(changes(silent(feed(1, arrivals)), (), LIMITS)) == ["feed-quiet:1"] * is_matter


def test_an_office_that_stays_closed_is_silent_at_last() -> None:
    one = feed(1, OFFICE_HOURS[::-1])
    later = replace(one, polled_at=NOW + 3 * DAY)
    (notice,) = changes(silent(later), (), LIMITS).tell
    assert "has brought no article for 6 days; its usual gap is 16 hours" in notice.text
    assert "wirewatch feeds" in notice.remedy


def test_what_nobody_asked_for_is_not_missing() -> None:
    """After a daemon was off for a week, its feeds have not been silent."""
    one = replace(feed(1, every(HOUR, silent=7 * DAY)), polled_at=NOW - 7 * DAY + HOUR)
    assert changes(silent(one), (), LIMITS) == Changes()


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=40))
def test_the_usual_gap_is_one_of_the_gaps_and_covers_half_of_the_time(gaps: list[int]) -> None:
    times, at = [NOW], NOW
    for gap in gaps:
        at -= timedelta(seconds=gap)
        times.append(at)
    usual = usual_gap(times).total_seconds()
    assert usual in gaps
    assert sum(gap for gap in gaps if gap <= usual) * 2 >= sum(gaps)
    assert sum(gap for gap in gaps if gap < usual) * 2 < sum(gaps)


# ---- once, and again only after it was well


def test_a_matter_that_stands_is_not_told_again_and_is_told_anew_after_it_was_well() -> None:
    seen = silent(*down(1))
    assert told(changes(seen, (), LIMITS)) == ["feed-quiet:0"]
    assert changes(seen, {"feed-quiet:0"}, LIMITS) == Changes()
    assert changes(silent(), {"feed-quiet:0"}, LIMITS).settle == ("feed-quiet:0",)


def test_where_nobody_has_looked_for_silence_nothing_is_settled() -> None:
    assert changes(Vitals(), {"feed-quiet:0", "feeds-quiet"}, LIMITS) == Changes()


def test_a_thousand_feeds_of_one_host_are_one_matter() -> None:
    found = changes(silent(*down(1_000, host="one.example")), (), LIMITS)
    (notice,) = found.tell
    assert notice.matter == "host-quiet:one.example"
    assert notice.title == "1000 feeds bring nothing new"
    assert "and 995 more" in notice.text
    assert len(notice.text) < 500
    standing = {notice.matter}
    assert changes(silent(*down(1_001, host="one.example")), standing, LIMITS) == Changes()


def test_feeds_of_a_host_that_fall_silent_one_by_one_are_soon_one_matter() -> None:
    standing: set[str] = set()
    messages = []
    for count in range(1, 50):
        seen = silent(*down(count, host="one.example", reason="connection-refused"))
        found = changes(seen, standing, LIMITS)
        messages += told(found)
        standing = (standing | {*told(found)}) - {*found.settle}
    assert messages == ["feed-quiet:0", "feed-quiet:1", "host-quiet:one.example"]


def test_silence_of_many_hosts_at_once_is_one_matter() -> None:
    (notice,) = changes(silent(*down(200)), (), LIMITS).tell
    assert notice.matter == "feeds-quiet"
    assert "of 200 hosts" in notice.text


def test_the_last_of_many_were_told_of_and_are_told_again_only_after_they_were_well() -> None:
    found = changes(silent(*down(2)), {"feeds-quiet"}, LIMITS)
    assert (found.tell, found.settle) == ((), ("feeds-quiet",))
    assert [one.matter for one in found.keep] == ["feed-quiet:0", "feed-quiet:1"]
    of_host = changes(silent(*down(1, host="a.example")), {"host-quiet:a.example"}, LIMITS)
    assert (of_host.tell, [one.matter for one in of_host.keep]) == ((), ["feed-quiet:0"])
    assert of_host.settle == ("host-quiet:a.example",)


def test_feeds_that_are_gone_or_have_moved_are_told_with_what_to_do() -> None:
    moved = MovedFeed(7, "http://a.example/f", "https://b.example/f", "b.example")
    seen = Vitals(gone=[feed(3, reason="gone")], moved=[moved])
    gone_notice, moved_notice = changes(seen, (), LIMITS).tell
    assert (gone_notice.matter, moved_notice.matter) == ("feed-gone:3", "feed-moved:7")
    assert "410" in gone_notice.text
    assert "feeds.opml" in gone_notice.remedy
    assert moved_notice.text == "http://a.example/f has moved to https://b.example/f."


# ---- of the daemon as a whole

MEASURES = {
    "errors: too few polls": (Vitals(polls=19, errors=19), []),
    "errors: a fifth": (Vitals(polls=100, errors=20), []),
    "errors: more": (Vitals(polls=100, errors=21), ["poll-errors"]),
    "queue: five minutes": (Vitals(waits={"poll": 300.0, "deliver": 1.0}), []),
    "queue: more": (Vitals(waits={"poll": 301.0}), ["queue-age:poll"]),
    "disk: 5 %": (Vitals(free_share=0.05), []),
    "disk: less": (Vitals(free_share=0.049, place="/var"), ["disk-low"]),
    "network: some feeds wait": (Vitals(feeds=10, offline=4), []),
    "network: down": (Vitals(feeds=10, offline=5), ["network-down"]),
    "network: no feeds": (Vitals(), []),
}  # fmt: skip


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_is_a_matter_beyond_its_limit(name: str) -> None:
    seen, expected = MEASURES[name]
    found = changes(seen, (), LIMITS)
    assert told(found) == expected
    assert all(notice.remedy and notice.title for notice in found.tell)


def test_the_error_share_names_what_most_polls_failed_for() -> None:
    reasons = {"tls-failed": 2, "not-found": 9, "timed-out": 2, "gone": 1}
    (notice,) = changes(Vitals(polls=50, errors=30, reasons=reasons), (), LIMITS).tell
    assert "of the last hour 30 failed (60%)" in notice.text
    assert "not-found (9 feeds), timed-out (2 feeds), tls-failed (2 feeds)" in notice.text


@pytest.mark.parametrize(
    ("matter", "about", "well"),
    [
        ("poll-errors", Vitals(polls=100, errors=18), Vitals(polls=100, errors=15)),
        ("queue-age:poll", Vitals(waits={"poll": 280.0}), Vitals(waits={"poll": 200.0})),
        ("disk-low", Vitals(free_share=0.06), Vitals(free_share=0.07)),
        ("network-down", Vitals(feeds=10, offline=1), Vitals(feeds=10)),
    ],
    ids=["errors", "queue", "disk", "network"],
)
def test_what_goes_to_and_fro_about_its_limit_is_one_matter(
    matter: str, about: Vitals, well: Vitals
) -> None:
    assert changes(about, {matter}, LIMITS) == Changes()
    assert changes(well, {matter}, LIMITS).settle == (matter,)


def test_while_our_network_is_down_that_is_the_only_matter() -> None:
    seen = Vitals(
        feeds=500,
        offline=480,
        polls=100,
        errors=100,
        waits={"poll": 9_000.0},
        gone=[feed(1)],
        may_be_quiet=down(480),
    )
    assert told(changes(seen, {"feed-quiet:999"}, LIMITS)) == ["network-down"]
    assert changes(seen, {"network-down", "feed-quiet:999"}, LIMITS) == Changes()


def test_that_somebody_looks_shows_that_ticks_are_executed() -> None:
    assert changes(Vitals(), {"no-tick"}, LIMITS).settle == ("no-tick",)
    assert "for 74 seconds" in no_tick(74).text
    assert "wirewatch doctor" in no_tick(74).remedy
