"""The first child that reads pages, started before all else of a process that is to read.

It takes as long to load its libraries as this process takes to load its own: both at the same time,
and it is there when the process is ready.
"""

import os
from collections.abc import Sequence

from worker.errors import SetupError
from worker.sandbox import EXTRACT, SandboxLimits, start_early
from worker.settings import Settings, settings

_MOST_READERS = 8
# Long enough for the extraction to go its whole way.
TEXT = "The library was opened in the morning, and those who had waited for it came in. " * 8
PAGE = (
    "<!doctype html><html lang=en><head><title>A library is opened</title></head><body><article>"
    f"<h1>A library is opened</h1>{f'<p>{TEXT}</p>' * 3}</article></body></html>"
).encode()
URL, KIND = "https://warming.example/", "text/html"


def readers(knobs: Settings) -> int:
    """How many children a process has that read hostile input."""
    return knobs.reading_processes or min(os.cpu_count() or 1, _MOST_READERS)


def reading_limits(knobs: Settings) -> SandboxLimits:
    """What each of them may take."""
    return SandboxLimits(knobs.reading_cpu_s, knobs.reading_memory_mib * 1024**2)


def start_reader(arguments: Sequence[str]) -> None:
    """Start a child that reads pages, if the command with these arguments is one that reads."""
    if not will_read(arguments):
        return
    try:
        knobs = settings()
    except SetupError:
        return  # the command meets it again, and tells
    start_early(reading_limits(knobs), EXTRACT, PAGE, url=URL, content_type=KIND)


def will_read(arguments: Sequence[str]) -> bool:
    """Whether a command is to read pages in children of this very process."""
    if not arguments or "--help" in arguments:
        return False
    if arguments[0] == "worker":
        queues = [one for one in arguments if one.startswith(("-Q", "--queues"))]
        wanted = not queues or any("ingest" in one for one in arguments)
        return wanted and not any("prefork" in one for one in arguments)
    return arguments[0] == "run"
