"""A second opinion: learnt from enough marks, and from no fewer."""

import random

import pytest

from worker.second_opinion import ENOUGH, learn

pytest.importorskip("sklearn", reason="the extra wirewatch[ml] is not installed")

_TALKS = ["envoy", "talks", "truce", "negotiators", "draft", "delegation", "ceasefire", "mediator"]
_FIGHTING = ["strike", "killed", "shelling", "rebels", "advance", "dead", "hospital", "raid"]
_BOTH = ["syria", "damascus", "said", "on", "monday", "officials", "city", "war"]


def marks(count: int, seed: int = 3) -> list[tuple[str, str, bool]]:
    """So many marked right, and as many wrong."""
    rng = random.Random(seed)
    made = []
    for number in range(2 * count):
        right = number % 2 == 0
        words = rng.choices(_TALKS if right else _FIGHTING, k=8) + rng.choices(_BOTH, k=12)
        made.append((" ".join(words[:4]), " ".join(words), right))
    return made


def test_too_few_marks_of_a_kind_teach_nothing() -> None:
    assert learn([]) is None
    assert learn(marks(ENOUGH - 1)) is None
    assert learn([*marks(ENOUGH), *[("a", "b", True)] * 100][1:]) is not None
    assert learn([("a", "b", True)] * 500) is None


def test_enough_marks_tell_right_from_wrong_and_doubt_what_is_neither() -> None:
    learnt = learn(marks(40))
    assert learnt is not None
    right = learnt.probability("Envoy in talks", "The mediator handed over a draft of a truce.")
    wrong = learnt.probability("Raid", "Shelling killed rebels, a hospital was hit by a strike.")
    neither = learnt.probability("Monday", "Officials said on Monday in the city of Damascus.")
    assert right > 0.8
    assert wrong < 0.2
    assert wrong < neither < right
