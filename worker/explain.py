"""An article's whole way told in steps, or where it went no further and why. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from worker.records import Step, Way

_MOST_TERMS = 8
_ANSWER = 80


def steps(way: Way, now: datetime) -> list[Step]:
    """The steps that an article has gone, each with what came of it."""
    return [
        _seen(way),
        _fetch(way, now),
        _extraction(way),
        _story(way),
        _topics(way),
        *_alerts(way, now),
    ]


def verdict(told: Sequence[Step]) -> str:
    """In a sentence: how far an article came."""
    for step in told:
        if step.state == "failed" and step.name != "fetch":
            return f"It went no further than {step.name}: {step.lines[-1]}"
        if step.state == "waits":
            return f"It waits at {step.name}: {step.lines[0]}"
        if step.state == "nothing":
            return f"It ends with {step.name}: {step.lines[0]}"
    return "It has gone all its way."


def _seen(way: Way) -> Step:
    article = way.article
    published = article["published_at"] if article["published_known"] else None
    lines = []
    for number, one in enumerate(way.sightings):
        late = ""
        if number == 0 and published is not None:
            late = f", {span((one['seen_at'] - published).total_seconds())} after it was published"
        lines.append(f"{'first ' if number == 0 else ''}in {one['feed']}")
        lines.append(f"  by the poll of {when(one['seen_at'])}{late}; guid {one['guid']}")
        if one["changes"]:
            times = "once" if one["changes"] == 1 else f"{one['changes']} times"
            lines.append(f"  changed there {times}, last at {when(one['changed_at'])}")
    if not lines:
        lines = [f"in no feed: it was brought in at {when(article['first_seen_at'])}"]
    if published is None:
        lines.append("Nobody gave a date: it counts as published when it was first seen.")
    return Step("seen", "done", tuple(lines))


def _fetch(way: Way, now: datetime) -> Step:
    article = way.article
    tries = f"{article['page_tries']} {'try' if article['page_tries'] == 1 else 'tries'}"
    again = article["due_at"]
    if article["host"] is None:
        why = f" ({article['reason']}: {article['detail']})" if article["reason"] else ""
        return Step("fetch", "done", (f"its page is asked of nobody{why}; the feed's text counts",))
    lines = [f"of {article['host']}"]
    paused = way.host["paused_until"] if way.host else None
    if paused is not None and paused > now:
        lines.append(f"that host rests until {when(paused)}: {way.host['reason']}")  # type: ignore[index]
    held = article["leased_until"]
    if held is not None and held > now:
        return Step("fetch", "waits", ("a worker is reading it at this moment", *lines))
    if article["reason"]:
        lines.append(f"failed after {tries}: {article['reason']}. {article['detail']}".rstrip())
        lines.append(f"tried again at {when(again)}" if again else "not tried again")
        return Step("fetch", "failed", tuple(lines))
    if article["fetched_at"]:
        lines.append(f"read at {when(article['fetched_at'])}, after {tries}")
        if again:
            lines.append(f"read again for changes at {when(again)}")
        return Step("fetch", "done", tuple(lines))
    turn = article["page_at"] or again
    since = f"its turn is at {when(turn)}" if turn else "it is not due"
    return Step("fetch", "waits", (f"not read yet; {since}", *lines))


def _extraction(way: Way) -> Step:
    article = way.article
    if article["stored_at"] is None:
        return Step("extraction", "waits", ("nothing is known of it but what its feed says",))
    text = article["text"] or ""
    source = "its page" if article["fetched_at"] else "its feed"
    lines = [
        f"headline: {article['title'] or '(none)'}",
        f"text: {len(text):,} characters, {len(text.split()):,} words, from {source}",
        f"language: {article['language'] or 'not known'}",
    ]
    if article["authors"]:
        lines.append(f"authors: {', '.join(article['authors'])}")
    if article["paywalled"]:
        lines.append("behind a paywall, as its page says")
    if way.revisions:
        lines.append(f"changed since: {way.revisions} earlier versions are kept")
    return Step("extraction", "done", tuple(lines))


def _story(way: Way) -> Step:
    story, member = way.story, way.membership
    if story is None:
        return Step("story", "waits", ("no verdict yet",))
    size = story["article_count"]
    lines = [f"story {story['id']}, {size} {'article' if size == 1 else 'articles'}"]
    why = way.article["joined_by"]
    if why in (None, "first"):
        lines.append("it is the first of its story: nothing stored was like it")
    elif member is None or member["joined_id"] is None:
        lines.append(f"joined by: {why}")
    else:
        other = way.joined
        what = f"article {member['joined_id']}" + (f", «{other['title']}»" if other else "")
        lines.append(f"joined by {why}: it is a {member['relation'] or 'copy'} of {what}")
        if member["contained"] is not None:
            lines.append(
                f"that one has {member['contained']:.0%} of its text, and it has "
                f"{member['contains']:.0%} of that one's"
            )
    if member is not None and member["pinned"]:
        lines.append("a person has put it there")
    if story["origin"]:
        lines.append(f"the text comes from {story['origin']}")
    return Step("story", "done", tuple(lines))


def _topics(way: Way) -> Step:
    if way.article["stored_at"] is None:
        return Step("topics", "waits", ("it is held against topics once it is read",))
    if not way.matches:
        count = "the one topic" if way.topics == 1 else f"any of the {way.topics} topics"
        return Step(
            "topics",
            "nothing",
            (f"it does not match {count} at work; --topic NAME tells why not",),
        )
    lines: list[str] = []
    for one in way.matches:
        older = "" if one["version"] == one["version_now"] else ", which has changed since"
        version = f", by version {one['version']}{older}" if one["version"] else ""
        lines.append(f"{one['topic']}: {one['score']:g} points{version}")
        lines += [f"  {piece}" for piece in _evidence(one["evidence"])]
    return Step("topics", "done", tuple(lines))


def _evidence(pieces: Sequence[Mapping[str, Any]]) -> list[str]:
    found = [
        f"{one['term']}: «{one['text']}» in the {one['field']} ({one.get('points', 1):+g})"
        for one in pieces[:_MOST_TERMS]
    ]
    more = len(pieces) - _MOST_TERMS
    return [*found, f"and {more} more"] if more > 0 else found


def _alerts(way: Way, now: datetime) -> Iterator[Step]:
    """A step for each channel of each topic that the article matches."""
    for match in way.matches:
        topic = match["topic"]
        channels = way.owed_to.get(topic, ())
        if match["shadow"] or not channels:
            why = "the topic is in shadow" if match["shadow"] else "the topic names no channel"
            yield Step(f"alerts of {topic}", "nothing", (f"nobody is told: {why}",))
            continue
        for channel in channels:
            yield _of_channel(way, topic, channel, now)


def _of_channel(way: Way, topic: str, channel: str, now: datetime) -> Step:
    name = f"alert of {topic} to {channel}"
    alerts = [one for one in way.alerts if (one["topic"], one["channel"]) == (topic, channel)]
    held = [one for one in way.withheld if (one["topic"], one["channel"]) == (topic, channel)]
    lines: list[str] = []
    states: list[str] = []
    for one in alerts:
        states.append(_state(one))
        lines += _of_alert(way, one, now)
    for one in held:
        detail = f" ({one['detail']})" if one["detail"] else ""
        lines.append(f"withheld at {when(one['at'])}: {one['reason']}{detail}")
    if not lines:
        told = "none was made: stored articles that are tagged later alert nobody"
        return Step(name, "nothing", (told,))
    if not states:
        return Step(name, "nothing", tuple(lines))
    for state in ("failed", "waits"):
        if state in states:
            return Step(name, state, tuple(lines))
    return Step(name, "done", tuple(lines))


def _state(alert: Mapping[str, Any]) -> str:
    if alert["delivered_at"] or alert["digest_id"]:
        return "done"
    return "failed" if alert["dead_at"] else "waits"


def _of_alert(way: Way, one: Mapping[str, Any], now: datetime) -> list[str]:
    kind = one["occasion"] if one["kind"] == "alert" else one["kind"]
    first = f"alert {one['id']} ({kind}), made at {when(one['created_at'])}"
    if one["article_id"] != way.article["id"]:
        first += f" for article {one['article_id']} of the same story"
    lines = [first, f"  {_what_became(one, now)}"]
    for number, attempt in enumerate(one["tries"], 1):
        status = f"{attempt['status']} " if attempt["status"] else ""
        came = "taken" if attempt["accepted"] else f"{attempt['reason']}. {attempt['detail']}"
        lines.append(
            f"  try {number} at {when(attempt['at'])}: {status}{came.rstrip('. ')}, "
            f"{attempt['duration_ms']} ms"
        )
        if answer := " ".join((attempt["answer"] or "").split()):
            lines.append(f"    «{answer[:_ANSWER]}»")
    return lines


def _what_became(one: Mapping[str, Any], now: datetime) -> str:
    if one["delivered_at"]:
        return f"delivered at {when(one['delivered_at'])} as {one['webhook_id']}"
    if one["digest_id"]:
        return f"folded into the digest {one['digest_id']}"
    if one["dead_at"]:
        return f"given up at {when(one['dead_at'])}: {one['reason'] or 'no reason'}"
    if one["fold_at"]:
        return f"waits for the digest of {when(one['fold_at'])}"
    if not one["channel_enabled"]:
        return "waits: channels.yml has this channel no more"
    if one["channel_stopped"]:
        return "waits: the channel is stopped"
    due = one["due_at"]
    return "is due now" if due is None or due <= now else f"is tried again at {when(due)}"


def when(moment: datetime) -> str:
    """A time as people read it, in their own zone."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def span(seconds: float) -> str:
    """A time as people say it; negative where a publisher's clock is ahead."""
    sign, left = ("-" if seconds < 0 else ""), abs(seconds)
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if left >= 2 * length:
            return f"{sign}{left / length:.0f} {unit}"
    return f"{sign}{left:.0f} s"
