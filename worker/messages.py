"""What an alert says: the body that channels send, whatever form they give it. Pure."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from worker.records import (
    ChannelState,
    Ingested,
    OpsNotice,
    StoryFacts,
    TopicMatch,
    TopicRow,
)

MAX_LEAD, MAX_EVIDENCE = 500, 20


def alert_body(
    ingested: Ingested,
    story: StoryFacts,
    topic: TopicRow,
    match: TopicMatch,
    now: datetime,
    occasion: str = "first",
) -> str:
    """The body of an alert of a story, as docs/alerts.md tells it: JSON."""
    claim, document = ingested.claim, ingested.document
    body = {
        "type": "alert",
        "occasion": occasion,
        "timestamp": now.isoformat(),
        "topic": {"name": topic.spec.name, "title": topic.spec.title},
        "story": {
            "id": story.id,
            "publishers": story.publishers,
            "independent": story.independent,
            "relation": story.relation,
        },
        "article": {
            "id": claim.id,
            "title": document.title,
            "url": claim.link or claim.url,
            "published": ingested.published.isoformat(),
            "published_known": ingested.published_known,
            "first_seen": claim.first_seen.isoformat(),
            "authors": list(document.authors),
            "language": document.language,
            "site_name": document.site_name,
            "lead": document.text[:MAX_LEAD],
        },
        "match": {
            "score": match.score,
            "evidence": [asdict(e) for e in match.evidence[:MAX_EVIDENCE]],
        },
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def ops_body(notice: OpsNotice, now: datetime) -> str:
    """The body of what an operator must know: JSON of type `ops`."""
    return json.dumps({"type": "ops", "timestamp": now.isoformat(), **asdict(notice)})


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
    alert: dict[str, Any] = json.loads(body) | {"replay": True, "replay_of": webhook_id}
    return json.dumps(alert, ensure_ascii=False, separators=(",", ":"))


def heading(body: str) -> tuple[str, str]:
    """Topic name and headline of an alert's body, for logs."""
    alert: dict[str, Any] = json.loads(body)
    topic, article = alert.get("topic", {}), alert.get("article", {})
    return str(topic.get("name", alert["type"])), str(article.get("title", alert.get("title", "")))
