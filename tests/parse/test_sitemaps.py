"""News sitemaps are feeds, and other sitemaps are none."""

from datetime import UTC, datetime

import pytest

from worker.errors import Reason
from worker.parse import parse_feed
from worker.records import Failed, ParsedFeed

URL = "https://news.example.org/feeds/world.xml"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def parsed(document: str | bytes) -> ParsedFeed:
    body = document.encode() if isinstance(document, str) else document
    found = parse_feed(body, url=URL)
    assert isinstance(found, ParsedFeed), found
    assert not found.tolerant
    return found


SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://news.example.org/1</loc><lastmod>2026-03-01T13:00:00Z</lastmod><news:news>
<news:publication><news:name>The Wire</news:name><news:language>en</news:language>
</news:publication><news:publication_date>2026-03-01T12:00:00Z</news:publication_date>
<news:title>Talks &amp; more</news:title></news:news>
<image:image><image:loc>https://news.example.org/p.jpg</image:loc></image:image></url>
<url><loc>https://news.example.org/about</loc></url></urlset>"""


def test_a_news_sitemap_is_a_feed() -> None:
    found = parsed(SITEMAP)
    assert (found.form, found.title, found.language) == ("sitemap", "The Wire", "en")
    (one,) = found.entries
    assert one.guid == one.link == "https://news.example.org/1"
    assert (one.title, one.published, one.updated) == ("Talks & more", NOON, NOON.replace(hour=13))
    assert one.image == "https://news.example.org/p.jpg"


def test_a_news_sitemap_that_breaks_off_keeps_what_was_whole() -> None:
    assert (
        len(parsed(SITEMAP[: SITEMAP.index("<url><loc>https://news.example.org/about")]).entries)
        == 1
    )


def test_a_news_sitemap_of_a_day_without_news_is_a_feed_without_entries() -> None:
    assert parsed('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>').entries == ()


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("<urlset><url><loc>https://a.org/</loc></url></urlset>", "without the news extension"),
        (
            "<sitemapindex><sitemap><loc>https://a.org/s.xml</loc></sitemap></sitemapindex>",
            "https://a.org/s.xml",
        ),
    ],
)
def test_other_sitemaps_are_refused_with_the_reason(document: str, said: str) -> None:
    found = parse_feed(document.encode(), url=URL)
    assert isinstance(found, Failed)
    assert found.reason is Reason.NOT_A_FEED
    assert said in found.detail
