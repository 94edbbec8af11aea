"""Jobs that behave as badly as a parser on hostile input can."""

import os
import pickle
import re
import resource
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from worker.errors import Reason
from worker.records import Entry, Failed

resets: list[int] = []
kept: list[bytearray] = []


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
    return len(bytearray(4 * 1024**3))


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


def environ() -> set[str]:
    return set(os.environ)


def burn(seconds: float) -> float:
    """Use up so much CPU time."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
    return seconds


def expand_entities() -> int:
    """Let a parser make 200 MB of a few hundred bytes."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 8))
    bomb = f'<!DOCTYPE r [<!ENTITY e0 "{"x" * 20}">{entities}]><r>&e7;</r>'
    parser = etree.XMLParser(huge_tree=True, resolve_entities=True)
    return len(etree.fromstring(bomb.encode(), parser).text or "")


def without_proc() -> None:
    """From here on this child is as on a machine that has no /proc."""
    child = sys.modules["__main__"]
    child._STATM = "/nowhere/statm"  # type: ignore[attr-defined]
    child._modules.clear()


def memory_bound() -> int:
    return resource.getrlimit(resource.RLIMIT_AS)[0]


def keep(size: int) -> int:
    """Take memory, and not give it back."""
    kept.append(bytearray(size))
    return size


def say(frame: bytes) -> None:
    """Say to the parent something else than what a child says."""
    os.write(int(sys.argv[1]), frame)
    time.sleep(60)


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return (os.system, ("touch /tmp/owned",))


def evil_frame() -> bytes:
    data = pickle.dumps(Evil())
    return len(data).to_bytes(4, "big") + data
