"""Relative references in documents, resolved as feedparser resolves them."""

import re
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from worker.parse.vocabulary import names

# More than two slashes after a scheme are a slip of the pen.
_SLASHES = re.compile(r"\A([A-Za-z][A-Za-z0-9+\-.]*://)/+")
# What joining leaves as it is, whatever the base: most links that feeds give.
_PLAIN = re.compile(
    r"https?://[A-Za-z0-9.\-]+(?::[0-9]{1,4})?"
    r"(?:/[^\s?#;\[\]\\\x00-\x20\x7f\ud800-\udfff]*)?(?:\?[^\s?#\[\]\x00-\x20\x7f\ud800-\udfff]+)?"
    r"(?:\#[^\s#\[\]\x00-\x20\x7f\ud800-\udfff]+)?"
)
# Schemes that a base may have; anything else would make links into something to be run.
SAFE_SCHEMES = names(
    """file ftp gopher h323 hdl http https imap magnet mailto mms news nntp prospero rsync rtsp
    rtspu sftp shttp sip sips snews svn svn+ssh telnet wais aim callto cvs facetime feed git
    gtalk irc ircs irc6 itms msnim skype ssh smb ymsg"""
)


def joined(base: str, reference: str) -> str:
    """`reference` resolved against `base` (RFC 3986); empty where it cannot be one."""
    if ":///" in reference:
        reference = _SLASHES.sub(r"\1", reference)
    if not base or _PLAIN.fullmatch(reference):
        return reference
    try:
        return urljoin(base, reference)
    except ValueError:
        return ""


def safe_base(base: str, reference: str = "") -> str:
    """`reference` made absolute, or empty where its scheme is none that documents may have."""
    if not base:
        return reference
    if not reference:
        try:
            scheme = urlsplit(base).scheme
        except ValueError:
            return ""
        return base if not scheme or scheme in SAFE_SCHEMES else ""
    full = joined(base, reference)
    return full if full.strip().partition(":")[0] in SAFE_SCHEMES else ""


def cloud_address(told: Mapping[str, object]) -> str:
    """The address of an rssCloud server, from the attributes of <cloud>; empty for no HTTP.

    XML-RPC and SOAP, which the element may name too, are spoken by nobody any more.
    """
    protocol = str(told.get("protocol") or "").strip().lower()
    host, port = (str(told.get(key) or "").strip() for key in ("domain", "port"))
    path = str(told.get("path") or "").strip()
    if protocol not in ("http-post", "https-post") or not host:
        return ""
    scheme = "https" if protocol == "https-post" or port == "443" else "http"
    return f"{scheme}://{host}{f':{port}' if port else ''}/{path.lstrip('/')}"


def is_plain(url: str) -> bool:
    """Whether `url` is an absolute http(s) address without anything odd in it."""
    return _PLAIN.fullmatch(url) is not None
