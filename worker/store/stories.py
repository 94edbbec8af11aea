"""An article's verdict: its document, story and matches, in the caller's one transaction."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    delete,
    func,
    insert,
    select,
    text,
    true,
    union,
    update,
)

from worker.dedupe import WINDOW
from worker.errors import Reason
from worker.records import Ingested, Joins, Postponed, StoryMember
from worker.store import _tables as t
from worker.text import digest

_article = t.article.c
# Of a text that a thousand articles share, any hundred tell the story.
_MOST_ALIKE = 100


def lock_identities(db: Connection, articles: Iterable[Ingested]) -> None:
    """Let one transaction at a time judge articles that may be the same.

    Without it, two workers that ingest two copies in the same instant would each see no other
    and make two stories. On SQLite the write lock has seen to that already.
    """
    if db.dialect.name != "postgresql":
        return
    keys = sorted({_advisory(key) for one in articles for key in _identities(one)})
    if keys:
        each = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) key")
        db.execute(each, {"keys": keys})


def _identities(one: Ingested) -> Iterable[str]:
    for key in (one.text_key, one.title_key):
        if key:
            yield key
    for url in {one.claim.url, one.page_url}:
        if url:
            yield digest(url)


def _advisory(key: str) -> int:
    return int(key[:16], 16) - (1 << 63)


def told_before(db: Connection, one: Ingested) -> list[StoryMember]:
    """Stored articles that may be the same as `one`, earliest published first.

    They give themselves its address, whenever that was; or they have, published near it, its very
    text and headline, or its headline where one of the two is only an aggregator's link to the
    other.
    """
    since, until = one.published - WINDOW, one.published + WINDOW
    near = _article.published_at.between(since, until)
    addresses = [url for url in (one.claim.url, one.page_url) if url]
    either: list[ColumnElement[bool]] = [_article.page_url.in_(addresses)]
    if one.page_url and one.page_url != one.claim.url:
        either.append(_article.url == one.page_url)
    if one.text_key:
        either.append((_article.text_key == one.text_key) & near)
    if one.title_key:
        unresolved = _article.reason == Reason.UNRESOLVED_LINK
        aggregated = true() if one.reason is Reason.UNRESOLVED_LINK else unresolved
        either.append((_article.title_key == one.title_key) & near & aggregated)
    # One look at one index each: of a condition with OR, planners may make a look at every row.
    alike = union(
        *(
            select(_article.id)
            .where(condition, _article.story_id.is_not(None), _article.id != one.claim.id)
            .limit(_MOST_ALIKE)
            .subquery()
            .select()
            for condition in either
        )
    ).subquery()
    rows = db.execute(
        select(
            _article.id, _article.story_id, _article.published_at, _article.text_key,
            _article.title_key, _article.url, _article.page_url, _article.source_url,
        )
        .join(alike, alike.c.id == _article.id)
        .order_by(_article.published_at, _article.id)
    )  # fmt: skip
    return [
        StoryMember(
            article_id=row.id,
            story_id=row.story_id,
            published=row.published_at,
            text_key=row.text_key,
            title_key=row.title_key,
            urls=tuple(url for url in (row.url, row.page_url) if url),
            source_url=row.source_url,
        )
        for row in rows
    ]


def settle_article(
    db: Connection, ingested: Ingested, joins: Joins | None, now: datetime
) -> int | None:
    """Write one article's document, story and matches; returns its story's id.

    None says that the lease was lost: somebody else has the article, nothing was written. An
    article that has a story already, because its page came late, keeps it.
    """
    claim = ingested.claim
    held = (_article.id == claim.id) & (_article.lease_token == claim.token)
    if db.execute(update(t.article).where(held).values(**_document(ingested, now))).rowcount != 1:
        return None
    if (old := ingested.replaced) is not None:
        kept = {"article_id": claim.id, "replaced_at": now, "title": old.title, "text": old.text}
        db.execute(insert(t.revision).values(kept))
    story_id = claim.story_id
    if story_id is None:
        story_id = joins.member.story_id if joins else _new_story(db, ingested, now)
        if joins:
            _grow_story(db, story_id, now)
        db.execute(
            update(t.article)
            .where(_article.id == claim.id)
            .values(story_id=story_id, joined_by=joins.why if joins else "first")
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
            page_tries=_article.page_tries + int(postponed.tried),
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
        "modified_at": document.modified,
        "section": document.section,
        "paywalled": document.paywalled,
        "title_key": ingested.title_key,
        "page_url": ingested.page_url,
        "fetched_at": func.coalesce(ingested.fetched_at, _article.fetched_at),
        "stored_at": func.coalesce(_article.stored_at, now),
        "page_tries": _article.page_tries + int(ingested.tried),
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
