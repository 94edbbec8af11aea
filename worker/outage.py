"""Whether our own network is down, as on a laptop that slept: told from how requests end. Pure.

A site that is silent may be down. When all that is asked falls silent at once, we are. Hosts that
were silent while others answered are no witnesses again until they have answered: a list of feeds
may hold a dozen dead ones, which fail together and fast.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.errors import Reason

# No answer of any kind came.
SILENCE = frozenset(
    {
        Reason.HOST_UNKNOWN,
        Reason.CONNECTION_REFUSED,
        Reason.CONNECTION_LOST,
        Reason.CONNECT_TIMED_OUT,
        Reason.FIRST_BYTE_TIMED_OUT,
        Reason.TIMED_OUT,
    }
)
# These say nothing either way: nobody was asked, or somebody else than the site may have answered.
_NO_WITNESS = frozenset(
    {
        Reason.BAD_URL,
        Reason.URL_TOO_LONG,
        Reason.FORBIDDEN_SCHEME,
        Reason.CREDENTIALS_IN_URL,
        Reason.FORBIDDEN_ADDRESS,
        Reason.SECRET_MISSING,
        Reason.PROXY_FAILED,
        Reason.TLS_FAILED,
        Reason.WORKER_LOST,
        Reason.OFFLINE,
        Reason.UNEXPECTED,
    }
)
# So many requests in a row, to so many hosts.
_REQUESTS, _HOSTS = 8, 4
_PROBE_EVERY = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Turn:
    """The network went down, or came back; `since` is the first request that got no answer."""

    down: bool
    since: datetime


class Outage:
    """Takes note of every request of a process, from any thread.

    The network counts as down once nothing has answered for `after_s` seconds.
    """

    def __init__(self, after_s: float = 5) -> None:
        self._after = timedelta(seconds=after_s)
        self._lock = threading.Lock()
        self._silent: list[str] = []
        self._since: datetime | None = None
        self._dead: set[str] = set()
        self._probed_at: datetime | None = None
        self._turns: list[Turn] = []
        self.is_down = False

    def note(self, host: str, reason: Reason | None, now: datetime) -> None:
        """Note how a request ended; no reason: well."""
        if reason is None and not (self._silent or self._dead):
            return  # as nearly always: all is well, and was
        with self._lock:
            if reason in SILENCE:
                self._note_silence(host, now)
            elif reason not in _NO_WITNESS:
                self._note_answer(host)

    def _note_silence(self, host: str, now: datetime) -> None:
        if not self.is_down and host not in self._dead:
            self._silent.append(host)
            self._since = self._since or now
            self._look(now)

    def _look(self, now: datetime) -> None:
        if self.is_down or self._since is None or now - self._since < self._after:
            return
        if len(self._silent) >= _REQUESTS and len(set(self._silent)) >= _HOSTS:
            self.is_down = True
            self._turns.append(Turn(down=True, since=self._since))

    def _note_answer(self, host: str) -> None:
        self._dead.discard(host)
        if self.is_down and self._since is not None:
            self._turns.append(Turn(down=False, since=self._since))
        else:
            self._dead.update(name for name in self._silent if name != host)
        self._silent, self._since, self.is_down = [], None, False

    def may_ask(self, now: datetime) -> bool:
        """Whether to ask at all: while the network is down once a second, to see it return."""
        if not self.is_down:
            return True
        with self._lock:
            last = self._probed_at
            if last is not None and last <= now < last + _PROBE_EVERY:
                return False
            self._probed_at = now
            return True

    def is_blamed(self, reason: Reason) -> bool:
        """Whether a request failed for this reason because our own network is down."""
        return reason is Reason.OFFLINE or (self.is_down and reason in SILENCE)

    def take_turns(self, now: datetime) -> list[Turn]:
        """What has turned since this was asked before, in order.

        To be asked every now and then: when all that failed has been put off, no request comes to
        tell that it was an outage.
        """
        with self._lock:
            self._look(now)
            turns, self._turns = self._turns, []
            return turns
