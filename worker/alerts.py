"""What is owed to whom, and when an undelivered alert is tried again. Pure."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from worker.errors import Reason
from worker.records import Answer, ClaimedAlert, Delivery, Ingested, Owed, TopicMatch, TopicRow

MAX_LEAD, MAX_EVIDENCE = 500, 20
# Seconds before each further try: the schedule that Standard Webhooks recommends, begun sooner.
PAUSES_S = (5, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)


def owed(
    ingested: Ingested,
    story_id: int,
    topics: Mapping[int, TopicRow],
    now: datetime,
    new_id: Callable[[], str],
) -> list[Owed]:
    """One alert for each channel of each topic that the article matches.

    The store keeps only the first for a (topic, story, channel). `new_id` makes the identity that
    every try of an alert carries; it must be unique over all installations, so no row's number.
    """
    return [
        Owed(
            topic_id=match.topic_id,
            story_id=story_id,
            channel_id=channel_id,
            article_id=ingested.claim.id,
            webhook_id=f"msg_{new_id()}",
            body=_body(ingested, story_id, topics[match.topic_id], match, now),
        )
        for match in ingested.matches
        if match.topic_id in topics
        for channel_id in topics[match.topic_id].channel_ids
    ]


def _body(
    ingested: Ingested, story_id: int, topic: TopicRow, match: TopicMatch, now: datetime
) -> str:
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


def after(claim: ClaimedAlert, answer: Answer, now: datetime, jitter: float) -> Delivery:
    """What follows from a channel's answer; `jitter` in 0..1 spreads the retries by up to 10 %.

    Only 2xx is success. 410 stops the channel: its alerts stay owed, and go out once an operator
    has given it a new address. A missing secret is ours to mend, so it never uses tries up.
    """
    if answer.accepted:
        return Delivery(claim, answer, now, due_at=None)
    if answer.status == 410:
        return Delivery(claim, answer, now, due_at=now, stop_channel=True)
    tries = claim.attempts
    if answer.reason in (Reason.SECRET_MISSING, Reason.CHANNEL_UNKNOWN):
        tries = min(tries, 3)
    if tries > len(PAUSES_S):
        return Delivery(claim, answer, now, due_at=None)
    pause_s = PAUSES_S[tries - 1] * (1 + jitter / 10)
    pause_s = max(pause_s, min(answer.retry_after_s or 0, PAUSES_S[-1]))
    return Delivery(claim, answer, now, due_at=now + timedelta(seconds=pause_s))


def heading(body: str) -> tuple[str, str]:
    """Topic name and headline of an alert's body, for logs."""
    alert: dict[str, Any] = json.loads(body)
    return str(alert["topic"]["name"]), str(alert["article"]["title"])
