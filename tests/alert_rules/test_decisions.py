"""Whether a match alerts a channel: once, by the filters of both sides, and again where asked."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.alert_rules.making import (
    ARTICLE,
    CHANNEL,
    NOW,
    STORY,
    TOPIC,
    case,
    channel,
    decided,
    hours,
    reason,
    told,
    topic_row,
)
from worker.records import Mute, Told


def occasion(found: object) -> str | None:
    owed = found.owed  # type: ignore[attr-defined]
    return owed[0].occasion if owed else None


# ---- filters: what the channel says, what the topic says, and what follows

FILTERS: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any], str | None]] = [
    # article; channel; topic; why not
    ({}, {}, {}, None),
    ({"score": 5}, {"min_score": 5}, {}, None),
    ({"score": 4.9}, {"min_score": 5}, {}, "low-score"),
    ({"score": 5}, {"min_score": 5}, {"min_score": 6}, "low-score"),
    ({"score": 5}, {"min_score": 6}, {"min_score": 5}, "low-score"),
    ({"language": "ar"}, {"languages": ["en", "ar"]}, {}, None),
    ({"language": "en-GB"}, {"languages": ["en"]}, {}, None),
    ({"language": "de"}, {"languages": ["en", "ar"]}, {}, "other-language"),
    ({"language": None}, {"languages": ["en"]}, {}, "other-language"),
    ({"language": "en"}, {"languages": ["en", "ar"]}, {"languages": ["ar"]}, "other-language"),
    ({"language": "ar"}, {"languages": ["en", "ar"]}, {"languages": ["ar"]}, None),
    ({"link": "https://www.bbc.co.uk/a"}, {"allow": ["bbc.co.uk"]}, {}, None),
    ({"link": "https://NEWS.BBC.co.uk/a"}, {"allow": ["bbc.co.uk"]}, {}, None),
    ({"link": "https://notbbc.co.uk/a"}, {"allow": ["bbc.co.uk"]}, {}, "unwanted-source"),
    ({"link": "https://bbc.co.uk/a"}, {"allow": ["news.bbc.co.uk"]}, {}, "unwanted-source"),
    ({"link": "https://a.example/"}, {"allow": ["a.example"]}, {"allow": ["b.example"]},
     "unwanted-source"),
    ({"link": "https://x.a.example/"}, {"deny": ["a.example"]}, {}, "unwanted-source"),
    ({"link": "https://a.example/"}, {}, {"deny": ["a.example"]}, "unwanted-source"),
    ({"link": "https://a.example/"}, {"allow": ["a.example"], "deny": ["x.a.example"]}, {}, None),
    ({"link": "https://x.a.example/"}, {"allow": ["a.example"], "deny": ["x.a.example"]}, {},
     "unwanted-source"),
    ({"link": "https://news.google.com/rss/x", "source_url": "https://a.example"},
     {"allow": ["a.example"]}, {}, None),
    ({"link": "https://news.google.com/rss/x", "source_url": "https://a.example"},
     {"deny": ["a.example"]}, {}, "unwanted-source"),
    # age: by what was published where somebody said so, else by when it was first seen
    ({"published": NOW - hours(23.9)}, {}, {}, None),
    ({"published": NOW - hours(24.1)}, {}, {}, "too-old"),
    ({"published": None, "first_seen": NOW - hours(23)}, {}, {}, None),
    ({"published": None, "first_seen": NOW - hours(25)}, {}, {}, "too-old"),
    ({"published": NOW - hours(25)}, {"max_age_s": 2 * 86_400}, {}, None),
    ({"published": NOW - hours(2)}, {"max_age_s": 2 * 86_400}, {"max_age_s": 3_600}, "too-old"),
    ({"published": NOW - hours(2)}, {"max_age_s": 3_600}, {"max_age_s": None}, "too-old"),
    ({"published": NOW - hours(9_999)}, {"max_age_s": None}, {}, None),
    ({"published": NOW - hours(9_999)}, {}, {"max_age_s": None}, None),
]  # fmt: skip


@pytest.mark.parametrize(("article", "of_channel", "of_topic", "why"), FILTERS)
def test_the_filters_of_channel_and_topic_both_apply(
    article: dict[str, Any], of_channel: dict[str, Any], of_topic: dict[str, Any], why: str | None
) -> None:
    found = decided(case(**article), topic_row(**of_topic), channel(**of_channel))
    assert reason(found) == why
    assert len(found.owed) == (why is None)


@pytest.mark.parametrize(
    ("published", "first_seen", "now", "why"),
    [
        # a date without a time may be anything up to the end of its day, or when it was seen
        ("2026-03-03 00:00", "2026-03-04 10:00", "2026-03-04 12:00", None),
        ("2026-03-03 00:00", "2026-03-03 09:00", "2026-03-04 12:00", "too-old"),
        ("2026-03-02 00:00", "2026-03-04 10:00", "2026-03-04 12:00", "too-old"),
        ("2026-03-03 00:01", "2026-03-04 10:00", "2026-03-04 12:00", "too-old"),
    ],
)
def test_a_date_without_a_time_is_not_taken_for_midnight(
    published: str, first_seen: str, now: str, why: str | None
) -> None:
    at, seen, moment = (
        datetime.fromisoformat(one).replace(tzinfo=NOW.tzinfo)
        for one in (published, first_seen, now)
    )
    assert reason(decided(case(published=at, first_seen=seen), now=moment)) == why


def test_what_is_withheld_says_which_rule_of_whom() -> None:
    (kept,) = decided(case(score=3), topic_row(min_score=5)).withheld
    assert (kept.article_id, kept.topic_id, kept.channel_id) == (ARTICLE, TOPIC, CHANNEL)
    assert kept.detail == "score 3, under the min_score of topic topic3, 5"
    (old,) = decided(case(published=NOW - hours(30))).withheld
    assert old.detail == "published 2026-03-03 06:00 UTC, over the max_age, 1d"


# ---- once, and again

AGAIN: list[tuple[dict[str, Any], Told | None, dict[str, Any], str | None]] = [
    # the story; what was told; the rules; the occasion
    ({}, None, {}, "first"),
    ({"independent": 30}, None, {"escalate": [5, 20]}, "first"),
    ({"independent": 30}, told(1), {}, None),
    ({"independent": 4}, told(1), {"escalate": [5, 20]}, None),
    ({"independent": 5}, told(1), {"escalate": [5, 20]}, "escalation-5"),
    ({"independent": 19}, told(5), {"escalate": [5, 20]}, None),
    ({"independent": 20}, told(5), {"escalate": [5, 20]}, "escalation-20"),
    ({"independent": 25}, told(1), {"escalate": [5, 20]}, "escalation-20"),
    ({"independent": 21}, told(20), {"escalate": [5, 20]}, None),
    # a first alert that told of seven publishers has told of five
    ({"independent": 8}, told(7), {"escalate": [5, 20]}, None),
    ({"flags": ["headline"]}, told(), {"on": ["update"]}, "update-44"),
    ({"flags": ["headline"]}, told(), {"on": ["correction"]}, None),
    ({"flags": ["correction"]}, told(), {"on": ["correction"]}, "correction-44"),
    ({"flags": ["retraction"]}, told(), {"on": ["correction"]}, "correction-44"),
    ({"flags": ["headline", "correction"]}, told(), {"on": ["update", "correction"]},
     "correction-44"),
    ({"flags": ["headline", "correction"]}, told(), {"on": ["update"]}, "update-44"),
    ({"flags": ["correction"]}, told(), {"on": ["update"]}, None),
    ({"flags": []}, told(), {"on": ["update", "correction"]}, None),
    ({"flags": ["headline"]}, told(), {}, None),
    ({"flags": ["headline"]}, None, {"on": ["update"]}, "first"),
    ({"relation": "update"}, told(), {"on": ["update"]}, "update-article-7"),
    ({"relation": "update"}, told(article=ARTICLE), {"on": ["update"]}, None),
    ({"relation": "copy"}, told(), {"on": ["update"]}, None),
    ({"relation": "update"}, told(), {"on": ["correction"]}, None),
    # of two reasons it is one alert
    ({"relation": "update", "independent": 5}, told(), {"on": ["update"], "escalate": [5]},
     "escalation-5"),
]  # fmt: skip


@pytest.mark.parametrize(("story", "before", "rules", "wanted"), AGAIN)
def test_a_story_alerts_again_only_where_it_is_asked_for(
    story: dict[str, Any], before: Told | None, rules: dict[str, Any], wanted: str | None
) -> None:
    found = decided(case(told=before, **story), None, channel(**rules))
    assert occasion(found) == wanted


def test_the_body_of_an_escalation_says_what_happened() -> None:
    (owed,) = decided(case(told=told(), independent=6), None, channel(escalate=[5])).owed
    assert json.loads(owed.body)["occasion"] == "escalation"
    assert owed.independent == 6


def test_a_correction_is_news_however_old_its_article() -> None:
    old = case(told=told(), flags=["correction"], published=NOW - timedelta(days=5))
    assert occasion(decided(old, None, channel(on=["correction"]))) == "correction-44"


def test_an_old_copy_does_not_escalate() -> None:
    old = case(told=told(), independent=5, published=NOW - timedelta(days=5))
    assert reason(decided(old, None, channel(escalate=[5]))) == "too-old"


def test_a_copy_of_what_was_told_says_which_alert_told_it() -> None:
    (kept,) = decided(case(told=told())).withheld
    assert (kept.reason, kept.detail) == ("already-told", f"alert 12 has told of story {STORY}")


def test_an_article_whose_own_alert_went_out_is_not_withheld() -> None:
    found = decided(case(told=told(article=ARTICLE)))
    assert (found.owed, found.withheld) == ((), ())


@pytest.mark.parametrize(
    ("of_channel", "of_topic", "wanted"),
    [
        ({"escalate": [5]}, {"escalate": []}, None),
        ({"escalate": [9]}, {"escalate": [5]}, "escalation-5"),
        ({}, {"escalate": [5]}, "escalation-5"),
    ],
)
def test_a_topics_own_word_wins_over_its_channels(
    of_channel: dict[str, Any], of_topic: dict[str, Any], wanted: str | None
) -> None:
    found = decided(case(told=told(), independent=5), topic_row(**of_topic), channel(**of_channel))
    assert occasion(found) == wanted


# ---- mutes

LATER, PAST = NOW + hours(1), NOW - hours(1)
MUTES = [
    (Mute("story", str(STORY), LATER), "story-muted"),
    (Mute("story", "71", LATER), None),
    (Mute("source", "news.example", LATER), "source-muted"),
    (Mute("source", "example", LATER), "source-muted"),
    (Mute("source", "ews.example", LATER), None),
    (Mute("topic", "topic3", LATER), "topic-muted"),
    (Mute("topic", "topic4", LATER), None),
    (Mute("topic", "topic3", NOW), None),
    (Mute("topic", "topic3", PAST), None),
    (Mute("topic", "topic3", LATER, channel_id=CHANNEL), "topic-muted"),
    (Mute("topic", "topic3", LATER, channel_id=CHANNEL + 1), None),
]


@pytest.mark.parametrize(("mute", "why"), MUTES)
def test_what_is_muted_is_withheld_until_then(mute: Mute, why: str | None) -> None:
    assert reason(decided(case(mutes=(mute,)))) == why


def test_a_mute_holds_for_what_is_urgent_too() -> None:
    mute = Mute("story", str(STORY), LATER)
    assert reason(decided(case(mutes=(mute,)), topic_row(urgent=True))) == "story-muted"


# ---- laws


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=30),
    st.lists(st.integers(2, 30), unique=True, max_size=4).map(sorted),
)
def test_a_growing_story_tells_each_step_once_and_never_two_at_once(
    sizes: list[int], steps: list[int]
) -> None:
    before: Told | None = None
    seen: list[str] = []
    for independent in sorted(sizes):
        found = decided(case(told=before, independent=independent), None, channel(escalate=steps))
        assert len(found.owed) <= 1
        for owed in found.owed:
            seen.append(owed.occasion)
            most = max(owed.independent, before.independent if before else 0)
            before = Told(12, most, frozenset(seen), frozenset({1}))
    assert seen[0] == "first"
    assert len(seen) == len(set(seen))
    reached = [n for n in steps if min(sizes) < n <= max(sizes)]
    assert len(seen) - 1 <= len(reached)
    if reached:
        assert seen[-1] == f"escalation-{max(reached)}"
