"""All the SQL. Functions take a connection inside a transaction and never commit.

`Database` opens the transactions; what each function promises holds on SQLite and on Postgres.
"""

from sqlalchemy import Connection

from worker.store.alerts import list_alerts, owe_alerts, retry_alerts
from worker.store.alike import Alike, lock_identities, told_before
from worker.store.articles import claim_articles, ids_by_url, list_articles, show_article
from worker.store.bodies import (
    BODIES,
    claim_bodies,
    keep_body,
    keep_ping,
    purge_bodies,
    settle_pushed,
)
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
from worker.store.deliveries import (
    claim_alerts,
    open_channel,
    purge_attempts,
    recall_alerts,
    settle_deliveries,
    stopped_matter,
)
from worker.store.explaining import feeds_of_site, find_article, near_articles, way_of
from worker.store.families import list_stories, show_story
from worker.store.feeds import claim_feeds, find_feed, known_of, list_feeds, settle_visits
from worker.store.folding import channels_to_fold, fold, let_wait_until, waiting_rules
from worker.store.handing_in import feed_to_hand_in, settle_handed_in
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
from worker.store.mutes import add_mute, list_mutes, mute_name, mutes_at, purge_mutes, remove_mute
from worker.store.near import Asked, lone_founders, nearby, purge_hashes
from worker.store.notices import give_notice, notices
from worker.store.ops import OPS_CHANNEL, keep_matter, settle_ops, tell_ops
from worker.store.outages import forgive_outage
from worker.store.outbox import Which, export_alerts, export_horizon, replay_alerts, show_alert
from worker.store.overview import Overview, overdue_s, overview
from worker.store.owing import (
    channel_rules,
    hold_channels,
    keep_withheld,
    purge_withheld,
    revision_at,
    room_of,
    story_facts,
    told_of,
)
from worker.store.pushes import (
    PUSHES,
    claim_pushes,
    confirm_push,
    count_pushes,
    deny_push,
    list_pushes,
    push_at,
    renew_keys,
    settle_asked,
)
from worker.store.stories import postpone_article, settle_article
from worker.store.texts import (
    candidates,
    index_words,
    note_retagged,
    retagging,
    texts_below,
    texts_of,
)
from worker.store.topic_feeds import topic_feed
from worker.store.vitals import (
    arrivals,
    forget_polls,
    note_tick,
    silent_feeds,
    tick_age_s,
    vitals,
    watch_alone,
)
from worker.store.watching import add_feed, options_for, remove_feed, sync_feeds

__all__ = [
    "ALERTS",
    "ARTICLES",
    "BODIES",
    "FEEDS",
    "OPS_CHANNEL",
    "PUSHES",
    "Alike",
    "Asked",
    "Backlog",
    "Connection",
    "Database",
    "Overview",
    "Queue",
    "Which",
    "add_feed",
    "add_mute",
    "arrivals",
    "article_of",
    "candidates",
    "channel_rules",
    "channels_to_fold",
    "claim_alerts",
    "claim_articles",
    "claim_bodies",
    "claim_feeds",
    "claim_pushes",
    "confirm_push",
    "count_pushes",
    "database_time",
    "deny_push",
    "enabled_topics",
    "export_alerts",
    "export_horizon",
    "feed_to_hand_in",
    "feeds_of_site",
    "find_article",
    "find_channel",
    "find_feed",
    "fold",
    "folder_of",
    "forget_polls",
    "forgive_outage",
    "give_notice",
    "hold_channels",
    "hold_hosts",
    "ids_by_url",
    "index_words",
    "keep_body",
    "keep_matter",
    "keep_ping",
    "keep_robots",
    "keep_withheld",
    "known_of",
    "learn_lines",
    "lease_articles",
    "let_wait_until",
    "list_alerts",
    "list_articles",
    "list_channels",
    "list_feeds",
    "list_matches",
    "list_mutes",
    "list_pushes",
    "list_stories",
    "list_topics",
    "lock_identities",
    "lone_founders",
    "mark_match",
    "marked_texts",
    "merge_by_hand",
    "merge_found",
    "mute_name",
    "mutes_at",
    "near_articles",
    "nearby",
    "note_outcomes",
    "note_retagged",
    "note_tick",
    "notices",
    "open_channel",
    "options_for",
    "overdue_s",
    "overview",
    "owe_alerts",
    "pending",
    "places",
    "postpone_article",
    "purge_attempts",
    "purge_bodies",
    "purge_hashes",
    "purge_mutes",
    "purge_withheld",
    "push_at",
    "recall_alerts",
    "release",
    "remove_feed",
    "remove_mute",
    "renew_keys",
    "replace_matches",
    "replay_alerts",
    "retagging",
    "retry_alerts",
    "revision_at",
    "robots_of",
    "room_of",
    "settle_article",
    "settle_asked",
    "settle_deliveries",
    "settle_handed_in",
    "settle_matches",
    "settle_ops",
    "settle_pushed",
    "settle_visits",
    "show_alert",
    "show_article",
    "show_story",
    "silent_feeds",
    "split_story",
    "stopped_matter",
    "story_facts",
    "sync_channels",
    "sync_feeds",
    "sync_topics",
    "take_page_turn",
    "tell_ops",
    "texts_below",
    "texts_of",
    "tick_age_s",
    "told_before",
    "told_of",
    "topic_feed",
    "topics_version",
    "upgrade",
    "vitals",
    "waiting_rules",
    "watch_alone",
    "way_of",
]
