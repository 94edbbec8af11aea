"""What decisions on alerts look at: rules, what was told, how far a story has spread, limits."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, delete, func, insert, select

from worker.models import UtcDateTime
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
    db: Connection, story_ids: Collection[int], topic_ids: Collection[int]
) -> dict[int, dict[tuple[int, int], Told]]:
    """What was told of stories: of each, by (topic id, channel id)."""
    found: dict[int, dict[tuple[int, int], Told]] = defaultdict(dict)
    if not story_ids or not topic_ids:
        return found
    asked = {"stories": sorted(story_ids), "topics": sorted(topic_ids)}
    for row in db.execute(_TOLD, asked):
        of_story, key = found[row.story_id], (row.topic_id, row.channel_id)
        before = of_story.get(key, Told(row.id, 0, frozenset(), frozenset()))
        of_story[key] = Told(
            before.alert_id,
            max(before.independent, row.independent),
            before.occasions | {row.occasion},
            before.articles | {row.article_id},
        )
    return found


# Statements are made once: to make one costs more than to run it.
_TOLD = (
    select(
        _alert.id, _alert.story_id, _alert.topic_id, _alert.channel_id, _alert.occasion,
        _alert.independent, _alert.article_id,
    )
    .where(
        _alert.story_id.in_(bindparam("stories", expanding=True)),
        _alert.topic_id.in_(bindparam("topics", expanding=True)),
        _alert.kind == "alert",
    )
    .order_by(_alert.id)
)  # fmt: skip


def story_facts(db: Connection, members: Mapping[int, int]) -> dict[int, StoryFacts]:
    """How far stories have spread, as `stories list` counts it, and what one article of each is
    in it: `members` has the article's id under the story's.
    """
    if not members:
        return {}
    asked = {"stories": sorted(members), "articles": sorted(members.values())}
    return {
        row.id: StoryFacts(
            id=row.id,
            articles=row.article_count,
            publishers=row.publishers,
            independent=independent(row.publishers, row.credited, row.origin),
            first_seen=row.first_seen_at,
            relation=row.relation,
            origin=row.origin,
        )
        for row in db.execute(_FACTS, asked)
    }


_is_asked = t.article.c.id.in_(bindparam("articles", expanding=True))
_FACTS = (
    select(
        _story.id,
        _story.article_count,
        _story.first_seen_at,
        _story.origin,
        func.count(func.distinct(func.nullif(_membership.publisher, ""))).label("publishers"),
        func.count(_membership.wire).label("credited"),
        func.max(case((_is_asked, _membership.relation))).label("relation"),
    )
    .join(t.article, t.article.c.story_id == _story.id)
    .outerjoin(t.membership, _membership.article_id == t.article.c.id)
    .where(_story.id.in_(bindparam("stories", expanding=True)))
    .group_by(_story.id)
)


def revisions_at(
    db: Connection, article_ids: Collection[int], at: datetime
) -> dict[int, tuple[int, list[str]]]:
    """Ids and flags of the revisions by which articles were changed at this moment."""
    if not article_ids:
        return {}
    rows = db.execute(_REVISIONS, {"articles": sorted(article_ids), "at": at})
    return {row.article_id: (row.id, list(row.flags)) for row in rows}


_REVISIONS = (
    select(_revision.article_id, _revision.id, _revision.flags)
    .where(
        _revision.article_id.in_(bindparam("articles", expanding=True)),
        _revision.replaced_at == bindparam("at", type_=UtcDateTime()),
    )
    .order_by(_revision.id)
)


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
    withheld: Sequence[Withheld],
    now: datetime,
    *,
    judged_before: Collection[int] = (),
) -> None:
    """Keep why no alert was made of articles' matches, for those that were judged before in place
    of what was kept then.
    """
    if judged_before:
        db.execute(_DROP_WITHHELD, {"articles": sorted(judged_before)})
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
        db.execute(_KEEP_WITHHELD, rows)


_DROP_WITHHELD = delete(t.withheld).where(
    _withheld.article_id.in_(bindparam("articles", expanding=True))
)
# RETURNING makes one statement of many rows.
_KEEP_WITHHELD = insert(t.withheld).returning(_withheld.id)


def purge_withheld(db: Connection, before: datetime, limit: int = 5_000) -> int:
    """Forget some of what was withheld before a time, the oldest first; returns how many."""
    oldest = select(_withheld.id).where(_withheld.at < before).order_by(_withheld.at).limit(limit)
    return db.execute(delete(t.withheld).where(_withheld.id.in_(oldest))).rowcount
