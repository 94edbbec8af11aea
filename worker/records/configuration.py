"""What the configuration files say."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from worker.feed_options import FeedOptions


@dataclass(frozen=True, slots=True)
class FeedSpec:
    url: str
    title: str = ""
    site_url: str | None = None
    category: str = ""


@dataclass(frozen=True, slots=True)
class OptionsSpec:
    """Options for one feed (by its `feed` URL) or for every feed of a `site` (a host and below)."""

    options: FeedOptions
    feed: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """`options` may hold `${NAME}`: secrets are filled in only when an alert is sent.

    `rules` is what the channel wants to hear of, and when, as the store keeps it.
    """

    name: str
    kind: str
    options: dict[str, Any] = field(default_factory=dict)
    rules: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """`query` is a query, or weighted rules as `worker.topics.rules` writes them.

    The matches of a topic in `shadow` are kept, and nobody is told of them. Alerts of an `urgent`
    one pass quiet hours; `alerting` is what it says of its alerts, as the store keeps it.
    """

    name: str
    title: str
    query: str
    channels: tuple[str, ...] = ()
    shadow: bool = False
    urgent: bool = False
    alerting: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Configuration:
    feeds: Sequence[FeedSpec]
    topics: Sequence[TopicSpec]
    channels: Sequence[ChannelSpec]
    options: Sequence[OptionsSpec] = ()


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A topic as the store knows it, with the ids of the channels that want it.

    `version` is a digest of its query.
    """

    id: int
    spec: TopicSpec
    channel_ids: tuple[int, ...]
    version: str = ""
