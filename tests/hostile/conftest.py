"""The hostile site, for every test here."""

from collections.abc import Iterator

import pytest

from tests.hostile.server import Hostile, hostile_site


@pytest.fixture(scope="package")
def hostile() -> Iterator[Hostile]:
    with hostile_site() as site:
        yield site
