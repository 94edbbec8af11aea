"""`wirewatch matches`: what was found, and what analysts say of it."""

from typing import Annotated

import typer

from worker import store
from worker.cli._output import AsJson, Limit, now, open_store, print_json, print_table
from worker.errors import NotFoundError, WirewatchError

app = typer.Typer(help="What the topics found, and whether that was right.", no_args_is_help=True)

_SAYS = {"right": True, "wrong": False, "unsaid": None}


@app.command("list")
def list_matches(
    topic: Annotated[str | None, typer.Option(help="Only of this topic.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List the newest matches, with their score and what was said of them."""
    rows = open_store().read(lambda db: store.list_matches(db, topic, limit))
    if as_json:
        print_json(rows)
        return
    said = {says: word for word, says in _SAYS.items()}
    print_table(
        "Matches",
        ("article", "topic", "score", "said", "title"),
        ((r["article_id"], r["topic"], r["score"], said[r["mark"]], r["title"]) for r in rows),
        empty="No match.",
    )


@app.command("mark")
def mark(
    article: Annotated[int, typer.Argument(help="The article's id.")],
    topic: Annotated[str, typer.Argument(help="The topic's name.")],
    says: Annotated[str, typer.Argument(help="right, wrong, or unsaid to take it back.")],
) -> None:
    """Say that a match is right or wrong."""
    if says not in _SAYS:
        raise WirewatchError(f"{says!r} says nothing. Write right, wrong or unsaid.")
    db, at = open_store(), now()
    if not db.write(lambda writing: store.mark_match(writing, article, topic, _SAYS[says], at)):
        raise NotFoundError(f"Article {article} does not match a topic {topic!r}.")
    typer.echo(f"Article {article} for {topic}: {says}.")
