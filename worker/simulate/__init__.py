"""Runs rules of when to poll on recorded publication times, to see what a budget buys. Pure.

The rule under test is the daemon's own (`worker.schedule`): there is no second one.
"""

from worker.simulate.chart import delay_chart
from worker.simulate.compare import OURS, POLICIES, UNIFORM, compared, simulated
from worker.simulate.engine import Rule, Run, run
from worker.simulate.figures import Figures, figures, fitted
from worker.simulate.rules import PEERS, Oracle, Policy, Uniform
from worker.simulate.world import START_S, Trace, World, read_traces, wishing, world_of

__all__ = [
    "OURS",
    "PEERS",
    "POLICIES",
    "START_S",
    "UNIFORM",
    "Figures",
    "Oracle",
    "Policy",
    "Rule",
    "Run",
    "Trace",
    "Uniform",
    "World",
    "compared",
    "delay_chart",
    "figures",
    "fitted",
    "read_traces",
    "run",
    "simulated",
    "wishing",
    "world_of",
]
