"""When to poll, in other worlds: small sources, many of these among news, sites with wishes.

On recorded publication times (WIREWATCH_DATA/traces). What a site asks for is not recorded: the
shares are assumed, and said.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache

from bench.schedule import COLUMNS, LIMITS, PER_FEED, columns, news
from tests.real_data import FOLDER
from worker.schedule import Budget
from worker.simulate import (
    OURS,
    PEERS,
    UNIFORM,
    Figures,
    Trace,
    World,
    figures,
    read_traces,
    simulated,
    wishing,
    world_of,
)

# Of the small sources every fourth, so many, after some days that are only learnt from.
EVERY, SMALL, LEARNT_D = 4, 600, 4.0
# For how many seconds sites ask to be left alone, and what part of them does; for how many of
# these each is believed.
HALF = {300.0: 0.2, 900.0: 0.1, 1_800.0: 0.1, 3_600.0: 0.1}
ASKING: Mapping[str, tuple[Mapping[float, float], float]] = {
    "all ask 5": ({300.0: 1.0}, 1_800.0),
    "all ask 15": ({900.0: 1.0}, 1_800.0),
    "all ask 30": ({1_800.0: 1.0}, 1_800.0),
    "half ask": (HALF, 1_800.0),
    "half, most 15": (HALF, 900.0),
    "half, most 10": (HALF, 600.0),
    "half, most 5": (HALF, 300.0),
}


@dataclass(frozen=True)
class Case:
    world: str
    policy: str
    times: float = 1.0


@lru_cache(maxsize=1)
def worlds(name: str) -> World:
    if name == "news":
        return news()
    if name in ASKING:
        return wishing(news(), *ASKING[name])
    small = _traces("tail")[::EVERY][:SMALL]
    begun = world_of(small, LEARNT_D)
    if name == "small":
        return begun
    # Weekday on weekday, as if all were watched from the day on from which the small ones were.
    both = world_of([*_traces("news"), *small])
    return replace(
        both,
        joins=(begun.starts_at,) * both.feeds,
        starts_at=begun.starts_at,
        counted_from=begun.counted_from,
        ends_at=begun.ends_at,
    )


def _traces(name: str) -> list[Trace]:
    file = FOLDER / "traces" / f"{name}.jsonl"
    return read_traces(file.read_text().splitlines(), str(file))


def cases() -> Iterator[Case]:
    for world in ("small", "news and small"):
        yield from (Case(world, name) for name in (OURS, UNIFORM, *PEERS))
        yield from (Case(world, name, 0.25) for name in (OURS, UNIFORM))
    yield from (Case(world, OURS) for world in ("news", *ASKING))
    yield from (Case(world, OURS, 0.25) for world in ("news", "half ask"))


def measure(case: Case) -> Figures:
    world = worlds(case.world)
    budget = Budget(PER_FEED * case.times * world.feeds)
    return figures(world, simulated(world, case.policy, budget, LIMITS), budget.polls_per_hour)


def run() -> None:
    if not (FOLDER / "traces").is_dir():
        print(f"no {FOLDER / 'traces'}: set WIREWATCH_DATA to a folder with publication times")
        return
    wanted = list(cases())
    print(f"delays in minutes\n{'world':<16}{'policy':<20}{COLUMNS}   to the first")
    first: dict[tuple[str, float], float] = {}
    with ProcessPoolExecutor() as pool:
        for case, one in zip(wanted, pool.map(measure, wanted), strict=True):
            beside = "news" if case.world in ASKING else case.world
            against = one.mean_s / first.setdefault((beside, case.times), one.mean_s)
            policy = f"{case.policy} {case.times:g}x"
            print(f"{case.world:<16}{policy:<20}{columns(one)}{against:>15.2f}", flush=True)
