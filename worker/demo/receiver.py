"""The demo's receiver: verifies the webhooks of alerts, prints them and remembers them all."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from rich.console import Console
from rich.text import Text
from standardwebhooks import Webhook, WebhookVerificationError

_TERMS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Received:
    """A verified alert; `arrived` is when its last byte was here, before anything was done."""

    id: str
    arrived: datetime
    body: dict[str, Any]

    @property
    def url(self) -> str:
        return str(self.body["article"]["url"])

    @property
    def published(self) -> datetime:
        """As the alert says it, in whole seconds: an item's delay looks up to 1 s longer."""
        return datetime.fromisoformat(self.body["article"]["published"])


class Receiver:
    """Counts and keeps what arrives at `/hook`; `on_alert` hears of each new verified alert.

    A repeated `webhook-id` is accepted, as the standard asks, and counted in `duplicates`.
    """

    def __init__(self, secret: str, on_alert: Callable[[Received], None]) -> None:
        self._webhook = Webhook(secret)
        self._on_alert = on_alert
        self.received: dict[str, Received] = {}
        self.rejected = 0
        self.duplicates = 0

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.post("/hook", self._take),
                web.get("/received.json", self._show),
                web.get("/healthz", self._health),
            ]
        )
        return app

    async def _take(self, request: web.Request) -> web.Response:
        raw = await request.read()
        arrived = datetime.now(UTC)
        try:
            body = self._webhook.verify(raw, dict(request.headers))
            alert = Received(request.headers["webhook-id"], arrived, body)
            _ = (alert.url, alert.published, line(alert))
        except WebhookVerificationError as error:
            self.rejected += 1
            return web.json_response({"error": str(error)}, status=401)
        except (ValueError, KeyError, TypeError) as error:
            # A header or body that is no such thing at all: the library lets these through.
            self.rejected += 1
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
        if alert.id in self.received:
            self.duplicates += 1
        else:
            self.received[alert.id] = alert
            self._on_alert(alert)
        return web.Response(status=204)

    async def _show(self, _request: web.Request) -> web.Response:
        alerts = [
            {"id": one.id, "arrived": one.arrived.isoformat(), "body": one.body}
            for one in self.received.values()
        ]
        counts = {
            "verified": len(self.received),
            "rejected": self.rejected,
            "duplicates": self.duplicates,
        }
        return web.Response(
            text=json.dumps(counts | {"alerts": alerts}, ensure_ascii=False),
            content_type="application/json",
        )

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "verified": len(self.received)})


def line(alert: Received, delay_s: float | None = None) -> Text:
    """One readable line: when, topic, headline, outlet, terms, and how long after publication."""
    article, evidence = alert.body["article"], alert.body["match"]["evidence"]
    if delay_s is None:
        delay_s = (alert.arrived - alert.published).total_seconds()
    terms = list(dict.fromkeys(str(one["text"]) for one in evidence))
    outlet = article["source"] or urlsplit(alert.url).hostname or "unknown outlet"
    return Text.assemble(
        (f"{alert.arrived.astimezone():%H:%M:%S} ", "dim"),
        (str(alert.body["topic"]["name"]), "bold cyan"),
        "  ",
        (str(article["headline"]), "bold"),
        "  ",
        (str(outlet), "magenta"),
        "  ",
        (", ".join(terms[:_TERMS_SHOWN]), "green"),
        (f"  after {readable(delay_s)}", "yellow"),
    )


def readable(seconds: float) -> str:
    """A duration for people: 0.84 s, 12.5 s, 7 min, 5.2 h."""
    if seconds < 90:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def serve(host: str, port: int, secret: str) -> None:
    """Receive and print until SIGTERM or SIGINT."""
    console = Console(soft_wrap=True)

    async def build() -> web.Application:
        return Receiver(secret, lambda alert: console.print(line(alert))).app()

    web.run_app(build(), host=host, port=port, print=None, shutdown_timeout=1)
