"""What channels and topics say of their alerts: which they want, when, and how many."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Any, Literal

# What of a story that has alerted may alert again, beside its spreading.
Change = Literal["update", "correction"]
MuteWhat = Literal["story", "source", "topic"]


class Withholding(StrEnum):
    """Why no alert was made of a match for a channel; stored by its value."""

    TOO_OLD = "too-old"
    LOW_SCORE = "low-score"
    OTHER_LANGUAGE = "other-language"
    UNWANTED_SOURCE = "unwanted-source"
    STORY_MUTED = "story-muted"
    SOURCE_MUTED = "source-muted"
    TOPIC_MUTED = "topic-muted"
    ALREADY_TOLD = "already-told"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end` by the clocks of `zone`, past midnight where `end` is not later.

    `days` are those on which it begins, Monday is 0. The time 24:00 is `end` 00:00.
    """

    start: time
    end: time
    zone: str
    days: frozenset[int] = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class DigestTimes:
    """When digests go out: at `daily` by the clocks of `zone`, or (None) at every full hour."""

    daily: time | None = None
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a channel, or a topic, wants to hear of at all; `whose` names it, as in `channel desk`.

    Of `max_age_s`, None says nothing and infinity that any age will do.
    """

    whose: str
    min_score: float | None = None
    languages: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    max_age_s: float | None = None


@dataclass(frozen=True, slots=True)
class Manners:
    """When and how often a channel is told of a topic.

    `urgent` passes quiet hours, digests and `at_most`, which is so many messages in any hour.
    """

    quiet: tuple[QuietHours, ...] = ()
    digest: DigestTimes | None = None
    at_most: int | None = None
    escalate: tuple[int, ...] = ()
    on: frozenset[Change] = frozenset()
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class AlertRules:
    """What holds for one topic's alerts to one channel.

    All `filters` apply, so that the stricter wins. `own_limit`: the topic has an `at_most` of its
    own, and only its alerts count for that.
    """

    filters: tuple[Filters, ...] = ()
    manners: Manners = Manners()
    own_limit: bool = False


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """A channel as decisions see it, with the rules as the store keeps them."""

    id: int
    name: str
    rules: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What a channel has been told of a story for one topic, by alerts sent or to be sent.

    `independent` is the most publishers that told the story when an alert of it was made,
    `articles` are those whose alerts they are.
    """

    alert_id: int
    independent: int
    occasions: frozenset[str]
    articles: frozenset[int]


@dataclass(frozen=True, slots=True)
class Mute:
    """What nobody (None), or one channel, wants to hear of before `until`.

    `which` is a story's id, a source's domain, or a topic's name.
    """

    what: MuteWhat
    which: str
    until: datetime
    channel_id: int | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """What a channel with a limit was told within the last hour, and when the first of it was.

    `waits_until` is when what already waits for room is to be sent: it will take a place, too.
    """

    told: int = 0
    first_at: datetime | None = None
    waits_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Withheld:
    """A match that no alert was made of for a channel, and why; `detail` is for people."""

    article_id: int
    topic_id: int
    channel_id: int
    reason: Withholding
    detail: str
