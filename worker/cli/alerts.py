"""`wirewatch alerts`: what was owed, sent, and refused."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

import typer

from worker import messages, store
from worker.cli._output import AsJson, Limit, now, open_store, print_json, print_table, shown
from worker.cli._topics import read_days
from worker.cli.channels import print_schema
from worker.cli.mutes import register as register_mutes
from worker.errors import WirewatchError

app = typer.Typer(help="Alerts and their delivery.", no_args_is_help=True)
register_mutes(app)


@app.command("list")
def list_alerts(
    limit: Limit = 20,
    failed: Annotated[bool, typer.Option(help="Only those that were refused so far.")] = False,
    dead: Annotated[bool, typer.Option(help="Only those that were given up.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the newest alerts."""
    db = open_store()
    rows = db.read(lambda c: store.list_alerts(c, limit=limit, failed=failed, dead=dead))
    if as_json:
        print_json(rows)
        return
    print_table(
        "Alerts, newest first",
        ("id", "made", "topic", "channel", "article", "state", "tries", "last answer"),
        (
            (
                r["id"], r["created_at"], r["topic"], r["channel"], r["article"], r["state"],
                r["attempts"], " ".join(filter(None, (r["reason"], r["detail"]))) or "–",
            )
            for r in rows
        ),
        empty="No alert.",
    )  # fmt: skip


Since = Annotated[
    str | None, typer.Option(help="Only those made in this time until now, such as 2d or 12h.")
]
Topic = Annotated[str | None, typer.Option(help="Only those of this topic.")]
Channel = Annotated[str | None, typer.Option(help="Only those to this channel.")]


def _time_of(since: str | None) -> datetime | None:
    return None if since is None else now() - read_days(since)


@app.command("show")
def show(
    alert_id: Annotated[int, typer.Argument(help="Its id, as `alerts list` tells it.")],
    as_json: AsJson = False,
) -> None:
    """Show one alert, and every try to deliver it with what was answered."""
    found = open_store().read(lambda db: store.show_alert(db, alert_id))
    if as_json:
        print_json(found | {"body": json.loads(found["body"])})
        return
    for key in ("webhook_id", "kind", "occasion", "topic", "channel", "state", "created_at",
                "delivered_at", "due_at", "dead_at", "replay_of", "digest_id"):  # fmt: skip
        typer.echo(f"{key:>12}  {shown(found[key])}")
    typer.echo(found["body"])
    print_table(
        "Attempts",
        ("at", "status", "reason", "detail", "ms", "address", "answer"),
        (
            (
                one["at"], one["status"], one["reason"], one["detail"], one["duration_ms"],
                one["address"], one["answer"],
            )
            for one in found["attempts"]
        ),
        empty="It was not tried yet.",
    )  # fmt: skip


@app.command("retry")
def retry(
    alert_ids: Annotated[
        list[int] | None, typer.Argument(help="Alerts to send again; none: all that failed.")
    ] = None,
    dead: Annotated[bool, typer.Option("--dead", help="Only those that were given up.")] = False,
    since: Since = None,
) -> None:
    """Send undelivered alerts again now, under the ids they had."""
    made_since = _time_of(since)
    count = open_store().write(
        lambda db: store.retry_alerts(db, alert_ids or (), dead=dead, since=made_since)
    )
    typer.echo(f"{count} alerts are due again.")


@app.command("replay")
def replay(since: Since = None, topic: Topic = None, channel: Channel = None) -> None:
    """Send delivered alerts once more, under new ids and marked as replays."""
    if (since, topic, channel) == (None, None, None):
        raise WirewatchError(
            "alerts replay: say which: --since 2d, --topic NAME, --channel NAME, or several."
        )
    which = store.Which(_time_of(since), topic, channel)
    db, run, count = open_store(), uuid4().hex, 0
    after: int | None = 0
    while after is not None:
        done, after = db.write(_replaying(run, after, which))
        count += done
    typer.echo(f"{count} alerts are sent once more.")


_BATCH = 500


def _replaying(
    run: str, after: int, which: store.Which
) -> Callable[[store.Connection], tuple[int, int | None]]:
    return lambda db: store.replay_alerts(db, run, after, _BATCH, which, messages.replayed, now())


@app.command("export")
def export(
    after: Annotated[
        int, typer.Option(min=0, help="The last id that you have; 0: from the first alert on.")
    ] = 0,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many.")] = 1_000,
    topic: Topic = None,
    channel: Channel = None,
) -> None:
    """Print alerts, the oldest first, one JSON object a line: for receivers that were down.

    Go on with `--after` and the last line's `id`: no alert is ever passed over.
    """
    db, which = open_store(), store.Which(None, topic, channel)
    until = db.read(store.export_horizon)
    while limit > 0:
        rows = db.read(_exporting(after, until, min(limit, _BATCH), which))
        for row in rows:
            typer.echo(_line(row))
        if len(rows) < min(limit, _BATCH):
            return
        after, limit = rows[-1]["id"], limit - len(rows)


def _exporting(
    after: int, until: int, limit: int, which: store.Which
) -> Callable[[store.Connection], list[dict[str, Any]]]:
    return lambda db: store.export_alerts(db, after, until, limit, which)


def _line(row: dict[str, Any]) -> str:
    told = ("id", "webhook_id", "kind", "occasion", "topic", "channel", "state")
    times = {key: row[key] and row[key].isoformat() for key in ("created_at", "delivered_at")}
    line = {key: row[key] for key in told} | times | {"alert": json.loads(row["body"])}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


app.command("schema")(print_schema)
