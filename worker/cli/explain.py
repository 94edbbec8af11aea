"""`wirewatch explain`: one article's whole way, from the feed to the receiver."""

import shutil
import textwrap
from dataclasses import asdict
from typing import Annotated, Any

import typer

from worker import store
from worker.cli._output import AsJson, now, open_store, print_json
from worker.errors import NotFoundError
from worker.explain import steps, verdict, when
from worker.records import Step
from worker.store import Connection, Database
from worker.topics import why_not

_WIDTH = 80
_COLOURS = {"failed": typer.colors.RED, "waits": typer.colors.YELLOW}


def explain(
    url: Annotated[str, typer.Argument(help="The article's address in any form, or its id.")],
    topic: Annotated[
        str | None, typer.Option(help="Tell why it does not match this topic.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell an article's whole way: where it was seen, read, and put, and whom it was told to."""
    db = open_store()
    found = db.read(lambda c: store.find_article(c, url))
    if found is None:
        _nothing(db, url, as_json=as_json)
        raise typer.Exit(1)
    article_id, by = found
    way = db.read(lambda c: store.way_of(c, article_id, by))
    told = steps(way, now())
    reasons = _why_not(db, article_id, topic) if topic else None
    if as_json:
        found_json: dict[str, Any] = asdict(way) | {
            "steps": [asdict(step) for step in told],
            "verdict": verdict(told),
        }
        if topic:
            found_json["why_not"] = {"topic": topic, "lines": reasons}
        print_json(found_json)
        return
    article = way.article
    typer.secho(f"Article {article_id}: {article['title'] or '(no headline)'}", bold=True)
    _say(article["link"] or article["url"], "  ")
    if by != "its identity":
        _say(f"found by {by}; its identity is {article['url']}", "  ")
    for step in told:
        _show(step)
    if topic:
        lines = reasons or [f"it does match {topic}"]
        _show(Step(f"{topic}?", "done", tuple(lines)))
    typer.echo("")
    _say(verdict(told), "")


def _show(step: Step) -> None:
    mark = "" if step.state == "done" else f" ({step.state})"
    typer.secho(f"\n{step.name}{mark}", bold=True, fg=_COLOURS.get(step.state))
    for line in step.lines:
        deeper = line[: len(line) - len(line.lstrip())]
        _say(line.strip(), f"  {deeper}")


def _say(line: str, indent: str) -> None:
    """A line as wide as people read; addresses stay whole, so that they can be copied."""
    width = max(40, min(_WIDTH, shutil.get_terminal_size().columns))
    wrapped = textwrap.wrap(
        line,
        width,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    typer.echo("\n".join(wrapped))


def _why_not(db: Database, article_id: int, name: str) -> list[str]:
    """Why an article does not match a topic at work; nothing: it does."""

    def read(c: Connection) -> list[str]:
        topics = {row.spec.name: row for row in store.enabled_topics(c)}
        if name not in topics:
            there = ", ".join(sorted(topics)) or "none"
            raise NotFoundError(f"There is no topic {name!r} at work; there are {there}.")
        (text,) = store.texts_of(c, [article_id])
        return why_not(topics[name].spec.query, text.title, text.text, text.about)

    return db.read(read)


def _nothing(db: Database, url: str, *, as_json: bool) -> None:
    """Say that an article is not there, and what may have been meant."""
    near = db.read(lambda c: store.near_articles(c, url))
    feeds = db.read(lambda c: store.feeds_of_site(c, url))
    if as_json:
        print_json({"found": False, "near": near, "feeds": feeds})
        return
    typer.secho("No feed that is watched has shown this article.", fg=typer.colors.RED)
    if feeds:
        typer.echo("\nFeeds of its site that are watched:")
        for feed in feeds:
            polled = f"polled at {when(feed['polled_at'])}" if feed["polled_at"] else "not polled"
            fails = f", {feed['reason']}" if feed["reason"] else ""
            _say(f"{feed['url']} ({polled}{fails})", "  ")
    else:
        _say("No feed of its site is watched: `wirewatch feeds check URL` looks for one.", "")
    if near:
        typer.echo("\nThe newest articles of its host:")
        for one in near:
            _say(f"{one['link'] or one['url']}", "  ")
            _say(one["title"], "    ")
