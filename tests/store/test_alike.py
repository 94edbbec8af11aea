"""Which stored articles may be the same as one: found by index, however many there are."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from tests.store.making import NOW, TEXT_KEY, add_articles, claim_article, ingested, judge
from worker import store
from worker.dedupe import WINDOW
from worker.errors import Reason
from worker.records import ClaimedArticle, Ingested
from worker.store import Database

MANY = 100_000
MINE = "https://site.example/mine"
LONG_AGO = NOW - timedelta(days=30)


def claimed(db: Database) -> ClaimedArticle:
    add_articles(db, [MINE])
    return claim_article(db)


def fill(db: Database, many: int) -> None:
    """Store so many articles, a second apart, with keys k1, k2 … and page URLs of every other."""
    postgres = db.engine.dialect.name == "postgresql"
    numbers = (
        f"SELECT g FROM generate_series(1, {many}) g"
        if postgres
        else "WITH RECURSIVE s(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM s "
        f"WHERE g < {many}) SELECT g FROM s"
    )
    when = "2026-01-01 00:00:00.000000" + ("+00" if postgres else "")
    columns = {
        "url": "'https://site.example/' || g",
        "title": "'t'",
        "feed_title": "'t'",
        "html": "''",
        "text_key": "'k' || g",
        "title_key": "'k' || g",
        "page_url": "CASE WHEN g % 2 = 0 THEN 'https://site.example/p' || g END",
        "authors": "CAST('[]' AS jsonb)" if postgres else "'[]'",
        "published_at": f"'{when}'",
        "first_seen_at": f"'{when}'",
        "published_known": "true",
        "story_id": "1",
        "reason": f"CASE WHEN g % 3 = 0 THEN '{Reason.UNRESOLVED_LINK}' END",
        "page_tries": "0",
        "attempts": "0",
        "detail": "''",
    }
    cast = "::timestamptz" if postgres else ""
    told = ", ".join(
        value + cast if name.endswith("_at") else value for name, value in columns.items()
    )
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO story (title, article_count, first_seen_at, last_seen_at) "
                f"VALUES ('s', 1, '{when}', '{when}')"
            )
        )
        connection.execute(
            text(f"INSERT INTO article ({', '.join(columns)}) SELECT {told} FROM ({numbers}) q")
        )
        connection.execute(text("ANALYZE"))


@pytest.fixture
def asked(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """The statements that the database was asked, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        seen.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def every_way(claim: ClaimedArticle, **changes: object) -> Ingested:
    one = replace(
        ingested(claim, text_key="k17"),
        title_key="k18",
        page_url="https://site.example/p20",
        reason=Reason.UNRESOLVED_LINK,
    )
    return replace(one, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("reason", [None, Reason.UNRESOLVED_LINK])
def test_copies_among_a_hundred_thousand_articles_are_found_by_index(
    database: Database, asked: list[tuple[str, Any]], reason: Reason | None
) -> None:
    one = every_way(claimed(database), reason=reason)
    fill(database, MANY)
    asked.clear()
    told = database.read(lambda c: store.told_before(c, one))
    assert [member.urls for member in told] == [
        ("https://site.example/20", "https://site.example/p20")
    ]
    statement, parameters = next(pair for pair in asked if "story_id" in pair[0])
    plan = _plan(database, statement, parameters)
    assert not [line for line in plan if _reads_all(line)], "\n".join(plan)


def _plan(db: Database, statement: str, parameters: Any) -> list[str]:
    explain = "EXPLAIN" if db.engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    with db.engine.connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute(f"{explain} {statement}", parameters)
        return [str(row[-1]) for row in cursor.fetchall()]


def _reads_all(line: str) -> bool:
    return "Seq Scan" in line or line.strip() == "SCAN article"


def plain(claim: ClaimedArticle) -> Ingested:
    return every_way(claim, text_key=TEXT_KEY, title_key=None, page_url=None, reason=None)


def test_a_standing_headline_of_weeks_ago_does_not_hide_the_article_of_today(
    database: Database,
) -> None:
    add_articles(database, [f"https://site.example/{n}" for n in range(130)], at=LONG_AGO)
    old = claim_article(database)
    first = database.write(lambda c: judge(c, plain(old)))
    copies = f"UPDATE article SET story_id = {first}, text_key = '{TEXT_KEY}', due_at = NULL"
    database.write(lambda c: c.execute(text(copies)))
    stories = []
    for url in ("https://site.example/today", MINE):
        add_articles(database, [url])
        one = plain(claim_article(database))
        stories.append(database.write(lambda c, one=one: judge(c, one)))  # type: ignore[misc]
    assert stories[0] == stories[1] != first


@pytest.mark.parametrize(("beyond_s", "found"), [(-1, True), (1, False)])
def test_texts_are_compared_within_the_window_only(
    database: Database, beyond_s: float, found: bool
) -> None:
    long_ago = NOW - WINDOW - timedelta(seconds=beyond_s)
    add_articles(database, ["https://site.example/old"], at=long_ago)
    before = claim_article(database)
    database.write(lambda c: judge(c, plain(before)))
    add_articles(database, [MINE])
    one = plain(claim_article(database))
    assert bool(database.read(lambda c: store.told_before(c, one))) == found
