"""What a topic's own feed holds."""

from typing import Any

from sqlalchemy import Connection, func, select

from worker.errors import NotFoundError
from worker.records import FeedStory, TopicFeed
from worker.store import _tables as t

_article, _story, _match, _membership = t.article.c, t.story.c, t.match.c, t.membership.c
_topic = t.topic.c
# Of so many of a topic's last matches the newest stories are told.
_MATCHES, _LEAD = 2_000, 500


def topic_feed(db: Connection, wanted: str, limit: int) -> TopicFeed:
    """A topic, by name or id, with its newest stories by when the first of each was seen.

    Raises NotFoundError where there is no such topic at work.
    """
    named = _topic.name == wanted
    if wanted.isdecimal() and len(wanted) < 19:
        named = named | (_topic.id == int(wanted))
    topic = db.execute(
        select(_topic.id, _topic.name, _topic.title, _topic.updated_at)
        .where(_topic.enabled, named)
        .order_by(_topic.name != wanted)
    ).first()
    if topic is None:
        raise NotFoundError(f"There is no topic {wanted!r}. `wirewatch topics list` has them.")
    best = _best_matches(db, topic.id)
    newest = sorted(best.values(), key=lambda one: (one["first_seen"], one["id"]), reverse=True)
    stories = _stories(db, [int(one["story_id"]) for one in newest[:limit]])
    return TopicFeed(
        topic.name,
        topic.title or topic.name,
        topic.updated_at,
        tuple(
            FeedStory(
                **stories[one["story_id"]],
                updated=one["updated"],
                score=one["score"],
                evidence=one["evidence"],
            )
            for one in newest[:limit]
            if one["story_id"] in stories
        ),
    )


def _best_matches(db: Connection, topic_id: int) -> dict[int, dict[str, Any]]:
    """Under each story its match of the highest score, with the times of all its matches."""
    last = (select(_match.id).where(_match.topic_id == topic_id).order_by(_match.id.desc())).limit(
        _MATCHES
    )
    rows = db.execute(
        select(
            _match.id, _match.score, _match.matched_at, _article.story_id, _article.first_seen_at
        )
        .join(t.article, _article.id == _match.article_id)
        .where(_match.id.in_(last), _article.story_id.is_not(None))
        .order_by(_match.id)
    )
    best: dict[int, dict[str, Any]] = {}
    for row in rows:
        known = best.setdefault(
            row.story_id,
            {
                "id": row.id,
                "story_id": row.story_id,
                "score": row.score,
                "first_seen": row.first_seen_at,
                "updated": row.matched_at,
            },
        )
        known["first_seen"] = min(known["first_seen"], row.first_seen_at)
        known["updated"] = max(known["updated"], row.matched_at)
        if row.score > known["score"]:
            known |= {"id": row.id, "score": row.score}
    ids = {one["id"]: one for one in best.values()}
    found = db.execute(select(_match.id, _match.evidence).where(_match.id.in_(ids)))
    for id_, evidence in found:
        ids[id_]["evidence"] = evidence
    return best


def _stories(db: Connection, ids: list[int]) -> dict[int, dict[str, Any]]:
    publishers = (
        select(func.count(func.distinct(func.nullif(_membership.publisher, ""))))
        .join(t.article, _article.id == _membership.article_id)
        .where(_article.story_id == _story.id)
        .correlate(t.story)
        .scalar_subquery()
    )
    rows = db.execute(
        select(
            _story.id.label("story_id"),
            _story.first_seen_at.label("story_seen"),
            _story.last_seen_at.label("last_seen"),
            _article.published_at.label("published"),
            _article.title,
            _article.link,
            _article.url,
            func.substr(_article.text, 1, _LEAD).label("lead"),
            _article.authors,
            _article.language,
            _article.image,
            _article.site_name,
            publishers.label("publishers"),
        )
        .join(t.article, _article.id == _story.canonical_id)
        .where(_story.id.in_(ids))
    )
    found = {}
    for row in rows:
        values = dict(row._mapping)
        link, url = values.pop("link"), values.pop("url")
        values["url"] = link or (url if url.startswith("http") else None)
        values["lead"] = values["lead"] or ""
        values["authors"] = tuple(values["authors"] or ())
        values["publishers"] = max(1, values["publishers"])
        found[row.story_id] = values
    return found
