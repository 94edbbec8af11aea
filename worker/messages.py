"""What an alert says: the body that channels send, whatever form they give it. Pure."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from worker.records import Ingested, TopicMatch, TopicRow

MAX_LEAD, MAX_EVIDENCE = 500, 20


def alert_body(
    ingested: Ingested, story_id: int, topic: TopicRow, match: TopicMatch, now: datetime
) -> str:
    """The body of an alert of a story, as docs/alerts.md tells it: JSON."""
    claim, document = ingested.claim, ingested.document
    body = {
        "type": "alert",
        "timestamp": now.isoformat(),
        "topic": {"name": topic.spec.name, "title": topic.spec.title},
        "story": {"id": story_id},
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


def heading(body: str) -> tuple[str, str]:
    """Topic name and headline of an alert's body, for logs."""
    alert: dict[str, Any] = json.loads(body)
    return str(alert["topic"]["name"]), str(alert["article"]["title"])
