"""Cleaning, folding and words: what a person takes for one word is one word to us."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.text import clean, clean_line, digest, fold, sanitised, strip_html, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Syria", "SYRIA"),
        ("café", "cafe\u0301"),
        ("café", "CAFE"),
        ("naïve", "naive"),
        ("ﬁnance", "finance"),
        ("Ｔｏｋｙｏ", "tokyo"),
        ("STRASSE", "straße"),
        ("İstanbul", "istanbul"),
        ("ısparta", "isparta"),
        ("علي", "علی"),  # Arabic and Persian yeh
        ("كتاب", "کتاب"),  # Arabic and Persian kaf
        ("أحمد", "احمد"),
        ("إيران", "ايران"),
        ("آب", "اب"),
        ("مُحَمَّد", "محمد"),
        ("محـــمد", "محمد"),  # drawn out
        ("می\u200cخواهم", "میخواهم"),
        ("co\u00adoperate", "cooperate"),
        ("Ελλάδα", "ελλαδα"),
        ("Σίσυφος", "σισυφοσ"),
        ("ёлка", "елка"),
        ("שָׁלוֹם", "שלום"),
    ],
)
def test_spellings_of_one_word_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)
    assert len(words(one).folded) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("rain", "ruin"), ("علم", "عمل"), ("1", "2"), ("中", "国"), ("resume", "resumes")],
)
def test_other_words_stay_other(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("The U.S. & Russia", ["the", "u", "s", "russia"]),
        ("cease-fire", ["cease", "fire"]),
        ("2026-03-01", ["2026", "03", "01"]),
        ("snake_case", ["snake", "case"]),
        ("叙利亚 talks", ["叙", "利", "亚", "talks"]),
        ("東京タワー", ["東", "京", "タ", "ワ", "ー"]),
        ("", []),
        (" …!? ", []),
        ("🙂", []),
        ("2¼ cups", ["21", "4", "cups"]),
        ("ﾀﾜｰ", ["タ", "ワ", "ー"]),
        ("\ufdfa", ["صلی", "الله", "علیه", "وسلم"]),
        ("ж" * 1_000, ["ж" * 1_000]),
    ],
)
def test_a_text_falls_into_words(text: str, folded: list[str]) -> None:
    assert list(words(text).folded) == folded


TEXTS = st.one_of(
    st.text(),
    st.text(alphabet="aAéßİıſﬁ عيىكةأؤ\u0640\u200c\u0301\u00ad\u064eشΣς中タ1٣-_. "),
)


@given(TEXTS)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_every_word_stands_where_its_span_says(text: str) -> None:
    found = words(text)
    assert len(found.folded) == len(found.spans)
    before = (0, 0)
    for word, span in zip(found.folded, found.spans, strict=True):
        assert span == before or before[1] <= span[0] < span[1] <= len(text)
        assert word in words(text[slice(*span)]).folded
        before = span


# ---- cleaning


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("a\x00b\x08c\x0bd\x1fe\x7f", "abcde"),
        ("lone \ud83d surrogate", "lone  surrogate"),
        ("keeps\ttabs\nand lines", "keeps\ttabs\nand lines"),
        ("not a character \ufffe\uffff", "not a character"),
        ("  around  ", "around"),
        ("emoji 🙂 stays", "emoji 🙂 stays"),
    ],
)
def test_what_a_database_chokes_on_is_dropped(dirty: str, cleaned: str) -> None:
    assert clean(dirty, 100) == cleaned


def test_a_line_has_single_blanks() -> None:
    assert clean_line(" a\n\n b\t\u00a0c\r\n", 100) == "a b c"


@given(TEXTS, st.integers(min_value=0, max_value=50))
def test_what_is_cleaned_is_bounded_and_stays_clean(text: str, limit: int) -> None:
    for way in (clean, clean_line):
        once = way(text, limit)
        assert len(once) <= limit
        assert way(once, limit) == once
        once.encode()
        assert "\x00" not in once


# ---- HTML snippets


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain", "plain"),
        ("  plain  ", "plain"),
        ("a &amp; b &lt;3", "a & b <3"),
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("one<br/>two<BR>three", "one\ntwo\nthree"),
        ("<b>bo</b>ld", "bold"),
        ("<a href='x'>link</a> text", "link text"),
        ("x<script>alert('<p>')</script>y", "xy"),
        ("x<style>p {}</style >y", "xy"),
        ("x<!-- a <b> comment -->y", "xy"),
        ("x<script>never closed", "x"),
        ("x<!-- never closed", "x"),
        ("1 < 2", "1 < 2"),
        ("&#1593;&#x644;&#1610;", "علي"),
        ("&nosuch; &#xD800; &#99999999;", "&nosuch; \ufffd \ufffd"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<img src=x onerror='1>0'>", "0'>"),  # a sign too much, and no markup
    ],
)
def test_html_becomes_plain_text(html: str, text: str) -> None:
    assert strip_html(html) == text


@pytest.mark.parametrize(
    "piece", ["<!--", "<script ", "<style>", "<", "<a", "</script ", "<p ", "&", "&#", "<br"]
)
def test_hostile_html_takes_no_quadratic_time(piece: str) -> None:
    began = time.perf_counter()
    strip_html(piece * (400_000 // len(piece)))
    assert time.perf_counter() - began < 2


@given(st.text(alphabet="<>/!-&;#ab pscrit\n"))
def test_any_snippet_is_stripped(html: str) -> None:
    assert strip_html(html) == strip_html(html).strip()


# ---- HTML made harmless


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<p>a</p><script>alert(1)</script><style>p{}</style>", "<p>a</p>"),
        ('<a href="https://a.org/x" onclick="f()">a</a>', "<a "),
        ('<a href="javascript:f()">a</a>', "<a rel"),
        ('<img src="/p.jpg" onerror="f()">', '<img src="/p.jpg">'),
        ("<iframe>a <b>b</b></iframe>", "a <b>b</b>"),
        ("<noscript>a <b>b</b></noscript>", "a <b>b</b>"),
        ("<svg><text>a</text></svg> b", "a b"),
        ("<form><input value='x'>go</form>", "go"),
        ("plain, and no more", "plain, and no more"),
        ("a < b &amp; c", "a &lt; b &amp; c"),
        ("<p>never closed", "<p>never closed</p>"),
        ("""<x-chart a="<b>1</b>" b = '>'>c</x-chart> d""", "c d"),
        ("<x-chart a='1>b", "b"),
        ("<x-chart a==>b</x-chart", "b"),
        ('<p style="x:expression(f())" class="a" id="b">a</p>', "<p>a</p>"),
        ('<img src="data:text/html;base64,PHNjcmlwdD4=">', "<img>"),
        ("<object data=x><embed src=y>a</object>", "a"),
        ("<<foo>script>alert(1)</script>b", "b"),
        ("<math><mtext><table><mglyph><style><img src=x onerror=f()>", "<table></table>"),
        ("<!-- a --><![CDATA[b]]>c<?php d ?>", "c"),
    ],
)
def test_what_is_shown_of_a_strangers_html_is_harmless(html: str, clean: str) -> None:
    assert sanitised(html).startswith(clean)


@pytest.mark.parametrize(
    "piece", ["<", "<x ", "</x", "<a href='", "<x ==\"'", "<x a='", "&", "<!--", "<p><b>"]
)
def test_making_hostile_html_harmless_takes_no_quadratic_time(piece: str) -> None:
    began = time.perf_counter()
    sanitised(piece * (100_000 // len(piece)))
    assert time.perf_counter() - began < 2


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=500))
def test_what_is_sanitised_has_no_script_and_stays_as_it_is(html: str) -> None:
    for told in (html, f"<svg><style>{html}</style>", f"<noscript><p title='{html}'>"):
        harmless = sanitised(told)
        assert "<script" not in harmless.lower()
        assert sanitised(harmless) == harmless


# ---- fingerprints


def test_a_digest_is_stable_and_short() -> None:
    assert digest("a", "b") == digest("a", "b")
    assert len(digest("a", "b")) == 32
    assert digest("a", "b") != digest("ab")
    assert digest("a", "b") != digest("a", "b", "")


@given(st.lists(st.text()))
def test_any_text_has_a_digest(parts: list[str]) -> None:
    assert set(digest(*parts)) <= set("0123456789abcdef")
