"""What is made ready in the background, and what happens when the process ends meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.pipeline.conftest import Desk, settings_for
from tests.site import Site
from worker import early, runtime, store, warming
from worker.records import Page
from worker.sandbox import EXTRACT, start_early

PATIENCE_S = 60


@pytest.fixture
def desk(tmp_path: Path, site: Site) -> Iterator[Desk]:
    tools = runtime.build(settings_for(f"sqlite:///{tmp_path}/warming.db"))
    store.upgrade(tools.db)
    yield Desk(tools, site)
    runtime.close(tools)


def children() -> set[int]:
    return {process.pid for process in psutil.Process().children()}


def test_a_reader_and_the_topics_are_there_before_the_first_article(desk: Desk) -> None:
    tools, before = desk.tools, children()
    desk.watch()
    warming.warm(tools, 1).join(PATIENCE_S)
    (reader,) = children() - before
    assert len(tools.topics.current.topics) == 1
    page = b"<html><body><p>" + b"Talks on Syria resume in Geneva. " * 20 + b"</p></body></html>"
    read = tools.loop.run(tools.sandbox.run(EXTRACT, page, url="http://a.test/"))
    assert isinstance(read, Page)
    assert children() - before == {reader}


def test_a_process_that_ends_meanwhile_is_not_held_up(desk: Desk) -> None:
    tools, before = desk.tools, children()
    thread = warming.warm(tools, 2)
    tools.loop.run(tools.sandbox.close())
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    assert children() == before


def test_a_child_that_was_started_early_is_the_first_reader(desk: Desk) -> None:
    before = children()
    start_early(early.reading_limits(desk.tools.settings), EXTRACT, early.PAGE, url=early.URL)
    started = children() - before
    warming.warm(desk.tools, 1).join(PATIENCE_S)
    assert children() - before == started


@pytest.mark.parametrize(
    ("arguments", "will"),
    [
        ("run", True),
        ("worker", True),
        ("worker -Q poll,ingest", True),
        ("worker --queues=ingest -c 2", True),
        ("worker -Q poll", False),
        ("worker -Q ingest --pool prefork", False),
        ("run --help", False),
        ("feeds list", False),
        ("", False),
    ],
)
def test_only_a_command_that_reads_pages_starts_a_reader_early(arguments: str, will: bool) -> None:
    assert early.will_read(arguments.split()) is will
