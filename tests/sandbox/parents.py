"""Parents of sandboxed children, to be killed or to fork: `python -m tests.sandbox.parents JOB`."""

import asyncio
import json
import os
import sys

from tests.sandbox import jobs
from worker.sandbox import Sandbox, SandboxLimits

JOBS = jobs.__name__


async def _busy(job: str) -> None:
    """Have one idle child and one that is busy with `job`; say who they are."""
    sandbox = Sandbox(2, SandboxLimits(1, 256 * 1024**2))
    pids = await asyncio.gather(*(sandbox.run(f"{JOBS}:pid") for _ in range(2)))
    assert len(set(pids)) == 2
    working = asyncio.create_task(sandbox.run(f"{JOBS}:{job}"))
    await asyncio.sleep(0)
    print(json.dumps(pids), flush=True)
    await working


def _forked() -> None:
    """Use the process's tools, fork, and use them on both sides; say how it went."""
    from worker import runtime

    def pid_of_a_child() -> int:
        tools = runtime.tools()
        return int(tools.loop.run(tools.sandbox.run(f"{JOBS}:pid"), timeout_s=30))

    first = pid_of_a_child()
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.write(writing, str(pid_of_a_child()).encode())
        runtime.close_process()
        os._exit(0)
    os.wait()
    print(json.dumps([first, int(os.read(reading, 100)), pid_of_a_child()]), flush=True)
    runtime.close_process()


if __name__ == "__main__":
    which = sys.argv[1]
    if which == "forked":
        _forked()
    else:
        asyncio.run(_busy(which))
