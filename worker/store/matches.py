"""Matches: how much an article scores, by which version of a topic, and what analysts say of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from worker.records import TopicMatch, TopicRow
from worker.store import _tables as t

_MOST_MARKS = 5_000
_match = t.match.c
_NOTED = (
    update(t.match)
    .where(_match.article_id == bindparam("article"), _match.topic_id == bindparam("topic"))
    .values(score=bindparam("points"), version=bindparam("by"))
)


def note_matches(
    db: Connection,
    article_id: int,
    matches: Iterable[TopicMatch],
    topics: Mapping[int, TopicRow],
) -> None:
    """Note score and version of an article's matches, which are there."""
    noted = [
        {
            "article": article_id,
            "topic": match.topic_id,
            "points": match.score,
            "by": topics[match.topic_id].version,
        }
        for match in matches
        if match.topic_id in topics
    ]
    if noted:
        db.execute(_NOTED, noted)


def replace_matches(
    db: Connection, topic: TopicRow, found: Mapping[int, TopicMatch | None], now: datetime
) -> tuple[int, int]:
    """Make a topic's matches among some articles what they are now; how many came, and went.

    Under an article's id stands its match, or None. Marks stay with what still matches, and
    nothing is alerted.
    """
    if not found:
        return 0, 0
    mine = _match.topic_id == topic.id
    there = set(
        db.execute(select(_match.article_id).where(mine, _match.article_id.in_(found))).scalars()
    )
    matched = {id_: match for id_, match in found.items() if match is not None}
    gone = there - matched.keys()
    if gone:
        db.execute(delete(t.match).where(mine, _match.article_id.in_(gone)))
    come = [id_ for id_ in matched if id_ not in there]
    if come:
        db.execute(insert(t.match), [_row(topic, id_, matched[id_], now) for id_ in come])
    for id_ in there & matched.keys():
        values = _row(topic, id_, matched[id_], now)
        kept = {key: values[key] for key in ("evidence", "score", "version")}
        db.execute(update(t.match).where(mine, _match.article_id == id_).values(kept))
    return len(come), len(gone)


def _row(topic: TopicRow, article_id: int, match: TopicMatch, now: datetime) -> dict[str, Any]:
    return {
        "article_id": article_id,
        "topic_id": topic.id,
        "evidence": [asdict(piece) for piece in match.evidence],
        "score": match.score,
        "version": topic.version,
        "matched_at": now,
    }


def mark_match(
    db: Connection, article_id: int, topic: str, right: bool | None, now: datetime
) -> bool:
    """Note that an analyst calls a match right or wrong, or neither; False if there is none."""
    topic_id = select(t.topic.c.id).where(t.topic.c.name == topic).scalar_subquery()
    marked = (
        update(t.match)
        .where(_match.article_id == article_id, _match.topic_id == topic_id)
        .values(mark=right, marked_at=None if right is None else now)
    )
    return db.execute(marked).rowcount == 1


def list_matches(db: Connection, topic: str | None, limit: int) -> Sequence[dict[str, Any]]:
    """The newest matches, with their articles' titles and what analysts said of them."""
    query = (
        select(
            _match.article_id,
            t.topic.c.name.label("topic"),
            t.article.c.title,
            t.article.c.url,
            _match.score,
            _match.version,
            _match.mark,
            _match.matched_at,
        )
        .join(t.topic, t.topic.c.id == _match.topic_id)
        .join(t.article, t.article.c.id == _match.article_id)
        .order_by(_match.id.desc())
        .limit(limit)
    )
    if topic is not None:
        query = query.where(t.topic.c.name == topic)
    return [dict(row._mapping) for row in db.execute(query)]


def marked_texts(db: Connection, topic: str) -> list[tuple[str, str, bool]]:
    """Title, text and mark of a topic's marked matches, the newest thousands."""
    query = (
        select(t.article.c.title, t.article.c.text, _match.mark)
        .join(t.match, _match.article_id == t.article.c.id)
        .join(t.topic, t.topic.c.id == _match.topic_id)
        .where(t.topic.c.name == topic, _match.mark.is_not(None))
        .order_by(_match.marked_at.desc())
        .limit(_MOST_MARKS)
    )
    return [(row.title, row.text or "", row.mark) for row in db.execute(query)]
