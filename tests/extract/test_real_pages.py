"""Figures on real pages: what was reached is not lost. `python -m bench extract` tells the rest."""

import gzip
import json
from dataclasses import dataclass
from functools import cache
from statistics import fmean
from typing import Any

from bench.shingles import likeness
from tests.real_data import real_files
from worker.extract import extract
from worker.records import Document, Page
from worker.text import fold


@dataclass(frozen=True)
class Read:
    truth: dict[str, Any]
    document: Document
    line_keys: tuple[str, ...]


@cache
def pages() -> tuple[Read, ...]:
    files = real_files("pages/*.html.gz")
    truths = {one["file"]: one for one in json.loads((files[0].parent / "truth.json").read_text())}
    read = []
    for file in files:
        truth = truths[file.name]
        found = extract(gzip.decompress(file.read_bytes()), url=truth["url"])
        assert isinstance(found, Page), (file.name, found)
        read.append(Read(truth, found.document, found.line_keys))
    return tuple(read)


def test_the_text_is_the_articles() -> None:
    found = [likeness("\n".join(p.truth["paragraphs"]), p.document.text) for p in pages()]
    assert fmean(one.f1 for one in found) >= 0.965
    assert fmean(one.precision for one in found) >= 0.955
    assert fmean(one.recall for one in found) >= 0.98


def test_no_page_loses_most_of_its_text() -> None:
    lost = [
        p.truth["file"]
        for p in pages()
        if likeness("\n".join(p.truth["paragraphs"]), p.document.text).recall < 0.8
    ]
    assert lost == []


def test_the_headline_is_exact() -> None:
    assert fmean(fold(p.document.title) == fold(p.truth["title"]) for p in pages()) >= 0.89


def test_the_day_is_the_day_of_publication() -> None:
    days = [(p.document.published, p.truth["published"][:10]) for p in pages()]
    assert fmean(time is not None and time.date().isoformat() == day for time, day in days) >= 0.98


def test_the_time_of_day_is_kept_where_the_page_gives_it() -> None:
    timed = [p for p in pages() if p.document.published and p.document.published.time().hour]
    assert len(timed) >= 0.9 * len(pages())


def test_the_language_is_the_texts_and_not_the_templates() -> None:
    found = {p.truth["publisher"]: p.document.language for p in pages()}
    assert None not in found.values()
    # German on Mallorca and in South Tyrol, English in Tokyo, Zulu under lang="en"
    papers = ("MallorcaZeitung", "Tageszeitung", "TheJapanNews", "EyethuNews", "Ilanga")
    assert [found[paper] for paper in papers] == ["de", "de", "en", "zu", "zu"]


def test_most_authors_are_named() -> None:
    named = [
        bool({fold(n) for n in p.truth["authors"]} & {fold(n) for n in p.document.authors})
        for p in pages()
        if p.truth["authors"]
    ]
    assert fmean(named) >= 0.85


def test_every_page_has_few_lines_that_may_be_furniture() -> None:
    assert max(len(p.line_keys) for p in pages()) <= 40
