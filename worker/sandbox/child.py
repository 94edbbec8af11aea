"""The child's side: one job after another, each within its CPU time, all within their memory.

The kernel keeps the limits, not this code: C libraries do not come back to Python while they
loop, so a job over its CPU time is ended by SIGPROF, and the process with it.
"""

import importlib
import os
import pickle
import resource
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
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
        threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
        # A parent that is gone may have left the last answer unread: no end of file is seen then.
        with suppress(ConnectionResetError, BrokenPipeError):
            _serve(parent, cpu_s, memory_bytes)


def _serve(parent: socket.socket, cpu_s: float, memory_bytes: int) -> None:
    served = 0
    while (frame := _receive(parent)) is not None:
        job, args, kwargs = pickle.loads(frame)  # the parent's own words
        # Importing a library of parsers is on neither the job's time nor its memory.
        work = _loaded(job, memory_bytes)
        parent.sendall(pack((_run(work, args, kwargs, cpu_s), _memory_bytes(_RESIDENT) or 0)))
        served += 1
        if served % _CACHES_EVERY == 0:
            _reset_caches(job)


def _leave_with(parent: socket.socket) -> None:
    """End this process once the parent is gone, whatever it is busy with just then.

    A parent that was killed reads no answer, and keeps no wall clock. A job that lets no other
    thread run uses up its CPU time instead.
    """
    hung_up = select.poll()
    hung_up.register(parent, 0)
    hung_up.poll()
    os._exit(0)


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


_modules: set[str] = set()


def _loaded(job: str, memory_bytes: int) -> Callable[..., Any]:
    module, _, function = job.partition(":")
    if module not in _modules:
        _bound_memory(None)
        importlib.import_module(module)
        _bound_memory(memory_bytes)
        _modules.add(module)
    return getattr(sys.modules[module], function)  # type: ignore[no-any-return]


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


def _bound_memory(memory_bytes: int | None) -> None:
    """Allow so much more address space than this process has now; None: any amount."""
    if sys.platform != "linux":
        return  # elsewhere the kernel does not keep such a limit
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    bound = hard
    if memory_bytes is not None:
        mapped = _memory_bytes(_MAPPED)
        bound = (_LIBRARIES_BYTES if mapped is None else mapped) + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (bound, hard))


_STATM = "/proc/self/statm"
_MAPPED, _RESIDENT = 0, 1
# What the libraries take at the most, where nobody can tell.
_LIBRARIES_BYTES = 1024**3


def _memory_bytes(field: int) -> int | None:
    """This process's memory, as Linux counts it; None where it is not told."""
    try:
        with open(_STATM, "rb") as statm:
            return int(statm.read().split()[field]) * resource.getpagesize()
    except OSError:
        return None


def _reset_caches(job: str) -> None:
    reset = getattr(sys.modules[job.partition(":")[0]], "reset_caches", None)
    if reset is not None:
        reset()


if __name__ == "__main__":
    main()
