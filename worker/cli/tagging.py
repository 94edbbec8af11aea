"""`wirewatch topics tag`: which topics the articles of a file match, and how well that is."""

import gzip
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from worker.cli._topics import TopicsFile, wanted_topics
from worker.errors import WirewatchError
from worker.records import About, TopicMatch, TopicRow
from worker.topics import TopicSet, compile_topics
from worker.urls import host_of

_GZIP = b"\x1f\x8b"
_MAX_LINE = 64 * 1024**2


def tag(
    file: Annotated[str, typer.Argument(help="Articles, JSON a line (.jsonl, .gz); - is stdin.")],
    topics: TopicsFile = None,
    topic: Annotated[str | None, typer.Option(help="Only this topic.")] = None,
    truth: Annotated[
        str | None, typer.Option(help="The key that says whether the topic fits, to be judged by.")
    ] = None,
) -> None:
    """Print a line of JSON for each article and topic; with --truth, also how good that is."""
    specs = wanted_topics(topics, topic)
    if truth and len(specs) > 1:
        names = ", ".join(spec.name for spec in specs)
        raise WirewatchError(f"--truth judges one topic: add --topic, one of {names}.")
    compiled = compile_topics([TopicRow(n, spec, ()) for n, spec in enumerate(specs)])
    pairs: list[tuple[bool, bool]] = []
    for number, article in enumerate(_articles(file), 1):
        if truth and truth not in article:
            raise WirewatchError(f"{file}:{number}: there is no key {truth!r}.")
        for one in _judged(compiled, article):
            typer.echo(json.dumps(one, ensure_ascii=False))
            if truth:
                pairs.append((one["matched"], bool(article[truth])))
    if truth:
        _print_quality(specs[0].name, pairs)


def _articles(name: str) -> Iterator[Mapping[str, Any]]:
    """The articles of a file; raises WirewatchError with the line of what cannot be read."""
    try:
        with ExitStack() as open_files:
            stream: IO[bytes] | gzip.GzipFile = sys.stdin.buffer
            if name != "-":
                stream = open_files.enter_context(Path(name).open("rb"))
                if stream.read(2) == _GZIP:
                    stream = open_files.enter_context(gzip.open(name))
                stream.seek(0)
            for number, line in enumerate(iter(lambda: stream.readline(_MAX_LINE), b""), 1):
                if line.strip():
                    yield _article(line, f"{name}:{number}")
    except FileNotFoundError:
        raise WirewatchError(f"{name}: there is no such file.") from None
    except (OSError, EOFError) as error:
        raise WirewatchError(f"{name}: it cannot be read ({error}).") from None


def _article(line: bytes, place: str) -> Mapping[str, Any]:
    try:
        article = json.loads(line)
    except ValueError as error:
        raise WirewatchError(f"{place}: this is no JSON ({error}).") from None
    if not isinstance(article, dict) or not isinstance(article.get("text", ""), str):
        raise WirewatchError(f"{place}: write an object with id, title and text.")
    return article


def _judged(compiled: TopicSet, article: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    title, text = article.get("title") or "", article.get("text") or ""
    about = _about(article)
    matches, missed = (
        {one.topic_id: one for one in found}
        for found in compiled.match_and_miss(title, text, about)
    )
    for row in compiled.topics.values():
        found = matches.get(row.id) or missed.get(row.id) or TopicMatch(row.id, (), 0.0)
        yield {
            "id": article.get("id"),
            "topic": row.spec.name,
            "matched": row.id in matches,
            "score": found.score,
            "evidence": [asdict(piece) for piece in found.evidence],
        }


def _about(article: Mapping[str, Any]) -> About:
    """What a line says beside the text, under the names that documents use, or short ones."""
    authors = article.get("authors") or article.get("author") or ()
    sources = [article.get("source"), article.get("site_name"), host_of(article.get("url") or "")]
    return About(
        language=article.get("language") or article.get("lang"),
        source=tuple(str(one) for one in sources if one),
        authors=(authors,) if isinstance(authors, str) else tuple(map(str, authors)),
        section=article.get("section"),
    )


def _print_quality(topic: str, pairs: list[tuple[bool, bool]]) -> None:
    """Precision, recall and F1, on stderr: what is on stdout goes on to other programs."""
    right, wrong = pairs.count((True, True)), pairs.count((True, False))
    missed = pairs.count((False, True))
    precision = right / (right + wrong) if right + wrong else 0.0
    recall = right / (right + missed) if right + missed else 0.0
    f1 = 2 * right / (2 * right + wrong + missed) if right else 0.0
    told = f"{len(pairs)} articles, {right} right, {wrong} wrong, {missed} missed"
    typer.echo(
        f"{topic}: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f} ({told})", err=True
    )
