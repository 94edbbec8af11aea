"""What channels and topics say of their alerts: what is read of it, and where a mistake is."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.config_files.making import CHANNELS, ENVIRON, TOPICS, write
from worker.config_files import check, load
from worker.config_files.alerting_yaml import KEYS

ROOT = Path(__file__).parents[2]
SAID = """\
    min_score: 5
    languages: [en, AR, no]
    sources: {allow: [example.org], deny: [www.Ads.example.org]}
    max_age: 36h
    quiet: [mon-fri 22:00-07:00 Europe/Berlin, "sat,sun 00:00-24:00 UTC"]
    digest: daily 7:30 Europe/Berlin
    at_most: 10 per hour
    escalate: [5, 20]
    on: [update, correction]
"""
READ = {
    "min_score": 5.0,
    "languages": ["en", "ar", "no"],
    "allow": ["example.org"],
    "deny": ["ads.example.org"],
    "max_age_s": 129_600.0,
    "quiet": [
        "mon,tue,wed,thu,fri 22:00-07:00 Europe/Berlin",
        "sat,sun 00:00-24:00 UTC",
    ],
    "digest": "daily 07:30 Europe/Berlin",
    "at_most": 10,
    "escalate": [5, 20],
    "on": ["correction", "update"],
}
NONE = """\
    max_age: none
    quiet: off
    digest: none
    at_most: none
    escalate: never
    on: []
"""
READ_NONE: dict[str, Any] = {
    "max_age_s": None,
    "quiet": None,
    "digest": None,
    "at_most": None,
    "escalate": [],
    "on": [],
}


def with_rules(rules: str, *, of: str) -> dict[str, str]:
    """The files, with rules for the first channel or topic."""
    if of == "channels":
        return {of: CHANNELS.replace("    kind: log\n", f"    kind: log\n{rules}")}
    return {of: TOPICS.replace("    title: Syria\n", f"    title: Syria\n{rules}")}


@pytest.mark.parametrize(("rules", "wanted"), [(SAID, READ), (NONE, READ_NONE), ("", {})])
def test_rules_are_read_alike_for_channels_and_topics(
    tmp_path: Path, rules: str, wanted: dict[str, Any]
) -> None:
    of_channel = load(write(tmp_path, **with_rules(rules, of="channels")), ENVIRON)
    assert of_channel.channels[0].rules == wanted
    of_topic = load(write(tmp_path, **with_rules(rules, of="topics")), ENVIRON)
    assert of_topic.topics[0].alerting == wanted
    assert not of_topic.topics[0].urgent


def test_a_topic_may_be_urgent(tmp_path: Path) -> None:
    found = load(write(tmp_path, **with_rules("    urgent: true\n", of="topics")), ENVIRON)
    assert [topic.urgent for topic in found.topics] == [True, False]


# what is written, under which key, the problem, in the remedy, and whether the schema sees it too
MISTAKES = [
    ("min_score: high", "min_score", "a number from 0 on", "min_score: 5", True),
    ("min_score: -1", "min_score", "a number from 0 on", "min_score: 5", True),
    ("min_score: .nan", "min_score", "a number from 0 on", "min_score: 5", False),
    ("languages: en", "languages", "must be a list", "[en, ar]", True),
    ("languages: []", "languages", "not an empty one", "[en, ar]", True),
    ("languages: [english]", "languages[0]", "'english' is no code", "[en, ar]", True),
    ("languages: [en, EN]", "languages[1]", "EN stands twice", "Remove", False),
    ("sources: [a.example]", "sources", "must be a mapping", "allow: [", True),
    ("sources: {sites: [a.example]}", "sources.sites", "unknown key sites", "Known keys", True),
    ("sources: {allow: [\"https://a.example/\"]}", "sources.allow[0]", "no domain", "example.org",
     True),
    ("sources: {deny: [com]}", "sources.deny[0]", "'com' is no domain", "example.org", True),
    ("sources: {deny: [5]}", "sources.deny[0]", "it must be text", "example.org", True),
    ("sources: {allow: [a.example], deny: [a.example]}", "sources", "both allowed and denied",
     "Keep one", False),
    ("max_age: 24", "max_age", "no span of time", "24h", True),
    ("max_age: 0h", "max_age", "no span of time", "24h", False),
    ("max_age: -3d", "max_age", "no span of time", "24h", True),
    ("max_age: 900000w", "max_age", "no span of time", "24h", False),
    ("quiet: 22-7", "quiet", "no quiet hours", "22:00-07:00 Europe/Berlin", True),
    ("quiet: 22:00-07:00", "quiet", "no quiet hours", "22:00-07:00 Europe/Berlin", True),
    ("quiet: 22:00-07:00 Europe/Belin", "quiet", "no time zone 'Europe/Belin'", "tz data", False),
    ("quiet: 22:00-07:00 paris", "quiet", "no time zone 'paris'", "mean Europe/Paris", False),
    ("quiet: 25:00-07:00 UTC", "quiet", "25:00 is no time of day", "23:59", True),
    ("quiet: [22:00-07:00 UTC, mo 1:00-2:00 UTC]", "quiet[1]", "'mo' is no day", "mon,", False),
    ("quiet: 00:00-24:00 UTC", "quiet", "never end", "shadow: true", False),
    ("digest: weekly", "digest", "no time for digests", "daily 07:30", True),
    ("digest: daily 07:30", "digest", "no time for digests", "daily 07:30 Europe", True),
    ("digest: daily 07:30 Mars/Olympus", "digest", "no time zone", "Europe/Berlin", False),
    ("digest: daily 7:75 UTC", "digest", "7:75 is no time of day", "23:59", True),
    ("at_most: 0", "at_most", "from 1 to 1,000", "at_most: 10", True),
    ("at_most: -5", "at_most", "from 1 to 1,000", "at_most: 10", True),
    ("at_most: 2.5", "at_most", "a whole number", "at_most: 10", True),
    ("at_most: 10 per day", "at_most", "a whole number", "an hour", True),
    ("escalate: 5", "escalate", "must be a list", "[5, 20]", True),
    ("escalate: [20, 5]", "escalate[1]", "5 does not rise above 20", "that rise", False),
    ("escalate: [5, 5]", "escalate[1]", "5 does not rise above 5", "that rise", True),
    ("escalate: [1]", "escalate[0]", "no number of publishers", "[5, 20]", True),
    ("escalate: [-5]", "escalate[0]", "no number of publishers", "[5, 20]", True),
    ("escalate: [five]", "escalate[0]", "no number of publishers", "[5, 20]", True),
    ("on: update", "on", "must be a list", "on: [update", True),
    ("on: [updates]", "on[0]", "'updates' is no change", "Did you mean update?", True),
    ("on: [update, update]", "on[1]", "stands twice", "Remove", True),
    ("quite: 22:00-07:00 UTC", "quite", "unknown key quite", "Did you mean quiet?", None),
    ("escalates: [5]", "escalates", "unknown key escalates", "Did you mean escalate?", None),
]  # fmt: skip


@pytest.mark.parametrize("of", ["channels", "topics"])
@pytest.mark.parametrize(("rules", "key", "problem", "remedy", "seen"), MISTAKES)
def test_a_mistake_is_pointed_at_with_a_remedy(
    tmp_path: Path, of: str, rules: str, key: str, problem: str, remedy: str, seen: bool | None
) -> None:
    written = with_rules(f"    {rules}\n", of=of)
    (found,) = check(write(tmp_path, **written), ENVIRON)
    assert Path(found.file).name == f"{of}.yml"
    assert (found.line, found.key) == (4, f"{of}[0].{key}")
    assert problem in found.problem
    assert remedy in found.remedy
    if seen is not None:
        assert bool(errors_of(of, written[of])) is seen


@pytest.mark.parametrize("value", ["urgent: perhaps", "urgent: 1", "urgent: [true]"])
def test_urgent_is_true_or_false(tmp_path: Path, value: str) -> None:
    (found,) = check(write(tmp_path, **with_rules(f"    {value}\n", of="topics")), ENVIRON)
    assert (found.key, found.problem) == ("topics[0].urgent", "urgent must be true or false")


def test_every_mistake_of_one_channel_is_told(tmp_path: Path) -> None:
    rules = "    at_most: 0\n    digest: weekly\n    escalate: [5, 1, 3]\n"
    found = check(write(tmp_path, **with_rules(rules, of="channels")), ENVIRON)
    assert [(m.line, m.key) for m in found] == [
        (5, "channels[0].digest"),
        (4, "channels[0].at_most"),
        (6, "channels[0].escalate[1]"),
        (6, "channels[0].escalate[2]"),
    ]


# ---- the schemas for editors


def errors_of(name: str, text: str) -> list[Any]:
    schema = json.loads((ROOT / "config" / f"{name}.schema.json").read_text("utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return list(jsonschema.Draft7Validator(schema).iter_errors(_as_editors_read(text)))


def _as_editors_read(text: str) -> Any:
    """YAML 1.2, to which `on` is a word."""
    found = yaml.safe_load(text)
    for items in found.values():
        for item in items or ():
            if True in item:
                item["on"] = item.pop(True)
    return found


@pytest.mark.parametrize("of", ["channels", "topics"])
@pytest.mark.parametrize("rules", [SAID, NONE, ""])
def test_what_the_loader_takes_the_schema_takes_too(of: str, rules: str) -> None:
    assert errors_of(of, with_rules(rules, of=of)[of]) == []


def test_the_shipped_channels_fit_their_schema() -> None:
    assert errors_of("channels", (ROOT / "config" / "channels.yml").read_text("utf-8")) == []


def test_both_schemas_know_every_key() -> None:
    channels, topics = (
        json.loads((ROOT / "config" / f"{name}.schema.json").read_text("utf-8"))["definitions"]
        for name in ("channels", "topics")
    )
    for key in KEYS:
        assert channels["channel"]["properties"][key] == topics["topic"]["properties"][key]
        assert channels[key] == topics[key]
