"""The demo's configuration: files as an operator writes them, read by the daemon's own reader."""

from pathlib import Path

import pytest

from worker import config_files
from worker.demo import desk
from worker.demo.outlets import OUTLETS
from worker.errors import ConfigError

SECRET = {desk.SECRET: "whsec_" + "QUJD" * 8}
TOPICS = """\
topics:
  - name: boats
    title: Boats
    query: ferry OR boat
    channels: [somewhere]
  - name: damascus
    title: Damascus, the Levant's café
    query: Syria AND (talks OR "foreign minister" OR محادثات)
    channels: []
"""


def test_the_files_are_read_without_a_mistake_and_alert_the_receiver(tmp_path: Path) -> None:
    shipped = tmp_path / "topics.yml"
    shipped.write_text(TOPICS, "utf-8")
    folder = tmp_path / "config"
    hook = "http://127.0.0.1:8081/hook"
    judged_by = desk.write_config(folder, "http://127.0.0.1:8080", hook, shipped)
    read = config_files.load(folder, SECRET)
    assert judged_by == "damascus"
    assert len(read.feeds) == sum(len(outlet.feeds) for outlet in OUTLETS)
    assert [(topic.name, topic.channels) for topic in read.topics] == [
        ("boats", ("desk",)),
        ("damascus", ("desk",)),
    ]
    assert read.topics[1].query == 'Syria AND (talks OR "foreign minister" OR محادثات)'
    assert [channel.options["url"] for channel in read.channels] == [hook]


@pytest.mark.parametrize("text", [None, "", "topics: []", "- a"])
def test_without_a_shipped_topic_there_is_no_demo(tmp_path: Path, text: str | None) -> None:
    shipped = tmp_path / "topics.yml"
    if text is not None:
        shipped.write_text(text)
    with pytest.raises(ConfigError, match=r"no topics to show\. Restore"):
        desk.write_config(tmp_path / "config", "http://127.0.0.1:1", "http://127.0.0.1:2", shipped)
