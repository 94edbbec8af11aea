"""Runs of words and which of them are kept: laws that the index rests on."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stories.texts import HARBOUR, LANGUAGES, ORCHARD
from worker.fingerprint import FEWEST, MOST, RUN, fingerprint, numbers, telling
from worker.text import folded_words, words

LONG = " ".join([*HARBOUR, *ORCHARD])
PROSE = st.text(max_size=400)


@given(PROSE)
def test_the_quick_way_to_folded_words_leads_to_the_same(text: str) -> None:
    assert folded_words(text) == words(text).folded


@given(PROSE, PROSE)
def test_what_is_kept_is_asked_for_and_is_of_the_text(title: str, text: str) -> None:
    found = fingerprint(title, text)
    assert found.kept <= found.asked <= set(found.shingles)
    assert len(found.kept) <= MOST


@given(st.integers(0, 40))
def test_a_part_of_a_text_has_the_shingles_of_its_place(start: int) -> None:
    said = LONG.split()
    part = fingerprint("", " ".join(said[start : start + 70]))
    assert set(part.shingles) <= set(fingerprint("", LONG).shingles)


def test_a_texts_shingles_come_in_its_order_one_for_each_run() -> None:
    said = LONG.split()
    assert len(fingerprint("", LONG).shingles) == len(folded_words(LONG)) - RUN + 1
    first = fingerprint("", " ".join(said[:80])).shingles
    assert fingerprint("", LONG).shingles[: len(first)] == first


def test_a_short_text_is_compared_with_its_headline_and_a_long_one_without() -> None:
    assert fingerprint("One", HARBOUR[0]).shingles != fingerprint("Two", HARBOUR[0]).shingles
    assert fingerprint("One", LONG).shingles == fingerprint("Two", LONG).shingles


def test_a_teaser_and_its_article_keep_hashes_in_common() -> None:
    teaser, whole = fingerprint("", " ".join(HARBOUR[:4])), fingerprint("", LONG)
    assert len(teaser.kept) >= FEWEST
    assert len(teaser.asked & whole.kept) >= 2
    assert len(whole.asked & teaser.kept) >= 2


@pytest.mark.parametrize("text", ["", " ", "…", "One", "One two"])
def test_texts_without_a_run_of_words_have_a_fingerprint(text: str) -> None:
    assert len(fingerprint("", text).shingles) <= 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_one_text_in_other_unicode_forms_is_one_text(language: str, form: str) -> None:
    text = " ".join(LANGUAGES[language])
    other = unicodedata.normalize(form, text)  # type: ignore[arg-type]
    assert fingerprint("", other).shingles == fingerprint("", text).shingles


VARIANTS = [
    ("ar", "ي", "ی"), ("ar", "ك", "ک"), ("ar", "ة", "ه"), ("ar", "أ", "ا"), ("ar", "ا", "ـا"),
    ("fa", "ی", "ي"), ("fa", "ک", "ك"), ("fa", "\u200c", ""), ("ru", "ё", "е"),
    ("tr", "ı", "i"), ("el", "ά", "α"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "one", "other"), VARIANTS)
def test_one_text_in_other_letters_is_one_text(language: str, one: str, other: str) -> None:
    text = " ".join(LANGUAGES[language])
    assert one in text
    assert fingerprint("", text.replace(one, other)).shingles == fingerprint("", text).shingles


def test_numbers_are_the_same_in_all_digits() -> None:
    assert numbers(folded_words("۱۲۳ and ١٢٣ and 123, 0123")) == {"123"}


def test_a_number_of_any_length_is_a_number() -> None:
    assert numbers(("9" * 5000, "7")) == {"9" * 5000, "7"}


@pytest.mark.parametrize(
    ("headline", "found"),
    [
        ("The cat sat on a mat", set()),
        ("Council closes ferry in 2026", {"council", "closes", "ferry", "2026"}),
        ("旧渡轮", {"旧渡", "渡轮"}),
        ("", set()),
    ],
)
def test_words_that_tell_what_a_headline_is_about(headline: str, found: set[str]) -> None:
    assert telling(folded_words(headline)) == found
