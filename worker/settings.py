"""Every knob of wirewatch, with its unit and default, read from `WIREWATCH_*` variables.

`docs/settings.md` is generated from this file, so a description here is what operators read.
"""

import re
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from worker.errors import SetupError

Network = IPv4Network | IPv6Network
# A thousand million seconds are 31 years: more would leave the calendar when added to a date.
Positive = Annotated[float, Field(gt=0, le=1e9)]
Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, lt=1)]
_PLACE = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}")
_BASE = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#]*)?", re.IGNORECASE)
_LAST_PORT, _NONE = 65_535, ("", "never")
_SHORTEST_SECRET = 32


class Settings(BaseSettings):
    """All settings of one process; immutable once read."""

    model_config = SettingsConfigDict(
        env_prefix="WIREWATCH_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    # where things are
    database_url: str = Field(
        "sqlite:///var/wirewatch.db",
        description="SQLAlchemy URL of the store: sqlite:///PATH or postgresql+psycopg://…",
    )
    broker_url: str = Field(
        "memory://",
        description="Celery broker: memory:// in one process, redis://HOST:PORT/N for a stack.",
    )
    config_dir: Path = Field(
        Path("config"),
        description="Folder with feeds.opml, topics.yml, channels.yml and, if need be, feeds.yml.",
    )

    # polling
    poll_budget: Positive = Field(
        4, description="Polls for each feed and hour, in their mean (docs/scheduling.md)."
    )
    poll_budget_mode: Literal["daily", "hourly"] = Field(
        "daily",
        description="Over what time the budget must hold: daily lets busy hours have up to twice "
        "their share, hourly lets no hour have more.",
    )
    poll_theta: Annotated[float, Field(ge=1, le=2)] = Field(
        1.5, description="What the budget is for: 1, the lowest mean delay; 2, no feed waits long."
    )
    poll_unmatched: Annotated[float, Field(gt=0, le=1)] = Field(
        0.1,
        description="What an entry that matches no topic counts, of one that does, when the budget "
        "is shared out.",
    )
    poll_floor_s: Positive = Field(60, description="Seconds between two polls of a feed, at least.")
    poll_ceiling_s: Positive = Field(
        21_600, description="Seconds between two polls of a feed that answers, at most."
    )
    poll_interval_s: Positive | None = Field(
        None,
        description="Seconds between two polls of every feed that answers, in place of all this; "
        "nothing: the budget decides.",
    )
    host_poll_gap_s: float = Field(
        5, ge=0, le=3600, description="Seconds between two polls of one host's feeds, at least."
    )
    dead_after_d: Positive = Field(
        30, description="Days of nothing but failures after which a feed is set aside."
    )
    poll_backoff_max_s: Positive = Field(
        86_400, description="Longest pause, in seconds, before a failing feed is tried again."
    )
    max_freshness_s: Positive = Field(
        1_800,
        description="Longest time, in seconds, for which a site's word is taken that its feed has "
        "nothing new (Cache-Control, Expires, ttl).",
    )
    move_after_s: Positive = Field(
        86_400, description="Seconds for which a feed must redirect for good before it is moved."
    )
    move_after_polls: Count = Field(
        3, description="Polls, within that time, that must have been redirected to the same place."
    )
    gap_pages: Count = Field(
        10, description="Pages that are read at the most to fill the gap of a feed that ran over."
    )
    offline_after_s: Positive = Field(
        5,
        description="Seconds for which no site at all may answer before our own network is taken "
        "to be down, and no failure is counted.",
    )
    offline_retry_s: Positive = Field(
        60, description="Seconds, about, before a feed or page is tried again while it is down."
    )
    poll_width: Count = Field(100, description="Feeds in flight at once in one poll task.")

    # ingest
    ingest_width: Count = Field(16, description="Article pages in flight at once in one task.")
    page_tries: Count = Field(
        4, description="Fetches of an article page before the feed's own text is kept for good."
    )
    page_retry_s: Positive = Field(
        900, description="Seconds before a failed page is fetched again; doubles with each try."
    )

    page_wait_s: Positive = Field(
        10,
        description="Seconds that an article waits for its page's turn at its host; if it takes "
        "longer, the feed's own text is judged, and alerted on, meanwhile.",
    )
    reading_processes: int = Field(
        0,
        ge=0,
        le=64,
        description="Child processes that read pages and malformed feeds, started as needed; "
        "0: one for each core, at most 8.",
    )
    reading_cpu_s: Positive = Field(
        5, description="Seconds of CPU time after which a page or feed is given up."
    )
    reading_memory_mib: Count = Field(
        500, description="MiB of memory after which a page or feed is given up."
    )

    # stories
    story_window_d: Positive = Field(
        14,
        description="Days after an article's publication for which copies of it are looked for; "
        "older ones are still known by address, and by text with headline.",
    )
    recheck_s: Annotated[tuple[Positive, ...], NoDecode] = Field(
        (3_600, 86_400),
        description="Comma-separated seconds after which the page of an article that matches a "
        "topic is read again, for corrections and updates; or never.",
    )

    # manners: what a host may be asked for, by all workers together
    connections_per_host: Count = Field(
        2, description="Requests to one host at once, of polls and pages together."
    )
    page_gap_s: float = Field(
        1, ge=0, le=3600, description="Seconds between two article pages of one host."
    )
    max_crawl_delay_s: Positive = Field(
        30, description="Longest Crawl-delay of a robots.txt, in seconds, that is kept to."
    )
    host_pause_max_s: Positive = Field(
        3_600, description="Longest pause, in seconds, of a host that fails as a whole."
    )

    # alerts
    alert_max_age_s: Positive = Field(
        86_400,
        description="Seconds after its publication for which an article may be alerted, where "
        "neither its channel nor its topic has a max_age.",
    )

    link_key: SecretStr = Field(
        SecretStr(""),
        repr=False,
        description="Key of 32 characters or more that signs the mute links in messages; without "
        "it, or without `public_url`, messages have none. Make one with openssl rand -hex 32.",
    )

    # delivery
    deliver_width: Count = Field(
        128,
        description="Alerts in flight at once in one deliver task; those that have taken a second "
        "make room for others.",
    )
    deliver_per_channel: Count = Field(
        4,
        description="Alerts in flight to one channel at once, from all workers together; "
        "1: strictly one after the other, the oldest first.",
    )
    deliver_timeout_s: Positive = Field(
        15, description="Seconds a receiver has to take an alert, connection included."
    )
    channel_failures: Count = Field(
        5, description="Failures in a row after which a channel is left alone for a while."
    )
    channel_rest_s: Positive = Field(
        10, description="Seconds of its first rest; each probe that fails doubles it."
    )
    channel_rest_max_s: Positive = Field(
        300, description="Longest rest of a channel, in seconds, before the next probe."
    )
    channel_failing_d: Positive = Field(
        5, description="Days without a single success after which a failing channel is stopped."
    )
    keep_attempts_d: Positive = Field(
        90, description="Days for which each try of an alert is kept, with what was answered."
    )

    # what operators are told of
    ops_quiet_times: Positive = Field(
        5, description="Times its usual gap for which a feed may bring no article."
    )
    ops_quiet_floor_s: Positive = Field(
        21_600, description="Seconds for which any feed may bring no article, however busy it is."
    )
    ops_quiet_gaps: Count = Field(
        10, description="Gaps between articles from which on a feed's usual gap is known."
    )
    ops_error_share: Share = Field(
        0.2, description="Share of an hour's polls, 0 to 1, that may fail."
    )
    ops_error_polls: Count = Field(
        20, description="Polls in an hour, at least, for that share to say anything."
    )
    ops_queue_age_s: Positive = Field(
        300, description="Seconds for which due work of a stage may wait."
    )
    ops_tick_s: Positive = Field(
        60, description="Seconds for which nobody may do what a tick asks for."
    )
    ops_disk_share: Share = Field(
        0.05,
        description="Share of the disk, 0 to 1, that must be free: the one that SQLite's file, or "
        "else the working folder, is on.",
    )

    # the door for hubs and programs
    listen: str = Field(
        "",
        description="Address and port at which HTTP is served, such as 127.0.0.1:8484 or "
        "[::1]:8484; nothing: no server.",
    )
    public_url: str = Field(
        "",
        description="http(s) address under which that server is reached from outside, such as "
        "https://watch.example.org; nothing: no push, and no links in messages.",
    )
    push: bool = Field(
        True, description="Whether feeds are subscribed to; if not, hubs are told that all ends."
    )
    push_key: SecretStr = Field(
        SecretStr(""),
        description="Secret of 32 characters or more, from which the secrets of all subscriptions "
        "are made, as from: openssl rand -hex 32; nothing: no push.",
    )
    push_lease_s: Positive = Field(
        864_000, description="Seconds for which hubs are asked to push, before it is renewed."
    )
    push_sha1: bool = Field(
        False,
        description="Whether documents that a hub signs with SHA-1 alone are taken; if not, the "
        "feed is polled when one comes.",
    )
    ingest_key: SecretStr = Field(
        SecretStr(""),
        description="Secret of 32 characters or more with which programs hand articles in at "
        "/ingest; nothing: nobody can.",
    )
    feed_key: SecretStr = Field(
        SecretStr(""),
        description="Secret of 32 characters or more, from which the addresses of topics' feeds "
        "are made; nothing: there are none.",
    )

    # fetching
    contact: str = Field(
        "", description="URL or address at which sites reach you; named in every User-Agent."
    )
    user_agent: str = Field(
        "", description="User-Agent of every request; by default wirewatch's own, with `contact`."
    )
    connect_timeout_s: Positive = Field(10, description="Seconds to connect, TLS included.")
    first_byte_timeout_s: Positive = Field(
        20, description="Seconds for which a site may be silent: before its answer, and within it."
    )
    fetch_timeout_s: Positive = Field(
        30, description="Seconds for one whole fetch, redirects and body included."
    )
    min_rate_bytes_s: Positive = Field(
        256, description="Bytes a second, as sent, under which a body is given up."
    )
    rate_grace_s: Positive = Field(
        8, description="Seconds for which a body may come more slowly than that."
    )
    max_feed_bytes: Count = Field(
        10 * 1024**2, description="Largest feed, in bytes after decompression."
    )
    max_page_bytes: Count = Field(
        8 * 1024**2, description="Largest article page, in bytes after decompression."
    )
    max_expansion: Positive = Field(
        100, description="How many times its size a body over 1 MiB may grow in decompression."
    )
    max_header_bytes: Count = Field(
        16 * 1024, description="Longest single header of an answer, in bytes; 256 headers at most."
    )
    max_url_chars: Count = Field(2_000, description="Longest URL that is asked for.")
    max_redirects: Count = Field(8, description="Redirects followed in one fetch.")
    allow_networks: Annotated[tuple[Network, ...], NoDecode] = Field(
        (),
        description="Comma-separated CIDRs that requests may reach although they are private, "
        "such as 127.0.0.0/8; by default only public addresses are.",
    )

    # the daemon
    tick_s: Positive = Field(
        1, description="Seconds between two nudges of a stage; bounds how late due work starts."
    )
    lease_s: Positive = Field(
        120, description="Seconds until work held by a worker that died is taken over by another."
    )
    task_budget_s: Positive = Field(
        40, description="Seconds for which one task goes on claiming work before it ends."
    )
    stop_grace_s: Positive = Field(
        4, description="Seconds that work in flight has to finish once the process must stop."
    )
    deaf_after_s: Positive = Field(
        60,
        description="Seconds without any message, while work is overdue, after which a worker "
        "takes itself for deaf and ends, so that its supervisor starts it afresh.",
    )
    database_patience_s: Positive = Field(
        60, description="Seconds for which a lost database is retried before a task gives up."
    )
    pulse_file: Path | None = Field(
        None,
        description="File whose time a worker renews with every message it takes, and beat with "
        "every one it sends: a health check looks at its age.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe event that is logged."
    )
    log_format: Literal["auto", "human", "json"] = Field(
        "auto", description="auto: human on a terminal, one JSON object a line otherwise."
    )

    @field_validator("allow_networks", "recheck_s", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part for each in value.split(",") if (part := each.strip()) not in _NONE)
        return value

    @field_validator("listen")
    @classmethod
    def _is_place(cls, value: str) -> str:
        if value and not (_PLACE.fullmatch(value) and int(value.rpartition(":")[2]) <= _LAST_PORT):
            raise ValueError(f"write HOST:PORT, such as 127.0.0.1:8484; ports end at {_LAST_PORT}")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_base(cls, value: str) -> str:
        if value and not _BASE.fullmatch(value):
            raise ValueError("write http:// or https://, a host, and no query")
        return value.rstrip("/")

    @field_validator("push_key", "ingest_key", "link_key", "feed_key")
    @classmethod
    def _is_long(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < _SHORTEST_SECRET:
            raise ValueError(f"it must have {_SHORTEST_SECRET} characters or more")
        return value

    @property
    def pushes(self) -> bool:
        """Whether hubs are asked to push."""
        return bool(self.push and self.public_url and self.push_key.get_secret_value())

    @property
    def listen_place(self) -> tuple[str, int]:
        """The host and port of `listen`, which must be set."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def embedded(self) -> bool:
        """Whether the broker lives in this very process."""
        return self.broker_url.startswith("memory:")


@lru_cache(maxsize=1)
def settings() -> Settings:
    """This process's settings; raises SetupError naming the variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"WIREWATCH_{str(first['loc'][0]).upper()}"
        is_secret = Settings.model_fields[str(first["loc"][0])].annotation is SecretStr
        shown = "" if is_secret else f" (it is {first['input']!r})"
        raise SetupError(f"{name}: {first['msg']}{shown}. See docs/settings.md.") from None
