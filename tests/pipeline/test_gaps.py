"""Feeds that run over between two polls: it is noticed, told, and what was missed is looked for."""

from datetime import UTC, datetime, timedelta

import pytest
import structlog
from sqlalchemy import text

from tests.pipeline.conftest import Desk
from tests.pipeline.documents import document, read_here
from tests.site import Site
from worker import runtime, store
from worker.records import Entry, FeedSpec

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _documents(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


def entry(number: int, *, guid: str = "g", published: bool = True) -> Entry:
    """The later, the newer: number 100 is of this moment, each before it a minute older."""
    at = NOW - timedelta(minutes=100 - number) if published else None
    return Entry(f"{guid}{number}", f"http://press.test/{number}", f"News {number}", published=at)


def newest(first: int, last: int, **changes: str | None) -> bytes:
    return document([entry(n) for n in range(last, first - 1, -1)], **changes)  # type: ignore[arg-type]


def overrun(desk: Desk, *, older: str | None = None, site_url: str | None = None) -> None:
    """A feed that held 1 to 5 at its first poll, and holds 16 to 20 at its second."""
    desk.watch(desk.site.put("/feed", newest(1, 5)))
    desk.poll()
    as_of = NOW - timedelta(minutes=95)  # so that the gap's time is that of its entries
    desk.tools.db.write(
        lambda db: db.execute(store.FEEDS.table.update().values(changed_at=as_of, polled_at=as_of))
    )
    seen = "UPDATE sighting SET changed_at = :at, seen_at = :at"
    stamp = as_of.strftime("%Y-%m-%d %H:%M:%S.%f")
    pg = desk.tools.db.engine.dialect.name == "postgresql"
    at = f"{stamp}+00" if pg else stamp
    desk.tools.db.write(lambda db: db.execute(text(seen), {"at": at}))
    desk.site.put("/feed", newest(16, 20, older=older, site_url=site_url))
    desk.poll()


def polled_until_filled(desk: Desk, most: int = 20) -> None:
    for _ in range(most):
        if desk.one("feed")["backfill"] in ("[]", []):
            return
        desk.poll()
    raise AssertionError("the gap is still being filled")


def numbers(desk: Desk) -> list[int]:
    return sorted(int(article["title"].split()[1]) for article in desk.rows("article"))


def test_a_gap_is_counted_told_and_shown(desk: Desk, site: Site) -> None:
    with structlog.testing.capture_logs() as logs:
        overrun(desk)
    (told,) = [event for event in logs if event["event"] == "feed.gap"]
    assert (told["url"], told["gaps"]) == (site.url("/feed"), 1)
    (shown,) = desk.tools.db.read(store.list_feeds)
    assert shown["gaps"] == 1


def test_a_gap_is_filled_from_the_feeds_own_older_pages(desk: Desk, site: Site) -> None:
    site.put("/2", newest(10, 15, older=site.url("/3")))
    site.put("/3", newest(3, 9, older=site.url("/4")))
    overrun(desk, older=site.url("/2"))
    polled_until_filled(desk)
    assert numbers(desk) == list(range(1, 21))
    assert "/4" not in site.paths()  # what was known before was reached
    feed = desk.one("feed")
    assert (feed["polls"], feed["failures"], feed["last_status"]) == (2, 0, 200)


def test_a_worker_that_dies_over_a_page_has_the_next_go_on_there(desk: Desk, site: Site) -> None:
    site.put("/2", newest(10, 15, older=site.url("/3")))
    site.put("/3", newest(3, 9))
    one_page_a_poll = desk.tools.settings.model_copy(update={"page_gap_s": 60})
    object.__setattr__(desk.tools, "settings", one_page_a_poll)
    overrun(desk, older=site.url("/2"))
    assert numbers(desk) == [*range(1, 6), *range(10, 21)]
    desk.make_due("feed")
    (dead,) = desk.tools.db.write(lambda db: store.claim_feeds(db, 1, 60, desk.tools.manners))
    assert dead.memory.backfill == (site.url("/3"),)
    lapsed = store.FEEDS.table.update().values(leased_until=NOW - timedelta(hours=1))
    desk.tools.db.write(lambda db: db.execute(lapsed))
    polled_until_filled(desk)
    assert numbers(desk) == list(range(1, 21))


@pytest.mark.parametrize("status", [404, 410, 500])
def test_older_pages_that_fail_end_it_and_leave_the_feed_alone(
    desk: Desk, site: Site, status: int
) -> None:
    site.put("/2", "no", status=status)
    overrun(desk, older=site.url("/2"))
    polled_until_filled(desk)
    feed = desk.one("feed")
    assert (feed["failures"], feed["reason"], bool(feed["stopped"])) == (0, None, False)
    assert desk.rows("feed_trouble") == []
    site.put("/feed", newest(16, 21))
    desk.poll()
    assert numbers(desk) == [*range(1, 6), *range(16, 22)]


def test_older_pages_without_end_are_read_only_so_often(desk: Desk, site: Site) -> None:
    for number in range(2, 40):
        undated = [entry(1_000 + number, published=False)]
        site.put(f"/{number}", document(undated, older=site.url(f"/{number + 1}")))
    overrun(desk, older=site.url("/2"))
    polled_until_filled(desk)
    pages = [path for path in site.paths() if path != "/feed"]
    assert len(pages) == desk.tools.settings.gap_pages


def test_a_gap_is_filled_from_the_sites_news_sitemap(desk: Desk, site: Site) -> None:
    sitemap = site.put("/map/news.xml", newest(1, 40, form="sitemap"))
    site.put("/robots.txt", f"User-agent: *\nSitemap: {sitemap}\n")
    overrun(desk)
    polled_until_filled(desk)
    assert numbers(desk) == list(range(1, 21))  # and not what the site has told since
    assert "/news-sitemap.xml" not in site.paths()


def test_a_news_sitemap_is_found_where_such_mostly_are(desk: Desk, site: Site) -> None:
    site.put("/sitemap-news.xml", newest(1, 40, form="sitemap"))
    overrun(desk)
    polled_until_filled(desk)
    assert numbers(desk) == list(range(1, 21))


def test_a_site_without_sitemaps_is_not_searched_for_long(desk: Desk, site: Site) -> None:
    overrun(desk)
    polled_until_filled(desk)
    assert numbers(desk) == [*range(1, 6), *range(16, 21)]
    searched = [path for path in site.paths() if path != "/feed"]
    assert searched[0] == "/robots.txt"
    assert len(searched) == desk.tools.settings.gap_pages
    assert desk.one("feed")["failures"] == 0


def test_a_site_that_will_not_be_searched_is_left_alone_at_once(desk: Desk, site: Site) -> None:
    site.put("/robots.txt", "slow down", status=429)
    overrun(desk)
    polled_until_filled(desk)
    assert [path for path in site.paths() if path != "/feed"] == ["/robots.txt"]


def test_a_feed_that_renames_all_its_entries_has_missed_nothing(desk: Desk, site: Site) -> None:
    desk.watch(site.put("/feed", newest(1, 5)))
    desk.poll()
    site.put("/feed", document([entry(n, guid="other") for n in range(1, 6)]))
    desk.poll()
    assert desk.one("feed")["gaps"] == 0
    assert numbers(desk) == [1, 2, 3, 4, 5]


def test_an_article_that_another_feed_has_told_does_not_hide_a_gap(desk: Desk, site: Site) -> None:
    one = site.put("/feed", newest(1, 5))
    other = site.put("/other", newest(16, 16))
    desk.watch(one, other)
    desk.poll()
    site.put("/feed", newest(16, 20))
    desk.poll()
    gaps = {feed["url"]: feed["gaps"] for feed in desk.rows("feed")}
    assert gaps == {one: 1, other: 0}


def test_an_empty_document_in_between_is_no_gap_and_hides_none(desk: Desk, site: Site) -> None:
    desk.watch(site.put("/feed", newest(1, 5)))
    desk.poll()
    site.put("/feed", document([]))
    desk.poll()
    assert desk.one("feed")["gaps"] == 0
    site.put("/feed", newest(5, 9))
    desk.poll()
    assert desk.one("feed")["gaps"] == 0
    site.put("/feed", document([]))
    desk.poll()
    site.put("/feed", newest(16, 20))
    desk.poll()
    assert desk.one("feed")["gaps"] == 1


def test_a_feed_that_began_empty_has_missed_nothing(desk: Desk, site: Site) -> None:
    desk.watch(site.put("/feed", document([])))
    desk.poll()
    site.put("/feed", newest(1, 1))
    desk.poll()
    assert (desk.one("feed")["gaps"], numbers(desk)) == (0, [1])


def test_what_came_while_nobody_watched_was_not_missed(desk: Desk, site: Site) -> None:
    url = site.put("/feed", newest(1, 5))
    spec, db = FeedSpec(url), desk.tools.db
    db.write(lambda c: store.add_feed(c, spec, runtime.clock()))
    desk.poll()
    db.write(lambda c: store.remove_feed(c, url))
    site.put("/feed", newest(16, 20))
    db.write(lambda c: store.add_feed(c, spec, runtime.clock()))
    desk.poll()
    assert (desk.one("feed")["gaps"], len(numbers(desk))) == (0, 10)
