"""What the manual says of names in the code is what there is."""

import re
from pathlib import Path

import pytest

from worker import __file__ as package
from worker.config_files.alerting_yaml import KEYS
from worker.config_files.channels_yaml import read_channels
from worker.config_files.options_yaml import read_options
from worker.errors import Reason
from worker.records import Withholding
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
    examples = {name for name in named if re.search("_SECRET(_[0-9])?$|_DATA$", name)}
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


def test_the_example_of_alert_rules_is_valid_and_every_key_is_explained(tmp_path: Path) -> None:
    told = section("alerts.md", "When an alert is made")
    path = tmp_path / "channels.yml"
    path.write_text(told.partition("```yaml\n")[2].partition("```")[0], "utf-8")
    found = read_channels(path, {})
    assert found.mistakes == []
    assert [spec.name for spec in found.specs if spec.rules] == ["desk", "editor"]
    assert re.findall(r"^\| `([a-z_]+)` \|", told.partition("### ")[0], re.M) == list(KEYS)


def test_every_reason_to_withhold_is_explained() -> None:
    told = section("alerts.md", "When an alert is made").partition("### What is withheld")[2]
    rows = re.findall(r"^\| (`[^|]*`) \|", told.partition("\n### ")[0], re.M)
    assert re.findall(r"`([a-z-]+)`", " ".join(rows)) == [one.value for one in Withholding]
