"""Exceptions, and the closed list of reasons why something did not work.

A reason is shared by the store, the logs, the command line and the docs: it is what an operator
reads, searches for and counts. Expected failures travel as values that carry a reason; exceptions
are for what a caller cannot go on from.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why a feed, a page or a delivery did not work; stored by its value."""

    # where the request went
    BAD_URL = "bad-url"
    URL_TOO_LONG = "url-too-long"
    FORBIDDEN_SCHEME = "forbidden-scheme"
    CREDENTIALS_IN_URL = "credentials-in-url"
    FORBIDDEN_ADDRESS = "forbidden-address"
    UNRESOLVED_LINK = "unresolved-link"
    HOST_UNKNOWN = "host-unknown"
    CONNECTION_REFUSED = "connection-refused"
    CONNECTION_LOST = "connection-lost"
    TLS_FAILED = "tls-failed"
    CONNECT_TIMED_OUT = "connect-timed-out"
    FIRST_BYTE_TIMED_OUT = "first-byte-timed-out"
    TIMED_OUT = "timed-out"
    TOO_SLOW = "too-slow"
    PROXY_FAILED = "proxy-failed"
    TOO_MANY_REDIRECTS = "too-many-redirects"
    # what the site answered
    GONE = "gone"
    NOT_FOUND = "not-found"
    ACCESS_DENIED = "access-denied"
    BOT_PROTECTION = "bot-protection"
    ROBOTS_DISALLOW = "robots-disallow"
    ROBOTS_UNREACHABLE = "robots-unreachable"
    RATE_LIMITED = "rate-limited"
    CLIENT_ERROR = "client-error"
    SERVER_ERROR = "server-error"
    BAD_RESPONSE = "bad-response"
    HEADERS_TOO_LARGE = "headers-too-large"
    REDIRECTED = "redirected"
    # what was in the answer
    TOO_LARGE = "too-large"
    EXPANDS_TOO_MUCH = "expands-too-much"
    BAD_COMPRESSION = "bad-compression"
    EMPTY_BODY = "empty-body"
    NOT_A_FEED = "not-a-feed"
    MALFORMED_FEED = "malformed-feed"
    ENTITY_EXPANSION = "entity-expansion"
    TOO_DEEP = "too-deep"
    NOT_HTML = "not-html"
    NO_TEXT = "no-text"
    EXTRACTION_FAILED = "extraction-failed"
    READING_TIMED_OUT = "reading-timed-out"
    READING_TOOK_TOO_MUCH = "reading-took-too-much-memory"
    READER_CRASHED = "reader-crashed"
    # what went wrong on our side
    OFFLINE = "offline"
    SECRET_MISSING = "secret-missing"
    CHANNEL_UNKNOWN = "channel-unknown"
    TEMPLATE_FAILED = "template-failed"
    NOTIFIER_FAILED = "notifier-failed"
    WORKER_LOST = "worker-lost"
    MUTED = "muted"
    UNEXPECTED = "unexpected"

    def __reduce_ex__(self, proto: object) -> tuple[type["Reason"], tuple[str]]:
        """As Python pickles a member since 3.11.4; before, it needed `getattr` to be read."""
        return Reason, (self.value,)


class WirewatchError(Exception):
    """The root of every exception that wirewatch raises on purpose."""


class ConfigError(WirewatchError):
    """A mistake in a configuration file: what, where, and what to write instead.

    `line` counts from 1 (None where the file as a whole is at fault); `key` is the path to the
    value, as in `topics[2].channels[0]`.
    """

    def __init__(
        self, file: object, problem: str, remedy: str, *, line: int | None = None, key: str = ""
    ) -> None:
        self.file, self.line, self.key = str(file), line, key
        self.problem, self.remedy = problem, remedy
        place = self.file if line is None else f"{self.file}:{line}"
        super().__init__(f"{place}: {f'{key}: ' if key else ''}{problem}. {remedy}")


class QueryError(WirewatchError):
    """A topic's query that cannot be read; `column` counts from 1 in the query's own text.

    `line` and `line_column` say the same of a query of several lines.
    """

    def __init__(self, query: str, column: int, problem: str, remedy: str) -> None:
        self.query, self.column, self.problem, self.remedy = query, column, problem, remedy
        before = query[: column - 1]
        self.line = before.count("\n") + 1
        self.line_column = column - 1 - before.rfind("\n")
        place = f"column {self.line_column}"
        place = f"line {self.line}, {place}" if "\n" in query else place
        super().__init__(f"{place}: {problem}. {remedy}")

    def picture(self) -> str:
        """The line of the query with a caret under the mistake, for a terminal."""
        line = (self.query.split("\n") or [""])[self.line - 1]
        return f"{line}\n{' ' * (self.line_column - 1)}^ {self.problem}"


class StoreUnavailableError(WirewatchError):
    """The database could not be used for as long as we are willing to wait."""


class StoreRefusedError(WirewatchError):
    """The database is there, and will not take what it was given."""


class SetupError(WirewatchError):
    """The process cannot start as it is set up; the message says what to change."""


class NotFoundError(WirewatchError):
    """A person asked for something that is not in the store."""


class ConflictError(WirewatchError):
    """A person asked for a change that would contradict what is already there."""


class LinkForgedError(WirewatchError):
    """A link that is none of ours."""


class LinkExpiredError(WirewatchError):
    """A link of ours that may no longer be used."""


class ForbiddenAddressError(WirewatchError, OSError):
    """A request was about to go to an address that it may not reach.

    The message is the same for every address on purpose: a host whose addresses are all refused
    then gives this error, and not a medley of several.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__("the address is not a public one")

    @property
    def told(self) -> str:
        """What to tell the operator."""
        return f"{self.address} is not a public address; WIREWATCH_ALLOW_NETWORKS can allow it."
