"""Tools: built once a process, closed in good time whatever they are busy with."""

import asyncio
import time

import pytest

from tests.pipeline.conftest import settings_for
from tests.rawsite import hangs, raw_site
from tests.sandbox import jobs
from tests.sandbox.children import children_from_now
from tests.waiting import wait_until
from worker import __version__, runtime
from worker.fetch import FEED_TYPES, fetch
from worker.records import FetchRequest
from worker.settings import Settings

MIB = 1024**2


def test_closing_ends_requests_and_children_that_are_at_work(sqlite_url: str) -> None:
    children = children_from_now()
    tools = runtime.build(settings_for(sqlite_url, fetch_timeout_s=60, reading_processes=2))
    asked: list[bytes] = []

    def hang(connection: object, head: bytes) -> None:
        asked.append(head)
        hangs()(connection, head)  # type: ignore[arg-type]

    with raw_site(hang) as url:
        request = FetchRequest(url, FEED_TYPES, MIB)
        for work in (
            fetch(tools.web, request),
            tools.sandbox.run(f"{jobs.__name__}:hang"),
            tools.sandbox.run(f"{jobs.__name__}:loop_in_c"),
        ):
            asyncio.run_coroutine_threadsafe(work, tools.loop.loop)
        wait_until(lambda: asked and len(children()) == 2, what="all of it is under way")
        began = time.monotonic()
        runtime.close(tools)
    assert time.monotonic() - began < 8
    assert children() == set()
    assert tools.web.direct.closed
    assert tools.web.proxied.closed
    assert tools.delivering.session.closed


def test_closing_what_has_not_begun_is_no_trouble(sqlite_url: str) -> None:
    children = children_from_now()
    tools = runtime.build(settings_for(sqlite_url))
    runtime.close(tools)
    assert children() == set()


@pytest.mark.parametrize(
    ("knobs", "agent"),
    [
        ({}, f"wirewatch/{__version__} (news feed monitor)"),
        (
            {"contact": "https://desk.example/bot"},
            f"wirewatch/{__version__} (news feed monitor; https://desk.example/bot)",
        ),
        ({"user_agent": "Desk/1.0", "contact": "ignored"}, "Desk/1.0"),
    ],
)
def test_the_user_agent_says_who_asks_and_whom_to_write_to(
    knobs: dict[str, str], agent: str
) -> None:
    assert runtime.user_agent(Settings(**knobs)) == agent  # type: ignore[arg-type]
