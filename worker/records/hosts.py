"""Hosts: whose turn it is to be asked, and how asking went."""

from dataclasses import dataclass
from datetime import datetime

from worker.errors import Reason


@dataclass(frozen=True, slots=True)
class HostState:
    """A host as every worker sees it, through the store.

    `polls` and `pages` are requests under way, by whichever worker; `page_waits` says that a page
    is due there. The next poll may go at `poll_free_at`. The next page may be handed out at
    `page_free_at`, and the last one was asked for at `page_asked_at`; pages that need not be read
    soon have turns up to `page_tail_at`. Nothing is asked before `paused_until`. robots.txt is
    known until `robots_due_at`.
    """

    name: str
    polls: int = 0
    pages: int = 0
    page_waits: bool = False
    poll_free_at: datetime | None = None
    page_free_at: datetime | None = None
    page_asked_at: datetime | None = None
    page_tail_at: datetime | None = None
    paused_until: datetime | None = None
    failures: int = 0
    crawl_delay_s: float | None = None
    robots_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HostOutcome:
    """How one request to a host went: no reason is success.

    `failures` is how many in a row were known when the request was handed out.
    """

    host: str
    failures: int = 0
    reason: Reason | None = None
    detail: str = ""
    retry_after_s: float | None = None
