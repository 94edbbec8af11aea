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

from worker import early
from worker.errors import StoreUnavailableError
from worker.records import About
from worker.sandbox import EXTRACT
from worker.tools import Tools

log = structlog.get_logger(__name__)


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
        loading = tools.sandbox.warm(
            readers, EXTRACT, early.PAGE, url=early.URL, content_type=early.KIND
        )
        reading = asyncio.run_coroutine_threadsafe(loading, tools.loop.loop)
        tools.db.read(tools.topics.refresh)
        tools.topics.current.match("A library is opened", early.TEXT, About())
        reading.result()
