"""What the manual says of names in the code is what there is."""

import re
from pathlib import Path

import pytest

from worker import __file__ as package
from worker.config_files.options_yaml import read_options
from worker.errors import Reason
from worker.settings import Settings

DOCS = Path(package).parents[1] / "docs"


def section(page: str, heading: str) -> str:
    """The part of a page from `heading` to the next one of its level."""
    text = (DOCS / page).read_text("utf-8")
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def test_every_reason_is_explained_once_in_the_order_of_the_code_with_what_to_do() -> None:
    rows = re.findall(
        r"^\| `([^|]*)` \| ([^|]+) \| ([^|]+) \|$", section("operations.md", "Reasons"), re.M
    )
    assert [reason for reason, _, _ in rows] == [reason.value for reason in Reason]
    assert all(meaning.strip() and remedy.strip() for _, meaning, remedy in rows)


@pytest.mark.parametrize("page", sorted(path.name for path in DOCS.glob("*.md")))
def test_a_setting_that_is_named_exists(page: str) -> None:
    known = {f"WIREWATCH_{name.upper()}" for name in Settings.model_fields}
    named = set(re.findall(r"WIREWATCH_[A-Z0-9_]+[A-Z0-9]", (DOCS / page).read_text("utf-8")))
    # Secrets are named by whoever runs it; these are the examples' own.
    examples = {name for name in named if name.endswith(("_SECRET", "_DATA"))}
    assert named - examples <= known


def test_the_example_of_feeds_yml_is_valid_and_shows_each_kind_of_item(tmp_path: Path) -> None:
    example = (
        section("configuration.md", "`feeds.yml`").partition("```yaml\n")[2].partition("```")[0]
    )
    path = tmp_path / "feeds.yml"
    path.write_text(example, "utf-8")
    names = re.findall(r"\$\{(\w+)\}", example)
    specs, mistakes = read_options(path, dict.fromkeys(names, "x"))
    assert mistakes == []
    assert [bool(spec.feed) for spec in specs] == [True, False]
