"""What the first article would wait for, done before it comes: children, libraries, topics.

A child that reads pages takes more than a second to start and to load its libraries, and the first
use of many a library takes longer than all later ones. None of it stops the process from being
ready, and what fails here is met again, and told, by the first article.
"""

import asyncio
import threading
from concurrent.futures import CancelledError
from contextlib import suppress

import structlog

from worker.errors import StoreUnavailableError
from worker.records import About
from worker.sandbox import EXTRACT
from worker.tools import Tools

log = structlog.get_logger(__name__)

# Long enough for the extraction to go its whole way.
_TEXT = "The library was opened in the morning, and those who had waited for it came in. " * 8
_PAGE = (
    "<!doctype html><html lang=en><head><title>A library is opened</title></head><body><article>"
    f"<h1>A library is opened</h1>{f'<p>{_TEXT}</p>' * 3}</article></body></html>"
).encode()


def warm(tools: Tools, readers: int) -> threading.Thread:
    """Start `readers` children that read pages, and compile the topics, in the background."""
    thread = threading.Thread(
        target=_warm, args=(tools, readers), name="wirewatch-warming", daemon=True
    )
    thread.start()
    return thread


def _warm(tools: Tools, readers: int) -> None:
    # The process may be ending, and what is used here be closed: nothing is lost with it.
    with suppress(CancelledError, RuntimeError, StoreUnavailableError):
        url = "https://warming.example/"
        loading = tools.sandbox.warm(readers, EXTRACT, _PAGE, url=url, content_type="text/html")
        reading = asyncio.run_coroutine_threadsafe(loading, tools.loop.loop)
        tools.db.read(tools.topics.refresh)
        tools.topics.current.match("A library is opened", _TEXT, About())
        reading.result()
