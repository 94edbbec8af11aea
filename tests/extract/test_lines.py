"""Lines of an article that are the site's, and the keys by which they come to be known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.extract.reading import CHINESE, FIRST, SECOND, THIRD
from tests.real_data import real_files
from worker.extract import drop_furniture
from worker.extract.lines import EDGE, FULL, INNER, keys


@pytest.mark.parametrize(
    "line",
    [
        "Talks resume",  # the headline again
        "TALKS RESUME!",
        "Add Comment",
        "Leave a reply",
        "Post a new comment",
        "View all comments",
        "Join the conversation",
        "Read our comment policy before you post",
        "Please read our Comment Policy before commenting.",
        "12 Comments",
        "No comments yet",
        "Share on Facebook",
        "Share this article via Whatsapp",
        "Tweet this article",
        "Copy link",
        "Sign up for our newsletter",
        "Sign up to The Morning Briefing",
        "Advertisement",
        "Advertisement. Story continues below",
        "Read more",
        "More on this story",
        "More from World",
        "You might also like",
        "Related stories",
        "Follow us on Twitter",
        "All rights reserved",
        "© 2026 The Wire",
        "Copyright 2026 The Wire",
        "National Desk",
        "By Staff Writer",
        "The Herald Newsroom",
        "www.example.com",
        "example.co.uk",
        "0",
        "- * -",
        "4 min read",
        "Last updated 2 hours ago",
        "Photo: AFP",
        # and elsewhere
        "Stand: 22.04.2026, 06:00 Uhr",
        "3 Min Lesezeit",
        "Artikel drucken",
        "Kommentar schreiben",
        "Mehr zum Thema",
        "Lesen Sie auch: Was der Abend brachte",
        "Partager cet article",
        "À lire aussi : la suite",
        "Publicité",
        "Compartir esta noticia",
        "Noticias relacionadas",
        "Leia também: o que se sabe",
        "Leggi anche: la cronaca",
        "Lees ook: wat we weten",
        "Les også: Dette vet vi",
        "Läs mer: Detta vet vi",
        "Czytaj więcej",
        "Udostępnij",
        "Paylaş",
        "Baca juga: Yang terjadi",
        "Поделиться",
        "Читайте также: что известно",
        "Реклама",
        "شارك على فيسبوك",
        "اقرأ أيضا: ما نعرفه",
        "بیشتر بخوانید: آنچه می‌دانیم",
        "ارسال نظر",
        "相关阅读",
        "责任编辑：李明",
        "関連記事",
        "기사 URL이 복사되었습니다.",
    ],
)
def test_furniture_goes_before_and_after_the_article(line: str) -> None:
    text = f"{line}\n{FIRST}\n{SECOND}\n{line}"
    assert drop_furniture(text, "Talks resume") == f"{FIRST}\n{SECOND}"


@pytest.mark.parametrize("line", ["World", "National", "国际", "Middle East"])
def test_a_section_label_goes_only_before_the_article(line: str) -> None:
    text = f"{line}\n{FIRST}\n{line}\n{SECOND}"
    assert drop_furniture(text, "Talks") == f"{FIRST}\n{line}\n{SECOND}"


@pytest.mark.parametrize(
    "line",
    [
        "Sunday, 1 March 2026, 19:25",
        "17:41 JST, March 1, 2026",
        "01.03.2026 um 19:25 Uhr",
        "2026年3月1日 19:25",
    ],
)
def test_a_date_goes_before_the_article_only(line: str) -> None:
    text = f"{line}\n{FIRST}\n{line}\n{SECOND}\n{line}"
    assert drop_furniture(text, "Talks") == f"{FIRST}\n{line}\n{SECOND}\n{line}"


def test_a_list_of_dates_before_the_first_paragraph_is_the_article() -> None:
    text = "\n".join([*(f"Round {n}: {n} March 2026 in Geneva" for n in range(1, 9)), FIRST])
    assert drop_furniture(text, "Talks") == text


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ("Ana Bo", False),
        ("By Ana Bo", False),
        ("Von Ana Bo und Carl Di", False),
        ("ANA BO, Geneva", False),
        ("Ana Bo has reported from Geneva since 2011", True),
        ("Eva Fo in Geneva", True),
    ],
)
def test_the_authors_names_need_no_line(line: str, stays: bool) -> None:
    authors = ("Ana Bo", "Carl Di")
    text = f"{line}\n{FIRST}\n{line}\n{SECOND}\n{line}"
    kept = text if stays else f"{FIRST}\n{line}\n{SECOND}"
    assert drop_furniture(text, "Talks", authors=authors) == kept


@pytest.mark.parametrize(
    "line", ["Read more", "Advertisement", "example.com", "0", "Foreign Desk", "Share", "Anzeige"]
)
def test_in_the_middle_of_the_article_everything_stays(line: str) -> None:
    text = f"{FIRST}\n{line}\n{SECOND}"
    assert drop_furniture(text, "Talks") == text


@pytest.mark.parametrize(
    "line",
    [
        "He read more into it.",
        "“No comment,” he said.",
        "Why?",
        "By Ana B in Geneva, with a colleague",
        "The desk was empty.",
        "Share prices fell.",
        "Updated plans were drawn up in 2019.",
        "Follow the money.",
        "Die Anzeige wurde zurückgezogen.",
        "Реклама не помогла.",
    ],
)
def test_a_short_line_of_the_article_stays(line: str) -> None:
    text = f"{FIRST}\n{SECOND}\n{line}"
    assert drop_furniture(text, "Talks") == text


def test_an_article_of_short_lines_keeps_them() -> None:
    assert drop_furniture("Talks resume.\nMore soon.", "Geneva") == "Talks resume.\nMore soon."


def test_a_text_that_is_all_furniture_is_left_as_it_is() -> None:
    assert drop_furniture("Share\nRead more", "Talks") == "Share\nRead more"


LINES = st.sampled_from(
    [FIRST, SECOND, CHINESE, "Talks", "World", "Share", "0", "", " ", "Short line.", "example.com",
     "1 March 2026, 19:25", "Ana Bo"]
)  # fmt: skip


@given(st.lists(st.one_of(LINES, st.text(max_size=20)), max_size=12).map("\n".join))
def test_dropping_furniture_twice_is_dropping_it_once(text: str) -> None:
    once = drop_furniture(text, "Talks", authors=["Ana Bo"])
    assert drop_furniture(once, "Talks", authors=["Ana Bo"]) == once


def test_the_seed_article_loses_its_furniture() -> None:
    raw = real_files("seed/*")[0].read_text()
    title = "Iran Steps Up Efforts to Defuse Syria Conflict"
    text = drop_furniture(raw, title)
    assert title not in text
    assert text.startswith("Iran has held intensive consultations")
    assert "National Desk" not in text
    assert text.endswith("has raised hopes for a solution.")


# ---- keys


def test_a_key_tells_short_lines_at_an_edge_from_those_inside_and_full_paragraphs() -> None:
    text = f"The Herald\n{FIRST}\nNo deal\n{SECOND}\n{THIRD}\nMore at nine."
    assert [key[0] for key in keys(text)] == [EDGE, FULL, INNER, FULL, FULL, EDGE]


def test_one_line_has_one_key_however_it_is_written() -> None:
    one = keys(f"{FIRST}\n{SECOND}\nFollow the Herald!")
    other = keys(f"{FIRST}\n{SECOND}\n  follow THE herald ")
    assert one == other


def test_paragraphs_in_the_midst_of_an_article_have_no_key() -> None:
    text = "\n".join(f"{n} {FIRST}" for n in range(40))
    assert len(keys(text)) <= 6


@pytest.mark.parametrize("line", ["Short {n}.", "Another line, {n}"])
def test_a_page_of_very_many_lines_has_few_keys(line: str) -> None:
    many = "\n".join(line.format(n=n) for n in range(5_000))
    assert len(keys(f"{many}\n{FIRST}\n{many}\n{SECOND}\n{many}")) <= 40


@given(st.lists(st.one_of(LINES, st.text(max_size=90)), max_size=20).map("\n".join))
def test_dropping_all_that_has_a_key_leaves_what_has_none(text: str) -> None:
    left = drop_furniture(text, "", known=set(keys(text)))
    assert set(left.split("\n")) <= {line.strip() for line in text.split("\n")} | {""}
