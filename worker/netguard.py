"""Where a request may go: public addresses, and what the operator allows by name.

Feeds come from strangers and article links from feeds, so an address is judged when its socket is
made, after every redirect and look-up: what was judged is what is connected to.
"""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from worker.errors import ForbiddenAddressError, Reason
from worker.records import Failed
from worker.urls import absolute_url

Network = IPv4Network | IPv6Network
# family, type, protocol, canonical name, address: as socket.getaddrinfo gives them
AddressInfo = tuple[int, int, int, str, tuple[object, ...]]


def is_allowed(address: str, allowed: Sequence[Network] = ()) -> bool:
    """Whether a request may connect to `address` (an IP address, without a port)."""
    try:
        found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        found = _unwrapped(found)
    if any(found.version == network.version and found in network for network in allowed):
        return True
    if any(found.version == network.version and found in network for network in _NOT_PUBLIC):
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved)


def _unwrapped(address: IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address carries (mapped, 6to4, Teredo, NAT64), if it does."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


_NAT64 = IPv6Network("64:ff9b::/96")
# What some versions of Python take for public, and IANA's special-purpose registries do not.
_NOT_PUBLIC: tuple[Network, ...] = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments
    IPv4Network("192.88.99.0/24"),  # 6to4 relays, RFC 7526
    IPv6Network("64:ff9b:1::/48"),  # local NAT64, RFC 8215
    IPv6Network("3fff::/20"),  # documentation, RFC 9637
    IPv6Network("5f00::/16"),  # segment routing, RFC 9602
    IPv6Network("fec0::/10"),  # site-local, RFC 3879
)


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


def check_url(url: str, allowed: Sequence[Network], *, longest: int) -> Failed | None:
    if len(url) > longest:
        return Failed(Reason.BAD_URL, "too long")
    return None if absolute_url(url) else Failed(Reason.BAD_URL, "no usable address")
