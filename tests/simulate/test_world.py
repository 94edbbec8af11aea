"""Traces of publication times: read from files, laid side by side, wrong ones named."""

import pytest

from worker.errors import ConfigError
from worker.simulate import Trace, read_traces, world_of
from worker.simulate.world import START_S, shared_hosts

DAY = 86_400.0
MONDAY, SATURDAY = 1_777_852_800.0, 1_622_851_200.0


def test_a_trace_is_a_line_of_a_file() -> None:
    lines = ['{"source": "one", "t0": 1777852800, "t": [5, 1.5], "host": "x"}', "", "  "]
    assert read_traces(lines, "news.jsonl") == [Trace("one", MONDAY, (1.5, 5.0))]


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"source": "a", "t0": 0}', '{"source": "a", "t0": "x", "t": [1]}',
     '{"source": "a", "t0": 0, "t": []}', '{"source": "a", "t0": 0, "t": [-1]}',
     '{"source": "a", "t0": 0, "t": [1e99]}', '{"source": "a", "t0": NaN, "t": [1]}',
     '{"source": "a", "t0": 0, "t": [NaN]}'],
)  # fmt: skip
def test_a_line_that_is_no_trace_is_named_with_what_to_write(line: str) -> None:
    good = '{"source": "one", "t0": 1777852800, "t": [5]}'
    with pytest.raises(ConfigError, match=r"news\.jsonl:2: .*Write one JSON object a line"):
        read_traces([good, line], "news.jsonl")


def test_traces_of_any_year_keep_their_weekdays() -> None:
    world = world_of([Trace("a", MONDAY, (0.0,)), Trace("b", SATURDAY, (DAY,))])
    assert world.times == ((START_S,), (START_S + 6 * DAY,))
    assert world.starts_at == START_S
    assert world.ends_at == START_S + 6 * DAY


def test_a_part_of_the_feeds_share_hosts_ten_at_each() -> None:
    hosts = shared_hosts(103, 0.2)
    shared = [host for host in hosts if host < 0]
    assert len(shared) == 21
    assert max(shared.count(host) for host in shared) == 10
    assert len(set(shared_hosts(5, 0.0))) == 5
