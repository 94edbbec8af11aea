"""Parsing real feeds: CPU time against feedparser's, and what is the same and what is not."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.referee import asked, differences
from worker.parse import parse_fast, parse_feed

FOLDER = Path(
    os.environ.get("WIREWATCH_DATA", Path(__file__).parents[1] / ".." / "shared" / "data")
)
ROUNDS = 5
_URL = "https://news.example.org/feed"


def run() -> None:
    files = sorted(FOLDER.glob("feeds*/*.xml"))
    if not files:
        print(f"no feeds*/*.xml in {FOLDER}: set WIREWATCH_DATA to a folder with real data")
        return
    bodies = [file.read_bytes() for file in files]
    print(
        f"{len(bodies)} documents, {sum(map(len, bodies)) / 1e6:.1f} MB; CPU time, best of rounds"
    )
    ours = _cpu_s(lambda body: parse_feed(body, url=_URL), bodies, ROUNDS)
    bare = _cpu_s(
        lambda body: asked(body, sanitize_html=False, resolve_relative_uris=False), bodies, 2
    )
    full = _cpu_s(asked, bodies, 2)
    megabytes = sum(map(len, bodies)) / 1e6
    print(f"  parse_feed                   {ours:6.3f} s   {megabytes / ours:6.1f} MB/s")
    for name, theirs, aim in (("options off", bare, 8), ("as it is called", full, 20)):
        times = f"{theirs / ours:6.1f} times ours   (to reach: {aim})"
        print(f"  feedparser, {name:16} {theirs:6.3f} s   {times}")
    _print_fallbacks(bodies)
    _print_differences(files, bodies)


def _cpu_s(parse: Callable[[bytes], object], bodies: Sequence[bytes], rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        for body in bodies:
            parse(body)
        best = min(best, time.process_time() - began)
    return best


def _print_fallbacks(bodies: Sequence[bytes]) -> None:
    left = [body for body in bodies if parse_fast(body, url=_URL) is None]
    share = sum(map(len, left)) / sum(map(len, bodies))
    print(f"  left to feedparser: {len(left)} documents, {share:.2%} of the bytes")


def _print_differences(files: Sequence[Path], bodies: Sequence[bytes]) -> None:
    found = {
        file.name: told
        for file, body in zip(files, bodies, strict=True)
        if (told := differences(body)) is not None
    }
    core = {name: told.core for name, told in found.items() if told.core}
    html = [name for name, told in found.items() if told.html and not told.core]
    entries, dated = (sum(one) for one in zip(*(d[2:] for d in found.values()), strict=True))
    print(f"  documents in which feedparser finds entries: {len(found)}, with {entries} entries")
    print(f"    core fields differ in {len(core)}, the words of HTML alone in {len(html)}")
    for name, fields in core.items():
        print(f"      {', '.join(fields)}: {name}")
    for name in html:
        print(f"      HTML: {name}")
    print(f"    entries that only we find a date for: {dated}")
