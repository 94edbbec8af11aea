"""All the SQL. Functions take a connection inside a transaction and never commit.

`Database` opens the transactions; what each function promises holds on SQLite and on Postgres.
"""

from sqlalchemy import Connection

from worker.store.alerts import (
    claim_alerts,
    list_alerts,
    owe_alerts,
    retry_alerts,
    settle_deliveries,
)
from worker.store.articles import claim_articles, list_articles, show_article
from worker.store.catalog import (
    enabled_topics,
    find_channel,
    list_topics,
    sync_channels,
    sync_topics,
    topics_version,
)
from worker.store.database import Database, database_time, folder_of
from worker.store.feeds import (
    add_feed,
    claim_feeds,
    known_guids,
    list_feeds,
    remove_feed,
    settle_visits,
    sync_feeds,
)
from worker.store.leases import ALERTS, ARTICLES, FEEDS, Backlog, Queue, release
from worker.store.migrate import pending, upgrade
from worker.store.overview import Overview, overdue_s, overview
from worker.store.stories import lock_texts, postpone_article, settle_article, told_before

__all__ = [
    "ALERTS",
    "ARTICLES",
    "FEEDS",
    "Backlog",
    "Connection",
    "Database",
    "Overview",
    "Queue",
    "add_feed",
    "claim_alerts",
    "claim_articles",
    "claim_feeds",
    "database_time",
    "enabled_topics",
    "find_channel",
    "folder_of",
    "known_guids",
    "list_alerts",
    "list_articles",
    "list_feeds",
    "list_topics",
    "lock_texts",
    "overdue_s",
    "overview",
    "owe_alerts",
    "pending",
    "postpone_article",
    "release",
    "remove_feed",
    "retry_alerts",
    "settle_article",
    "settle_deliveries",
    "settle_visits",
    "show_article",
    "sync_channels",
    "sync_feeds",
    "sync_topics",
    "told_before",
    "topics_version",
    "upgrade",
]
