"""What the compose files say, as a test wants to ask it."""

import re
from pathlib import Path
from typing import Any

import yaml

from worker import __file__ as package

ROOT = Path(package).parent.parent
STACK, DEMO = ROOT / "docker-compose.yml", ROOT / "docker-compose.demo.yml"
ENV_EXAMPLE = ROOT / ".env.example"
Service = dict[str, Any]

_INTERPOLATED = re.compile(r"\$\{([A-Z0-9_]+)")
_SETTING = re.compile(r"^#?([A-Z][A-Z0-9_]*)=", re.M)


def read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.read_text())
    return found


def stack() -> dict[str, Service]:
    """The services of the stack itself, by name."""
    services: dict[str, Service] = read(STACK)["services"]
    return services


def whole() -> dict[str, Service]:
    """The stack with the demo laid over it, as far as the overlay goes: mappings are merged."""
    merged = stack()
    for name, over in read(DEMO)["services"].items():
        below = merged.setdefault(name, {})
        environment = below.get("environment", {}) | over.get("environment", {})
        below |= over
        below["environment"] = environment
    return merged


def arguments(service: Service) -> list[str]:
    """The command line of a wirewatch service, without the `wirewatch` of the image."""
    return [str(argument) for argument in service["command"]]


def runs_wirewatch(service: Service) -> bool:
    return bool(service["image"] == "wirewatch")


def interpolated(file: Path) -> set[str]:
    """The variables that compose itself takes from .env."""
    return set(_INTERPOLATED.findall(file.read_text()))


def offered() -> set[str]:
    """The variables that .env.example names, commented out or not."""
    return set(_SETTING.findall(ENV_EXAMPLE.read_text()))


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """A Dockerfile's instructions and their arguments, continued lines joined."""
    text = re.sub(r"\\\n\s*", "", dockerfile.read_text())
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [(word.upper(), rest) for word, _, rest in (line.partition(" ") for line in lines)]
