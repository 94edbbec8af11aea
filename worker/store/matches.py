"""Matches: how much an article scores, by which version of a topic, and what analysts say of it."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from worker.records import Ingested, TopicMatch, TopicRow
from worker.store import _tables as t

_MOST_MARKS = 5_000
_match = t.match.c


def settle_matches(
    db: Connection, one: Ingested, topics: Mapping[int, TopicRow], now: datetime
) -> None:
    """Make an article's matches what its verdict says, with the versions of `topics`.

    An article that is read again keeps the marks of what still matches.
    """
    article_id, found = one.claim.id, {match.topic_id: match for match in one.matches}
    mine, there = _match.article_id == article_id, set[int]()
    if one.claim.story_id is not None:
        there = set(db.execute(select(_match.topic_id).where(mine)).scalars())
    if gone := there - found.keys():
        db.execute(delete(t.match).where(mine, _match.topic_id.in_(gone)))
    rows = {
        id_: _row(id_, topics[id_].version if id_ in topics else "", article_id, match, now)
        for id_, match in found.items()
    }
    _write(db, rows, there)


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
    rows = {id_: _row(topic.id, topic.version, id_, match, now) for id_, match in matched.items()}
    _write(db, rows, there)
    return len(rows.keys() - there), len(gone)


_AGAIN = (
    update(t.match)
    .where(
        _match.article_id == bindparam("b_article_id"), _match.topic_id == bindparam("b_topic_id")
    )
    .values({name: bindparam(f"b_{name}") for name in ("evidence", "score", "version")})
)


def _write(db: Connection, rows: Mapping[int, dict[str, Any]], there: Set[int]) -> None:
    """Insert matches, and of those that are there say anew why; their marks and times stay."""
    if new := [row for id_, row in rows.items() if id_ not in there]:
        db.execute(insert(t.match), new)
    if again := [row for id_, row in rows.items() if id_ in there]:
        told = ("article_id", "topic_id", "evidence", "score", "version")
        db.execute(_AGAIN, [{f"b_{name}": row[name] for name in told} for row in again])


def _row(
    topic_id: int, version: str, article_id: int, match: TopicMatch, now: datetime
) -> dict[str, Any]:
    return {
        "article_id": article_id,
        "topic_id": topic_id,
        "evidence": [asdict(piece) for piece in match.evidence],
        "score": match.score,
        "version": version,
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
