"""A desk to try the stages at: real store, real HTTP, and the nudges that were sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import text
from standardwebhooks import Webhook

from tests.site import Seen, Site
from worker import configure, pipeline, runtime, store
from worker.records import ChannelSpec, Configuration, FeedSpec, TopicSpec
from worker.settings import Settings
from worker.store import Database
from worker.tools import Tools

SECRET = "whsec_" + "c2VjcmV0" * 4
SYRIA = "(syria OR syrian) AND (talks OR ceasefire)"


@dataclass
class Desk:
    """Stages run one by one, in this thread, over one store."""

    tools: Tools
    site: Site
    nudges: list[str] = field(default_factory=list)

    def watch(self, *urls: str, query: str = SYRIA) -> None:
        """Watch feeds, with one topic that alerts a webhook at /hook."""
        channel = ChannelSpec("desk", "webhook", {"url": self.site.url("/hook"), "secret": SECRET})
        wanted = Configuration(
            [FeedSpec(url) for url in urls],
            [TopicSpec("syria", "Syria", query, ("desk",))],
            [channel],
        )
        self.tools.db.write(lambda db: configure.apply(db, wanted, runtime.clock()))

    def poll(self) -> None:
        self.make_due("feed")
        pipeline.poll(self.tools, self.nudges.append)

    def ingest(self) -> None:
        pipeline.ingest(self.tools, self.nudges.append)

    def deliver(self) -> None:
        pipeline.deliver(self.tools, self.nudges.append)

    def run(self) -> None:
        self.poll()
        self.ingest()
        self.deliver()

    def make_due(self, table: str) -> None:
        """As if the time had come for every row of a queue that wants work, and every host."""
        sql = f"UPDATE {table} SET due_at = :past WHERE due_at IS NOT NULL"
        past = "2020-01-01 00:00:00.000000"
        if self.tools.db.engine.dialect.name == "postgresql":
            past += "+00"
        self.tools.db.write(lambda db: db.execute(text(sql), {"past": past}))
        rested = "UPDATE host SET paused_until = NULL, failures = 0"
        self.tools.db.write(lambda db: db.execute(text(rested)))

    def rows(self, table: str, order: str = "id") -> list[dict[str, Any]]:
        query = text(f"SELECT * FROM {table} ORDER BY {order}")
        return self.tools.db.read(lambda db: [dict(r._mapping) for r in db.execute(query)])

    def one(self, table: str) -> dict[str, Any]:
        (row,) = self.rows(table)
        return row

    def overview(self) -> store.Overview:
        return self.tools.db.read(store.overview)

    def hooks(self) -> list[Seen]:
        """What the webhook got; each signature is verified."""
        seen = [r for r in self.site.requests if r.path == "/hook"]
        for request in seen:
            Webhook(SECRET).verify(request.body, request.headers)
        return seen


def settings_for(url: str, **knobs: Any) -> Settings:
    quick: dict[str, Any] = {
        "database_url": url,
        "allow_networks": "127.0.0.0/8",
        "recheck_s": "",
        "fetch_timeout_s": 2,
        "connect_timeout_s": 2,
        "deliver_timeout_s": 1,
        "stop_grace_s": 0.2,
        "database_patience_s": 15,
        # All of a test's sites are one host, which is asked without manners.
        "connections_per_host": 100,
        "page_gap_s": 0,
        "host_poll_gap_s": 0,
        "reading_processes": 1,
        "poll_interval_s": 300,
    }
    return Settings(**(quick | knobs))


@pytest.fixture
def desk(database: Database, site: Site) -> Iterator[Desk]:
    """A desk on an empty store, once on SQLite and once on Postgres."""
    url = database.engine.url.render_as_string(hide_password=False)
    tools = runtime.build(settings_for(url))
    yield Desk(tools, site)
    runtime.close(tools)
