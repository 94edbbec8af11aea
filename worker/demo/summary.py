"""What a run of the demo came to: expected against arrived, and how long it took. Pure."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import ceil
from urllib.parse import urlsplit

from rich.table import Table

from worker.demo.newsroom import Item, Kind
from worker.demo.receiver import Received, readable
from worker.demo.site import Publication
from worker.store.measure import Measured


@dataclass(frozen=True, slots=True)
class Outcome:
    """Alerts of one topic against the ground truth; headlines name what went wrong.

    A re-headed copy may alert again: equal text under a headline that has no word in common is a
    story of its own to the daemon. `delays_s` runs from a story's first publication to the receipt
    of its alert, for stories published while the daemon was running.
    """

    expected: int
    arrived: int
    again: int
    missing: tuple[str, ...]
    repeated: tuple[str, ...]
    unexpected: tuple[str, ...]
    delays_s: tuple[float, ...]

    @property
    def right(self) -> bool:
        """Every alert that was owed arrived, once, and none that was not."""
        return not (self.missing or self.repeated or self.unexpected)


@dataclass(frozen=True, slots=True)
class Run:
    """Everything a run's summary is made of; `first_alert_s` counts from the daemon's start."""

    outcome: Outcome
    measured: Measured | None
    kinds: dict[Kind, int]
    articles: int
    verified: int
    rejected: int
    duplicates: int
    poll_interval_s: float
    first_alert_s: float | None
    daemon_code: int | None
    daemon_stop_s: float

    @property
    def right(self) -> bool:
        clean = self.rejected == 0 and self.duplicates == 0 and self.daemon_code == 0
        return self.outcome.right and clean


def judge(log: Sequence[Publication], received: Collection[Received], topic: str) -> Outcome:
    """Hold what arrived for `topic` against what was published; updates owe no alert."""
    items = {publication.item.path: publication.item for publication in log}
    owed: dict[str, Publication] = {}
    for publication in log:
        if publication.item.matches:
            owed.setdefault(_cause(publication.item), publication)
    arrivals: dict[str, list[Received]] = defaultdict(list)
    unexpected: list[str] = []
    for alert in received:
        item = items.get(urlsplit(alert.url).path)
        if item is None or alert.body["topic"]["name"] != topic:
            continue
        if item.matches:
            arrivals[_cause(item)].append(alert)
        else:
            unexpected.append(item.headline)
    must = [cause for cause, one in owed.items() if one.item.kind is not Kind.REHEADED]
    return Outcome(
        expected=len(must),
        arrived=sum(1 for cause in must if cause in arrivals),
        again=sum(1 for cause in arrivals if cause not in must),
        missing=tuple(owed[cause].item.headline for cause in must if cause not in arrivals),
        repeated=tuple(
            owed[cause].item.headline for cause, alerts in arrivals.items() if len(alerts) > 1
        ),
        unexpected=tuple(unexpected),
        delays_s=tuple(
            (alerts[0].arrived - owed[cause].at).total_seconds()
            for cause, alerts in arrivals.items()
            if owed[cause].live
        ),
    )


def _cause(item: Item) -> str:
    """What an alert is owed for: a story, and apart from it each re-headed copy."""
    return item.path if item.kind is Kind.REHEADED else item.story


def percentile(values: Collection[float], share: float) -> float | None:
    """The nearest-rank percentile: a value that was measured, none in between."""
    return sorted(values)[ceil(share * len(values)) - 1] if values else None


def table(run: Run) -> Table:
    """The summary as a table of two columns and a remark."""
    shown = Table(title="What the demo came to", title_justify="left", header_style="bold")
    for name, justify in (("", "left"), ("count or time", "right"), ("remark", "left")):
        shown.add_column(name, justify="right" if justify == "right" else "left")
    for row in (*_count_rows(run), *_time_rows(run)):
        shown.add_row(*row)
    return shown


def _count_rows(run: Run) -> list[tuple[str, str, str]]:
    outcome, measured = run.outcome, run.measured
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(run.kinds.items()))
    rows = [("published", str(sum(run.kinds.values())), f"{run.articles} articles: {kinds}")]
    if measured is not None:
        rows += [
            ("seen", str(measured.seen), "articles by their addresses"),
            ("stored", str(measured.stored), "articles read and judged"),
            ("copies joined", str(measured.joined), f"of {run.kinds.get(Kind.COPY, 0)} verbatim"),
            ("matched", str(measured.matched), "articles, copies among them"),
            ("alerted", str(measured.alerted), f"stories; {outcome.again} by a re-headed copy"),
        ]
    rows += [
        ("expected", str(outcome.expected), f"stories, of which {outcome.arrived} arrived"),
        ("verified", str(run.verified), f"webhooks; {run.rejected} rejected"),
        ("duplicates", str(run.duplicates), "by webhook-id"),
    ]
    return rows


def _time_rows(run: Run) -> list[tuple[str, str, str]]:
    delays = run.outcome.delays_s
    less = [max(0.0, delay - run.poll_interval_s) for delay in delays]
    settled = run.measured.settled_to_delivered_s if run.measured else ()
    code = "killed" if run.daemon_code is None else f"exit code {run.daemon_code}"
    return [
        ("delay p50 / p95", _pair(delays), f"publication to receipt, {len(delays)} live stories"),
        ("less the poll interval", _pair(less), f"of {run.poll_interval_s:g} s"),
        ("settled to delivered p95", _time(percentile(settled, 0.95)), f"{len(settled)} alerts"),
        ("first alert", _time(run.first_alert_s), "after the daemon's start"),
        ("daemon stopped in", _time(run.daemon_stop_s), f"after SIGTERM, {code}"),
    ]


def _pair(values: Collection[float]) -> str:
    return f"{_time(percentile(values, 0.5))} / {_time(percentile(values, 0.95))}"


def _time(seconds: float | None) -> str:
    return "–" if seconds is None else readable(seconds)
