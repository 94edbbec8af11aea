"""From articles' matches to the alerts that are owed: in the transaction of their verdicts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from worker import alerts, store
from worker.alert_rules import rules_for
from worker.alerts import Case, Revised
from worker.extract.head import Head
from worker.extract.language import find_language
from worker.records import (
    ChannelRules,
    Ingested,
    Manners,
    Mute,
    Owed,
    Room,
    StoryFacts,
    Told,
    TopicRow,
    Verdict,
    Withheld,
)
from worker.store import Connection


class Owing:
    """Owes the alerts of articles that are judged in one transaction.

    Make it before anything else in the transaction: it holds the channels that have a limit, and
    whoever waits for those must hold nothing that others wait for.

    What decisions look at is asked for many articles at once, of which no two tell one story:
    `before` an article changes what the ones before it are decided by, those are decided. So each
    is judged by what was so when it was stored, as it would be alone.
    """

    def __init__(
        self,
        db: Connection,
        judged: Sequence[Ingested],
        topics: Mapping[int, TopicRow],
        max_age_s: float,
        now: datetime,
    ) -> None:
        self._db, self._topics, self._max_age_s, self._now = db, topics, max_age_s, now
        self._channels: dict[int, ChannelRules] = {}
        self._mutes: list[Mute] = []
        self._waiting: dict[int, Ingested] = {}
        self._merged = self._mutes_moved = False
        self._owed = 0
        self._rooms: dict[tuple[int, int | None], Room] = {}
        matched = {match.topic_id for one in judged for match in one.matches}
        wanting = [topics[id_] for id_ in matched if id_ in topics]
        wanted = {channel_id for topic in wanting for channel_id in topic.channel_ids}
        if wanted:
            self._channels = store.channel_rules(db, wanted)
            self._mutes = store.mutes_at(db, now)
            store.hold_channels(db, self._limited(wanting))

    def _limited(self, topics: Iterable[TopicRow]) -> set[int]:
        """The channels of which must be counted what they were told."""
        pairs = ((id_, topic) for topic in topics for id_ in topic.channel_ids)
        return {
            id_
            for id_, topic in pairs
            if id_ in self._channels and self._manners(id_, topic).at_most is not None
        }

    def _manners(self, channel_id: int, topic: TopicRow) -> Manners:
        return rules_for(self._channels[channel_id], topic).manners

    def before(self, one: Ingested, verdict: Verdict) -> None:
        """Decide on those that wait, if storing this article changes what is known of their
        stories, or what is owed.
        """
        joins, mine = verdict.joins, one.claim.story_id
        touched = {mine, joins.story_id if joins else None, *verdict.merges} - {None}
        may_merge = len(touched) > 1
        # After a merge here, an article's own story may have become another.
        is_moved = self._merged and mine is not None
        if may_merge or is_moved or not touched.isdisjoint(self._waiting):
            self._decide()
        if may_merge:
            # What both stories owed is owed once now, and mutes of the one are of the other.
            self._merged = self._mutes_moved = True
            self._rooms.clear()

    def owe(self, one: Ingested, story_id: int) -> None:
        """Owe, by `done` at the latest, what a stored article makes owed."""
        if story_id in self._waiting:
            self._decide()
        if one.matches or one.claim.story_id is not None:
            self._waiting[story_id] = one

    def done(self) -> int:
        """Owe what is left to be owed, and keep why the rest is not; returns how many are owed."""
        self._decide()
        return self._owed

    def _decide(self) -> None:
        """Decide on all articles that wait, the one stored first before the others."""
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        if self._mutes_moved:
            self._mutes, self._mutes_moved = store.mutes_at(self._db, self._now), False
        owed: list[Owed] = []
        withheld: list[Withheld] = []
        for case in self._cases(waiting):
            decided = alerts.decide(
                case, self._topics, self._channels, self._room_of, self._now, lambda: uuid4().hex
            )
            for key, room in self._rooms.items():
                self._rooms[key] = alerts.room_after(room, *key, decided.owed, self._now)
            owed += decided.owed
            withheld += decided.withheld
        before = [one.claim.id for one in waiting.values() if one.claim.story_id is not None]
        store.keep_withheld(self._db, withheld, self._now, judged_before=before)
        self._owed += len(store.owe_alerts(self._db, owed, self._now))

    def _room_of(self, channel_id: int, topic_id: int | None) -> Room:
        key = channel_id, topic_id
        if key not in self._rooms:
            self._rooms[key] = store.room_of(self._db, channel_id, topic_id, self._now)
        return self._rooms[key]

    def _cases(self, waiting: Mapping[int, Ingested]) -> list[Case]:
        """What decisions look at, of the store no more than what they may depend on."""
        told = self._told(waiting) if self._channels else {}
        cases = [
            Case(
                ingested=one,
                story=StoryFacts(story_id),
                max_age_s=self._max_age_s,
                language=one.document.language or self._language(one),
                told=told.get(story_id, {}),
                mutes=self._mutes,
            )
            for story_id, one in waiting.items()
        ]
        return self._with_revisions(self._with_facts(cases))

    def _told(self, waiting: Mapping[int, Ingested]) -> dict[int, dict[tuple[int, int], Told]]:
        matched = {match.topic_id for one in waiting.values() for match in one.matches}
        return store.told_of(self._db, waiting, matched)

    def _with_facts(self, cases: Sequence[Case]) -> list[Case]:
        asking = {
            case.story.id: case.ingested.claim.id
            for case in cases
            if alerts.depends_on_story(case, self._topics, self._channels)
        }
        facts = store.story_facts(self._db, asking)
        return [replace(case, story=facts.get(case.story.id, case.story)) for case in cases]

    def _with_revisions(self, cases: Sequence[Case]) -> list[Case]:
        asking = [
            case.ingested.claim.id
            for case in cases
            if alerts.depends_on_revision(case, self._topics, self._channels)
        ]
        revised = store.revisions_at(self._db, asking, self._now)
        return [
            replace(case, revised=Revised(*revised[id_]))
            if (id_ := case.ingested.claim.id) in revised
            else case
            for case in cases
        ]

    def _language(self, one: Ingested) -> str | None:
        """The language of a text that came without its page, where somebody wants to know."""
        topics = [self._topics[m.topic_id] for m in one.matches if m.topic_id in self._topics]
        asked = any(
            each.languages
            for topic in topics
            for channel_id in topic.channel_ids
            if (channel := self._channels.get(channel_id))
            for each in rules_for(channel, topic).filters
        )
        text = f"{one.document.title}\n{one.document.text}"
        return find_language(text, Head()) if asked else None
