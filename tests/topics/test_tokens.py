"""Words as topics see them: those of `worker.text`, and abbreviations and marked vowels in one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.text import words
from worker.topics import folded
from worker.topics.tokens import quick_words, tokens_of

# Signs of many scripts, and those that make quick ways go wrong.
SIGNS = st.sampled_from(
    list("aZ0 .,-_'’“…\n\u00a0éßİıŉ½ﬁЖёйΣςאبـَيكةأ\u200c\u200d\u00adक叙リｶ한국\u0301\u0308\ufdfa.")
)
TEXT = st.one_of(st.text(max_size=60), st.lists(SIGNS, max_size=60).map("".join))


@given(TEXT)
def test_the_quick_way_gives_the_same_words(text: str) -> None:
    quick = quick_words(text)
    if quick is not None:
        assert tuple(quick) == tokens_of(text).folded
        assert len(set(tokens_of(text).spans)) == len(quick)


@given(TEXT)
def test_words_are_those_of_the_whole_project(text: str) -> None:
    if not {".", "\u05be"} & {*text} and not any("\u0900" <= sign <= "\u17ff" for sign in text):
        assert tokens_of(text).folded == words(text).folded
        assert tokens_of(text).spans == words(text).spans


@given(TEXT)
def test_words_stand_in_order_and_fold_to_themselves(text: str) -> None:
    found = tokens_of(text)
    assert list(found.spans) == sorted(found.spans)
    for word, (start, end) in zip(found.folded, found.spans, strict=True):
        assert 0 <= start < end <= len(text)
        assert folded(word) == word


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The U.N. and the U.S.A.", "the un and the usa"),
        ("J.R.R. Tolkien e.g. this", "jrr tolkien eg this"),
        ("a.bc ab.c a. b x_U.N._y", "a bc ab c a b x un y"),
        ("É.-U. und d.h. С.С.С.Р.", "e u und dh ссср"),
        ("U.N.’s “U.N.”", "un s un"),
        ("सीरिया की वार्ता", "सीरिया की वार्ता"),
        ("फ़्रांस।", "फ्रांस"),
        ("সিরিয়া সিরিয়া", "সিরিযা সিরিযা"),
        ("ซีเรีย", "ซี เ รี ย"),
        ("Syria सीरिया U.N.", "syria सीरिया un"),
        ("A.ऄ ก.ข अ.ब a.ぁ", "a ऄ ก ข अब a ぁ"),
    ],
)
def test_abbreviations_and_marked_vowels_make_one_word(text: str, told: str) -> None:
    assert folded(text) == told
