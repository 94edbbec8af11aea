"""`wirewatch topics`: what is looked for."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from worker import config_files, store
from worker.cli._output import AsJson, open_store, print_json, print_table
from worker.errors import NotFoundError
from worker.records import TopicRow
from worker.settings import settings
from worker.topics import compile_topics

app = typer.Typer(help="The topics that alert.", no_args_is_help=True)


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


@app.command("test")
def test(
    file: Annotated[Path, typer.Argument(help="A text file; its first line is the headline.")],
    topic: Annotated[str | None, typer.Option(help="Only this topic.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run the topics of topics.yml over a text, without a database; exit 1 if none matches."""
    try:
        title, _, text = file.read_text("utf-8").strip().partition("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise NotFoundError(f"{file} cannot be read as UTF-8 text ({error}).") from None
    specs = config_files.load(settings().config_dir, os.environ).topics
    wanted = [spec for spec in specs if topic in (None, spec.name)]
    if not wanted:
        raise NotFoundError(f"No topic {topic!r}; there are {', '.join(s.name for s in specs)}.")
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
