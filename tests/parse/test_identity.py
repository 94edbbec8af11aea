"""Who an entry is: the same in the next poll, and never another's."""

import pytest

from tests.site import rss
from worker import dedupe
from worker.parse import MAX_GUID, parse_feed
from worker.records import Entry, ParsedFeed

URL = "https://news.example.org/feeds/world.xml"
Item = dict[str, str]


def feed(*items: Item) -> ParsedFeed:
    found = parse_feed(rss(list(items)).encode(), url=URL)
    assert isinstance(found, ParsedFeed), found
    return found


def entry(**elements: str) -> Entry:
    """The one entry of a feed whose item has these elements."""
    (found,) = feed(elements).entries
    return found


def guids(*items: Item) -> list[str]:
    return [one.guid for one in feed(*items).entries]


def test_the_guid_that_a_feed_gives_is_taken_as_it_is() -> None:
    assert entry(title="x", guid="tag:1", link="/1").guid == "tag:1"


def test_without_a_guid_the_link_is_it() -> None:
    assert entry(title="x", link="/story").guid == "https://news.example.org/story"


@pytest.mark.parametrize("given", [{"guid": "tag:1"}, {"link": "/1"}], ids=["guid", "link"])
def test_a_corrected_headline_is_no_new_entry(given: Item) -> None:
    assert guids({"title": "Talks", **given}) == guids({"title": "Talks resume", **given})


def test_without_guid_and_link_headline_and_date_are_it() -> None:
    date = "Sun, 01 Mar 2026 12:00:00 GMT"
    one = entry(title="Storm", pubDate=date, description="Winds.")
    assert one.guid == entry(title="Storm", pubDate=date, description="Winds, and rain.").guid
    assert one.guid != entry(title="Storm", pubDate=date.replace("01", "02")).guid
    assert one.guid != entry(title="Calm", pubDate=date).guid


def test_of_an_entry_that_is_nothing_but_text_the_first_words_are_it() -> None:
    text = "The council meets at nine in the town hall, and the agenda has three points."
    one = entry(description=text)
    assert one.guid == entry(description=f"<p>{text} Guests are welcome.</p>").guid
    assert one.guid != entry(description="Tomorrow there is no meeting of the council.").guid


# ---- guids that a document repeats


def test_a_guid_that_all_entries_share_swallows_none() -> None:
    items = [{"title": f"Story {n}", "guid": "same", "link": f"/{n}"} for n in range(10)]
    found = feed(*items)
    assert [one.title for one in found.entries] == [item["title"] for item in items]
    assert len({one.guid for one in found.entries}) == 10
    assert found.notes == ("10 entries shared a guid with another",)


def test_a_repaired_guid_is_the_same_in_the_next_poll() -> None:
    items = [{"title": f"Story {n}", "guid": "same", "link": f"/{n}"} for n in range(10)]
    assert guids(*items) == guids(*reversed(items))[::-1]


def test_links_that_differ_tell_apart_whatever_the_headlines_are() -> None:
    items = [{"title": f"Story {n}", "guid": "same", "link": f"/{n}"} for n in range(3)]
    corrected = [item | {"title": f"{item['title']}, corrected"} for item in items]
    assert guids(*items) == guids(*corrected)


@pytest.mark.parametrize("linked", [True, False])
def test_a_repaired_guid_is_that_of_an_entry_that_is_alone_in_the_next_document(
    linked: bool,
) -> None:
    items = [{"title": f"Story {n}", "guid": "same"} for n in range(3)]
    if linked:
        items = [item | {"link": f"/{n}"} for n, item in enumerate(items)]

    def read(*told: Item) -> tuple[Entry, ...]:
        document = rss(list(told)).replace("<guid>", '<guid isPermaLink="false">')
        found = parse_feed(document.encode(), url=URL)
        assert isinstance(found, ParsedFeed)
        return found.entries

    alone = [read(item)[0] for item in items]
    assert [one.guid for one in alone] == ["same"] * 3
    assert [one.guid for one in read(*items)] == [dedupe.repaired_guid(one) for one in alone]


def test_headlines_tell_apart_what_links_do_not() -> None:
    found = feed(
        {"title": "One", "guid": "g", "link": "/"}, {"title": "Two", "guid": "g", "link": "/"}
    )
    assert [one.title for one in found.entries] == ["One", "Two"]
    assert len({one.guid for one in found.entries}) == 2


def test_texts_tell_apart_entries_that_have_nothing_else() -> None:
    one, two = (
        {"title": "Forecast", "description": "Rain."},
        {"title": "Forecast", "description": "Sun."},
    )
    assert len(feed(one, two).entries) == 2


def test_an_entry_that_is_repeated_is_one() -> None:
    item = {"title": "Story", "guid": "tag:1", "link": "/1", "description": "Text."}
    found = feed(item, item, item | {"description": "Text, and more."})
    assert [one.guid for one in found.entries] == ["tag:1"]
    assert found.notes == ("2 entries were there twice",)


def test_entries_with_one_link_and_no_guid_are_told_apart() -> None:
    items = [{"title": f"Minutes of day {n}", "link": "/live"} for n in range(3)]
    assert len(set(guids(*items))) == 3


# ---- any length


def test_a_guid_of_any_length_is_bounded_and_told_apart() -> None:
    long = "g" * 100_000
    one, other = entry(title="x", guid=long), entry(title="x", guid=f"{long[:9_000]}!")
    assert len(one.guid) <= MAX_GUID
    assert one.guid != other.guid
    assert one.guid == entry(title="x", guid=long).guid


def test_repeated_long_guids_stay_bounded() -> None:
    items = [{"title": f"Story {n}", "guid": "g" * MAX_GUID} for n in range(2)]
    assert all(len(guid) <= MAX_GUID for guid in guids(*items))
