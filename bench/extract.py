"""What extraction finds on real pages, and how fast, next to trafilatura alone in the same run.

The truth is `pages/truth.json` of the data folder. `$AEB` may name a checkout of Zyte's
article-extraction-benchmark: its pages are other publishers', and its truth was typed by people.
"""

import gzip
import json
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trafilatura import bare_extraction, load_html

from bench.ingest import data_folder
from bench.shingles import Likeness, harmonic, likeness, overall
from worker.extract import extract
from worker.records import Page
from worker.text import fold

ROUNDS, GROUPS = 3, 5
# The texts' languages, by looking at them: most are their country's ...
_LANGUAGE_OF = {
    "at": "de", "au": "en", "be": "nl", "ca": "en", "ch": "de", "de": "de", "dk": "da", "es": "es",
    "fr": "fr", "id": "id", "it": "it", "jp": "ja", "kr": "ko", "ls": "en", "my": "en", "na": "en",
    "no": "no", "pl": "pl", "pt": "en", "ru": "ru", "se": "sv", "tr": "tr", "tw": "en", "ua": "ru",
    "uk": "en", "us": "en", "za": "en",
}  # fmt: skip
# ... and these are not: papers of minorities and of foreigners, and two in Zulu under lang="en".
_LANGUAGE_HERE = {
    "MallorcaZeitung": "de",
    "Tageszeitung": "de",
    "TheJapanNews": "en",
    "EyethuNews": "zu",
    "Ilanga": "zu",
}


@dataclass(frozen=True, slots=True)
class Truth:
    """One page with what is known of it; None where nothing is."""

    url: str
    body: bytes
    text: str
    publisher: str
    title: str | None = None
    day: str | None = None
    authors: frozenset[str] | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What was made of a page, in the form in which it is compared."""

    text: str = ""
    title: str = ""
    day: str | None = None
    authors: frozenset[str] = frozenset()
    language: str | None = None
    paywalled: bool | None = None


Reader = Callable[[Truth], Found]


def run() -> None:
    folder = data_folder() / "pages"
    if not folder.exists():
        print(f"not measured: {folder} is not there; set WIREWATCH_DATA to the data's folder")
        return
    _report(f"{folder.parent.name}/pages", _news(folder))
    other = os.environ.get("AEB")
    if other:
        _report("article-extraction-benchmark", _benchmark(Path(other)))


def _news(folder: Path) -> list[Truth]:
    told = json.loads((folder / "truth.json").read_text())
    return [
        Truth(
            url=one["url"],
            body=gzip.decompress((folder / one["file"]).read_bytes()),
            text="\n".join(one["paragraphs"]),
            publisher=one["publisher"],
            title=one["title"],
            day=one["published"][:10] if one["published"] else None,
            authors=_names(one["authors"] or ()),
            language=_LANGUAGE_HERE.get(one["publisher"], _LANGUAGE_OF.get(one["country"])),
        )
        for one in told
    ]


def _benchmark(folder: Path) -> list[Truth]:
    told: dict[str, Any] = json.loads((folder / "ground-truth.json").read_text())
    return [
        Truth(
            url=one["url"],
            body=gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()),
            text=one["articleBody"],
            publisher=one["url"].split("/")[2],
        )
        for name, one in told.items()
    ]


def _report(name: str, pages: Sequence[Truth]) -> None:
    ours, alone = [], []
    for read in (_ours, _alone):  # what is loaded once is loaded before anything is timed
        read(pages[0])
    for _ in range(ROUNDS):
        ours.append(_timed(_ours, pages))
        alone.append(_timed(_alone, pages))
    publishers = len({page.publisher for page in pages})
    print(f"{name}: {len(pages)} pages of {publishers} publishers, medians of {ROUNDS} rounds")
    print(f"  {'':32}{'ours':>9}{'trafilatura':>13}")
    ours_s, alone_s = (statistics.median(s for _, s in rounds) for rounds in (ours, alone))
    _line("pages per CPU-second", len(pages) / ours_s, len(pages) / alone_s, form="{:.1f}")
    _line("ratio of CPU (to reach: 1.2)", ours_s / alone_s, 1, form="{:.2f}")
    _quality(pages, ours[0][0], alone[0][0])


def _timed(read: Reader, pages: Sequence[Truth]) -> tuple[list[Found], float]:
    began = time.process_time()
    found = [read(page) for page in pages]
    return found, time.process_time() - began


def _ours(page: Truth) -> Found:
    found = extract(page.body, url=page.url, content_type="text/html")
    if not isinstance(found, Page):
        return Found()
    one = found.document
    return Found(
        text=one.text,
        title=one.title,
        day=one.published.date().isoformat() if one.published else None,
        authors=_names(one.authors),
        language=one.language,
        paywalled=one.paywalled,
    )


def _alone(page: Truth) -> Found:
    """The baseline: trafilatura with its best settings for news."""
    found: Any = bare_extraction(
        page.body, url=page.url, favor_recall=True, include_comments=False, with_metadata=True
    )
    if found is None:
        return Found()
    names = _names((found.author or "").split("; "))
    return Found(text=found.text or "", title=found.title or "", day=found.date, authors=names)


def _quality(pages: Sequence[Truth], ours: list[Found], alone: list[Found]) -> None:
    both = (ours, alone)
    likely = [[likeness(p.text, f.text) for p, f in _pairs(pages, found)] for found in both]
    _line("text, mean F1 of pages (0.960)", *(statistics.fmean(_f1s(likes)) for likes in likely))
    for number, label in enumerate(("text, the benchmark's F1", "  precision", "  recall")):
        _line(label, *(overall(likes)[number] for likes in likely))
    low, high = _spread(pages, _f1s(likely[0]))
    print(f"  {'  lowest, highest of 5 groups':32}{low:9.4f}{high:13.4f}   (ours, by publisher)")
    if pages[0].title is None:
        return
    _line("headline, exact (0.90)", *(_share(pages, found, _right_title) for found in both))
    _line("published, day (0.975)", *(_share(pages, found, _right_day) for found in both))
    _line("language (0.99)", _share(pages, ours, _right_language), _declared(pages))
    print(f"  {'':32}(in trafilatura's place: what the html element declares)")
    _line("authors, F1 of names", *(_author_f1(pages, found) for found in both))
    marked = [one.paywalled for one in ours]
    print(f"  told to be for payers: {marked.count(True)}, to be free: {marked.count(False)}")


def _line(label: str, ours: float, alone: float, *, form: str = "{:.4f}") -> None:
    print(f"  {label:32}{form.format(ours):>9}{form.format(alone):>13}")


def _pairs(pages: Sequence[Truth], found: list[Found]) -> Iterator[tuple[Truth, Found]]:
    return zip(pages, found, strict=True)


def _f1s(likes: Sequence[Likeness]) -> list[float]:
    return [like.f1 for like in likes]


def _spread(pages: Sequence[Truth], f1s: list[float]) -> tuple[float, float]:
    """The lowest and highest mean F1 of five groups, each with all pages of its publishers."""
    publishers = sorted({page.publisher for page in pages})
    group = {publisher: at % GROUPS for at, publisher in enumerate(publishers)}
    by_group: dict[int, list[float]] = defaultdict(list)
    for page, f1 in zip(pages, f1s, strict=True):
        by_group[group[page.publisher]].append(f1)
    means = [statistics.fmean(part) for part in by_group.values()]
    return min(means), max(means)


def _share(
    pages: Sequence[Truth], found: list[Found], right: Callable[[Truth, Found], bool]
) -> float:
    return statistics.fmean(right(page, one) for page, one in _pairs(pages, found))


def _right_title(page: Truth, found: Found) -> bool:
    return fold(found.title) == fold(page.title or "")


def _right_day(page: Truth, found: Found) -> bool:
    return found.day == page.day


def _right_language(page: Truth, found: Found) -> bool:
    return found.language == page.language


def _declared(pages: Sequence[Truth]) -> float:
    """How often the `lang` of the html element is the text's language."""
    right = 0
    for page in pages:
        tree = load_html(page.body)
        tag = "" if tree is None else (tree.get("lang") or "")[:2].lower()
        right += {"nb": "no"}.get(tag, tag) == page.language
    return right / len(pages)


def _names(names: Sequence[str]) -> frozenset[str]:
    return frozenset(folded for name in names if (folded := fold(name)))


def _author_f1(pages: Sequence[Truth], found: list[Found]) -> float:
    pairs = [(page.authors or frozenset(), one.authors) for page, one in _pairs(pages, found)]
    common = sum(len(true & ours) for true, ours in pairs)
    return harmonic(
        common / max(1, sum(len(ours) for _, ours in pairs)),
        common / max(1, sum(len(true) for true, _ in pairs)),
    )
