"""topics.yml while the daemon works: edits, bad edits, shadow, and what a match is stored with."""

from pathlib import Path

import pytest

from tests.pipeline.conftest import Desk
from tests.site import Site, page
from tests.waiting import wait_until
from worker import runtime, store
from worker.configure import REFUSED, ConfigWatcher

TALKS = "Diplomats met on Tuesday to prepare new talks on the future of Syria, an envoy said."
TOPICS = """\
topics:
  - name: syria
    title: Syria
    channels: [desk]
    query: {query}
"""


@pytest.fixture
def folder(desk: Desk, site: Site, tmp_path: Path) -> Path:
    """Files that watch one article about talks on Syria."""
    link = site.put("/a", page("Envoy prepares talks on Syria", TALKS, TALKS[:60]))
    feed = site.put_feed("/feed", [{"title": "Talks", "link": link, "guid": "1"}])
    outline = f'<outline text="f" xmlUrl="{feed}"/>'
    (tmp_path / "feeds.opml").write_text(f'<opml version="2.0"><body>{outline}</body></opml>')
    (tmp_path / "topics.yml").write_text(TOPICS.format(query="syria AND talks"))
    (tmp_path / "channels.yml").write_text("channels: [{name: desk, kind: log}]")
    return tmp_path


def edit(folder: Path, query: str) -> None:
    """Replace topics.yml at once, as editors do: a file that is half written may be read."""
    new = folder / "topics.new"
    new.write_text(TOPICS.format(query=query))
    new.replace(folder / "topics.yml")


def watcher_of(desk: Desk, folder: Path) -> ConfigWatcher:
    watcher = ConfigWatcher(desk.tools.db, folder, {}, runtime.clock)
    watcher.apply_now()
    return watcher


def query_at_work(desk: Desk) -> str:
    (row,) = desk.tools.db.read(store.enabled_topics)
    return row.spec.query


def test_an_edit_is_at_work_and_a_bad_one_leaves_the_last_good(desk: Desk, folder: Path) -> None:
    watcher = watcher_of(desk, folder)
    watcher.start()
    try:
        edit(folder, "syria AND envoy")
        wait_until(
            lambda: query_at_work(desk) == "syria AND envoy",
            what="the edit was at work",
        )
        edit(folder, "syria and envoy")
        wait_until(lambda: REFUSED in desk.tools.db.read(store.notices), what="it was refused")
        told = desk.tools.db.read(store.notices)[REFUSED].text
        assert "topics.yml:5: topics[0].query: column 18: and is no operator" in told
        assert query_at_work(desk) == "syria AND envoy"
        edit(folder, "syria OR envoy")
        wait_until(lambda: not desk.tools.db.read(store.notices), what="all was well again")
        assert query_at_work(desk) == "syria OR envoy"
    finally:
        watcher.stop()


def test_a_match_is_stored_with_its_score_and_the_version_that_found_it(
    desk: Desk, folder: Path
) -> None:
    watcher_of(desk, folder)
    desk.run()
    (topic,), match = desk.rows("topic"), desk.one("topic_match")
    assert (match["score"], match["version"]) == (1.0, topic["version"])
    assert len(topic["version"]) == 12
    assert len(desk.rows("alert")) == 1


def test_a_topic_in_shadow_keeps_matches_and_owes_no_alert(desk: Desk, folder: Path) -> None:
    shadow = TOPICS.format(query="syria AND talks") + "    shadow: true\n"
    (folder / "topics.yml").write_text(shadow)
    watcher_of(desk, folder)
    desk.run()
    assert len(desk.rows("topic_match")) == 1
    assert desk.rows("alert") == []


def test_topics_may_ask_for_what_is_known_beside_the_text(desk: Desk, folder: Path) -> None:
    (folder / "topics.yml").write_text(TOPICS.format(query="syria AND source:127.0.0.1"))
    watcher_of(desk, folder)
    desk.run()
    evidence = desk.one("topic_match")["evidence"]
    assert "source" in str(evidence)
