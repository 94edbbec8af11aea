"""`wirewatch channels`: where alerts go, a try of each, and new secrets for them."""

import asyncio
import json
import os
from importlib.resources import files
from typing import Annotated, Any
from uuid import uuid4

import typer

from worker import channels, runtime, store
from worker.cli._output import AsJson, now, open_store, print_json, print_table
from worker.config_files import rotation, write_rotation
from worker.errors import NotFoundError
from worker.formats import FORMATS
from worker.messages import as_json
from worker.records import Answer, ClaimedAlert
from worker.samples import KINDS, sample
from worker.settings import settings
from worker.signing import new_secret, new_signing_key, public_key

app = typer.Typer(help="Where alerts go.", no_args_is_help=True)


@app.command("list")
def list_channels(as_json: AsJson = False) -> None:
    """List the channels that are applied, with their kind, form and state."""
    rows = [_shown(row) for row in open_store().read(store.list_channels)]
    if as_json:
        print_json(rows)
        return
    print_table(
        "Channels",
        ("name", "kind", "format", "state", "detail"),
        ((r["name"], r["kind"], r["format"], r["state"], r["detail"]) for r in rows),
        empty="No channel is applied yet.",
    )


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    config = row["config"]
    form = config.get("template") or config.get("format", "standard")
    state = "stopped" if row["stopped"] else "resting" if row["paused_until"] else "open"
    return {
        "name": row["name"],
        "kind": row["kind"],
        "format": form if row["kind"] == "webhook" else None,
        "state": state if row["enabled"] else "removed",
        "detail": row["detail"],
        "paused_until": row["paused_until"],
    }


@app.command("open")
def open_channel(
    name: Annotated[str, typer.Argument(help="The channel's name in channels.yml.")],
) -> None:
    """Open a channel that was stopped, or rests; what it is owed goes out."""
    open_store().write(lambda db: store.open_channel(db, name, now()))
    typer.echo(f"{name} is open.")


@app.command("test")
def test_channel(
    name: Annotated[str, typer.Argument(help="The channel's name in channels.yml.")],
    form: Annotated[
        str, typer.Option("--format", help=f"Another format: {', '.join(FORMATS)}.")
    ] = "",
    kind: Annotated[
        str, typer.Option("--type", help=f"The message: {', '.join(KINDS)}.")
    ] = "alert.test",
    show: Annotated[bool, typer.Option("--show", help="Print it and send nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send one test message to a channel and show the answer; exit 1 if it was not taken."""
    _refuse_other("--format", form, ("", *FORMATS))
    _refuse_other("--type", kind, KINDS)
    claim = _claim(name, form, kind)
    if show:
        typer.echo(asyncio.run(_message(claim)))
        return
    answer = asyncio.run(_send(claim))
    if as_json:
        print_json({key: getattr(answer, key) for key in _ANSWER})
    elif answer.accepted:
        typer.echo(f"{name} took the test alert ({answer.status or 'done'}).")
    else:
        typer.echo(f"{name} did not take it: {answer.reason}. {answer.detail}", err=True)
    if not answer.accepted:
        raise typer.Exit(1)


_ANSWER = ("accepted", "status", "reason", "detail", "duration_ms", "answer", "address")


def _refuse_other(option: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        names = ", ".join(filter(None, known))
        raise NotFoundError(f"{option} {given!r} is not known; there are {names}.")


def _claim(name: str, form: str, kind: str) -> ClaimedAlert:
    row = open_store().read(lambda db: store.find_channel(db, name))
    if row is None or not row["enabled"]:
        raise NotFoundError(
            f"No channel {name!r} is applied yet. Add it to channels.yml while the daemon runs, "
            "or see what `wirewatch config check` says."
        )
    config = dict(row["config"])
    if form:
        config = {key: config[key] for key in config if key not in _TEMPLATE} | {"format": form}
    return ClaimedAlert(
        id=0,
        token=0,
        channel_id=row["id"],
        channel_name=name,
        kind=row["kind"],
        config=config,
        webhook_id=f"msg_test_{uuid4().hex}",
        body=as_json(sample(kind, now())),
        attempts=1,
    )


_TEMPLATE = ("template", "template_text", "content_type")


async def _send(claim: ClaimedAlert) -> Answer:
    means = await runtime.open_means(settings())
    try:
        return await channels.send(means, claim, now())
    finally:
        await means.close()


async def _message(claim: ClaimedAlert) -> str:
    """What a webhook would get; of other kinds, what they are told."""
    means = await runtime.open_means(settings())
    try:
        return (await channels.rendered(means, claim, now())).text
    except channels.UnsendableError as error:
        raise NotFoundError(f"Channel {claim.channel_name}: {error}") from None
    finally:
        await means.close()


@app.command("rotate")
def rotate(
    name: Annotated[str, typer.Argument(help="The channel's name in channels.yml.")],
    ed25519: Annotated[bool, typer.Option("--ed25519", help="A signing key (v1a).")] = False,
    write: Annotated[bool, typer.Option("--write", help="Change channels.yml as told.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a new secret for a webhook, and tell where it goes; the one before still holds."""
    path = settings().config_dir / "channels.yml"
    made = rotation(path, name, "signing_key" if ed25519 else "secret", os.environ)
    secret = new_signing_key() if ed25519 else new_secret()
    public = public_key(secret) if ed25519 else secret
    if write:
        write_rotation(path, made)
    if as_json:
        told = {"variable": made.variable, "secret": secret, "receiver": public}
        print_json(told | {"file": str(path), "line": made.line, "text": made.lines})
        return
    typer.echo("1. Set it where wirewatch is started, and start it again:")
    typer.echo(f'   {made.variable}="{secret}"')
    done = "has now" if write else "is to have"
    typer.echo(f"2. {path}:{made.line} {done}:\n   {made.lines}")
    typer.echo(f"3. Give the receiver of {name}:\n   {public}")
    if made.before:
        names = ", ".join(made.before)
        typer.echo(f"4. Once the receiver uses it, take {names} out of {path}.")


def print_schema() -> None:
    """Print the JSON Schema of what is sent."""
    schema = (files("worker") / "schemas" / "alert-1.json").read_text("utf-8")
    print_json(json.loads(schema))
