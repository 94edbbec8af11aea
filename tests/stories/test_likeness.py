"""What two articles are to each other: copies, parts, quotes, templates and furniture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stories.texts import FERRY, FROST, HARBOUR, ORCHARD
from worker.fingerprint import fingerprint
from worker.likeness import Kinship, kinship, likeness
from worker.records import Fingerprint

FURNITURE = (
    "Subscribe to our newsletter and never miss a story from your neighbourhood again.",
    "All rights reserved and no part of this page may be rewritten or broadcast elsewhere.",
    "Follow our reporters on the usual platforms for pictures and breaking updates all day.",
    "Readers may leave a remark below and are asked to keep to the rules of the house.",
    "This site is funded by advertising and by the generous gifts of its faithful readers.",
)


def told(title: str, *lines: str) -> Fingerprint:
    return fingerprint(title, "\n".join(lines))


def kin(new: Fingerprint, old: Fingerprint, *, same_publisher: bool = False) -> Kinship | None:
    return kinship(likeness(new, old), same_publisher=same_publisher)


WHOLE = told(FERRY, *HARBOUR)
RELATIONS = [
    ("the same", told(FERRY, *HARBOUR), "whole", "copy"),
    ("another headline", told("Ferry terminal shut", *HARBOUR), "whole", "copy"),
    ("other order", told(FERRY, *HARBOUR[4:], *HARBOUR[:4]), "whole", "copy"),
    ("cut", told(FERRY, *HARBOUR[:6]), "whole", "copy"),
    ("another lead", told(FERRY, ORCHARD[0], *HARBOUR[1:]), "whole", "copy"),
    ("with furniture", told(FERRY, *HARBOUR, *FURNITURE), "whole", "copy"),
    ("an excerpt", told(FERRY, *HARBOUR[:3]), "part", "excerpt"),
    ("much longer", told(FERRY, *HARBOUR, *ORCHARD, *ORCHARD[::-1]), "part", "extension"),
]


@pytest.mark.parametrize(("new", "kind", "relation"), [row[1:] for row in RELATIONS],
                         ids=[row[0] for row in RELATIONS])  # fmt: skip
def test_what_an_article_is_to_the_one_it_was_made_of(
    new: Fingerprint, kind: str, relation: str
) -> None:
    found = kin(new, WHOLE)
    assert found is not None
    assert (found.kind, found.relation) == (kind, relation)


def test_a_publishers_own_later_version_is_an_update() -> None:
    later = told(FERRY, "The council met again.", *HARBOUR)
    found = kin(later, WHOLE, same_publisher=True)
    assert found is not None
    assert found.relation == "update"


def test_strangers_are_no_kin() -> None:
    assert kin(told(FROST, *ORCHARD), WHOLE) is None


def test_a_wire_inside_another_story_is_quoted_and_no_copy() -> None:
    round_up = told(FROST, *ORCHARD, *FURNITURE, *HARBOUR[:4])
    found = kin(round_up, told(FERRY, *HARBOUR[:4]))
    assert found is not None
    assert found.kind == "quote"


def test_equal_furniture_under_other_headlines_makes_no_story() -> None:
    one, other = told(FERRY, *FURNITURE), told(FROST, *FURNITURE)
    assert kin(one, other) is None
    assert kin(one, told(FERRY, *FURNITURE)) is not None


def test_runs_that_too_many_stories_share_do_not_count() -> None:
    one, other = told(FERRY, *HARBOUR[:4], *FURNITURE), told(FERRY, *HARBOUR[4:], *FURNITURE)
    alike = likeness(one, other)
    assert alike is not None
    furniture = frozenset(told("", *FURNITURE).shingles) & one.asked
    without = likeness(one, other, furniture)
    assert without is not None
    assert without.of_new < 0.1 < alike.of_new


QUAKE = (
    "An earthquake of magnitude {} struck {} km off {} at dawn, the seismic institute said.",
    "It was felt as far as {} and had a depth of {} km, but no damage has been reported so far.",
    "A warning of high waves was lifted after {} minutes and schools opened as usual at {}.",
)


def quake(*slots: object) -> Fingerprint:
    left = iter(slots)
    lines = [line.format(*(next(left) for _ in range(line.count("{}")))) for line in QUAKE]
    return told(f"Quake of magnitude {slots[0]} off {slots[2]}", *lines)


def test_reports_of_one_template_stay_apart() -> None:
    one = quake(5.8, 65, "Vanu", "Lorin", 37, 40, 8)
    assert kin(quake(4.3, 12, "Tessel", "Amark", 90, 25, 9), one) is None
    assert kin(quake(5.8, 65, "Vanu", "Lorin", 37, 40, 8), one) is not None


def test_items_of_a_series_are_told_apart_by_their_numbers() -> None:
    text = "Our walk of the week leads along the river to the mill and back through the woods."
    assert kin(told("Walk of the week 12", text), told("Walk of the week 13", text)) is None
    assert kin(told("Walk of the week 12", text), told("Walk of the week 12", text)) is not None


def test_a_publishers_background_under_other_news_is_no_copy() -> None:
    news = told(
        "Divers map the sea bed before work begins", *ORCHARD, *ORCHARD[::-1], *HARBOUR[4:7]
    )
    short = told("Shopkeepers fear for trade", *HARBOUR[4:7], *FURNITURE[:3])
    assert kin(news, short, same_publisher=True) is None


@given(st.lists(st.sampled_from([*HARBOUR, *ORCHARD, *FURNITURE]), max_size=8),
       st.lists(st.sampled_from([*HARBOUR, *ORCHARD, *FURNITURE]), max_size=8))  # fmt: skip
def test_likeness_is_a_share_and_the_same_from_both_sides(one: list[str], other: list[str]) -> None:
    a, b = told(FERRY, *one), told(FERRY, *other)
    there, back = likeness(a, b), likeness(b, a)
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert 0 < there.of_new <= 1
        assert (there.of_new, there.of_old) == pytest.approx((back.of_old, back.of_new))
        assert (kinship(there) is None) == (kinship(back) is None)
