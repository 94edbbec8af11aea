"""Who blocks us: challenges and blocks of protection services, and honest refusals beside them."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bot_walls.answers import CF, HONEST, WALLS
from tests.real_data import real_files
from worker.bot_walls import wall_of


@pytest.mark.parametrize(
    ("wall", "status", "headers", "body"), [pytest.param(*row[1:], id=row[0]) for row in WALLS]
)
def test_a_wall_is_named(wall: str, status: int, headers: dict[str, str], body: str) -> None:
    assert wall_of(status, headers, body.encode()) == wall


@pytest.mark.parametrize(
    ("status", "headers", "body"), [pytest.param(*row[1:], id=row[0]) for row in HONEST]
)
def test_an_honest_answer_is_no_wall(status: int, headers: dict[str, str], body: str) -> None:
    assert wall_of(status, headers, body.encode()) is None


@pytest.mark.parametrize("status", [200, 403, 503])
def test_no_real_page_or_feed_is_taken_for_a_wall(status: int) -> None:
    pages = {file.name: gzip.decompress(file.read_bytes()) for file in real_files("pages/*.gz")}
    feeds = {file.name: file.read_bytes() for file in real_files("feeds/*.xml")}
    taken = {name: wall_of(status, CF, body) for name, body in (pages | feeds).items()}
    assert {name: wall for name, wall in taken.items() if wall} == {}


@settings(deadline=None)
@given(st.integers(100, 599), st.dictionaries(st.text(), st.text(), max_size=5), st.binary())
def test_any_answer_is_judged(status: int, headers: dict[str, str], head: bytes) -> None:
    assert wall_of(status, headers, head) is None or status >= 200


def test_names_of_headers_may_be_in_any_case() -> None:
    assert wall_of(403, {"CF-Mitigated": "Challenge"}, b"") == "Cloudflare"
