"""`wirewatch alerts` and `wirewatch channels`: what was owed, sent, and refused."""

import asyncio
import json
import os
from typing import Annotated
from uuid import uuid4

import typer

from worker import channels, runtime, store
from worker.cli._output import AsJson, Limit, now, open_store, print_json, print_table
from worker.cli.mutes import register as register_mutes
from worker.errors import NotFoundError
from worker.records import Answer, ClaimedAlert
from worker.settings import settings

app = typer.Typer(help="Alerts and their delivery.", no_args_is_help=True)
register_mutes(app)
channels_app = typer.Typer(help="Where alerts go.", no_args_is_help=True)


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


@channels_app.command("test")
def test_channel(
    name: Annotated[str, typer.Argument(help="The channel's name in channels.yml.")],
    as_json: AsJson = False,
) -> None:
    """Send one test alert to a channel and show the answer; exit 1 if it was not taken."""
    row = open_store().read(lambda db: store.find_channel(db, name))
    if row is None or not row["enabled"]:
        raise NotFoundError(
            f"No channel {name!r} is applied yet. Add it to channels.yml while the daemon runs, "
            "or see what `wirewatch config check` says."
        )
    claim = ClaimedAlert(
        id=0,
        token=0,
        channel_id=row["id"],
        channel_name=name,
        kind=row["kind"],
        config=row["config"],
        webhook_id=f"msg_test_{uuid4().hex}",
        body=json.dumps(_TEST_BODY | {"timestamp": now().isoformat()}),
        attempts=1,
    )
    answer = asyncio.run(_send(claim))
    if as_json:
        print_json({key: getattr(answer, key) for key in _SHOWN})
    elif answer.accepted:
        typer.echo(f"{name} took the test alert ({answer.status or 'logged'}).")
    else:
        typer.echo(f"{name} did not take it: {answer.reason}. {answer.detail}", err=True)
    if not answer.accepted:
        raise typer.Exit(1)


_SHOWN = ("accepted", "status", "reason", "detail", "duration_ms")
_TEST_BODY = {
    "type": "alert.test",
    "topic": {"name": "test", "title": "Test"},
    "article": {"title": "A test of this channel", "url": "https://example.org/"},
    "match": {"evidence": []},
}


async def _send(claim: ClaimedAlert) -> Answer:
    knobs = settings()
    async with await runtime.delivering_session(knobs) as session:
        return await channels.send(session, claim, os.environ, now())
