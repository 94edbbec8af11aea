"""What `wirewatch doctor` finds, where it takes a machine in trouble to see it."""

import shutil
from collections import namedtuple

import pytest

from worker.cli import checks
from worker.errors import WirewatchError
from worker.settings import Settings

MIB = 1024**2
Usage = namedtuple("Usage", "total used free")


def test_too_little_room_for_temporary_files_is_told_with_what_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    free = 159
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, free * MIB))
    knobs = Settings(reading_processes=2)
    with pytest.raises(WirewatchError, match=r"159 MiB free, .* need 160 for a moment.*TMPDIR"):
        checks._temporary_files(knobs)
    free = 160
    assert checks._temporary_files(knobs).startswith("160 MiB free in ")
