"""How far what was seen has come, and how long settled alerts took to be delivered."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from worker.store import _tables as t


@dataclass(frozen=True, slots=True)
class Measured:
    """Counts over the store; `settled_to_delivered_s` has each delivered alert's seconds."""

    seen: int
    stored: int
    joined: int
    matched: int
    alerted: int
    settled_to_delivered_s: tuple[float, ...]


def measure(db: Connection) -> Measured:
    """Count articles from sighting to alert. For tests and the demo: it reads every alert."""

    def count(query: Select[Any]) -> int:
        return int(db.execute(query).scalar_one())

    article = t.article.c
    times = db.execute(
        select(t.alert.c.created_at, t.alert.c.delivered_at).where(
            t.alert.c.delivered_at.is_not(None)
        )
    )
    return Measured(
        seen=count(select(func.count()).select_from(t.article)),
        stored=count(select(func.count()).where(article.stored_at.is_not(None))),
        joined=count(select(func.count()).where(article.joined_by == "same-text")),
        matched=count(select(func.count(func.distinct(t.match.c.article_id)))),
        alerted=count(select(func.count()).select_from(t.alert)),
        settled_to_delivered_s=tuple(
            (row.delivered_at - row.created_at).total_seconds() for row in times
        ),
    )
