"""`wirewatch alerts mute`, `unmute` and `mutes`: what nobody wants to hear of for a time."""

import re
from enum import StrEnum
from typing import Annotated

import typer

from worker import store
from worker.cli._output import AsJson, now, open_store, print_json, print_table, shown
from worker.errors import NotFoundError
from worker.records import MuteWhat
from worker.spans import read_span

_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)+")


class _What(StrEnum):
    STORY = "story"
    SOURCE = "source"
    TOPIC = "topic"


_WhatArgument = Annotated[_What, typer.Argument(help="story, source or topic.")]
_Which = Annotated[
    str, typer.Argument(help="The story's id, the source's domain, or the topic's name.")
]
_Channel = Annotated[
    str | None, typer.Option(help="For this channel alone; by default for all of them.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to `wirewatch alerts`."""
    app.command("mute")(mute)
    app.command("unmute")(unmute)
    app.command("mutes")(list_mutes)


def mute(
    what: _WhatArgument,
    which: _Which,
    span: Annotated[str, typer.Option("--for", help="For how long: 90m, 12h, 7d, 2w.")] = "7d",
    channel: _Channel = None,
) -> None:
    """Alert nobody of a story, a source or a topic for a time; what is owed is taken back, too."""
    found = read_span(span)
    if found is None:
        raise typer.BadParameter(
            "Write minutes, hours, days or weeks: 90m, 12h, 7d, 2w.", param_hint="--for"
        )
    kind, moment = _checked(what, which), now()
    taken_back = open_store().write(
        lambda db: store.add_mute(db, kind, which, moment + found, moment, channel=channel)
    )
    where = f" in {channel}" if channel else ""
    back = f" Taken back: {taken_back} alerts that were not delivered yet." if taken_back else ""
    typer.echo(f"The {kind} {which} is muted{where} until {shown(moment + found)}.{back}")


def unmute(what: _WhatArgument, which: _Which, channel: _Channel = None) -> None:
    """Alert again of what was muted."""
    kind = _checked(what, which)
    if not open_store().write(lambda db: store.remove_mute(db, kind, which, channel)):
        where = f" in {channel}" if channel else " for all channels"
        raise NotFoundError(
            f"The {kind} {which} is not muted{where}. `wirewatch alerts mutes` shows what is."
        )
    typer.echo(f"The {kind} {which} is muted no longer.")


def list_mutes(as_json: AsJson = False) -> None:
    """List what is muted, and until when."""
    moment = now()
    rows = open_store().read(lambda db: store.list_mutes(db, moment))
    if as_json:
        print_json(rows)
        return
    print_table(
        "Mutes, the first to end first",
        ("what", "which", "title", "channel", "until", "made", "by"),
        (
            (
                r["what"], r["which"], r["title"], r["channel"] or "all", r["until"], r["made_at"],
                r["made_by"],
            )
            for r in rows
        ),
        empty="Nothing is muted.",
    )  # fmt: skip


def _checked(what: _What, which: str) -> MuteWhat:
    if what is _What.STORY and not (which.isdecimal() and len(which) < 19):
        problem = "A story is named by its number; `wirewatch stories list` shows them."
        raise typer.BadParameter(problem, param_hint="which")
    if what is _What.SOURCE and not _DOMAIN.fullmatch(which):
        raise typer.BadParameter("Write a domain, such as example.org.", param_hint="which")
    return what.value
