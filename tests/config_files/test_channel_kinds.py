"""What channels.yml may say of each kind of channel, and each mistake with its remedy."""

from pathlib import Path
from typing import Any

import pytest

from tests.config_files.making import ENVIRON, SECRET, write
from worker.config_files import check, load, stamp
from worker.errors import ConfigError
from worker.formats import FORMATS
from worker.signing import new_secret, new_signing_key

KEY = new_signing_key()
KNOWN = ENVIRON | {
    "OLD_SECRET": new_secret(), "SIGN_KEY": KEY, "TOKEN": "t0k3n-x9", "BROKEN": "a\nX-Evil: 1",
    "MAIL": "mailto://desk:pw@example.org", "DBUS": "dbus://", "NONSENSE": "nonsense://x",
}  # fmt: skip
HOOK = "    kind: webhook\n    url: https://example.org/hook\n"


def channels(options: str) -> str:
    return f"channels:\n  - name: desk\n    kind: log\n  - name: hook\n{options}"


def config_of(folder: Path, options: str) -> dict[str, Any]:
    found = load(write(folder, channels=channels(options)), KNOWN)
    return next(spec for spec in found.channels if spec.name == "hook").options


def mistake(folder: Path, options: str) -> ConfigError:
    found = check(write(folder, channels=channels(options)), KNOWN)
    assert found
    told = " ".join(map(str, found))
    for secret in (SECRET[6:], KEY[5:], "t0k3n", "X-Evil", "desk:pw"):
        assert secret not in told
    assert found[0].remedy
    return found[0]


# ---- what is right

RIGHT: list[tuple[str, dict[str, Any]]] = [
    (HOOK + "    secret: ${DESK_SECRET}\n", {"secret": "${DESK_SECRET}"}),
    (HOOK + '    secrets: ["${DESK_SECRET}", "${OLD_SECRET}"]\n',
     {"secrets": ["${DESK_SECRET}", "${OLD_SECRET}"]}),
    (HOOK + "    secrets:\n      - ${DESK_SECRET}  # new\n      - ${OLD_SECRET}\n",
     {"secrets": ["${DESK_SECRET}", "${OLD_SECRET}"]}),
    (HOOK + "    signing_key: ${SIGN_KEY}\n", {"signing_key": "${SIGN_KEY}"}),
    (HOOK + "    format: slack\n", {"format": "slack"}),
    (HOOK + "    format: cloudevents\n    secret: ${DESK_SECRET}\n",
     {"format": "cloudevents", "secret": "${DESK_SECRET}"}),
    (HOOK + "    format: teams\n    headers:\n      Authorization: Bearer ${TOKEN}\n",
     {"format": "teams", "headers": {"Authorization": "Bearer ${TOKEN}"}}),
]  # fmt: skip


@pytest.mark.parametrize(("options", "config"), RIGHT, ids=range(len(RIGHT)))
def test_a_webhook_is_kept_as_it_is_written(
    tmp_path: Path, options: str, config: dict[str, Any]
) -> None:
    assert config_of(tmp_path, options) == {"url": "https://example.org/hook"} | config


@pytest.mark.parametrize("url", ["${MAIL}", "json://example.org/?+X-Token=${TOKEN}"])
def test_a_service_of_apprise_is_kept_as_it_is_written(tmp_path: Path, url: str) -> None:
    assert config_of(tmp_path, f"    kind: apprise\n    url: {url}\n") == {"url": url}


# ---- what is wrong: options, line, key behind channels[1], problem
WRONG = [
    (HOOK, 4, "secret", "secret is missing"),
    (HOOK + "    format: cloudevents\n", 4, "secret", "secret is missing"),
    (HOOK + "    format: slak\n", 7, "format", "unknown format slak"),
    (HOOK + "    format: [slack]\n", 7, "format", "must be text"),
    (HOOK + f"    secrets: [{SECRET}]\n", 7, "secrets[0]", "stands in the file"),
    (HOOK + "    secrets: []\n", 7, "secrets", "list of 1 to 5"),
    (HOOK + "    secrets: [a, b, c, d, e, f]\n", 7, "secrets", "list of 1 to 5"),
    (HOOK + '    secrets: ["${NONE}"]\n', 7, "secrets[0]", "NONE is not set"),
    (HOOK + '    secrets: ["${SIGN_KEY}"]\n', 7, "secrets[0]", "SIGN_KEY is not whsec_"),
    (HOOK + "    secret: ${DESK_SECRET}\n    secrets: [a]\n", 8, "secrets", "both there"),
    (HOOK + "    signing_key: ${DESK_SECRET}\n", 7, "signing_key", "DESK_SECRET is not whsk_"),
    (HOOK + f"    signing_key: {KEY}\n", 7, "signing_key", "the signing key stands in the file"),
    (HOOK + "    format: slack\n    template: a.j2\n", 7, "format", "both there"),
    (HOOK + "    format: slack\n    content_type: text/plain\n", 8, "content_type", "templates"),
    (HOOK + "    template: ../a.j2\n", 7, "template", "no template's name"),
    (HOOK + "    template: /etc/passwd\n", 7, "template", "no template's name"),
    (HOOK + "    template: a.txt\n", 7, "template", "no template's name"),
    (HOOK + "    template: a.j2\n", 7, "template", "a.j2: there is no such file"),
    (HOOK + "    template: a.j2\n    content_type: 'a b'\n", 8, "content_type", "no media type"),
    (HOOK + "    format: slack\n    headers: x\n", 8, "headers", "must be a mapping"),
    (HOOK + "    format: slack\n    headers: {X: '${BROKEN}'}\n", 8, "headers.X", "cannot be sent"),
    (HOOK + '    format: slack\n    headers: {X: "a\\nb"}\n', 8, "headers.X", "cannot be sent"),
    (HOOK + "    format: slack\n    headers: {X: '${NONE}'}\n", 8, "headers.X", "NONE is not set"),
    (HOOK + "    format: slack\n    headers: {'X Y': a}\n", 8, "headers.X Y", "cannot be set"),
    (HOOK + "    format: slack\n    headers: {Host: a}\n", 8, "headers.Host", "cannot be set"),
    (HOOK + "    format: slack\n    headers: {webhook-id: a}\n", 8, "headers.webhook-id", "cannot"),
    ("    kind: apprise\n", 4, "url", "url is missing"),
    ("    kind: apprise\n    url: mailto://a:b@example.org\n", 6, "url", "holds no ${NAME}"),
    ("    kind: apprise\n    url: ${NONE}\n", 6, "url", "NONE is not set"),
    ("    kind: apprise\n    url: ${DBUS}\n", 6, "url", "speaks to this machine alone"),
    ("    kind: apprise\n    url: ${NONSENSE}\n", 6, "url", "knows no such service"),
    ("    kind: apprise\n    url: ${TOKEN}\n", 6, "url", "no scheme"),
    ("    kind: apprise\n    url: ${BROKEN}\n", 6, "url", "cannot be sent"),
    ("    kind: apprise\n    url: ${MAIL}\n    secret: ${A}\n", 7, "secret", "unknown key"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "line", "key", "problem"), WRONG, ids=range(len(WRONG)))
def test_a_mistake_is_pointed_at(
    tmp_path: Path, options: str, line: int, key: str, problem: str
) -> None:
    found = mistake(tmp_path, options)
    assert problem in found.problem, str(found)
    assert (found.line, found.key) == (line, f"channels[1].{key}")


def test_braces_in_a_list_want_quotes_and_it_says_so(tmp_path: Path) -> None:
    found = mistake(tmp_path, HOOK + "    secrets: [${DESK_SECRET}, ${OLD_SECRET}]\n")
    assert found.line == 7
    assert 'Put each ${NAME} in a list into quotes: ["${NEW_SECRET}"' in found.remedy


def test_the_formats_are_offered(tmp_path: Path) -> None:
    assert ", ".join(FORMATS) in mistake(tmp_path, HOOK + "    format: x\n").remedy


# ---- templates


def with_template(folder: Path, source: str, kind: str = "text/plain") -> Path:
    options = f"{HOOK}    template: desk.j2\n    content_type: {kind}\n"
    write(folder, channels=channels(options))
    (folder / "desk.j2").write_text(source, "utf-8")
    return folder


def test_a_template_is_read_with_the_file_that_names_it(tmp_path: Path) -> None:
    found = load(with_template(tmp_path, "{{ title }}\n{{ summary }}"), KNOWN)
    (hook,) = (spec for spec in found.channels if spec.name == "hook")
    assert hook.options["template_text"] == "{{ title }}\n{{ summary }}"


@pytest.mark.parametrize(
    ("source", "kind", "line", "told"),
    [
        ("a\n{{ artcle.url }}", "text/plain", 2, "type alert: 'artcle' is undefined"),
        ("{{ article.headline }}", "text/plain", 1, "type digest: 'None' has no attribute"),
        ("{{ title.__class__ }}", "text/plain", 1, "unsafe"),
        ('{"text": "{{ title }}"}', "application/json", None, "no JSON"),
        ("{{ 'a' * 10 ** 10 }}", "text/plain", None, "too much memory"),
        ("a" * 70_000, "text/plain", 6, "70,000 characters"),
    ],
    ids=range(6),
)
def test_a_template_is_tried_before_it_is_used(
    tmp_path: Path, source: str, kind: str, line: int | None, told: str
) -> None:
    (found,) = check(with_template(tmp_path, source, kind), KNOWN)
    assert told in found.problem, str(found)
    assert found.line == (7 if "characters" in told else line)
    if "digest" in told:
        assert "{% if article %}" in found.remedy
    if "characters" not in told:
        assert found.file == str(tmp_path / "desk.j2")


def test_a_changed_template_is_a_changed_configuration(tmp_path: Path) -> None:
    folder = with_template(tmp_path, "{{ title }}")
    before = stamp(folder)
    (folder / "desk.j2").write_text("{{ title }} and {{ url }}", "utf-8")
    assert stamp(folder) != before
