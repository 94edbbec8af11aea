"""Pages become documents: the article's text, and none of what the site puts around it."""

import gzip
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.real_data import real_files
from tests.site import page
from worker.dedupe import from_feed
from worker.errors import Reason
from worker.extract import MAX_TEXT, MAX_TITLE, drop_furniture, extract
from worker.records import Document, Failed, Page
from worker.text import fold

URL = "https://news.example.org/2026/03/01/talks.html"
FIRST = (
    "The two sides met in Geneva on Sunday for a third day of talks on the ceasefire, "
    "diplomats said, and agreed to meet again within the week."
)
SECOND = (
    "A joint commission of the three guarantors is to watch over the truce, according to a "
    "statement that was read to reporters outside the building."
)


def extracted(body: bytes | str, **how: str | None) -> Document | Failed:
    given = {"content_type": "text/html", "charset": None} | how
    content = body.encode() if isinstance(body, str) else body
    found = extract(
        content, url=URL, content_type=given["content_type"] or "", charset=given["charset"]
    )
    return found.document if isinstance(found, Page) else found


def document(body: bytes | str, **how: str | None) -> Document:
    found = extracted(body, **how)
    assert isinstance(found, Document), found
    return found


def failed(body: bytes | str, reason: Reason, **how: str | None) -> Failed:
    found = extracted(body, **how)
    assert isinstance(found, Failed), found
    assert found.reason is reason, found
    assert found.detail
    return found


# ---- what is found


def test_a_page_gives_its_article_and_nothing_around_it() -> None:
    found = document(page("Talks resume in Geneva", FIRST, SECOND))
    assert found.text == f"{FIRST}\n{SECOND}"
    assert found.title.startswith("Talks resume in Geneva")
    assert found.language == "en"


def test_what_a_page_says_of_itself_is_kept() -> None:
    head = (
        '<meta property="og:title" content="Talks resume">'
        '<meta property="og:site_name" content="The Wire">'
        '<meta property="og:image" content="https://news.example.org/1.jpg">'
        '<meta name="author" content="Ana B"><meta property="article:published_time" '
        'content="2026-03-01T09:30:00Z">'
    )
    found = document(page("Talks resume", FIRST, SECOND).replace("<head>", f"<head>{head}"))
    assert found.title == "Talks resume"
    assert found.site_name == "The Wire"
    assert found.image == "https://news.example.org/1.jpg"
    assert found.authors == ("Ana B",)
    assert found.published == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lang", "language"),
    [("en", "en"), ("en-GB", "en"), ("FA_ir", "fa"), ("x-klingon", None), ("", None), ("12", None)],
)
def test_a_language_is_its_primary_subtag(lang: str, language: str | None) -> None:
    html = page("Talks", FIRST, SECOND).replace("lang='en'", f"lang='{lang}'")
    assert document(html).language == language


CHINESE = "联合国秘书长周日在日内瓦表示，冲突各方已经同意延长停火协议，并将在一周之内再次举行会谈。"
PERSIAN = (
    "دو طرف روز یکشنبه برای سومین روز در ژنو درباره آتش‌بس گفتگو کردند و قرار شد دوباره دیدار کنند."
)


@pytest.mark.parametrize("paragraph", [CHINESE, PERSIAN], ids=["Chinese", "Persian"])
def test_scripts_other_than_latin_are_kept(paragraph: str) -> None:
    found = document(page("标题", *[f"{paragraph}{n}" for n in range(4)]))
    # trafilatura drops the invisible joiners of Persian; folding ignores them anyway
    text = fold(found.text)
    assert all(fold(f"{paragraph}{n}") in text for n in range(4))


@pytest.mark.parametrize(
    ("encoded", "charset"),
    [
        ("utf-8", None),
        ("utf-8", "utf-8"),
        ("windows-1251", "windows-1251"),
        ("utf-8", "ascii"),  # the header is wrong
        ("utf-8", "nonsense"),
        ("utf-8", "utf-16"),
        ("utf-8", "hex"),
        ("utf-8", "undefined"),
        ("utf-8", "idna"),
    ],
)
def test_a_wrong_charset_spoils_no_letters(encoded: str, charset: str | None) -> None:
    paragraph = "Стороны встретились в Женеве в воскресенье и договорились о новой встрече. " * 3
    html = page("Перемирие", paragraph).replace("<head>", f'<head><meta charset="{encoded}">')
    found = document(html.encode(encoded), charset=charset)
    assert "договорились о новой встрече" in found.text


def test_broken_markup_loses_no_text() -> None:
    html = f"<html><body><article><h1>Talks<p>{FIRST}<p><b>{SECOND}</i></div></span><td>"
    found = document(html)
    assert FIRST in found.text
    assert SECOND in found.text


def test_what_no_database_takes_is_cleaned_out() -> None:
    html = page("Ti\x00tle", f"{FIRST}\x00\x08", f"{SECOND}&#0;&#xD800;")
    found = document(html)
    for part in (found.title, found.text):
        part.encode()
        assert "\x00" not in part


def test_sizes_are_bounded() -> None:
    found = document(page("T" * 50_000, *[f"{n} {FIRST}" for n in range(4_000)]))
    assert len(found.title) <= MAX_TITLE
    assert len(found.text) <= MAX_TEXT


# ---- what is none


@pytest.mark.parametrize("body", [b"", b"  \r\n\t"])
def test_an_empty_page(body: bytes) -> None:
    failed(body, Reason.EMPTY_BODY)


@pytest.mark.parametrize(
    "content_type",
    ["image/jpeg", "application/pdf", "application/json", "video/mp4", "IMAGE/PNG; q=1"],
)
def test_what_is_no_page_by_its_type(content_type: str) -> None:
    got = failed(b"\xff\xd8\xff\xe0", Reason.NOT_HTML, content_type=content_type)
    assert content_type.partition(";")[0].lower() in got.detail


@pytest.mark.parametrize("content_type", ["text/html", "application/pdf", ""])
def test_a_pdf_is_no_page_whatever_its_header(content_type: str) -> None:
    failed(b"%PDF-1.7\n%\xe2\xe3", Reason.NOT_HTML, content_type=content_type)


@pytest.mark.parametrize(
    "html",
    [
        "<html><head><script>app()</script></head><body><div id=root></div></body></html>",
        "<html><body><noscript></noscript></body></html>",
        "<!-- nothing -->",
        "\x00\x00\x00",
        "<html></html>",
    ],
)
def test_a_page_without_text(html: str) -> None:
    failed(html, Reason.NO_TEXT)


@pytest.mark.parametrize("content_type", ["", "text/html; charset=x", "text/plain", "TEXT/HTML"])
def test_a_page_of_an_unclear_type_is_read(content_type: str) -> None:
    assert FIRST in document(page("Talks", FIRST, SECOND), content_type=content_type).text


# ---- attacks


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 50_000,
        "<table><tr><td>" * 10_000,
        "<a href=x>" * 20_000,
        "<p>word " * 50_000,
        "<!--" * 50_000,
        "<script>" * 50_000,
        "&" * 200_000,
        "<p " + "a=b " * 50_000 + ">",
    ],
    ids=["div", "table", "a", "p", "comment", "script", "ampersand", "attributes"],
)
def test_hostile_markup_takes_bounded_time(html: str) -> None:
    began = time.perf_counter()
    assert isinstance(extracted(html), Document | Failed)
    assert time.perf_counter() - began < 10


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.binary(max_size=1_000), st.sampled_from([None, "utf-8", "utf-16", "nonsense", "utf-7"]))
def test_any_bytes_are_a_document_or_a_failure(body: bytes, charset: str | None) -> None:
    assert isinstance(extracted(body, charset=charset), Document | Failed)
    assert isinstance(extracted(b"<html><body><p>" + body, charset=charset), Document | Failed)


# ---- the feed's own word


def test_what_a_feed_says_is_a_document_too() -> None:
    found = from_feed("Talks", "<p>One &amp; two.</p><p>Three\x00.</p>", ("Ana",))
    assert found == Document(title="Talks", text="One & two.\nThree.", authors=("Ana",))


# ---- furniture


@pytest.mark.parametrize(
    "line",
    [
        "Talks resume",  # the headline again
        "TALKS RESUME!",
        "Add Comment",
        "Leave a reply",
        "Post a new comment",
        "Read our comment policy before you post",
        "12 Comments",
        "No comments yet",
        "Share on Facebook",
        "Tweet this article",
        "Sign up for our newsletter",
        "Advertisement",
        "Read more",
        "Related stories",
        "Follow us on Twitter",
        "All rights reserved",
        "National Desk",
        "www.example.com",
        "example.co.uk",
        "0",
        "- * -",
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
    "line", ["Read more", "Advertisement", "example.com", "0", "Foreign Desk", "Share"]
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
    ],
)
def test_a_short_line_of_the_article_stays(line: str) -> None:
    text = f"{FIRST}\n{SECOND}\n{line}"
    assert drop_furniture(text, "Talks") == text


def test_an_article_of_short_lines_keeps_them() -> None:
    assert drop_furniture("Talks resume.\nMore soon.", "Geneva") == "Talks resume.\nMore soon."


LINES = st.sampled_from(
    [FIRST, SECOND, CHINESE, "Talks", "World", "Share", "0", "", " ", "Short line.", "example.com"]
)


@given(st.lists(st.one_of(LINES, st.text(max_size=20)), max_size=12).map("\n".join))
def test_dropping_furniture_twice_is_dropping_it_once(text: str) -> None:
    once = drop_furniture(text, "Talks")
    assert drop_furniture(once, "Talks") == once


def test_the_seed_article_loses_its_furniture() -> None:
    raw = real_files("seed/*")[0].read_text()
    title = "Iran Steps Up Efforts to Defuse Syria Conflict"
    text = drop_furniture(raw, title)
    assert title not in text
    assert text.startswith("Iran has held intensive consultations")
    assert "National Desk" not in text
    assert not text.splitlines()[-1].strip().endswith("omment")


def test_nearly_every_real_page_gives_its_text() -> None:
    pages = real_files("pages/*.html.gz")
    truths = json.loads((pages[0].parent / "truth.json").read_text())
    truth = {one["file"]: one for one in truths}
    empty, told = [], 0
    for file in pages[::2]:  # every other one: all take half a minute
        found = extract(
            gzip.decompress(file.read_bytes()),
            url=truth[file.name]["url"],
            content_type="text/html",
            charset=None,
        )
        if isinstance(found, Failed) or len(found.document.text) < 100:
            empty.append(file.name)
        else:
            told += 1
    assert told >= 0.95 * (told + len(empty)), empty
