"""Stories that turn out to be one, and what people say of stories: split, merged, told apart."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, and_, delete, exists, func, insert, select, update

from worker.errors import NotFoundError
from worker.store import _tables as t
from worker.store._insert import upsert

_article, _story, _alert = t.article.c, t.story.c, t.alert.c
_membership, _apart = t.membership.c, t.apart.c


def story_of(db: Connection, story_id: int) -> int:
    """The story that a story's number leads to now; raises NotFoundError for none."""
    into = story_id
    while True:
        row = db.execute(select(_story.merged_into).where(_story.id == into)).first()
        if row is None:
            raise NotFoundError(f"No story {story_id}. `wirewatch stories list` shows the newest.")
        if row.merged_into is None:
            return into
        into = row.merged_into


def merge_stories(db: Connection, ids: Collection[int], now: datetime) -> int:
    """Make one story of several, the oldest of them; returns its id.

    Alerts follow: where both stories have alerted a topic's channel, it has been told already, and
    what nobody has begun to send is not sent again.
    """
    kept, *others = sorted(ids)
    for other in others:
        _move_alerts(db, other, kept)
        db.execute(update(t.article).where(_article.story_id == other).values(story_id=kept))
        _move_rulings(db, other, kept)
        _move_mutes(db, other, kept)
        gone = update(t.story).where(_story.id == other)
        db.execute(gone.values(merged_into=kept, article_count=0, canonical_id=None))
    recount(db, kept, now)
    return kept


def recount(db: Connection, story_id: int, now: datetime) -> None:
    """Tell a story's canonical article, count, times and origin anew, from its articles."""
    members = _article.story_id == story_id
    first = (
        select(_article.id, _article.published_at, _article.title)
        .where(members)
        .order_by(_article.published_at, _article.id)
        .limit(1)
    )
    count = db.execute(select(func.count()).where(members)).scalar_one()
    seen = db.execute(select(func.min(_article.stored_at)).where(members)).scalar_one()
    row = db.execute(first).first()
    wires = (
        select(_membership.wire)
        .join(t.article, _article.id == _membership.article_id)
        .where(members, _membership.wire.is_not(None))
        .order_by(_article.published_at, _article.id)
        .limit(1)
    )
    db.execute(
        update(t.story)
        .where(_story.id == story_id)
        .values(
            article_count=count,
            canonical_id=row.id if row else None,
            first_published_at=row.published_at if row else None,
            title=row.title if row else _story.title,
            first_seen_at=seen or _story.first_seen_at,
            last_seen_at=now,
            origin=db.execute(wires).scalar(),
        )
    )


def _move_alerts(db: Connection, story_id: int, into: int) -> None:
    told = t.alert.alias("told")
    twice = exists().where(
        told.c.topic_id == _alert.topic_id,
        told.c.channel_id == _alert.channel_id,
        told.c.occasion == _alert.occasion,
        told.c.story_id == into,
    )
    waits = _alert.digest_id.is_(None)
    unsent = and_(_alert.delivered_at.is_(None), _alert.attempts == 0, waits)
    db.execute(delete(t.alert).where(_alert.story_id == story_id, unsent, twice))
    db.execute(update(t.alert).where(_alert.story_id == story_id, ~twice).values(story_id=into))


def _move_mutes(db: Connection, story_id: int, into: int) -> None:
    mute = t.mute.c
    mine = and_(mute.what == "story", mute.which == str(story_id))
    db.execute(update(t.mute).where(mine).values(which=str(into)))


def _move_rulings(db: Connection, story_id: int, into: int) -> None:
    rows = db.execute(
        delete(t.apart)
        .where((_apart.low_id == story_id) | (_apart.high_id == story_id))
        .returning(_apart.low_id, _apart.high_id, _apart.told_at)
    )
    for low, high, told_at in list(rows):
        other = low if high == story_id else high
        _tell_apart(db, other, into, told_at)


def _tell_apart(db: Connection, one: int, other: int, now: datetime) -> None:
    if one != other:
        low, high = sorted((one, other))
        row = {"low_id": low, "high_id": high, "told_at": now}
        upsert(db, t.apart, row, key=["low_id", "high_id"], change={"told_at": now})


def split_story(db: Connection, story_id: int, articles: Iterable[int], now: datetime) -> int:
    """Take articles out of a story into one of their own, for good; returns the new one's id.

    Raises NotFoundError for a story that is not there or articles that are none of its members.
    """
    story_id = story_of(db, story_id)
    _lock(db, [story_id])
    wanted = sorted(set(articles))
    members = set(db.execute(select(_article.id).where(_article.story_id == story_id)).scalars())
    if strangers := [i for i in wanted if i not in members]:
        raise NotFoundError(f"Story {story_id} has no article {strangers[0]}.")
    if len(wanted) in (0, len(members)):
        raise NotFoundError(f"Story {story_id} would be left without an article.")
    values = {"title": "", "article_count": 0, "first_seen_at": now, "last_seen_at": now}
    new_id = int(db.execute(insert(t.story).values(values).returning(_story.id)).scalar_one())
    db.execute(
        update(t.article)
        .where(_article.id.in_(wanted))
        .values(story_id=new_id, joined_by="by-hand")
    )
    _pin(db, members)
    for one in (story_id, new_id):
        recount(db, one, now)
    _tell_apart(db, story_id, new_id, now)
    return new_id


def merge_found(db: Connection, ids: Collection[int], now: datetime) -> int:
    """Make one story of several that were found to be one after they were stored."""
    stories = {story_of(db, one) for one in ids}
    _lock(db, stories)
    stories = {story_of(db, one) for one in stories}
    return merge_stories(db, stories, now) if len(stories) > 1 else next(iter(stories))


def merge_by_hand(db: Connection, ids: Collection[int], now: datetime) -> int:
    """Make one story of several because a person says so; returns its id.

    What was said before of their being apart no longer holds. Raises NotFoundError.
    """
    stories = {story_of(db, one) for one in ids}
    _lock(db, stories)
    db.execute(delete(t.apart).where(_apart.low_id.in_(stories), _apart.high_id.in_(stories)))
    kept = merge_stories(db, stories, now)
    _pin(db, set(db.execute(select(_article.id).where(_article.story_id == kept)).scalars()))
    return kept


def _pin(db: Connection, articles: Iterable[int]) -> None:
    chosen = _membership.article_id.in_(sorted(articles))
    db.execute(update(t.membership).where(chosen).values(pinned=True))


def _lock(db: Connection, stories: Iterable[int]) -> None:
    locked = select(_story.id).where(_story.id.in_(sorted(stories))).order_by(_story.id)
    db.execute(locked.with_for_update())
