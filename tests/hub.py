"""A hub of our own on loopback: it verifies and signs as a real one, or as badly as told."""

import hmac
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web

from tests.site import Site


@dataclass(frozen=True)
class Answer:
    """What a callback answered."""

    status: int
    body: bytes


@dataclass
class Hub:
    """A WebSub hub and rssCloud server at a path of a site; the last subscription is the one."""

    site: Site
    lease_s: int = 86_400
    status: int = 202
    verifies: bool = True
    path: str = "/hub"
    asked: list[dict[str, str]] = field(default_factory=list)
    verified: list[Answer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.url = self.site.at(self.path, self._answer)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        form = {name: values[0] for name, values in parse_qs(await request.text()).items()}
        self.asked.append(form)
        if self.status == 202 and self.verifies:
            # Before it answers, as some hubs do: the harder order for a subscriber.
            self.verified.append(await self._verify(form))
        if "url1" in form:
            return web.Response(text='<notifyResult success="true" msg="ok"/>')
        return web.Response(status=self.status, text="hub says")

    async def _verify(self, form: dict[str, str]) -> Answer:
        if "url1" in form:
            told = {"url": form["url1"], "challenge": "cloudy"}
            return await _get(self.callback, told)
        return await _get(self.callback, self.intent())

    @property
    def callback(self) -> str:
        form = self.asked[-1]
        if "url1" in form:
            return f"http://{form['domain']}:{form['port']}{form['path']}"
        return form["hub.callback"]

    @property
    def secret(self) -> str:
        return next(form["hub.secret"] for form in self.asked[::-1] if "hub.secret" in form)

    def intent(self, **changed: str) -> dict[str, str]:
        """What a hub asks to have a subscription confirmed."""
        told = {
            "mode": self.asked[-1]["hub.mode"],
            "topic": self.asked[-1]["hub.topic"],
            "challenge": "a challenge & more",
            "lease_seconds": str(self.lease_s),
        }
        return {f"hub.{name}": value for name, value in (told | changed).items()}

    def signature(self, body: bytes, method: str = "sha256") -> str:
        return f"{method}={hmac.new(self.secret.encode(), body, method).hexdigest()}"


async def _get(url: str, params: dict[str, str]) -> Answer:
    async with aiohttp.ClientSession() as session, session.get(url, params=params) as response:
        return Answer(response.status, await response.read())
