"""Weighted rules in topics.yml: how they are read, and where mistakes are pointed at."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from worker.config_files.topics_yaml import read_topics
from worker.topics import Group, Require, Rules, Zones, rules_from_text

ROOT = Path(__file__).parents[2]
RULES = """\
topics:
  - name: syria
    title: Syria
    channels: []
    rules:
      entities:
        syria:
          en: [Syria, Damascus]
          ar: [سوريا]
        envoy: [special envoy, mediator*]
      require:
        any_of: [syria]
        in: [title, lead]
      groups:
        - name: talks
          weight: 2
          any: [peace talks, negotiat*]
          near: [syria]
          within: 10
        - name: people
          weight: 1.5
          any_of: [envoy]
      minus:
        - name: sport
          weight: 3
          any: [football]
      zones: {title: 4, lead: 2}
      threshold: 5
"""


def read(tmp_path: Path, text: str) -> tuple[Rules | None, list[tuple[int | None, str, str]]]:
    path = tmp_path / "topics.yml"
    path.write_text(text, "utf-8")
    topics, mistakes = read_topics(path, None)
    if mistakes:
        assert all(mistake.remedy for mistake in mistakes)
        return None, [(m.line, m.key, m.problem) for m in mistakes]
    return rules_from_text(topics[0].query), []


def test_rules_are_read_with_their_aliases_groups_and_zones(tmp_path: Path) -> None:
    rules, mistakes = read(tmp_path, RULES)
    assert mistakes == []
    assert rules == Rules(
        groups=(
            Group("talks", 2.0, ("peace talks", "negotiat*"), (), ("syria",), 10),
            Group("people", 1.5, (), ("envoy",), (), 15),
        ),
        threshold=5.0,
        entities={
            "syria": ("Syria", "Damascus", "سوريا"),
            "envoy": ("special envoy", "mediator*"),
        },
        require=(Require(("syria",), ("title", "lead")),),
        minus=(Group("sport", 3.0, ("football",), (), (), 15),),
        zones=Zones(4.0, 2.0, 1.0),
    )


# what is changed, into what, line, key, problem, and whether the schema sees it too
MISTAKES = [
    ("threshold: 5", "threshhold: 5", 28, "rules.threshhold", "unknown key", True),
    ("      threshold: 5\n", "", 6, "rules.threshold", "threshold is missing", True),
    ("threshold: 5", "threshold: 0", 28, "rules.threshold", "a number above 0 to 1000", True),
    ("threshold: 5", "threshold: high", 28, "rules.threshold", "a number above 0", True),
    ("threshold: 5", "threshold: .inf", 28, "rules.threshold", "a number above 0", True),
    ("threshold: 5", "threshold: 15", 28, "rules.threshold", "no article can reach 15", False),
    ("title: 4", "title: -1", 27, "rules.zones.title", "a number from 0", True),
    ("title: 4", "headline: 4", 27, "rules.zones.headline", "unknown key headline", True),
    ("{title: 4, lead: 2}", "[3, 2, 1]", 27, "rules.zones", "zones must be a mapping", True),
    ("in: [title, lead]", "in: [headline]", 13, "rules.require.in[0]", "no zone headline", True),
    ("in: [title, lead]", "in: title", 13, "rules.require.in", "in must be a list", True),
    ("any_of: [syria]", "any: [syria]", 12, "rules.require.any_of", "any_of is missing", True),
    ("any_of: [syria]", "any_of: [siria]", 12, "rules.require.any_of[0]", "no entity 's", False),
    ("any_of: [envoy]", "any_of: [envoys]", 22, "rules.groups[1].any_of[0]", "no entity", False),
    ("near: [syria]", "near: [Syria]", 18, "rules.groups[0].near[0]", "no entity 'Syria'", False),
    ("          near: [syria]\n", "", 18, "rules.groups[0].within", "without near", True),
    ("within: 10", "within: 101", 19, "rules.groups[0].within", "from 0 to 100", True),
    ("within: 10", "within: 2.5", 19, "rules.groups[0].within", "a whole number", True),
    ("weight: 2", "weight: -2", 16, "rules.groups[0].weight", "above 0", True),
    ("weight: 2", "weight: '2'", 16, "rules.groups[0].weight", "above 0", True),
    ("          weight: 2\n", "", 15, "rules.groups[0].weight", "weight is missing", True),
    ("- name: talks\n          weight", "- weight", 15, "rules.groups[0].name", "missing", True),
    ("name: people", "name: talks", 20, "rules.groups[1]", "talks is named twice", False),
    ("          any: [football]\n", "", 24, "rules.minus[0].any", "any is missing", True),
    ("any: [football]", "any: []", 26, "rules.minus[0].any", "any is empty", True),
    ("any: [football]", "any: football", 26, "rules.minus[0].any", "any must be a list", True),
    ("any: [football]", "any: [no]", 26, "rules.minus[0].any[0]", "it must be text", True),
    ("[football]", "[fo*]", 26, "rules.minus[0].any[0]", "column 19: fewer than 3", False),
    ("[football]", "[foot AND ball]", 26, "rules.minus[0].any[0]", "AND is an operator", False),
    ("[football]", "['title:a']", 26, "rules.minus[0].any[0]", "names a field", False),
    ("negotiat*]", "nego*ation]", 17, "rules.groups[0].any[1]", "stands inside a term", False),
    ("[Syria, Damascus]", "[Syria, 5]", 8, "rules.entities.syria.en[1]", "must be text", True),
    ("[Syria, Damascus]", "Syria", 8, "rules.entities.syria.en", "must be a list", True),
    ("      minus:\n", "      minos:\n", 23, "rules.minos", "unknown key minos", True),
    ("    rules:", "    query: a\n    rules:", 6, "", "query and rules stand side", True),
    ("    channels: []", "    shadow: perhaps\n    channels: []", 4, "shadow", "true or fa", True),
]


def schema() -> dict[str, Any]:
    found = json.loads((ROOT / "config" / "topics.schema.json").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(("old", "new", "line", "key", "problem", "seen"), MISTAKES)
def test_a_mistake_in_rules_is_pointed_at(
    tmp_path: Path, old: str, new: str, line: int, key: str, problem: str, seen: bool
) -> None:
    assert old in RULES
    wrong = RULES.replace(old, new, 1)
    _, mistakes = read(tmp_path, wrong)
    wanted = f"topics[0].{key}".rstrip(".")
    assert any((at, where) == (line, wanted) and problem in what for at, where, what in mistakes), (
        mistakes
    )
    errors = list(jsonschema.Draft7Validator(schema()).iter_errors(yaml.safe_load(wrong)))
    assert bool(errors) is seen


@pytest.mark.parametrize(
    "text", [RULES, (ROOT / "config" / "topics.yml").read_text("utf-8"), "topics:\n"]
)
def test_what_the_loader_takes_the_schema_takes_too(tmp_path: Path, text: str) -> None:
    path = tmp_path / "topics.yml"
    path.write_text(text, "utf-8")
    assert read_topics(path, None)[1] == []
    jsonschema.Draft7Validator.check_schema(schema())
    jsonschema.validate(yaml.safe_load(text), schema(), cls=jsonschema.Draft7Validator)
