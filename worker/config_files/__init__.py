"""The files that an operator edits: feeds.opml, topics.yml, channels.yml, and feeds.yml if any."""

from collections.abc import Mapping
from pathlib import Path

from worker.config_files.channels_yaml import read_channels
from worker.config_files.opml import read_feeds, read_opml, write_opml
from worker.config_files.options_yaml import read_options
from worker.config_files.rotation import Rotation, rotation, write_rotation
from worker.config_files.template_files import SUFFIX
from worker.config_files.topics_yaml import read_topics
from worker.errors import ConfigError
from worker.records import Configuration, OptionsSpec, TopicSpec

_FILES = ("feeds.opml", "channels.yml", "topics.yml", "feeds.yml")


def load(config_dir: Path, environ: Mapping[str, str]) -> Configuration:
    """What the files say; raises ConfigError for the first mistake.

    `environ` must hold every variable that the files name; specs keep `${NAME}` as written.
    """
    configuration, mistakes = _read(config_dir, environ)
    if mistakes:
        raise mistakes[0]
    return configuration


def check(config_dir: Path, environ: Mapping[str, str]) -> list[ConfigError]:
    """Every mistake that can be found in one reading of the files."""
    return _read(config_dir, environ)[1]


def load_topics(path: Path) -> list[TopicSpec]:
    """What one file of topics says; raises ConfigError for its first mistake."""
    topics, mistakes = read_topics(path, None)
    if mistakes:
        raise mistakes[0]
    return topics


def check_topics(path: Path, environ: Mapping[str, str]) -> list[ConfigError]:
    """The mistakes of one file of topics; channels are known where channels.yml is beside it."""
    channels_path = path.parent / _FILES[1]
    known = read_channels(channels_path, environ).names if channels_path.exists() else None
    return read_topics(path, known)[1]


def load_options(config_dir: Path, environ: Mapping[str, str]) -> list[OptionsSpec]:
    """What feeds.yml says; raises ConfigError for its first mistake."""
    options, mistakes = read_options(config_dir / "feeds.yml", environ)
    if mistakes:
        raise mistakes[0]
    return options


def stamp(config_dir: Path) -> str:
    """A cheap sign of the files' state: it changes when one is written, replaced or removed."""
    templates = sorted(path.name for path in config_dir.glob(f"*{SUFFIX}"))
    return " ".join(_stamp(config_dir / name) for name in (*_FILES, *templates))


def _stamp(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return "-"
    return f"{found.st_mtime_ns}:{found.st_size}:{found.st_ino}"


def _read(config_dir: Path, environ: Mapping[str, str]) -> tuple[Configuration, list[ConfigError]]:
    feeds_path, channels_path, topics_path, options_path = (config_dir / name for name in _FILES)
    feeds, feed_mistakes = read_feeds(feeds_path)
    channels = read_channels(channels_path, environ)
    topics, topic_mistakes = read_topics(topics_path, channels.names)
    options, option_mistakes = read_options(options_path, environ)
    mistakes = [*feed_mistakes, *channels.mistakes, *topic_mistakes, *option_mistakes]
    return Configuration(feeds, topics, channels.specs, options), mistakes


__all__ = [
    "Rotation",
    "check",
    "check_topics",
    "load",
    "load_options",
    "load_topics",
    "read_opml",
    "rotation",
    "stamp",
    "write_opml",
    "write_rotation",
]
