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
MOST_S = 1_800.0
# For how many minutes sites ask to be left alone, and what part of them does.
WISHES: Mapping[str, Mapping[float, float]] = {
    "news": {},
    "half ask": {5: 0.2, 15: 0.1, 30: 0.1, 60: 0.1},
    "all ask 5": {5: 1.0},
    "all ask 15": {15: 1.0},
    "all ask 60": {60: 1.0},
}


@dataclass(frozen=True)
class Case:
    world: str
    policy: str
    times: float = 1.0


@lru_cache(maxsize=1)
def worlds(name: str) -> World:
    if name in WISHES:
        asked = {minutes * 60: share for minutes, share in WISHES[name].items()}
        return wishing(news(), asked, MOST_S) if asked else news()
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
    for times in (1.0, 0.25):
        for world in ("small", "news and small"):
            yield from (Case(world, name, times) for name in (OURS, UNIFORM, *PEERS))
        yield from (Case(world, OURS, times) for world in WISHES)


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
            beside = "news" if case.world in WISHES else case.world
            against = one.mean_s / first.setdefault((beside, case.times), one.mean_s)
            policy = f"{case.policy} {case.times:g}x"
            print(f"{case.world:<16}{policy:<20}{columns(one)}{against:>15.2f}", flush=True)
