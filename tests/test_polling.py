"""What follows from a poll, by the rules alone: no network, no store, no clock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker import dedupe, polling
from worker.errors import Reason
from worker.feed_options import PLAIN, FeedOptions
from worker.polling.entries import Sorted, sorted_out
from worker.records import (
    ClaimedFeed,
    Entry,
    Failed,
    FeedMemory,
    FeedVisit,
    Fetched,
    Hints,
    Hop,
    Known,
    KnownEntry,
    NotModified,
    ParsedFeed,
    Polled,
)
from worker.settings import Settings
from worker.text import digest

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(hours=2)
URL = "https://press.example/feed"
KNOBS = Settings(poll_interval_s=300, max_freshness_s=1_800, poll_backoff_max_s=86_400)
MEMORY = FeedMemory(etag='"1"', body_hash="aa")


def feed(memory: FeedMemory = MEMORY, **changes: object) -> ClaimedFeed:
    claim = ClaimedFeed(7, 1, URL, "press.example", 0, 1, BEFORE, BEFORE, memory=memory)
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


# ---- answers


def test_a_new_body_is_remembered_with_its_validators_and_entries() -> None:
    answer = body(etag='W/"x"', last_modified="Mon, 4 May")
    hints = Hints(ttl_s=3_600, skip_hours=(1, 2), update_every_s=60)
    found = visited(feed(), Polled(answer, "bb", parsed(entry(), hints=hints)), known(entry(9)))
    assert (found.memory.etag, found.memory.last_modified) == ('W/"x"', "Mon, 4 May")
    assert found.memory.body_hash == "bb"
    assert [one.url for one in found.articles] == ["https://press.example/1"]
    assert (found.changed, found.hints, found.failures) == (True, hints, 0)


def test_the_same_body_again_only_brings_its_new_validators() -> None:
    found = visited(feed(), Polled(body(etag='"2"'), "aa"))
    assert (found.changed, found.articles, found.hints) == (False, (), None)
    assert (found.memory.etag, found.memory.body_hash) == ('"2"', "aa")


def test_a_body_that_was_cut_off_is_read_and_asked_for_again_in_full_and_soon() -> None:
    cut = body(etag=None, whole=False, fresh_s=1_800.0)
    half = entry(2, link="https://press.exa")
    found = visited(feed(), Polled(cut, "bb", parsed(entry(1), half)), known(entry(9)))
    assert [one.url for one in found.articles] == ["https://press.example/1"]
    assert (found.memory.etag, found.memory.body_hash) == (None, None)
    assert pause_s(found) == 300


@pytest.mark.parametrize(
    ("fresh_s", "pause"), [(None, 300), (60.0, 300), (900.0, 900), (1e9, 1_800)]
)
@pytest.mark.parametrize("status", [200, 304])
def test_what_is_fresh_is_left_alone_but_not_for_longer_than_the_setting(
    status: int, fresh_s: float | None, pause: float
) -> None:
    answer = body(fresh_s=fresh_s) if status == 200 else NotModified(fresh_s=fresh_s)
    assert pause_s(visited(feed(), Polled(answer, "aa"))) == pause


def test_a_304_without_news_of_any_kind_is_quiet_and_keeps_the_validators() -> None:
    found = visited(feed(), Polled(NotModified()))
    assert found.quiet
    assert (found.memory, found.status) == (replace(MEMORY, since_full=1), 304)


def test_an_unreadable_body_is_a_failure_with_the_status_it_came_with() -> None:
    failed = Failed(Reason.NOT_A_FEED, "a page")
    found = visited(feed(failures=2), Polled(body(), "bb", failed))
    assert (found.reason, found.status, found.failures) == (Reason.NOT_A_FEED, 200, 3)
    assert found.memory == MEMORY


def test_what_is_gone_is_stopped_and_nothing_else_is() -> None:
    for reason in (Reason.GONE, Reason.NOT_FOUND, Reason.SERVER_ERROR):
        found = visited(feed(), Polled(Failed(reason, "")))
        assert found.stopped == (reason is Reason.GONE)


def test_a_success_after_failures_of_the_host_is_told_to_the_host() -> None:
    assert visited(feed(), Polled(NotModified())).host is None
    outcome = visited(feed(host_failures=3), Polled(NotModified())).host
    assert outcome is not None
    assert outcome.reason is None


# ---- full polls


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


# ---- entries


def told(
    seen: Known, *entries: Entry, now: datetime = NOW, claim: ClaimedFeed | None = None
) -> Sorted:
    return sorted_out(claim or feed(), parsed(*entries), seen, now)


def test_known_entries_that_say_nothing_new_are_passed_over() -> None:
    found = told(known(entry(1), entry(2)), entry(1), entry(2))
    assert (found.new, found.changes) == ([], [])


def test_a_corrected_headline_is_a_change_at_once_and_no_new_article() -> None:
    found = told(known(entry()), entry(title="Corrected headline"))
    (change,) = found.changes
    assert (found.new, change.guid, change.title) == ([], "guid-1", "Corrected headline")
    assert (change.changes, change.title_before) == (1, digest("Headline number 1"))


def test_a_corrected_headline_may_come_with_another_link() -> None:
    slug = entry(link="https://press.example/corrected", title="Corrected headline")
    found = told(known(entry()), slug)
    assert (len(found.new), len(found.changes)) == (0, 1)


def test_markup_that_differs_around_the_same_words_is_no_change() -> None:
    before = entry(summary='<p>Words.</p><img src="https://x/pixel?1">')
    after = entry(summary='<p class="b">Words.</p><img src="https://x/pixel?2">')
    assert told(known(before), after).changes == []


@pytest.mark.parametrize(
    ("changes", "ago", "taken", "waiting"),
    [
        (0, timedelta(minutes=20), True, False),
        (4, timedelta(minutes=15), True, False),
        (0, timedelta(minutes=14), False, True),
        (5, timedelta(days=9), False, False),
    ],
)
def test_words_that_change_are_taken_so_often_and_no_oftener(
    changes: int, ago: timedelta, taken: bool, waiting: bool
) -> None:
    seen = known(entry(summary="One."), changes=changes, changed_at=NOW - ago)
    found = told(seen, entry(summary="Another."))
    assert (len(found.changes), found.waiting) == (int(taken), waiting)


def test_a_change_that_waits_has_the_next_poll_ask_for_the_whole_body() -> None:
    seen = known(entry(summary="One."), changed_at=NOW)
    found = visited(feed(), Polled(body(), "bb", parsed(entry(summary="Another."))), seen)
    assert (found.memory.etag, found.memory.body_hash) == (None, None)


def flapped(rounds: int, *titles: str, every: timedelta = timedelta(minutes=5)) -> int:
    """How often an article is read again whose headlines come by turns."""
    seen, now, taken = known(entry(title=titles[0])), NOW, 0
    for poll in range(rounds):
        now += every
        for change in told(seen, entry(title=titles[poll % len(titles)]), now=now).changes:
            taken += 1
            before = replace(
                seen.entries["guid-1"],
                title_version=change.title_version,
                title_before=change.title_before,
                changes=change.changes,
                changed_at=now,
            )
            seen = Known({"guid-1": before}, {}, True)
    return taken


def test_caches_that_give_two_headlines_by_turns_do_not_have_an_article_read_for_ever() -> None:
    day = 24 * 12
    assert 1 <= flapped(day, "One", "Other") <= 8
    assert flapped(30 * day, "One", "Other") <= 40


def test_nor_do_caches_that_give_many() -> None:
    assert flapped(30 * 24 * 12, "One", "Two", "Three") <= 60


def test_a_headline_that_is_taken_back_for_good_is_taken_back_in_the_end() -> None:
    seen = known(entry(title="Wrong"), title_before=digest("Right"), changes=1, changed_at=NOW)
    assert told(seen, entry(title="Right"), now=NOW + timedelta(minutes=5)).changes == []
    assert len(told(seen, entry(title="Right"), now=NOW + timedelta(minutes=30)).changes) == 1


def test_an_entry_whose_versions_are_unknown_is_noted_silently() -> None:
    seen = known(entry(title="Other"), title_version=None, text_version=None, changes=2)
    (change,) = told(seen, entry()).changes
    assert (change.only_noted, change.changes) == (True, 2)


def test_versions_counted_in_the_guid_are_versions_of_one_article() -> None:
    seen = known(entry(guid="story#0"))
    found = told(seen, entry(guid="story#1", title="Corrected headline"))
    assert [one.entry.guid for one in found.new] == ["story#1"]
    (change,) = found.changes
    assert (change.guid, change.article_id, change.changes) == ("story#1", 0, 1)
    assert told(seen, entry(guid="story#1")).changes == []


def test_a_link_under_two_headlines_of_one_document_is_no_correction() -> None:
    found = told(known(entry()), entry(), entry(guid="other", title="Another headline"))
    assert (len(found.new), found.changes) == (1, [])


# ---- guids that stand on different entries

LATER = BEFORE + timedelta(minutes=30)
OTHERS = {
    "another link, headline and time": entry(2, guid="same", published=LATER),
    "another link and headline, earlier": entry(2, guid="same", published=BEFORE - timedelta(1)),
    "another link and headline, no time": entry(2, guid="same", published=None),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_guid_on_another_entry_is_another_article(name: str) -> None:
    found = told(known(entry(1, guid="same")), OTHERS[name])
    assert [one.url for one in found.new] == ["https://press.example/2"]
    assert (found.changes, found.repeats) == ([], True)


def test_without_links_a_guid_on_another_entry_is_another_article() -> None:
    first = entry(1, guid="same", link=None, summary="The one thing.")
    second = entry(2, guid="same", link=None, summary="The other.", published=LATER)
    (new,) = told(known(first), second).new
    assert new.url != dedupe.article_url(URL, first)


SAME = {
    "another link under the headline": entry(9, guid="same", title="Headline number 1"),
    "another headline under the link": entry(1, guid="same", title="Other", published=LATER),
    "both, of the same time": entry(9, guid="same"),
}


@pytest.mark.parametrize("name", SAME)
def test_an_entry_of_which_something_is_left_is_the_one_that_was_known(name: str) -> None:
    assert told(known(entry(1, guid="same")), SAME[name]).new == []


def test_undated_entries_of_the_same_words_are_one() -> None:
    words = "Eight words are enough to know it again."
    before = entry(1, guid="same", published=None, summary=words)
    assert told(known(before), entry(2, guid="same", published=None, summary=words)).new == []


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_one_guid_for_all_entries_one_at_a_time_loses_none(numbers: list[int]) -> None:
    seen, urls = Known(), set[str]()
    claim = feed()
    for step, number in enumerate(numbers):
        now = NOW + timedelta(minutes=5 * step)
        one = entry(number, guid="same", published=NOW - timedelta(minutes=number))
        found = told(seen, one, now=now, claim=claim)
        urls |= {new.url for new in found.new}
        claim = replace(claim, memory=replace(claim.memory, guids_repeat=True))
        for new in found.new:
            entries = {**seen.entries, **known(new.entry).entries}
            seen = Known(entries, {}, True)
    assert urls == {f"https://press.example/{number}" for number in numbers}


# ---- moves

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


# ---- gaps

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
    assert found.host is not None
    assert (found.host.reason, found.host.retry_after_s) == (reason, 60)


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
