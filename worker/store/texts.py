"""Stored articles to hold topics against, and the index that says which are worth a look.

The index holds words as topics fold them: `article_words` is an FTS5 table on SQLite, on Postgres a
table with a `tsvector`. An article that is not in it yet counts as worth a look.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text, update

from worker.records import About, StoredText, TopicRow
from worker.store import _tables as t

_article, _topic = t.article.c, t.topic.c
_COLUMNS = (
    _article.id, _article.title, _article.text, _article.language, _article.site_name,
    _article.host, _article.authors, _article.section, _article.url, _article.story_id,
    _article.first_seen_at,
)  # fmt: skip
_FORGET = text("DELETE FROM article_words WHERE rowid = :id")
_KEEP = text("INSERT INTO article_words (rowid, words) VALUES (:id, :words)")
_KEEP_POSTGRES = text(
    "INSERT INTO article_words (article_id, words) VALUES (:id, array_to_tsvector(:words))"
    " ON CONFLICT (article_id) DO UPDATE SET words = excluded.words"
)
_WORTH_A_LOOK = (
    "article.id IN (SELECT rowid FROM article_words WHERE article_words MATCH :wanted)"
    " OR article.id NOT IN (SELECT rowid FROM article_words)"
)
_WORTH_A_LOOK_POSTGRES = (
    "article.id IN (SELECT article_id FROM article_words WHERE words @@ CAST(:wanted AS tsquery))"
    " OR article.id NOT IN (SELECT article_id FROM article_words)"
)


def index_words(db: Connection, article_id: int, words: Iterable[str]) -> None:
    """Keep which words stand in an article, in the place of what was kept of it."""
    if db.dialect.name == "postgresql":
        db.execute(_KEEP_POSTGRES, {"id": article_id, "words": sorted(words)})
        return
    db.execute(_FORGET, {"id": article_id})
    db.execute(_KEEP, {"id": article_id, "words": " ".join(sorted(words))})


def candidates(db: Connection, since: datetime, gates: Sequence[Sequence[str]]) -> list[int]:
    """The stored articles first seen since then, in order, that may come through all gates.

    Through a gate come those with all words of one of its terms; a word that ends in `*` stands
    for all that begin so.
    """
    query = select(_article.id).where(
        _article.stored_at.is_not(None), _article.first_seen_at >= since
    )
    if gates:
        postgres = db.dialect.name == "postgresql"
        found = text(f"({_WORTH_A_LOOK_POSTGRES if postgres else _WORTH_A_LOOK})")
        query = query.where(found.bindparams(wanted=_wanted(gates, postgres=postgres)))
    return list(db.execute(query.order_by(_article.id)).scalars())


def _wanted(gates: Sequence[Sequence[str]], *, postgres: bool) -> str:
    """The gates as the index is asked; folded words hold neither quotes nor backslashes."""
    both, either = (" & ", " | ") if postgres else (" AND ", " OR ")
    quote, star = ("'", ":*") if postgres else ('"', "*")

    def word(told: str) -> str:
        bare = told.removesuffix("*")
        return f"{quote}{bare}{quote}{star if bare != told else ''}"

    def term(told: str) -> str:
        return f"({both.join(map(word, told.split(' ')))})"

    return both.join(f"({either.join(map(term, gate))})" for gate in gates)


def texts_of(db: Connection, ids: Sequence[int]) -> list[StoredText]:
    """Some stored articles, in order."""
    query = select(*_COLUMNS).where(_article.id.in_(ids)).order_by(_article.id)
    return [_stored(row) for row in db.execute(query)]


def texts_below(db: Connection, article_id: int | None, limit: int) -> list[StoredText]:
    """The newest stored articles before one, newest first."""
    query = select(*_COLUMNS).where(_article.stored_at.is_not(None))
    if article_id is not None:
        query = query.where(_article.id < article_id)
    return [_stored(row) for row in db.execute(query.order_by(_article.id.desc()).limit(limit))]


def _stored(row: Any) -> StoredText:
    source = tuple(name for name in (row.site_name, row.host) if name)
    about = About(row.language, source, tuple(row.authors or ()), row.section)
    return StoredText(
        row.id, row.title, row.text or "", about, row.url, row.story_id, row.first_seen_at
    )


def retagging(db: Connection) -> tuple[int | None, list[int]]:
    """Topics whose stored articles are still tagged by an older version, and how far that went.

    Only topics that have come equally far: None says that they have not begun.
    """
    query = (
        select(_topic.id, _topic.tagged_down_to)
        .where(_topic.enabled, func.coalesce(_topic.tagged_version, "") != _topic.version)
        .order_by(_topic.tagged_down_to, _topic.id)
    )
    rows = db.execute(query).all()
    if not rows:
        return None, []
    reached = rows[0].tagged_down_to
    return reached, [row.id for row in rows if row.tagged_down_to == reached]


def note_retagged(db: Connection, topic: TopicRow, down_to: int | None) -> bool:
    """Note how far a topic's stored articles are tagged; None: all of them.

    False says that the topic has changed meanwhile, and has to begin again.
    """
    done = {"tagged_version": topic.version} if down_to is None else {}
    noted = (
        update(t.topic)
        .where(_topic.id == topic.id, _topic.version == topic.version)
        .values(tagged_down_to=down_to, **done)
    )
    return db.execute(noted).rowcount == 1
