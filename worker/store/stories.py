"""An article's verdict: its document and its story, in the caller's one transaction."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from worker.dedupe import publisher
from worker.fingerprint import fingerprint_of_stored
from worker.models import UtcDateTime
from worker.records import Ingested, Nearby, Postponed, Verdict
from worker.revisions import flags
from worker.store import _tables as t
from worker.store._insert import insert_for, upsert
from worker.store.alike import asks
from worker.store.merging import merge_stories
from worker.store.near import drop_hashes, keep_hashes

_article, _story = t.article.c, t.story.c


def settle_article(
    db: Connection, ingested: Ingested, verdict: Verdict, nearby: Nearby, now: datetime
) -> int | None:
    """Write one article's document and story; returns its story's id.

    None says that the lease was lost: somebody else has the article, nothing was written. An
    article that has a story already, because its page came late, keeps it, unless it is alone in it
    and its new text shows that it tells another.
    """
    claim, joins = ingested.claim, verdict.joins
    first = claim.story_id is None
    story_id = joins.story_id if joins else _new_story(db, ingested, now) if first else None
    joined = {"joining_story": story_id, "joining_why": joins.why if joins else "first"}
    held = {"held_id": claim.id, "held_token": claim.token}
    row = db.execute(_settling(first=first), held | joined | _document(ingested, now)).first()
    if row is None:
        if first and not joins:
            db.execute(delete(t.story).where(_story.id == story_id))
        return None
    if (old := ingested.replaced) is not None:
        kept = {"article_id": claim.id, "replaced_at": now, "title": old.title, "text": old.text}
        kept["flags"] = flags(old, ingested.document)
        db.execute(insert(t.revision).values(kept))
    story_id = int(row.story_id)
    if first and joins:
        _grow_story(db, story_id, ingested, now)
    elif not first and asks(ingested):
        _forget_stored(db, ingested)
        story_id = _other_story(db, ingested, story_id, verdict, now)
    if asks(ingested):
        story_id = _file(db, ingested, story_id, verdict, nearby, now)
    return story_id


def _other_story(
    db: Connection, ingested: Ingested, story_id: int, verdict: Verdict, now: datetime
) -> int:
    """The story of an article whose text has changed: another, where it was alone in its own."""
    joins = verdict.joins
    if joins is None or joins.story_id == story_id:
        return story_id
    count = select(_story.article_count).where(_story.id == story_id)
    if db.execute(count).scalar_one() > 1:
        return story_id
    db.execute(
        update(t.article).where(_article.id == ingested.claim.id).values(joined_by=joins.why)
    )
    return merge_stories(db, {story_id, joins.story_id}, now)


def _forget_stored(db: Connection, ingested: Ingested) -> None:
    if (old := ingested.claim.stored) is not None:
        drop_hashes(db, ingested.claim.id, fingerprint_of_stored(old.title, old.text))


def _file(
    db: Connection,
    ingested: Ingested,
    story_id: int,
    verdict: Verdict,
    nearby: Nearby,
    now: datetime,
) -> int:
    """Note what an article is in its story, have the index know it, and do what follows."""
    article_id, joins = ingested.claim.id, verdict.joins
    values: dict[str, Any] = {"publisher": publisher(ingested.claim), "wire": ingested.wire}
    if joins is not None:
        values |= {
            "relation": joins.relation,
            "joined_id": joins.article_id,
            "contained": joins.contained,
            "contains": joins.contains,
            "shared": joins.shared,
        }
    db.execute(_membership(db.dialect.name), _MEMBER | values | {"article_id": article_id})
    merged = {story_id, *verdict.merges}
    if ingested.fingerprint is not None:
        family = {c.article_id: c.story_id for c in nearby.candidates if c.story_id in merged}
        keep_hashes(db, article_id, ingested.fingerprint, nearby, family)
    _note_quotes(db, article_id, verdict)
    return merge_stories(db, merged, now) if verdict.merges else story_id


_MEMBER = dict.fromkeys(("relation", "joined_id", "contained", "contains", "shared"))


@cache
def _membership(dialect: str) -> Any:
    """The statement that says what an article is in its story; who has pinned it is left alone."""
    columns = (*_MEMBER, "publisher", "wire")
    row = insert_for(dialect)(t.membership).values(pinned=False)
    return row.on_conflict_do_update(
        index_elements=["article_id"], set_={name: row.excluded[name] for name in columns}
    )


def _note_quotes(db: Connection, article_id: int, verdict: Verdict) -> None:
    if verdict.quotes:
        quotes = [
            {"article_id": article_id, "other_id": other, "share": round(share, 3)}
            for other, share in verdict.quotes.items()
        ]
        for quote in quotes:
            key, change = ["article_id", "other_id"], {"share": quote["share"]}
            upsert(db, t.quote, quote, key=key, change=change)


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


@cache
def _settling(*, first: bool) -> Any:
    """The statement that settles an article, made once: to make it costs more than to run it.

    With its first verdict an article also gets its story.
    """
    fields = _FIELDS + _RELEASED
    values: dict[str, Any] = {
        name: bindparam(f"new_{name}", type_=_article[name].type) for name in fields
    }
    values |= {
        "fetched_at": func.coalesce(
            bindparam("new_fetched_at", type_=UtcDateTime()), _article.fetched_at
        ),
        "stored_at": func.coalesce(
            _article.stored_at, bindparam("new_stored_at", type_=UtcDateTime())
        ),
        "page_tries": _article.page_tries + bindparam("new_page_tries", type_=Integer()),
    }
    if first:
        values["story_id"] = bindparam("joining_story", type_=BigInteger())
        values["joined_by"] = bindparam("joining_why", type_=Text())
    held = (_article.id == bindparam("held_id")) & (_article.lease_token == bindparam("held_token"))
    return update(t.article).where(held).values(values).returning(_article.story_id)


_FIELDS = (
    "title", "text", "text_key", "authors", "language", "image", "site_name", "published_at",
    "published_known", "modified_at", "section", "paywalled", "title_key", "page_url", "reason",
    "detail", "due_at",
)  # fmt: skip
_RELEASED = ("leased_until", "lease_token", "attempts")


def _document(ingested: Ingested, now: datetime) -> dict[str, Any]:
    document = ingested.document
    values = {
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
        "reason": ingested.reason,
        "detail": ingested.detail,
        "due_at": ingested.due_at,
        "leased_until": None,
        "lease_token": None,
        "attempts": 0,
        "fetched_at": ingested.fetched_at,
        "stored_at": now,
        "page_tries": int(ingested.tried),
    }
    return {f"new_{name}": value for name, value in values.items()}


def _new_story(db: Connection, ingested: Ingested, now: datetime) -> int:
    values = {
        "title": ingested.document.title,
        "article_count": 1,
        "first_seen_at": now,
        "last_seen_at": now,
        "first_published_at": ingested.published,
        "canonical_id": ingested.claim.id,
        "origin": ingested.wire,
    }
    return int(db.execute(_FOUND, values).scalar_one())


_FOUND = insert(t.story).returning(_story.id)


def _grow_story(db: Connection, story_id: int, ingested: Ingested, now: datetime) -> None:
    """Count a member in; the earliest published, of equals the one with the lowest id, leads."""
    db.execute(
        _growing(),
        {
            "story": story_id,
            "article": ingested.claim.id,
            "published": ingested.published,
            "headline": ingested.document.title,
            "wire": ingested.wire,
            "now": now,
        },
    )


@cache
def _growing() -> Any:
    article = bindparam("article", type_=BigInteger())
    published = bindparam("published", type_=UtcDateTime())
    leads = or_(
        _story.canonical_id.is_(None),
        _story.first_published_at > published,
        and_(_story.first_published_at == published, _story.canonical_id > article),
    )
    return (
        update(t.story)
        .where(_story.id == bindparam("story"))
        .values(
            article_count=_story.article_count + 1,
            last_seen_at=bindparam("now", type_=UtcDateTime()),
            canonical_id=case((leads, article), else_=_story.canonical_id),
            first_published_at=case((leads, published), else_=_story.first_published_at),
            title=case((leads, bindparam("headline", type_=Text())), else_=_story.title),
            origin=func.coalesce(_story.origin, bindparam("wire", type_=Text())),
        )
    )
