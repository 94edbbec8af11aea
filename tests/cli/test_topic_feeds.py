"""`wirewatch topics feed`: a topic as a file, or where it can be had."""

import json
from pathlib import Path

import feedparser
import pytest

from tests.cli.conftest import Command
from tests.cli.test_commands import at_work as at_work
from worker.topic_feeds import place_of


def test_a_topic_is_written_as_a_feed(at_work: Command, tmp_path: Path) -> None:
    for form in ("atom", "rss"):
        code, out, _ = at_work("topics", "feed", "syria", "--format", form)
        assert code == 0
        assert [entry.title for entry in feedparser.parse(out).entries] == ["Talks on Syria"]
    _, out, _ = at_work("topics", "feed", "syria", "--format", "json")
    assert [item["title"] for item in json.loads(out)["items"]] == ["Talks on Syria"]
    file = tmp_path / "syria.xml"
    code, out, _ = at_work("topics", "feed", "1", "--out", str(file))
    assert (code, "1 stories of syria" in out) == (0, True)
    assert len(feedparser.parse(file.read_bytes()).entries) == 1
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".syria")] == []


def test_its_address_needs_a_key_and_a_place(at_work: Command) -> None:
    code, _, err = at_work("topics", "feed", "syria", "--address")
    assert (code, "WIREWATCH_FEED_KEY" in err) == (1, True)
    at_work.set("WIREWATCH_FEED_KEY", "k" * 32)
    at_work.set("WIREWATCH_PUBLIC_URL", "https://watch.example")
    code, out, _ = at_work("topics", "feed", "syria", "--address", "--format", "rss")
    assert out.strip() == f"https://watch.example{place_of('k' * 32, 'syria', 'rss')}"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nothing",), "There is no topic 'nothing'"),
        (("syria", "--format", "pdf"), "atom, rss, json"),
        (("syria", "--out", "/nowhere/at/all.xml"), "cannot be written"),
    ],
    ids=["topic", "form", "file"],
)
def test_what_cannot_be_written_is_told(
    at_work: Command, arguments: tuple[str, ...], told: str
) -> None:
    code, _, err = at_work("topics", "feed", *arguments)
    assert (code, told in err) == (1, True)


def test_a_key_that_is_refused_is_not_shown(command: Command) -> None:
    command.set("WIREWATCH_FEED_KEY", "too-short-key")
    code, out, err = command("topics", "list")
    assert (code, "WIREWATCH_FEED_KEY" in err) == (1, True)
    assert "too-short-key" not in out + err
