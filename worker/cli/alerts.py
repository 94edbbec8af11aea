"""`wirewatch alerts`: what was owed, sent, and refused."""

from typing import Annotated

import typer

from worker import store
from worker.cli._output import AsJson, Limit, open_store, print_json, print_table
from worker.cli.channels import print_schema

app = typer.Typer(help="Alerts and their delivery.", no_args_is_help=True)


@app.command("list")
def list_alerts(
    limit: Limit = 20,
    failed: Annotated[bool, typer.Option(help="Only those that were refused so far.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the newest alerts."""
    rows = open_store().read(lambda db: store.list_alerts(db, limit=limit, failed=failed))
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


@app.command("retry")
def retry(
    alert_ids: Annotated[
        list[int] | None, typer.Argument(help="Alerts to send again; none: all that failed.")
    ] = None,
) -> None:
    """Send undelivered alerts again now, under the ids they had."""
    count = open_store().write(lambda db: store.retry_alerts(db, alert_ids or ()))
    typer.echo(f"{count} alerts are due again.")


app.command("schema")(print_schema)
