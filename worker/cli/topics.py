"""`wirewatch topics`: what is looked for."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from worker import config_files, store
from worker.cli import backtesting, tagging, topic_feeds
from worker.cli._output import AsJson, open_store, print_json, print_table, say_error
from worker.cli._topics import TopicsFile, topics_path, wanted_topics
from worker.errors import NotFoundError
from worker.records import TopicRow
from worker.topics import compile_topics, explain

app = typer.Typer(help="The topics that alert.", no_args_is_help=True)
app.command("feed")(topic_feeds.feed)
app.command("tag")(tagging.tag)
app.command("test")(backtesting.test)


@app.command("list")
def list_topics(as_json: AsJson = False) -> None:
    """List the topics and how many articles each has matched."""
    rows = open_store().read(store.list_topics)
    if as_json:
        print_json(rows)
        return
    print_table(
        "Topics",
        ("name", "title", "matches", "query"),
        ((r["name"], r["title"], r["matches"], _short(r["query"])) for r in rows),
        empty="No topic. Write some into topics.yml.",
    )


def _short(query: str) -> str:
    line = " ".join(query.split())
    return line if len(line) <= 100 else line[:99] + "…"


@app.command("check")
def check(
    file: Annotated[Path | None, typer.Argument(help="A file of topics.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check a file of topics; exit 1 and every mistake if one is wrong."""
    path = file or topics_path(None)
    mistakes = config_files.check_topics(path, os.environ)
    if as_json:
        keys = ("file", "line", "key", "problem", "remedy")
        print_json([{key: getattr(m, key) for key in keys} for m in mistakes])
    for mistake in () if as_json else mistakes:
        say_error(mistake)
    if mistakes:
        raise typer.Exit(1)
    if not as_json:
        typer.echo(f"{path}: {len(config_files.load_topics(path))} topics: all is well.")


@app.command("explain")
def explain_topics(
    topic: Annotated[str | None, typer.Argument(help="A topic's name; all, if none.")] = None,
    query: Annotated[str | None, typer.Option(help="A query to explain instead.")] = None,
    file: TopicsFile = None,
) -> None:
    """Tell how topics were read: what must hold, what gives points, how words are folded."""
    if query is not None:
        typer.echo("\n".join(explain(query.strip())))
        return
    for spec in wanted_topics(file, topic):
        typer.secho(f"{spec.name}: {spec.title}", bold=True)
        typer.echo("\n".join(explain(spec.query)) + "\n")


@app.command("try")
def try_topics(
    file: Annotated[Path, typer.Argument(help="A text file; its first line is the headline.")],
    topic: Annotated[str | None, typer.Option(help="Only this topic.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run the topics of topics.yml over a text, without a database; exit 1 if none matches."""
    try:
        title, _, text = file.read_text("utf-8").strip().partition("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise NotFoundError(f"{file} cannot be read as UTF-8 text ({error}).") from None
    wanted = wanted_topics(None, topic)
    rows = [TopicRow(number, spec, ()) for number, spec in enumerate(wanted)]
    matches = {m.topic_id: m for m in compile_topics(rows).match(title, text)}
    found: list[dict[str, Any]] = [
        {
            "topic": row.spec.name,
            "matched": row.id in matches,
            "evidence": [
                {"text": e.text, "term": e.term, "field": e.field, "start": e.start, "end": e.end}
                for e in (matches[row.id].evidence if row.id in matches else ())
            ],
        }
        for row in rows
    ]
    if as_json:
        print_json(found)
    else:
        for one in found:
            because = ", ".join(f"{e['text']} ({e['field']})" for e in one["evidence"])
            typer.echo(f"{one['topic']}: {'matches: ' + because if one['matched'] else 'no match'}")
    if not matches:
        raise typer.Exit(1)
