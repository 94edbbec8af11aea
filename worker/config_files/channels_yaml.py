"""channels.yml: where alerts go. Secrets stand in the environment, and no message shows one."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from worker.config_files.alerting_yaml import KEYS as _ALERTING
from worker.config_files.alerting_yaml import read_alerting
from worker.config_files.channel_kinds import KINDS
from worker.config_files.files import read_text
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
from worker.errors import ConfigError
from worker.records import ChannelSpec

_MAKE = (
    "Write one that begins with channels: and holds at least - {name: desk, kind: log}, "
    "as docs/configuration.md shows."
)


@dataclass(frozen=True, slots=True)
class Channels:
    """`names` holds those of faulty channels too; None where the file could not be read at all."""

    specs: list[ChannelSpec]
    names: list[str] | None
    mistakes: list[ConfigError]


def read_channels(path: Path, environ: Mapping[str, str]) -> Channels:
    """The channels of channels.yml and its mistakes; `environ` must hold what `${NAME}` names."""
    mistakes = Mistakes(str(path))
    try:
        document = read_yaml(read_text(path, _MAKE), mistakes)
    except ConfigError as error:
        return Channels([], None, [error])
    if document is None:
        return Channels([], None, mistakes.found)
    specs: list[ChannelSpec] = []
    lines: dict[str, int] = {}
    for item in items_of(document, "channels", "name and kind", mistakes):
        before = len(mistakes.found)
        name = read_name(item, mistakes, example="desk")
        refuse_twice(item, name, lines, mistakes)
        spec = _channel(item, name or "", path.parent, environ, mistakes)
        if spec and len(mistakes.found) == before:
            specs.append(spec)
    unread = not lines and bool(mistakes.found)
    return Channels(specs, None if unread else list(lines), mistakes.found)


def _channel(
    item: Located, name: str, folder: Path, environ: Mapping[str, str], mistakes: Mistakes
) -> ChannelSpec | None:
    kind = text_of(item, "kind", mistakes, example="log", limit=40)
    if kind is None:
        return None
    if kind not in KINDS:
        near = get_close_matches(kind, KINDS, n=1, cutoff=0.5)
        remedy = f"Did you mean {near[0]}? " if near else ""
        remedy += f"Known kinds: {', '.join(KINDS)}."
        place = item.entries["kind"]
        mistakes.add(f"unknown kind {shown(kind)}", remedy, line=place.line, key=place.key)
        return None
    options = KINDS[kind]
    refuse_unknown(item, ("name", "kind", *options.keys, *_ALERTING), mistakes)
    values = options.read(item, folder, environ, mistakes)
    return ChannelSpec(name, kind, values, read_alerting(item, mistakes))
