"""Child processes that never outlive the tests."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from tests.waiting import wait_until

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None

# The kernel sends the signal of `_die_with_parent` when the *thread* that started the child ends:
# so one thread, which lives as long as this process, starts them all.
_starter = ThreadPoolExecutor(1, thread_name_prefix="test-servers")


class ServerError(Exception):
    """A server for tests cannot be had; the message says what to do about it."""


def free_port() -> int:
    """A TCP port of this host that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def spawn(
    command: Sequence[str | Path],
    log: Path,
    *,
    user: int | None = None,
    group: int | None = None,
    last_signal: signal.Signals = signal.SIGKILL,
) -> "subprocess.Popen[bytes]":
    """Start a server in its log's folder; it gets `last_signal` when this process is gone.

    It has a session of its own: Ctrl-C is for the tests, whose fixtures then stop it in order.
    """

    def start() -> "subprocess.Popen[bytes]":
        with log.open("ab") as output:
            return subprocess.Popen(
                [str(part) for part in command],
                cwd=log.parent,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                user=user,
                group=group,
                extra_groups=None if user is None else [],
                start_new_session=True,
                preexec_fn=_die_with_parent(last_signal),
            )

    return _starter.submit(start).result()


def _die_with_parent(last_signal: signal.Signals) -> Callable[[], None] | None:
    libc = _libc
    if libc is None:
        return None
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, int(last_signal))


def await_ready(
    process: "subprocess.Popen[bytes]", ready: Callable[[], bool], log: Path, what: str
) -> None:
    """Return once `ready()`; ServerError with the log's end where the process ends before."""
    wait_until(lambda: process.poll() is not None or ready(), timeout_s=30, what=f"{what} is ready")
    if process.poll() is not None:
        said = log.read_text(errors="replace")[-2_000:]
        raise ServerError(f"{what} ended with {process.returncode} at once. It said:\n{said}")


def stop(process: "subprocess.Popen[bytes]", with_signal: signal.Signals) -> None:
    """Send a signal and return once the process and its children are gone."""
    family = _family(process)
    if process.poll() is None:
        process.send_signal(with_signal)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    # Children of a killed server notice by themselves, but not before a port or a lock is wanted.
    for child in family:
        if child.is_running():
            child.kill()
    psutil.wait_procs(family, timeout=10)


def _family(process: "subprocess.Popen[bytes]") -> list[psutil.Process]:
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
