"""What of a page is its article: each story is a way in which news pages are built."""

import pytest

from tests.extract.reading import (
    ARTICLE,
    FIRST,
    SECOND,
    TEXT,
    THIRD,
    document,
    extracted,
    html,
    paragraphs,
)
from worker.records import Page

TEASER = (
    "A former minister is to lead the bank, three people with knowledge of the choice said, after "
    "a search that took the better part of a year."
)


def text(inside: str, **how: str) -> str:
    return document(html(inside, **how)).text


# ---- what stands inside the article's box and is no part of it


@pytest.mark.parametrize(
    "inside",
    [
        f"<figure><img src=x><figcaption>{TEASER}</figcaption></figure>",
        f"<div class='imageCaption'>{TEASER}</div>",
        f"<p class='photo-credit'>{TEASER}</p>",
        f"<div class='related-articles'><h3>More</h3><p>{TEASER}</p></div>",
        f"<aside><p>{TEASER}</p></aside>",
        f"<div class='newsletter_signup'><p>{TEASER}</p><form><input></form></div>",
        f"<div class='fact-box'><h3>Facts</h3><ul><li>{TEASER}</li></ul></div>",
        f"<div id='article-infobox'><p>{TEASER}</p></div>",
        f"<div hidden><p>{TEASER}</p></div>",
        f"<div aria-hidden='true'><p>{TEASER}</p></div>",
        f"<div style='color: red; display: none'><p>{TEASER}</p></div>",
        f"<span class='sr-only'>{TEASER}</span>",
        f"<div class='box'><a href='/other'>{TEASER}</a></div>",
        f"<ul class='trending-list'><li>{TEASER}</li></ul>",
        "<div class='ad'><span>Advertisement</span></div>",
        f"<button>{TEASER}</button><script>{TEASER}</script><noscript>{TEASER}</noscript>",
    ],
)
def test_a_box_of_another_purpose_is_left_out(inside: str) -> None:
    article = f"<p>{FIRST}</p><p>{SECOND}</p>{inside}<p>{THIRD}</p>"
    assert text(f"<article><div>{article}</div></article>") == TEXT


def test_a_box_that_holds_nearly_all_the_text_is_the_article_whatever_its_name() -> None:
    assert text(f"<div class='modal teaser hidden sidebar'>{ARTICLE}</div>") == TEXT
    assert text(f"<form id='aspnetForm'>{ARTICLE}</form>") == TEXT


def test_what_the_site_says_again_and_again_is_no_text() -> None:
    label = "<p>Article content</p>"
    inside = f"{label}<p>{FIRST}</p>{label}<p>{SECOND}</p>{label}<p>{THIRD}</p>{label}"
    assert text(f"<article>{inside}</article>") == TEXT


def test_a_heading_with_nothing_under_it_goes_with_what_it_headed() -> None:
    inside = f"{paragraphs(FIRST, SECOND, THIRD)}<h2>Most read</h2><h3>In sport</h3>"
    links = "".join(f"<li><a href='/{n}'>Another story, number {n}</a></li>" for n in range(5))
    assert text(f"<article>{inside}<ul>{links}</ul></article>") == TEXT


# ---- what stands apart from the others and is a part of it


def test_an_article_that_an_advertisement_tears_in_two_is_whole_again() -> None:
    halves = [
        f"<div class='row'><div class='body__part'>{paragraphs(*part)}</div></div><hr>"
        for part in ((FIRST, SECOND, THIRD, TEASER), (SECOND[::-1], THIRD[::-1], TEASER[::-1]))
    ]
    found = text(f"<main><article>{''.join(halves)}</article></main>")
    assert found.split("\n") == [
        FIRST,
        SECOND,
        THIRD,
        TEASER,
        SECOND[::-1],
        THIRD[::-1],
        TEASER[::-1],
    ]


def test_short_paragraphs_and_headings_stay_where_they_stand_among_others() -> None:
    inside = f"<p>{FIRST}</p><h2>No deal</h2><p>It is not over.</p><p>{SECOND}</p><p>He left.</p>"
    assert text(f"<article>{inside}</article>") == (
        f"{FIRST}\nNo deal\nIt is not over.\n{SECOND}\nHe left."
    )


def test_each_paragraph_may_have_a_wrapper_of_its_own() -> None:
    lines = [FIRST, "It is not over.", SECOND, "He left.", THIRD]
    inside = "".join(
        f"<div class='c{n}'><div><p>{line}</p></div></div>" for n, line in enumerate(lines)
    )
    assert text(f"<article><div>{inside}</div></article>") == "\n".join(lines)


def test_lists_and_quotations_of_an_article_are_its_text() -> None:
    inside = (
        f"<p>{FIRST}</p><ul><li>Prisoners are exchanged.</li><li>The road is opened.</li></ul>"
        f"<blockquote>{SECOND}</blockquote><p>{THIRD}</p>"
    )
    assert text(f"<article>{inside}</article>") == (
        f"{FIRST}\nPrisoners are exchanged.\nThe road is opened.\n{SECOND}\n{THIRD}"
    )


def test_a_row_of_a_table_is_one_line() -> None:
    rows = "<tr><th>Town</th><th>Votes</th></tr><tr><td>Homs</td><td>120</td></tr>"
    found = text(f"<article><p>{FIRST}</p><table>{rows}</table><p>{SECOND}</p></article>")
    assert found == f"{FIRST}\nTown Votes\nHoms 120\n{SECOND}"


def test_lines_that_only_breaks_divide_are_lines() -> None:
    found = text(f"<article><div>{FIRST}<br><br>{SECOND}<br>{THIRD}</div></article>")
    assert found == TEXT


def test_words_are_not_torn_at_inline_elements() -> None:
    marked = FIRST.replace("Geneva", "Ge<b>ne</b>va").replace("Sunday", "<a href='/s'>Sun</a>day")
    assert FIRST in text(f"<article>{paragraphs(marked, SECOND)}</article>")


# ---- the standfirst


@pytest.mark.parametrize(
    "standfirst",
    [
        f"<p class='standfirst'>{TEASER}</p>",
        f"<div class='article-leadText'><span>{TEASER}</span></div>",
        f"<h2 class='subtitle'>{TEASER}</h2>",
        f"<div class='x1y2'>{TEASER}</div>",  # named by nothing, but said in the description
    ],
)
def test_what_stands_between_headline_and_text_opens_the_text(standfirst: str) -> None:
    head = f"<meta name=description content='{TEASER}'>"
    inside = f"<article><header><h1>Talks</h1>{standfirst}</header><div>{paragraphs(FIRST, SECOND)}"
    assert text(inside, head=head) == f"{TEASER}\n{FIRST}\n{SECOND}"


def test_a_caption_between_headline_and_text_does_not() -> None:
    inside = (
        f"<article><header><h1>Talks</h1><p class='lead-image-caption'>{TEASER}</p></header>"
        f"<div>{paragraphs(FIRST, SECOND)}</div></article>"
    )
    assert text(inside) == f"{FIRST}\n{SECOND}"


# ---- other articles on the page


def test_teasers_of_other_articles_are_left_out() -> None:
    others = "".join(
        f"<div class='card'><h3><a href='/{n}'>Story {n}</a></h3><p>{TEASER} {n}</p></div>"
        for n in range(3)
    )
    assert text(f"<main>{ARTICLE}<section><h2>More news</h2>{others}</section></main>") == TEXT


def test_the_next_article_that_scrolls_in_is_another() -> None:
    one, other = paragraphs(FIRST, SECOND, THIRD), paragraphs(TEASER, TEASER[::-1])
    first = f"<article><h1>Talks</h1><div class='first'>{one}</div></article>"
    second = f"<article><h1>A bank finds its chief</h1><div class='second'>{other}</div></article>"
    assert text(f"<main>{first}{second}</main>") == TEXT


def test_comments_are_not_the_article() -> None:
    said = "".join(
        f"<li class='comment'><p>{TEASER} That is what I think, {n}.</p></li>" for n in range(9)
    )
    assert text(f"{ARTICLE}<section id='comments'><ol>{said}</ol></section>") == TEXT


# ---- the page's own word


def test_the_pages_data_tells_its_article_from_others() -> None:
    data = f'{{"@type": "NewsArticle", "articleBody": "{FIRST} {SECOND} {THIRD}"}}'
    head = f'<script type="application/ld+json">{data}</script>'
    other = paragraphs(TEASER, TEASER[::-1], TEASER.upper())
    found = text(f"<main><div>{other}</div><section>{ARTICLE}</section></main>", head=head)
    assert found == TEXT


def test_a_page_of_nothing_but_short_lines_gives_them() -> None:
    found = extracted(html("<div>Talks are off.</div><div>More soon.</div>"))
    assert isinstance(found, Page)
    assert "Talks are off." in found.document.text
