"""Near copies through the stages: one story, one alert, and pages read again for corrections."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.pipeline.conftest import Desk, settings_for
from tests.pipeline.documents import document, read_here
from tests.site import Site, page
from tests.stories.texts import FERRY, HARBOUR, ORCHARD
from worker import runtime
from worker.records import Entry
from worker.store import Database

QUERY = "ferry AND terminal"
NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _documents(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


@pytest.fixture
def patient(database: Database, site: Site) -> Iterator[Desk]:
    """A desk that reads the pages of matched articles again."""
    url = database.engine.url.render_as_string(hide_password=False)
    tools = runtime.build(settings_for(url, recheck_s="3600,86400"))
    yield Desk(tools, site)
    runtime.close(tools)


def entry(site: Site, name: str, title: str = FERRY, minutes: int = 0) -> Entry:
    at = NOW + timedelta(minutes=minutes)
    return Entry(name, site.url(f"/{name}"), title, published=at)


def brought(desk: Desk, *entries: Entry) -> None:
    desk.site.put("/hook")
    desk.watch(desk.site.put("/feed", document(entries)), query=QUERY)
    desk.run()


def test_a_cut_and_reheaded_copy_joins_its_story_and_alerts_no_second_time(
    desk: Desk, site: Site
) -> None:
    site.put("/whole", page(FERRY, *HARBOUR))
    brought(desk, entry(site, "whole"))
    site.put("/cut", page("Old ferry terminal to stay shut", ORCHARD[0], *HARBOUR[:6]))
    brought(desk, entry(site, "cut", "Old ferry terminal to stay shut", 5))
    story = desk.one("story")
    assert (story["article_count"], story["title"]) == (2, FERRY)
    assert len(desk.hooks()) == 1
    kinship = [(row["relation"], row["contained"]) for row in desk.rows("membership", "article_id")]
    assert kinship[0] == (None, None)
    assert kinship[1][0] == "update", "one site publishes both"


def test_an_article_that_was_judged_by_its_teaser_joins_by_its_page(desk: Desk, site: Site) -> None:
    site.put("/whole", page(FERRY, *HARBOUR))
    site.put("/late", status=503)
    brought(desk, entry(site, "whole"), entry(site, "late", "Shut for two winters"))
    assert len(desk.rows("story")) == 2
    site.put("/late", page("Old terminal shut for two winters", *HARBOUR[:7]))
    desk.make_due("article")
    desk.ingest()
    first, second = desk.rows("story")
    assert (first["article_count"], first["merged_into"]) == (2, None)
    assert second["merged_into"] == first["id"]
    assert {row["story_id"] for row in desk.rows("article")} == {first["id"]}


def test_an_update_of_a_page_is_known_by_its_new_text(desk: Desk, site: Site) -> None:
    site.put("/page", page(FERRY, *HARBOUR))
    brought(desk, entry(site, "page"))
    before = {row["hash"] for row in desk.rows("kept_hash", "hash")}
    site.put("/page", page(FERRY, *ORCHARD))
    desk.tools.db.write(lambda db: db.execute(text("UPDATE article SET due_at = first_seen_at")))
    desk.ingest()
    after = {row["hash"] for row in desk.rows("kept_hash", "hash")}
    assert after
    assert not after & before
    assert desk.one("story")["article_count"] == 1


def test_a_matched_articles_page_is_read_again_and_its_correction_flagged(
    patient: Desk, site: Site
) -> None:
    desk = patient
    site.put("/page", page(FERRY, *HARBOUR))
    brought(desk, entry(site, "page"))
    article = desk.one("article")
    assert _hours_left(article) == 1
    site.put("/page", page(FERRY, *HARBOUR, "Correction: the piles are of stone and not of wood."))
    desk.make_due("article")
    desk.ingest()
    (kept,) = desk.rows("revision")
    assert "correction" in str(kept["flags"])
    assert "Correction" not in str(kept["text"])
    assert len(desk.hooks()) == 1


def test_a_page_of_no_topic_is_not_read_again(patient: Desk, site: Site) -> None:
    desk = patient
    site.put("/page", page("Quiet day", *ORCHARD))
    brought(desk, entry(site, "page", "Quiet day"))
    assert desk.one("article")["due_at"] is None


def _hours_left(article: dict[str, object]) -> int:
    due, seen = (_time(article[name]) for name in ("due_at", "first_seen_at"))
    return round((due - seen).total_seconds() / 3600)


def _time(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
