"""What a simulation runs on: when feeds published, which of them share hosts, what is counted."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from worker.errors import ConfigError
from worker.schedule import NO_WISHES, Wishes
from worker.schedule.rhythm import DAY_S

_WEEK_S = 7 * DAY_S
# A Monday, from which traces of any years are laid side by side, weekday on weekday.
START_S = 2_609 * _WEEK_S + 4 * DAY_S


@dataclass(frozen=True, slots=True)
class Trace:
    """When one feed published, in seconds from its own `began_at` (since the epoch), ascending."""

    name: str
    began_at: float
    times: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class World:
    """Feeds and the time to simulate; moments are seconds since the epoch.

    `times` are a feed's entries, `hosts` whom it is asked of, `joins` when it is first polled.
    What is published from `counted_from` on, until `ends_at`, is counted. A document holds
    `window` entries, and a host takes a poll every `host_gap_s` seconds. `wishes` are what the
    feeds' sites ask for, where any do.
    """

    times: tuple[tuple[float, ...], ...]
    hosts: tuple[int, ...]
    joins: tuple[float, ...]
    starts_at: float
    counted_from: float
    ends_at: float
    window: int = 20
    host_gap_s: float = 60.0
    wishes: tuple[Wishes, ...] = ()

    @property
    def feeds(self) -> int:
        return len(self.times)

    def wishes_of(self, feed: int) -> Wishes:
        return self.wishes[feed] if self.wishes else NO_WISHES


_FORM = (
    'Write one JSON object a line, such as {"source": "name", "t0": 1777852800, "t": [932101, '
    "1363089]}: t0 in seconds since 1970, t in seconds after it."
)
_LONGEST_S = 3e9


def trace_of(line: str, file: str, number: int) -> Trace:
    """One line of a file of traces: `source`, `t0` and `t`, as JSON; raises ConfigError."""
    try:
        told: Mapping[str, Any] = json.loads(line)
        times = tuple(sorted(float(at) for at in told["t"]))
        name, began_at = str(told["source"]), float(told["t0"])
    except (ValueError, TypeError, KeyError) as error:
        problem = f"this is no trace ({type(error).__name__}: {error})"
        raise ConfigError(file, problem, _FORM, line=number) from None
    if not times or not all(0 <= at <= _LONGEST_S for at in (began_at, *times)):
        raise ConfigError(file, "a trace has times, all from 0 to 3e9", _FORM, line=number)
    return Trace(name, began_at, times)


def world_of(
    traces: Sequence[Trace],
    warm_up_d: float = 7.0,
    days: float | None = None,
    shared: float = 0.2,
) -> World:
    """A world of these feeds, the first `warm_up_d` days of which are only learnt from.

    A `shared` part of the feeds, spread over them, share hosts, ten at each.
    """
    starts = [START_S + (trace.began_at - START_S) % _WEEK_S for trace in traces]
    starts_at = min(starts, default=START_S)
    times = tuple(
        tuple(start + at for at in trace.times) for start, trace in zip(starts, traces, strict=True)
    )
    last = max((each[-1] for each in times), default=starts_at)
    ends_at = starts_at + days * DAY_S if days is not None else last
    return World(
        times=times,
        hosts=shared_hosts(len(traces), shared),
        joins=(starts_at,) * len(traces),
        starts_at=starts_at,
        counted_from=starts_at + warm_up_d * DAY_S,
        ends_at=ends_at,
    )


def wishing(world: World, shares: Mapping[float, float], most_s: float) -> World:
    """The world in which sites ask to be left alone (`max-age`, `ttl`): for how many seconds, and
    what part of the feeds does; each is believed for `most_s` seconds.

    They are spread over the feeds, whatever these share and however often they publish.
    """
    wishes = []
    for feed in range(world.feeds):
        place, asked_s = feed * _GOLDEN % 1, 0.0
        for seconds, share in shares.items():
            if 0 <= place < share:
                asked_s = seconds
            place -= share
        wishes.append(Wishes(min(asked_s, most_s)))
    return replace(world, wishes=tuple(wishes))


# Its multiples are spread as evenly as can be.
_GOLDEN = (math.sqrt(5) - 1) / 2
_PER_HOST = 10


def shared_hosts(feeds: int, shared: float) -> tuple[int, ...]:
    """A host for each feed; every n-th has one that it shares with nine others."""
    every = round(1 / shared) if shared > 0 else feeds + 1
    return tuple(-1 - (n // every) // _PER_HOST if n % every == 0 else n for n in range(feeds))


def read_traces(lines: Iterable[str], file: str) -> list[Trace]:
    """The traces of a JSON-lines file; empty lines are passed over."""
    return [trace_of(line, file, number) for number, line in enumerate(lines, 1) if line.strip()]
