"""What people see of stories: the newest by the number of publishers, and one with its family."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select

from worker.store import _tables as t
from worker.store.merging import story_of
from worker.urls import site_of
from worker.wire import SITES

_article, _story, _membership, _quote = t.article.c, t.story.c, t.membership.c, t.quote.c


def list_stories(
    db: Connection, *, limit: int, topic: str | None = None, since: datetime | None = None
) -> list[dict[str, Any]]:
    """Stories by how many publishers tell them, the most first; of equals the newest first.

    With a topic, those with an article that matches it; `since` bounds when they were last seen.
    `independent` counts an agency's customers as one.
    """
    publishers = func.count(func.distinct(func.nullif(_membership.publisher, "")))
    wired = func.count(_membership.wire)
    found = (
        select(
            _story.id, _story.title, _story.article_count, _story.first_seen_at,
            _story.last_seen_at, _story.origin, _story.canonical_id,
            publishers.label("publishers"), wired.label("credited"),
        )
        .join(t.article, _article.story_id == _story.id)
        .outerjoin(t.membership, _membership.article_id == _article.id)
        .where(_story.merged_into.is_(None))
        .group_by(_story.id)
        .order_by(publishers.desc(), _story.last_seen_at.desc(), _story.id.desc())
        .limit(limit)
    )  # fmt: skip
    if since is not None:
        found = found.where(_story.last_seen_at >= since)
    if topic is not None:
        named = (
            select(_article.story_id)
            .join(t.match, t.match.c.article_id == _article.id)
            .join(t.topic, t.topic.c.id == t.match.c.topic_id)
            .where(t.topic.c.name == topic)
        )
        found = found.where(_story.id.in_(named))
    rows = [dict(row._mapping) for row in db.execute(found)]
    for row in rows:
        row["independent"] = independent(row["publishers"], row.pop("credited"), row["origin"])
    return rows


def independent(publishers: int, credited: int, origin: str | None) -> int:
    """How many publishers there are when all that one agency's text reached count as one.

    In a story with an origin every member shares the agency's text, whether it says so or not.
    """
    return 1 if origin and credited else publishers


def show_story(db: Connection, wanted: int) -> dict[str, Any]:
    """A story with its members, the canonical article first, and what quotes or is quoted.

    Raises NotFoundError.
    """
    story_id = story_of(db, wanted)
    story = dict(db.execute(select(t.story).where(_story.id == story_id)).one()._mapping)
    rows = db.execute(
        select(
            _article.id, _article.title, _article.text, _article.url, _article.link,
            _article.published_at, _article.first_seen_at, _article.joined_by,
            _membership.publisher, _membership.wire, _membership.relation, _membership.joined_id,
            _membership.contained, _membership.contains, _membership.shared, _membership.pinned,
        )
        .outerjoin(t.membership, _membership.article_id == _article.id)
        .where(_article.story_id == story_id)
        .order_by(_article.published_at, _article.id)
    )  # fmt: skip
    members = [dict(row._mapping) for row in rows]
    sites = {member["publisher"] or site_of(member["link"] or member["url"]) for member in members}
    publishers = sorted(sites - {""})
    story["publishers"] = publishers
    story["independent"] = 1 if story["origin"] else len(publishers)
    story["agency_itself"] = any(SITES.get(site) == story["origin"] for site in publishers)
    return story | {"members": members, "quotes": _quotes(db, [one["id"] for one in members])}


def _quotes(db: Connection, members: Sequence[int]) -> list[dict[str, Any]]:
    """Articles of other stories that stand inside one of these, or one of these inside them."""
    either = or_(_quote.article_id.in_(members), _quote.other_id.in_(members))
    pairs = list(db.execute(select(_quote.article_id, _quote.other_id, _quote.share).where(either)))
    others = {one if other in members else other for one, other, _ in pairs} - set(members)
    rows = db.execute(
        select(_article.id, _article.title, _article.story_id).where(_article.id.in_(others))
    )
    told = {row.id: dict(row._mapping) for row in rows}
    shares = {i: share for one, other, share in pairs for i in (one, other)}
    return [told[i] | {"share": shares[i]} for i in sorted(told)]
