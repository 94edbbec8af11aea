"""The index of kept hashes: which stored articles share a fingerprint's.

A story is in it once for each hash, however many copies it has: so the number of rows of a hash is
the number of stories that know it, and a hash that more than a handful of stories know (furniture,
an agency's line) is told from them. Then no more rows are written for it, and a look-up costs the
same however large the archive grows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, text

from worker.models import UtcDateTime
from worker.records import Candidate, Fingerprint, Nearby
from worker.store import _tables as t

_article, _story = t.article.c, t.story.c
_membership, _apart = t.membership.c, t.apart.c
# A hash that more stories know tells nothing.
COMMON = 5
# Candidates that are compared in full, and the hashes that each must share.
_COMPARED, _LEAST_SHARED = 6, 2
_FOUNDERS = 500
# So many articles later, what shows a hash to be common is shown anew.
_STALE = 5_000
_LOOK_UP = {
    "postgresql": text(
        "SELECT hash, article_id FROM kept_hash WHERE hash = ANY(CAST(:keys AS integer[]))"
    ),
    "sqlite": text(
        "SELECT hash, article_id FROM json_each(:keys) CROSS JOIN kept_hash ON hash = value"
    ),
}
_KEEP = {
    "postgresql": text(
        "INSERT INTO kept_hash (hash, article_id)"
        " SELECT unnest(CAST(:keys AS integer[])), :id ON CONFLICT DO NOTHING"
    ),
    "sqlite": text(
        "INSERT OR IGNORE INTO kept_hash (hash, article_id) SELECT value, :id FROM json_each(:keys)"
    ),
}
_DROP = {
    "postgresql": text(
        "DELETE FROM kept_hash WHERE hash = ANY(CAST(:keys AS integer[])) AND article_id = :id"
    ),
    "sqlite": text(
        "DELETE FROM kept_hash WHERE hash IN (SELECT value FROM json_each(:keys))"
        " AND article_id = :id"
    ),
}


def key_of(shingle: int) -> int:
    """The index's key for a hash: its lower half, as a signed number."""
    return ((shingle & 0xFFFFFFFF) ^ 0x80000000) - 0x80000000


@dataclass(frozen=True, slots=True)
class Asked:
    """A fingerprint that is looked up, of which article, and in which story that is, if any."""

    fingerprint: Fingerprint
    article_id: int = 0
    story_id: int | None = None


def nearby(db: Connection, asked: Asked) -> Nearby:
    """What the index knows of a fingerprint, other than from the article itself."""
    return nearby_all(db, [asked])[0]


def nearby_all(db: Connection, asked: Sequence[Asked]) -> list[Nearby]:
    """`nearby` for several, in as many look-ups as for one."""
    keys = {key_of(h) for one in asked for h in one.fingerprint.asked}
    known: dict[int, list[int]] = {}
    if keys:
        for key, holder in db.execute(_LOOK_UP[db.dialect.name], {"keys": _given(db, keys)}):
            known.setdefault(key, []).append(holder)
    found = [_found(one, known) for one in asked]
    ids = {i for one in found for i in one.best}
    candidates = {c.article_id: c for c in _candidates(db, sorted(ids))} if ids else {}
    stories = {one.story_id for one in candidates.values()}
    apart = _told_apart(db, stories | {one.story_id for one in asked if one.story_id is not None})
    return [
        Nearby(
            common=one.common,
            candidates=tuple(candidates[i] for i in one.best if i in candidates),
            apart=apart,
            holders=one.holders,
        )
        for one in found
    ]


class _Found(NamedTuple):
    """What the index's rows say of one fingerprint; `best` are the articles to compare it with."""

    holders: dict[int, tuple[int, ...]]
    common: frozenset[int]
    best: list[int]


def _found(asked: Asked, known: Mapping[int, Sequence[int]]) -> _Found:
    holders = {
        h: others
        for h in asked.fingerprint.asked
        if (others := tuple(i for i in known.get(key_of(h), ()) if i != asked.article_id))
    }
    common = frozenset(h for h, ids in holders.items() if len(ids) > COMMON)
    shared = Counter(i for h, ids in holders.items() if h not in common for i in ids)
    enough = (i for i, count in shared.items() if count >= _LEAST_SHARED)
    best = sorted(enough, key=lambda i: (-shared[i], i))[:_COMPARED]
    return _Found(holders, common, best)


def _given(db: Connection, keys: Iterable[int]) -> Any:
    listed = sorted(keys)
    return listed if db.dialect.name == "postgresql" else str(listed)


_CANDIDATES = (
    select(
        _article.id, _article.story_id, _article.title, _article.text, _article.published_at,
        _article.published_known, _membership.publisher,
    )
    .outerjoin(t.membership, _membership.article_id == _article.id)
    .where(_article.story_id.is_not(None))
)  # fmt: skip


def _candidates(db: Connection, ids: Sequence[int]) -> tuple[Candidate, ...]:
    rows = {row.id: row for row in db.execute(_CANDIDATES.where(_article.id.in_(ids)))}
    return tuple(
        Candidate(
            article_id=row.id,
            story_id=row.story_id,
            title=row.title,
            text=row.text or "",
            published=row.published_at if row.published_known else None,
            publisher=row.publisher or "",
        )
        for row in (rows[i] for i in ids if i in rows)
    )


def lone_founders(db: Connection, since: datetime) -> list[Candidate]:
    """Articles stored since a moment that are still alone in their stories, the newest first."""
    lone = (
        select(_story.canonical_id)
        .where(_story.merged_into.is_(None), _story.article_count == 1)
        .where(_story.first_seen_at >= since)
        .order_by(_story.id.desc())
        .limit(_FOUNDERS)
    )
    return list(_candidates(db, [i for i in db.execute(lone).scalars() if i is not None]))


def _told_apart(db: Connection, stories: set[int]) -> frozenset[tuple[int, int]]:
    if len(stories) < 2:
        return frozenset()
    pairs = select(_apart.low_id, _apart.high_id).where(
        _apart.low_id.in_(stories), _apart.high_id.in_(stories)
    )
    return frozenset((row.low_id, row.high_id) for row in db.execute(pairs))


def keep_hashes(
    db: Connection,
    article_id: int,
    fingerprint: Fingerprint,
    known: Nearby,
    family: Mapping[int, int],
) -> None:
    """Have the index know an article by those of its kept hashes that say something new.

    `family` are its story's articles among the candidates. Where two of them hold one hash, because
    their stories have become one, the later is dropped. Of a hash that too many stories know, an
    old row gives way to a new one, so that furniture is still known for what it is once the
    articles that showed it have left the window.
    """
    new = [
        key_of(h)
        for h in fingerprint.kept
        if len(held := known.holders.get(h, ())) <= COMMON and not any(i in family for i in held)
    ]
    stale = {
        key_of(h): min(known.holders[h])
        for h in fingerprint.kept & known.common
        if article_id - min(known.holders[h]) > _STALE
    }
    for key, oldest in sorted(stale.items()):
        _drop(db, oldest, [key])
    new += stale
    if new:
        db.execute(_KEEP[db.dialect.name], {"keys": _given(db, new), "id": article_id})
    twice: dict[int, list[int]] = {}
    for h, held in known.holders.items():
        for other in sorted(i for i in held if i in family)[1:]:
            twice.setdefault(other, []).append(key_of(h))
    for other in sorted(twice):
        _drop(db, other, twice[other])


def drop_hashes(db: Connection, article_id: int, fingerprint: Fingerprint) -> None:
    """Have the index forget an article, by the fingerprint that it was kept with."""
    _drop(db, article_id, [key_of(h) for h in fingerprint.kept])


def _drop(db: Connection, article_id: int, keys: Sequence[int]) -> None:
    db.execute(_DROP[db.dialect.name], {"keys": _given(db, keys), "id": article_id})


# The keys are dealt into so many slices; a purge looks at one at a time.
SLICES = 1024
_SLICE = (1 << 32) // SLICES
_PURGE = text(
    "DELETE FROM kept_hash WHERE hash BETWEEN :low AND :high AND article_id IN"
    " (SELECT k.article_id FROM kept_hash k JOIN article a ON a.id = k.article_id"
    " WHERE k.hash BETWEEN :low AND :high AND a.published_at < :before)"
).bindparams(bindparam("before", type_=UtcDateTime()))


def purge_hashes(db: Connection, before: datetime, number: int) -> int:
    """Forget the hashes of one slice of articles published before a moment; returns how many.

    The articles stay with their addresses and the keys of text and headline, so that nothing that
    has left the window comes back as new.
    """
    low = (number % SLICES) * _SLICE - (1 << 31)
    bounds = {"low": low, "high": low + _SLICE - 1, "before": before}
    return db.execute(_PURGE, bounds).rowcount
