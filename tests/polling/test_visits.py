"""What follows from a poll by the rules alone: no network, no store, no clock."""

from dataclasses import replace

import pytest

from tests.polling.making import MEMORY, NOW, body, entry, feed, known, parsed, pause_s, visited
from worker.errors import Reason
from worker.records import (
    Failed,
    Hints,
    NotModified,
    Polled,
)


def test_a_new_body_is_remembered_with_its_validators_and_entries() -> None:
    answer = body(etag='W/"x"', last_modified="Mon, 4 May")
    hints = Hints(ttl_s=3_600, skip_hours=(1, 2), update_every_s=60)
    found = visited(feed(), Polled(answer, "bb", parsed(entry(), hints=hints)), known(entry(9)))
    assert (found.memory.etag, found.memory.last_modified) == ('W/"x"', "Mon, 4 May")
    assert found.memory.body_hash == "bb"
    assert [one.url for one in found.articles] == ["https://press.example/1"]
    assert (found.changed, found.hints, found.failures) == (True, hints, 0)


def test_the_same_body_again_only_brings_its_new_validators() -> None:
    found = visited(feed(), Polled(body(etag='"2"'), "aa"))
    assert (found.changed, found.articles, found.hints) == (False, (), None)
    assert (found.memory.etag, found.memory.body_hash) == ('"2"', "aa")


def test_a_body_that_was_cut_off_is_read_and_asked_for_again_in_full_and_soon() -> None:
    cut = body(etag=None, whole=False, fresh_s=1_800.0)
    half = entry(2, link="https://press.exa")
    found = visited(feed(), Polled(cut, "bb", parsed(entry(1), half)), known(entry(9)))
    assert [one.url for one in found.articles] == ["https://press.example/1"]
    assert (found.memory.etag, found.memory.body_hash) == (None, None)
    assert pause_s(found) == 300


@pytest.mark.parametrize("end", [b"</rss>\n<!-- and", b"</feed>", b"</rdf:RDF >", b"</RSS>"])
def test_a_body_that_was_cut_off_behind_its_end_has_all_its_entries(end: bytes) -> None:
    cut = body(body=b"<rss> ... " + end, etag=None, whole=False)
    found = visited(feed(), Polled(cut, "bb", parsed(entry(1), entry(2))), known(entry(9)))
    assert [one.url for one in found.articles] == [entry(1).link, entry(2).link]
    assert found.memory.body_hash is None


@pytest.mark.parametrize(
    ("fresh_s", "pause"), [(None, 300), (60.0, 300), (900.0, 900), (1e9, 1_800)]
)
@pytest.mark.parametrize("status", [200, 304])
def test_what_is_fresh_is_left_alone_but_not_for_longer_than_the_setting(
    status: int, fresh_s: float | None, pause: float
) -> None:
    answer = body(fresh_s=fresh_s) if status == 200 else NotModified(fresh_s=fresh_s)
    assert pause_s(visited(feed(), Polled(answer, "aa"))) == pause


def test_a_304_without_news_of_any_kind_is_quiet_and_keeps_the_validators() -> None:
    found = visited(feed(), Polled(NotModified()))
    assert found.quiet
    assert (found.memory, found.status) == (replace(MEMORY, since_full=1), 304)


def test_an_unreadable_body_is_a_failure_with_the_status_it_came_with() -> None:
    failed = Failed(Reason.NOT_A_FEED, "a page")
    found = visited(feed(failures=2), Polled(body(), "bb", failed))
    assert (found.reason, found.status, found.failures) == (Reason.NOT_A_FEED, 200, 3)
    assert found.memory == replace(MEMORY, failing_since=NOW)


def test_what_is_gone_is_stopped_and_nothing_else_is() -> None:
    for reason in (Reason.GONE, Reason.NOT_FOUND, Reason.SERVER_ERROR):
        found = visited(feed(), Polled(Failed(reason, "")))
        assert found.stopped == (reason is Reason.GONE)


def test_a_success_after_failures_of_the_host_is_told_to_the_host() -> None:
    assert visited(feed(), Polled(NotModified())).host is None
    outcome = visited(feed(host_failures=3), Polled(NotModified())).host
    assert outcome is not None
    assert outcome.reason is None
