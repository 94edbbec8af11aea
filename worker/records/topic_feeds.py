"""A topic as a feed of its own: what any reader can follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class FeedStory:
    """One story of a topic, as its canonical article tells it.

    `story_seen` is when the story began, `last_seen` when an article last joined it, `updated` when
    the topic last found one of its articles; `evidence` is of its best match, each piece as the
    store keeps it.
    """

    story_id: int
    story_seen: datetime
    last_seen: datetime
    updated: datetime
    published: datetime
    title: str
    url: str | None
    lead: str
    authors: tuple[str, ...] = ()
    language: str | None = None
    image: str | None = None
    site_name: str | None = None
    publishers: int = 1
    score: float = 1.0
    evidence: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class TopicFeed:
    """A topic and its newest stories, the newest first; `changed` is when the topic was."""

    name: str
    title: str
    changed: datetime
    stories: tuple[FeedStory, ...] = ()

    @property
    def updated(self) -> datetime:
        """When anything of the feed last changed."""
        return max([self.changed, *(max(one.updated, one.last_seen) for one in self.stories)])
