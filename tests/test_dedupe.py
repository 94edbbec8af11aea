"""Identities of articles, as the entries of a feed tell them."""

from worker.dedupe import article_url, article_urls
from worker.records import Entry

FEED = "https://a.org/feed"


def entry(guid: str, link: str | None) -> Entry:
    return Entry(guid=guid, link=link, title=guid)


def test_entries_of_one_page_are_articles_of_their_own() -> None:
    entries = [entry("1", "http://a.org/news#one"), entry("2", "http://a.org/news#two")]
    assert article_urls(FEED, entries) == ["https://a.org/news#one", "https://a.org/news#two"]


def test_an_entry_alone_has_the_identity_of_its_page() -> None:
    assert article_url(FEED, entry("1", "http://a.org/news#one")) == "https://a.org/news"


def test_an_entry_without_a_link_is_named_after_its_feed_and_guid() -> None:
    one, other = article_urls(FEED, [entry("1", None), entry("2", "http://[bad")])
    assert one.startswith("urn:wirewatch:")
    assert one != other
    assert article_url("https://b.org/feed", entry("1", None)) != one
    assert article_url(FEED, entry("1", None)) == one
