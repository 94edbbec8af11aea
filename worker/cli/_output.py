"""How commands print: a table for people, one JSON document for programs."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from worker import runtime
from worker.errors import QueryError
from worker.settings import settings
from worker.store import Database

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON in place of a table.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="How many at the most.")]


def open_store() -> Database:
    """The store of this machine's settings, for one command: it does not wait long for it."""
    return Database(settings().database_url, patience_s=5)


def now() -> datetime:
    return runtime.clock()


def print_json(found: Any) -> None:
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str
) -> None:
    """A table, or the sentence `empty` where there are no rows."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(shown(cell).replace("[", r"\[") for cell in row))
    if table.row_count:
        Console().print(table)
    else:
        typer.echo(empty)


def shown(cell: Any) -> str:
    """A value as people read it: times in their own zone, a dash for what is not there."""
    if cell is None or cell == "":
        return "–"
    if isinstance(cell, datetime):
        return cell.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, list | tuple):
        return ", ".join(shown(part) for part in cell) or "–"
    return str(cell)


def say_error(error: Exception) -> None:
    """One line (or the query with a caret) on stderr."""
    picture = f"\n{error.picture()}" if isinstance(error, QueryError) else ""
    typer.secho(f"wirewatch: {error}{picture}", err=True, fg=typer.colors.RED)
