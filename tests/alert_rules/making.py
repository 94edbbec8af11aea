"""An article, a topic and a channel, so that a test names only the rule it is about."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from worker.alerts import Case, Decisions, Revised, decide
from worker.records import (
    ChannelRules,
    ClaimedArticle,
    Document,
    Evidence,
    Ingested,
    Mute,
    Room,
    StoryFacts,
    Told,
    TopicMatch,
    TopicRow,
    TopicSpec,
)

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
DAY_S = 86_400.0
ARTICLE, STORY, TOPIC, CHANNEL = 7, 70, 3, 5
PAIR = (TOPIC, CHANNEL)


def case(
    *,
    published: datetime | None = NOW,
    first_seen: datetime = NOW,
    score: float = 1.0,
    language: str | None = "en",
    link: str = "https://news.example/a",
    source_url: str | None = None,
    flags: list[str] | None = None,
    told: Told | None = None,
    mutes: tuple[Mute, ...] = (),
    topics: tuple[int, ...] = (TOPIC,),
    **story: Any,
) -> Case:
    claim = ClaimedArticle(
        id=ARTICLE,
        token=1,
        url=link,
        link=link,
        title="A title",
        html="",
        authors=(),
        published=published or first_seen,
        published_known=published is not None,
        first_seen=first_seen,
        story_id=None,
        page_tries=0,
        attempts=1,
        source_url=source_url,
    )
    evidence = (Evidence("title", "title", 2, 7, "title"),)
    ingested = Ingested(
        claim=claim,
        document=Document(title="A title", text="A text", language=language),
        text_key=None,
        matches=tuple(TopicMatch(topic, evidence, score) for topic in topics),
        fetched_at=NOW,
    )
    return Case(
        ingested=ingested,
        story=StoryFacts(id=STORY, **story),
        max_age_s=DAY_S,
        language=language,
        revised=Revised(44, flags) if flags is not None else None,
        told={PAIR: told} if told else {},
        mutes=mutes,
    )


def told(
    independent: int = 1, *, article: int = 1, occasions: tuple[str, ...] = ("first",)
) -> Told:
    return Told(12, independent, frozenset(occasions), frozenset({article}))


def topic_row(
    id_: int = TOPIC,
    *,
    urgent: bool = False,
    channels: tuple[int, ...] = (CHANNEL,),
    **alerting: Any,
) -> TopicRow:
    spec = TopicSpec(f"topic{id_}", "Topic", "title", (), urgent=urgent, alerting=alerting)
    return TopicRow(id_, spec, channels)


def channel(id_: int = CHANNEL, **rules: Any) -> ChannelRules:
    return ChannelRules(id_, f"channel{id_}", rules)


def decided(
    one: Case,
    topic: TopicRow | None = None,
    *channels: ChannelRules,
    room: Room | None = None,
    now: datetime = NOW,
) -> Decisions:
    topic, known = topic or topic_row(), channels or (channel(),)
    numbers = count()
    return decide(
        one,
        {topic.id: topic},
        {each.id: each for each in known},
        lambda _channel, _topic: room or Room(),
        now,
        lambda: f"{next(numbers)}",
    )


def reason(found: Decisions) -> str | None:
    """Why the one channel is not told; None where it is."""
    assert len(found.owed) + len(found.withheld) <= 1
    return found.withheld[0].reason.value if found.withheld else None


def hours(count: float) -> timedelta:
    return timedelta(hours=count)
