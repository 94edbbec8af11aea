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
from worker.store.alike import Alike, lock_identities, told_before
from worker.store.articles import claim_articles, list_articles, show_article
from worker.store.by_file import article_of, lease_articles, places
from worker.store.catalog import (
    enabled_topics,
    find_channel,
    list_channels,
    list_topics,
    sync_channels,
    sync_topics,
    topics_version,
)
from worker.store.database import Database, database_time, folder_of
from worker.store.families import list_stories, show_story
from worker.store.feeds import claim_feeds, find_feed, known_of, list_feeds, settle_visits
from worker.store.hosts import (
    hold_hosts,
    keep_robots,
    learn_lines,
    note_outcomes,
    robots_of,
    take_page_turn,
)
from worker.store.leases import ALERTS, ARTICLES, FEEDS, Backlog, Queue, release
from worker.store.matches import (
    list_matches,
    mark_match,
    marked_texts,
    replace_matches,
    settle_matches,
)
from worker.store.merging import merge_by_hand, merge_found, split_story
from worker.store.migrate import pending, upgrade
from worker.store.near import Asked, lone_founders, nearby, purge_hashes
from worker.store.notices import give_notice, notices
from worker.store.ops import OPS_CHANNEL, settle_ops, tell_ops
from worker.store.outages import forgive_outage
from worker.store.overview import Overview, overdue_s, overview
from worker.store.stories import postpone_article, settle_article
from worker.store.texts import (
    candidates,
    index_words,
    note_retagged,
    retagging,
    texts_below,
    texts_of,
)
from worker.store.watching import add_feed, options_for, remove_feed, sync_feeds

__all__ = [
    "ALERTS",
    "ARTICLES",
    "FEEDS",
    "OPS_CHANNEL",
    "Alike",
    "Asked",
    "Backlog",
    "Connection",
    "Database",
    "Overview",
    "Queue",
    "add_feed",
    "article_of",
    "candidates",
    "claim_alerts",
    "claim_articles",
    "claim_feeds",
    "database_time",
    "enabled_topics",
    "find_channel",
    "find_feed",
    "folder_of",
    "forgive_outage",
    "give_notice",
    "hold_hosts",
    "index_words",
    "keep_robots",
    "known_of",
    "learn_lines",
    "lease_articles",
    "list_alerts",
    "list_articles",
    "list_channels",
    "list_feeds",
    "list_matches",
    "list_stories",
    "list_topics",
    "lock_identities",
    "lone_founders",
    "mark_match",
    "marked_texts",
    "merge_by_hand",
    "merge_found",
    "nearby",
    "note_outcomes",
    "note_retagged",
    "notices",
    "options_for",
    "overdue_s",
    "overview",
    "owe_alerts",
    "pending",
    "places",
    "postpone_article",
    "purge_hashes",
    "release",
    "remove_feed",
    "replace_matches",
    "retagging",
    "retry_alerts",
    "robots_of",
    "settle_article",
    "settle_deliveries",
    "settle_matches",
    "settle_ops",
    "settle_visits",
    "show_article",
    "show_story",
    "split_story",
    "sync_channels",
    "sync_feeds",
    "sync_topics",
    "take_page_turn",
    "tell_ops",
    "texts_below",
    "texts_of",
    "told_before",
    "topics_version",
    "upgrade",
]
