"""When to poll: what the policy's delays are against other rules at the same number of polls.

On recorded publication times of news feeds (WIREWATCH_DATA/traces), which stand for no feeds but
their own; every rule but ours is fitted so that it spends the budget on the very days that count.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache

from tests.real_data import FOLDER
from worker import schedule
from worker.schedule import Budget, Limits, Mode
from worker.simulate import (
    OURS,
    PEERS,
    UNIFORM,
    Figures,
    World,
    figures,
    read_traces,
    simulated,
    world_of,
)

DAY_S = 86_400.0
PER_FEED = 4.0
BUDGETS = {0.25: 0.60, 0.5: 0.60, 1.0: 0.60, 2.0: 0.65, 4.0: 0.70}
ORACLE = "oracle"
LIMITS = Limits()


@dataclass(frozen=True)
class Case:
    """One run: a policy, a part of the usual budget, and which of the worlds."""

    name: str
    times: float = 1.0
    mode: Mode = "daily"
    world: str = "news"
    theta: float = LIMITS.theta


@lru_cache(maxsize=1)
def news() -> World:
    file = FOLDER / "traces" / "news.jsonl"
    return world_of(read_traces(file.read_text().splitlines(), str(file)))


def worlds(name: str) -> World:
    """The usual one; one in which a fifth of the feeds fall silent; the first day of all feeds."""
    world = news()
    if name == "dark":
        silent_from = world.starts_at + 20 * DAY_S
        times = tuple(
            tuple(at for at in each if at < silent_from) if _goes_dark(n) else each
            for n, each in enumerate(world.times)
        )
        counted = silent_from + 7 * DAY_S
        return replace(world, times=times, counted_from=counted, ends_at=counted + 14 * DAY_S)
    if name == "cold":
        return replace(world, counted_from=world.starts_at, ends_at=world.starts_at + DAY_S)
    return world


def _goes_dark(feed: int) -> bool:
    return feed % 5 == 2


def measure(case: Case) -> tuple[Figures, float]:
    """The figures of a case, and the part of its polls that went to the feeds that went dark."""
    world = worlds(case.world)
    budget = Budget(PER_FEED * case.times * world.feeds, case.mode)
    result = simulated(world, case.name, budget, replace(LIMITS, theta=case.theta))
    dark = sum(polls for feed, polls in enumerate(result.polls) if _goes_dark(feed))
    return figures(world, result, budget.polls_per_hour), dark / sum(result.polls)


def cases() -> Iterator[Case]:
    for times in sorted(BUDGETS, key=lambda times: times != 1.0):
        yield from (Case(OURS, times), Case(UNIFORM, times))
    for theta in (1.0, 2.0):
        yield Case(OURS, theta=theta)
    yield Case(OURS, mode="hourly")
    yield from (Case(name) for name in (*PEERS, ORACLE))
    yield from (Case(name, 0.25) for name in PEERS)
    yield from (Case(OURS, world="dark"), Case(UNIFORM, world="dark"))
    yield from (Case(OURS, world="cold"), Case(UNIFORM, world="cold"))
    yield Case(OURS, mode="hourly", world="cold")


def run() -> None:
    if not (FOLDER / "traces").is_dir():
        print(f"no {FOLDER / 'traces'}: set WIREWATCH_DATA to a folder with publication times")
        return
    print(f"{news().feeds} news feeds; delays in minutes\n{_HEAD}")
    found: dict[Case, tuple[Figures, float]] = {}
    wanted = list(cases())
    with ProcessPoolExecutor() as pool:
        for case, one in zip(wanted, pool.map(measure, wanted), strict=True):
            found[case] = one
            print(_line(case, one[0]), flush=True)
    figured = {case: one for case, (one, _) in found.items()}
    print(f"\n{'figure':<58} {'is':>7}   must be")
    for what, value, bound in judged(figured, found[Case(OURS, world="dark")][1]):
        print(f"{what:<58} {value:>7.3f}   {bound}")
    print(f"{'a poll decided, microseconds':<58} {_decision_us():>7.1f}   <= 150")


_NAMES = (("mean", 7), ("median", 8), ("p95", 7), ("p99", 7), ("missed", 8), ("spent", 8))
COLUMNS = "".join(f"{name:>{width}}" for name, width in _NAMES) + "   peak"
_HEAD = f"{'policy':<28}{COLUMNS}"


def _line(case: Case, one: Figures) -> str:
    name = f"{case.name} {case.times:g}x {case.mode}"
    name += f" {case.world}" if case.world != "news" else ""
    name += f" theta {case.theta:g}" if case.theta != LIMITS.theta else ""
    return f"{name:<28}{columns(one)}"


def columns(one: Figures) -> str:
    """What stands under `COLUMNS`."""
    delays = f"{one.mean_s / 60:>7.2f}{one.median_s / 60:>8.2f}"
    delays += f"{one.p95_s / 60:>7.2f}{one.p99_s / 60:>7.1f}"
    return f"{delays}{one.missed:>8}{one.spent:>8.3f}{one.peak:>7.2f}"


def judged(figured: dict[Case, Figures], dark: float) -> Iterator[tuple[str, float, str]]:
    """Each figure that the policy is held to, what it is, and what it must be."""
    ours, even = figured[Case(OURS)], figured[Case(UNIFORM)]
    hourly = figured[Case(OURS, mode="hourly")]
    for times, bound in BUDGETS.items():
        ratio = figured[Case(OURS, times)].mean_s / figured[Case(UNIFORM, times)].mean_s
        yield f"mean against uniform, {times:g}x, daily", ratio, f"<= {bound:.2f}"
    yield "mean against uniform, 1x, hourly", hourly.mean_s / even.mean_s, "<= 0.66"
    best = min(figured[Case(name)].mean_s for name in PEERS)
    yield "mean against the best peer, 1x", ours.mean_s / best, "<= 0.70"
    yield "p95 against uniform, 1x", ours.p95_s / even.p95_s, "<= 0.90"
    yield "mean against the oracle", ours.mean_s / figured[Case(ORACLE)].mean_s, "<= 1.08"
    yield "budget spent, daily", ours.spent, "0.98 to 1.00"
    yield "budget spent, hourly", hourly.spent, "0.98 to 1.00"
    yield "peak hour, hourly", hourly.peak, "<= 1.10"
    yield "polls on the fifth of feeds that is silent for a week", dark, "<= 0.05"
    cold = figured[Case(UNIFORM, world="cold")].mean_s
    for mode in ("daily", "hourly"):
        first = figured[Case(OURS, mode="hourly" if mode == "hourly" else "daily", world="cold")]
        yield f"a cold feed's first day against uniform, {mode}", first.mean_s / cold, "<= 1.00"
    for times in (0.25, 1.0):
        fewest = min(figured[Case(name, times)].missed for name in PEERS)
        missed = figured[Case(OURS, times)].missed
        yield f"entries missed, {times:g}x", missed, f"< {fewest} (the best peer's)"


def _decision_us() -> float:
    """What the daemon computes at a poll: the state read, an entry counted, a plan made."""
    world = news()
    pace = schedule.first_pace(world.starts_at, world.feeds, Budget(412), LIMITS.theta)
    rhythm = schedule.observed(None, world.starts_at, (), 20)
    for at in world.times[0]:
        rhythm = schedule.observed(rhythm, at, [at], 20)
    stored, now, rounds = rhythm.as_json(), world.ends_at, 2_000
    began = time.perf_counter()
    for n in range(rounds):
        known = schedule.Rhythm.from_json(stored)
        known = schedule.observed(known, now + n * 60, [now + n * 60], 20)
        schedule.plan(known, now + n * 60, pace, LIMITS)
        known.as_json()
    return (time.perf_counter() - began) / rounds * 1e6
