"""`wirewatch status` and `wirewatch doctor`: how it is going, and what to do where it is not."""

import os
import shutil
import socket
import tempfile
from collections.abc import Callable
from dataclasses import asdict

import typer
from kombu import Connection
from kombu.exceptions import OperationalError

from worker import config_files, configure, runtime, store
from worker.cli._output import AsJson, now, open_store, print_json, print_table, shown
from worker.cli._push import counted, off_because
from worker.errors import WirewatchError
from worker.records import StandingMatter
from worker.settings import Settings, settings
from worker.urls import host_of

_LATE_S, _SKEW_S, _LOW_DISK = 60, 5, 0.05
# What the language model takes when it is unpacked.
_MODEL_MIB = 80


def status(as_json: AsJson = False) -> None:
    """Show what is stored, what is due and what is late."""
    db = open_store()
    seen, notices = db.read(store.overview), db.read(store.notices)
    pushed = db.read(lambda c: store.count_pushes(c, now()))
    if as_json:
        listed = {name: asdict(one) for name, one in notices.items()}
        print_json(asdict(seen) | {"notices": listed, "push": pushed})
        return
    print_table(
        "Store",
        ("feeds", "failing", "stopped", "polls", "articles", "stories", "matches", "alerts sent"),
        [
            (
                seen.feeds, seen.feeds_failing, seen.feeds_stopped, seen.polls, seen.articles,
                seen.stories, seen.matches, f"{seen.delivered} of {seen.alerts}",
            )
        ],
        empty="",
    )  # fmt: skip
    typer.echo(counted(pushed, settings()))
    for matter in sorted(notices.values(), key=lambda one: one.since):
        _show_matter(matter)
    if seen.feeds_offline:
        told = f"Our own network seems to be down: {seen.feeds_offline} feeds wait for it."
        typer.secho(told, fg=typer.colors.RED)
    _show_troubles(seen)
    print_table(
        "Queues",
        ("stage", "due", "in work", "oldest has waited"),
        ((name, q.due, q.leased, f"{q.oldest_wait_s:.1f} s") for name, q in seen.queues.items()),
        empty="",
    )


def _show_troubles(seen: store.Overview) -> None:
    for count, told in (
        (seen.channels_stopped, "channels are stopped: mend them, then `wirewatch channels open`."),
        (seen.channels_resting, "channels fail and are left alone for a while."),
        (seen.dead, "alerts were given up: `wirewatch alerts list --dead`."),
    ):
        if count:
            typer.secho(f"{count} {told}", fg=typer.colors.RED)


def _show_matter(matter: StandingMatter) -> None:
    since = shown(matter.since)
    if matter.name == configure.REFUSED:
        told = f"The files were refused at {since}; the last good ones stay at work: {matter.text}"
        typer.secho(told, fg=typer.colors.RED)
        return
    typer.secho(f"{matter.title} (since {since}).", fg=typer.colors.RED)
    typer.echo(f"  {matter.text}")
    if matter.remedy:
        typer.echo(f"  {matter.remedy}")


def doctor(as_json: AsJson = False) -> None:
    """Check database, broker, clock, DNS, disk and configuration; exit 1 if something is wrong."""
    knobs = settings()
    found = [_examined(name, check, knobs) for name, check in _CHECKS.items()]
    if as_json:
        keys = ("check", "ok", "found")
        print_json([dict(zip(keys, row, strict=True)) for row in found])
    else:
        for name, ok, told in found:
            typer.secho(f"{'ok  ' if ok else 'BAD '} {name:<14} {told}", fg=None if ok else "red")
    if not all(ok for _, ok, _ in found):
        raise typer.Exit(1)


def _examined(
    name: str, check: Callable[[Settings], str], knobs: Settings
) -> tuple[str, bool, str]:
    try:
        return name, True, check(knobs)
    except (WirewatchError, OSError, OperationalError) as error:
        return name, False, str(error)


def _database(knobs: Settings) -> str:
    db = open_store()
    if store.pending(db):
        raise WirewatchError(f"{db.url}: tables are missing or old. Run `wirewatch db upgrade`.")
    return f"{db.url} answers, its tables are up to date"


def _broker(knobs: Settings) -> str:
    if knobs.embedded:
        return "memory:// (in the daemon itself)"
    place = knobs.broker_url.rpartition("@")[2]
    try:
        with Connection(knobs.broker_url, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, timeout=5)
    except (OperationalError, OSError) as error:
        raise WirewatchError(
            f"{place} does not answer ({error}). Start Redis, or set WIREWATCH_BROKER_URL."
        ) from None
    return f"{place} answers"


def _clock(knobs: Settings) -> str:
    theirs = open_store().read(store.database_time)
    skew_s = abs((theirs - now()).total_seconds())
    if skew_s > _SKEW_S:
        raise WirewatchError(
            f"this machine's clock is {skew_s:.0f} s off the database's. Turn on NTP on both."
        )
    return f"within {skew_s:.1f} s of the database's"


def _lateness(knobs: Settings) -> str:
    late_s = open_store().read(lambda db: store.overdue_s(db, {"poll", "ingest", "deliver"}))
    if late_s > _LATE_S:
        raise WirewatchError(
            f"work has been due for {late_s:.0f} s and nobody takes it. Is the daemon (in the "
            "stack: beat and workers) running?"
        )
    return "no work is overdue"


def _dns(knobs: Settings) -> str:
    specs = config_files.load(knobs.config_dir, os.environ).feeds
    hosts = sorted({host_of(spec.url) for spec in specs})
    if not hosts:
        return "no feed to look up"
    try:
        socket.getaddrinfo(hosts[0], 443)
    except OSError as error:
        raise WirewatchError(
            f"{hosts[0]}: {error.strerror}. Check this machine's resolver."
        ) from None
    return f"{hosts[0]} resolves"


def _disk(knobs: Settings) -> str:
    place = store.folder_of(knobs.database_url)
    while not place.exists():
        place = place.parent
    usage = shutil.disk_usage(place)
    free = usage.free / usage.total
    if free < _LOW_DISK:
        raise WirewatchError(f"{place}: only {free:.0%} free. Make room before writes fail.")
    return f"{free:.0%} free"


def _temporary_files(knobs: Settings) -> str:
    place, wanted = tempfile.gettempdir(), _MODEL_MIB * knobs.reading_processes
    free = shutil.disk_usage(place).free // 1024**2
    if free < wanted:
        raise WirewatchError(
            f"{place}: {free:,} MiB free, and the processes that read pages need {wanted:,} for a"
            " moment, or they take the language that pages declare. Make room, or set TMPDIR."
        )
    return f"{free:,} MiB free in {place}"


def _configuration(knobs: Settings) -> str:
    mistakes = config_files.check(knobs.config_dir, os.environ)
    if mistakes:
        raise mistakes[0]
    return f"{knobs.config_dir} is well"


def _contact(knobs: Settings) -> str:
    if knobs.contact or knobs.user_agent:
        return f"sites see «{runtime.user_agent(knobs)}»"
    return (
        "sites are not told whom to write to, and block whom they cannot ask. Set "
        "WIREWATCH_CONTACT to a page or an address of yours."
    )


def _push(knobs: Settings) -> str:
    if missing := off_because(knobs):
        return missing
    if not knobs.listen:
        raise WirewatchError(
            "WIREWATCH_PUBLIC_URL is set, but WIREWATCH_LISTEN is not: nobody answers hubs there."
        )
    if not knobs.public_url.lower().startswith("https:"):
        return f"hubs reach us at {knobs.public_url}, in the clear: https is better"
    return f"hubs reach us at {knobs.public_url}"


_CHECKS = {
    "configuration": _configuration,
    "database": _database,
    "broker": _broker,
    "clock": _clock,
    "work": _lateness,
    "DNS": _dns,
    "disk": _disk,
    "temporary": _temporary_files,
    "contact": _contact,
    "push": _push,
}
