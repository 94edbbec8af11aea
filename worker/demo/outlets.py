"""The invented outlets of the demo: where they are served, and in which format they publish."""

from dataclasses import dataclass
from enum import StrEnum


class Format(StrEnum):
    RSS = "rss"
    ATOM = "atom"
    RSS_FULL = "rss-full"  # with the whole text in content:encoded


@dataclass(frozen=True, slots=True)
class Outlet:
    """`slug` is the outlet's first path segment, `feeds` the file names of its feeds."""

    slug: str
    title: str
    format: Format
    category: str
    feeds: tuple[str, ...] = ("feed.xml",)


# An outlet with a second feed is where one item may be seen twice, under one link.
OUTLETS = (
    Outlet("northgate-wire", "Northgate Wire", Format.RSS, "Agencies"),
    Outlet("levant-courier", "The Levant Courier", Format.ATOM, "Region", ("feed.xml", "top.xml")),
    Outlet("harbour-gazette", "Harbour Gazette", Format.RSS_FULL, "Papers"),
    Outlet("meridian-post", "Meridian Post", Format.RSS, "Papers", ("feed.xml", "world.xml")),
    Outlet("eastern-lantern", "The Eastern Lantern", Format.ATOM, "Region"),
    Outlet("civic-ledger", "Civic Ledger", Format.RSS_FULL, "Papers"),
    Outlet("radio-cedar", "Radio Cedar", Format.RSS, "Broadcasters"),
    Outlet("kestrel-daily", "Kestrel Daily", Format.ATOM, "Papers"),
)
BY_SLUG = {outlet.slug: outlet for outlet in OUTLETS}
