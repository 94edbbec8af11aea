"""Feeds that have moved, as commands show them: under the new address, and found by the old one."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import Command
from tests.store.making import MANNERS
from worker import store
from worker.errors import Reason
from worker.records import FeedMemory, FeedVisit, Hints
from worker.store import Database

OLD, NEW = "https://old.example/feed", "https://new.example/feed"
NOW = datetime.now(UTC) - timedelta(minutes=1)


@pytest.fixture
def moved(command: Command, sqlite_url: str) -> Command:
    """A feed that failed once, ran over once, was lied about twice, and then moved."""
    assert command("feeds", "add", "--no-look", OLD)[0] == 0
    db = Database(sqlite_url)
    (feed_id,) = (row["id"] for row in db.read(store.list_feeds))
    due = store.FEEDS.table.update().values(due_at=NOW)
    for reason in (Reason.TIMED_OUT, None):
        db.write(lambda c: c.execute(due))
        (claim,) = db.write(lambda c: store.claim_feeds(c, 1, 60, MANNERS))
        visit = FeedVisit(
            feed_id, claim.token, OLD, NOW, NOW, 0, FeedMemory(gaps=1, false_304s=2),
            reason=reason, changed=True, hints=Hints(ttl_s=3_600.0, skip_hours=(1, 2)),
            move_to=None if reason else NEW,
        )  # fmt: skip
        db.write(lambda c, visit=visit: store.settle_visits(c, [visit]))  # type: ignore[misc]
    db.close()
    return command


def test_lists_and_exports_give_the_new_address_and_name_the_former_one(moved: Command) -> None:
    (row,) = moved.json("feeds", "list")
    assert (row["url"], row["former_urls"]) == (NEW, [OLD])
    _, out, _ = moved("feeds", "list")
    assert "ok, 2 false 304s" in out
    _, out, _ = moved("feeds", "export")
    assert (NEW in out, OLD in out) == (True, False)


@pytest.mark.parametrize("url", [OLD, NEW])
def test_a_feed_is_shown_under_either_address_with_all_that_is_known_of_it(
    moved: Command, url: str
) -> None:
    code, out, _ = moved("feeds", "show", url)
    assert code == 0
    lines = {line[:14].strip(): line[16:] for line in out.splitlines()}
    assert (lines["url"], lines["former urls"]) == (NEW, OLD)
    assert "ttl_s 3600.0" in lines["hints"]
    assert "skip_hours 1, 2" in lines["hints"]
    assert lines["troubles"].startswith("timed-out 1 times")
    assert lines["false 304s"] == "2"
    assert moved.json("feeds", "show", url)["hints"]["skip_hours"] == [1, 2]
    assert "lease_token" not in moved.json("feeds", "show", url)


def test_a_feed_is_found_by_the_number_that_lists_show(moved: Command) -> None:
    (number,) = [row["id"] for row in moved.json("feeds", "list") if row["url"] == NEW]
    assert moved.json("feeds", "show", str(number))["url"] == NEW
    code, out, _ = moved("schedule", "explain", str(number))
    assert (code, NEW in out) == (0, True)


@pytest.mark.parametrize("which", ["https://nobody.example/feed", "987654", "9" * 40])
def test_a_feed_nobody_knows_cannot_be_shown(moved: Command, which: str) -> None:
    code, _, err = moved("feeds", "show", which)
    assert (code, "feeds list" in err) == (1, True)


def test_the_old_address_is_added_and_removed_as_the_new_one(moved: Command) -> None:
    code, _, err = moved("feeds", "add", "--no-look", OLD)
    assert (code, f"which has moved to {NEW}" in err) == (1, True)
    assert moved("feeds", "remove", OLD)[0] == 0
    assert moved.json("feeds", "list") == []
    assert moved("feeds", "add", "--no-look", OLD)[0] == 0
    assert [row["url"] for row in moved.json("feeds", "list")] == [NEW]
