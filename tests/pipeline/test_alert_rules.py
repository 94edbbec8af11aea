"""What channels are told of, and when: stories from feed to webhook."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.pipeline.conftest import SECRET, Desk
from tests.pipeline.documents import document, read_here
from tests.site import Site, page
from worker import configure, store
from worker.records import ChannelSpec, Configuration, Entry, FeedSpec, Room, TopicSpec

# The time of the database, by which feeds are due, goes on: a test begins now, and moves ahead.
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
MORNING = NOW + timedelta(hours=8)
TALKS = (
    "Diplomats from five countries met on Tuesday to prepare new talks on the future of Syria.",
    "The envoy said that a ceasefire would have to come first, and that all sides knew it.",
)
HEADLINE = "Envoy prepares talks on Syria"


@pytest.fixture(autouse=True)
def _documents(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


def quiet(minutes: int = -60) -> list[str]:
    """Quiet hours from so many minutes after now to the morning."""
    return [f"{NOW + timedelta(minutes=minutes):%H:%M}-{MORNING:%H:%M} UTC"]


def at(desk: Desk, moment: datetime) -> None:
    desk.tools = replace(desk.tools, clock=lambda: moment)


def watch(
    desk: Desk, *, urgent: bool = False, topic: dict[str, Any] | None = None, **rules: Any
) -> None:
    """Watch /feed, with rules for the one channel and the one topic."""
    desk.site.put("/hook")
    options = {"url": desk.site.url("/hook"), "secret": SECRET}
    query = "(syria OR syrian) AND (talks OR ceasefire)"
    wanted = Configuration(
        [FeedSpec(desk.site.url("/feed"))],
        [TopicSpec("syria", "Syria", query, ("desk",), urgent=urgent, alerting=topic or {})],
        [ChannelSpec("desk", "webhook", options, rules)],
    )
    desk.tools.db.write(lambda db: configure.apply(db, wanted, desk.tools.clock()))


def run(desk: Desk) -> None:
    """The stages, one after the other, with whatever their own clock says is due."""
    desk.poll()
    desk.make_due("article")
    desk.ingest()
    deliver(desk)


def deliver(desk: Desk) -> None:
    for _ in range(2):  # what is folded is due by the stage's clock
        desk.make_due("alert")
        desk.deliver()


def publish(desk: Desk, *entries: Entry) -> None:
    desk.site.put("/feed", document(entries), kind="application/rss+xml")


def told(desk: Desk, nth: int, **changes: object) -> Entry:
    """A story of its own, all of it in the feed."""
    words = " ".join(f"word{nth}x{n}" for n in range(60))
    text = f"<p>Talks on Syria: {words}</p>"
    made = Entry(
        f"guid-{nth}", None, f"{HEADLINE} {nth}", summary=text, published=desk.tools.clock()
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def copies(
    desk: Desk, how_many: int, first: int = 0, nth: int = 0, credit: str = ""
) -> list[Entry]:
    """One story as so many publishers tell it."""
    one = told(desk, nth)
    return [
        replace(
            one,
            guid=f"guid-{nth}-{n}",
            summary=credit + one.summary,
            source_url=f"https://paper{n}.example/",
        )
        for n in range(first, first + how_many)
    ]


def bodies(desk: Desk) -> list[dict[str, Any]]:
    """What the webhook got; signatures of a clock that goes ahead are not looked at."""
    return [json.loads(seen.body) for seen in desk.site.requests if seen.path == "/hook"]


def withheld(desk: Desk) -> Counter[str]:
    return Counter(row["reason"] for row in desk.rows("withheld"))


def occasions(desk: Desk) -> list[str]:
    return [row["occasion"] for row in desk.rows("alert")]


# ---- whether


def test_a_new_feeds_history_floods_nobody(desk: Desk) -> None:
    at(desk, NOW)
    watch(desk)
    old = [told(desk, n, published=NOW - timedelta(days=3 + n)) for n in range(20)]
    publish(desk, *old, told(desk, 99, published=NOW - timedelta(hours=23)))
    run(desk)
    assert [body["article"]["headline"] for body in bodies(desk)] == [f"{HEADLINE} 99"]
    assert withheld(desk) == {"too-old": 20}


def test_a_story_of_40_papers_alerts_once_and_again_at_5_and_20(desk: Desk) -> None:
    at(desk, NOW)
    watch(desk, escalate=[5, 20])
    publish(desk, *copies(desk, 40))
    run(desk)
    # All three are sent at once.
    told = sorted((body["story"]["independent"], body["occasion"]) for body in bodies(desk))
    assert told == [(1, "first"), (5, "escalation"), (20, "escalation")]
    assert occasions(desk) == ["first", "escalation-5", "escalation-20"]
    assert withheld(desk) == {"already-told": 37}
    assert len(desk.rows("story")) == 1


def test_what_40_papers_took_from_one_agency_alerts_once(desk: Desk) -> None:
    at(desk, NOW)
    watch(desk, escalate=[5, 20])
    publish(desk, *copies(desk, 40, credit="<p>GENEVA, March 4 (Reuters) - Talks.</p>"))
    run(desk)
    assert desk.one("story")["origin"]
    assert occasions(desk) == ["first"]


def test_an_old_first_article_does_not_use_the_story_up(desk: Desk) -> None:
    at(desk, NOW)
    watch(desk)
    first, second = copies(desk, 2)
    publish(desk, replace(first, published=NOW - timedelta(days=2)))
    run(desk)
    assert bodies(desk) == []
    publish(desk, first, second)
    run(desk)
    assert [body["occasion"] for body in bodies(desk)] == ["first"]
    assert len(desk.rows("story")) == 1
    assert withheld(desk) == {"too-old": 1}


def test_what_was_withheld_for_the_feeds_few_words_is_judged_again_with_its_page(
    desk: Desk, site: Site
) -> None:
    at(desk, NOW)
    watch(desk, languages=["en"])
    link = site.put("/page", status=503)
    publish(desk, Entry("guid", link, HEADLINE, summary="…", published=NOW))
    run(desk)
    assert bodies(desk) == []
    assert [row["detail"] for row in desk.rows("withheld")] == [
        "language unknown, channel desk wants en"
    ]
    site.put("/page", page(HEADLINE, *TALKS))
    run(desk)
    assert [body["article"]["language"] for body in bodies(desk)] == ["en"]
    assert desk.rows("withheld") == []


def test_a_text_that_came_without_its_page_has_a_language_all_the_same(desk: Desk) -> None:
    at(desk, NOW)
    watch(desk, languages=["en"])
    publish(desk, told(desk, 1, summary=f"<p>{TALKS[0]}</p><p>{TALKS[1]}</p>"))
    run(desk)
    assert len(bodies(desk)) == 1


def test_a_correction_alerts_where_it_is_asked_for_and_once(desk: Desk, site: Site) -> None:
    at(desk, NOW)
    watch(desk, on=["correction"])
    link = site.put("/page", page(HEADLINE, *TALKS))
    entry = Entry("guid", link, HEADLINE, summary="…", published=NOW)
    publish(desk, entry)
    run(desk)
    at(desk, NOW + timedelta(days=3))
    note = "Correction: an earlier version of this story misnamed the envoy who spoke on Tuesday."
    site.put("/page", page(HEADLINE, *TALKS, note))
    for _ in range(2):
        publish(desk, replace(entry, summary="… corrected"))
        run(desk)
    first, second = bodies(desk)
    assert (first["occasion"], second["occasion"]) == ("first", "correction")
    assert note in second["article"]["lead"]
    (revision,) = desk.rows("revision")
    assert occasions(desk) == ["first", f"correction-{revision['id']}"]


def test_a_correction_alerts_nobody_who_did_not_ask(desk: Desk, site: Site) -> None:
    at(desk, NOW)
    watch(desk, topic={"on": []}, on=["correction", "update"])
    link = site.put("/page", page(HEADLINE, *TALKS))
    entry = Entry("guid", link, HEADLINE, summary="…", published=NOW)
    publish(desk, entry)
    run(desk)
    site.put("/page", page("Correction: talks on Syria put off", *TALKS))
    publish(desk, replace(entry, title="Correction: talks on Syria put off"))
    run(desk)
    assert len(desk.rows("revision")) == 1
    assert occasions(desk) == ["first"]


# ---- when


def test_a_quiet_night_ends_with_one_digest(desk: Desk) -> None:
    at(desk, NOW)
    watch(desk, quiet=quiet())
    publish(desk, *(told(desk, n) for n in range(3)))
    run(desk)
    at(desk, MORNING - timedelta(minutes=1))
    deliver(desk)
    assert bodies(desk) == []
    at(desk, MORNING)
    deliver(desk)
    (digest,) = bodies(desk)
    assert (digest["type"], digest["count"]) == ("digest", 3)
    assert digest["timestamp"] == MORNING.isoformat()
    assert digest["since"] == digest["until"] == NOW.isoformat()
    assert sorted(one["article"]["headline"] for one in digest["alerts"]) == [
        f"{HEADLINE} {n}" for n in range(3)
    ]
    *members, made = desk.rows("alert")
    assert {row["digest_id"] for row in members} == {made["id"]}


def test_one_alert_of_a_quiet_night_is_sent_as_itself(desk: Desk) -> None:
    at(desk, NOW)
    watch(desk, quiet=quiet())
    publish(desk, told(desk, 1))
    run(desk)
    at(desk, MORNING)
    deliver(desk)
    assert [body["type"] for body in bodies(desk)] == ["alert"]
    assert desk.site.requests[-1].headers["webhook-id"] == desk.one("alert")["webhook_id"]


def test_an_urgent_topic_wakes_the_desk(desk: Desk) -> None:
    at(desk, NOW)
    watch(desk, urgent=True, quiet=quiet(), digest="daily 09:00 UTC", at_most=1)
    publish(desk, *(told(desk, n) for n in range(3)))
    run(desk)
    assert len(bodies(desk)) == 3


def test_what_is_over_the_limit_of_an_hour_comes_in_one_digest(desk: Desk) -> None:
    at(desk, NOW)
    watch(desk, at_most=2)
    publish(desk, *(told(desk, n) for n in range(6)))
    run(desk)
    assert [body["type"] for body in bodies(desk)] == ["alert", "alert"]
    at(desk, NOW + timedelta(minutes=59))
    publish(desk, told(desk, 7))
    run(desk)
    assert len(bodies(desk)) == 2
    at(desk, NOW + timedelta(hours=1))
    deliver(desk)
    assert (bodies(desk)[-1]["type"], bodies(desk)[-1]["count"]) == ("digest", 5)
    # alerts of one digest are one message of the last hour, and those of an hour ago none
    channel_id = desk.one("channel")["id"]
    then = NOW + timedelta(hours=1, minutes=1)
    room = desk.tools.db.read(lambda db: store.room_of(db, channel_id, None, then))
    assert room == Room(told=1, first_at=NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    "changed",
    [{}, {"quiet": quiet(minutes=30)}, {"quiet": quiet(), "at_most": 9}],
    ids=["no-quiet", "other-quiet", "same-quiet"],
)
def test_what_waits_by_a_rule_that_is_changed_waits_by_the_new_one(
    desk: Desk, changed: dict[str, Any]
) -> None:
    at(desk, NOW)
    watch(desk, quiet=quiet())
    publish(desk, told(desk, 1), told(desk, 2))
    run(desk)
    watch(desk, **changed)
    deliver(desk)
    assert len(bodies(desk)) == ("at_most" not in changed)
    at(desk, MORNING)
    deliver(desk)
    assert [body["count"] for body in bodies(desk)] == [2]


def test_what_waits_is_let_go_when_its_topic_becomes_urgent(desk: Desk) -> None:
    at(desk, NOW)
    watch(desk, digest="hourly")
    publish(desk, told(desk, 1))
    run(desk)
    assert bodies(desk) == []
    watch(desk, urgent=True, digest="hourly")
    deliver(desk)
    assert len(bodies(desk)) == 1


def test_files_that_change_other_things_let_nothing_go(desk: Desk) -> None:
    at(desk, NOW)
    watch(desk, at_most=1)
    publish(desk, told(desk, 1), told(desk, 2))
    run(desk)
    at(desk, NOW + timedelta(minutes=5))
    watch(desk, at_most=1, escalate=[5])
    watch(desk, at_most=1, escalate=[5])
    (waiting,) = (row for row in desk.rows("alert") if row["fold_at"])
    assert waiting["due_at"] is None


# ---- mutes


def test_a_muted_story_is_silent_until_its_mute_ends(desk: Desk) -> None:
    at(desk, NOW)
    watch(desk, escalate=[2, 4], max_age_s=None)
    publish(desk, *copies(desk, 1))
    run(desk)
    story_id = str(desk.one("story")["id"])
    until = NOW + timedelta(days=7)
    desk.tools.db.write(lambda db: store.add_mute(db, "story", story_id, until, NOW))
    publish(desk, *copies(desk, 3))
    run(desk)
    assert occasions(desk) == ["first"]
    assert withheld(desk) == {"story-muted": 2}
    at(desk, until)
    publish(desk, *copies(desk, 4))
    run(desk)
    assert occasions(desk) == ["first", "escalation-4"]


@pytest.mark.parametrize(
    ("what", "which", "reason"),
    [
        ("topic", "syria", "topic-muted"),
        ("source", "paper0.example", "source-muted"),
        ("source", "www.Paper0.example", "source-muted"),
    ],
)
def test_what_is_owed_already_of_what_is_muted_is_taken_back(
    desk: Desk, what: Any, which: str, reason: str
) -> None:
    at(desk, NOW)
    watch(desk, quiet=quiet())
    publish(desk, *copies(desk, 1), told(desk, 5, source_url="https://other.example/"))
    desk.poll()
    desk.ingest()
    until = NOW + timedelta(hours=1)
    back = desk.tools.db.write(lambda db: store.add_mute(db, what, which, until, NOW))
    assert back == (2 if what == "topic" else 1)
    assert withheld(desk) == {reason: back}
    at(desk, MORNING)
    deliver(desk)
    assert len(bodies(desk)) == 2 - back
