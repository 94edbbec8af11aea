"""Pages made to hurt: each ends with a document or a named failure, in time that is bounded."""

import time

import pytest

from tests.extract.reading import ARTICLE, FIRST, SECOND, extracted, failed, html
from worker.errors import Reason
from worker.extract import MAX_MARKS
from worker.extract.blocks import MAX_BLOCK, MAX_BLOCKS, read_blocks
from worker.extract.markup import MAX_ATTRIBUTES, parse
from worker.records import Failed, Page

# What the worst of them take is about a second on one core; a loaded machine takes several.
_PATIENCE_S = 15
_WORDS = "a line of words that is as long as those of an article are, and says nothing at all "
_P = f"<p>{_WORDS}</p>"

PAGES = {
    # deep
    "divs": "<div>" * 90_000 + FIRST,
    "inline": f"<p>{'<b>' * 90_000}{FIRST}",
    "tables": "<table><tr><td>" * 30_000 + FIRST,
    "lists": "<ul><li>" * 45_000 + FIRST,
    "quotes": "<blockquote>" * 30_000 + FIRST,
    "deep and wide": "<div>" * 200 + _P * 40_000,
    # never closed
    "links": "<a href=x>word " * 90_000,
    "paragraphs": f"<p>{_WORDS}" * 90_000,
    "comments": "<!--" * 90_000,
    "scripts": "<script>" * 90_000,
    "titles": "<title>" * 90_000,
    "a quote": f"<p class=\"{'x ' * 900_000}",
    # many
    "cells": f"<table>{'<tr><td>1<td>2<td>3' * 24_000}",
    "breaks": f"<p>{'word <br>' * 90_000}",
    "spans": f"<p>{'<span class=a>w </span>' * 49_000}",
    "headlines": f"{'<h1>Talks resume</h1>' * 40_000}{_P}",
    "forms": f"<form>{_P}</form>" * 20_000,
    "times": "<time datetime=2026-03-01>1 March 2026</time>" * 40_000,
    "images": "<img src=x>" * 90_000,
    "metas": "<meta property='og:title' content='x'>" * 90_000,
    "entities": f"<p>{'&amp;' * 900_000}",
    "attributes": f"<p {' '.join(f'a{n}=b' for n in range(300_000))}>{FIRST}",
    "attributes with brackets": "<p " + " ".join(f"a{n}='>'" for n in range(100_000)) + ">" + FIRST,
    "links below the library's bound": "<a href='/x'>w</a> " * 14_000,
    "paragraphs below the library's bound": f"<p>{_WORDS}" * 29_000,
    # long
    "word": f"<p>{'a' * 4_000_000}</p>",
    "words": f"<p>{'word ' * 1_000_000}</p>",
    "blanks": f"<p>{' ' * 4_000_000}x</p>",
    "digits": f"<p>{'1' * 4_000_000}</p>",
    "days": f"<p>{'1.3.2026 2026-03-01 ' * 200_000}</p>",
    "signs": f"<p>{'.,;:-|' * 600_000}</p>",
    "class": f"<div class=\"{'x-y ' * 500_000}\">{_P}</div>",
    "title": f"<title>{'a | b - ' * 400_000}</title>{_P}",
    "headline": f"<h1>{'a | b - ' * 400_000}</h1>{_P}",
    "tag": f"<{'x' * 2_000_000}>{_P}",
    # data
    "json depth": f"<script type='application/ld+json'>{'[' * 900_000}</script>{_P}",
    "json authors": "<script type='application/ld+json'>"
    + '{"@type":"Article","author":[' + '{"name":"Ana Bo"},' * 90_000 + f"0]}}</script>{_P}",
    "json scripts": "<script type='application/ld+json'>{}</script>" * 40_000 + _P,
    "json author": "<script type='application/ld+json'>"
    + f'{{"@type":"Article","author":"{"and , " * 400_000}"}}</script>{_P}',
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_takes_bounded_time(name: str) -> None:
    page = f"<html><body>{PAGES[name]}".encode()
    began = time.process_time()
    found = extracted(page)
    assert time.process_time() - began < _PATIENCE_S
    if isinstance(found, Failed):
        assert found.reason in (Reason.NO_TEXT, Reason.TOO_LARGE), found


def test_more_tags_than_any_article_has_are_too_many() -> None:
    failed(html("<i></i>" * (MAX_MARKS // 2) + ARTICLE), Reason.TOO_LARGE)
    assert isinstance(extracted(html("<i></i>" * (MAX_MARKS // 2 - 100) + ARTICLE)), Page)


def test_a_tag_with_too_many_attributes_loses_them_and_its_text_stays() -> None:
    def attributes(count: int) -> str:
        return " ".join(f'a{n}="it\'s > {n}"' for n in range(count))

    for quote in ("'", '"', ""):
        many = f"<p {attributes(MAX_ATTRIBUTES + 9)} c={quote}d{quote}>{FIRST}</p>"
        tree = parse(html(many))
        assert tree is not None
        (paragraph,) = tree.iter("p")
        assert dict(paragraph.attrib) == {}
        assert paragraph.text == FIRST
    tree = parse(html(f"<p {attributes(MAX_ATTRIBUTES - 9)}>{FIRST}</p>"))
    assert tree is not None
    assert len(next(tree.iter("p")).attrib) == MAX_ATTRIBUTES - 9


@pytest.mark.parametrize(
    "stray", ["it's", 'he said "', "<a href='x", '5 < 6 and "7" > 3', "a=b='c"]
)
def test_a_stray_quote_swallows_no_text(stray: str) -> None:
    words = "word " * (2 * MAX_ATTRIBUTES)
    tree = parse(
        html(f"<p class=x y=don't>{words}</p><p>{stray}'></p><p title='{words}'>{SECOND}</p>")
    )
    assert tree is not None
    text = "".join(tree.itertext())
    assert words.strip() in text
    assert SECOND in text


def test_blocks_are_bounded() -> None:
    tree = parse(html(f"<p>{'x' * (2 * MAX_BLOCK)}</p>" + "<p>word</p>" * (MAX_BLOCKS + 99)))
    assert tree is not None
    blocks = read_blocks(tree)
    assert len(blocks) == MAX_BLOCKS
    assert max(len(block.text) for block in blocks) == MAX_BLOCK
