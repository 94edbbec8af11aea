"""Pages become documents: what the door of the package promises, whatever comes in."""

import pytest

from tests.extract.reading import (
    ARTICLE,
    CHINESE,
    FIRST,
    PERSIAN,
    SECOND,
    TEXT,
    document,
    extracted,
    failed,
    html,
    paragraphs,
)
from tests.site import page
from worker.dedupe import from_feed
from worker.errors import Reason
from worker.extract import MAX_TEXT, MAX_TITLE, extract, reset_caches
from worker.records import Document, Page
from worker.text import fold


def test_a_page_gives_its_article_and_nothing_around_it() -> None:
    found = document(page("Talks resume in Geneva", FIRST, SECOND))
    assert found.text == f"{FIRST}\n{SECOND}"
    assert found.title == "Talks resume in Geneva"
    assert found.language == "en"


@pytest.mark.parametrize("paragraph", [CHINESE, PERSIAN], ids=["Chinese", "Persian"])
def test_scripts_other_than_latin_are_kept(paragraph: str) -> None:
    found = document(page("标题", *[f"{paragraph}{n}" for n in range(4)]))
    text = fold(found.text)
    assert all(fold(f"{paragraph}{n}") in text for n in range(4))


def test_persian_keeps_its_joiners() -> None:
    found = document(html(f"<article>{paragraphs(PERSIAN, f'{PERSIAN} {PERSIAN}')}</article>"))
    assert PERSIAN in found.text
    assert "\u200c" in PERSIAN


def test_broken_markup_loses_no_text() -> None:
    found = document(f"<html><body><article><h1>Talks<p>{FIRST}<p><b>{SECOND}</i></div></span><td>")
    assert FIRST in found.text
    assert SECOND in found.text


def test_what_no_database_takes_is_cleaned_out() -> None:
    found = document(page("Ti\x00tle", f"{FIRST}\x00\x08", f"{SECOND}&#0;&#xD800;"))
    for part in (found.title, found.text):
        part.encode()
        assert "\x00" not in part


def test_sizes_are_bounded() -> None:
    found = document(page("T" * 50_000, *[f"{n} {FIRST}" for n in range(4_000)]))
    assert len(found.title) <= MAX_TITLE
    assert len(found.text) <= MAX_TEXT


def test_a_page_that_is_drawn_by_scripts_gives_the_text_of_its_data() -> None:
    data = f'{{"@type": "NewsArticle", "headline": "Talks", "articleBody": "{FIRST}\\n{SECOND}"}}'
    head = f'<script type="application/ld+json">{data}</script>'
    found = document(html("<div id=root></div><p>Please enable JavaScript.</p>", head=head))
    assert found.text == f"{FIRST}\n{SECOND}"


def test_a_page_needs_no_address() -> None:
    found = extract(html(ARTICLE).encode(), url="")
    assert isinstance(found, Page)
    assert found.document.text == TEXT


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
    "body",
    [
        "<html><head><script>app()</script></head><body><div id=root></div></body></html>",
        "<html><body><noscript></noscript></body></html>",
        "<!-- nothing -->",
        "\x00\x00\x00",
        "<html></html>",
        '{"is": "JSON"}',
    ],
)
def test_a_page_without_text(body: str) -> None:
    failed(body, Reason.NO_TEXT)


@pytest.mark.parametrize("content_type", ["", "text/html; charset=x", "text/plain", "TEXT/HTML"])
def test_a_page_of_an_unclear_type_is_read(content_type: str) -> None:
    assert FIRST in document(page("Talks", FIRST, SECOND), content_type=content_type).text


# ---- furniture that the site is known by


def test_lines_that_the_site_is_known_to_repeat_are_dropped_and_still_told() -> None:
    body = html(f"<article>{paragraphs(FIRST, SECOND, 'Follow the Herald on our channel.')}")
    first = extracted(body)
    assert isinstance(first, Page)
    assert first.document.text.endswith("Follow the Herald on our channel.")
    again = extract(body.encode(), url="", furniture=first.line_keys[-1:])
    assert isinstance(again, Page)
    assert again.document.text == f"{FIRST}\n{SECOND}"
    assert again.line_keys == first.line_keys


# ---- the feed's own word


def test_what_a_feed_says_is_a_document_too() -> None:
    found = from_feed("Talks", "<p>One &amp; two.</p><p>Three\x00.</p>", ("Ana",))
    assert found == Document(title="Talks", text="One & two.\nThree.", authors=("Ana",))


def test_forgetting_what_the_libraries_remember_changes_no_page() -> None:
    before = extracted(html(ARTICLE))
    reset_caches()
    assert extracted(html(ARTICLE)) == before
