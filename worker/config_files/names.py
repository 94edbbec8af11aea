"""Names of topics and channels: short, plain, unique within their file."""

import re

from worker.config_files.yaml_lines import Located, Mistakes, shown, text_of

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def read_name(item: Located, mistakes: Mistakes, *, example: str) -> str | None:
    """The item's name; None, and a mistake, where there is none or it is not plain."""
    name = text_of(item, "name", mistakes, example=example, limit=200)
    if name is None or _NAME.fullmatch(name):
        return name
    value = item.entries["name"]
    remedy = f"Use at most 63 of a-z, 0-9 and -, not a - first: {example}."
    mistakes.add(f"{shown(name)!r} is no name", remedy, line=value.line, key=value.key)
    return None


def refuse_twice(
    item: Located, name: str | None, lines: dict[str, int], mistakes: Mistakes
) -> None:
    """Note the line of a name in `lines`, or a mistake where it has one already."""
    if name is None:
        return
    value = item.entries["name"]
    if name in lines:
        problem = f"{name} stands twice, in lines {lines[name]} and {value.line}"
        mistakes.add(problem, "Give one of them another name.", line=value.line, key=value.key)
    else:
        lines[name] = value.line
