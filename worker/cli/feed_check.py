"""`wirewatch feeds check`: all that was seen at a URL, and what the daemon would make of it."""

import asyncio
import os
from datetime import datetime
from typing import Annotated, Any

import typer

from worker import config_files, runtime, store
from worker.cli._output import AsJson, open_store, print_json
from worker.errors import NotFoundError, WirewatchError
from worker.feed_options import FeedOptions
from worker.inspection import Inspection, Inspector, is_honoured
from worker.records import Entry, Failed, Fetched, ParsedFeed
from worker.settings import settings
from worker.urls import absolute_url

_SHOWN_ENTRIES = 10


def require_url(url: str) -> None:
    """Raise NotFoundError where `url` is no web address."""
    if absolute_url(url) is None:
        raise NotFoundError(f"{url!r} is no http(s) URL. Write one like https://example.org/feed")


def configured_options(url: str) -> FeedOptions:
    """What feeds.yml says of asking this URL."""
    specs = config_files.load_options(settings().config_dir, os.environ)
    return store.options_for(url, specs)


def inspect(url: str, options: FeedOptions) -> Inspection:
    """Look at a URL with means of its own, as the daemon would."""

    async def look() -> Inspection:
        knobs = settings()
        web, sandbox = await runtime.open_web(knobs), runtime.open_sandbox(knobs)
        try:
            return await Inspector(web, sandbox).look(url, options)
        finally:
            await sandbox.close()
            await runtime.close_web(web)

    return asyncio.run(look())


def check(
    url: Annotated[str, typer.Argument(help="The URL of a feed, or of a site that has some.")],
    as_json: AsJson = False,
) -> None:
    """Fetch and read a feed once, store nothing, and say what was seen; exit 1 if it is no feed."""
    require_url(url)
    options = configured_options(url)
    seen = inspect(url, options)
    told = _told(seen, options) | {"watched": _watched(url)}
    if as_json:
        print_json(told)
    else:
        _print(told)
    if seen.failed is not None:
        raise typer.Exit(1)


def _told(seen: Inspection, options: FeedOptions) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if seen.failed is not None:
        told |= {"reason": seen.failed.reason, "detail": seen.failed.detail}
    told["options"] = sorted(options.as_json())
    told |= _answer(seen)
    if isinstance(seen.feed, ParsedFeed):
        told |= _reading(seen.feed) | _entries(seen)
    if seen.links:
        told["feeds_found"] = [
            {"url": link.url, "title": link.title, "type": link.type} for link in seen.links
        ]
    return told


def _answer(seen: Inspection) -> dict[str, Any]:
    answer = seen.answer
    told: dict[str, Any] = {
        "status": answer.status if isinstance(answer, Fetched | Failed) else 304,
        "redirects": [{"status": hop.status, "to": hop.url} for hop in answer.hops],
        "moved_to": seen.moved_to,
    }
    if isinstance(answer, Failed):
        return told | {"retry_after_s": answer.retry_after_s}
    if isinstance(answer, Fetched):
        told |= {
            "url": answer.url,
            "content_type": answer.content_type,
            "charset": answer.charset,
            "bytes": len(answer.body),
            "whole": answer.whole,
        }
    return told | {
        "etag": answer.etag,
        "last_modified": answer.last_modified,
        "validators_honoured": is_honoured(seen.conditional),
        "fresh_s": answer.fresh_s,
    }


def _reading(feed: ParsedFeed) -> dict[str, Any]:
    hints = feed.hints
    return {
        "form": feed.form,
        "parser": "tolerant" if feed.tolerant else "fast",
        "repaired": list(feed.notes),
        "title": feed.title,
        "site_url": feed.site_url,
        "language": feed.language,
        "older_page": feed.older,
        "hints": {
            "ttl_s": hints.ttl_s,
            "skip_hours": list(hints.skip_hours),
            "skip_days": list(hints.skip_days),
            "update_every_s": hints.update_every_s,
        },
    }


def _entries(seen: Inspection) -> dict[str, Any]:
    assert isinstance(seen.feed, ParsedFeed)
    assert seen.visit is not None
    articles = {new.entry.guid: new for new in seen.visit.articles}
    dates = [entry.published for entry in seen.feed.entries if entry.published]
    return {
        "count": len(seen.feed.entries),
        "dated": len(dates),
        "newest": max(dates, default=None),
        "oldest": min(dates, default=None),
        "would_store": len({new.url for new in seen.visit.articles}),
        "next_poll": seen.visit.due_at,
        "entries": [
            _entry(entry, articles[entry.guid].url, articles[entry.guid].link, seen.visit.polled_at)
            for entry in seen.feed.entries
            if entry.guid in articles
        ],
    }


def _entry(entry: Entry, url: str, link: str | None, at: datetime) -> dict[str, Any]:
    return {
        "guid": entry.guid,
        "link": entry.link,
        "fetched": link,
        "identity": url,
        "title": entry.title,
        "published": entry.published,
        "date": _date_note(entry.published, at),
        "authors": list(entry.authors),
        "text_chars": len(entry.html),
    }


def _date_note(published: datetime | None, at: datetime) -> str:
    if published is None:
        return "absent: the time it is first seen"
    return "in the future: the time it is first seen" if published > at else "as given"


def _watched(url: str) -> dict[str, Any] | None:
    """What the store knows of this feed, where there is a store and it is watched."""
    try:
        row = open_store().read(lambda db: store.find_feed(db, url))
    except WirewatchError:
        return None
    if row is None:
        return None
    shown = (
        "id", "url", "enabled", "stopped", "polls", "failures", "polled_at", "changed_at", "due_at",
        "gaps", "false_304s", "full_every", "moved_to", "moved_polls", "former_urls", "troubles",
    )  # fmt: skip
    return {name: row[name] for name in shown}


# ---- for people


def _print(told: dict[str, Any]) -> None:
    for name, value in told.items():
        if name in ("entries", "feeds_found", "watched") or value in (None, [], ""):
            continue
        typer.echo(f"{name:>20}  {_plain(value)}")
    for entry in told.get("entries", [])[:_SHOWN_ENTRIES]:
        typer.echo(f"{'':>20}  {_plain(entry['published'] or 'no date'):25}  {entry['title']}")
    for link in told.get("feeds_found", []):
        typer.echo(f"{'feed found':>20}  {link['url']}  {link['title']}")
    watched = told["watched"]
    if watched is None:
        typer.echo(f"{'watched':>20}  no")
        return
    for name in ("id", "polls", "failures", "gaps", "false_304s", "polled_at", "due_at"):
        typer.echo(f"{'watched: ' + name:>20}  {_plain(watched[name])}")
    for former in watched["former_urls"]:
        typer.echo(f"{'moved from':>20}  {former['url']} at {_plain(former['moved_at'])}")
    for trouble in watched["troubles"]:
        typer.echo(
            f"{trouble['reason']:>20}  {trouble['count']} times since "
            f"{_plain(trouble['first_at'])}, last {_plain(trouble['last_at'])}: {trouble['detail']}"
        )


def _plain(value: Any) -> str:
    match value:
        case datetime():
            return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        case dict():
            return ", ".join(f"{k} {_plain(v)}" for k, v in value.items() if v not in (None, []))
        case list():
            return "; ".join(_plain(one) for one in value)
        case True | False:
            return "yes" if value else "no"
    return str(value)
