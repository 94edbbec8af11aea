"""Jobs that behave as badly as a parser on hostile input can."""

import os
import re
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

from worker.errors import Reason
from worker.records import Entry, Failed

resets: list[int] = []


def echo(value: object) -> object:
    return value


def pid() -> int:
    return os.getpid()


def record() -> Entry:
    return Entry("1", None, "A title", published=datetime(2026, 3, 1, tzinfo=UTC))


def refuse() -> Failed:
    return Failed(Reason.NO_TEXT, "nothing here")


def loop_in_c() -> bool:
    """Hold the GIL in a C library that does not come back."""
    return bool(re.match(r"(a|aa)+$", "a" * 64 + "b"))


def hang() -> None:
    while True:
        time.sleep(60)


def eat_memory() -> int:
    return len([bytearray(1024**2) for _ in range(4_096)])


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def leave() -> None:
    os._exit(3)


def fail() -> None:
    raise RecursionError("too deep")


def send_a_stranger() -> Path:
    return Path("/etc/passwd")


def secrets_seen() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if "SECRET" in k}


def reset_caches() -> None:
    resets.append(1)


def times_reset() -> int:
    return len(resets)
