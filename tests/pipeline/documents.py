"""Feed documents as JSON of our own: for tests of what follows from them, not of reading them."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from importlib import import_module
from typing import Any

import pytest

from worker.records import Entry, Failed, Hints, ParsedFeed

_TIMES = ("published", "updated")


def document(
    entries: Sequence[Entry],
    *,
    older: str | None = None,
    form: str = "rss20",
    site_url: str | None = None,
    hints: Hints | None = None,
) -> bytes:
    """A document that `read` reads back."""
    told = {
        "entries": [asdict(entry) for entry in entries],
        "older": older,
        "form": form,
        "site_url": site_url,
        "hints": asdict(hints or Hints()),
    }
    return json.dumps(told, default=datetime.isoformat).encode()


def read(body: bytes, **_reading: Any) -> ParsedFeed | Failed | None:
    """In place of the parser: what `document` wrote; None for anything else."""
    try:
        told = json.loads(body)
    except ValueError:
        return None
    told["entries"] = tuple(map(_entry, told["entries"]))
    hints: dict[str, Any] = told["hints"]
    for name in ("skip_hours", "skip_days"):
        hints[name] = tuple(hints[name])
    told["hints"] = Hints(**hints)
    return ParsedFeed(title="A feed", **told)


def _entry(told: dict[str, Any]) -> Entry:
    times = {name: told[name] and datetime.fromisoformat(told[name]) for name in _TIMES}
    return Entry(**told | times | {"authors": tuple(told["authors"])})


def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read such documents, and pages too, in this process: starting children takes its time."""

    async def run(_sandbox: object, job: str, *args: Any, **kwargs: Any) -> Any:
        module, _, function = job.partition(":")
        return await asyncio.to_thread(getattr(import_module(module), function), *args, **kwargs)

    monkeypatch.setattr("worker.asking.parse_fast", read)
    monkeypatch.setattr("worker.sandbox.Sandbox.run", run)
