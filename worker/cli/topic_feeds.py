"""`wirewatch topics feed`: a topic written as a feed that any reader can follow."""

import os
from pathlib import Path
from typing import Annotated

import typer

from worker import store
from worker.cli._output import open_store
from worker.errors import SetupError, WirewatchError
from worker.settings import settings
from worker.topic_feeds import FORMS, place_of


def feed(
    topic: Annotated[str, typer.Argument(help="The topic's name or id.")],
    form: Annotated[str, typer.Option("--format", help="atom, rss or json.")] = "atom",
    out: Annotated[
        Path | None, typer.Option(help="Write to this file, whole or not at all.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1_000)] = 50,
    address: Annotated[
        bool, typer.Option("--address", help="Say where the feed can be had, in place of it.")
    ] = False,
) -> None:
    """Write a topic as a feed, an entry for each story, the newest first."""
    if form not in FORMS:
        raise WirewatchError(f"{form!r} is no form of a feed. Write {', '.join(FORMS)}.")
    found = open_store().read(lambda db: store.topic_feed(db, topic, limit))
    if address:
        typer.echo(_address(found.name, form))
        return
    body = FORMS[form][0](found, None)
    if out is None:
        typer.echo(body.decode())
        return
    _write(out, body)
    typer.echo(f"{out}: {len(found.stories)} stories of {found.name}.")


def _address(name: str, form: str) -> str:
    secret, base = settings().feed_key.get_secret_value(), settings().public_url
    if not secret or not base:
        raise SetupError(
            "Topics are served as feeds where WIREWATCH_FEED_KEY and WIREWATCH_PUBLIC_URL are set."
        )
    return f"{base.rstrip('/')}{place_of(secret, name, form)}"


def _write(out: Path, body: bytes) -> None:
    """A reader, or a web server, that looks meanwhile finds the old file or the new one."""
    aside = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        aside.write_bytes(body)
        aside.replace(out)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise WirewatchError(f"{out} cannot be written ({error.strerror}).") from None
