"""`wirewatch articles`: what was found."""

from itertools import pairwise
from typing import Annotated, Any

import typer

from worker import store
from worker.cli._differences import print_differences
from worker.cli._output import AsJson, Limit, open_store, print_json, print_table
from worker.revisions import differences

app = typer.Typer(help="The stored articles.", no_args_is_help=True)


@app.command("list")
def list_articles(
    limit: Limit = 20,
    topic: Annotated[str | None, typer.Option(help="Only articles of this topic.")] = None,
    feed: Annotated[str | None, typer.Option(help="Only articles seen in this feed (URL).")] = None,
    as_json: AsJson = False,
) -> None:
    """List the newest articles."""
    rows = open_store().read(
        lambda db: store.list_articles(db, limit=limit, topic=topic, feed=feed)
    )
    if as_json:
        print_json(rows)
        return
    print_table(
        "Articles, newest first",
        ("id", "published", "title", "topics", "story", "link"),
        (
            (
                r["id"],
                r["published_at"],
                r["title"],
                r["topics"],
                r["story_id"],
                r["link"] or r["url"],
            )
            for r in rows
        ),
        empty="No article yet.",
    )


@app.command("show")
def show(
    article: Annotated[str, typer.Argument(help="The article's id or URL.")],
    as_json: AsJson = False,
) -> None:
    """Show one article: its text, where it was seen, its story and what it matched."""
    found = open_store().read(lambda db: store.show_article(db, article))
    if as_json:
        print_json(found)
        return
    for name in (
        "id",
        "title",
        "link",
        "url",
        "published_at",
        "modified_at",
        "language",
        "section",
        "paywalled",
        "story_id",
        "joined_by",
        "reason",
        "detail",
    ):
        if found[name] not in (None, ""):
            typer.echo(f"{name:>14}  {found[name]}")
    for seen in found["sightings"]:
        typer.echo(f"{'seen in':>14}  {seen['feed']} at {seen['seen_at']:%Y-%m-%d %H:%M:%S}")
    for match in found["matches"]:
        terms = ", ".join(f"{e['text']} ({e['field']})" for e in match["evidence"])
        typer.echo(f"{'matches':>14}  {match['topic']}: {terms}")
    _show_revisions(found)
    typer.echo(f"\n{found['text'] or '(its page has not been read yet)'}")


def _show_revisions(found: dict[str, Any]) -> None:
    """What each version was replaced by, word by word."""
    versions = [*found["revisions"], found]
    for before, after in pairwise(versions):
        flags = f" ({', '.join(before['flags'])})" if before["flags"] else ""
        typer.echo(f"{'changed':>14}  at {before['replaced_at']:%Y-%m-%d %H:%M:%S}{flags}:")
        for part in ("title", "text"):
            print_differences(differences(before[part], after[part] or ""))
