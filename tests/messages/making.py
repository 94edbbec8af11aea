"""An article, its story and a topic, for messages to tell of."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from worker import dedupe, messages
from worker.records import (
    ClaimedArticle,
    Document,
    Evidence,
    Ingested,
    StoryFacts,
    TopicMatch,
    TopicRow,
    TopicSpec,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SCHEMA = json.loads((files("worker") / "schemas" / "alert-1.json").read_text("utf-8"))
TEXT = "Envoys met in Geneva. Talks on Syria resumed on Monday. Nobody knows more."
TOPIC = TopicRow(1, TopicSpec("syria", "Syria: talks", "syria", ("desk",)), (1,))
STORY = StoryFacts(7, 4, 3, 2, NOW, "copy", "Reuters")


def evidence(text: str, term: str, field: str = "text") -> Evidence:
    """Where a term stands for the first time."""
    start = text.index(term)
    return Evidence(term, field, start, start + len(term), term)


def ingested(title: str = "Talks resume", text: str = TEXT, **told: Any) -> Ingested:
    claim = ClaimedArticle(
        id=4,
        token=1,
        url="https://example.org/talks",
        link="https://www.example.org/talks?a=1",
        title=title,
        html="",
        authors=(),
        published=NOW,
        published_known=True,
        first_seen=NOW,
        story_id=None,
        page_tries=0,
        attempts=1,
        host="www.example.org",
    )
    document = Document(title, text, authors=("Ana Bo",), language="en", site_name="The Site")
    return dedupe.ingested(
        claim, replace(document, **told), matches=(), fetched_at=None, due_at=None
    )


def alert(
    article: Ingested | None = None,
    *pieces: Evidence,
    story: StoryFacts = STORY,
    topic: TopicRow = TOPIC,
    occasion: str = "first",
) -> dict[str, Any]:
    """The body of an alert as a receiver reads it."""
    article = article or ingested()
    pieces = pieces or (evidence(article.document.text, "Syria"),)
    match = TopicMatch(topic.id, pieces, 1.0)
    told: dict[str, Any] = json.loads(
        messages.alert_body(article, story, topic, match, NOW, occasion)
    )
    return told


def _is_aware(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


_FORMATS = FormatChecker()
_FORMATS.checks("date-time", raises=ValueError)(_is_aware)


def mistakes(body: dict[str, Any]) -> list[str]:
    """What the shipped schema finds wrong with a body."""
    found = Draft202012Validator(SCHEMA, format_checker=_FORMATS).iter_errors(body)
    return [f"{error.json_path}: {error.message}" for error in found]
