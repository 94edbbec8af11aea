"""`python -m bench [NAME …]`: run the benchmarks, each against its baseline in the same run."""

import os
import platform
import sys

from bench import (
    backtest,
    extract,
    extract_memory,
    ingest,
    memory,
    parse,
    poll,
    push,
    schedule,
    schedule_worlds,
    topics,
)
from bench.deliver import kills, pace
from bench.schedule_daemon import bench as schedule_daemon
from bench.stories import cost, quality, writers

BENCHES = {
    "parse": parse.run,
    "poll": poll.run,
    "push": push.run,
    "ingest": ingest.run,
    "extract": extract.run,
    "memory": memory.run,
    "extract_memory": extract_memory.run,
    "stories": quality.run,
    "stories_cost": cost.run,
    "stories_writers": writers.run,
    "topics": topics.run,
    "backtest": backtest.run,
    "schedule": schedule.run,
    "schedule_worlds": schedule_worlds.run,
    "schedule_daemon": schedule_daemon.run,
    "deliver": pace.run,
    "deliver_kills": kills.run,
}


def main() -> None:
    wanted = sys.argv[1:] or list(BENCHES)
    unknown = [name for name in wanted if name not in BENCHES]
    if unknown:
        sys.exit(f"bench: no benchmark {', '.join(unknown)}; there are {', '.join(BENCHES)}.")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name in wanted:
        print(f"\n== {name}", flush=True)
        BENCHES[name]()


if __name__ == "__main__":
    main()
