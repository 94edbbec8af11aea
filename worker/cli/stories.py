"""`wirewatch stories`: which articles tell one story, and why."""

import json
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from worker import store
from worker.cli._differences import print_differences
from worker.cli._output import AsJson, Limit, now, open_store, print_json, print_table, shown
from worker.clustering import Score, cluster, read_articles, score
from worker.errors import ConflictError
from worker.revisions import differences

app = typer.Typer(help="Stories: one text, however often it is published.", no_args_is_help=True)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@app.command("list")
def list_stories(
    limit: Limit = 20,
    topic: Annotated[str | None, typer.Option(help="Only stories of this topic.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Only stories seen since: 90m, 6h, 2d, or 2026-05-01.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List stories, those that the most publishers tell first."""
    moment = _since(since) if since else None
    rows = open_store().read(
        lambda db: store.list_stories(db, limit=limit, topic=topic, since=moment)
    )
    if as_json:
        print_json(rows)
        return
    print_table(
        "Stories, by publishers",
        ("id", "publishers", "independent", "articles", "origin", "title", "last seen"),
        (
            (r["id"], r["publishers"], r["independent"], r["article_count"], r["origin"],
             r["title"], r["last_seen_at"])
            for r in rows
        ),
        empty="No story yet.",
    )  # fmt: skip


def _since(text: str) -> datetime:
    number, unit = text[:-1], text[-1:]
    try:
        if unit in _UNITS:
            return now() - timedelta(**{_UNITS[unit]: float(number)})
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise typer.BadParameter("Write 90m, 6h, 2d, 1w, or a date.") from None
    return found if found.tzinfo else found.astimezone()


@app.command("show")
def show(
    story: Annotated[int, typer.Argument(help="The story's id.")],
    as_json: AsJson = False,
) -> None:
    """Show a story's family: who tells it, why each is of it, and what each words otherwise."""
    found = open_store().read(lambda db: store.show_story(db, story))
    members = found["members"]
    first = members[0]
    for member in members:
        pairs = differences(first["text"] or "", member["text"] or "")
        member["differences"] = [] if member is first else list(pairs)
    if as_json:
        print_json(found)
        return
    typer.secho(f"Story {found['id']}: {found['title']}", bold=True)
    origin = f", all from {found['origin']}" if found["origin"] else ""
    typer.echo(
        f"{len(members)} articles of {len(found['publishers'])} publishers{origin}; "
        f"seen from {shown(found['first_seen_at'])} to {shown(found['last_seen_at'])}"
    )
    for member in members:
        _show_member(member, is_first=member is first)
    for quote in found["quotes"]:
        typer.echo(
            f"\nquotes or is quoted by article {quote['id']} of story {quote['story_id']} "
            f"({quote['share']:.0%}): {quote['title']}"
        )


def _show_member(member: dict[str, Any], *, is_first: bool) -> None:
    typer.echo(f"\n{member['id']}  {shown(member['published_at'])}  {member['publisher'] or '–'}")
    typer.secho(f"    {member['title']}", bold=True)
    typer.echo(f"    {member['link'] or member['url']}")
    typer.echo(f"    {'canonical; ' if is_first else ''}{_why(member)}")
    print_differences(member["differences"])


def _why(member: dict[str, Any]) -> str:
    """The reason why an article is in its story, as a sentence's part."""
    by_hand = " (put here by a person)" if member["pinned"] else ""
    if member["relation"] is None:
        return f"{member['joined_by'] or 'first'}{by_hand}"
    return (
        f"{member['joined_by']}: {member['relation']} of {member['joined_id']}, which has "
        f"{member['contained']:.0%} of it and is in it by {member['contains']:.0%}{by_hand}"
    )


@app.command("split")
def split(
    story: Annotated[int, typer.Argument(help="The story's id.")],
    articles: Annotated[list[int], typer.Argument(help="The articles that are another story.")],
) -> None:
    """Take articles out of a story into one of their own; it stays so."""
    new = open_store().write(lambda db: store.split_story(db, story, articles, now()))
    typer.echo(f"Story {new} has {len(set(articles))} articles of story {story}.")


@app.command("merge")
def merge(
    stories: Annotated[list[int], typer.Argument(help="The stories that are one.")],
) -> None:
    """Make one story of several; it stays so."""
    if len(set(stories)) < 2:
        raise ConflictError("It takes two stories to merge.")
    kept = open_store().write(lambda db: store.merge_by_hand(db, stories, now()))
    typer.echo(f"It is story {kept} now.")


@app.command("cluster")
def cluster_file(
    file: Annotated[Path, typer.Argument(help="Articles as JSON lines, packed or not.")],
    database: Annotated[
        str | None, typer.Option(help="Use this database, in place of one for the moment.")
    ] = None,
    truth: Annotated[
        str | None, typer.Option(help="The field that names an article's true story.")
    ] = None,
) -> None:
    """Put a file's articles into stories and print where each came, a JSON object a line.

    With a truth, a last line gives precision, recall and F1 over all pairs of articles.
    """
    articles = list(read_articles(file, truth))
    with tempfile.TemporaryDirectory(prefix="wirewatch-") as folder:
        db = store.Database(database or f"sqlite:///{folder}/stories.db", patience_s=5)
        store.upgrade(db)
        placed = cluster(db, articles, now())
        db.close()
    for one in placed:
        typer.echo(json.dumps(one._asdict(), ensure_ascii=False))
    if truth is not None:
        names = [(str(number), one) for number, one in enumerate(articles)]
        found: Score = score(
            {str(number): one.story for number, one in enumerate(placed)},
            {name: one.truth for name, one in names},
        )
        typer.echo(json.dumps({key: round(value, 4) for key, value in found._asdict().items()}))
