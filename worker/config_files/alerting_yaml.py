"""What a channel or a topic says of its alerts: the same keys in channels.yml and topics.yml.

What is read is what the store keeps: only what is said, and `null` where `none` is said.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from worker.alert_times import (
    TimesError,
    never_ends,
    read_digest,
    read_quiet,
    write_digest,
    write_quiet,
)
from worker.config_files.yaml_lines import Located, Mistakes, refuse_unknown, shown
from worker.spans import read_span

_LANGUAGE = re.compile(r"[a-z]{2,3}", re.I)
_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9-]{2,}", re.I)
_AT_MOST = re.compile(r"(\d{1,4})(?:\s*(?:per|an|/)\s*hour)?", re.I)
_CHANGES = ("update", "correction")
_MOST_SCORE, _MOST_PUBLISHERS, _MOST_AN_HOUR = 1_000_000.0, 10_000, 1_000
_MOST_LISTED = 1_000
# Any week will do to see whether quiet hours leave a minute of one.
_SOME_TIME = datetime(2026, 1, 5, tzinfo=UTC)


def read_alerting(item: Located, mistakes: Mistakes) -> dict[str, Any]:
    """The rules for alerts among the keys of a channel or topic, and a mistake for each bad one."""
    rules: dict[str, Any] = {}
    for name, read in _READERS.items():
        if name in item.entries:
            rules.update(read(item.entries[name], mistakes) or {})
    return rules


def _wrong(value: Located, problem: str, remedy: str, mistakes: Mistakes) -> None:
    mistakes.add(problem, remedy, line=value.line, key=value.key)


def _is_none(value: Located) -> bool:
    """Whether it is said that there shall be none; a list without items says so, too."""
    return value.text.strip().lower() in ("none", "off", "never") or (
        value.kind == "list" and not value.items
    )


def _number(value: Located) -> float | None:
    try:
        return float(value.text) if value.kind == "other" else None
    except ValueError:
        return None


def _min_score(value: Located, mistakes: Mistakes) -> dict[str, Any] | None:
    score = _number(value)
    if score is not None and 0 <= score <= _MOST_SCORE:
        return {"min_score": score}
    remedy = "Write one such as min_score: 5; what a match scores, `wirewatch matches list` tells."
    _wrong(value, "min_score must be a number from 0 on", remedy, mistakes)
    return None


def _languages(value: Located, mistakes: Mistakes) -> dict[str, Any] | None:
    remedy = "Write their codes (ISO 639), such as languages: [en, ar]"
    # Norwegian looks like a boolean to YAML.
    codes = _texts(value, "languages", remedy, mistakes, kinds=("text", "other"))
    for one in codes:
        if not _LANGUAGE.fullmatch(one.text):
            _wrong(one, f"{shown(one.text)!r} is no code of a language", remedy, mistakes)
    return {"languages": [one.text.lower() for one in codes]} if codes else None


def _sources(value: Located, mistakes: Mistakes) -> dict[str, Any] | None:
    if value.kind != "mapping":
        remedy = "Write sources: {allow: [example.org]}, or deny: and those not to hear of."
        _wrong(value, "sources must be a mapping", remedy, mistakes)
        return None
    refuse_unknown(value, ("allow", "deny"), mistakes)
    found: dict[str, Any] = {}
    for name in ("allow", "deny"):
        if (listed := value.entries.get(name)) is not None:
            remedy = f"Write domains, such as {name}: [example.org]; those below them count, too."
            domains = _texts(listed, name, remedy, mistakes)
            for one in domains:
                if not _DOMAIN.fullmatch(one.text):
                    _wrong(one, f"{shown(one.text)!r} is no domain", remedy, mistakes)
            found[name] = [one.text.lower().removeprefix("www.") for one in domains]
    for domain in sorted(set(found.get("allow", ())) & set(found.get("deny", ()))):
        problem = f"{shown(domain)} is both allowed and denied"
        _wrong(value, problem, "Keep one of the two.", mistakes)
    return found


def _texts(
    value: Located,
    name: str,
    remedy: str,
    mistakes: Mistakes,
    *,
    kinds: Sequence[str] = ("text",),
) -> list[Located]:
    if value.kind != "list" or not value.items:
        _wrong(value, f"{name} must be a list, and not an empty one", remedy, mistakes)
        return []
    if len(value.items) > _MOST_LISTED:
        _wrong(
            value, f"{name} has {len(value.items):,} items", f"At most {_MOST_LISTED:,}.", mistakes
        )
        return []
    found: list[Located] = []
    for one in value.items:
        if one.kind not in kinds:
            _wrong(one, "it must be text", remedy, mistakes)
        elif any(other.text.lower() == one.text.lower() for other in found):
            problem = f"{shown(one.text)} stands twice"
            _wrong(one, problem, "Remove one of the two.", mistakes)
        else:
            found.append(one)
    return found


def _max_age(value: Located, mistakes: Mistakes) -> dict[str, Any] | None:
    if _is_none(value):
        return {"max_age_s": None}
    span = read_span(value.text)
    if span is not None:
        return {"max_age_s": span.total_seconds()}
    remedy = "Write minutes, hours, days or weeks, such as max_age: 24h, 90m or 7d; or none."
    _wrong(value, "max_age is no span of time", remedy, mistakes)
    return None


def _quiet(value: Located, mistakes: Mistakes) -> dict[str, Any] | None:
    if _is_none(value):
        return {"quiet": None}
    found = []
    for one in value.items if value.kind == "list" else (value,):
        try:
            found.append(read_quiet(one.text))
        except TimesError as error:
            _wrong(one, error.problem, error.remedy, mistakes)
    if found and never_ends(found, _SOME_TIME):
        remedy = "Leave some hours of the week; a topic that shall tell nobody has shadow: true."
        _wrong(value, "these quiet hours never end", remedy, mistakes)
    return {"quiet": [write_quiet(one) for one in found]}


def _digest(value: Located, mistakes: Mistakes) -> dict[str, Any] | None:
    if _is_none(value):
        return {"digest": None}
    try:
        return {"digest": write_digest(read_digest(value.text))}
    except TimesError as error:
        _wrong(value, error.problem, error.remedy, mistakes)
        return None


def _at_most(value: Located, mistakes: Mistakes) -> dict[str, Any] | None:
    if _is_none(value):
        return {"at_most": None}
    match = _AT_MOST.fullmatch(value.text.strip())
    if match and 1 <= int(match[1]) <= _MOST_AN_HOUR:
        return {"at_most": int(match[1])}
    problem = f"at_most must be a whole number from 1 to {_MOST_AN_HOUR:,}"
    _wrong(value, problem, "Write how many an hour, such as at_most: 10; or none.", mistakes)
    return None


def _escalate(value: Located, mistakes: Mistakes) -> dict[str, Any] | None:
    if _is_none(value):
        return {"escalate": []}
    remedy = "Write numbers of publishers that rise, such as escalate: [5, 20]; or never."
    if value.kind != "list":
        _wrong(value, "escalate must be a list", remedy, mistakes)
        return None
    steps: list[int] = []
    for one in value.items:
        number = int(one.text) if one.kind == "other" and one.text.isdecimal() else 0
        if not 2 <= number <= _MOST_PUBLISHERS:
            problem = f"{shown(one.text)!r} is no number of publishers, 2 to {_MOST_PUBLISHERS:,}"
            _wrong(one, problem, remedy, mistakes)
        elif steps and number <= steps[-1]:
            _wrong(one, f"{number} does not rise above {steps[-1]}", remedy, mistakes)
        else:
            steps.append(number)
    return {"escalate": steps}


def _on(value: Located, mistakes: Mistakes) -> dict[str, Any] | None:
    if _is_none(value):
        return {"on": []}
    remedy = "Write on: [update, correction], or one of the two; or never."
    changes = _texts(value, "on", remedy, mistakes)
    for one in changes:
        if one.text not in _CHANGES:
            near = get_close_matches(one.text, _CHANGES, n=1)
            guess = f"Did you mean {near[0]}? " if near else ""
            _wrong(one, f"{shown(one.text)!r} is no change", f"{guess}{remedy}", mistakes)
    return {"on": sorted({one.text for one in changes})}


_Read = Callable[[Located, Mistakes], dict[str, Any] | None]
_READERS: dict[str, _Read] = {
    "min_score": _min_score,
    "languages": _languages,
    "sources": _sources,
    "max_age": _max_age,
    "quiet": _quiet,
    "digest": _digest,
    "at_most": _at_most,
    "escalate": _escalate,
    "on": _on,
}
KEYS = tuple(_READERS)
