"""An article's verdict: its document, story and matches, in the caller's one transaction."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text, update

from worker.records import Ingested, Postponed, StoryMember
from worker.store import _tables as t

_article = t.article.c


def lock_texts(db: Connection, text_keys: Iterable[str]) -> None:
    """Let one transaction at a time judge articles of the same text.

    Without it, two workers that ingest two copies in the same instant would each see no other
    and make two stories. On SQLite the write lock has seen to that already.
    """
    if db.dialect.name != "postgresql":
        return
    for key in sorted({_advisory(key) for key in text_keys}):
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def _advisory(text_key: str) -> int:
    return int(text_key[:16], 16) - (1 << 63)


def told_before(db: Connection, text_key: str) -> list[StoryMember]:
    """Stored articles with this very text and headline, earliest published first."""
    rows = db.execute(
        select(_article.id, _article.story_id, _article.published_at)
        .where(_article.text_key == text_key, _article.story_id.is_not(None))
        .order_by(_article.published_at, _article.id)
        .limit(50)
    )
    return [StoryMember(row.id, row.story_id, row.published_at) for row in rows]


def settle_article(
    db: Connection, ingested: Ingested, joins: StoryMember | None, now: datetime
) -> int | None:
    """Write one article's document, story and matches; returns its story's id.

    None says that the lease was lost: somebody else has the article, nothing was written. An
    article that has a story already, because its page came late, keeps it.
    """
    claim = ingested.claim
    held = (_article.id == claim.id) & (_article.lease_token == claim.token)
    if db.execute(update(t.article).where(held).values(**_document(ingested, now))).rowcount != 1:
        return None
    story_id = claim.story_id
    if story_id is None:
        story_id = joins.story_id if joins else _new_story(db, ingested, now)
        if joins:
            _grow_story(db, story_id, now)
        db.execute(
            update(t.article)
            .where(_article.id == claim.id)
            .values(story_id=story_id, joined_by="same-text" if joins else "first")
        )
    _replace_matches(db, ingested, now)
    return story_id


def postpone_article(db: Connection, postponed: Postponed) -> None:
    """Note that an article's page failed again; what is stored of it stays as it is."""
    claim = postponed.claim
    db.execute(
        update(t.article)
        .where(_article.id == claim.id, _article.lease_token == claim.token)
        .values(
            page_tries=_article.page_tries + 1,
            due_at=postponed.due_at,
            reason=postponed.reason,
            detail=postponed.detail,
            leased_until=None,
            lease_token=None,
            attempts=0,
        )
    )


def _document(ingested: Ingested, now: datetime) -> dict[str, Any]:
    document = ingested.document
    return {
        "title": document.title,
        "text": document.text,
        "text_key": ingested.text_key,
        "authors": list(document.authors),
        "language": document.language,
        "image": document.image,
        "site_name": document.site_name,
        "published_at": ingested.published,
        "published_known": ingested.published_known,
        "fetched_at": ingested.fetched_at,
        "stored_at": func.coalesce(_article.stored_at, now),
        "page_tries": _article.page_tries + 1,
        "reason": ingested.reason,
        "detail": ingested.detail,
        "due_at": ingested.due_at,
        "leased_until": None,
        "lease_token": None,
        "attempts": 0,
    }


def _new_story(db: Connection, ingested: Ingested, now: datetime) -> int:
    values = {
        "title": ingested.document.title,
        "article_count": 1,
        "first_seen_at": now,
        "last_seen_at": now,
    }
    return int(db.execute(insert(t.story).values(values).returning(t.story.c.id)).scalar_one())


def _grow_story(db: Connection, story_id: int, now: datetime) -> None:
    db.execute(
        update(t.story)
        .where(t.story.c.id == story_id)
        .values(article_count=t.story.c.article_count + 1, last_seen_at=now)
    )


def _replace_matches(db: Connection, ingested: Ingested, now: datetime) -> None:
    """The text may have changed since the last verdict, and with it every offset."""
    article_id = ingested.claim.id
    if ingested.claim.story_id is not None:
        db.execute(delete(t.match).where(t.match.c.article_id == article_id))
    if ingested.matches:
        db.execute(
            insert(t.match),
            [
                {
                    "article_id": article_id,
                    "topic_id": match.topic_id,
                    "evidence": [asdict(e) for e in match.evidence],
                    "matched_at": now,
                }
                for match in ingested.matches
            ],
        )
