"""What the commands on topics share: which file, and which of its topics."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from worker import config_files
from worker.errors import NotFoundError, WirewatchError
from worker.records import TopicSpec
from worker.settings import settings

TopicsFile = Annotated[
    Path | None, typer.Option("--topics", help="The file of topics, if not that of the folder.")
]


def topics_path(file: Path | None) -> Path:
    return file or settings().config_dir / "topics.yml"


def wanted_topics(file: Path | None, name: str | None) -> list[TopicSpec]:
    """The topics of a file, or the one of that name; raises NotFoundError where it is not there."""
    path = topics_path(file)
    specs = config_files.load_topics(path)
    wanted = [spec for spec in specs if name in (None, spec.name)]
    if not wanted:
        there = ", ".join(spec.name for spec in specs) or "none"
        raise NotFoundError(f"{path}: there is no topic {name!r}; there are {there}.")
    return wanted


def read_days(text: str) -> timedelta:
    """A span of time as `30d` or `12h` write it; raises WirewatchError."""
    found = re.fullmatch(r"([1-9][0-9]{0,4})([dh])", text.strip())
    if found is None:
        raise WirewatchError(f"{text!r} is no span of time. Write days or hours: 30d, 12h.")
    count = int(found[1])
    return timedelta(days=count) if found[2] == "d" else timedelta(hours=count)
