"""What an alert says: the bodies that channels send, whatever form they give them. Pure.

`schemas/alert-1.json` describes them; `VERSION` changes with it, and only for what would break a
receiver.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from worker.records import (
    ChannelState,
    Evidence,
    Ingested,
    OpsNotice,
    StoryFacts,
    TopicMatch,
    TopicRow,
)
from worker.sentences import sentence_around
from worker.text import clean, clean_line
from worker.urls import host_of

VERSION = 1
# What is stored; links, and what other forms add, have room up to the 256 KiB that are promised.
MAX_BYTES = 240 * 1024
MAX_LEAD, MAX_EVIDENCE, MAX_AUTHORS = 500, 20, 50
_MAX_LINE, _MAX_URL = 1_000, 4_000

Body = dict[str, Any]


def alert_body(
    ingested: Ingested,
    story: StoryFacts,
    topic: TopicRow,
    match: TopicMatch,
    now: datetime,
    occasion: str = "first",
) -> str:
    """The body of an alert of a story, as docs/alerts.md tells it: JSON of at most MAX_BYTES.

    `occasion` may be as detailed as the store keeps it; the body has what stands before a `-`.
    """
    return fitting(
        {
            "type": "alert",
            "version": VERSION,
            "timestamp": now.isoformat(),
            "occasion": occasion.partition("-")[0],
            "topic": {"name": topic.spec.name, "title": _line(topic.spec.title)},
            "story": _story(story),
            "article": _article(ingested),
            "match": {
                "score": match.score,
                "evidence": [_evidence(e, ingested) for e in match.evidence[:MAX_EVIDENCE]],
            },
            "links": {},
        }
    )


def _story(story: StoryFacts) -> Body:
    return {
        "id": story.id,
        "articles": story.articles,
        "publishers": story.publishers,
        "independent": story.independent,
        "relation": story.relation,
        "origin": story.origin and _line(story.origin),
        "first_seen": story.first_seen and story.first_seen.isoformat(),
    }


def _article(ingested: Ingested) -> Body:
    claim, document = ingested.claim, ingested.document
    url = claim.link or claim.url
    source = document.site_name or claim.host or host_of(url)
    return {
        "id": claim.id,
        "headline": _line(document.title),
        "url": url[:_MAX_URL],
        "source": source and _line(source),
        "authors": [_line(name) for name in document.authors[:MAX_AUTHORS]],
        "published": ingested.published.isoformat(),
        "published_known": ingested.published_known,
        "first_seen": claim.first_seen.isoformat(),
        "language": document.language,
        "lead": clean(document.text[:MAX_LEAD], MAX_LEAD),
        "image": document.image and document.image[:_MAX_URL],
        "section": document.section and _line(document.section),
        "paywalled": document.paywalled,
    }


def _evidence(piece: Evidence, ingested: Ingested) -> Body:
    told: Body = {
        "term": _line(piece.term),
        "field": piece.field,
        "start": piece.start,
        "end": piece.end,
        "text": piece.text[:_MAX_LINE],
        "group": _line(piece.group),
        "points": piece.points,
    }
    where = {"title": ingested.document.title, "text": ingested.document.text}.get(piece.field)
    if where is not None:
        told["sentence"], told["sentence_start"] = sentence_around(where, piece.start, piece.end)
    return told


def _line(text: str) -> str:
    return clean_line(text, _MAX_LINE)


def ops_body(notice: OpsNotice, now: datetime) -> str:
    """The body of what an operator must know: JSON of type `ops`."""
    return fitting(
        {
            "type": "ops",
            "version": VERSION,
            "timestamp": now.isoformat(),
            "matter": clean_line(notice.matter, _MAX_LINE),
            "title": _line(notice.title),
            "text": clean(notice.text, 20_000),
            "remedy": clean(notice.remedy, 20_000),
            "links": {},
        }
    )


def channel_stopped(matter: str, channel: ChannelState) -> OpsNotice:
    """What operators are told when a channel was stopped: nothing is lost, and what to do."""
    return OpsNotice(
        matter,
        f"Channel {channel.name} is stopped",
        f"{channel.reason}: {channel.detail}",
        "Its alerts are kept, and go out once it is open again.",
    )


def replayed(body: str, webhook_id: str) -> str:
    """An alert's body for when it is sent once more; `webhook_id` is what it had before."""
    told: Body = json.loads(body)
    return fitting(told | {"replay": True, "replay_of": webhook_id})


def heading(body: str) -> tuple[str, str]:
    """Topic name and headline of an alert's body, for logs; of others their type and title."""
    told: Body = json.loads(body)
    topic, article = told.get("topic", {}), told.get("article", {})
    title = article.get("headline", told.get("title", ""))
    return str(topic.get("name", told["type"])), str(title)


def with_links(body: str, links: Mapping[str, str]) -> str:
    """The body with these links in it; they are made when it is sent, for they expire."""
    if not links:
        return body
    told: Body = json.loads(body)
    return as_json(told | {"links": {**told.get("links", {}), **links}})


def as_json(body: Body) -> str:
    """A body as it is stored and sent: compact, and in its own scripts."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


# ---- the bound


def fitting(body: Body, limit: int = MAX_BYTES) -> str:
    """The body as JSON of at most `limit` bytes of UTF-8; `cut` then names what was shortened.

    Sentences go first, then evidence beyond the first, the lead, authors. What remains is bounded
    where it is made: about 60 KiB if every sign of it takes four bytes.
    """
    told = as_json(body)
    if _size(told) <= limit:
        return told
    for name, shorter in _CUTS:
        body = shorter(body)
        body["cut"] = list(dict.fromkeys([*body.get("cut", ()), name]))
        told = as_json(body)
        if _size(told) <= limit:
            break
    return told


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _evidence_to(body: Body, most: int, *, sentences: bool) -> Body:
    match = body.get("match")
    if match is None:
        return body
    without = () if sentences else ("sentence", "sentence_start")
    kept = [
        {key: value for key, value in piece.items() if key not in without}
        for piece in match["evidence"][:most]
    ]
    return body | {"match": match | {"evidence": kept}}


def _article_with(body: Body, **cut: Callable[[Any], Any]) -> Body:
    article = body.get("article")
    if article is None:
        return body
    return body | {"article": article | {key: how(article[key]) for key, how in cut.items()}}


def cut_text(text: str, most: int) -> str:
    """At most `most` bytes of UTF-8, without a part of a character, and "…" where it was cut."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= most:
        return text
    return encoded[: most - 3].decode("utf-8", "ignore").rstrip() + "…"


_Cut = Callable[[Body], Body]
_CUTS: tuple[tuple[str, _Cut], ...] = (
    ("evidence", lambda body: _evidence_to(body, MAX_EVIDENCE, sentences=False)),
    ("evidence", lambda body: _evidence_to(body, 5, sentences=False)),
    ("evidence", lambda body: _evidence_to(body, 1, sentences=False)),
    ("lead", lambda body: _article_with(body, lead=lambda lead: cut_text(lead, 200))),
    ("authors", lambda body: _article_with(body, authors=lambda names: names[:3])),
)
