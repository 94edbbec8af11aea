"""Weighted rules: what an article scores, and what each place of a term gives."""

import pytest

from worker.errors import QueryError
from worker.records import TopicMatch, TopicRow, TopicSpec
from worker.topics import (
    Group,
    Require,
    Rules,
    Zones,
    compile_topics,
    rules_from_text,
    rules_to_text,
)

SYRIA = {"syria": ("Syria", "سوريا"), "envoy": ("special envoy", "mediator*")}
TALKS = Group("talks", 2.0, ("peace talks", "negotiat*"))
LONG = "word " * 90


def rules(
    *groups: Group,
    threshold: float = 1.0,
    require: tuple[Require, ...] = (),
    minus: tuple[Group, ...] = (),
    zones: Zones = Zones(),  # noqa: B008 - a tuple is never changed
) -> Rules:
    return Rules(groups, threshold, SYRIA, require, minus, zones)


def match(wanted: Rules, title: str, text: str = "") -> TopicMatch | None:
    spec = TopicSpec("t", "T", rules_to_text(wanted))
    found = compile_topics([TopicRow(1, spec, ())]).match(title, text)
    return found[0] if found else None


def score(wanted: Rules, title: str, text: str = "") -> float | None:
    found = match(wanted, title, text)
    return found.score if found else None


@pytest.mark.parametrize(
    ("title", "text", "points"),
    [
        ("Peace talks", "", 6.0),
        ("News", "Peace talks", 4.0),
        ("News", f"{LONG} peace talks", 2.0),
        ("Peace talks", f"peace talks {LONG} negotiations", 6.0),
        ("News", "nothing", None),
    ],
)
def test_a_group_counts_its_best_zone_once(title: str, text: str, points: float | None) -> None:
    assert score(rules(TALKS), title, text) == points


def test_groups_add_up_to_the_threshold() -> None:
    people = Group("people", 1.5, any_of=("envoy",))
    both = rules(TALKS, people, threshold=3.5, zones=Zones(1.0, 1.0, 1.0))
    assert score(both, "Peace talks with a special envoy") == 3.5
    assert score(both, "Peace talks") is None
    assert score(both, "A mediator") is None


def test_a_minus_group_takes_points_away() -> None:
    sport = Group("sport", 1.0, ("football",))
    wanted = rules(TALKS, threshold=4.0, minus=(sport,))
    assert score(wanted, "Peace talks") == 6.0
    assert score(wanted, "Peace talks", "at football") == 4.0
    assert score(wanted, "Peace talks at football") is None


def test_what_is_required_must_stand_in_its_zones() -> None:
    wanted = rules(TALKS, require=(Require(("syria",), ("title", "lead")),))
    assert score(wanted, "Peace talks", "on Syria") == 6.0
    assert score(wanted, "Peace talks", f"{LONG} Syria") is None
    assert score(wanted, "Peace talks") is None
    body = rules(TALKS, require=(Require(("syria",)), Require(("envoy",), ("body",))))
    assert score(body, "Peace talks on Syria", f"{LONG} mediators") == 6.0
    assert score(body, "Peace talks on Syria by mediators") is None


def test_near_counts_only_places_near_an_entity() -> None:
    near = Group("talks", 1.0, ("talks",), near=("syria",), within=2)
    assert score(rules(near), "Talks", f"Syria {LONG} talks") is None
    assert score(rules(near), "News", f"{LONG} talks on Syria, talks") == 1.0


def test_the_evidence_says_what_each_place_gives() -> None:
    sport = Group("sport", 1.0, ("football",))
    wanted = rules(TALKS, require=(Require(("syria",)),), minus=(sport,))
    found = match(wanted, "Syria peace talks", "Negotiators meet. " + LONG + "football")
    assert found is not None
    assert [(e.text, e.field, e.group, e.points) for e in found.evidence] == [
        ("Syria", "title", "require", 0.0),
        ("peace talks", "title", "talks", 6.0),
        ("Negotiators", "text", "talks", 4.0),
        ("football", "text", "sport", -1.0),
    ]
    assert found.score == 5.0


def test_rules_are_kept_as_text_and_read_again() -> None:
    wanted = rules(TALKS, require=(Require(("syria",), ("title",)),), minus=(TALKS,))
    assert rules_from_text(rules_to_text(wanted)) == wanted


@pytest.mark.parametrize("text", ["{", "{}", '{"groups": 5}', '{"groups":[{}],"threshold":1}'])
def test_text_that_holds_no_rules_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="no rules as wirewatch writes them"):
        rules_from_text(text)
