"""The three files together: what is read, all that is wrong at once, and when they have changed."""

import os
from pathlib import Path

import pytest

from tests.config_files.making import CHANNELS, ENVIRON, FEEDS, TOPICS, write
from worker.config_files import check, load, stamp
from worker.errors import ConfigError
from worker.records import ChannelSpec, FeedSpec, TopicSpec

SHIPPED = Path(__file__).parents[2] / "config"


def test_good_files_become_a_configuration(tmp_path: Path) -> None:
    found = load(write(tmp_path), ENVIRON)
    assert found.feeds == [
        FeedSpec("https://one.example/feed", "One", "https://one.example/", "Arabic"),
        FeedSpec("https://two.example/rss?a=1&b=2", "Two", None, "Arabic"),
        FeedSpec("http://three.example/atom.xml", "Three", None, ""),
    ]
    assert found.topics == [
        TopicSpec("syria", "Syria", "(Syria OR سوريا)\nAND\n(talks OR truce)", ("desk", "hook")),
        TopicSpec("iran", "Iran", "Iran AND talks", ()),
    ]
    options = {"url": "https://${HOOK_HOST}/wirewatch", "secret": "${DESK_SECRET}"}
    assert found.channels == [
        ChannelSpec("desk", "log", {}),
        ChannelSpec("hook", "webhook", options),
    ]
    assert check(tmp_path, ENVIRON) == []


def test_all_mistakes_of_all_files_are_found_at_once(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        feeds=FEEDS.replace("https://one", "ftp://one").replace("http://three", "http//three"),
        channels=CHANNELS.replace("kind: log", "kind: lag").replace("url:", "address:"),
        topics=TOPICS.replace("title: Syria", "titel: Syria").replace("AND talks", "AND"),
    )
    found = check(folder, ENVIRON)
    assert [(Path(m.file).name, m.line, m.key) for m in found] == [
        ("feeds.opml", 6, "xmlUrl"),
        ("feeds.opml", 9, "xmlUrl"),
        ("channels.yml", 3, "channels[0].kind"),
        ("channels.yml", 6, "channels[1].address"),
        ("channels.yml", 4, "channels[1].url"),
        ("topics.yml", 3, "topics[0].titel"),
        ("topics.yml", 2, "topics[0].title"),
        ("topics.yml", 12, "topics[1].query"),
    ]
    with pytest.raises(ConfigError) as caught:
        load(folder, ENVIRON)
    assert str(caught.value) == str(found[0])


def test_a_faulty_channel_is_known_to_the_topics_all_the_same(tmp_path: Path) -> None:
    folder = write(tmp_path, channels=CHANNELS.replace("kind: log", "kind: lag"))
    assert [m.key for m in check(folder, ENVIRON)] == ["channels[0].kind"]


def test_with_unreadable_channels_topics_are_not_blamed_for_naming_some(tmp_path: Path) -> None:
    folder = write(tmp_path, channels="channels: [")
    assert {Path(m.file).name for m in check(folder, ENVIRON)} == {"channels.yml"}


def test_an_empty_folder_says_how_to_make_each_file(tmp_path: Path) -> None:
    found = check(tmp_path, {})
    assert [Path(m.file).name for m in found] == ["feeds.opml", "channels.yml", "topics.yml"]
    assert all(m.problem == "there is no such file" for m in found)
    assert all(m.remedy.startswith(("Export", "Write")) for m in found)


@pytest.mark.parametrize("name", ["feeds.opml", "channels.yml", "topics.yml"])
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, name: str) -> None:
    path = write(tmp_path) / name

    def problem() -> str:
        return " ".join(m.problem for m in check(tmp_path, ENVIRON) if m.file == str(path))

    path.write_bytes(b"a" * (10 * 1024**2 + 1))
    assert problem() == "it is larger than 10 MiB"
    path.unlink()
    path.mkdir()
    assert problem() == "it is a folder"
    path.rmdir()
    path.symlink_to(path)
    assert problem().startswith("it cannot be read")


def test_a_folder_that_is_a_file_is_like_one_without_files(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("")
    assert len(check(tmp_path / "config", {})) == 3
    assert stamp(tmp_path / "config") == "- - - -"


def test_the_stamp_changes_with_any_file_and_only_then(tmp_path: Path) -> None:
    folder = write(tmp_path / "config")
    seen = {stamp(folder)}
    assert stamp(folder) in seen
    for name in ("feeds.opml", "channels.yml", "topics.yml"):
        path = folder / name
        os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
        assert stamp(folder) not in seen
        seen.add(stamp(folder))
        path.unlink()
        assert stamp(folder) not in seen
        seen.add(stamp(folder))


def test_the_shipped_files_are_well() -> None:
    found = load(SHIPPED, {})
    assert len(found.feeds) >= 25
    assert [topic.name for topic in found.topics] == [
        "syria-diplomacy",
        "iran-nuclear-talks",
        "ukraine-peace-talks",
        "sanctions",
        "refugees-and-aid",
        "un-security-council",
    ]
    assert found.channels == [ChannelSpec("desk", "log", {})]


def test_the_shipped_example_of_a_webhook_works_once_it_is_uncommented(tmp_path: Path) -> None:
    lines = (SHIPPED / "channels.yml").read_text("utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if "- name: newsroom" in line)
    text = "\n".join(lines[:start] + [line.replace("# ", "", 1) for line in lines[start:]])
    folder = write(tmp_path, channels=text, topics="topics: []")
    environ = {"WIREWATCH_DESK_SECRET": ENVIRON["DESK_SECRET"]}
    assert [c.kind for c in load(folder, environ).channels] == ["log", "webhook"]
