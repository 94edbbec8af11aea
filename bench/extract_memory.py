"""Resident memory of extraction over many pages, with and without `reset_caches`.

`ARG` pages (5,000 if not set; 50,000 take half an hour): the real ones in turn, their words changed
each time, so that caches keyed by text see new text for ever.
"""

import gc
import gzip
import json
import os
import re
import subprocess
import sys

import psutil

from bench.ingest import data_folder
from worker.extract import extract, reset_caches

PAGES, MARKS, RESET_AFTER = 5_000, 10, 1_000
_SENTENCES = re.compile(r"(?<=[a-zа-я])[.,] |(?<=>)(?=[A-Z])")


def run() -> None:
    if not (data_folder() / "pages").exists():
        print("not measured: no pages; set WIREWATCH_DATA to the data's folder")
        return
    pages = int(os.environ.get("ARG", PAGES))
    print(f"resident memory over {pages:,} pages, MiB")
    for mode, label in (("reset", f"reset every {RESET_AFTER:,}"), ("keep", "never reset")):
        child = subprocess.run(
            [sys.executable, "-m", "bench.extract_memory", mode, str(pages)],
            check=True,
            capture_output=True,
            text=True,
        )
        seen = json.loads(child.stdout)
        print(f"  {label:18}" + "".join(f"{mib:8.1f}" for _, mib in seen))
        half = next(mib for number, mib in seen if number >= pages // 2)
        print(f"    last / half way  {seen[-1][1] / half:8.3f}   (flat: near 1)")
    print("  at page           " + "".join(f"{number:8,}" for number, _ in seen))


def _child(mode: str, pages: int) -> None:
    folder = data_folder() / "pages"
    told = json.loads((folder / "truth.json").read_text())
    bodies = [(one["url"], gzip.decompress((folder / one["file"]).read_bytes())) for one in told]
    texts = [(url, body.decode("utf-8", "replace")) for url, body in bodies]
    process, seen = psutil.Process(), []
    for number in range(1, pages + 1):
        url, text = texts[number % len(texts)]
        changed = _SENTENCES.sub(rf" n{number:x}\g<0>", text)
        extract(changed.encode(), url=f"{url}?n={number}", content_type="text/html")
        if mode == "reset" and number % RESET_AFTER == 0:
            reset_caches()
        if number % max(1, pages // MARKS) == 0:
            gc.collect()
            seen.append((number, process.memory_info().rss / 1024**2))
    print(json.dumps(seen))


if __name__ == "__main__":
    _child(sys.argv[1], int(sys.argv[2]))
