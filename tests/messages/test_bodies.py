"""What is said in an alert: each kind of body by the shipped schema, and none too long."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.messages.making import (
    NOW,
    SCHEMA,
    STORY,
    TEXT,
    TOPIC,
    alert,
    evidence,
    ingested,
    mistakes,
)
from worker import messages
from worker.records import Evidence, OpsNotice, StoryFacts, TopicMatch, TopicSpec
from worker.text import clean


def ops() -> dict[str, Any]:
    notice = OpsNotice("feed-gone:1", "A feed is gone", "It answers 410.", "Remove it.")
    told: dict[str, Any] = json.loads(messages.ops_body(notice, NOW))
    return told


def digest() -> dict[str, Any]:
    at = NOW.isoformat()
    told = {"type": "digest", "version": 1, "timestamp": at, "since": at, "until": at}
    return told | {"count": 3, "alerts": [alert(), alert()], "left_out": 1}


@pytest.mark.parametrize(
    "body",
    [alert(), alert(story=StoryFacts(1)), alert() | {"type": "alert.test"}, ops(), digest()],
    ids=["alert", "lone", "test", "ops", "digest"],
)
def test_a_body_is_as_the_schema_says(body: dict[str, Any]) -> None:
    assert mistakes(body) == []


def test_the_schema_is_one_and_refuses_what_it_should() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    for spoilt in (
        alert() | {"type": "alarm"},
        alert() | {"version": 2},
        alert() | {"timestamp": "yesterday"},
        alert() | {"occasion": "escalation-5"},
        {key: value for key, value in alert().items() if key != "match"},
        {key: value for key, value in ops().items() if key != "remedy"},
    ):
        assert mistakes(spoilt)


def test_the_schema_describes_every_field() -> None:
    def undescribed(value: Any, schema: dict[str, Any], path: str) -> list[str]:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        if isinstance(value, dict):
            known = schema["properties"]
            return [f"{path}.{key}" for key in value if key not in known] + [
                missing
                for key in value.keys() & known.keys()
                for missing in undescribed(value[key], known[key], f"{path}.{key}")
            ]
        if isinstance(value, list):
            return [m for one in value for m in undescribed(one, schema["items"], path)]
        return []

    assert undescribed(alert(), {"$ref": "#/$defs/alert"}, "alert") == []
    assert undescribed(ops(), {"$ref": "#/$defs/ops"}, "ops") == []
    assert undescribed(digest(), {"$ref": "#/$defs/digest"}, "digest") == []


def test_an_alert_tells_of_topic_story_article_and_match() -> None:
    told = alert(
        ingested(section="World", image="https://example.org/1.jpg", paywalled=True),
        evidence(TEXT, "Syria"),
        evidence("Talks resume", "Talks", "title"),
        Evidence("lang:en", "lang", 0, 2, "en"),
        occasion="escalation-5",
    )
    assert told["occasion"] == "escalation"
    assert told["topic"] == {"name": "syria", "title": "Syria: talks"}
    assert told["story"] == {
        "id": 7, "articles": 4, "publishers": 3, "independent": 2, "relation": "copy",
        "origin": "Reuters", "first_seen": "2026-03-02T09:30:00+00:00",
    }  # fmt: skip
    assert told["article"] == {
        "id": 4, "headline": "Talks resume", "url": "https://www.example.org/talks?a=1",
        "source": "The Site", "authors": ["Ana Bo"], "published": "2026-03-02T09:30:00+00:00",
        "published_known": True, "first_seen": "2026-03-02T09:30:00+00:00", "language": "en",
        "lead": TEXT, "image": "https://example.org/1.jpg", "section": "World", "paywalled": True,
    }  # fmt: skip
    in_text, in_title, beside = told["match"]["evidence"]
    assert in_text["sentence"] == "Talks on Syria resumed on Monday."
    assert in_text["sentence_start"] == len("Talks on ")
    assert in_title["sentence"] == "Talks resume"
    assert "sentence" not in beside


@pytest.mark.parametrize(
    ("told", "source"),
    [("The Site", "The Site"), (None, "www.example.org"), ("", "www.example.org")],
)
def test_a_source_without_a_name_is_its_host(told: str | None, source: str) -> None:
    assert alert(ingested(site_name=told))["article"]["source"] == source


def test_what_no_terminal_or_log_could_take_is_left_out() -> None:
    topic = replace(TOPIC, spec=TopicSpec("syria", "Sy\x1bria\n\ud800 talks", "syria"))
    told = alert(ingested("Talks\x00 \nresume\u2028now", TEXT), topic=topic)
    assert told["topic"]["title"] == "Syria talks"
    assert told["article"]["headline"] == "Talks resume now"


def test_links_are_put_in_when_it_is_sent() -> None:
    body = messages.as_json(alert())
    link = "https://watch.example/mute/abc"
    told = json.loads(messages.with_links(body, {"mute_story": link}))
    assert told["links"] == {"mute_story": link}
    assert mistakes(told) == []
    assert messages.with_links(body, {}) is body


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (alert(), ("syria", "Talks resume")),
        (ops(), ("ops", "A feed is gone")),
        (digest(), ("digest", "")),
    ],
    ids=["alert", "ops", "digest"],
)
def test_a_body_has_a_heading_for_logs(body: dict[str, Any], found: tuple[str, str]) -> None:
    assert messages.heading(json.dumps(body)) == found


# ---- no body is too long


def test_sentences_go_first_then_evidence_and_it_says_so() -> None:
    pieces = [evidence(TEXT, "Syria")] * 20
    whole = alert(ingested(), *pieces)
    size = len(messages.as_json(whole).encode())
    shorter = json.loads(messages.fitting(whole, size - 1))
    assert shorter["cut"] == ["evidence"]
    assert len(shorter["match"]["evidence"]) == 20
    assert "sentence" not in shorter["match"]["evidence"][0]
    assert shorter["article"] == whole["article"]
    shortest = json.loads(messages.fitting(whole, 100))
    assert shortest["cut"] == ["evidence", "lead", "authors"]
    assert len(shortest["match"]["evidence"]) == 1
    assert mistakes(shorter) == mistakes(shortest) == []


_HEAVY = st.text(alphabet='\U0001f1f8\U0001f1fe💥"\\\n\tة停a', min_size=1, max_size=40)


@settings(max_examples=30, deadline=None)
@given(_HEAVY, st.sampled_from([1, 40, 2_000]), st.integers(0, 20))
def test_no_article_makes_a_body_too_long_or_unlike_the_schema(
    sign: str, times: int, how_many: int
) -> None:
    said = clean(sign * times, 10_000) or "-"
    article = ingested(said, said, authors=(said,) * 60, site_name=said, section=said)
    pieces = (Evidence(said, "text", 0, len(said), said),) * how_many
    topic = replace(TOPIC, spec=TopicSpec("syria", said, "syria"))
    match = TopicMatch(1, pieces or (evidence(said, said[:1]),))
    body = messages.alert_body(article, STORY, topic, match, NOW)
    assert len(body.encode()) <= messages.MAX_BYTES
    assert mistakes(json.loads(body)) == []


@given(st.text(), st.integers(3, 60))
def test_a_text_is_cut_between_characters(text: str, most: int) -> None:
    cut = messages.cut_text(text, most)
    assert len(cut.encode()) <= most or cut == text
    assert cut == text or cut.endswith("…")


def test_times_are_told_in_utc() -> None:
    assert datetime.fromisoformat(alert()["timestamp"]) == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
