"""Which stored articles may be the same as new ones, and the locks that keep that true."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    select,
    text,
    true,
    union,
)

from worker.dedupe import WINDOW, is_long
from worker.errors import Reason
from worker.fingerprint import NOTHING
from worker.models import UtcDateTime
from worker.records import Ingested, Nearby, StoryMember
from worker.store import _tables as t
from worker.store.near import Asked, key_of, nearby_all
from worker.text import digest

_article, _story = t.article.c, t.story.c
# Of a text that a thousand articles share, any hundred tell the story.
_MOST_ALIKE = 100
# Locks of hashes are told from those of identities by the upper half of their numbers.
_HASHES = 0x77697265 << 32


class Alike:
    """What the store knows of a batch of articles, looked up under locks that the batch holds.

    Two locks keep two workers from making two stories of one. Transactions that judge articles of
    one text or address wait for each other, for all their kept hashes and identities are locked
    first, in one order (`lock_identities`). Stories that the articles may join are locked before
    any of them is written to, in one order too, so that no two transactions wait in a circle.
    """

    def __init__(self, db: Connection, articles: Sequence[Ingested]) -> None:
        self._db, self._articles = db, articles
        lock_identities(db, articles)
        asking = [one for one in articles if asks(one)]
        self._found = dict(zip((one.claim.id for one in asking), self._look(asking), strict=True))
        self._settled: set[int | str] = set()
        if db.dialect.name == "postgresql" and self._lock_stories():
            self._found.clear()

    def of(self, one: Ingested) -> tuple[list[StoryMember], Nearby]:
        """Stored articles that have an identity of this one's, and those that share its hashes.

        Called once for each article of the batch, each settled before the next is asked for.
        """
        if not asks(one):
            return [], Nearby()
        names = _names(one)
        found = self._found.get(one.claim.id)
        if found is None or not self._settled.isdisjoint(names):
            (found,) = self._look([one])
        self._settled |= names
        return found

    def _look(self, articles: Sequence[Ingested]) -> list[tuple[list[StoryMember], Nearby]]:
        asked = [
            Asked(one.fingerprint or NOTHING, one.claim.id, one.claim.story_id) for one in articles
        ]
        near = nearby_all(self._db, asked)
        return [
            (told_before(self._db, one), each) for one, each in zip(articles, near, strict=True)
        ]

    def _lock_stories(self) -> bool:
        """Lock what may be joined; returns whether one of them was merged away meanwhile."""
        ids = {
            story_id
            for told, near in self._found.values()
            for story_id in (
                *(member.story_id for member in told),
                *(candidate.story_id for candidate in near.candidates),
            )
        }
        ids |= {one.claim.story_id for one in self._articles if one.claim.story_id is not None}
        if not ids:
            return False
        locked = select(_story.merged_into).where(_story.id.in_(ids)).order_by(_story.id)
        return any(self._db.execute(locked.with_for_update()).scalars())


def asks(one: Ingested) -> bool:
    """Whether an article has something to be compared by that it was not judged on before."""
    stored = one.claim.stored
    return one.claim.story_id is None or stored is None or stored.text != one.document.text


def _names(one: Ingested) -> set[int | str]:
    asked = one.fingerprint.asked if one.fingerprint is not None else ()
    return {*asked, *_identities(one)}


def lock_identities(db: Connection, articles: Iterable[Ingested]) -> None:
    """Let one transaction at a time judge articles that may be the same.

    Without it, two workers that ingest two copies in the same instant would each see no other
    and make two stories. On SQLite the write lock has seen to that already.
    """
    if db.dialect.name != "postgresql":
        return
    articles = list(articles)
    keys = {_advisory(key) for one in articles for key in _identities(one)}
    keys |= {
        _HASHES + key_of(h)
        for one in articles
        if one.fingerprint is not None and asks(one)
        for h in one.fingerprint.kept
    }
    if keys:
        each = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) key")
        db.execute(each, {"keys": sorted(keys)})


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

    They give themselves its address, whenever that was; or they have its very text and headline,
    published near it unless it is long; or, published near it, its headline where one of the two is
    only an aggregator's link to the other.
    """
    other_page = bool(one.page_url) and one.page_url != one.claim.url
    aggregated = one.reason is Reason.UNRESOLVED_LINK
    statement = _alike_by(
        page=other_page,
        text=is_long(one) if one.text_key else None,
        headline=aggregated if one.title_key else None,
    )
    rows = db.execute(
        statement,
        {
            "self": one.claim.id,
            "addresses": [url for url in (one.claim.url, one.page_url) if url],
            "page_url": one.page_url,
            "text_key": one.text_key,
            "title_key": one.title_key,
            "since": one.published - WINDOW,
            "until": one.published + WINDOW,
        },
    )
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


@cache
def _alike_by(*, page: bool, text: bool | None, headline: bool | None) -> Select[Any]:
    """The statement of `told_before`, made once for each set of what is looked for.

    `text`: at whatever time; `headline`: of whatever article; None: not at all.
    """
    near = _article.published_at.between(_moment("since"), _moment("until"))
    either: list[ColumnElement[bool]] = [
        _article.page_url.in_(bindparam("addresses", expanding=True))
    ]
    if page:
        either.append(_article.url == bindparam("page_url"))
    if text is not None:
        either.append((_article.text_key == bindparam("text_key")) & (true() if text else near))
    if headline is not None:
        unresolved = _article.reason == Reason.UNRESOLVED_LINK
        hidden = true() if headline else unresolved
        either.append((_article.title_key == bindparam("title_key")) & near & hidden)
    # One look at one index each: of a condition with OR, planners may make a look at every row.
    alike = union(
        *(
            select(_article.id)
            .where(condition, _article.story_id.is_not(None), _article.id != bindparam("self"))
            .limit(_MOST_ALIKE)
            .subquery()
            .select()
            for condition in either
        )
    ).subquery()
    return (
        select(
            _article.id, _article.story_id, _article.published_at, _article.text_key,
            _article.title_key, _article.url, _article.page_url, _article.source_url,
        )
        .join(alike, alike.c.id == _article.id)
        .order_by(_article.published_at, _article.id)
    )  # fmt: skip


def _moment(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=UtcDateTime())
