"""Files that commands read in place of the web: one or many, packed or not, good or bad."""

import gzip
import json
import sys
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import typer

from worker.cli._output import print_json
from worker.errors import Reason
from worker.records import Failed

_GZIP = b"\x1f\x8b"


def read_file(name: str, max_bytes: int) -> bytes | Failed:
    """What is in a file (`-`: the input), unpacked where it is packed; never more than that."""
    try:
        if name == "-":
            body = sys.stdin.buffer.read(max_bytes + 1)
        else:
            with Path(name).open("rb") as file:
                body = file.read(max_bytes + 1)
    except FileNotFoundError:
        return Failed(Reason.NOT_FOUND, "There is no such file.")
    except OSError as error:
        return Failed(Reason.ACCESS_DENIED, f"The file cannot be read: {error.strerror or error}.")
    if body.startswith(_GZIP):
        try:
            with gzip.open(BytesIO(body)) as packed:
                body = packed.read(max_bytes + 1)
        except (EOFError, OSError, zlib.error) as error:
            return Failed(Reason.BAD_COMPRESSION, f"The file is no whole gzip archive: {error}.")
    if len(body) > max_bytes:
        return Failed(Reason.TOO_LARGE, f"It has more than {max_bytes:,} bytes.")
    return body


def print_found(name: str, found: dict[str, Any], *, several: bool) -> None:
    """One document as JSON; of several, each on a line of its own that names the file."""
    if not several:
        print_json(found)
        return
    # In ASCII, for among Unicode's characters are some that others take for a line's end.
    line = {"file": name} | found
    typer.echo(json.dumps(line, default=lambda value: value.isoformat()))


def print_failure(name: str, failed: Failed, *, as_json: bool, several: bool) -> None:
    """What could not be read and why, for people and for programs."""
    if as_json:
        error = {"reason": failed.reason, "detail": failed.detail}
        print_found(name, {"error": error}, several=several)
    typer.secho(
        f"wirewatch: {name}: {failed.reason}: {failed.detail}", err=True, fg=typer.colors.RED
    )
