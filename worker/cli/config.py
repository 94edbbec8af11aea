"""`wirewatch config` and `wirewatch db`."""

import os

import typer

from worker import config_files, store
from worker.cli._output import AsJson, open_store, print_json, say_error
from worker.settings import settings
from worker.settings_reference import settings_reference

app = typer.Typer(help="The configuration files.", no_args_is_help=True)
db_app = typer.Typer(help="The database.", no_args_is_help=True)


@app.command("check")
def check(as_json: AsJson = False) -> None:
    """Check the configuration files; exit 1 and every mistake if one is wrong."""
    folder = settings().config_dir
    mistakes = config_files.check(folder, os.environ)
    if as_json:
        keys = ("file", "line", "key", "problem", "remedy")
        print_json([{key: getattr(m, key) for key in keys} for m in mistakes])
    else:
        for mistake in mistakes:
            say_error(mistake)
    if mistakes:
        raise typer.Exit(1)
    if not as_json:
        found = config_files.load(folder, os.environ)
        typer.echo(
            f"{folder}: {len(found.feeds)} feeds, {len(found.topics)} topics, "
            f"{len(found.channels)} channels, options for {len(found.options)} feeds or sites: "
            "all is well."
        )


@app.command("reference")
def reference() -> None:
    """Print every setting with its default, as Markdown."""
    typer.echo(settings_reference(), nl=False)


@db_app.command("upgrade")
def upgrade(as_json: AsJson = False) -> None:
    """Bring the database to this version's tables; safe to run again, and from several hosts."""
    db = open_store()
    before, after = store.upgrade(db)
    if as_json:
        print_json({"database": db.url, "before": before, "after": after})
    else:
        done = "is up to date" if before == after else f"went from {before or 'nothing'} to {after}"
        typer.echo(f"{db.url} {done}.")
