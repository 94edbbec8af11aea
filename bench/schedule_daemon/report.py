"""What the daemon and the simulation came to, side by side."""

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.schedule_daemon.feeds import Foretold, counted
from worker.schedule.rhythm import HOUR_S
from worker.simulate import World

# Seconds from publication to sight, by (feed, number of its entry).
Delays = Mapping[tuple[int, int], float]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the daemon came to: delays, polls by feed, and the real seconds from push to webhook."""

    delays: Delays
    polls: Sequence[int]
    pushes_s: Sequence[float]


def report(world: World, foretold: Foretold, seen: Seen, pushed: Sequence[int]) -> None:
    """Print all figures; feeds that are pushed count for the pushes alone."""
    feeds = sorted(set(range(world.feeds)) - set(pushed))
    ours, theirs = (_of(feeds, delays) for delays in (seen.delays, foretold.delays))
    print(f"{'minutes from publication to sight':<36}{'daemon':>10}{'simulated':>11}{'ratio':>8}")
    for name in ("mean", "median", "p95"):
        _line(name, _figure(name, ours) / 60, _figure(name, theirs) / 60, "10.2f")
    _line("entries seen", len(ours), len(theirs))
    _line("entries missed", missed(world, feeds, ours), missed(world, feeds, theirs), ratio=False)
    spent = sum(seen.polls[feed] for feed in feeds)
    foretold_polls = sum(foretold.polls[feed] for feed in feeds)
    _line("polls", spent, foretold_polls)
    feed_hours = len(feeds) * (world.ends_at - world.counted_from) / HOUR_S
    _line("polls per feed and hour", spent / feed_hours, foretold_polls / feed_hours, "10.2f")
    foretold_s = _figure("mean", theirs)
    print(
        f"mean against the simulation: {_figure('mean', ours) / foretold_s:.3f} "
        f"± {standard_error(ours, theirs) / foretold_s:.3f}   (to reach: 0.90 to 1.10)"
    )
    push_ms = [1000 * s for s in seen.pushes_s]
    print(
        f"pushed to webhook, {len(pushed)} feeds, {len(push_ms)} entries, real time: median "
        f"{statistics.median(push_ms):.0f} ms, p95 {statistics.quantiles(push_ms, n=20)[-1]:.0f} ms"
        "   (to reach: p95 500 ms or less)",
        flush=True,
    )


def _of(feeds: Sequence[int], delays: Delays) -> Delays:
    wanted = set(feeds)
    return {entry: s for entry, s in delays.items() if entry[0] in wanted}


def _figure(name: str, delays: Delays) -> float:
    times = list(delays.values())
    if name == "p95":
        return statistics.quantiles(times, n=20)[-1]
    return statistics.fmean(times) if name == "mean" else statistics.median(times)


def _line(name: str, ours: float, theirs: float, form: str = "10", *, ratio: bool = True) -> None:
    against = f"{ours / theirs:>8.3f}" if ratio else ""
    print(f"  {name:<34}{ours:>{form}} {theirs:>{form}}{against}")


def standard_error(ours: Delays, theirs: Delays) -> float:
    """Of the mean difference over the entries that both saw.

    Entries of one feed come together and are seen together: feeds are what is independent.
    """
    both = ours.keys() & theirs.keys()
    mean = statistics.fmean(ours[each] - theirs[each] for each in both)
    sums: defaultdict[int, float] = defaultdict(float)
    for feed, number in both:
        sums[feed] += ours[feed, number] - theirs[feed, number] - mean
    return math.sqrt(sum(each**2 for each in sums.values())) / len(both)


def missed(world: World, feeds: Sequence[int], delays: Delays) -> int:
    """How many entries were not seen although later ones of their feeds were."""
    count = 0
    for feed in feeds:
        was_seen = [(feed, number) in delays for number in counted(world, feed)]
        last = max((n for n, seen in enumerate(was_seen) if seen), default=0)
        count += was_seen[:last].count(False)
    return count
