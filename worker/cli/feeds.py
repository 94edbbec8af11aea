"""`wirewatch feeds`: what is polled."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from worker import config_files, runtime, store
from worker.cli._output import AsJson, now, open_store, print_json, print_table, shown
from worker.errors import ConflictError, NotFoundError
from worker.fetch import FEED_TYPES, fetch
from worker.parse import parse_feed
from worker.records import Failed, FeedSpec, Fetch, Fetched, FetchRequest
from worker.settings import settings
from worker.urls import absolute_url

app = typer.Typer(help="The feeds that are watched.", no_args_is_help=True)
Url = Annotated[str, typer.Argument(help="The feed's URL.")]


@app.command("list")
def list_feeds(
    failing: Annotated[bool, typer.Option(help="Only feeds that fail or stopped.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the watched feeds and how each is doing."""
    rows = open_store().read(store.list_feeds)
    if failing:
        rows = [row for row in rows if row["failures"] or row["stopped"]]
    if as_json:
        print_json(rows)
        return
    print_table(
        "Feeds",
        ("id", "title", "url", "polls", "last poll", "last change", "state"),
        (
            (r["id"], r["title"], r["url"], r["polls"], r["polled_at"], r["changed_at"], _state(r))
            for r in rows
        ),
        empty="No feed. Put some into feeds.opml, or `wirewatch feeds add URL`.",
    )


def _state(row: dict[str, Any]) -> str:
    if row["stopped"]:
        return f"stopped: {row['reason']}"
    if row["failures"]:
        return f"{row['reason']} ({row['failures']} times): {row['detail']}"
    if row["reason"]:
        return f"{row['reason']}: {row['detail']}"
    told = [
        f"moving to {row['moved_to']}" if row["moved_to"] else "",
        f"{row['gaps']} gaps" if row["gaps"] else "",
        f"{row['false_304s']} false 304s" if row["false_304s"] else "",
    ]
    return ", ".join(("ok" if row["polls"] else "new", *filter(None, told)))


@app.command("show")
def show(url: Url, as_json: AsJson = False) -> None:
    """Show all that is known of one feed, under its address of today or a former one."""
    found = open_store().read(lambda db: store.find_feed(db, url))
    if found is None:
        raise NotFoundError(f"There is no feed {url}. `wirewatch feeds list` shows what there is.")
    if as_json:
        print_json(found)
        return
    hints = sorted(found["hints"].items())
    told = found | {
        "state": _state(found),
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
    "enabled", "state", "polls", "polled_at", "changed_at", "due_at", "hints", "gaps",
    "false_304s", "full_every", "troubles",
)  # fmt: skip


@app.command("add")
def add(url: Url, title: Annotated[str, typer.Option(help="A name of your own.")] = "") -> None:
    """Watch a feed from now on."""
    if absolute_url(url) is None:
        raise NotFoundError(f"{url!r} is no http(s) URL. Write one like https://example.org/feed")
    feed_id = open_store().write(lambda db: store.add_feed(db, FeedSpec(url, title), now()))
    typer.echo(f"Watching {url} (feed {feed_id}).")


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


@app.command("check")
def check(url: Url, as_json: AsJson = False) -> None:
    """Fetch and read a feed once, store nothing, and say what was seen; exit 1 if it is no feed."""
    if absolute_url(url) is None:
        raise NotFoundError(f"{url!r} is no http(s) URL. Write one like https://example.org/feed")
    got = asyncio.run(_get(url))
    found = _described(got)
    if as_json:
        print_json(found)
    else:
        for name, value in found.items():
            if name != "entries":
                typer.echo(f"{name:>14}  {value}")
        for entry in found.get("entries", [])[:10]:
            typer.echo(f"{'':>14}  {entry['published'] or 'no date':25}  {entry['title']}")
    if "reason" in found:
        raise typer.Exit(1)


async def _get(url: str) -> Fetch:
    knobs = settings()
    web = await runtime.open_web(knobs)
    try:
        return await fetch(web, FetchRequest(url, FEED_TYPES, knobs.max_feed_bytes))
    finally:
        await runtime.close_web(web)


def _described(got: Fetch) -> dict[str, Any]:
    if not isinstance(got, Fetched):
        assert isinstance(got, Failed)  # a 304 needs validators, and none were sent
        return {"reason": got.reason, "detail": got.detail, "status": got.status}
    seen: dict[str, Any] = {
        "status": got.status,
        "url": got.url,
        "content_type": got.content_type,
        "bytes": len(got.body),
        "etag": got.etag,
        "last_modified": got.last_modified,
    }
    parsed = parse_feed(got.body, url=got.url, content_type=got.content_type)
    if isinstance(parsed, Failed):
        return {"reason": parsed.reason, "detail": parsed.detail} | seen
    return seen | {
        "title": parsed.title,
        "site_url": parsed.site_url,
        "count": len(parsed.entries),
        "entries": [
            {
                "guid": e.guid,
                "link": e.link,
                "title": e.title,
                "published": e.published.isoformat() if e.published else None,
                "authors": list(e.authors),
            }
            for e in parsed.entries
        ],
    }
