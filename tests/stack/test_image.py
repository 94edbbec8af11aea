"""The image is built from files that exist, and holds no more than it needs."""

import json
import tomllib

from tests.stack import compose

INSTRUCTIONS = compose.instructions(compose.ROOT / "Dockerfile")
IGNORE = (compose.ROOT / ".dockerignore").read_text().splitlines()


def last(word: str) -> str:
    return next(rest for name, rest in reversed(INSTRUCTIONS) if name == word)


def copied() -> list[str]:
    """What the image takes from the working copy."""
    sources = []
    for name, rest in INSTRUCTIONS:
        if name == "COPY" and not rest.startswith("--from"):
            sources += rest.split()[:-1]
    return sources


def let_in() -> list[str]:
    return [line[1:] for line in IGNORE if line.startswith("!")]


def test_every_stage_begins_with_the_oldest_python_that_we_support() -> None:
    images = [rest.split()[0] for name, rest in INSTRUCTIONS if name == "FROM"]
    assert images == ["python:3.11-slim"] * 2
    project = tomllib.loads((compose.ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11"
    assert json.loads(last("ENTRYPOINT")) == list(project["scripts"])


def test_what_is_copied_exists_and_is_let_into_the_build() -> None:
    assert all((compose.ROOT / source).exists() for source in copied())
    assert set(copied()) == set(let_in())


def test_nothing_else_of_a_working_copy_is_let_in() -> None:
    patterns = [line for line in IGNORE if line and not line.startswith("#")]
    assert patterns[0] == "*"
    assert [line for line in patterns[1:] if not line.startswith("!")] == ["**/__pycache__"]


def test_dependencies_are_checked_by_their_hashes() -> None:
    runs = [rest for name, rest in INSTRUCTIONS if name == "RUN"]
    installs = [run for run in runs if "pip install" in run]
    assert any("--require-hashes" in run for run in installs)
    assert all("--require-hashes" in run or "--no-deps" in run for run in installs)


def test_it_runs_as_a_user_whom_anybody_can_see_is_not_root() -> None:
    user, _, group = last("USER").partition(":")
    assert int(user) > 0
    assert int(group) > 0


def test_it_needs_no_buildkit() -> None:
    text = (compose.ROOT / "Dockerfile").read_text()
    for only_buildkit in ("--mount", "--link", "--chmod", "<<", "# syntax"):
        assert only_buildkit not in text
