"""Channels other than webhooks: the log, and kinds that nobody knows."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog

from tests.browser import Browser
from worker import channels
from worker.config_files.channel_kinds import KINDS
from worker.errors import Reason
from worker.records import Answer, ClaimedAlert

BODY = {
    "type": "alert",
    "topic": {"name": "syria", "title": "Syria"},
    "article": {"headline": "Talks resume", "url": "http://example.org/1"},
    "match": {"evidence": [{"text": t} for t in ["Syria", "talks", "Syria"]]},
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    browser = Browser()
    yield browser
    browser.close()


def deliver(browser: Browser, kind: str) -> Answer:
    body = json.dumps(BODY)
    alert = ClaimedAlert(1, 7, 3, "desk", kind, {}, "msg_1", body, attempts=1)
    now = datetime.now(UTC)
    return browser.deliver(lambda means: channels.send(means, alert, now))


def test_an_alert_to_the_log_is_one_line_with_its_reason(browser: Browser) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = deliver(browser, "log")
    assert answer.accepted
    (line,) = lines
    assert line == {
        "event": "alert",
        "log_level": "info",
        "topic": "syria",
        "headline": "Talks resume",
        "url": "http://example.org/1",
        "because": "Syria, talks",
    }


@pytest.mark.parametrize("kind", ["pigeon", "", "WEBHOOK"])
def test_a_kind_that_nobody_knows_is_an_answer(browser: Browser, kind: str) -> None:
    answer = deliver(browser, kind)
    assert not answer.accepted
    assert answer.reason is Reason.CHANNEL_UNKNOWN
    assert "desk" in answer.detail
    assert repr(kind) in answer.detail


def test_every_kind_has_a_sender() -> None:
    assert set(channels.SENDERS) == set(KINDS)
