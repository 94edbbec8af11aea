"""Every form of a word is found, and hardly anything else."""

import unicodedata

from tests.topics.forms import FORMS
from worker.records import TopicRow, TopicSpec
from worker.topics import compile_topics

LINES = [[part.strip() for part in line.split("|")] for line in FORMS.strip().splitlines()]
# What surrounds a form, so that the language of the text is known.
AROUND = {
    "ARABIC": "قال في بيان إن {} كان من أهم ما جاء في هذا اليوم من الأخبار",
    "PERSIAN": "او در گفت که {} یکی از موضوع های مهم این روز بود و چنین گفت",
}


def finds(term: str, form: str) -> bool:
    row = TopicRow(1, TopicSpec("t", "T", term), ())
    persian = any(sign in "پچژگکی\u200c" for sign in term + form)
    script = unicodedata.name(term.strip('"')[0]).partition(" ")[0]
    around = AROUND.get("PERSIAN" if persian else script, "{}")
    return bool(compile_topics([row]).match("", around.format(form.replace("_", " "))))


def scripts() -> set[str]:
    """The scripts that terms are written in; Persian counts as Arabic, kanji as Han."""
    names = (unicodedata.name(term.strip('"')[0]) for term, _, _ in LINES)
    return {name.partition(" ")[0] for name in names}


def test_every_form_of_a_word_is_found() -> None:
    forms = [(term, form) for term, found, _ in LINES for form in found.split(" ")]
    assert len(forms) >= 200
    assert len(scripts()) >= 9
    missed = [(term, form) for term, form in forms if not finds(term, form)]
    assert missed == []


def test_hardly_another_word_is_taken_for_one() -> None:
    others = [(term, word) for term, _, left in LINES for word in left.split(" ")]
    taken = [(term, word) for term, word in others if finds(term, word)]
    assert len(taken) <= 0.02 * len(others), taken
