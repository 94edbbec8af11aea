"""Articles: stored with their sightings when first seen, claimed for ingest, read by people."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, or_, select, update

from worker.errors import NotFoundError
from worker.feed_options import PLAIN, FeedOptions
from worker.hosts import Manners, host_key
from worker.records import ChangedEntry, ClaimedArticle, Document, FeedVisit, NewArticle
from worker.store import _tables as t
from worker.store._insert import insert_missing
from worker.store.leases import ARTICLES
from worker.store.turns import claim_pages, taking_chosen
from worker.urls import canonical_url

_article = t.article.c
_CLAIMED = (
    "id", "url", "link", "host", "html", "authors", "story_id", "page_tries", "attempts",
    "published_known", "source_url", "feed_id",
)  # fmt: skip
_STORED = (
    "title", "text", "language", "image", "site_name", "section", "paywalled", "stored_at",
    "fetched_at", "modified_at", "page_url",
)  # fmt: skip


def add_articles(db: Connection, visits: Sequence[FeedVisit]) -> list[int]:
    """Store the entries of visits: new articles once, and a sighting for every entry.

    Two feeds may bring one article at the same moment, from two workers: the unique URL decides,
    and rows go in by URL so that the two never wait for each other in a circle. Returns the new
    articles' ids.
    """
    first: dict[str, dict[str, Any]] = {}
    for visit in visits:
        for new in visit.articles:
            first.setdefault(new.url, _new_row(visit, new))
    urls = sorted(first)
    added = insert_missing(db, t.article, [first[url] for url in urls])
    ids = ids_by_url(db, urls)
    sightings = [
        {
            "feed_id": visit.feed_id,
            "guid": new.entry.guid,
            "article_id": ids[new.url],
            "seen_at": visit.polled_at,
            "title_version": new.title_version,
            "text_version": new.text_version,
            "changes": 0,
            "changed_at": visit.polled_at,
        }
        for visit in visits
        for new in visit.articles
    ]
    insert_missing(db, t.sighting, sightings)
    return added


def _new_row(visit: FeedVisit, new: NewArticle) -> dict[str, Any]:
    entry = new.entry
    return {
        "url": new.url,
        "link": new.link,
        "host": host_key(new.link) if new.link and new.has_page else None,
        "feed_id": visit.feed_id,
        "source_url": entry.source_url,
        "title": entry.title,
        "feed_title": entry.title,
        "html": new.html,
        "image": entry.image,
        "authors": list(entry.authors),
        # A date in the future is capped at the time of sight; an absent one is that time.
        "published_at": min(entry.published or visit.polled_at, visit.polled_at),
        "published_known": entry.published is not None,
        "first_seen_at": visit.polled_at,
        "due_at": visit.polled_at,
        "attempts": 0,
        "page_tries": 0,
        "detail": "",
    }


def change_articles(db: Connection, visits: Sequence[FeedVisit]) -> int:
    """Take new versions of known entries: their articles are read and judged again.

    Whoever is reading such an article at the moment reads what is no longer said: the lease is
    taken from him. Returns how many changed.
    """
    # By article over all visits: two settles must not wait for each other in a circle.
    changes = [(visit, change) for visit in visits for change in visit.changes]
    for visit, change in sorted(changes, key=lambda one: one[1].article_id):
        _note_version(db, visit, change)
        if not change.only_noted:
            db.execute(
                update(t.article)
                .where(_article.id == change.article_id)
                .values(
                    feed_title=change.title,
                    html=change.html,
                    due_at=visit.polled_at,
                    page_tries=0,
                    leased_until=None,
                    lease_token=None,
                )
            )
    return sum(not change.only_noted for _, change in changes)


def _note_version(db: Connection, visit: FeedVisit, change: ChangedEntry) -> None:
    sighting = t.sighting.c
    values: dict[str, Any] = {
        "title_version": change.title_version,
        "text_version": change.text_version,
    }
    if not change.only_noted:
        values |= {
            "title_before": change.title_before,
            "changes": change.changes,
            "changed_at": visit.polled_at,
        }
    db.execute(
        update(t.sighting)
        .where(sighting.feed_id == visit.feed_id, sighting.guid == change.guid)
        .values(values)
    )


def ids_by_url(db: Connection, urls: Sequence[str]) -> dict[str, int]:
    """The articles with these URLs, and their ids."""
    ids: dict[str, int] = {}
    for start in range(0, len(urls), 500):
        chunk = urls[start : start + 500]
        rows = db.execute(select(_article.url, _article.id).where(_article.url.in_(chunk)))
        ids.update((row.url, row.id) for row in rows)
    return ids


_CLAIM = taking_chosen(
    ARTICLES,
    (
        *(_article[name] for name in _CLAIMED),
        *(_article[name].label(f"stored_{name}") for name in _STORED),
        _article.feed_title.label("title"),
        _article.published_at.label("published"),
        _article.first_seen_at.label("first_seen"),
    ),
    page_at=None,
)


def claim_articles(
    db: Connection, limit: int, lease_s: float, manners: Manners, page_wait_s: float
) -> list[ClaimedArticle]:
    """Lease up to `limit` articles that are due to be ingested.

    One whose page cannot have its turn within `page_wait_s` seconds is claimed without it, once, so
    that the feed's own text is judged meanwhile.
    """
    claimed = claim_pages(db, _CLAIM, limit, lease_s, manners, page_wait_s)
    feeds = _feeds_of(db, {row.feed_id for row in claimed.rows})
    lines = _lines_of(db, {row.host for row in claimed.rows if row.id not in claimed.later})
    claims = []
    for row in claimed.rows:
        values = dict(row._mapping)
        values["authors"] = tuple(values["authors"])
        stored = {name: values.pop(f"stored_{name}") for name in _STORED}
        options, home = feeds.get(values.pop("feed_id"), (PLAIN, None))
        claims.append(
            ClaimedArticle(
                token=claimed.token,
                page_at=claimed.later.get(row.id),
                options=options,
                home=home,
                host_failures=claimed.failures(row.host),
                lines=lines.get(row.host, {}),
                stored=_stored(stored, values["authors"]),
                fetched=stored["fetched_at"] is not None,
                **values,
            )
        )
    return claims


def _stored(row: dict[str, Any], authors: tuple[str, ...]) -> Document | None:
    """What the last verdict on an article was on, None where there was none yet."""
    if row["stored_at"] is None:
        return None
    return Document(
        title=row["title"],
        text=row["text"] or "",
        authors=authors,
        language=row["language"],
        image=row["image"],
        site_name=row["site_name"],
        modified=row["modified_at"],
        section=row["section"],
        paywalled=row["paywalled"],
        canonical=row["page_url"],
    )


def _feeds_of(db: Connection, ids: set[int | None]) -> dict[int | None, tuple[FeedOptions, str]]:
    feed = t.feed.c
    rows = db.execute(select(feed.id, feed.options, feed.url).where(feed.id.in_(ids)))
    return {row.id: (FeedOptions.from_json(row.options), row.url) for row in rows}


def _lines_of(db: Connection, hosts: set[str | None]) -> dict[str, dict[str, Any]]:
    host = t.host.c
    rows = db.execute(select(host.name, host.lines).where(host.name.in_(hosts)))
    return {row.name: row.lines for row in rows}


def list_articles(
    db: Connection, *, limit: int, topic: str | None = None, feed: str | None = None
) -> list[dict[str, Any]]:
    """The newest articles, with the names of the topics they match."""
    found = select(
        _article.id, _article.published_at, _article.title, _article.url, _article.link,
        _article.story_id,
        _article.language, _article.reason,
    )  # fmt: skip
    if topic:
        named = select(t.match.c.article_id).join(t.topic, t.topic.c.id == t.match.c.topic_id)
        found = found.where(_article.id.in_(named.where(t.topic.c.name == topic)))
    if feed:
        seen = select(t.sighting.c.article_id).join(t.feed, t.feed.c.id == t.sighting.c.feed_id)
        found = found.where(_article.id.in_(seen.where(t.feed.c.url == feed)))
    newest = found.order_by(_article.first_seen_at.desc(), _article.id.desc()).limit(limit)
    rows = [dict(row._mapping) for row in db.execute(newest)]
    names = _topics_of(db, [row["id"] for row in rows])
    return [row | {"topics": names.get(row["id"], [])} for row in rows]


def _topics_of(db: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    rows = db.execute(
        select(t.match.c.article_id, t.topic.c.name)
        .join(t.topic, t.topic.c.id == t.match.c.topic_id)
        .where(t.match.c.article_id.in_(ids))
        .order_by(t.topic.c.name)
    )
    for row in rows:
        names.setdefault(row.article_id, []).append(row.name)
    return names


def show_article(db: Connection, wanted: str) -> dict[str, Any]:
    """One article by id or URL, with where it was seen, what it matched and what it said before.

    Raises NotFoundError.
    """
    is_id = wanted.isdecimal() and len(wanted) < 19  # as many digits as an id can have
    forms = [wanted, canonical_url(wanted) or wanted]
    by_id = _article.id == int(wanted) if is_id else _article.url.in_(forms)
    row = db.execute(select(t.article).where(or_(by_id, _article.link == wanted))).first()
    if row is None:
        raise NotFoundError(f"No article {wanted}. `wirewatch articles list` shows the newest.")
    sightings = db.execute(
        select(t.feed.c.url.label("feed"), t.sighting.c.guid, t.sighting.c.seen_at)
        .join(t.feed, t.feed.c.id == t.sighting.c.feed_id)
        .where(t.sighting.c.article_id == row.id)
        .order_by(t.sighting.c.seen_at)
    )
    matches = db.execute(
        select(t.topic.c.name.label("topic"), t.match.c.evidence, t.match.c.matched_at)
        .join(t.topic, t.topic.c.id == t.match.c.topic_id)
        .where(t.match.c.article_id == row.id)
    )
    same_story = db.execute(
        select(func.count())
        .select_from(t.article)
        .where(_article.story_id == row.story_id, _article.story_id.is_not(None))
    ).scalar_one()
    hidden = {"lease_token", "leased_until", "html", "text_key", "title_key", "feed_title"}
    revisions = db.execute(
        select(t.revision.c.replaced_at, t.revision.c.title, t.revision.c.text, t.revision.c.flags)
        .where(t.revision.c.article_id == row.id)
        .order_by(t.revision.c.id)
    )
    return {key: value for key, value in row._mapping.items() if key not in hidden} | {
        "articles_in_story": same_story,
        "revisions": [dict(r._mapping) for r in revisions],
        "sightings": [dict(s._mapping) for s in sightings],
        "matches": [dict(m._mapping) for m in matches],
    }
