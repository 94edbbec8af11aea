"""What is owed to whom. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime

from worker.messages import alert_body
from worker.records import Ingested, Owed, StoryFacts, TopicRow


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
    story = StoryFacts(id=story_id)
    return [
        Owed(
            topic_id=match.topic_id,
            story_id=story_id,
            channel_id=channel_id,
            article_id=ingested.claim.id,
            webhook_id=f"msg_{new_id()}",
            body=alert_body(ingested, story, topics[match.topic_id], match, now),
            due_at=now,
        )
        for match in ingested.matches
        if match.topic_id in topics
        for channel_id in topics[match.topic_id].channel_ids
    ]
