"""The command `wirewatch`: every sub-command, and how a mistake is told."""

import sys

import typer

from worker import __version__
from worker.cli import (
    alerts,
    articles,
    channels,
    checks,
    config,
    daemon,
    explain,
    extract,
    feeds,
    matches,
    parse,
    schedule,
    serving,
    stories,
    topics,
)
from worker.cli._output import say_error
from worker.demo.command import app as demo_app
from worker.errors import ConfigError, QueryError, WirewatchError

app = typer.Typer(
    name="wirewatch",
    help="Watches news feeds and tells you, once per story, and with the reason.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(daemon.run)
app.command("worker")(daemon.worker)
app.command("beat")(daemon.beat)
app.command("web")(serving.web)
app.add_typer(demo_app, name="demo")
app.add_typer(config.db_app, name="db")
app.add_typer(config.app, name="config")
app.add_typer(feeds.app, name="feeds")
app.add_typer(schedule.app, name="schedule")
app.add_typer(articles.app, name="articles")
app.add_typer(stories.app, name="stories")
app.add_typer(topics.app, name="topics")
app.add_typer(matches.app, name="matches")
app.add_typer(alerts.app, name="alerts")
app.add_typer(channels.app, name="channels")
app.command("extract")(extract.extract_files)
app.command("parse")(parse.parse_files)
app.command("explain")(explain.explain)
app.command("status")(checks.status)
app.command("doctor")(checks.doctor)


@app.command("version")
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Run the command; a mistake that we foresaw is one line on stderr and exit code 1."""
    try:
        app()
    except (ConfigError, QueryError, WirewatchError) as error:
        say_error(error)
        sys.exit(1)


__all__ = ["app", "main"]
