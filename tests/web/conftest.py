"""A door that is open on loopback, over a store of its own."""

from collections.abc import Iterator

import pytest

from tests.pipeline.conftest import settings_for
from worker import runtime
from worker.tools import Tools


@pytest.fixture
def tools(sqlite_url: str) -> Iterator[Tools]:
    tools = runtime.build(settings_for(sqlite_url, listen="127.0.0.1:0"))
    yield tools
    runtime.close(tools)
