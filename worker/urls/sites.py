"""Whose an address is: the site, by its registrable domain.

The public suffix list comes with the library `tld`; nothing is fetched. It says that bbc.co.uk is
one owner's and co.uk is not, and that every name under github.io is somebody else's.
"""

from functools import lru_cache

from tld import get_fld, is_tld
from yarl import URL

from worker.urls.address import ends_in_number

# Hosts of many people's sites that the public suffix list does not know of: each name under them is
# a site of its own.
_SHARED = frozenset(
    {
        "beehiiv.com", "blogger.com", "bravesites.com", "buttondown.email", "canalblog.com",
        "dreamwidth.org", "fc2.com", "ghost.io", "livedoor.jp", "livejournal.com", "medium.com",
        "micro.blog", "neocities.org", "ning.com", "over-blog.com", "sapo.pt", "skyrock.com",
        "squarespace.com", "substack.com", "tumblr.com", "typepad.com", "weebly.com",
        "wordpress.com", "write.as",
    }
)  # fmt: skip


def site_of(url: str) -> str:
    """The site that `url` is on: its registrable domain in ASCII, as `bbc.co.uk`.

    A host without one (an IP address, a single label) is a site of its own. Empty where `url` has
    no host.
    """
    try:
        return site_of_host(URL(url).raw_host or "")
    except ValueError:
        return ""


def same_site(one: str, other: str) -> bool:
    """Whether two addresses belong to one owner: what a page says of another page is believed."""
    site = site_of(one)
    return bool(site) and site == site_of(other)


@lru_cache(maxsize=4_096)
def site_of_host(host: str) -> str:
    """`site_of` for a host name in ASCII."""
    host = host.lower().rstrip(".")
    found = get_fld(f"http://{host}/", fail_silently=True, search_private=True) if host else None
    if not found:
        return _without_a_suffix(host)
    if found in _SHARED and host != found:
        own = host.removesuffix(f".{found}").rpartition(".")[2]
        return found if own == "www" else f"{own}.{found}"
    return found


def _without_a_suffix(host: str) -> str:
    """The site of a host that the list has no answer for.

    Of a top level that it does not know, every name is an owner's, as it says of itself; an IP
    address, a single label and a public suffix are sites of their own.
    """
    labels = host.split(".")
    if len(labels) < 3 or ":" in host or ends_in_number(host) or is_tld(labels[-1]):
        return host
    return ".".join(labels[-2:])
