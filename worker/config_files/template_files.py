"""Templates of messages: files beside channels.yml, tried on every kind of message."""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from worker.config_files.files import read_text
from worker.config_files.yaml_lines import Located, Mistakes
from worker.errors import ConfigError
from worker.samples import KINDS, sample
from worker.sandbox import TEMPLATE_LIMITS, Sandbox
from worker.templates import outcome

SUFFIX = ".j2"
NAME_HINT = f"Put the file beside channels.yml and write its name: desk{SUFFIX}"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,60}\.j2")
_MAX_CHARS = 64 * 1024
_RENDER = "worker.templates:render"
_AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_NO_ARTICLE = (
    "Not every message has an article: begin with {% if article %} … {% else %} … {% endif %}, "
    "or write {{ title }} and {{ summary }}, which all have."
)
_REMEDY = "docs/alerts.md tells what templates may use."


def is_template_name(name: str) -> bool:
    """Whether it names a file beside channels.yml, and none elsewhere."""
    return _NAME.fullmatch(name) is not None


def check_template(
    folder: Path, values: dict[str, Any], kind: str, at: Located, mistakes: Mistakes
) -> None:
    """Put the template's text into `values`, or what is wrong with it among the mistakes."""
    path = folder / values["template"]
    try:
        source = read_text(path, NAME_HINT)
    except ConfigError as error:
        problem = f"{path.name}: {error.problem}"
        mistakes.add(problem, error.remedy, line=at.line, key=at.key)
        return
    if len(source) > _MAX_CHARS:
        problem = f"{path.name} has {len(source):,} characters"
        mistakes.add(problem, f"Keep it to {_MAX_CHARS:,}.", line=at.line, key=at.key)
        return
    values["template_text"] = source
    found = asyncio.run(_tried(source, kind))
    if found is not None:
        of, problem, line = found
        remedy = _NO_ARTICLE if of in ("digest", "ops") else _REMEDY
        mistakes.found.append(
            ConfigError(path, f"with a message of type {of}: {problem}", remedy, line=line)
        )


async def _tried(source: str, kind: str) -> tuple[str, str, int | None] | None:
    """The first type of message that a template makes nothing usable of, the problem and line."""
    sandbox = Sandbox(1, TEMPLATE_LIMITS)
    try:
        for of in KINDS:
            made = await sandbox.run(_RENDER, source, sample(of, _AT), kind)
            _, problem, line = outcome(made)
            if problem:
                return of, problem, line
    finally:
        await sandbox.close()
    return None
