"""Hosts: whose turn it is to be asked, and how asking went."""

from dataclasses import dataclass
from datetime import datetime

from worker.errors import Reason


@dataclass(frozen=True, slots=True)
class HostState:
    """A host as every worker sees it, through the store.

    `held` requests are under way by anybody. The next page may be fetched at `page_free_at`; turns
    are given away up to `page_tail_at`, and `poll_tail_at` for polls. Nothing is asked before
    `paused_until`.
    """

    name: str
    held: int = 0
    page_free_at: datetime | None = None
    page_tail_at: datetime | None = None
    poll_tail_at: datetime | None = None
    paused_until: datetime | None = None
    failures: int = 0
    crawl_delay_s: float | None = None


@dataclass(frozen=True, slots=True)
class HostOutcome:
    """How one request to a host went: no reason is success."""

    host: str
    reason: Reason | None = None
    detail: str = ""
    retry_after_s: float | None = None
