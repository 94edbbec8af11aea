"""Requests through an operator's proxy: the target is looked up and judged here, not there.

A proxy that resolves names by itself could be led to any address that it can reach. So the name
is resolved on this side, its address judged, and the proxy asked for exactly that address; the
site still sees its own name, in the Host header and in TLS.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from worker.errors import ForbiddenAddressError, Reason
from worker.http.reasons import words_of
from worker.netguard import Network, resolve_checked
from worker.records import Failed
from worker.secrets_env import expand, names_in

_WITH_USER = re.compile(r"(https?://)([^/@]*@)(.*)", re.S)


@dataclass(frozen=True, slots=True)
class Pinned:
    """What to ask a proxy for so that an address stands in for a host's name, and what with."""

    target: URL
    headers: dict[str, str]
    knobs: dict[str, Any]


def proxy_address(written: str, environ: Mapping[str, str]) -> URL | None:
    """Where the proxy is that an operator wrote, with every `${NAME}` filled in.

    User name and password may hold any sign: what stands for them is percent-encoded, unless the
    whole address is a variable's. None where it is no http or https address of a host alone; raises
    SetupError where a variable is not set.
    """
    filled = expand(written, environ)
    if found := _WITH_USER.fullmatch(written):
        scheme, user, rest = found.groups()
        quoted = {name: quote(environ.get(name, ""), safe="") for name in names_in(user)}
        filled = scheme + expand(user, quoted) + expand(rest, environ)
    try:
        url = URL(filled)
        plain = url.scheme in ("http", "https") and url.raw_host and url.port
        return url if plain and url.relative() in (URL("/"), URL("")) else None
    except ValueError:
        return None


async def through_proxy(
    url: str, resolver: AbstractResolver, allowed: Sequence[Network]
) -> Pinned | Failed:
    """What to ask a proxy for in order to get `url`; Failed where no address may be reached."""
    target = URL(url)
    host = target.raw_host or ""
    try:
        address = (await resolve_checked(host, target.port or 0, resolver, allowed))[0]
    except ForbiddenAddressError as error:
        return Failed(Reason.FORBIDDEN_ADDRESS, error.told)
    except OSError:
        return Failed(Reason.HOST_UNKNOWN, f"No address was found for {host}.")
    return Pinned(
        target.with_host(address),
        {"Host": target.host_port_subcomponent or ""},
        {"server_hostname": host.rstrip(".")},
    )


def trouble_of_proxy(error: Exception, proxy: URL) -> str | None:
    """What to tell of an error that is the proxy's, None where it is the site's behind it."""
    match error:
        case aiohttp.ClientHttpProxyError():
            return f"The proxy answered {error.status} {error.message}."
        case aiohttp.ConnectionTimeoutError():
            return "No connection through the proxy within WIREWATCH_CONNECT_TIMEOUT_S."
        case aiohttp.ClientConnectorDNSError():
            return f"No address was found for the proxy, {proxy.host}."
        case aiohttp.ClientProxyConnectionError():
            return f"No connection to the proxy: {words_of(error.os_error)}."
        case aiohttp.ClientConnectorError():  # a handshake, with the proxy or the site behind it
            told = f"No secure connection to the proxy: {words_of(error.os_error)}."
            return told if error.host == proxy.raw_host else None
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return "The proxy hung up before there was an answer."
    return None
