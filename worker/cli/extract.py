"""`wirewatch extract`: what the daemon would make of a page, from a file."""

import logging
from typing import Annotated, Any

import typer

from worker.cli._files import print_failure, print_found, read_file
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
        body = read_file(name, max_bytes)
        page = body if isinstance(body, Failed) else extract(body, url=url)
        if isinstance(page, Failed):
            failures += 1
            print_failure(name, page, as_json=as_json, several=len(files) > 1)
        else:
            _print_document(name, page.document, as_json=as_json, several=len(files) > 1)
        if number % _RESET_AFTER == 0:
            reset_caches()
    if failures:
        raise typer.Exit(1)


def _print_document(name: str, document: Document, *, as_json: bool, several: bool) -> None:
    found = {field: getattr(document, field) for field in _FIELDS}
    if as_json:
        print_found(name, found, several=several)
        return
    if several:
        typer.secho(name, bold=True)
    for field in _FIELDS:
        if field not in ("title", "text") and found[field] not in (None, ()):
            typer.echo(f"{field + ':':12}{_shown(found[field])}")
    typer.echo(f"\n{document.title}\n\n{document.text}\n")


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return value.isoformat(" ") if hasattr(value, "isoformat") else str(value)
