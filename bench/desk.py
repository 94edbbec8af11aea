"""A store with feeds in it, and tools to work on them."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from worker import configure, runtime, store
from worker.records import ChannelSpec, Configuration, FeedSpec, TopicSpec
from worker.settings import Settings
from worker.tools import Tools

# All feeds and pages are of one host here, which is asked without manners.
_KNOBS: dict[str, Any] = {
    "allow_networks": "127.0.0.0/8",
    "connections_per_host": 200,
    "page_gap_s": 0,
    "host_poll_gap_s": 0,
}
TOPIC = TopicSpec("syria", "Syria", "(syria OR syrian) AND (talks OR ceasefire)", ("desk",))


@contextmanager
def desk(feeds: Sequence[str], **knobs: Any) -> Iterator[Tools]:
    """Tools over a fresh SQLite store that watches `feeds`."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            database_url=f"sqlite:///{Path(folder) / 'bench.db'}",
            **(_KNOBS | knobs),
        )
        tools = runtime.build(settings)
        store.upgrade(tools.db)
        wanted = Configuration([FeedSpec(f) for f in feeds], [TOPIC], [ChannelSpec("desk", "log")])
        tools.db.write(lambda db: configure.apply(db, wanted, runtime.clock()))
        yield tools
        runtime.close(tools)


def make_due(tools: Tools, table: str) -> None:
    tools.db.write(
        lambda db: db.execute(text(f"UPDATE {table} SET due_at = '2020-01-01 00:00:00.000000'"))
    )
