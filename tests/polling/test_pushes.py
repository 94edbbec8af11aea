"""How push changes polls: more seldom while a lease lasts, and what a feed offers is noted."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.polling.making import NOW, RHYTHM, body, entry, feed, known, parsed, pause_s, visited
from worker import schedule
from worker.feed_options import FeedOptions
from worker.polling import pushed_visit
from worker.polling.pushes import stretch
from worker.records import Known, NotModified, Polled, PushKind, PushOffer
from worker.schedule import Rhythm

HUB = "https://hub.example/"


@given(left_s=st.floats(-1e6, 1e7), interval_s=st.floats(1, 1e5))
def test_a_stretched_poll_is_never_behind_the_end_of_the_lease(
    left_s: float, interval_s: float
) -> None:
    factor = stretch(feed(pushed_until=NOW + timedelta(seconds=left_s)), NOW, interval_s)
    assert 1 <= factor <= schedule.PUSHED
    assert factor == 1 or factor * interval_s <= left_s + 1


@pytest.mark.parametrize(
    ("until_h", "pause"), [(None, 300), (-1, 300), (24, 3_600), (0.5, 1_800), (0.01, 300)]
)
def test_the_interval_grows_while_a_hub_pushes(until_h: float | None, pause: float) -> None:
    until = None if until_h is None else NOW + timedelta(hours=until_h)
    assert pause_s(visited(feed(pushed_until=until), Polled(NotModified()))) == pause


def test_news_that_a_hub_did_not_push_end_the_trust_in_it() -> None:
    claim = feed(pushed_until=NOW + timedelta(days=1))
    found = visited(claim, Polled(body(), "bb", parsed(entry(1), entry(2))), known(entry(1)))
    assert (found.unpushed, pause_s(found)) == (True, 300)
    found = visited(claim, Polled(body(), "bb", parsed(entry(1))), known(entry(1)))
    assert (found.unpushed, pause_s(found)) == (False, 3_600)


def test_what_a_document_offers_is_noted() -> None:
    document = parsed(entry(), hubs=(HUB,), self_url="https://press.example/self")
    found = visited(feed(), Polled(body(), "bb", document))
    assert found.offer == PushOffer(PushKind.WEBSUB, (HUB,), "https://press.example/self")
    found = visited(feed(), Polled(body(links=f"<{HUB}>; rel=hub"), "bb", parsed(entry())))
    assert found.offer == PushOffer(PushKind.WEBSUB, (HUB,), body().url)


def test_a_feed_behind_a_proxy_of_its_own_is_not_subscribed_to() -> None:
    claim = feed(options=FeedOptions(proxy="http://proxy.example:3128"))
    assert visited(claim, Polled(body(), "bb", parsed(entry(), hubs=(HUB,)))).offer is None


def test_a_pushed_document_of_new_entries_alone_is_no_gap() -> None:
    found = pushed_visit(feed(), parsed(entry(5)), Known(read_before=True), NOW)
    assert [new.entry.guid for new in found.articles] == ["guid-5"]
    assert (found.gap, found.aside, found.memory) == (False, True, feed().memory)


def test_a_push_tells_of_when_a_feed_publishes() -> None:
    found = pushed_visit(feed(rhythm=RHYTHM), parsed(entry(5)), Known(read_before=True), NOW)
    after = Rhythm.from_json(found.rhythm or {})
    before = Rhythm.from_json(RHYTHM)
    assert after is not None
    assert before is not None
    assert after.level == pytest.approx(before.level + 1, abs=0.05)
    assert after.window == before.window


def test_a_push_before_the_first_poll_says_nothing_of_what_the_feed_holds() -> None:
    claim = feed(rhythm={})
    assert pushed_visit(claim, parsed(entry(5)), Known(), NOW).rhythm is None
