"""A new secret for a channel: one line of channels.yml changes, and all else stays as it is."""

from pathlib import Path

import pytest

from worker.config_files import rotation, write_rotation
from worker.config_files.channels_yaml import read_channels
from worker.errors import ConfigError, NotFoundError
from worker.signing import new_secret, new_signing_key

HEAD = "# ours\nchannels:\n  - name: desk\n    kind: log\n  # the hook\n  - name: hook # here\n"
TAIL = "  - name: last\n    kind: log\n"


def channels(lines: str) -> str:
    return f"{HEAD}    kind: webhook\n    url: https://example.org/\n{lines}{TAIL}"


# before, after
EDITS = [
    ("    secret: ${A}  # since May\n", '    secrets: ["${A_2}", "${A}"]  # since May\n'),
    ("    secret:   '${A}'\n", '    secrets: ["${A_2}", "${A}"]\n'),
    ("    secret: ${A_2}\n", '    secrets: ["${A_3}", "${A_2}"]\n'),
    ('    secrets: ["${B}", "${A}"] # two\n', '    secrets: ["${B_2}", "${B}", "${A}"] # two\n'),
    ("    secrets:\n      - ${B}\n      - ${A} # old\n",
     "    secrets:\n      - ${B_2}\n      - ${B}\n      - ${A} # old\n"),
    ('    secrets: [\n      "${A}",\n    ]\n', '    secrets: ["${A_2}", "${A}"]\n'),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), EDITS, ids=range(len(EDITS)))
def test_a_new_secret_stands_first_and_comments_stay(
    tmp_path: Path, before: str, after: str
) -> None:
    path = tmp_path / "channels.yml"
    path.write_text(channels(before))
    path.chmod(0o640)
    made = rotation(path, "hook", "secret", ())
    write_rotation(path, made)
    assert path.read_text() == channels(after)
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["channels.yml"]
    names = (made.variable, *made.before)
    found = read_channels(path, {name: new_secret() for name in names})
    assert found.mistakes == []
    assert found.specs[1].options["secrets"] == [f"${{{name}}}" for name in names]


def test_a_channel_without_one_gets_a_line_for_it(tmp_path: Path) -> None:
    path = tmp_path / "channels.yml"
    path.write_text(channels("    secret: ${A}\n"))
    made = rotation(path, "hook", "signing_key", ["WIREWATCH_HOOK_KEY"])
    write_rotation(path, made)
    assert (made.variable, made.line, made.before) == ("WIREWATCH_HOOK_KEY_2", 7, ())
    assert path.read_text().splitlines()[5:8] == [
        "  - name: hook # here", "    signing_key: ${WIREWATCH_HOOK_KEY_2}", "    kind: webhook",
    ]  # fmt: skip
    found = read_channels(path, {"A": new_secret(), "WIREWATCH_HOOK_KEY_2": new_signing_key()})
    assert found.mistakes == []


def test_a_variable_that_is_set_is_not_taken_again(tmp_path: Path) -> None:
    path = tmp_path / "channels.yml"
    path.write_text(channels("    secret: ${A}\n"))
    assert rotation(path, "hook", "secret", {"A_2", "A_3"}).variable == "A_4"


@pytest.mark.parametrize(
    ("channel", "told"),
    [("desk", "is no webhook"), ("nobody", "There is no channel 'nobody'")],
)
def test_what_has_no_secret_to_change(tmp_path: Path, channel: str, told: str) -> None:
    path = tmp_path / "channels.yml"
    path.write_text(channels("    secret: ${A}\n"))
    with pytest.raises(NotFoundError, match=told):
        rotation(path, channel, "secret", ())


@pytest.mark.parametrize("text", ["channels: [", "chanels: []", "- a"])
def test_a_file_that_cannot_be_read_stays_as_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "channels.yml"
    path.write_text(text)
    with pytest.raises(ConfigError):
        rotation(path, "hook", "secret", ())
    assert path.read_text() == text
