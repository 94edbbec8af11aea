"""Chat, mail, push and a hundred others: the library apprise, run in a child process.

apprise blocks, and makes connections of its own. In a child (sandbox/) it can be killed when it
hangs, and an audit hook of the interpreter (PEP 578) judges every address before it is connected
or sent to: the network guard holds for whatever apprise, or a library below it, does in Python's
sockets, redirects included. Programs cannot be started, nor local sockets reached.
"""

import logging
import sys
from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from worker.netguard import Network, is_allowed

# What speaks to this very machine, and not to anybody elsewhere.
LOCAL = frozenset(("blink1", "dbus", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"))
_CONNECTS = frozenset(("socket.connect", "socket.sendto", "socket.sendmsg"))
_STARTS = frozenset(("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"))


def problem_of_notifier(url: str) -> str | None:
    """Why apprise could send nothing by this URL; None where nothing is known against it.

    Nothing is connected to. What is said never shows the URL, which holds secrets.
    """
    schema = urlsplit(url).scheme.lower() if "://" in url else ""
    if not schema:
        return "it has no scheme, such as mailto:// or tgram://"
    if schema in LOCAL:
        return f"{schema}:// speaks to this machine alone"
    if _plugin(url) is None:
        return "apprise knows no such service, or not with these parts"
    return None


def notify(url: str, title: str, text: str, allowed: Sequence[str]) -> tuple[bool, str, str | None]:
    """Whether it was sent, what apprise said if not, and the last address that was connected to.

    Made to run in a child of its own: the wall that it puts up around sockets stays.
    """
    guard = _guard(tuple(allowed))
    guard.refused, guard.reached = None, None
    if problem_of_notifier(url):
        return False, "apprise cannot use its url.", None
    from apprise import LogCapture, NotifyFormat  # it takes a while, and only children need it

    plugin = _plugin(url)
    if "overflow=" not in url:
        plugin.overflow_mode = "truncate"
    sender = _apprise()
    sender.add(plugin)
    captured: Any = LogCapture  # it is not typed
    with captured(level=logging.INFO, fmt="%(message)s") as said:
        sent = bool(sender.notify(body=text, title=title, body_format=NotifyFormat.TEXT))
        told = said.getvalue()
    if guard.refused and not sent:
        where = guard.refused
        told = f"{where} is not a public address; WIREWATCH_ALLOW_NETWORKS can allow it."
    return sent, "" if sent else told, guard.reached


def _apprise() -> Any:
    from apprise import Apprise, AppriseAsset

    return Apprise(asset=AppriseAsset(async_mode=False, storage_mode="memory", plugin_paths=[]))


def _plugin(url: str) -> Any:
    from apprise import Apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it would tell what it was given
    try:
        return Apprise.instantiate(url, suppress_exceptions=True)
    finally:
        logging.getLogger("apprise").setLevel(logging.NOTSET)


class _Guard:
    """Refuses connections within this process; there is one, and it cannot be taken away."""

    def __init__(self, allowed: tuple[Network, ...]) -> None:
        self._allowed = allowed
        self.refused: str | None = None
        self.reached: str | None = None

    def hear(self, event: str, details: tuple[Any, ...]) -> None:
        if event in _STARTS:
            raise PermissionError("a notifier may start no program")
        address = details[-1] if event in _CONNECTS else None
        if address is None:  # it is connected already, or no such thing at all
            return
        host = str(address[0]) if isinstance(address, tuple) else "a local socket"
        if not is_allowed(host, self._allowed):
            self.refused = host
            raise PermissionError("the address is not a public one")
        self.reached = host


_guards: dict[tuple[str, ...], _Guard] = {}


def _guard(allowed: tuple[str, ...]) -> _Guard:
    """The guard of this process, put up at the first call."""
    if allowed not in _guards:
        _guards[allowed] = guard = _Guard(tuple(ip_network(network) for network in allowed))
        sys.addaudithook(guard.hear)
    return _guards[allowed]
