"""Which addresses a request may connect to, and what the operator can allow."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.errors import ForbiddenAddressError
from worker.netguard import guarded_sockets, is_allowed

REFUSED = {
    "private": ["10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1"],
    "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
    "link-local": ["169.254.1.1", "fe80::1", "fe80::1%eth0", "febf::1"],
    "cloud metadata": [
        *("169.254.169.254", "169.254.170.2", "169.254.170.23", "169.254.42.42", "169.254.0.23"),
        *("100.100.100.200", "168.63.129.16", "192.0.0.192", "::ffff:168.63.129.16"),
        *("fd00:ec2::254", "fd20:ce::254", "fd00:42::42"),
    ],
    "shared by carriers": ["100.64.0.1", "100.127.255.255"],
    "unspecified": ["0.0.0.0", "0.1.2.3", "::"],
    "multicast": ["224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1"],
    "reserved": ["240.0.0.1", "255.255.255.255", "192.0.0.8", "5f00::1", "4000::1"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
    "benchmarks": ["198.18.0.1", "198.19.255.255", "2001:2::1"],
    "unique local": ["fc00::1", "fdff:ffff::1"],
    "site-local": ["fec0::1", "feff::1"],
    "mapped": ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"],
    "IPv4-compatible": ["::127.0.0.1", "::10.0.0.1", "::8.8.8.8"],
    "IPv4-translated": ["::ffff:0:127.0.0.1", "::ffff:0:a00:1"],
    "ISATAP": ["2606:4700::5efe:7f00:1", "2606:4700::200:5efe:a9fe:a9fe", "fe80::5efe:808:808"],
    "6to4": ["2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:c0a8:1::1", "192.88.99.1"],
    "Teredo": [
        "2001:0:7f00:1::f7f7:f7f7",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    ],
    "NAT64": ["64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "64:ff9b:1:a00:1::"],
    "discard": ["100::1"],
    "no address": ["", "localhost", "127.1", "0x7f000001", "2130706433", "1.2.3.4:80", "[::1]"],
}
PUBLIC = [
    *("1.1.1.1", "8.8.8.8", "9.9.9.9", "93.184.216.34", "172.15.255.255", "172.32.0.1"),
    *("100.63.255.255", "100.128.0.1", "169.253.255.255", "223.255.255.255", "192.0.1.1"),
    *("2606:4700:4700::1111", "2001:4860:4860::8888", "2a00:1450:4001::1"),
    *("::ffff:8.8.8.8", "2002:808:808::1", "64:ff9b::808:808", "2606:4700::5efe:808:808"),
]


@pytest.mark.parametrize(
    "address", [pytest.param(a, id=f"{kind}-{a}") for kind in REFUSED for a in REFUSED[kind]]
)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not is_allowed(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_allowed(address: str) -> None:
    assert is_allowed(address)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::ffff:127.0.0.1", True),
        ("64:ff9b::7f00:1", True),
        ("10.1.2.3", True),
        ("10.2.0.1", False),
        ("fd12::1", True),
        ("fd13::1", False),
        ("169.254.169.254", False),
        ("8.8.8.8", True),
    ],
)
def test_networks_are_allowed_by_name_and_no_others(address: str, allowed: bool) -> None:
    networks = [ip_network(n) for n in ("127.0.0.0/8", "10.1.0.0/16", "fd12::/16")]
    assert is_allowed(address, networks) is allowed


@pytest.mark.parametrize(
    ("network", "address", "allowed"),
    [
        ("169.254.0.0/16", "169.254.1.1", True),
        ("169.254.0.0/16", "169.254.169.254", False),
        ("100.64.0.0/10", "100.100.100.200", False),
        ("0.0.0.0/0", "168.63.129.16", False),
        ("fd00::/8", "fd00:ec2::254", False),
        ("fd00::/8", "fd00::1", True),
        ("169.254.169.254/32", "169.254.169.254", True),
        ("169.254.169.254/32", "::ffff:169.254.169.254", True),
        ("fd00:ec2::254/128", "fd00:ec2::254", True),
        # what an IPv6 network of the operator's own seems to carry is his affair
        ("64:ff9b:1::/48", "64:ff9b:1::a00:1", True),
        ("2001:db8::/32", "2001:db8::5efe:a00:1", True),
    ],
)
def test_a_clouds_own_addresses_are_allowed_only_alone(
    network: str, address: str, allowed: bool
) -> None:
    assert is_allowed(address, [ip_network(network)]) is allowed


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_wrapping_an_address_changes_nothing(address: IPv4Address) -> None:
    number = int(address)
    wrapped = [
        IPv6Address(0xFFFF << 32 | number),
        IPv6Address(0x2002 << 112 | number << 80),
        IPv6Address(0x64FF9B << 96 | number),
        IPv6Address(0x2606_4700 << 96 | 0x5EFE << 32 | number),
    ]
    assert {is_allowed(str(one)) for one in wrapped} == {is_allowed(str(address))}


@settings(deadline=None)
@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    assert is_allowed(text) in (True, False)


def test_the_factory_makes_no_socket_for_a_forbidden_address() -> None:
    make = guarded_sockets(())
    with pytest.raises(ForbiddenAddressError) as refused:
        make((2, 1, 6, "", ("10.0.0.1", 80)))
    assert refused.value.address == "10.0.0.1"
