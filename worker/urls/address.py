"""What is a usable web address, and what a link means on its page.

One rule for all: what `problem_of` refuses is neither taken from a feed nor ever asked for, so a
link that is stored can be fetched as it stands. Whether its host may be reached is the network
guard's question; here is only what can be told from the text.
"""

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import urljoin, urlsplit

from yarl import URL

from worker.errors import Reason

MAX_URL = 2000
_MAX_HOST, _MAX_PORT = 253, 65_535
# Control characters and lone surrogates: no database takes them, and no address has them.
_UNUSABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# What nearly every link looks like, told in one go; any other is looked at piece by piece.
_PLAIN = re.compile(
    r"https?://(?![^/?#]{250})(?:[a-z0-9_-]{1,63}\.)*[a-z][a-z0-9-]{0,62}\.?"
    r"(?::[1-9][0-9]{0,3})?(?:[/?#][^\x00-\x1f\x7f-\x9f\ud800-\udfff]*)?",
    re.I | re.A,
)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.I | re.A)
_AUTHORITY = re.compile(r"//([^/?#]*)")
_BRACKETED = re.compile(r"\[([0-9a-f:.]+)(?:%(?:25)?[\w.~-]+)?\]", re.I | re.A)
_LABEL = re.compile(r"[a-z0-9_-]{1,63}", re.I | re.A)
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.I | re.A)
_DOTTED_QUAD = re.compile(r"(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})", re.A)

Problem = tuple[Reason, str]


def problem_of(url: str, *, longest: int = MAX_URL) -> Problem | None:
    """Why `url` is no usable web address, as a reason and a sentence; None where it is one.

    Only http and https are; never with a user name, a password, or anything that two parsers
    might read as two different hosts. `longest` is in characters.
    """
    if len(url) > longest:
        return Reason.URL_TOO_LONG, f"The address is over {longest:,} characters long."
    if _PLAIN.fullmatch(url):
        return None
    if _UNUSABLE.search(url):
        return _bad("The address has control characters in it.")
    scheme = _SCHEME.match(url)
    if scheme is None:
        return _bad("The address does not start with http:// or https://.")
    if scheme[1].lower() not in ("http", "https"):
        told = f"The address is {scheme[1][:20]}:, and only http and https are fetched."
        return Reason.FORBIDDEN_SCHEME, told
    authority = _AUTHORITY.match(url, scheme.end())
    if authority is None:
        return _bad("The address names no host.")
    return _problem_of_authority(authority[1])


def _bad(told: str) -> Problem:
    return Reason.BAD_URL, told


def _problem_of_authority(authority: str) -> Problem | None:
    if "\\" in authority or any(map(str.isspace, authority)):
        return _bad("The host of the address has white space or a backslash in it.")
    if "@" in authority:
        told = "The address carries a user name or password; give them as settings instead."
        return Reason.CREDENTIALS_IN_URL, told
    bracketed = _BRACKETED.match(authority)
    host = bracketed[0] if bracketed else authority.partition(":")[0]
    port = authority[len(host) :]
    if port not in ("", ":") and not _is_port(port):
        return _bad("The address has a port that is none.")
    if bracketed:
        return None if _is_ipv6(bracketed[1]) else _bad("The host is no IPv6 address.")
    if not host:
        return _bad("The address names no host.")
    ascii_host = host if host.isascii() else _ascii_host(host)
    if ascii_host is None or not _is_host_name(ascii_host):
        return _bad("The host of the address has characters or a form that no host name has.")
    if ends_in_number(ascii_host) and not is_dotted_quad(ascii_host):
        return _bad("The host is a number, and no IPv4 address as it is usually written.")
    return None


def _is_port(port: str) -> bool:
    digits = port[1:]
    return port[0] == ":" and digits.isascii() and digits.isdigit() and 0 < int(digits) <= _MAX_PORT


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True


@lru_cache(maxsize=1_024)
def _ascii_host(host: str) -> str | None:
    """An international host name as it is looked up (IDNA 2008, as yarl and so aiohttp read it)."""
    try:
        return URL(f"http://{host}/").raw_host
    except ValueError:
        return None


def _is_host_name(host: str) -> bool:
    bare = host[:-1] if host.endswith(".") else host
    return len(bare) <= _MAX_HOST and all(map(_LABEL.fullmatch, bare.split(".")))


def ends_in_number(host: str) -> bool:
    """Whether `host` is an IPv4 address in some notation, as the WHATWG URL standard tells it."""
    return bool(_NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]))


def is_dotted_quad(host: str) -> bool:
    """Whether `host` is an IPv4 address as everybody writes it."""
    return bool(_DOTTED_QUAD.fullmatch(host)) and all(int(n) <= 255 for n in host.split("."))


def number_of(host: str) -> IPv4Address | None:
    """The IPv4 address that `host` is in any notation: decimal, octal, hexadecimal, shortened.

    None where it is none: 256.0.0.1, 08.0.0.1 (WHATWG URL standard, «IPv4 parser»).
    """
    parts = host.rstrip(".").split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    try:
        *leading, last = (_whole(part) for part in parts)
    except ValueError:
        return None
    if any(part > 255 for part in leading) or last >= 256 ** (4 - len(leading)):
        return None
    number = last + sum(part << 8 * (3 - place) for place, part in enumerate(leading))
    return IPv4Address(number)


def _whole(part: str) -> int:
    if len(part) > 20:
        raise ValueError(part)
    if part[:2].lower() == "0x":
        return int(part[2:] or "0", 16)
    return int(part, 8 if len(part) > 1 and part[0] == "0" else 10)


def absolute_url(link: str, base: str | None = None) -> str | None:
    """`link` made absolute and otherwise as it stands; None where it is no usable web address."""
    link = link.strip()
    if not link:
        return None
    if _PLAIN.fullmatch(link):
        return link if len(link) <= MAX_URL else None
    try:
        full = urljoin(base, link) if base else link
    except ValueError:
        return None
    return full if problem_of(full) is None else None


def host_of(url: str) -> str:
    """The host name of `url`, lower case; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
