"""The tables under the models, for statements over many rows at once (ten times the ORM's pace)."""

from sqlmodel import SQLModel

import worker.alert_tables
import worker.models
import worker.ops_tables
import worker.push_tables
import worker.schedule_tables
import worker.story_tables
import worker.topic_tables  # noqa: F401 (importing them fills the metadata)

_all = SQLModel.metadata.tables
feed, article, sighting, story = (_all[n] for n in ("feed", "article", "sighting", "story"))
topic, match, channel, notice = (_all[n] for n in ("topic", "topic_match", "channel", "notice"))
pace = _all["pace"]
push, push_body, push_end = (_all[n] for n in ("push", "push_body", "push_end"))
alert, attempt, withheld, mute = (
    _all[n] for n in ("alert", "delivery_attempt", "withheld", "mute")
)
alias, trouble, host, revision = (
    _all[n] for n in ("feed_alias", "feed_trouble", "host", "revision")
)
kept_hash, membership, apart, quote = (
    _all[n] for n in ("kept_hash", "membership", "stories_apart", "quote")
)
poll_tally, pulse = _all["poll_tally"], _all["pulse"]
