"""What is owed to whom, when, and what is withheld for which reason. Pure.

A (topic, story, channel) alerts once: by its first article that passes the filters of both topic
and channel. It alerts again only where the channel asks for it: as the story spreads, or as an
article of it is updated or corrected. One verdict on an article makes one alert of these at most.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from worker.alert_rules import rules_for
from worker.alert_times import next_digest, quiet_until
from worker.messages import alert_body
from worker.records import (
    AlertRules,
    ChannelRules,
    Filters,
    Ingested,
    Manners,
    Mute,
    MuteWhat,
    Owed,
    Room,
    StoryFacts,
    Told,
    TopicMatch,
    TopicRow,
    Withheld,
    Withholding,
)
from worker.revisions import CORRECTION, HEADLINE, RETRACTION
from worker.spans import write_span
from worker.urls import host_of

HOUR = timedelta(hours=1)
FIRST, ESCALATION, UPDATE, CORRECTED = "first", "escalation", "update", "correction"
_MUTED: dict[MuteWhat, Withholding] = {
    "story": Withholding.STORY_MUTED,
    "source": Withholding.SOURCE_MUTED,
    "topic": Withholding.TOPIC_MUTED,
}


@dataclass(frozen=True, slots=True)
class Revised:
    """That an article was changed: the revision's id and its flags (worker/revisions.py)."""

    id: int
    flags: Sequence[str]


@dataclass(frozen=True, slots=True)
class Case:
    """An article with all that decisions on its alerts look at.

    `told` is by (topic id, channel id), `language` the text's own, `max_age_s` what holds where
    neither channel nor topic says one.
    """

    ingested: Ingested
    story: StoryFacts
    max_age_s: float = math.inf
    language: str | None = None
    revised: Revised | None = None
    told: Mapping[tuple[int, int], Told] = field(default_factory=dict)
    mutes: Sequence[Mute] = ()

    @property
    def published(self) -> datetime:
        """When it was published as far as anybody said, else when it was first seen.

        A date without a time is the end of its day, for it may have been.
        """
        claim, published = self.ingested.claim, self.ingested.published
        if not self.ingested.published_known:
            return claim.first_seen
        if published.timetz().replace(tzinfo=None) == time():
            return max(published, min(published + timedelta(days=1), claim.first_seen))
        return published

    @property
    def hosts(self) -> tuple[str, ...]:
        """Where it stands, and where its publisher is, if an aggregator's link hides that."""
        return hosts_of(self.ingested.claim.link, self.ingested.claim.url, self.source_url)

    @property
    def source_url(self) -> str | None:
        return self.ingested.claim.source_url


def hosts_of(link: str | None, url: str, source_url: str | None) -> tuple[str, ...]:
    """The hosts that an article of these addresses is told by."""
    hosts = (host_of(link or url), host_of(source_url) if source_url else "")
    return tuple(host.lower() for host in hosts if host)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why a story alerts: `kind` for whoever reads it; `key`, which there is once for a story."""

    kind: str
    key: str
    is_change: bool = False


@dataclass(frozen=True, slots=True)
class Decisions:
    """What follows of an article for all topics that it matches and their channels."""

    owed: tuple[Owed, ...] = ()
    withheld: tuple[Withheld, ...] = ()


def decide(
    case: Case,
    topics: Mapping[int, TopicRow],
    channels: Mapping[int, ChannelRules],
    room_of: Callable[[int, int | None], Room],
    now: datetime,
    new_id: Callable[[], str],
) -> Decisions:
    """What is owed to each channel of each topic that the article matches, and what is withheld.

    `room_of` a channel's id (and a topic's, for what that topic alone was told) is only asked where
    there is a limit. `new_id` makes the identity that every try of an alert carries; it must be
    unique over all installations, so no row's number.
    """
    owed: list[Owed] = []
    withheld: list[Withheld] = []
    taken: dict[tuple[int, int | None], int] = {}
    for match, topic, channel in _pairs(case, topics, channels):
        rules, told = rules_for(channel, topic), case.told.get((topic.id, channel.id))
        occasion = occasion_of(case, told, rules.manners)
        if why := _why_not(case, occasion, told, topic, match, channel.id, rules, now):
            withheld.append(Withheld(case.ingested.claim.id, topic.id, channel.id, *why))
        if why or occasion is None:
            continue
        key = (channel.id, topic.id if rules.own_limit else None)
        room = Room()
        if rules.manners.at_most is not None and not rules.manners.urgent:
            room = room_of(*key)
            room = replace(room, told=room.told + taken.get(key, 0))
        due_at, fold_at = timing(rules.manners, room, now)
        if due_at is not None:
            for one in ((channel.id, None), (channel.id, topic.id)):
                taken[one] = taken.get(one, 0) + 1
        owed.append(
            Owed(
                topic_id=topic.id,
                story_id=case.story.id,
                channel_id=channel.id,
                article_id=case.ingested.claim.id,
                webhook_id=f"msg_{new_id()}",
                body=alert_body(case.ingested, case.story, topic, match, now, occasion.kind),
                occasion=occasion.key,
                due_at=due_at,
                fold_at=fold_at,
                independent=case.story.independent,
            )
        )
    return Decisions(tuple(owed), tuple(withheld))


def _pairs(
    case: Case, topics: Mapping[int, TopicRow], channels: Mapping[int, ChannelRules]
) -> Iterable[tuple[TopicMatch, TopicRow, ChannelRules]]:
    for match in case.ingested.matches:
        topic = topics.get(match.topic_id)
        for channel_id in topic.channel_ids if topic else ():
            if topic and channel_id in channels:
                yield match, topic, channels[channel_id]


# ---- whether


def occasion_of(case: Case, told: Told | None, manners: Manners) -> Occasion | None:
    """Why the story alerts now, if it does at all."""
    if told is None:
        return Occasion(FIRST, FIRST)
    reached = max((n for n in manners.escalate if n <= case.story.independent), default=0)
    if reached > told.independent:
        return Occasion(ESCALATION, f"{ESCALATION}-{reached}")
    flags = case.revised.flags if case.revised else ()
    corrected = CORRECTION in flags or RETRACTION in flags
    if case.revised and corrected and "correction" in manners.on:
        return Occasion(CORRECTED, f"{CORRECTED}-{case.revised.id}", is_change=True)
    if "update" not in manners.on:
        return None
    if case.revised and HEADLINE in flags:
        return Occasion(UPDATE, f"{UPDATE}-{case.revised.id}", is_change=True)
    article_id = case.ingested.claim.id
    if case.story.relation == "update" and article_id not in told.articles:
        return Occasion(UPDATE, f"{UPDATE}-article-{article_id}")
    return None


def depends_on_story(
    case: Case, topics: Mapping[int, TopicRow], channels: Mapping[int, ChannelRules]
) -> bool:
    """Whether what an article makes owed depends on what is known of its story, beside its id.

    It does not where all have been told of it and no rule can alert again.
    """
    return any(
        told is None
        or max(manners.escalate, default=0) > told.independent
        or (bool(manners.on) and (case.ingested.replaced is not None or "update" in manners.on))
        for told, manners in _told_and_manners(case, topics, channels)
    )


def depends_on_revision(
    case: Case, topics: Mapping[int, TopicRow], channels: Mapping[int, ChannelRules]
) -> bool:
    """Whether what an article makes owed depends on how it was changed."""
    return case.ingested.replaced is not None and any(
        told is not None and bool(manners.on)
        for told, manners in _told_and_manners(case, topics, channels)
    )


def _told_and_manners(
    case: Case, topics: Mapping[int, TopicRow], channels: Mapping[int, ChannelRules]
) -> Iterable[tuple[Told | None, Manners]]:
    for _match, topic, channel in _pairs(case, topics, channels):
        yield case.told.get((topic.id, channel.id)), rules_for(channel, topic).manners


def _why_not(
    case: Case,
    occasion: Occasion | None,
    told: Told | None,
    topic: TopicRow,
    match: TopicMatch,
    channel_id: int,
    rules: AlertRules,
    now: datetime,
) -> tuple[Withholding, str] | None:
    if occasion is None:
        if told is None or case.ingested.claim.id in told.articles:
            return None  # the alert is its own
        detail = f"alert {told.alert_id} has told of story {case.story.id}"
        return Withholding.ALREADY_TOLD, detail
    mute = muting(case.mutes, channel_id, case.story.id, topic.spec.name, case.hosts, now)
    if mute is not None:
        until = f"{mute.until:%Y-%m-%d %H:%M} UTC"
        return _MUTED[mute.what], f"{mute.what} {mute.which} is muted until {until}"
    # What changed just now is news, however old the article.
    if not occasion.is_change and (old := _too_old(case, rules.filters, now)):
        return Withholding.TOO_OLD, old
    return next(filter(None, (_unwanted(case, match, one) for one in rules.filters)), None)


def muting(
    mutes: Sequence[Mute],
    channel_id: int,
    story_id: int | None,
    topic: str,
    hosts: Sequence[str],
    now: datetime,
) -> Mute | None:
    """The mute that silences an article of a story for a channel, the longest of several."""
    found = [
        mute
        for mute in mutes
        if mute.until > now
        and mute.channel_id in (None, channel_id)
        and (
            (mute.what == "story" and mute.which == str(story_id))
            or (mute.what == "topic" and mute.which == topic)
            or (mute.what == "source" and _is_of(hosts, [mute.which]))
        )
    ]
    return max(found, key=lambda mute: mute.until, default=None)


def _is_of(hosts: Sequence[str], domains: Sequence[str]) -> bool:
    """Whether one of the hosts is one of the domains, or below it."""
    return any(host == one or host.endswith(f".{one}") for host in hosts for one in domains)


def _too_old(case: Case, filters: Sequence[Filters], now: datetime) -> str:
    limits = [one for one in filters if one.max_age_s is not None]
    strictest = min(limits, key=lambda one: one.max_age_s or 0, default=None)
    longest = case.max_age_s if strictest is None else strictest.max_age_s or 0
    if (now - case.published).total_seconds() <= longest:
        return ""
    whose = f" of {strictest.whose}" if strictest else ""
    seen = "published" if case.ingested.published_known else "first seen"
    limit = write_span(timedelta(seconds=longest))
    return f"{seen} {case.published:%Y-%m-%d %H:%M} UTC, over the max_age{whose}, {limit}"


def _unwanted(case: Case, match: TopicMatch, filters: Filters) -> tuple[Withholding, str] | None:
    whose = filters.whose
    if filters.min_score is not None and match.score < filters.min_score:
        told = f"score {match.score:g}, under the min_score of {whose}, {filters.min_score:g}"
        return Withholding.LOW_SCORE, told
    language = (case.language or "").partition("-")[0].lower()
    if filters.languages and language not in filters.languages:
        told = f"language {language or 'unknown'}, {whose} wants {', '.join(filters.languages)}"
        return Withholding.OTHER_LANGUAGE, told
    hosts = ", ".join(case.hosts) or "no site"
    if filters.allow and not _is_of(case.hosts, filters.allow):
        return Withholding.UNWANTED_SOURCE, f"{hosts}: not among the sources of {whose}"
    if _is_of(case.hosts, filters.deny):
        return Withholding.UNWANTED_SOURCE, f"{hosts}: denied by {whose}"
    return None


# ---- when


def timing(manners: Manners, room: Room, now: datetime) -> tuple[datetime | None, datetime | None]:
    """When an alert is due, or until when it waits to be folded: one of the two, never both."""
    if manners.urgent:
        return now, None
    wait = waits_until(manners, now)
    if wait is None and manners.at_most is not None:
        wait = _until_room(manners, manners.at_most, room, now)
    return (now, None) if wait is None else (None, wait)


def waits_until(manners: Manners, now: datetime) -> datetime | None:
    """Until when quiet hours and digests have an alert of now wait; None: it does not wait."""
    if manners.urgent:
        return None
    if manners.digest is None:
        return quiet_until(manners.quiet, now)
    digest = next_digest(manners.digest, now)
    return quiet_until(manners.quiet, digest) or digest


def room_after(
    room: Room, channel_id: int, topic_id: int | None, owed: Sequence[Owed], now: datetime
) -> Room:
    """The room of a channel (for what a topic alone was told) once these are owed, too."""
    mine = [
        one for one in owed if one.channel_id == channel_id and topic_id in (None, one.topic_id)
    ]
    sent = sum(one.due_at is not None for one in mine)
    waits = [room.waits_until, *(one.fold_at for one in mine)]
    return Room(
        told=room.told + sent,
        first_at=room.first_at or (now if sent else None),
        waits_until=min((at for at in waits if at is not None), default=None),
    )


def _until_room(manners: Manners, at_most: int, room: Room, now: datetime) -> datetime | None:
    """When the next message may go; what waits already has a place, and room for all that comes."""
    waiting = room.waits_until
    if waiting is not None and waiting > now + HOUR:
        waiting = None
    if room.told + (waiting is not None) < at_most:
        return None
    free = waiting or (room.first_at or now) + HOUR
    return quiet_until(manners.quiet, free) or free
