"""An article's whole way through the tables, found by any form of its address."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from worker.errors import NotFoundError
from worker.hosts import host_key
from worker.records import Way
from worker.store import _tables as t
from worker.text import clean
from worker.urls import canonical_url, site_of

_article, _sighting, _feed = t.article.c, t.sighting.c, t.feed.c
_match, _topic, _alert, _attempt = t.match.c, t.topic.c, t.alert.c, t.attempt.c
_channel, _withheld, _membership = t.channel.c, t.withheld.c, t.membership.c
_NEAR = 5


def find_article(db: Connection, url: str) -> tuple[int, str] | None:
    """The article at an address, in whatever form, and what it was found by; None: there is none.

    The identity comes first, for an index has it; an id of ours is taken, too.
    """
    url = clean(url, len(url))
    forms = {url, canonical_url(url), canonical_url(url, keep_fragment=True)} - {None}
    sighting = select(_sighting.article_id).where(_sighting.guid == url)
    roads: list[tuple[str, ColumnElement[bool]]] = [
        ("its identity", _article.url.in_(forms)),
        ("the address that its page gives itself", _article.page_url.in_(forms)),
        ("the link in its feed", _article.link == url),
        ("its guid in a feed", _article.id.in_(sighting)),
    ]
    if url.isdecimal() and len(url) < 19:
        roads.insert(0, ("its id", _article.id == int(url)))
    for told, road in roads:
        found = db.execute(select(_article.id).where(road).order_by(_article.id).limit(1)).scalar()
        if found is not None:
            return int(found), told
    return None


def near_articles(db: Connection, url: str) -> list[dict[str, Any]]:
    """The newest articles of an address's host: perhaps one of them was meant."""
    host = host_key(url)
    query = (
        select(_article.id, _article.title, _article.link, _article.url)
        .where(_article.host == host, _article.host != "")
        .order_by(_article.id.desc())
        .limit(_NEAR)
    )
    return [dict(row._mapping) for row in db.execute(query)]


def feeds_of_site(db: Connection, url: str) -> list[dict[str, Any]]:
    """The feeds of an address's site that are watched, with how their last poll went."""
    site = site_of(url)
    query = select(_feed.url, _feed.site_url, _feed.polled_at, _feed.reason, _feed.stopped).where(
        _feed.enabled
    )
    return [
        dict(row._mapping)
        for row in db.execute(query.order_by(_feed.url))
        if site and site in (site_of(row.url), site_of(row.site_url or ""))
    ]


def way_of(db: Connection, article_id: int, found_by: str) -> Way:
    """All that is known of an article; raises NotFoundError where it is not there any more."""
    article = _one(db, select(t.article).where(_article.id == article_id))
    if article is None:
        raise NotFoundError(f"Article {article_id} is not there any more.")
    story_id, host = article["story_id"], t.host.c
    member = _one(db, select(t.membership).where(_membership.article_id == article_id))
    matches = _matches(db, article_id)
    names = {row["id"]: row["name"] for row in _all(db, select(_channel.id, _channel.name))}
    paused = select(host.name, host.paused_until, host.reason, host.detail)
    other = select(_article.id, _article.title, _article.link, _article.url)
    return Way(
        found_by=found_by,
        article={key: value for key, value in article.items() if key not in _HIDDEN},
        host=_one(db, paused.where(host.name == article["host"])),
        sightings=_sightings(db, article_id),
        story=_one(db, select(t.story).where(t.story.c.id == story_id)),
        membership=member,
        joined=_one(db, other.where(_article.id == member["joined_id"])) if member else None,
        revisions=_count(db, t.revision.c.article_id == article_id),
        topics=_count(db, _topic.enabled),
        matches=matches,
        alerts=_alerts(db, story_id, [row["topic_id"] for row in matches]),
        withheld=_withheld_of(db, article_id),
        owed_to={
            row["topic"]: [names[id_] for id_ in row["channels"] if id_ in names] for row in matches
        },
    )


def _count(db: Connection, which: ColumnElement[bool]) -> int:
    return int(db.execute(select(func.count()).where(which)).scalar_one())


def _withheld_of(db: Connection, article_id: int) -> list[dict[str, Any]]:
    return _all(
        db,
        select(
            _topic.name.label("topic"), _channel.name.label("channel"), _withheld.reason,
            _withheld.detail, _withheld.at,
        )
        .join(t.topic, _topic.id == _withheld.topic_id)
        .join(t.channel, _channel.id == _withheld.channel_id)
        .where(_withheld.article_id == article_id)
        .order_by(_topic.name, _channel.name),
    )  # fmt: skip


_HIDDEN = {"html", "lease_token", "text_key", "title_key", "feed_title"}


def _matches(db: Connection, article_id: int) -> list[dict[str, Any]]:
    return _all(
        db,
        select(
            _topic.id.label("topic_id"), _topic.name.label("topic"), _topic.title, _topic.shadow,
            _topic.enabled, _topic.channels, _topic.version.label("version_now"), _match.version,
            _match.score, _match.evidence, _match.matched_at, _match.mark,
        )
        .join(t.topic, _topic.id == _match.topic_id)
        .where(_match.article_id == article_id)
        .order_by(_topic.name),
    )  # fmt: skip


def _sightings(db: Connection, article_id: int) -> list[dict[str, Any]]:
    return _all(
        db,
        select(
            _feed.url.label("feed"), _sighting.guid, _sighting.seen_at, _sighting.changes,
            _sighting.changed_at,
        )
        .join(t.feed, _feed.id == _sighting.feed_id)
        .where(_sighting.article_id == article_id)
        .order_by(_sighting.seen_at, _sighting.id),
    )  # fmt: skip


def _alerts(db: Connection, story_id: int | None, topic_ids: Sequence[int]) -> list[dict[str, Any]]:
    """The alerts of a story for some topics, each with the tries to deliver it."""
    found = _all(
        db,
        select(
            _alert.id, _topic.name.label("topic"), _channel.name.label("channel"), _alert.kind,
            _alert.occasion, _alert.article_id, _alert.webhook_id, _alert.created_at,
            _alert.due_at, _alert.fold_at, _alert.digest_id, _alert.delivered_at, _alert.dead_at,
            _alert.attempts, _alert.reason, _alert.detail,
            _channel.stopped.label("channel_stopped"), _channel.enabled.label("channel_enabled"),
        )
        .join(t.topic, _topic.id == _alert.topic_id)
        .join(t.channel, _channel.id == _alert.channel_id)
        .where(_alert.story_id == story_id, _alert.topic_id.in_(topic_ids))
        .order_by(_alert.id),
    )  # fmt: skip
    for one in found:
        one["tries"] = _all(
            db,
            select(
                _attempt.at, _attempt.accepted, _attempt.status, _attempt.reason, _attempt.detail,
                _attempt.duration_ms, _attempt.answer, _attempt.address,
            )
            .where(_attempt.alert_id == (one["digest_id"] or one["id"]))
            .order_by(_attempt.id),
        )  # fmt: skip
    return found


def _all(db: Connection, query: Any) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in db.execute(query)]


def _one(db: Connection, query: Any) -> dict[str, Any] | None:
    row = db.execute(query).first()
    return dict(row._mapping) if row else None
