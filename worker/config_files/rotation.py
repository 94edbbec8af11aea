"""A new secret for a channel: which variable it goes into, and the edit of channels.yml."""

import re
from collections.abc import Collection, Set
from dataclasses import dataclass
from pathlib import Path

from worker.config_files.files import read_text
from worker.config_files.yaml_lines import Located, Mistakes, items_of, read_yaml
from worker.errors import ConfigError, NotFoundError
from worker.secrets_env import names_in

_NUMBERED = re.compile(r"(.*?)(?:_(\d+))?")
_KEYS = {"secret": "secrets", "signing_key": "signing_keys"}


@dataclass(frozen=True, slots=True)
class Rotation:
    """`variable` is to hold the new secret; `lines` take the place of what stands at `line`.

    `text` is the whole file as it is then; `before` are the variables that are used so far.
    """

    variable: str
    line: int
    lines: str
    text: str
    before: tuple[str, ...]


def rotation(path: Path, channel: str, one: str, taken: Collection[str]) -> Rotation:
    """How to add a secret to a channel: `one` is `secret` or `signing_key`.

    The new one comes first; every message is signed with all of them. `taken` are variables that
    are in use. Raises ConfigError for a file that cannot be read, NotFoundError for a channel that
    is not there or is no webhook.
    """
    text = read_text(path, "Write channels.yml first, as docs/configuration.md shows.")
    item = _item(path, text, channel)
    in_use = {*taken, *names_in(text)}
    several = _KEYS[one]
    there = item.entries.get(one) or item.entries.get(several)
    listed = there.items if there and there.kind == "list" else (there,) if there else ()
    values = [value.text for value in listed if value is not None]
    variable = _fresh(values[0][2:-1] if values else _named(channel, one), in_use)
    wanted = [f'"${{{variable}}}"', *(f'"{value}"' for value in values)]
    lines = f"{several}: [{', '.join(wanted)}]"
    if there is None:
        lines = f"{one}: ${{{variable}}}"
        return _appended(text, item, lines, variable)
    before = tuple(value[2:-1] for value in values)
    if there.kind == "list" and (prefix := _dash(text, there)):
        start = there.items[0].start - len(prefix)
        changed = f"{text[:start]}{prefix}${{{variable}}}\n{text[start:]}"
        return Rotation(variable, there.items[0].line, f"- ${{{variable}}}", changed, before)
    key = several if several in item.entries else one
    line = item.key_lines[key]
    changed = _replaced(text, item.key_lines[key], key, there, lines)
    return Rotation(variable, line, lines, changed, before)


def _item(path: Path, text: str, channel: str) -> Located:
    mistakes = Mistakes(str(path))
    document = read_yaml(text, mistakes)
    if document is None:
        raise mistakes.found[0]
    items = list(items_of(document, "channels", "name and kind", mistakes))
    if mistakes.found:
        raise mistakes.found[0]
    for item in items:
        if item.entries.get("name") and item.entries["name"].text == channel:
            if "kind" in item.entries and item.entries["kind"].text == "webhook":
                return item
            raise NotFoundError(f"Channel {channel!r} is no webhook: it signs nothing.")
    raise NotFoundError(f"There is no channel {channel!r} in {path}.")


def _named(channel: str, one: str) -> str:
    ending = "SECRET" if one == "secret" else "KEY"
    return f"WIREWATCH_{channel.upper().replace('-', '_')}_{ending}"


def _fresh(name: str, taken: Set[str]) -> str:
    """The name itself where nothing has it, else with the next number that is free."""
    if name not in taken:
        return name
    match = _NUMBERED.fullmatch(name)
    stem, number = (match[1], int(match[2] or 1)) if match else (name, 1)
    while f"{stem}_{number + 1}" in taken:
        number += 1
    return f"{stem}_{number + 1}"


def _dash(text: str, value: Located) -> str:
    """What stands before the first item of a list that is written line by line, else nothing."""
    start = value.items[0].start
    prefix = text[text.rfind("\n", 0, start) + 1 : start]
    return prefix if prefix.strip() == "-" else ""


def _replaced(text: str, line: int, key: str, value: Located, lines: str) -> str:
    """The text with a key and its value written anew; blanks and comments stay."""
    starts = [0, *(match.end() for match in re.finditer(r"\n", text))]
    start = text.index(key, starts[line - 1])
    end = value.end if value.kind != "list" else _end_of(text, value)
    return f"{text[:start]}{lines}{text[end:]}"


def _end_of(text: str, value: Located) -> int:
    """Behind the bracket of a list."""
    last = value.items[-1].end
    rest = re.compile(r"\s*,?\s*\]").match(text, last)
    return rest.end() if rest else last


def _appended(text: str, item: Located, lines: str, variable: str) -> Rotation:
    """The key as a new line behind the channel's name, indented as that is."""
    name = item.entries["name"]
    line = item.key_lines["name"]
    start = text.rfind("\n", 0, name.start) + 1
    indent = " " * (text.index("name", start) - start)
    end = text.find("\n", name.end)
    end = len(text) if end < 0 else end
    changed = f"{text[:end]}\n{indent}{lines}{text[end:]}"
    return Rotation(variable, line + 1, lines, changed, ())


def write_rotation(path: Path, made: Rotation) -> None:
    """Put the changed text in the file's place, in one step; its mode stays.

    Raises ConfigError where the folder cannot be written to.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(made.text, "utf-8")
        beside.chmod(path.stat().st_mode)
        beside.replace(path)
    except OSError as error:
        problem = f"it cannot be written ({error.strerror or type(error).__name__})"
        raise ConfigError(path, problem, f"Write there: {made.lines}", line=made.line) from None
