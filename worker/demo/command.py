"""`wirewatch demo`: the whole demo, or its site or receiver alone, as containers run them."""

import os
from typing import Annotated

import typer

from worker.errors import SetupError

app = typer.Typer(help="Run wirewatch on invented news, with no network.", add_completion=False)

_SECRET = "WIREWATCH_DEMO_SECRET"

Items = Annotated[int, typer.Option(min=1, help="Items to publish before it ends.")]
Every = Annotated[float, typer.Option(min=0.01, help="Seconds between two items, on average.")]
Seed = Annotated[int, typer.Option(help="The same seed writes the same news.")]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")]


# Imports stand in the functions: no other command should pay for the demo's servers.
@app.callback(invoke_without_command=True)
def demo(
    context: typer.Context,
    items: Items = 30,
    every: Every = 1.5,
    forever: Annotated[bool, typer.Option("--forever", help="Run until Ctrl-C.")] = False,
    seed: Seed = 1,
) -> None:
    """Publish invented news, run the daemon on it, show its alerts, and sum up."""
    if context.invoked_subcommand is None:
        from worker.demo.play import play

        raise typer.Exit(play(items, every, forever, seed))


@app.command("site")
def site(
    host: Host = "127.0.0.1",
    port: Port = 8080,
    base_url: Annotated[
        str, typer.Option(help="How others reach the site; default http://HOST:PORT.")
    ] = "",
    every: Every = 1.5,
    items: Annotated[
        int | None, typer.Option(min=1, help="Items to publish; default: no end.")
    ] = None,
    seed: Seed = 1,
) -> None:
    """Serve the demo's outlets: /feeds.opml lists the feeds, /log.json what was published."""
    from worker.demo.site import serve

    serve(host, port, base_url or f"http://{host}:{port}", every, items, seed)


@app.command("receiver")
def receiver(host: Host = "127.0.0.1", port: Port = 8081) -> None:
    """Receive webhooks at /hook, verified with the secret in WIREWATCH_DEMO_SECRET."""
    from worker.demo.receiver import serve

    secret = os.environ.get(_SECRET, "")
    if not secret:
        raise SetupError(f"{_SECRET} is not set: whsec_ and 24 to 64 random bytes in base64.")
    serve(host, port, secret)
