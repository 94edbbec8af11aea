"""topics.yml: what is looked for, and who is told."""

from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from unicodedata import combining, east_asian_width

from worker.config_files.files import MAX_BYTES, read_text
from worker.config_files.names import read_name, refuse_twice
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
from worker.topics import parse_query

_MAKE = (
    "Write one that begins with topics: and holds an item with name, title, query and channels, "
    "as docs/configuration.md shows."
)
_KEYS = ("name", "title", "query", "channels")
_MAX_TITLE = 200
_PICTURE = 60


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
        refuse_unknown(item, _KEYS, mistakes)
        name = read_name(item, mistakes, example="my-topic")
        refuse_twice(item, name, lines, mistakes)
        title = text_of(item, "title", mistakes, example="My topic", limit=_MAX_TITLE)
        query = _query(item, source, mistakes)
        wanted = _channels(item, channels, mistakes)
        topics.append(TopicSpec(name or "", clean_line(title or "", _MAX_TITLE), query, wanted))
    return topics, mistakes.found


def _query(item: Located, source: str, mistakes: Mistakes) -> str:
    example = "Syria AND (talks OR ceasefire)"
    query = text_of(item, "query", mistakes, example=example, limit=MAX_BYTES)
    if query is None:
        return ""
    query = query.strip()
    value = item.entries["query"]
    try:
        parse_query(query)
    except QueryError as error:
        line, column, picture = _place(value, source, error)
        mistakes.add(
            f"column {column}: {error.problem}", error.remedy + picture, line=line, key=value.key
        )
    return query


def _place(value: Located, source: str, error: QueryError) -> tuple[int, int, str]:
    """Line and column, in the file, of a mistake in a query, and a picture of it.

    YAML only changes a text's white space, so the mistake is found by counting the other signs;
    where a quoted scalar holds escapes, that does not hold, and the query itself is pictured.
    """
    raw = source[value.start : value.end]
    begin = value.start
    if value.style in ("|", ">"):
        begin += raw.index("\n") + 1
    elif value.style in ("'", '"'):
        begin += 1
        if "\\" in raw or "''" in raw:
            return value.line, error.column, _picture(error.query, error.column - 1)
    at = _skip(source, begin, sum(not c.isspace() for c in error.query[: error.column - 1]))
    if error.query[error.column - 1 : error.column].strip():
        while source[at].isspace():
            at += 1
    line_start = source.rfind("\n", 0, at) + 1
    line_end = source.find("\n", at)
    text = source[line_start : line_end if line_end >= 0 else None].rstrip()
    column = at - line_start
    return source.count("\n", 0, at) + 1, column + 1, _picture(text, column)


def _skip(source: str, at: int, signs: int) -> int:
    """The place behind the next `signs` characters that are no white space."""
    while signs:
        signs -= not source[at].isspace()
        at += 1
    return at


def _picture(text: str, offset: int) -> str:
    """The part of a line around a mistake, and a caret below it."""
    first = max(0, offset - _PICTURE)
    lead = text[first:offset].replace("\t", " ").replace("\n", " ")
    rest = text[offset : offset + _PICTURE].replace("\t", " ").replace("\n", " ")
    indent = len(lead) - len(lead.lstrip()) if first == 0 else 0
    lead = lead[indent:]
    wide = sum(0 if combining(c) else 1 + (east_asian_width(c) in "WF") for c in lead)
    return f"\n    {lead}{rest}\n    {' ' * wide}^"


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
