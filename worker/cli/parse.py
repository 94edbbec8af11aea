"""`wirewatch parse`: what the daemon would make of a feed document, from a file."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from worker.cli._files import print_failure, print_found, read_file
from worker.parse import Reading, Told, hints, older, read, told_title
from worker.records import Failed
from worker.settings import settings
from worker.text import clean_line, sanitised, strip_html

_MAX_LINE = 100


def parse_files(
    files: Annotated[
        list[str], typer.Argument(help="Feeds as files (.xml, .json, .gz); - is the input.")
    ],
    url: Annotated[str, typer.Option(help="Where the feeds were found.")] = "",
    encoding: Annotated[str, typer.Option(help="Their encoding, if you know better.")] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: a document, or a line per file.")
    ] = False,
) -> None:
    """Print what feed documents hold; exit 1 if one of them cannot be read."""
    max_bytes = settings().max_feed_bytes
    several, failures = len(files) > 1, 0
    for name in files:
        body = read_file(name, max_bytes)
        found = body if isinstance(body, Failed) else read(body, url=url, encoding=encoding or None)
        if isinstance(found, Failed):
            failures += 1
            print_failure(name, found, as_json=as_json, several=several)
        elif as_json:
            print_found(name, described(found, url), several=several)
        else:
            _print_text(name, found)
    if failures:
        raise typer.Exit(1)


def described(reading: Reading, url: str) -> dict[str, Any]:
    """A document as JSON says it: feedparser's values, HTML made safe, times in UTC."""
    feed = reading.feed
    return {
        "feed": {
            "title": told_title(feed.title or "", feed.title_type),
            "link": feed.link,
            "language": feed.language,
            "form": reading.form,
            "hints": asdict(hints(reading.hints)),
            "older": older(reading, url),
            "tolerant": reading.tolerant,
            "notes": reading.notes,
        },
        "entries": [_described_entry(told) for told in reading.entries],
    }


def _described_entry(told: Told) -> dict[str, Any]:
    html = told.contents[0] if told.contents else ""
    content = sanitised(html)
    return {
        "id": told.id,
        "link": told.link,
        "title": None if told.title is None else told_title(told.title, told.title_type),
        "published": told.moment,
        "authors": told.authors,
        "summary": content if told.summary is html else sanitised(told.summary or ""),
        "content": content,
        "image": told.image,
    }


def _print_text(name: str, reading: Reading) -> None:
    feed = reading.feed
    title = _line(told_title(feed.title or "", feed.title_type))
    typer.echo(f"{name}: {title} ({reading.form or 'no form'}, {len(reading.entries)} entries)")
    for note in reading.notes:
        typer.echo(f"  note: {note}")
    for told in reading.entries:
        published = told.moment.strftime("%Y-%m-%d %H:%M:%S") if told.moment else "no date"
        typer.echo(f"  {published:19}  {_line(told.title or told.id or told.link or '')}")


def _line(text: str) -> str:
    return clean_line(strip_html(text), _MAX_LINE)
