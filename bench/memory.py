"""Resident memory of the embedded daemon with 1,000 feeds, over 20,000 polls."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench import family
from bench.site import serving
from worker import store
from worker.store import Database

FEEDS, POLLS = 1_000, 20_000
_PATIENCE_S = 300


def run() -> None:
    with serving() as base, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = _configured(folder, base)
        daemon = subprocess.Popen(
            [sys.executable, "-m", "worker", "run"], env=environ, stderr=subprocess.DEVNULL
        )
        try:
            seen = _watch(psutil.Process(daemon.pid), Database(environ["WIREWATCH_DATABASE_URL"]))
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(15)
    at_10k = next(mib for polls, mib in seen if polls >= 10_000)
    print(f"resident memory of `wirewatch run` and its readers, {FEEDS} feeds")
    for polls, mib in seen:
        print(f"  after {polls:6,} polls  {mib:6.1f} MiB")
    print(
        f"  at 10,000 polls     {at_10k:6.1f} MiB   (to reach: 200 or less)\n"
        f"  last / 10,000       {seen[-1][1] / at_10k:6.3f}   (flat: near 1)"
    )


def _configured(folder: Path, base: str) -> dict[str, str]:
    outlines = "".join(f'<outline xmlUrl="{base}/feed/{n}" text="f{n}"/>' for n in range(FEEDS))
    (folder / "feeds.opml").write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
    (folder / "topics.yml").write_text(
        "topics:\n  - name: any\n    title: Any\n    query: item\n    channels: [desk]\n"
    )
    (folder / "channels.yml").write_text("channels:\n  - name: desk\n    kind: log\n")
    return os.environ | {
        "WIREWATCH_DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
        "WIREWATCH_CONFIG_DIR": str(folder),
        "WIREWATCH_ALLOW_NETWORKS": "127.0.0.0/8",
        "WIREWATCH_POLL_INTERVAL_S": "5",
        "WIREWATCH_CONNECTIONS_PER_HOST": "100",
    }


def _watch(process: psutil.Process, db: Database) -> list[tuple[int, float]]:
    marks = [1_000, 2_000, 5_000, 10_000, 15_000, POLLS]
    seen: list[tuple[int, float]] = []
    give_up = time.monotonic() + _PATIENCE_S
    while marks and time.monotonic() < give_up:
        time.sleep(0.2)
        try:
            polls = db.read(store.overview).polls
        except Exception:  # the daemon has not made its tables yet
            continue
        if polls >= marks[0]:
            seen.append((polls, family.resident_mib(process)))
            marks = [mark for mark in marks if mark > polls]
    return seen
