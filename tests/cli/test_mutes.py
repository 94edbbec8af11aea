"""`wirewatch alerts mute`, `unmute`, `mutes`."""

import pytest

from tests.cli.conftest import Command
from tests.store.making import owe_one
from worker.store import Database


@pytest.fixture
def story(sqlite_url: str) -> str:
    """The number of a story of which one alert is owed."""
    db = Database(sqlite_url)
    owed = owe_one(db)
    db.close()
    return str(owed.story_id)


def test_a_story_is_muted_listed_and_unmuted(command: Command, story: str) -> None:
    code, out, _ = command("alerts", "mute", "story", story, "--for", "2d", "--channel", "desk")
    assert code == 0
    assert f"The story {story} is muted in desk until " in out
    assert "Taken back: 1 alerts" in out
    (row,) = command.json("alerts", "mutes")
    assert (row["what"], row["which"], row["channel"], row["made_by"]) == (
        "story", story, "desk", "command",
    )  # fmt: skip
    assert row["title"].startswith("Read: ")
    assert story in command("alerts", "mutes")[1]
    assert command("alerts", "unmute", "story", story, "--channel", "desk")[0] == 0
    assert "Nothing is muted." in command("alerts", "mutes")[1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("mute", "story", "seventeen"), "named by its number"),
        (("mute", "story", "4711"), "No story 4711"),
        (("mute", "source", "localhost"), "Write a domain"),
        (("mute", "topic", "prots"), "No topic 'prots'"),
        (("mute", "topic", "ports", "--for", "soon"), "90m, 12h, 7d, 2w"),
        (("mute", "topic", "ports", "--for", "0d"), "90m, 12h, 7d, 2w"),
        (("mute", "topic", "ports", "--channel", "dusk"), "No channel 'dusk'"),
        (("mute", "feed", "ports"), "'feed'"),
        (("unmute", "topic", "ports"), "is not muted for all channels"),
    ],
)
def test_a_mistake_is_told_and_mutes_nothing(
    command: Command, story: str, arguments: tuple[str, ...], says: str
) -> None:
    code, _, err = command("alerts", *arguments)
    assert code != 0
    assert says in err
    assert command.json("alerts", "mutes") == []
