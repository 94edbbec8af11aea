"""`wirewatch schedule`: when feeds are polled, why, and what another budget would buy."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from worker import hosts, polling, runtime, schedule, simulate, store
from worker.cli._output import AsJson, now, open_store, print_json, print_table, shown
from worker.errors import NotFoundError, SetupError
from worker.schedule import Budget, Pace, Profile, Rhythm
from worker.settings import settings
from worker.simulate import Figures, Trace, World

app = typer.Typer(help="When feeds are polled, and why.", no_args_is_help=True)
_NEXT, _SPANS_SHOWN, _DAY_S = 5, 3, 86_400.0
_BUDGETS = (0.25, 0.5, 1.0, 2.0, 4.0)
_WARM_UP_D, _SHORT_D = 7.0, 14.0


@app.command("explain")
def explain(
    url: Annotated[str, typer.Argument(help="Its URL, or its number in `feeds list`.")],
    as_json: AsJson = False,
) -> None:
    """Tell how a feed publishes, when it is polled next, and why."""
    db = open_store()
    row = db.read(lambda c: store.find_feed(c, url))
    if row is None:
        raise NotFoundError(f"There is no feed {url}. `wirewatch feeds list` shows what there is.")
    told = _explained(row, db.read(store.pace_state), now())
    if (turn := _turn(row, db)) is not None:
        gap_s = settings().host_poll_gap_s
        told["why"].append(f"its host is polled once in {gap_s:g} s: its turn is at {shown(turn)}")
    if as_json:
        print_json(told)
        return
    for name, value in told.items():
        typer.echo(f"{name.replace('_', ' '):>20}  {shown(value)}")


def _explained(
    row: Mapping[str, Any], state: store.PaceState | None, moment: datetime
) -> dict[str, Any]:
    knobs, at = settings(), moment.timestamp()
    pacing = polling.first_pacing(knobs, moment)
    if state is not None:
        pacing = replace(pacing, pace=state.pace, crowded=state.crowded)
    rhythm = Rhythm.from_json(row["rhythm"]) or schedule.observed(None, at, ())
    expected = schedule.outlook(rhythm, at, pacing.pace)
    matched_at = row["matched_at"].timestamp() if row["matched_at"] else at
    weight = schedule.weight_of(
        rhythm, row["matched"], matched_at, at, pacing.pace, pacing.unmatched
    )
    stretch = pacing.crowded.get(row["host"], 1.0)
    return {
        "feed": row["url"],
        "polled_at": row["polled_at"],
        "due_at": row["due_at"],
        "why": _why(row, knobs.poll_interval_s, stretch, weight, expected.trust),
        "entries_a_day": round(expected.rate * _DAY_S, 2),
        "expected_now": round((expected.steady + expected.burst) * _DAY_S, 2),
        "trust_after_silence": round(expected.trust, 3),
        "weight_by_matches": round(weight, 2),
        "host_stretch": round(stretch, 2),
        "busiest_hours_utc": _busiest(rhythm),
        "entries_follow_others": _following(rhythm, pacing.pace),
        "published_by_hour": [round(count, 1) for count in rhythm.hours],
        "seen_after_s": round(rhythm.delay_s, 1),
        "held_back_s": round(rhythm.held_s, 1),
        "next_polls": _next_polls(row, rhythm, pacing, weight, stretch),
        "mu": round(pacing.pace.mu, 4),
        "budget_an_hour": knobs.poll_budget * (state.feeds if state else 1),
    }


def _turn(row: Mapping[str, Any], db: store.Database) -> datetime | None:
    """When it is a feed's turn at its host, where that keeps it waiting."""
    manners = runtime.manners(settings())
    if row["stopped"] or not (manners.poll_gap_s and row["due_at"] and row["polled_at"]):
        return None
    moment = now()
    free_at, ahead = db.read(lambda c: store.poll_line(c, row))
    turn = hosts.poll_turn(free_at, row["due_at"], ahead, moment, manners)
    return turn if turn > max(row["due_at"], moment) else None


def _why(
    row: Mapping[str, Any], fixed_s: float | None, stretch: float, weight: float, trust: float
) -> list[str]:
    if row["stopped"]:
        return [f"set aside: {row['reason']}"]
    if row["failures"]:
        return [f"it has failed {row['failures']} times: {row['reason']}"]
    if fixed_s is not None:
        return [f"WIREWATCH_POLL_INTERVAL_S is {fixed_s:g}"]
    reasons = ["the delay that it may gather until then is worth a poll"]
    if row["not_before"] is not None and row["due_at"] == row["not_before"]:
        reasons = ["its site wants to be left alone, or it has only just been polled"]
    if stretch > 1:
        reasons.append("its host has many feeds")
    if trust < 0.5:
        reasons.append("it has been silent for longer than its rate lets expect")
    if weight > 1.2 or weight < 0.8:
        reasons.append(f"{'more' if weight > 1 else 'less'} of it matches topics than of others")
    return reasons


def _busiest(rhythm: Rhythm) -> list[int]:
    ranked = sorted(range(24), key=lambda hour: -rhythm.hours[hour])
    return sorted(hour for hour in ranked[:4] if rhythm.hours[hour] > 0)


def _following(rhythm: Rhythm, pace: Pace) -> list[str]:
    """How long after one entry the next is likeliest, against what the hours let expect."""
    likely = sorted(Profile(rhythm, pace).likely_after(), key=lambda span: -span[2])
    return [
        f"after {start / 60:g} to {end / 60:g} min ({factor:.1f} times)"
        for start, end, factor in likely[:_SPANS_SHOWN]
    ]


def _next_polls(
    row: Mapping[str, Any], rhythm: Rhythm, pacing: polling.Pacing, weight: float, stretch: float
) -> list[datetime]:
    """The next polls, if none of them brings anything."""
    if row["due_at"] is None or row["stopped"]:
        return []
    polls, fixed_s = [row["due_at"]], settings().poll_interval_s
    while len(polls) < _NEXT:
        last = polls[-1].timestamp()
        wait_s = (
            fixed_s
            or schedule.plan(
                rhythm, last, pacing.pace, pacing.limits, weight=weight, stretch=stretch
            ).wait_s
        )
        polls.append(polls[-1] + timedelta(seconds=wait_s))
    return polls


@app.command("simulate")
def simulate_policies(
    traces: Annotated[
        Path | None,
        typer.Option(help="Folder of .jsonl files with publication times; the store's own if not."),
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(help=f"May be repeated; of {', '.join(simulate.POLICIES)}."),
    ] = None,
    budget: Annotated[
        float | None, typer.Option(min=0.01, max=60, help="Polls for each feed and hour.")
    ] = None,
    mode: Annotated[Literal["hourly", "daily"] | None, typer.Option(help="Of the budget.")] = None,
    chart: Annotated[
        Path | None,
        typer.Option(
            help="Write an SVG: delay against budgets of a quarter to four times as much."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run policies over recorded publication times, and tell what delays a budget buys."""
    knobs = settings()
    names = policy or [simulate.OURS, simulate.UNIFORM]
    if unknown := [name for name in names if name not in simulate.POLICIES]:
        there_is = ", ".join(simulate.POLICIES)
        raise SetupError(f"There is no policy {', '.join(unknown)}; there are {there_is}.")
    world = _world(_from_folder(traces) if traces else _from_store())
    each = budget or knobs.poll_budget
    spent = Budget(each * world.feeds, mode or knobs.poll_budget_mode)
    limits = polling.limits_of(knobs)
    found = dict(simulate.compared(world, names, spent, limits))
    if chart is not None:
        _draw(chart, world, names, spent)
    if as_json:
        print_json({name: asdict(figures) for name, figures in found.items()})
        return
    days = (world.ends_at - world.counted_from) / _DAY_S
    print_table(
        f"{world.feeds} feeds, {days:.1f} days, {each:g} polls a feed and hour, {spent.mode}",
        ("policy", "mean", "median", "95 %", "99 %", "missed", "spent", "peak hour", "empty"),
        ((name, *_cells(figures)) for name, figures in found.items()),
        empty="No policy.",
    )


def _cells(figures: Figures) -> Sequence[str]:
    delays = (figures.mean_s, figures.median_s, figures.p95_s, figures.p99_s)
    return (
        *(f"{delay / 60:.1f} min" for delay in delays),
        str(figures.missed),
        f"{figures.spent:.1%}",
        f"{figures.peak:.2f}",
        f"{figures.empty:.0%}",
    )


def _draw(file: Path, world: World, names: Sequence[str], budget: Budget) -> None:
    limits = polling.limits_of(settings())
    lines: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for times in _BUDGETS:
        some = replace(budget, polls_per_hour=budget.polls_per_hour * times)
        for name, figures in simulate.compared(world, names, some, limits):
            if figures.entries:
                point = (some.polls_per_hour / world.feeds, max(figures.mean_s, 1.0) / 60)
                lines[name].append(point)
    drawn = {name: line for name, line in lines.items() if line}
    try:
        file.write_text(simulate.delay_chart(drawn), encoding="utf-8")
    except OSError as error:
        raise SetupError(f"{file}: {error.strerror}.") from None


def _from_folder(folder: Path) -> list[Trace]:
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise NotFoundError(f"There is no .jsonl file in {folder}.")
    traces: list[Trace] = []
    for file in files:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise NotFoundError(f"{file}: {error}.") from None
        traces += simulate.read_traces(text.splitlines(), str(file))
    return traces


def _from_store() -> list[Trace]:
    """What the store's feeds have published, on one calendar."""
    times = open_store().read(store.publication_times)
    if not times:
        raise NotFoundError("Nothing has been published yet; --traces names a folder of times.")
    first = min(min(each) for each in times.values())
    start = first - (first - simulate.START_S) % (7 * _DAY_S)
    return [
        Trace(url, start, tuple(sorted(at - start for at in each))) for url, each in times.items()
    ]


def _world(traces: Sequence[Trace]) -> World:
    """A world of these, of which at the most a week, and at the most a half, is learnt from."""
    if not any(trace.times for trace in traces):
        raise NotFoundError("No feed of these has published anything.")
    whole = simulate.world_of(traces)
    days = (whole.ends_at - whole.starts_at) / _DAY_S
    warm_up_d = _WARM_UP_D if days >= _SHORT_D else days / 2
    return simulate.world_of(traces, warm_up_d)
