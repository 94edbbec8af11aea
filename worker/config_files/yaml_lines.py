"""YAML with the line of every key and value, so that a mistake can be pointed at.

Documents are composed, never constructed: no tag makes an object, and an alias costs what it says.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

import yaml

from worker.errors import ConfigError

MAX_VALUES = 100_000
MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Located:
    """A value with its place; `source` is the file's text from `start` to `end`, in characters.

    `kind` is "other" for what YAML takes for a number, a date, a boolean or an object.
    """

    kind: Literal["text", "list", "mapping", "empty", "other"]
    line: int
    key: str
    text: str = ""
    style: str | None = None
    start: int = 0
    end: int = 0
    items: tuple["Located", ...] = ()
    entries: dict[str, "Located"] = field(default_factory=dict)
    key_lines: dict[str, int] = field(default_factory=dict)


class Mistakes:
    """The mistakes of one file, collected as they are found."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[ConfigError] = []

    def add(self, problem: str, remedy: str, *, line: int | None = None, key: str = "") -> None:
        self.found.append(ConfigError(self.file, problem, remedy, line=line, key=key))


def read_yaml(text: str, mistakes: Mistakes) -> Located | None:
    """The document with its places; None, and a mistake, where it is no YAML at all."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            return Located("empty", 1, "")
        return _Converter(mistakes).convert(node, "", 1)
    except yaml.MarkedYAMLError as error:
        _syntax_error(error, text, mistakes)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = f"the character {error.character!r:.12} may not stand in YAML"
        mistakes.add(problem, "Remove it.", line=line)
    except RecursionError:
        mistakes.add("it is nested too deeply", f"Nest at most {MAX_DEPTH} lists and mappings.")
    except _TooMuchError as error:
        mistakes.add(str(error), "Write it plainly, without aliases.", line=error.line)
    return None


def text_of(
    mapping: Located, name: str, mistakes: Mistakes, *, example: str, limit: int
) -> str | None:
    """A required text of at most `limit` characters; None, and a mistake, where it is not there."""
    key = f"{mapping.key}.{name}"
    value = mapping.entries.get(name)
    if value is None:
        mistakes.add(f"{name} is missing", f"Add {name}: {example}", line=mapping.line, key=key)
    elif value.kind == "empty" or (value.kind == "text" and not value.text.strip()):
        mistakes.add(f"{name} is empty", f"Write {name}: {example}", line=value.line, key=key)
    elif value.kind != "text":
        remedy = f"Put it into quotes: {name}: {example}"
        mistakes.add(f"{name} must be text", remedy, line=value.line, key=key)
    elif len(value.text) > limit:
        problem = f"{name} has {len(value.text):,} characters"
        mistakes.add(problem, f"Keep it to {limit:,}.", line=value.line, key=key)
    else:
        return value.text
    return None


def items_of(document: Located, name: str, keys: str, mistakes: Mistakes) -> Iterator[Located]:
    """The mappings in the list that stands under the document's one key, `name`."""
    example = f"Write {name}: and below it one list item for each, with {keys}."
    if document.kind != "mapping":
        problem = "it is empty" if document.kind == "empty" else f"it has no {name}:"
        mistakes.add(problem, example, line=document.line)
        return
    refuse_unknown(document, (name,), mistakes)
    listed = document.entries.get(name)
    if listed is None:
        mistakes.add(f"it has no {name}:", example, line=document.line)
    elif listed.kind not in ("list", "empty"):
        mistakes.add(f"{name} must be a list", example, line=listed.line, key=name)
    else:
        for item in listed.items:
            if item.kind == "mapping":
                yield item
            else:
                problem, remedy = "it must be a mapping", f"Write an item with {keys}."
                mistakes.add(problem, remedy, line=item.line, key=item.key)


def refuse_unknown(mapping: Located, known: Collection[str], mistakes: Mistakes) -> None:
    """A mistake for every key that is not `known`, naming the nearest one that is."""
    for name in mapping.entries:
        if name in known:
            continue
        near = get_close_matches(name, known, n=1, cutoff=0.5)
        remedy = f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(known)}."
        key = f"{mapping.key}.{shown(name)}".lstrip(".")
        line = mapping.key_lines.get(name)
        mistakes.add(f"unknown key {shown(name)}", remedy, line=line, key=key)


def shown(value: str) -> str:
    """A key or name as a message may quote it: short, and never a secret in the wrong place."""
    if "whsec" in value.lower():
        return "(not shown)"
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value)
    return printable if len(printable) <= 60 else f"{printable[:59]}…"


class _TooMuchError(Exception):
    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.line = line


class _Converter:
    """Turns composed nodes into values; an alias is counted each time that it is used."""

    def __init__(self, mistakes: Mistakes) -> None:
        self._mistakes = mistakes
        self._count = 0

    def convert(self, node: yaml.Node, key: str, depth: int) -> Located:
        line = node.start_mark.line + 1
        self._count += 1
        if self._count > MAX_VALUES:
            raise _TooMuchError(f"it holds more than {MAX_VALUES:,} values", line)
        if depth > MAX_DEPTH:
            raise _TooMuchError("it is nested too deeply", line)
        if isinstance(node, yaml.SequenceNode):
            items = tuple(
                self.convert(item, f"{key}[{number}]", depth + 1)
                for number, item in enumerate(node.value)
            )
            return Located("list", line, key, items=items)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, key, depth)
        assert isinstance(node, yaml.ScalarNode)
        kind: Literal["text", "empty", "other"] = "other"
        if node.tag == "tag:yaml.org,2002:str":
            kind = "text"
        elif node.tag == "tag:yaml.org,2002:null":
            kind = "empty"
        start, end = node.start_mark.index, node.end_mark.index
        return Located(kind, line, key, node.value, node.style, start, end)

    def _mapping(self, node: yaml.MappingNode, key: str, depth: int) -> Located:
        entries: dict[str, Located] = {}
        lines: dict[str, int] = {}
        for name_node, value in node.value:
            line = name_node.start_mark.line + 1
            if not isinstance(name_node, yaml.ScalarNode):
                remedy = "Write a plain word before the colon."
                self._mistakes.add("a key is no plain word", remedy, line=line, key=key)
                continue
            name = name_node.value
            if name in entries:
                problem = f"{shown(name)} stands twice, in lines {lines[name]} and {line}"
                path = f"{key}.{shown(name)}".lstrip(".")
                self._mistakes.add(problem, "Remove one of the two.", line=line, key=path)
                continue
            lines[name] = line
            entries[name] = self.convert(value, f"{key}.{shown(name)}".lstrip("."), depth + 1)
        return Located("mapping", node.start_mark.line + 1, key, entries=entries, key_lines=lines)


def _syntax_error(error: yaml.MarkedYAMLError, text: str, mistakes: Mistakes) -> None:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else None
    told = error.problem or "it cannot be read"
    lines = text.split("\n")
    at = lines[line - 1] if line and line <= len(lines) else ""
    if "'\\t'" in told or "\t" in at[: len(at) - len(at.lstrip())]:
        mistakes.add("a tab stands where blanks belong", "Indent with blanks.", line=line)
        return
    if "[${" in at:
        remedy = 'Put each ${NAME} in a list into quotes: ["${NEW_SECRET}", "${OLD_SECRET}"]'
        mistakes.add("malformed YAML: braces in a list", remedy, line=line)
        return
    remedy = "Check the indentation and colons there; quote a value with special signs."
    mistakes.add(f"malformed YAML: {shown(told)}", remedy, line=line)
