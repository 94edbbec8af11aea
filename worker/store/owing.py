"""What decisions on alerts look at: rules, what was told, how far a story has spread, limits."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from worker.records import ChannelRules, Room, StoryFacts, Told, Withheld
from worker.store import _tables as t
from worker.store.families import independent

_alert, _channel, _story = t.alert.c, t.channel.c, t.story.c
_membership, _revision, _withheld = t.membership.c, t.revision.c, t.withheld.c


def channel_rules(db: Connection, ids: Collection[int]) -> dict[int, ChannelRules]:
    """The channels of these ids that are still configured, with their rules."""
    wanted = select(_channel.id, _channel.name, _channel.rules)
    rows = db.execute(wanted.where(_channel.id.in_(sorted(ids)), _channel.enabled))
    return {row.id: ChannelRules(row.id, row.name, row.rules) for row in rows}


def hold_channels(db: Connection, ids: Collection[int]) -> None:
    """Keep others from counting, until this transaction ends, what these channels were told.

    Weaker than a lock that alerts' foreign keys would wait for.
    """
    if ids:
        held = select(_channel.id).where(_channel.id.in_(sorted(ids))).order_by(_channel.id)
        db.execute(held.with_for_update(key_share=True))


def told_of(
    db: Connection, story_id: int, topic_ids: Collection[int]
) -> dict[tuple[int, int], Told]:
    """What was told of a story, by (topic id, channel id)."""
    rows = db.execute(
        select(
            _alert.id, _alert.topic_id, _alert.channel_id, _alert.occasion, _alert.independent,
            _alert.article_id,
        )
        .where(
            _alert.story_id == story_id,
            _alert.topic_id.in_(sorted(topic_ids)),
            _alert.kind == "alert",
        )
        .order_by(_alert.id)
    )  # fmt: skip
    found: dict[tuple[int, int], Told] = {}
    for row in rows:
        key = (row.topic_id, row.channel_id)
        before = found.get(key, Told(row.id, 0, frozenset(), frozenset()))
        found[key] = Told(
            before.alert_id,
            max(before.independent, row.independent),
            before.occasions | {row.occasion},
            before.articles | {row.article_id},
        )
    return found


def story_facts(db: Connection, story_id: int, article_id: int) -> StoryFacts:
    """How far a story has spread, as `stories list` counts it, and what an article is in it."""
    row = db.execute(
        select(
            _story.article_count,
            _story.first_seen_at,
            _story.origin,
            func.count(func.distinct(func.nullif(_membership.publisher, ""))).label("publishers"),
            func.count(_membership.wire).label("credited"),
        )
        .join(t.article, t.article.c.story_id == _story.id)
        .outerjoin(t.membership, _membership.article_id == t.article.c.id)
        .where(_story.id == story_id)
        .group_by(_story.id)
    ).one()
    mine = select(_membership.relation).where(_membership.article_id == article_id)
    return StoryFacts(
        id=story_id,
        articles=row.article_count,
        publishers=row.publishers,
        independent=independent(row.publishers, row.credited, row.origin),
        first_seen=row.first_seen_at,
        relation=db.execute(mine).scalar(),
        origin=row.origin,
    )


def revision_at(db: Connection, article_id: int, at: datetime) -> tuple[int, list[str]] | None:
    """Id and flags of the revision by which an article was changed at this moment."""
    row = db.execute(
        select(_revision.id, _revision.flags)
        .where(_revision.article_id == article_id, _revision.replaced_at == at)
        .order_by(_revision.id.desc())
        .limit(1)
    ).first()
    return None if row is None else (row.id, list(row.flags))


def room_of(db: Connection, channel_id: int, topic_id: int | None, now: datetime) -> Room:
    """What a channel was told within the last hour, and what waits: of all topics, or of one.

    Alerts that were folded into one digest are one message. Whoever decides by it calls
    `hold_channels` first.
    """
    mine = (_alert.channel_id == channel_id) & (_alert.kind == "alert")
    if topic_id is not None:
        mine &= _alert.topic_id == topic_id
    lately = mine & (_alert.released_at > now - timedelta(hours=1))
    messages = func.count(func.distinct(func.coalesce(_alert.digest_id, _alert.id)))
    told, first_at = db.execute(select(messages, func.min(_alert.released_at)).where(lately)).one()
    waiting = select(func.min(_alert.fold_at)).where(mine, _alert.fold_at.is_not(None))
    return Room(told, first_at, db.execute(waiting).scalar())


def keep_withheld(
    db: Connection,
    article_id: int,
    withheld: Sequence[Withheld],
    now: datetime,
    *,
    judged_before: bool,
) -> None:
    """Keep why no alert was made of an article's matches, in place of what was kept before."""
    if judged_before:
        db.execute(delete(t.withheld).where(_withheld.article_id == article_id))
    if withheld:
        rows = [
            {
                "article_id": one.article_id,
                "topic_id": one.topic_id,
                "channel_id": one.channel_id,
                "reason": one.reason.value,
                "detail": one.detail,
                "at": now,
            }
            for one in withheld
        ]
        db.execute(insert(t.withheld), rows)


def purge_withheld(db: Connection, before: datetime, limit: int = 5_000) -> int:
    """Forget some of what was withheld before a time, the oldest first; returns how many."""
    oldest = select(_withheld.id).where(_withheld.at < before).order_by(_withheld.at).limit(limit)
    return db.execute(delete(t.withheld).where(_withheld.id.in_(oldest))).rowcount
