"""Mutes are kept once, follow a story that is merged, and are forgotten after they end."""

from datetime import timedelta

import pytest

from tests.store.making import LATER, LEASE_S, NOW, count, owe_one, rows
from worker import store
from worker.errors import NotFoundError
from worker.records import Mute, MuteWhat
from worker.store import Database

WEEK = NOW + timedelta(days=7)


def mute(db: Database, what: MuteWhat, which: str, channel: str | None = None) -> int:
    return db.write(lambda c: store.add_mute(c, what, which, WEEK, NOW, channel=channel))


def test_what_is_muted_again_is_muted_once_until_the_later_time(database: Database) -> None:
    owe_one(database)
    mute(database, "topic", "ports")
    database.write(lambda c: store.add_mute(c, "topic", "ports", LATER, NOW))
    mute(database, "topic", "ports", "desk")
    found = database.read(lambda c: store.mutes_at(c, NOW))
    assert found == [
        Mute("topic", "ports", LATER),
        Mute("topic", "ports", WEEK, found[1].channel_id),
    ]
    assert database.read(lambda c: store.mutes_at(c, LATER)) == found[1:]


def test_an_alert_that_is_being_sent_is_not_taken_back(database: Database) -> None:
    owe_one(database)
    database.write(lambda c: store.claim_alerts(c, 5, LEASE_S, 5))
    assert mute(database, "topic", "ports") == 0
    assert count(database, "alert") == 1


def test_an_alert_that_was_tried_is_given_up_and_kept(database: Database) -> None:
    owe_one(database)
    database.write(lambda c: c.execute(store.ALERTS.table.update().values(attempts=2)))
    assert mute(database, "source", "site.example") == 1
    assert rows(database, "SELECT due_at, reason, detail FROM alert") == [
        (None, "muted", "source site.example was muted")
    ]


def test_a_mute_of_one_channel_takes_back_what_is_owed_to_it(database: Database) -> None:
    owed = owe_one(database)
    database.write(
        lambda c: store.add_mute(c, "story", str(owed.story_id), WEEK, NOW, channel="desk")
    )
    assert count(database, "alert") == 0
    assert rows(database, "SELECT reason FROM withheld") == [("story-muted",)]


def test_a_mute_follows_its_story_into_another(database: Database) -> None:
    first, second = owe_one(database, "one"), owe_one(database, "two")
    mute(database, "story", str(second.story_id))
    ids = [first.story_id or 0, second.story_id or 0]
    kept = database.write(lambda c: store.merge_by_hand(c, ids, NOW))
    assert [one.which for one in database.read(lambda c: store.mutes_at(c, NOW))] == [str(kept)]
    # and who mutes it by its old number mutes what it is part of
    assert database.write(lambda c: store.remove_mute(c, "story", str(second.story_id), None)) == 1


@pytest.mark.parametrize(
    ("what", "which", "channel", "says"),
    [
        ("story", "4711", None, "No story 4711"),
        ("topic", "prots", None, "No topic 'prots'"),
        ("topic", "ports", "dusk", "No channel 'dusk'"),
    ],
)
def test_what_is_not_there_cannot_be_muted(
    database: Database, what: MuteWhat, which: str, channel: str | None, says: str
) -> None:
    owe_one(database)
    with pytest.raises(NotFoundError, match=says):
        mute(database, what, which, channel)
    assert count(database, "mute") == 0


def test_what_was_withheld_and_muted_long_ago_is_forgotten(database: Database) -> None:
    owe_one(database)
    mute(database, "topic", "ports")
    assert count(database, "withheld") == 1
    database.write(lambda c: store.purge_withheld(c, NOW))
    database.write(lambda c: store.purge_mutes(c, WEEK))
    assert (count(database, "withheld"), count(database, "mute")) == (1, 1)
    assert database.write(lambda c: store.purge_withheld(c, LATER)) == 1
    database.write(lambda c: store.purge_mutes(c, WEEK + timedelta(seconds=1)))
    assert (count(database, "withheld"), count(database, "mute")) == (0, 0)
