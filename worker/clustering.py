"""Articles of a file through the real rules and store, one after the other, with no network."""

import gzip
import json
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from worker import dedupe, store
from worker.errors import ConfigError
from worker.records import Document
from worker.text import clean, clean_line, digest
from worker.urls import canonical_url

# As many as the ingest stage settles in one transaction.
GROUP = 8
_FORMATS = ("%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%d-%b-%Y %H:%M:%S.%f", "%d-%b-%Y")
_NOT_OF_A_NAME = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class FileArticle:
    """An article as a line of a file tells it; `truth` is what the file says of its story."""

    id: str
    title: str
    text: str
    published: datetime | None = None
    source: str = ""
    url: str | None = None
    truth: Hashable = None


class Placed(NamedTuple):
    """Where an article of a file has come: its story, and what it is to the one that it joined."""

    id: str
    story: int
    relation: str
    containment: float | None


class Score(NamedTuple):
    """How stories agree with a truth, over all pairs of articles, 0..1."""

    precision: float
    recall: float
    f1: float


def read_articles(path: Path, truth: str | None = None) -> Iterator[FileArticle]:
    """The articles of a file of JSON lines, packed by gzip or not; raises ConfigError."""
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8")
            if _is_packed(path)
            else path.open(encoding="utf-8") as lines
        ):
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _article(path, number, line, truth)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ConfigError(path, "The file cannot be read", f"It says: {error}.") from error


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _article(path: Path, number: int, line: str, truth: str | None) -> FileArticle:
    try:
        told = json.loads(line)
        made = FileArticle(
            id=str(told["id"]),
            title=clean_line(str(told["title"] or ""), 1_000),
            text=clean(str(told["text"] or ""), dedupe.MAX_TEXT),
            published=moment(str(told.get("published") or told.get("date") or "")),
            source=str(told.get("source") or ""),
            url=told.get("url"),
            truth=told.get(truth) if truth else None,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            path, "This is no article", 'Write {"id", "title", "text"} a line.', line=number
        ) from error
    return made


def moment(text: str) -> datetime | None:
    """A time as files write it, in UTC; None for what does not name a day."""
    text = text.strip()
    if len(text) < 8:
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime, *map(_reader, _FORMATS)):
        try:
            found: datetime = read(text)
        except (ValueError, TypeError):
            continue
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return None


def _reader(form: str) -> Any:
    return lambda text: datetime.strptime(text, form)


def cluster(
    db: store.Database, articles: Iterable[FileArticle], now: datetime, group: int = GROUP
) -> list[Placed]:
    """Put articles into stories in their order, `group` a transaction, and say where they came."""
    known: dict[str, int] = {}
    order: list[tuple[str, int]] = []
    left = iter(articles)
    while batch := list(islice(left, group)):
        ids = db.write(lambda c, batch=batch: _put(c, batch, known, now))  # type: ignore[misc]
        order += zip((one.id for one in batch), ids, strict=True)
    placed = db.read(lambda c: store.places(c, {article_id for _, article_id in order}))
    return [Placed(name, *placed[article_id]) for name, article_id in order]


def _put(
    db: store.Connection, batch: Sequence[FileArticle], known: dict[str, int], now: datetime
) -> list[int]:
    rows = {url_of(one): one for one in batch}
    claims = store.lease_articles(db, [row_of(url, one, now) for url, one in rows.items()])
    new = [dedupe.ingested(claim, document(rows[claim.url]), matches=(), fetched_at=now)
           for claim in claims]  # fmt: skip
    alike = store.Alike(db, new)
    for one in new:
        told, nearby = alike.of(one)
        store.settle_article(db, one, dedupe.verdict(one, told, nearby), nearby, now)
        known[one.claim.url] = one.claim.id
    for url in rows.keys() - known.keys():
        known[url] = store.article_of(db, url)
    return [known[url_of(one)] for one in batch]


def url_of(one: FileArticle) -> str:
    found = canonical_url(one.url) if one.url else None
    return found or f"urn:wirewatch:{digest('file', one.id)}"


def row_of(url: str, one: FileArticle, now: datetime) -> dict[str, Any]:
    name = _NOT_OF_A_NAME.sub("-", one.source.split("://")[-1].split("/")[0].lower()).strip("-.")
    return {
        "url": url,
        "link": one.url,
        "source_url": f"https://{name}/" if name and not one.url else None,
        "title": one.title,
        "published_at": one.published or now,
        "published_known": one.published is not None,
        "first_seen_at": max(now, one.published or now),
    }


def document(one: FileArticle) -> Document:
    return Document(title=one.title, text=one.text, published=one.published)


def score(stories: Mapping[str, Hashable], truth: Mapping[str, Hashable]) -> Score:
    """Precision, recall and F1 over the pairs of those articles of which the truth is known."""
    named = [name for name in stories if truth.get(name) is not None]
    both = _pairs((stories[name], truth[name]) for name in named)
    ours, true = _pairs(stories[name] for name in named), _pairs(truth[name] for name in named)
    precision, recall = both / ours if ours else 1.0, both / true if true else 1.0
    return Score(precision, recall, 2 * both / (ours + true) if ours + true else 1.0)


def _pairs(groups: Iterable[Hashable]) -> int:
    return sum(n * (n - 1) // 2 for n in Counter(groups).values())
