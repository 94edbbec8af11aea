"""Resident memory of extraction over many pages: as the daemon does it, and in one process.

A figure is the highest since the one before it: children that were just replaced are small.

`ARG` pages (5,000 if not set; 50,000 take half an hour for each line): the real ones in turn, their
words changed each time, so that caches keyed by text see new text for ever.
"""

import asyncio
import gc
import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import psutil

from bench.family import resident_mib
from bench.ingest import data_folder
from worker.extract import extract, reset_caches
from worker.sandbox import EXTRACT, Sandbox, SandboxLimits
from worker.settings import Settings

PAGES, MARKS, RESET_AFTER, LOOK_EVERY = 5_000, 10, 1_000, 50
MODES = {
    "daemon": "in the daemon's children",
    "reset": f"one process, reset every {RESET_AFTER:,}",
    "keep": "one process, never reset",
}
_SENTENCES = re.compile(r"(?<=[a-zа-я])[.,] |(?<=>)(?=[A-Z])")


def run() -> None:
    if not (data_folder() / "pages").exists():
        print("not measured: no pages; set WIREWATCH_DATA to the data's folder")
        return
    pages = int(os.environ.get("ARG", PAGES))
    print(f"resident memory over {pages:,} pages, MiB")
    for mode in os.environ.get("MODES", " ".join(MODES)).split():
        child = subprocess.run(
            [sys.executable, "-m", "bench.extract_memory", mode, str(pages)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        seen = json.loads(child.stdout)
        print(f"  {MODES[mode]:32}" + "".join(f"{mib:8.1f}" for _, mib in seen))
        half = next(mib for number, mib in seen if number >= pages // 2)
        print(f"    last / half way               {seen[-1][1] / half:8.3f}   (flat: near 1)")
    print("  at page                         " + "".join(f"{number:8,}" for number, _ in seen))


def _child(mode: str, pages: int) -> list[tuple[int, float]]:
    if mode == "daemon":
        return asyncio.run(_as_the_daemon(pages))
    peaks = _Peaks(pages)
    for number, url, body in _pages(pages):
        extract(body, url=url, content_type="text/html")
        if mode == "reset" and number % RESET_AFTER == 0:
            reset_caches()
        peaks.look(number)
    return peaks.seen


async def _as_the_daemon(pages: int) -> list[tuple[int, float]]:
    settings = Settings()
    limits = SandboxLimits(settings.reading_cpu_s, settings.reading_memory_mib * 1024**2)
    sandbox, peaks = Sandbox(1, limits), _Peaks(pages)
    for number, url, body in _pages(pages):
        await sandbox.run(EXTRACT, body, url=url, content_type="text/html")
        peaks.look(number)
    await sandbox.close()
    return peaks.seen


def _pages(count: int) -> Iterator[tuple[int, str, bytes]]:
    folder = data_folder() / "pages"
    told = json.loads((folder / "truth.json").read_text())
    texts = [
        (
            one["url"],
            gzip.decompress((folder / one["file"]).read_bytes()).decode("utf-8", "replace"),
        )
        for one in told
    ]
    for number in range(1, count + 1):
        url, text = texts[number % len(texts)]
        changed = _SENTENCES.sub(rf" n{number:x}\g<0>", text)
        yield number, f"{url}?n={number}", changed.encode()


class _Peaks:
    """The highest resident memory between marks, looked at every `LOOK_EVERY` pages."""

    def __init__(self, pages: int) -> None:
        self.seen: list[tuple[int, float]] = []
        self._step, self._highest = max(1, pages // MARKS), 0.0

    def look(self, number: int) -> None:
        if number % LOOK_EVERY == 0:
            gc.collect()
            self._highest = max(self._highest, resident_mib(psutil.Process()))
        if number % self._step == 0:
            self.seen.append((number, self._highest))
            self._highest = 0.0


if __name__ == "__main__":
    print(json.dumps(_child(sys.argv[1], int(sys.argv[2]))))
