"""topics.yml: what is looked for, and who is told."""

from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

from worker.config_files.alerting_yaml import KEYS as _ALERTING
from worker.config_files.alerting_yaml import read_alerting
from worker.config_files.files import MAX_BYTES, read_text
from worker.config_files.names import read_name, refuse_twice
from worker.config_files.query_places import add_mistake
from worker.config_files.rules_yaml import read_rules
from worker.config_files.yaml_lines import (
    Located,
    Mistakes,
    items_of,
    read_yaml,
    refuse_unknown,
    shown,
    text_of,
)
from worker.errors import ConfigError, QueryError
from worker.records import TopicSpec
from worker.text import clean_line
from worker.topics import parse_query, rules_to_text

_MAKE = (
    "Write one that begins with topics: and holds an item with name, title, query and channels, "
    "as docs/configuration.md shows."
)
_KEYS = ("name", "title", "query", "rules", "channels", "shadow", "urgent")
_MAX_TITLE = 200


def read_topics(
    path: Path, channels: Collection[str] | None
) -> tuple[list[TopicSpec], list[ConfigError]]:
    """The topics of topics.yml and its mistakes; `channels` are its known names, if known."""
    mistakes = Mistakes(str(path))
    try:
        source = read_text(path, _MAKE)
    except ConfigError as error:
        return [], [error]
    document = read_yaml(source, mistakes)
    if document is None:
        return [], mistakes.found
    topics: list[TopicSpec] = []
    lines: dict[str, int] = {}
    for item in items_of(document, "topics", ", ".join(_KEYS), mistakes):
        refuse_unknown(item, (*_KEYS, *_ALERTING), mistakes)
        name = read_name(item, mistakes, example="my-topic")
        refuse_twice(item, name, lines, mistakes)
        title = text_of(item, "title", mistakes, example="My topic", limit=_MAX_TITLE)
        query = _asked(item, source, mistakes)
        wanted = _channels(item, channels, mistakes)
        title = clean_line(title or "", _MAX_TITLE)
        shadow = _switch(item, "shadow", "to keep matches and tell nobody", mistakes)
        urgent = _switch(item, "urgent", "to pass quiet hours and digests", mistakes)
        alerting = read_alerting(item, mistakes)
        topics.append(TopicSpec(name or "", title, query, wanted, shadow, urgent, alerting))
    return topics, mistakes.found


def _asked(item: Located, source: str, mistakes: Mistakes) -> str:
    """The topic's query, or its weighted rules in the place of one."""
    if "rules" not in item.entries:
        return _query(item, source, mistakes)
    if "query" in item.entries:
        remedy = "Keep one of the two: rules: weighs what query: only asks for."
        line = item.key_lines["rules"]
        mistakes.add("query and rules stand side by side", remedy, line=line, key=item.key)
    rules = read_rules(item.entries["rules"], source, mistakes)
    return "" if rules is None else rules_to_text(rules)


def _switch(item: Located, name: str, what_for: str, mistakes: Mistakes) -> bool:
    value = item.entries.get(name)
    if value is None or value.text in ("true", "false"):
        return value is not None and value.text == "true"
    remedy = f"Write {name}: true {what_for}, or leave it out."
    mistakes.add(f"{name} must be true or false", remedy, line=value.line, key=value.key)
    return False


def _query(item: Located, source: str, mistakes: Mistakes) -> str:
    example = "Syria AND (talks OR ceasefire)"
    query = text_of(item, "query", mistakes, example=example, limit=MAX_BYTES)
    if query is None:
        return ""
    query = query.strip()
    try:
        parse_query(query)
    except QueryError as error:
        add_mistake(error, item.entries["query"], source, mistakes)
    return query


def _channels(item: Located, known: Collection[str] | None, mistakes: Mistakes) -> tuple[str, ...]:
    listed = item.entries.get("channels")
    key = f"{item.key}.channels"
    if listed is None:
        remedy = "Add channels: [desk], or channels: [] to record matches and tell nobody."
        mistakes.add("channels is missing", remedy, line=item.line, key=key)
        return ()
    if listed.kind != "list":
        remedy = "Write channels: [desk]"
        mistakes.add("channels must be a list", remedy, line=listed.line, key=key)
        return ()
    names: list[str] = []
    for one in listed.items:
        if one.kind != "text":
            remedy = "Write the name of a channel of channels.yml."
            mistakes.add("it must be text", remedy, line=one.line, key=one.key)
        elif one.text in names:
            problem = f"{shown(one.text)} is named twice"
            mistakes.add(problem, "Remove one of the two.", line=one.line, key=one.key)
        elif known is not None and one.text not in known:
            problem = f"there is no channel {shown(one.text)!r}"
            mistakes.add(problem, _known(one.text, known), line=one.line, key=one.key)
        else:
            names.append(one.text)
    return tuple(names)


def _known(name: str, known: Collection[str]) -> str:
    if not known:
        return "channels.yml holds none: add it there."
    near = get_close_matches(name, known, n=1)
    guess = f"Did you mean {near[0]}? " if near else ""
    return f"{guess}channels.yml has: {', '.join(known)}."
