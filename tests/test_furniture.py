"""A site's own lines come to be known by coming back; an article's lines never do."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.extract.reading import FIRST, SECOND
from worker.extract import drop_furniture
from worker.extract.lines import keys
from worker.furniture import FORGET_AFTER, MAX_LINES, known, learn

BACKGROUND = (
    "The war, which began in March 2011 with the repression of protests, has killed half a million "
    "people and has driven half of the country's population from their homes."
)
ABOUT = (
    "The Herald is an independent newspaper that is paid for by its readers; if you value what we "
    "do, please think of joining them today."
)


def article(number: int, *, before: str = "", after: str = "") -> str:
    """An article of its own: two paragraphs that no other has, and lines around them."""
    lines = [before, f"{FIRST} ({number})", f"Line {number}.", f"{number}: {SECOND}", after]
    return "\n".join(line for line in lines if line)


def learnt(texts: Iterable[str], stats: dict[str, Any] | None = None) -> dict[str, Any]:
    stats = stats or {}
    for text in texts:
        stats = learn(stats, keys(text))
    return stats


def dropped(text: str, stats: dict[str, Any]) -> list[str]:
    left = drop_furniture(text, "", known(stats)).split("\n")
    return [line for line in text.split("\n") if line not in left]


# ---- a short line at an edge


def test_a_short_line_after_every_article_is_known_after_three() -> None:
    texts = [article(n, after="Follow our channel for more") for n in range(3)]
    assert dropped(texts[0], learnt(texts[:2])) == []
    assert dropped(texts[0], learnt(texts)) == ["Follow our channel for more"]


def test_one_article_in_ten_is_often_enough() -> None:
    line = "Sign up to The Morning Herald"
    texts = [article(n, after=line if n % 10 == 0 else "") for n in range(60)]
    assert dropped(texts[0], learnt(texts)) == [line]


def test_a_line_that_rarely_comes_back_is_no_furniture() -> None:
    line = "He did not elaborate."
    texts = [article(n, after=line if n % 25 == 0 else "") for n in range(80)]
    assert dropped(texts[0], learnt(texts)) == []


def test_the_same_words_inside_an_article_stay() -> None:
    line = "Read it in the Herald"
    stats = learnt(article(n, after=line) for n in range(9))
    inside = f"{FIRST}\n{line}\n{SECOND}"
    assert dropped(inside, stats) == []


# ---- a short line between paragraphs


def test_a_label_between_the_paragraphs_of_every_article_is_known_after_six() -> None:
    texts = [f"{FIRST} ({n})\nPromoted by the Herald\n{n}: {SECOND}" for n in range(6)]
    assert dropped(texts[0], learnt(texts[:5])) == []
    assert dropped(texts[0], learnt(texts)) == ["Promoted by the Herald"]


def test_a_heading_that_explainers_share_is_no_furniture() -> None:
    texts = [
        f"{FIRST} ({n})\nWhat happens next?\n{n}: {SECOND}" if n % 4 == 0 else article(n)
        for n in range(60)
    ]
    assert dropped(texts[0], learnt(texts)) == []


# ---- a full paragraph at an edge


def test_what_a_site_says_of_itself_under_every_article_is_known_after_twelve() -> None:
    texts = [article(n, after=ABOUT) for n in range(12)]
    assert dropped(texts[0], learnt(texts[:11])) == []
    assert dropped(texts[0], learnt(texts)) == [ABOUT]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.7])
def test_the_background_of_a_long_story_is_no_furniture(share: float) -> None:
    """A wire's paragraph on a war ends more than half of what a small site publishes for weeks."""
    texts = [article(n, after=BACKGROUND if n % 10 < share * 10 else "") for n in range(100)]
    assert dropped(texts[0], learnt(texts)) == []


def test_a_run_of_updates_of_one_story_makes_no_furniture_of_it() -> None:
    """Eleven versions in a day share all but a number; other articles follow."""
    stats = learnt(article(n, after=BACKGROUND) for n in range(11))
    assert dropped(article(0, after=BACKGROUND), stats) == []
    stats = learnt((article(n) for n in range(20, 40)), stats)
    stats = learnt((article(n, after=BACKGROUND) for n in range(40, 45)), stats)
    assert dropped(article(0, after=BACKGROUND), stats) == []


# ---- what is kept


def test_a_line_is_forgotten_with_the_design_that_had_it() -> None:
    stats = learnt(article(n, after="Follow our old channel") for n in range(20))
    stats = learnt((article(n) for n in range(FORGET_AFTER + 1)), stats)
    assert dropped(article(1, after="Follow our old channel"), stats) == []


def test_a_new_line_of_an_old_site_is_known_as_soon_as_one_of_a_new_site() -> None:
    stats = learnt(article(n) for n in range(500))
    stats = learnt((article(n, after="Follow our new channel") for n in range(500, 503)), stats)
    assert dropped(article(1, after="Follow our new channel"), stats) == ["Follow our new channel"]


def test_few_lines_are_kept_and_those_that_came_back_before_others() -> None:
    line = "Follow our channel for more"
    stats = learnt(
        f"{article(n, after=line)}\n" + "\n".join(f"Tag {n} {m}" for m in range(7))
        for n in range(100)
    )
    assert len(stats["lines"]) <= MAX_LINES
    assert dropped(article(1, after=line), stats) == [line]


def test_what_is_learnt_is_json_and_small() -> None:
    stats = learnt(article(n, before=f"Top {n}", after=f"End {n}") for n in range(400))
    stored = json.dumps(stats)
    assert json.loads(stored) == stats
    assert len(stored) < 10_000
    assert learn(json.loads(stored), ()) == learn(stats, ())


def test_a_line_that_an_article_repeats_counts_once() -> None:
    stats = learn({}, ["e1", "e1", "e1"])
    assert known(stats) == frozenset()


KEYS = st.lists(st.sampled_from(["e1", "e2", "i1", "f1", "x9", ""]), max_size=6)


@given(st.lists(KEYS, max_size=40))
def test_only_what_was_learnt_is_known(articles: list[list[str]]) -> None:
    stats: dict[str, Any] = {}
    for line_keys in articles:
        before = json.dumps(stats)
        after = learn(stats, line_keys)
        assert json.dumps(stats) == before
        stats = after
    for key in known(stats):
        assert sum(key in line_keys for line_keys in articles) >= 3
