"""The tables under the models, for statements over many rows at once (ten times the ORM's pace)."""

from sqlmodel import SQLModel

import worker.models  # noqa: F401 (importing it fills the metadata)

_all = SQLModel.metadata.tables
feed, article, sighting, story = (_all[n] for n in ("feed", "article", "sighting", "story"))
topic, match, channel, notice = (_all[n] for n in ("topic", "topic_match", "channel", "notice"))
alert, attempt = (_all[n] for n in ("alert", "delivery_attempt"))
alias, trouble, host, revision = (
    _all[n] for n in ("feed_alias", "feed_trouble", "host", "revision")
)
