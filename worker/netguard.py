"""Where a request may go: public addresses, and what the operator allows by name.

Feeds come from strangers and article links from feeds. Two checks stand in every request's way:
`check_url` tells from the text of an address, before any look-up, and `guarded_sockets` judges the
address that is about to be connected to, after every look-up and redirect. Only the second is the
wall, for what it judges is what is connected to; the first gives clear reasons, and keeps from the
name servers and proxies what need never have left the house.
"""

import socket
from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp.abc import AbstractResolver
from yarl import URL

from worker.errors import ForbiddenAddressError, Reason
from worker.records import Failed
from worker.urls import MAX_URL, number_of, problem_of

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
# family, type, protocol, canonical name, address: as socket.getaddrinfo gives them
AddressInfo = tuple[int, int, int, str, tuple[object, ...]]

# Where clouds keep credentials and their own machinery. Allowing a network that one of them happens
# to lie in does not allow it: it must be named alone.
_CLOUD = frozenset(
    map(
        ip_address,
        (
            "169.254.169.254",  # AWS, Google, Azure, Oracle, DigitalOcean and most others
            "169.254.170.2",  # AWS, credentials of containers
            "169.254.170.23",  # AWS, credentials of pods
            "169.254.0.23",  # Tencent
            "169.254.42.42",  # Scaleway
            "100.100.100.200",  # Alibaba
            "168.63.129.16",  # Azure, public in form and reachable only from within
            "192.0.0.192",  # Oracle, formerly
            "fd00:ec2::254",  # AWS
            "fd00:ec2::23",
            "fd20:ce::254",  # Google
            "fd00:42::42",  # Scaleway
        ),
    )
)
# What some versions of Python take for public, and IANA's special-purpose registries do not.
_NOT_PUBLIC: tuple[Network, ...] = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments
    IPv4Network("192.88.99.0/24"),  # 6to4 relays, RFC 7526
    IPv6Network("2001::/23"),  # protocol assignments; Teredo is judged by what it carries
    IPv6Network("3fff::/20"),  # documentation, RFC 9637
)
# Everything that IANA gives out for public use; NAT64 and mapped addresses lie elsewhere.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)
# Names that by their rules or by long habit lead nowhere but into a private network: RFC 6761, RFC
# 6762, RFC 8375, and ICANN's reservation of .internal.
_PRIVATE_NAMES = (
    "localhost", "local", "internal", "home.arpa", "localdomain", "lan", "intranet", "corp", "home",
    "private",
)  # fmt: skip


def is_allowed(address: str, allowed: Sequence[Network] = ()) -> bool:
    """Whether a request may connect to `address` (an IP address, without a port).

    An IPv6 address that carries an IPv4 address is judged by what it carries.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return _is_named(found, allowed) or all(
        _is_named(one, allowed) or _is_public(one) for one in _carried(found)
    )


def _is_named(address: Address, allowed: Sequence[Network]) -> bool:
    return any(
        address.version == network.version
        and address in network
        and (address not in _CLOUD or network.num_addresses == 1)
        for network in allowed
    )


def _is_public(address: Address) -> bool:
    if address in _CLOUD or not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if address.version == 6 and address not in _GLOBAL_UNICAST:
        return False
    return not any(address.version == n.version and address in n for n in _NOT_PUBLIC)


def _carried(address: Address) -> tuple[Address, ...]:
    """All the addresses to which a packet for `address` may find its way."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    last = IPv4Address(int(address) & 0xFFFF_FFFF)
    if address in _NAT64:
        return (last,)
    if int(address) >> 32 & 0xFFFF_FFFF in _ISATAP:
        return (address, last)
    return (address,)


def guarded_sockets(allowed: Sequence[Network]) -> Callable[[AddressInfo], socket.socket]:
    """A socket factory for aiohttp's connector that refuses what `is_allowed` refuses.

    The factory raises ForbiddenAddressError.
    """

    def make(info: AddressInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        if not is_allowed(str(address[0]), allowed):
            raise ForbiddenAddressError(str(address[0]))
        return socket.socket(family, kind, protocol)

    return make


@lru_cache(maxsize=16_384)  # the same feeds are asked for again and again
def check_url(
    url: str, *, allowed: tuple[Network, ...] = (), longest: int = MAX_URL
) -> Failed | None:
    """Why no request may be made for `url`, as far as its text tells; None where it tells nothing.

    To be asked of every address before it is requested, redirects' targets among them. Host names
    are left to the socket where any network is allowed: a stack's own service names are single
    labels, and whether they lead into the allowed network is only known when they are resolved.
    """
    problem = problem_of(url, longest=longest)
    if problem is None or problem[0] is Reason.BAD_URL:
        host = _host(url)
        address = _literal(host)
        if address and not is_allowed(address, allowed):
            return Failed(Reason.FORBIDDEN_ADDRESS, ForbiddenAddressError(address).told)
        if problem is None and not address and not allowed and _is_private_name(host):
            told = f"{host[:100]} is a name within a private network."
            return Failed(Reason.FORBIDDEN_ADDRESS, told)
    return Failed(*problem) if problem else None


def _host(url: str) -> str:
    """The host as the HTTP library will use it; empty where it cannot read the address."""
    try:
        return URL(url).raw_host or ""
    except ValueError:
        return ""


def _literal(host: str) -> str | None:
    """The IP address that `host` is in any notation, without its zone; None for a name."""
    if ":" in host:
        return host.partition("%")[0]
    number = number_of(host)
    return str(number) if number else None


def _is_private_name(host: str) -> bool:
    name = host.rstrip(".").lower()
    return "." not in name or any(name.endswith(f".{ending}") for ending in _PRIVATE_NAMES)


async def resolve_checked(
    host: str, port: int, resolver: AbstractResolver, allowed: Sequence[Network] = ()
) -> list[str]:
    """The addresses of `host` that a request may go to, in the resolver's order.

    For requests through a proxy, which would look the name up itself: ask the proxy for one of
    these addresses, with `host` as the Host header and the TLS server name. Raises
    ForbiddenAddressError where none is allowed, and the resolver's OSError where there is none.
    """
    literal = _literal(host)
    if literal:
        found = [literal]
    else:
        answers = await resolver.resolve(host, port, socket.AF_UNSPEC)
        found = [answer["host"] for answer in answers]
    good = [address for address in found if is_allowed(address, allowed)]
    if not good:
        raise ForbiddenAddressError(found[0] if found else host)
    return good
