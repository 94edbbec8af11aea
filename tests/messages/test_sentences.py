"""The sentence around a term, in the scripts that news comes in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.sentences import LONGEST, sentence_around


def around(text: str, term: str) -> str:
    start = text.index(term)
    sentence, at = sentence_around(text, start, start + len(term))
    assert sentence[at : at + len(term)] == term
    return sentence


# text, term, sentence
SENTENCES = [
    ("Envoys met. Talks on Syria resumed. All went.", "Syria", "Talks on Syria resumed."),
    ("Talks on Syria resumed", "Syria", "Talks on Syria resumed"),
    ("A line on Syria\nAnother. And so on.", "Syria", "A line on Syria"),
    ("It was late. Dr. Smith of the U.S. Army spoke. End.", "Army",
     "Dr. Smith of the U.S. Army spoke."),
    ("It rose by 3.5 per cent. Oil fell.", "3.5", "It rose by 3.5 per cent."),
    ("“Will it hold?” asked the envoy. None knew.", "envoy", "“Will it hold?” asked the envoy."),
    ("He said “it holds.” She left.", "holds", "He said “it holds.”"),
    ("Envoys said no. Talks on Syria ended.", "Syria", "Talks on Syria ended."),
    ("Under No. 5 the truce ended. So it was.", "truce", "Under No. 5 the truce ended."),
    ("Wait… The truce holds! Really?", "truce", "The truce holds!"),
    ("В г. Алеппо прошли бои. Об этом сообщил А. С. Петров. Конец.", "Петров",
     "Об этом сообщил А. С. Петров."),
    ("В г. Алеппо прошли бои. Это всё.", "бои", "В г. Алеппо прошли бои."),
    ("Ущерб — 5 млн. рублей, т.е. немного. Всё.", "рублей", "Ущерб — 5 млн. рублей, т.е. немного."),
    ("استؤنفت المحادثات في جنيف. قال المبعوث إن الهدنة صامدة. انتهى.", "الهدنة",
     "قال المبعوث إن الهدنة صامدة."),
    ("هل تصمد الهدنة؟ لا أحد يعلم.", "الهدنة", "هل تصمد الهدنة؟"),
    ("قال د. محمد إن الهدنة صامدة. انتهى.", "الهدنة", "قال د. محمد إن الهدنة صامدة."),
    ("مذاکرات از سر گرفته شد. آتش‌بس برقرار است! پایان.", "آتش‌بس", "آتش‌بس برقرار است!"),
    ("جنگ بندی ہو گئی۔ مذاکرات جاری ہیں۔ ختم۔", "مذاکرات", "مذاکرات جاری ہیں۔"),
    ("叙利亚会谈恢复。停火仍然有效！没有人知道。", "停火", "停火仍然有效！"),
    ("他说：“停火有效。”会谈继续。", "停火", "他说：“停火有效。”"),
    ("シリア協議が再開。停戦は有効だ。以上。", "停戦", "停戦は有効だ。"),
    ("सीरिया वार्ता शुरू हुई। युद्धविराम जारी है। समाप्त।", "युद्धविराम", "युद्धविराम जारी है।"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "term", "sentence"), SENTENCES)
def test_the_sentence_around_a_term(text: str, term: str, sentence: str) -> None:
    assert around(text, term) == sentence


def test_a_long_sentence_is_cut_at_words_around_the_term() -> None:
    sentence = around("word " * 200 + "Syria " + "more " * 200, "Syria")
    assert len(sentence) <= LONGEST
    assert sentence.startswith("…word ")
    assert sentence.endswith(" more…")


def test_a_long_sentence_keeps_its_beginning_where_the_term_stands_there() -> None:
    sentence = around("On Syria " + "more " * 200, "Syria")
    assert sentence.startswith("On Syria more")
    assert LONGEST - 10 < len(sentence) <= LONGEST


def test_a_script_without_blanks_is_cut_between_characters() -> None:
    sentence = around("会" * 400 + "停火" + "谈" * 400, "停火")
    assert len(sentence) == LONGEST
    assert (sentence[0], sentence[-1]) == ("…", "…")


def test_no_mark_is_cut_off_its_letter() -> None:
    joined = "e\u0301" * 400
    sentence = around(f"{joined}Syria{joined}", "Syria").strip("…")
    assert sentence[0] == "e"
    assert sentence[-1] == "\u0301"


@given(
    st.text(alphabet="ab .!?\n\u0301。؟A\u200dس", max_size=900),
    st.integers(0, 900), st.integers(0, 400), st.integers(10, 400),
)  # fmt: skip
def test_the_place_always_stands_in_its_sentence(
    text: str, start: int, width: int, longest: int
) -> None:
    start = min(start, len(text))
    end = min(len(text), start + width)
    sentence, at = sentence_around(text, start, end, longest)
    assert len(sentence) <= longest
    shown = sentence[at : at + end - start]
    assert text[start:end].startswith(shown.removesuffix("…"))
    assert end - start > longest - 2 or shown == text[start:end]
