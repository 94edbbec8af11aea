"""An alert for a channel, and what tests send it with."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.browser import Browser
from tests.messages.making import alert as a_body
from worker import channels, messages
from worker.errors import Reason
from worker.records import Answer, ClaimedAlert

BODY = messages.as_json(a_body())


def claimed(kind: str, body: str = BODY, **config: Any) -> ClaimedAlert:
    return ClaimedAlert(1, 7, 3, "desk", kind, config, "msg_1", body, attempts=1)


def deliver(
    browser: Browser, alert: ClaimedAlert, environ: dict[str, str], now: datetime | None = None
) -> Answer:
    at = now or datetime.now(UTC)
    return browser.deliver(lambda means: channels.send(replace(means, environ=environ), alert, at))


def failed(answer: Answer, reason: Reason, *told: str) -> Answer:
    """A refusal for this reason whose detail holds these words."""
    assert not answer.accepted
    assert answer.reason is reason, answer
    for words in told:
        assert words in answer.detail, answer.detail
    return answer
