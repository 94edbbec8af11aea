"""When all that is asked falls silent at once, it is our own network that is down."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import Reason
from worker.outage import SILENCE, Outage, Turn

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
DOWN = Reason.HOST_UNKNOWN


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def silenced(outage: Outage, requests: int = 8, hosts: int = 4, *, start: float = 0) -> list[Turn]:
    """So many requests without an answer, one a second; what turned with them."""
    for n in range(requests):
        outage.note(f"h{n % hosts}", DOWN, at(start + n))
    return outage.take_turns(at(start + requests))


def test_eight_requests_to_four_hosts_without_an_answer_are_an_outage() -> None:
    outage = Outage()
    assert silenced(outage) == [Turn(down=True, since=NOW)]
    assert outage.is_down


@pytest.mark.parametrize(("requests", "hosts"), [(7, 7), (100, 3)])
def test_fewer_requests_or_hosts_are_none(requests: int, hosts: int) -> None:
    assert silenced(Outage(), requests, hosts) == []


def test_many_that_fail_within_a_moment_are_none_yet() -> None:
    outage = Outage(after_s=5)
    for n in range(400):
        outage.note(f"h{n}", DOWN, at(n / 100))
    assert outage.take_turns(at(4.9)) == []
    outage.note("h1", DOWN, at(5))
    assert outage.is_down


def test_an_outage_is_known_though_nothing_more_is_asked() -> None:
    outage = Outage(after_s=5)
    for n in range(12):
        outage.note(f"h{n}", DOWN, at(0))
    assert outage.take_turns(at(4)) == []
    assert outage.take_turns(at(5)) == [Turn(down=True, since=NOW)]


def test_an_answer_in_between_says_that_the_network_is_there() -> None:
    outage = Outage()
    silenced(outage, 7)
    outage.note("good", None, at(7))
    assert silenced(outage, 7, 7, start=8) == []


@pytest.mark.parametrize("reason", [r for r in Reason if r not in SILENCE])
def test_only_silence_counts_and_whatever_a_site_says_is_an_answer(reason: Reason) -> None:
    outage = Outage()
    for n in range(20):
        outage.note(f"h{n}", reason, at(n))
    assert outage.take_turns(at(20)) == []
    silenced(outage, start=20)
    says_nothing = {
        Reason.BAD_URL, Reason.URL_TOO_LONG, Reason.FORBIDDEN_SCHEME, Reason.CREDENTIALS_IN_URL,
        Reason.FORBIDDEN_ADDRESS, Reason.SECRET_MISSING, Reason.PROXY_FAILED, Reason.TLS_FAILED,
        Reason.WORKER_LOST, Reason.OFFLINE, Reason.UNEXPECTED,
    }  # fmt: skip
    outage.note("h9", reason, at(30))
    assert outage.is_down == (reason in says_nothing)


def test_an_answer_ends_an_outage_and_each_turn_is_told_once() -> None:
    outage = Outage()
    down, back = Turn(down=True, since=NOW), Turn(down=False, since=NOW)
    assert silenced(outage, 20) == [down]
    assert outage.take_turns(at(20)) == []
    outage.note("h1", None, at(60))
    assert not outage.is_down
    assert outage.take_turns(at(60)) == [back]
    assert outage.take_turns(at(60)) == []


def test_dead_hosts_that_fail_together_are_no_outage_a_second_time() -> None:
    outage = Outage()
    for n in range(20):
        outage.note(f"dead{n}", DOWN, at(n / 10))
    outage.note("good", None, at(3))
    for n in range(20):
        outage.note(f"dead{n}", DOWN, at(300 + n))
    assert outage.take_turns(at(400)) == []


def test_a_dead_host_that_has_answered_is_a_witness_again() -> None:
    outage = Outage()
    silenced(outage, 4)
    outage.note("good", None, at(5))
    for n in range(4):
        outage.note(f"h{n}", None, at(6))
    assert silenced(outage, start=10) == [Turn(down=True, since=at(10))]


def test_hosts_that_an_outage_silenced_are_witnesses_of_the_next() -> None:
    outage = Outage()
    silenced(outage)
    outage.note("h0", None, at(60))
    assert len(outage.take_turns(at(60))) == 1
    assert silenced(outage, start=100) == [Turn(down=True, since=at(100))]


def test_while_it_lasts_one_request_a_second_looks_for_its_end() -> None:
    outage = Outage()
    assert all(outage.may_ask(at(0)) for _ in range(9))
    silenced(outage)
    asked = [outage.may_ask(at(10 + n / 10)) for n in range(30)]
    assert asked.count(True) == 3
    outage.note("h0", None, at(20))
    assert all(outage.may_ask(at(20)) for _ in range(9))


def test_a_clock_that_is_set_back_does_not_keep_from_looking() -> None:
    outage = Outage()
    silenced(outage)
    assert outage.may_ask(at(3_600))
    assert outage.may_ask(at(10))


def test_what_is_blamed_on_the_network() -> None:
    outage = Outage()
    assert not outage.is_blamed(DOWN)
    silenced(outage)
    assert outage.is_blamed(DOWN)
    assert not outage.is_blamed(Reason.NOT_FOUND)
    outage.note("h0", None, at(60))
    assert not outage.is_blamed(DOWN)
    assert outage.is_blamed(Reason.OFFLINE)  # it was not even asked


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefgh"), st.sampled_from([None, DOWN, Reason.TLS_FAILED])),
        max_size=60,
    )
)
def test_it_goes_down_and_comes_back_by_turns_and_is_never_down_after_an_answer(
    requests: list[tuple[str, Reason | None]],
) -> None:
    outage = Outage()
    for n, (host, reason) in enumerate(requests):
        outage.note(host, reason, at(n))
        assert not (reason is None and outage.is_down)
    turns = outage.take_turns(at(100))
    assert [turn.down for turn in turns] == [n % 2 == 0 for n in range(len(turns))]
    assert outage.is_down == (len(turns) % 2 == 1)
