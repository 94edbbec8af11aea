"""Articles that are judged in one transaction are owed what they would be one by one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event, text

from worker import store
from worker.owing import Owing
from worker.records import (
    ChannelSpec,
    ClaimedArticle,
    Document,
    Evidence,
    Ingested,
    Joins,
    MuteWhat,
    Nearby,
    Relation,
    TopicMatch,
    TopicRow,
    TopicSpec,
    Verdict,
)
from worker.store import Database

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
APART = timedelta(minutes=25)
DAY_S = 86_400.0
EVIDENCE = (Evidence("port", "title", 0, 4, "Port"),)
CORRECTION = "Correction: it was Monday."


@dataclass(frozen=True)
class Step:
    """One article of a group, and its verdict.

    It joins the story that is the `joins`th of those there, as the `relation` that it is, or makes
    its own (-1); it merges that with the one behind it, if it `merges`. With `again` it is none
    that is new, but the one that was read the longest ago, and says this `text` now.
    """

    joins: int = -1
    relation: Relation = "copy"
    merges: bool = False
    publisher: int = 0
    credited: bool = False
    topics: tuple[int, ...] = (0,)
    again: bool = False
    title: str = "Port"
    text: str = "Text."


@dataclass(frozen=True)
class Rules:
    """What two channels and two topics say of alerts, and what is muted after the first group."""

    channels: Sequence[dict[str, Any]] = ({}, {})
    topics: Sequence[dict[str, Any]] = ({}, {})
    mutes: Sequence[tuple[MuteWhat, str]] = ()


Told = dict[str, list[tuple[Any, ...]]]
GROUPS = tuple[tuple[Step, ...], ...]


@dataclass
class World:
    """Articles judged in a transaction, in groups or one by one."""

    db: Connection
    in_groups: bool
    topics: dict[int, TopicRow]
    articles: list[ClaimedArticle] = field(default_factory=list)

    def judge(self, steps: Sequence[Step], now: datetime) -> None:
        ready = [self._ready(step, now) for step in steps]
        for group in [ready] if self.in_groups else [[one] for one in ready]:
            owing = Owing(self.db, group, self.topics, DAY_S, now)
            for one in group:
                verdict = self._verdict(steps[ready.index(one)])
                owing.before(one, verdict)
                story_id = store.settle_article(self.db, one, verdict, Nearby(), now)
                assert story_id is not None
                owing.owe(one, story_id)
                self.articles.append(replace(one.claim, stored=one.document, fetched=True))
            owing.done()

    def _ready(self, step: Step, now: datetime) -> Ingested:
        said = Document(step.title, step.text, language="en")
        claim = self._held(self.articles.pop(0)) if step.again and self.articles else None
        if claim is None:
            (claim,) = store.lease_articles(self.db, [self._row(step, now)])
        matches = tuple(TopicMatch(list(self.topics)[n], EVIDENCE) for n in step.topics)
        wire = "reuters" if step.credited else None
        return Ingested(claim, said, None, matches, fetched_at=now, wire=wire)

    def _held(self, claim: ClaimedArticle) -> ClaimedArticle:
        held = text("UPDATE article SET lease_token = 7 WHERE id = :id RETURNING story_id")
        story_id = self.db.execute(held, {"id": claim.id}).scalar_one()
        return replace(claim, token=7, story_id=story_id)

    def _row(self, step: Step, now: datetime) -> dict[str, Any]:
        number = self.db.execute(text("SELECT count(*) FROM article")).scalar_one()
        link = f"https://paper{step.publisher}.example/{number}"
        known = {"published_at": now, "published_known": True, "first_seen_at": now}
        return {"url": link, "link": link, "source_url": None, "title": "Port"} | known

    def _verdict(self, step: Step) -> Verdict:
        there = text("SELECT story_id, min(id) FROM article WHERE story_id IS NOT NULL GROUP BY 1")
        stories = sorted((row[0], row[1]) for row in self.db.execute(there))
        if step.joins < 0 or not stories:
            return Verdict()
        at = step.joins % len(stories)
        story_id, article_id = stories[at]
        merges = [id_ for id_, _ in stories[at + 1 : at + 2]] if step.merges else []
        return Verdict(Joins(article_id, story_id, "near-copy", step.relation), tuple(merges))

    def told(self) -> Told:
        """All that was decided, but for identities, which are made anew each time."""
        told = {
            "alert": "SELECT id, topic_id, story_id, channel_id, article_id, occasion, due_at,"
            " fold_at, released_at, independent, body FROM alert ORDER BY id",
            "withheld": "SELECT article_id, topic_id, channel_id, reason, detail FROM withheld"
            " ORDER BY article_id, topic_id, channel_id",
        }
        return {
            name: [tuple(row) for row in self.db.execute(text(query))]
            for name, query in told.items()
        }


def judged(db: Database, rules: Rules, groups: GROUPS, *, in_groups: bool) -> Told:
    """What is decided on groups of articles; nothing of it stays in the store."""
    with db.engine.connect() as connection, connection.begin() as transaction:
        channels = [ChannelSpec(f"c{n}", "log", {}, each) for n, each in enumerate(rules.channels)]
        names = tuple(spec.name for spec in channels)
        topics = [
            TopicSpec(f"t{n}", f"T{n}", "port", names, alerting=each)
            for n, each in enumerate(rules.topics)
        ]
        store.sync_channels(connection, channels, NOW)
        store.sync_topics(connection, topics, NOW)
        known = {row.id: row for row in store.enabled_topics(connection)}
        world = World(connection, in_groups, known)
        for nth, group in enumerate(groups):
            now = NOW + nth * APART
            for what, which in rules.mutes if nth == 1 else ():
                store.add_mute(connection, what, which, NOW + timedelta(days=1), now)
            world.judge(group, now)
        told = world.told()
        transaction.rollback()
    return told


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    db = Database(sqlite_url)
    yield db
    db.close()


MANNERS = st.fixed_dictionaries(
    {},
    optional={
        "escalate": st.sampled_from([[2], [2, 3], [3, 4]]),
        "on": st.sampled_from([["update"], ["correction"], ["update", "correction"]]),
        "at_most": st.integers(1, 3),
        "digest": st.just("hourly"),
        "quiet": st.just(["12:20-12:40 UTC"]),
    },
)
STEPS = st.builds(
    Step,
    joins=st.integers(-2, 3),
    relation=st.sampled_from(["copy", "update"]),
    merges=st.integers(0, 5).map(lambda n: n == 0),
    publisher=st.integers(0, 4),
    credited=st.integers(0, 5).map(lambda n: n == 0),
    topics=st.sampled_from([(0,), (0, 1), (1,), ()]),
    again=st.integers(0, 3).map(lambda n: n == 0),
    title=st.sampled_from(["Port", "Port closed"]),
    text=st.sampled_from(["Text.", "Other text.", CORRECTION]),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rules=st.builds(
        Rules,
        channels=st.tuples(MANNERS, MANNERS),
        topics=st.tuples(st.just({}), MANNERS),
        mutes=st.lists(st.sampled_from([("source", "paper1.example"), ("topic", "t1")])).map(tuple),
    ),
    groups=st.lists(st.lists(STEPS, min_size=1, max_size=6), min_size=1, max_size=3),
)
def test_a_group_is_owed_what_its_articles_are_one_by_one(
    sqlite: Database, rules: Rules, groups: Any
) -> None:
    together = judged(sqlite, rules, groups, in_groups=True)
    assert together == judged(sqlite, rules, groups, in_groups=False)


NEW, JOINS = Step(), Step(joins=0, publisher=1)
TABLE = {
    "of one story the first alone is told": (Rules(), ((NEW, JOINS, replace(JOINS, publisher=2)),)),
    "a story reaches two in its group": (
        Rules(channels=({"escalate": [2]}, {})),
        ((NEW, JOINS, replace(JOINS, publisher=2)),),
    ),
    "two stories become one": (
        Rules(channels=({"escalate": [3]}, {"on": ["update"]})),
        ((NEW, replace(NEW, publisher=1)), (replace(JOINS, publisher=2, merges=True), JOINS)),
    ),
    "what was muted is merged with another": (
        Rules(mutes=(("story", "2"),)),
        ((NEW, NEW), (replace(JOINS, merges=True, topics=()), replace(JOINS, topics=(1,)))),
    ),
    "a limit is reached within a group": (
        Rules(channels=({"at_most": 2}, {}), topics=({}, {"at_most": 1})),
        ((NEW, replace(NEW, topics=(0, 1)), NEW), (NEW, replace(NEW, topics=(1,)))),
    ),
    "two are corrected, one of them twice told": (
        Rules(channels=({"on": ["correction"]}, {"on": ["update"]})),
        ((NEW, NEW), (Step(again=True, text=CORRECTION), Step(again=True, title="Port open"))),
    ),
}


@pytest.mark.parametrize(("rules", "groups"), TABLE.values(), ids=list(TABLE))
def test_what_comes_of_articles_does_not_hang_on_their_grouping(
    sqlite: Database, rules: Rules, groups: GROUPS
) -> None:
    together = judged(sqlite, rules, groups, in_groups=True)
    assert together == judged(sqlite, rules, groups, in_groups=False)
    assert together["alert"]


def test_stories_that_nobody_is_told_of_again_cost_one_question(sqlite: Database) -> None:
    asked: list[str] = []
    stories = tuple(Step() for _ in range(6))
    copies = tuple(Step(joins=n, publisher=1) for n in range(6))

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(sqlite.engine, "before_cursor_execute", note)
    told = judged(sqlite, Rules(), (stories, copies), in_groups=True)
    assert len(told["alert"]) == len(told["withheld"]) == 12
    questions = [one for one in asked if "FROM alert" in one and "ORDER BY alert.id" in one]
    facts = [one for one in asked if "count(membership.wire)" in one]
    kept = [one for one in asked if one.startswith("INSERT INTO withheld")]
    # One for each group; and of what is told already no more than that.
    assert (len(questions), len(facts), len(kept)) == (2, 1, 1)
