"""The demo's receiver: it believes signatures only, and counts what it is sent."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from standardwebhooks import Webhook

from worker.demo.receiver import Received, Receiver, line, readable

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()
Scenario = Callable[[ClientSession, Receiver], Awaitable[None]]


def body(**article: Any) -> str:
    told = {
        "id": 4,
        "headline": "Envoy arrives [in] Damascus",
        "url": "http://outlets.test/northgate-wire/envoy-1.html",
        "published": "2026-03-02T09:30:00+00:00",
        "source": "Northgate Wire",
    }
    evidence = [{"term": "envoy", "field": "title", "start": 0, "end": 5, "text": "Envoy"}]
    return json.dumps(
        {
            "type": "alert",
            "topic": {"name": "syria-talks", "title": "Syria"},
            "story": {"id": 1},
            "article": told | article,
            "match": {"evidence": evidence * 2},
        }
    )


def signed(sent: str, webhook_id: str, secret: str = SECRET, age_s: float = 0) -> dict[str, str]:
    at = datetime.now(UTC) - timedelta(seconds=age_s)
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, at, sent),
    }


def receive(scenario: Scenario) -> list[Received]:
    """Run `scenario` against a served receiver; returns the alerts it showed."""
    shown: list[Received] = []

    async def run() -> None:
        receiver = Receiver(SECRET, shown.append)
        async with (
            TestServer(receiver.app()) as server,
            ClientSession(server.make_url("/")) as http,
        ):
            await scenario(http, receiver)

    asyncio.run(run())
    return shown


async def post(http: ClientSession, sent: str, headers: dict[str, str]) -> int:
    async with http.post("/hook", data=sent.encode(), headers=headers) as answer:
        return answer.status


def test_a_signed_alert_is_verified_shown_and_kept() -> None:
    async def scenario(http: ClientSession, _receiver: Receiver) -> None:
        assert await post(http, body(), signed(body(), "msg_1")) == 204
        async with http.get("/received.json") as answer:
            kept = await answer.json()
        assert (kept["verified"], kept["rejected"], kept["duplicates"]) == (1, 0, 0)
        assert kept["alerts"][0]["id"] == "msg_1"
        assert kept["alerts"][0]["body"] == json.loads(body())
        assert datetime.fromisoformat(kept["alerts"][0]["arrived"]).tzinfo is not None

    assert [alert.id for alert in receive(scenario)] == ["msg_1"]


def test_an_alert_sent_twice_is_accepted_shown_once_and_counted() -> None:
    async def scenario(http: ClientSession, receiver: Receiver) -> None:
        for _ in range(3):
            assert await post(http, body(), signed(body(), "msg_1")) == 204
        assert (len(receiver.received), receiver.duplicates) == (1, 2)

    assert len(receive(scenario)) == 1


def forgeries() -> dict[str, tuple[str, dict[str, str], int]]:
    """Body, headers and the status that they deserve; signed now, for signatures grow old."""
    good = signed(body(), "msg_1")
    return {
        "by another secret": (body(), signed(body(), "msg_1", OTHER), 401),
        "for another body": (body(title="Other"), good, 401),
        "for another id": (body(), good | {"webhook-id": "msg_2"}, 401),
        "too old": (body(), signed(body(), "msg_1", age_s=3_600), 401),
        "of no version": (body(), good | {"webhook-signature": "nonsense"}, 400),
        "of no base64": (body(), good | {"webhook-signature": "v1,a"}, 400),
        "absent": (body(), {}, 401),
        "right, but the body no JSON": ("}", signed("}", "msg_1"), 400),
        "right, but the body no alert": ("{}", signed("{}", "msg_1"), 400),
        "right, but the body a list": ("[]", signed("[]", "msg_1"), 400),
    }


@pytest.mark.parametrize("forgery", forgeries())
def test_it_rejects_an_alert_whose_signature_is(forgery: str) -> None:
    sent, headers, status = forgeries()[forgery]

    async def scenario(http: ClientSession, receiver: Receiver) -> None:
        assert await post(http, sent, headers) == status
        assert (receiver.received, receiver.rejected) == ({}, 1)

    assert receive(scenario) == []


def test_a_line_tells_topic_headline_outlet_terms_and_delay() -> None:
    arrived = datetime(2026, 3, 2, 9, 30, 2, 500_000, tzinfo=UTC)
    told = line(Received("msg_1", arrived, json.loads(body()))).plain
    parts = ("syria-talks", "Envoy arrives [in] Damascus", "Northgate Wire", "after 2.50 s")
    for part in parts:
        assert part in told
    assert told.count("Envoy  ") == 1
    nameless = line(Received("msg_1", arrived, json.loads(body(source="")))).plain
    assert "outlets.test" in nameless


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.123, "0.12 s"), (12.34, "12.3 s"), (89, "89.0 s"), (600, "10 min"), (7_200, "2.0 h")],
)
def test_durations_read_well(seconds: float, told: str) -> None:
    assert readable(seconds) == told
