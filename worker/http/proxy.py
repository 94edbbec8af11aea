"""Requests through an operator's proxy: the target is looked up and judged here, not there.

A proxy that resolves names by itself could be led to any address that it can reach. So the name
is resolved on this side, its address judged, and the proxy asked for exactly that address; the
site still sees its own name, in the Host header and in TLS.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver

from worker.netguard import Network, resolve_checked


@dataclass(frozen=True, slots=True)
class Pinned:
    """What to add to a request so that an address stands in for a host's name."""

    headers: dict[str, str] = field(default_factory=dict)
    knobs: dict[str, Any] = field(default_factory=dict)


async def through_proxy(
    url: str, resolver: AbstractResolver, allowed: Sequence[Network]
) -> tuple[str, Pinned]:
    """`url` with an address that may be reached in place of its host, and what goes with it.

    Raises ForbiddenAddressError where no address of the host may be reached, and OSError where it
    has none.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = (await resolve_checked(host, port, resolver, allowed))[0]
    shown = f"[{address}]" if ":" in address else address
    target = parts._replace(netloc=f"{shown}:{port}").geturl()
    return target, Pinned({"Host": parts.netloc}, {"server_hostname": host})
