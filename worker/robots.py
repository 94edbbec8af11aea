"""What a site's robots.txt asks of us, after RFC 9309. Pure.

It is asked before article pages, never before feeds: a feed is published to be polled. While a site
keeps us from its pages, an article keeps the feed's own text, so nothing is missed.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from protego import Protego

OUR_NAME = "wirewatch"
# RFC 9309, 2.5: at least 500 KiB are to be read.
MAX_BYTES = 500 * 1024
# RFC 9309, 2.4: no copy is used for over a day where a new one can be had.
FRESH = timedelta(hours=24)
# A site that is down is asked again sooner.
RETRY = timedelta(hours=1)
# For how long a site whose robots.txt fails keeps us out, where we have no copy of it. The RFC asks
# for «a reasonably long period» and names 30 days. We take one day: news is old by then, and a site
# that serves its pages all day and its robots.txt never is broken and not closed.
PATIENCE = timedelta(hours=24)
# RFC 9309, 2.3.1.4: an old copy may be used for as long as this while none can be had.
KEPT = timedelta(days=30)

_AGENT_LINE = re.compile(r"\s*user[- ]?agent\b[\s:]*([^#]*)", re.I)
_NAME = re.compile(r"[A-Za-z_-]+")
_MARKUP = re.compile(r"\s*<(?:!|\?xml|html|head|body|script)", re.I)
_BREAKS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class RobotsCopy:
    """A site's robots.txt as we last had it: what a store keeps of it.

    `text` is what the site last served (empty: no rules), `served_at` when; None for never.
    `failing_since` is the first of the tries that have failed in a row since.
    """

    text: str
    asked_at: datetime
    served_at: datetime | None = None
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a page may be fetched, and the seconds between two pages that the site asks for."""

    allowed: bool
    delay_s: float | None = None


def take(old: RobotsCopy | None, status: int | None, body: bytes, now: datetime) -> RobotsCopy:
    """The copy to keep after a try to get robots.txt; `status` is None for no answer at all.

    2xx brings its rules, 429 and 5xx and silence keep the old ones, and anything else (4xx, or too
    many redirects) means that there are none (RFC 9309, 2.3.1).
    """
    if status is None or status == 429 or status >= 500:
        if old is None:
            return RobotsCopy("", now, failing_since=now)
        return replace(old, asked_at=now, failing_since=old.failing_since or now)
    return RobotsCopy(_text(body) if 200 <= status < 300 else "", now, served_at=now)


def due_at(copy: RobotsCopy) -> datetime:
    """When robots.txt should be asked for again."""
    return copy.asked_at + (RETRY if copy.failing_since else FRESH)


def verdict(
    copy: RobotsCopy, url: str, *, user_agent: str, now: datetime, longest_delay_s: float
) -> Verdict:
    """Whether `url` may be fetched as `user_agent`, and how long to wait between two pages.

    A site that never served its robots.txt, and fails to for less than a day, allows nothing. A
    delay over `longest_delay_s` is cut down to it.
    """
    if copy.served_at is None:
        return Verdict(copy.failing_since is None or now - copy.failing_since >= PATIENCE)
    if copy.failing_since and now - copy.served_at > KEPT:
        return Verdict(True)
    name = product_token(user_agent)
    rules = _rules(copy.text, name)
    delay_s = _delay_s(rules, name)
    return Verdict(
        rules.can_fetch(url, name), None if delay_s is None else min(delay_s, longest_delay_s)
    )


def product_token(user_agent: str) -> str:
    """The name by which robots.txt knows us: that of our User-Agent (RFC 9309, 2.2.1).

    An operator who takes a browser's name is still known by ours, and bound by what it is told.
    """
    found = _NAME.match(user_agent.strip())
    name = found[0].lower() if found else OUR_NAME
    return OUR_NAME if name == "mozilla" else name


def _text(body: bytes) -> str:
    """The rules as text, at most 500 KiB of whole lines; empty where it is no robots.txt."""
    cut = body[:MAX_BYTES]
    wide = cut.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = cut.decode("utf-16" if wide else "utf-8-sig", "replace").replace("\x00", "")
    if _MARKUP.match(text):  # a page in place of it
        return ""
    text = _BREAKS.sub("\n", text)
    return text if len(body) <= MAX_BYTES else text.rpartition("\n")[0]


@lru_cache(maxsize=16)
def _rules(text: str, name: str) -> Protego:
    """The rules for `name`, parsed.

    Other robots' groups become one: thousands of names over thousands of rules would be millions
    of rules in memory.
    """
    return Protego.parse("\n".join(_for(name, line) for line in text.split("\n")))


def _for(name: str, line: str) -> str:
    """A line that starts a group, rewritten to say no more than whether the group is ours."""
    found = _AGENT_LINE.match(line)
    if found is None:
        return line
    asked = found[1].strip().lower()
    token = _NAME.match(asked)
    if asked == "*":
        return "user-agent: *"
    return f"user-agent: {name if token and token[0] == name else 'somebody-else'}"


def _delay_s(rules: Protego, name: str) -> float | None:
    """The longer of Crawl-delay and what Request-rate comes to."""
    told = [rules.crawl_delay(name)]
    rate = rules.request_rate(name)
    if rate is not None:
        told.append(min(rate.seconds, 10**9) / min(rate.requests, 10**9))
    return max((delay for delay in told if delay is not None), default=None)
