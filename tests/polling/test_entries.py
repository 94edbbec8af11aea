"""Which entries are new, which say something new, and which only look like known ones."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.polling.making import BEFORE, NOW, URL, body, entry, feed, known, parsed, visited
from worker import dedupe
from worker.polling.entries import Sorted, sorted_out
from worker.records import (
    ClaimedFeed,
    Entry,
    Known,
    Polled,
)
from worker.text import digest


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
