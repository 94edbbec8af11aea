"""Real feeds and pages, kept outside the project: tests that read them skip where they are not."""

import os
from pathlib import Path

import pytest

FOLDER = Path(
    os.environ.get("WIREWATCH_DATA", Path(__file__).parents[1] / ".." / "shared" / "data")
)


def real_files(pattern: str) -> list[Path]:
    """The files of the data folder that match `pattern`; skips the test if there are none."""
    found = sorted(FOLDER.glob(pattern))
    if not found:
        pytest.skip(f"no {pattern} in {FOLDER}: set WIREWATCH_DATA to a folder with real data")
    return found
