"""The child's side: one job after another, each within its CPU time, all within their memory.

The kernel keeps the limits, not this code: C libraries do not come back to Python while they
loop, so a job over its CPU time is ended by SIGPROF, and the process with it.
"""

import importlib
import pickle
import resource
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

from worker.sandbox.frames import HEADER, pack

# Libraries remember every string they have seen: their caches are emptied after so many jobs.
_CACHES_EVERY = 250


def main() -> None:
    """Serve the parent at the other end of the socket until it hangs up."""
    descriptor, cpu_s, memory_bytes = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.SIG_IGN)  # the parent decides, and ends us by hanging up
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    with socket.socket(fileno=descriptor) as parent:
        served = 0
        while (frame := _receive(parent)) is not None:
            job, args, kwargs = pickle.loads(frame)  # the parent's own words
            # Importing a library of parsers is not on the job's own time.
            work = _loaded(job)
            _bound_memory(memory_bytes)
            parent.sendall(pack((_run(work, args, kwargs, cpu_s), _memory_bytes(_RESIDENT))))
            served += 1
            if served % _CACHES_EVERY == 0:
                _reset_caches(job)


def _receive(parent: socket.socket) -> bytes | None:
    header = _exactly(parent, HEADER.size)
    return None if header is None else _exactly(parent, HEADER.unpack(header)[0])


def _exactly(parent: socket.socket, size: int) -> bytes | None:
    parts, missing = [], size
    while missing:
        part = parent.recv(min(missing, 1 << 20))
        if not part:
            return None
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _loaded(job: str) -> Callable[..., Any]:
    module, _, function = job.partition(":")
    return getattr(importlib.import_module(module), function)  # type: ignore[no-any-return]


def _run(work: Callable[..., Any], args: Any, kwargs: Any, cpu_s: float) -> Any:
    """The job's result, or the name of the exception that it ended with."""
    signal.setitimer(signal.ITIMER_PROF, cpu_s)
    try:
        return ("done", work(*args, **kwargs))
    except MemoryError:
        return ("memory", "")
    except Exception as error:
        return ("raised", f"{type(error).__name__}: {error}"[:300])
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


_bounded = False


def _bound_memory(memory_bytes: int) -> None:
    """Allow so much more address space than this process has, once its libraries are loaded."""
    global _bounded
    if _bounded or sys.platform != "linux":
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_memory_bytes(_MAPPED) + memory_bytes, hard))
    _bounded = True


_MAPPED, _RESIDENT = 0, 1


def _memory_bytes(field: int) -> int:
    """This process's memory, as Linux counts it; 0 elsewhere."""
    if sys.platform != "linux":
        return 0
    with open("/proc/self/statm", "rb") as statm:
        return int(statm.read().split()[field]) * resource.getpagesize()


def _reset_caches(job: str) -> None:
    reset = getattr(importlib.import_module(job.partition(":")[0]), "reset_caches", None)
    if reset is not None:
        reset()


if __name__ == "__main__":
    main()
