"""Identities of articles as the entries of a feed tell them, and which of two texts is kept."""

from dataclasses import replace

import pytest

from worker.dedupe import article_url, article_urls, fuller, page_url, unsigned
from worker.records import Document, Entry

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


# ---- aggregators

HIDING = "https://news.google.com/rss/articles/CBMiXkFVX3lxTE5fbm90aGluZ190b19zZWVfaGVyZQ?oc=5"


def hidden(title: str, **changes: object) -> Entry:
    made = Entry("1", HIDING, title, source_url="https://press.example")
    return replace(made, **changes)  # type: ignore[arg-type]


SIGNED = [
    ("Talks resume in Geneva - The Press", "Talks resume in Geneva"),
    ("Talks - and more talks - The Press", "Talks - and more talks"),
    ("محادثات جنيف - الجزيرة نت", "محادثات جنيف"),
    ("Talks resume in Geneva", "Talks resume in Geneva"),
    ("Talks-resume - ", "Talks-resume - "),
    (" - The Press", " - The Press"),
]


@pytest.mark.parametrize(("title", "headline"), SIGNED)
def test_an_aggregators_headline_loses_its_publishers_name(title: str, headline: str) -> None:
    assert unsigned(hidden(title)).title == headline


def test_a_text_that_says_no_more_than_the_headline_is_none() -> None:
    body = '<a href="x">Talks resume</a>&nbsp;&nbsp;<font color="#6f6f6f">The Press</font>'
    assert unsigned(hidden("Talks resume - The Press", summary=body)).html == ""
    more = "<p>Talks resume in Geneva, says the envoy.</p>"
    assert unsigned(hidden("Talks resume - The Press", summary=more)).html == more


@pytest.mark.parametrize(
    "changes", [{"link": "https://press.example/1"}, {"source_url": None}, {"link": None}]
)
def test_a_headline_that_is_the_publishers_own_is_left_alone(changes: dict[str, object]) -> None:
    entry = hidden("Budget - what we know", **changes)
    assert unsigned(entry) == entry


# ---- texts


@pytest.mark.parametrize(
    ("of_feed", "of_page", "paywalled", "kept"),
    [
        ("short", "the whole text", None, "the whole text"),
        ("the whole text of it", "a teaser", None, "the whole text of it"),
        ("nearly the same", "the page’s own", None, "the page’s own"),
        ("nearly as long", "of the page", True, "nearly as long"),
        ("of feed", "the page's teaser", True, "the page's teaser"),
        ("", "the page's teaser", False, "the page's teaser"),
    ],
)
def test_the_fuller_text_is_kept(
    of_feed: str, of_page: str, paywalled: bool | None, kept: str
) -> None:
    page = Document("Page | Site", of_page, paywalled=paywalled)
    assert fuller(Document("Headline", of_feed), page).text == kept
    assert fuller(Document("Headline", of_feed), page).title == "Headline"


def test_behind_a_paywall_a_text_that_was_free_is_kept() -> None:
    stored = Document("Headline", "the whole text as it was free")
    page = Document("Headline", "a teaser", paywalled=True)
    assert fuller(Document("Headline", "short"), page, stored).text == stored.text
    assert fuller(Document("Headline", "short"), replace(page, paywalled=None), stored).text == (
        "a teaser"
    )


@pytest.mark.parametrize(
    ("canonical", "identity"),
    [
        ("https://www.press.example/2026/talks?utm_source=x", "https://press.example/2026/talks"),
        ("https://press.example/", None),
        ("https://www.press.example", None),
        ("https://press.example/?p=17", "https://press.example/?p=17"),
        ("not an address", None),
        (None, None),
    ],
)
def test_the_front_page_of_a_site_is_no_articles_address(
    canonical: str | None, identity: str | None
) -> None:
    assert page_url(Document("", "", canonical=canonical)) == identity
