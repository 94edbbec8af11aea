"""From an article's matches to the alerts that are owed: in the transaction of its verdict."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import uuid4

from worker import alerts, store
from worker.alert_rules import rules_for
from worker.alerts import Case, Revised
from worker.extract.head import Head
from worker.extract.language import find_language
from worker.records import ChannelRules, Ingested, Mute, TopicRow
from worker.store import Connection
from worker.tools import Tools


class Owing:
    """Owes the alerts of articles that are judged in one transaction.

    Make it before anything else in the transaction: it holds the channels that have a limit, and
    whoever waits for those must hold nothing that others wait for.
    """

    def __init__(
        self, tools: Tools, db: Connection, judged: Sequence[Ingested], now: datetime
    ) -> None:
        self._tools, self._db, self._now = tools, db, now
        self._topics = tools.topics.current.topics
        self._channels: dict[int, ChannelRules] = {}
        self._mutes: list[Mute] = []
        matched = {match.topic_id for one in judged for match in one.matches}
        topics = [self._topics[id_] for id_ in matched if id_ in self._topics]
        wanted = {channel_id for topic in topics for channel_id in topic.channel_ids}
        if wanted:
            self._channels = store.channel_rules(db, wanted)
            self._mutes = store.mutes_at(db, now)
            store.hold_channels(db, self._limited(topics))

    def _limited(self, topics: Iterable[TopicRow]) -> set[int]:
        """The channels of which must be counted what they were told."""
        return {
            channel_id
            for topic in topics
            for channel_id in topic.channel_ids
            if (channel := self._channels.get(channel_id))
            and rules_for(channel, topic).manners.at_most is not None
        }

    def owe(self, one: Ingested, story_id: int) -> int:
        """Owe what an article of a story makes owed, keep why the rest is not; returns how many."""
        db, now, article_id = self._db, self._now, one.claim.id
        topics = [self._topics[m.topic_id] for m in one.matches if m.topic_id in self._topics]
        decided = alerts.Decisions()
        if any(topic.channel_ids for topic in topics):
            decided = alerts.decide(
                self._case(one, story_id, topics),
                self._topics,
                self._channels,
                lambda channel_id, topic_id: store.room_of(db, channel_id, topic_id, now),
                now,
                lambda: uuid4().hex,
            )
        judged_before = one.claim.story_id is not None
        store.keep_withheld(db, article_id, decided.withheld, now, judged_before=judged_before)
        return len(store.owe_alerts(db, decided.owed, now))

    def _case(self, one: Ingested, story_id: int, topics: Sequence[TopicRow]) -> Case:
        revised = store.revision_at(self._db, one.claim.id, self._now) if one.replaced else None
        return Case(
            ingested=one,
            story=store.story_facts(self._db, story_id, one.claim.id),
            max_age_s=self._tools.settings.alert_max_age_s,
            language=one.document.language or self._language(one, topics),
            revised=Revised(*revised) if revised else None,
            told=store.told_of(self._db, story_id, [topic.id for topic in topics]),
            mutes=self._mutes,
        )

    def _language(self, one: Ingested, topics: Sequence[TopicRow]) -> str | None:
        """The language of a text that came without its page, where somebody wants to know."""
        asked = any(
            each.languages
            for topic in topics
            for channel_id in topic.channel_ids
            if (channel := self._channels.get(channel_id))
            for each in rules_for(channel, topic).filters
        )
        text = f"{one.document.title}\n{one.document.text}"
        return find_language(text, Head()) if asked else None
