"""What is made ready in the background, and what happens when the process ends meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.pipeline.conftest import Desk, settings_for
from tests.site import Site
from worker import runtime, store, warming
from worker.records import Page
from worker.sandbox import EXTRACT

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
