"""`wirewatch extract`: what the daemon would make of a page, from a file."""

import gzip
import json
import logging
import sys
import zlib
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

import typer

from worker.cli._output import print_json
from worker.errors import Reason
from worker.records import Document, Failed
from worker.settings import settings

_FIELDS = (
    "title",
    "text",
    "authors",
    "published",
    "modified",
    "language",
    "image",
    "site_name",
    "section",
    "paywalled",
    "canonical",
)
_GZIP = b"\x1f\x8b"
# The libraries remember what they have seen: often enough to be quick, not long enough to grow.
_RESET_AFTER = 1_000


def extract_files(
    files: Annotated[
        list[str], typer.Argument(help="Pages as files (.html, .html.gz); - is the input.")
    ],
    url: Annotated[str, typer.Option(help="Where the pages were found.")] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: a document, or a line per file.")
    ] = False,
) -> None:
    """Print headline, text and metadata of article pages; exit 1 if one of them gives none."""
    # Its libraries take a second and 60 MB, which no other command should pay for.
    from worker.extract import extract, reset_caches

    # The library warns of pages that it cannot read; here each is told of, with a reason.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    max_bytes = settings().max_page_bytes
    failures = 0
    for number, name in enumerate(files, 1):
        body = _read(name, max_bytes)
        page = body if isinstance(body, Failed) else extract(body, url=url)
        if isinstance(page, Failed):
            failures += 1
            _print_failure(name, page, as_json=as_json, several=len(files) > 1)
        else:
            _print_document(name, page.document, as_json=as_json, several=len(files) > 1)
        if number % _RESET_AFTER == 0:
            reset_caches()
    if failures:
        raise typer.Exit(1)


def _read(name: str, max_bytes: int) -> bytes | Failed:
    """A file's page, unpacked where it is packed, and refused past the daemon's own limit."""
    try:
        if name == "-":
            body = sys.stdin.buffer.read(max_bytes + 1)
        else:
            with Path(name).open("rb") as file:
                body = file.read(max_bytes + 1)
    except FileNotFoundError:
        return Failed(Reason.NOT_FOUND, "There is no such file.")
    except OSError as error:
        return Failed(Reason.ACCESS_DENIED, f"The file cannot be read: {error.strerror or error}.")
    if body.startswith(_GZIP):
        try:
            body = _unpacked(body, max_bytes)
        except (EOFError, OSError, zlib.error) as error:
            return Failed(Reason.BAD_COMPRESSION, f"The file is no whole gzip archive: {error}.")
    if len(body) > max_bytes:
        return Failed(Reason.TOO_LARGE, f"The page has more than {max_bytes:,} bytes.")
    return body


def _unpacked(body: bytes, max_bytes: int) -> bytes:
    with gzip.open(BytesIO(body)) as packed:
        return packed.read(max_bytes + 1)


def _print_document(name: str, document: Document, *, as_json: bool, several: bool) -> None:
    found = {field: getattr(document, field) for field in _FIELDS}
    if as_json:
        _print_found(name, found, several=several)
        return
    if several:
        typer.secho(name, bold=True)
    for field in _FIELDS:
        if field not in ("title", "text") and found[field] not in (None, ()):
            typer.echo(f"{field + ':':12}{_shown(found[field])}")
    typer.echo(f"\n{document.title}\n\n{document.text}\n")


def _print_failure(name: str, failed: Failed, *, as_json: bool, several: bool) -> None:
    if as_json:
        error = {"reason": failed.reason, "detail": failed.detail}
        _print_found(name, {"error": error}, several=several)
    typer.secho(
        f"wirewatch: {name}: {failed.reason}: {failed.detail}", err=True, fg=typer.colors.RED
    )


def _print_found(name: str, found: dict[str, Any], *, several: bool) -> None:
    if several:
        line = {"file": name} | found
        typer.echo(json.dumps(line, ensure_ascii=False, default=lambda value: value.isoformat()))
    else:
        print_json(found)


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return value.isoformat(" ") if hasattr(value, "isoformat") else str(value)
