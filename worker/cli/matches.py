"""`wirewatch matches`: what was found, and what analysts say of it."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from worker import store
from worker.cli._output import AsJson, Limit, now, open_store, print_json, print_table
from worker.errors import NotFoundError, WirewatchError
from worker.second_opinion import ENOUGH, learn
from worker.store import Database

app = typer.Typer(help="What the topics found, and whether that was right.", no_args_is_help=True)

_SAYS = {"right": True, "wrong": False, "unsaid": None}


@app.command("list")
def list_matches(
    topic: Annotated[str | None, typer.Option(help="Only of this topic.")] = None,
    limit: Limit = 50,
    opinion: Annotated[
        bool, typer.Option(help="Add how likely each is right, as far as marks tell.")
    ] = False,
    at_least: Annotated[
        float | None, typer.Option(min=0, max=1, help="Only what is at least so likely.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the newest matches, with their score and what was said of them."""
    db = open_store()
    rows = db.read(lambda reading: store.list_matches(reading, topic, limit))
    if opinion or at_least is not None:
        rows = _with_opinion(db, rows, topic)
        rows = [row for row in rows if at_least is None or row["probability"] >= at_least]
    if as_json:
        print_json(rows)
        return
    said = {says: word for word, says in _SAYS.items()}
    print_table(
        "Matches",
        ("article", "topic", "score", "said", "likely", "title"),
        (
            (
                r["article_id"],
                r["topic"],
                r["score"],
                said[r["mark"]],
                r.get("probability"),
                r["title"],
            )
            for r in rows
        ),
        empty="No match.",
    )


def _with_opinion(
    db: Database, rows: Sequence[dict[str, Any]], topic: str | None
) -> list[dict[str, Any]]:
    """The rows with how likely each match is right; raises WirewatchError where nobody can tell."""
    if topic is None:
        raise WirewatchError("An opinion is on one topic. Add --topic NAME.")
    marked = db.read(lambda reading: store.marked_texts(reading, topic))
    learnt = learn(marked)
    if learnt is None:
        right = sum(mark for _, _, mark in marked)
        raise WirewatchError(
            f"{topic}: {right} matches are marked right and {len(marked) - right} wrong. Mark at "
            f"least {ENOUGH} of each; below that the rule knows better."
        )
    ids = [row["article_id"] for row in rows]
    texts = {one.id: one for one in db.read(lambda reading: store.texts_of(reading, ids))}
    return [
        row | {"probability": round(learnt.probability(article.title, article.text), 3)}
        for row in rows
        if (article := texts.get(row["article_id"]))
    ]


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
