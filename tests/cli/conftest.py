"""The command, run in this process on a store and a configuration of its own."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fleet import Fleet
from worker.cli import main
from worker.settings import settings


@dataclass
class Command:
    """`command("feeds", "list")` gives exit code, stdout and stderr."""

    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    fleet: Fleet

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        settings.cache_clear()
        self.monkeypatch.setattr("sys.argv", ["wirewatch", *arguments])
        self.capsys.readouterr()  # what the test itself made the stages log
        with pytest.raises(SystemExit) as ended:
            main()
        said = self.capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    def json(self, *arguments: str) -> Any:
        _, out, _ = self(*arguments, "--json")
        return json.loads(out)

    def set(self, name: str, value: str) -> None:
        self.monkeypatch.setenv(name, value)


@pytest.fixture
def command(
    sqlite_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Command]:
    fleet = Fleet(sqlite_url, "memory://", tmp_path)
    fleet.write_config(["http://127.0.0.1:1/feed"], "http://127.0.0.1:1/hook")
    for name, value in fleet.environ().items():
        if name.startswith(("WIREWATCH_", "FLEET_")):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "300")
    yield Command(capsys, monkeypatch, fleet)
    settings.cache_clear()
