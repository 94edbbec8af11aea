"""`wirewatch feeds`: what is polled."""

from pathlib import Path
from typing import Annotated, Any

import typer

from worker import config_files, store
from worker.cli._output import AsJson, now, open_store, print_json, print_table, shown
from worker.cli._push import told_of
from worker.cli.feed_check import check, configured_options, inspect, require_url
from worker.errors import ConflictError, NotFoundError
from worker.feed_options import FeedOptions
from worker.records import FeedSpec, ParsedFeed
from worker.settings import settings

app = typer.Typer(help="The feeds that are watched.", no_args_is_help=True)
Url = Annotated[str, typer.Argument(help="The feed's URL.")]
Which = Annotated[str, typer.Argument(help="The feed's URL, or its number in `feeds list`.")]


@app.command("list")
def list_feeds(
    failing: Annotated[bool, typer.Option(help="Only feeds that fail or stopped.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the watched feeds and how each is doing."""
    db = open_store()
    rows, pushes = db.read(store.list_feeds), db.read(store.list_pushes)
    rows = [row | {"push": pushes.get(row["id"])} for row in rows]
    if failing:
        rows = [row for row in rows if row["failures"] or row["stopped"]]
    if as_json:
        print_json(rows)
        return
    print_table(
        "Feeds",
        (
            "id",
            "title",
            "url",
            "polls",
            "last poll",
            "last change",
            "every",
            "seen after",
            "held back",
            "gaps",
            "push",
            "state",
        ),
        (
            (
                r["id"],
                r["title"],
                r["url"],
                r["polls"],
                r["polled_at"],
                r["changed_at"],
                _minutes(r["poll_gap_s"]),
                _minutes(r["seen_after_s"] or None),
                _minutes(r["held_back_s"] or None),
                r["gaps"],
                told_of(r["push"], now(), settings().pushes),
                _state(r),
            )
            for r in rows
        ),
        empty="No feed. Put some into feeds.opml, or `wirewatch feeds add URL`.",
    )


def _minutes(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds / 60:.1f} min"


def _state(row: dict[str, Any]) -> str:
    if row["stopped"]:
        return f"stopped: {row['reason']}"
    if row["failures"]:
        return f"{row['reason']} ({row['failures']} times): {row['detail']}"
    if row["reason"]:
        return f"{row['reason']}: {row['detail']}"
    told = [
        f"moving to {row['moved_to']}" if row["moved_to"] else "",
        f"{row['false_304s']} false 304s" if row["false_304s"] else "",
    ]
    return ", ".join(("ok" if row["polls"] else "new", *filter(None, told)))


@app.command("show")
def show(url: Which, as_json: AsJson = False) -> None:
    """Show all that is known of one feed, under its address of today or a former one."""
    db = open_store()
    found = db.read(lambda c: store.find_feed(c, url))
    if found is None:
        raise NotFoundError(f"There is no feed {url}. `wirewatch feeds list` shows what there is.")
    found["push"] = db.read(store.list_pushes).get(found["id"])
    if as_json:
        print_json(found)
        return
    hints = sorted(found["hints"].items())
    told = found | {
        "state": _state(found),
        "push": told_of(found["push"], now(), settings().pushes),
        "hints": "; ".join(f"{name} {shown(value)}" for name, value in hints if value),
        "former_urls": ", ".join(one["url"] for one in found["former_urls"]),
        "troubles": "; ".join(
            f"{one['reason']} {one['count']} times, last {shown(one['last_at'])}"
            for one in found["troubles"]
        ),
    }
    for name in _SHOWN:
        typer.echo(f"{name.replace('_', ' '):>14}  {shown(told[name])}")


_SHOWN = (
    "id", "url", "former_urls", "moved_to", "title", "site_url", "category", "language", "source",
    "enabled", "state", "push", "polls", "polled_at", "changed_at", "due_at", "hints", "gaps",
    "false_304s", "full_every", "troubles",
)  # fmt: skip


@app.command("add")
def add(
    url: Annotated[str, typer.Argument(help="A feed's URL, or a site's whose feed is meant.")],
    title: Annotated[str, typer.Option(help="A name of your own.")] = "",
    look: Annotated[
        bool, typer.Option(help="Look at the URL first; --no-look takes it unseen.")
    ] = True,
) -> None:
    """Watch a feed from now on. Of a site that has one feed, that one; of several, they are listed.

    A URL that cannot be read now is watched all the same if --no-look is given.
    """
    require_url(url)
    options = configured_options(url)
    if look:
        url, found_title = _feed_at(url, options)
        typer.echo(f"It is a feed: {found_title or url}")
        options = configured_options(url)
    feed_id = open_store().write(
        lambda db: store.add_feed(db, FeedSpec(url, title), now(), options)
    )
    typer.echo(f"Watching {url} (feed {feed_id}).")


def _feed_at(url: str, options: FeedOptions) -> tuple[str, str]:
    """The URL and title of the feed at `url`, or of the only one that its page leads to."""
    seen = inspect(url, options)
    if seen.failed is not None and len(seen.links) == 1:
        url = seen.links[0].url
        seen = inspect(url, configured_options(url))
    if isinstance(seen.feed, ParsedFeed):
        return url, seen.feed.title
    if len(seen.links) > 1:
        listed = "\n".join(f"  {link.url}  {link.title}" for link in seen.links)
        raise NotFoundError(f"{url} is a page that leads to several feeds. Add one:\n{listed}")
    assert seen.failed is not None
    raise NotFoundError(
        f"{url}: {seen.failed.reason}. {seen.failed.detail} `wirewatch feeds check {url}` shows "
        "what was seen; --no-look watches it all the same."
    )


@app.command("remove")
def remove(url: Url) -> None:
    """Stop watching a feed that was added by command; its articles stay."""
    open_store().write(lambda db: store.remove_feed(db, url))
    typer.echo(f"{url} is no longer watched. Its articles are kept.")


@app.command("import")
def import_opml(file: Annotated[Path, typer.Argument(help="An OPML file.")]) -> None:
    """Watch every feed of an OPML file that is not watched yet."""
    try:
        specs = config_files.read_opml(file.read_bytes(), str(file))
    except OSError as error:
        raise NotFoundError(f"{file}: {error.strerror}.") from None
    db, added = open_store(), 0
    for spec in specs:
        try:
            db.write(lambda c, s=spec: store.add_feed(c, s, now()))  # type: ignore[misc]
            added += 1
        except ConflictError:
            continue
    typer.echo(f"{added} feeds added, {len(specs) - added} were watched already.")


@app.command("export")
def export_opml() -> None:
    """Print the watched feeds as OPML."""
    rows = open_store().read(store.list_feeds)
    specs = [FeedSpec(r["url"], r["title"], r["site_url"], r["category"]) for r in rows]
    typer.echo(config_files.write_opml(specs), nl=False)


app.command("check")(check)
