"""Documents that share nothing with those before: told from what only looks so, and filled."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.polling.making import (
    BEFORE,
    KNOBS,
    MEMORY,
    NOW,
    body,
    entry,
    feed,
    known,
    parsed,
    pause_s,
    visited,
)
from worker import polling
from worker.errors import Reason
from worker.records import (
    ClaimedFeed,
    Entry,
    Failed,
    FeedVisit,
    Known,
    Polled,
)

OLDER = "https://press.example/feed?page=2"
LONG_AGO = BEFORE - timedelta(days=3)
SEEN = known(entry(99))
NOTHING_SHARED = Known(read_before=True)


def after_gap(*entries: Entry, claim: ClaimedFeed | None = None, **changes: object) -> FeedVisit:
    """A poll whose document shares nothing with what the feed has brought before."""
    polled = Polled(body(), "bb", parsed(*entries, **changes))
    return visited(claim or feed(), polled, NOTHING_SHARED)


def test_a_document_that_shares_nothing_with_those_before_is_a_gap() -> None:
    times = [NOW - timedelta(minutes=minutes) for minutes in (30, 20, 10)]
    found = after_gap(*(entry(n, published=at) for n, at in enumerate(times)), older=OLDER)
    assert (found.gap, found.memory.gaps, len(found.articles)) == (True, 1, 3)
    assert (found.memory.gap_from, found.memory.gap_to) == (BEFORE, times[0])
    assert (found.memory.backfill, found.memory.backfill_left) == ((OLDER,), KNOBS.gap_pages)
    assert found.due_at == NOW


NO_GAPS = {
    "an entry is known": (feed(), SEEN, [entry(99), entry(1)]),
    "all guids are new and an article is known": (feed(), Known({}, SEEN.urls, True), [entry(99)]),
    "it is read for the first time": (feed(changed_at=None), NOTHING_SHARED, [entry(1)]),
    "it was always empty before": (feed(), Known(), [entry(1)]),
    "it is empty": (feed(), NOTHING_SHARED, []),
}


@pytest.mark.parametrize("name", NO_GAPS)
def test_what_looks_like_a_gap_and_is_none(name: str) -> None:
    claim, seen, entries = NO_GAPS[name]
    found = visited(claim, Polled(body(), "bb", parsed(*entries)), seen)
    assert (found.gap, found.memory.gaps, found.memory.backfill) == (False, 0, ())


@pytest.mark.parametrize(
    ("site_url", "robots"),
    [
        (None, "https://press.example/robots.txt"),
        ("https://www.site.example/news/", "https://www.site.example/robots.txt"),
    ],
)
def test_without_older_pages_the_sites_sitemaps_are_looked_for(
    site_url: str | None, robots: str
) -> None:
    assert after_gap(entry(), site_url=site_url).memory.backfill == (robots,)


def test_a_feed_that_runs_over_all_the_time_has_its_site_searched_once_an_hour() -> None:
    claim, searches = feed(), 0
    for minutes in range(0, 180, 5):
        now = NOW + timedelta(minutes=minutes)
        one = entry(minutes, published=now)
        polled = Polled(body(), "bb", parsed(one))
        found = visited(claim, polled, NOTHING_SHARED, now=now)
        searches += bool(found.memory.backfill)
        assert found.gap
        memory = replace(found.memory, backfill=())
        claim = replace(claim, memory=memory, changed_at=now, polled_at=now)
    assert (searches, claim.memory.gaps) == (3, 36)


def test_a_gap_that_is_not_looked_into_has_the_feed_asked_sooner() -> None:
    memory = replace(MEMORY, gap_to=NOW - timedelta(minutes=5))
    found = after_gap(entry(), claim=feed(memory))
    assert (found.memory.backfill, pause_s(found)) == ((), 75)


def test_an_old_entry_that_was_put_on_top_does_not_turn_the_gap_around() -> None:
    found = after_gap(entry(1, published=LONG_AGO), entry(2, published=NOW - timedelta(minutes=1)))
    assert (found.memory.gap_from, found.memory.gap_to) == (BEFORE, NOW - timedelta(minutes=1))


def gap(*pages: str, left: int = 10) -> ClaimedFeed:
    """A feed whose gap, from two hours to half an hour ago, is being filled from these pages."""
    until = NOW - timedelta(minutes=30)
    memory = replace(
        MEMORY, gaps=1, gap_from=BEFORE, gap_to=until, backfill=pages, backfill_left=left
    )
    return feed(memory, failures=0)


def filled(claim: ClaimedFeed, polled: Polled, seen: Known | None = None) -> FeedVisit:
    return polling.backfill_visit(claim, polled, seen or Known(read_before=True), NOW, KNOBS)


def a_page(*entries: Entry, older: str | None = None, form: str = "rss20") -> Polled:
    return Polled(body(), "cc", parsed(*entries, older=older, form=form))


MISSED = entry(5, published=BEFORE + timedelta(minutes=30))
PAGE_3 = "https://press.example/feed?page=3"


def test_a_page_without_what_is_known_leads_to_the_next_politely() -> None:
    found = filled(gap(OLDER), a_page(MISSED, older=PAGE_3))
    assert [one.url for one in found.articles] == ["https://press.example/5"]
    assert (found.memory.backfill, found.memory.backfill_left) == ((PAGE_3,), 9)
    assert pause_s(found) == KNOBS.page_gap_s
    assert (found.aside, found.memory.etag) == (True, MEMORY.etag)


def before_gap() -> Known:
    return known(entry(99), changed_at=BEFORE)


ENDS = {
    "it reaches what was known": (a_page(MISSED, entry(99), older=PAGE_3), before_gap(), 1),
    "it reaches it under other guids": (
        a_page(MISSED, entry(99), older=PAGE_3),
        Known({}, before_gap().urls, True),
        1,
    ),
    "it is from before the gap": (a_page(entry(5, published=LONG_AGO), older=PAGE_3), None, 0),
    "there is none after it": (a_page(MISSED), None, 1),
    "it fails": (Polled(Failed(Reason.SERVER_ERROR, "", 503)), None, 0),
    "it is not there": (Polled(Failed(Reason.NOT_FOUND, "", 404)), None, 0),
    "it is no feed": (Polled(body(), "cc", Failed(Reason.NOT_A_FEED, "")), None, 0),
    "it is the feed again": (Polled(body(), "aa"), None, 0),
}


@pytest.mark.parametrize("name", ENDS)
def test_paging_ends_and_the_feed_is_asked_sooner(name: str) -> None:
    polled, seen, brought = ENDS[name]
    found = filled(gap(OLDER), polled, seen)
    assert (len(found.articles), found.memory.backfill) == (brought, ())
    assert pause_s(found) == 75
    assert (found.reason, found.failures, found.stopped) == (None, 0, False)


def test_an_entry_that_came_in_with_the_gap_does_not_end_the_paging() -> None:
    just_now = known(entry(4), changed_at=NOW)
    found = filled(gap(OLDER), a_page(entry(4), MISSED, older=PAGE_3), just_now)
    assert (len(found.articles), found.memory.backfill) == (1, (PAGE_3,))


def test_pages_are_read_only_so_often() -> None:
    claim, pages = gap(OLDER, left=3), 0
    while claim.memory.backfill:
        one = entry(pages, published=BEFORE + timedelta(minutes=pages))
        found = filled(claim, a_page(one, older=f"{OLDER}&n={pages}"))
        claim, pages = replace(claim, memory=found.memory), pages + 1
    assert pages == 3


def test_older_versions_in_older_pages_change_nothing() -> None:
    found = filled(gap(OLDER), a_page(entry(99, title="As it was called first")), before_gap())
    assert (found.articles, found.changes) == ((), ())


ROBOTS, SITEMAPS = "https://press.example/robots.txt", ("https://press.example/a", "https://b/c")


def test_robots_txt_leads_to_sitemaps_as_many_as_may_be_read() -> None:
    many = tuple(f"https://press.example/{n}.xml" for n in range(50))
    found = filled(gap(ROBOTS), Polled(body(), links=many))
    assert found.memory.backfill == many[:9]


@pytest.mark.parametrize(
    ("reason", "goes_on"),
    [
        (Reason.NOT_FOUND, True),
        (Reason.RATE_LIMITED, False),
        (Reason.ACCESS_DENIED, False),
        (Reason.TIMED_OUT, False),
    ],
)
def test_only_a_sitemap_that_is_not_there_leads_to_the_next(reason: Reason, goes_on: bool) -> None:
    found = filled(gap(*SITEMAPS), Polled(Failed(reason, "", retry_after_s=60)))
    assert found.memory.backfill == (SITEMAPS[1:] if goes_on else ())


def test_a_host_is_told_of_a_page_that_failed_as_of_any_other_request() -> None:
    found = filled(gap(*SITEMAPS), Polled(Failed(Reason.RATE_LIMITED, "", retry_after_s=60)))
    assert found.host is not None
    assert (found.host.reason, found.host.retry_after_s) == (Reason.RATE_LIMITED, 60)


def test_a_failure_elsewhere_says_nothing_of_the_feeds_own_host() -> None:
    assert (
        filled(gap("https://elsewhere.example/a"), Polled(Failed(Reason.TIMED_OUT, ""))).host
        is None
    )


def test_of_a_sitemap_only_what_the_gap_may_have_swallowed_is_taken() -> None:
    def at(number: int, minutes: int | None) -> Entry:
        when = None if minutes is None else NOW - timedelta(minutes=minutes)
        return entry(number, published=when)

    listed = [at(1, 10), at(2, 31), at(3, 60), at(4, 119), at(5, 121), at(6, None), at(7, 90)]
    seen = Known({}, known(at(7, 90)).urls, True)
    found = filled(gap(*SITEMAPS), a_page(*listed, form="sitemap"), seen)
    assert [one.entry.guid for one in found.articles] == ["guid-2", "guid-3", "guid-4"]
    assert found.memory.backfill == ()


def test_a_sitemap_that_begins_within_the_gap_leads_to_the_next() -> None:
    found = filled(gap(*SITEMAPS), a_page(MISSED, form="sitemap"))
    assert (len(found.articles), found.memory.backfill) == (1, SITEMAPS[1:])
