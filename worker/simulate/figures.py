"""What a run comes to: delays, what was missed, what was spent; and rules fitted to a budget."""

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass

from worker.schedule import Budget
from worker.schedule.rhythm import HOUR_S
from worker.simulate.engine import Rule, Run, run
from worker.simulate.world import World


@dataclass(frozen=True, slots=True)
class Figures:
    """Delays in seconds from publication to the poll that saw it; `spent` is the part of the budget
    that was, `peak` the busiest hour's, `empty` the part of polls that brought nothing.
    """

    mean_s: float
    median_s: float
    p95_s: float
    p99_s: float
    entries: int
    missed: int
    polls_per_feed_hour: float
    spent: float
    peak: float
    empty: float


def figures(world: World, result: Run, polls_per_hour: float) -> Figures:
    """The figures of a run that was to make so many polls an hour."""
    hours = (world.ends_at - world.counted_from) / HOUR_S
    polls, delays = sum(result.polls), sorted(result.delays)
    whole = [count for hour, count in result.hourly.items() if _is_whole(world, hour)]
    return Figures(
        mean_s=statistics.fmean(delays) if delays else math.nan,
        median_s=_quantile(delays, 0.5),
        p95_s=_quantile(delays, 0.95),
        p99_s=_quantile(delays, 0.99),
        entries=len(delays),
        missed=result.missed,
        polls_per_feed_hour=polls / hours / max(world.feeds, 1),
        spent=polls / hours / polls_per_hour,
        peak=max(whole, default=0) / polls_per_hour,
        empty=result.empty / polls if polls else 0.0,
    )


def _is_whole(world: World, hour: int) -> bool:
    return hour * HOUR_S >= world.counted_from and (hour + 1) * HOUR_S <= world.ends_at


def _quantile(ordered: list[float], q: float) -> float:
    return ordered[round(q * (len(ordered) - 1))] if ordered else math.nan


# A rule is fitted once it spends a budget to within this part of it.
_NEAR, _MOST_RUNS = 0.004, 10
# How polls go with a knob, in logarithms: at first as with intervals, then as it was seen.
_SLOPE, _FLATTEST, _STEEPEST = -1.0, -0.1, -2.0


def fitted(world: World, make: Callable[[float], Rule], budget: Budget, start: float) -> Run:
    """The run of a rule whose knob (the higher, the fewer polls) is set so that it spends a budget.

    By the secant method in logarithms, from `start`. Where no setting spends it, the nearest that
    was tried.
    """
    wanted = budget.polls_per_hour * (world.ends_at - world.counted_from) / HOUR_S
    knob, slope = math.log(start), _SLOPE
    tried: list[tuple[float, float, Run]] = []
    for _ in range(_MOST_RUNS):
        result = run(world, make(math.exp(knob)))
        off = math.log(max(sum(result.polls), 1) / wanted)
        if tried and knob != tried[-1][1]:
            seen = (off - tried[-1][0]) / (knob - tried[-1][1])
            slope = min(max(seen, _STEEPEST), _FLATTEST)
        tried.append((off, knob, result))
        if abs(off) < _NEAR:
            break
        knob -= off / slope
    return min(tried, key=lambda one: abs(one[0]))[2]
