"""A name server for tests: it answers what the test tells it, one answer after another."""

import socket
from collections.abc import Sequence
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from tests.browser import Browser


class FakeResolver(AbstractResolver):
    """`names` maps a host to its answers, each a list of addresses; the last is repeated.

    Any other host has the addresses of `others`, or none.
    """

    def __init__(self, names: dict[str, list[list[str]]], others: Sequence[str] = ()) -> None:
        self.names = names
        self.others = list(others)
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        answers = self.names.get(host, [self.others])
        if answers == [[]]:
            raise OSError(None, f"no such name: {host}")
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return [_result(host, address, port) for address in answer]

    async def close(self) -> None:
        """There is nothing to close."""


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=family,
        proto=0,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )


def ask(browser: Browser, resolver: FakeResolver) -> None:
    """Let the browser's sessions look names up there, anew for every connection."""
    for session in (browser.web.direct, browser.delivering.session):
        connector: Any = session.connector
        connector._resolver = resolver
        connector._use_dns_cache = False
