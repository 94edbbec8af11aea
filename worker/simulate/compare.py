"""Rules side by side at the same number of polls."""

from collections.abc import Iterator, Sequence

from worker import schedule
from worker.schedule import Budget, Limits
from worker.simulate.engine import Run, run
from worker.simulate.figures import Figures, figures, fitted
from worker.simulate.rules import PEERS, Oracle, Policy, Uniform
from worker.simulate.world import World

OURS, UNIFORM, ORACLE = "wirewatch", "uniform", "oracle"
POLICIES = (OURS, UNIFORM, *PEERS, ORACLE)
_BASE_S = 900.0
# Where the search for a rule's best setting begins.
_NUTCH_GROWTH = 0.02


def simulated(world: World, name: str, budget: Budget, limits: Limits) -> Run:
    """The run of one of `POLICIES`; whatever knows no budget is fitted to spend it."""
    if name == OURS:
        return run(world, Policy(world, budget, limits), budget)
    even_s = 3_600 * world.feeds / budget.polls_per_hour
    if name == UNIFORM:
        return fitted(world, lambda times: Uniform(world, times), budget, even_s / _BASE_S)
    if name == ORACLE:
        # what is lowest in the mean, whatever we ourselves are set to
        mean = Limits(1.0, limits.floor_s, limits.ceiling_s)
        mu = schedule.first_pace(0.0, world.feeds, budget, mean.theta).mu
        return fitted(world, lambda mu: Oracle(world, budget, mean, mu), budget, mu)
    start = _NUTCH_GROWTH if name == "nutch" else even_s / _BASE_S
    return fitted(world, lambda times: PEERS[name](world, times), budget, start)


def compared(
    world: World, names: Sequence[str], budget: Budget, limits: Limits
) -> Iterator[tuple[str, Figures]]:
    """The figures of each of these policies."""
    for name in names:
        result = simulated(world, name, budget, limits)
        yield name, figures(world, result, budget.polls_per_hour)
