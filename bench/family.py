"""What this process and the reading children of a daemon cost, together."""

import contextlib
import resource
import time

import psutil


def readers(parent: psutil.Process) -> list[psutil.Process]:
    """The living children that read pages and feeds for `parent`."""
    found = []
    for child in parent.children():
        with contextlib.suppress(psutil.Error):
            if "worker.sandbox.child" in child.cmdline():
                found.append(child)
    return found


def cpu_s() -> float:
    """CPU seconds of this process and of its readers, the ended ones included."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = time.process_time() + ended.ru_utime + ended.ru_stime
    for child in readers(psutil.Process()):
        times = child.cpu_times()
        spent += times.user + times.system
    return spent


def resident_mib(process: psutil.Process) -> float:
    """Resident memory of a daemon and its readers, shared pages counted once for each."""
    family = [process, *readers(process)]
    return sum(one.memory_info().rss for one in family) / 1024**2
