"""`wirewatch topics test`: a rule held against stored articles, before alerts go on."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from worker import store
from worker.backtest import Backtest, Hit, backtest
from worker.cli._output import AsJson, now, open_store, print_json
from worker.cli._topics import read_days, wanted_topics
from worker.records import TopicSpec

_SHOWN, _WIDE = 10, 50


def test(
    file: Annotated[Path, typer.Argument(help="A file of topics.")],
    topic: Annotated[str | None, typer.Option(help="Only this topic.")] = None,
    since: Annotated[str, typer.Option(help="How far back: 30d, 12h.")] = "30d",
    full_scan: Annotated[
        bool, typer.Option(help="Look at every article, not only at what the index finds.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run a file's topics over the stored articles, and compare with what is at work now."""
    db, until = open_store(), now()
    from_then = until - read_days(since)
    at_work = {row.spec.name: row.spec for row in db.read(store.enabled_topics)}
    found: list[dict[str, Any]] = []
    for spec in wanted_topics(file, topic):
        before = at_work.get(spec.name)
        result = backtest(db, spec, from_then, until, before, full_scan=full_scan)
        if as_json:
            found.append(_as_json(spec, result))
        else:
            _print(spec, result, from_then.date(), until.date())
    if as_json:
        print_json(found)


def _as_json(spec: TopicSpec, result: Backtest) -> dict[str, Any]:
    return {
        "topic": spec.name,
        "hits": len(result.hits),
        "stories": result.stories,
        "alerts_per_day": round(result.alerts_per_day, 2),
        "looked_at": result.looked_at,
        "per_day": {day.isoformat(): count for day, count in result.per_day().items()},
        "highest": _told(result.hits[:_SHOWN]),
        "just_above": _told(result.hits[-_SHOWN:]),
        "just_below": _told(result.misses[:_SHOWN]),
        "come": None if result.come is None else _told(result.come),
        "gone": None if result.gone is None else _told(result.gone),
        "alone": dict(result.alone()),
    }


def _told(hits: Sequence[Hit]) -> list[dict[str, Any]]:
    return [
        {"id": hit.article.id, "title": hit.article.title, "score": hit.match.score} for hit in hits
    ]


def _print(spec: TopicSpec, result: Backtest, first: date, last: date) -> None:
    typer.secho(f"{spec.name}: {spec.title}", bold=True)
    typer.echo(
        f"{len(result.hits)} hits in {result.stories} stories, about "
        f"{result.alerts_per_day:.1f} alerts a day; {result.looked_at} articles looked at"
    )
    _print_chart(result.per_day(), first, last)
    _print_hits("The highest", result.hits[:_SHOWN])
    _print_hits("Just above the threshold", result.hits[_SHOWN:][-_SHOWN:])
    _print_hits("Just below the threshold", result.misses[:_SHOWN])
    if result.come is not None and result.gone is not None:
        _print_hits(f"New against what is at work: {len(result.come)}", result.come[:_SHOWN])
        _print_hits(f"Lost against what is at work: {len(result.gone)}", result.gone[:_SHOWN])
    if alone := result.alone():
        typer.echo("\nTerms that match with no other beside them:")
        for term, count in alone[:_SHOWN]:
            typer.echo(f"  {count:5}  {term}")
    typer.echo()


def _print_chart(per_day: dict[date, int], first: date, last: date) -> None:
    most = max(per_day.values(), default=0)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        count = per_day.get(day, 0)
        bar = "█" * max(round(_WIDE * count / most), 1) if count else ""
        typer.echo(f"  {day}  {count:4}  {bar}")


def _print_hits(heading: str, hits: Sequence[Hit]) -> None:
    if not hits:
        return
    typer.echo(f"\n{heading}:")
    for hit in hits:
        why = ", ".join(dict.fromkeys(piece.text for piece in hit.match.evidence[:6]))
        typer.echo(f"  {hit.match.score:6g}  {hit.article.title[:90]}  [{why}]")
