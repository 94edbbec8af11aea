"""Articles that a file brings: stored with their lease, so that they are judged at once."""

import secrets
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from worker.records import ClaimedArticle
from worker.store import _tables as t
from worker.store._insert import insert_missing

_article, _membership = t.article.c, t.membership.c
_CHUNK = 500


def lease_articles(db: Connection, rows: Sequence[dict[str, Any]]) -> list[ClaimedArticle]:
    """Store articles that are not there yet, by their URL, and hold them until they are settled."""
    token = secrets.randbits(62)
    held = {
        "lease_token": token, "attempts": 1, "page_tries": 0, "detail": "", "html": "",
        "authors": [], "feed_title": "",
    }  # fmt: skip
    new = insert_missing(db, t.article, [row | held for row in rows])
    found = db.execute(select(_article.id, _article.url).where(_article.id.in_(new)))
    ids = {row.url: row.id for row in found}
    return [
        ClaimedArticle(
            id=ids[row["url"]],
            token=token,
            url=row["url"],
            link=row["link"],
            title=row["title"],
            html="",
            authors=(),
            published=row["published_at"],
            published_known=row["published_known"],
            first_seen=row["first_seen_at"],
            story_id=None,
            page_tries=0,
            attempts=1,
            source_url=row["source_url"],
        )
        for row in rows
        if row["url"] in ids
    ]


def article_of(db: Connection, url: str) -> int:
    """The id of the article of a URL that is stored."""
    return int(db.execute(select(_article.id).where(_article.url == url)).scalar_one())


def places(db: Connection, ids: Collection[int]) -> dict[int, tuple[int, str, float | None]]:
    """Of articles their story, what they are to the article that they joined, and how contained."""
    found = {}
    for chunk in _chunks(sorted(ids)):
        rows = db.execute(
            select(_article.id, _article.story_id, _membership.relation, _membership.contained)
            .outerjoin(t.membership, _membership.article_id == _article.id)
            .where(_article.id.in_(chunk))
        )
        for row in rows:
            found[row.id] = (row.story_id, row.relation or "first", row.contained)
    return found


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
