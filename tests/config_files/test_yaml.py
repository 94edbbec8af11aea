"""Mistakes in topics.yml and channels.yml: each at its file, line and key, with its remedy."""

from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config_files.making import CHANNELS, ENVIRON, SECRET, TOPICS, write
from worker.config_files import check
from worker.config_files.topics_yaml import read_topics
from worker.errors import ConfigError, QueryError
from worker.topics import parse_query


def only(folder: Path) -> ConfigError:
    found = check(folder, ENVIRON)
    assert len(found) == 1, [str(m) for m in found]
    return found[0]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}]\n"
    for a, b in zip("abcdefg", "bcdefgh", strict=True)
)

# what is changed, into what, line, key, problem
TOPIC_MISTAKES = [
    ("name: syria", "name: Syria", 2, "topics[0].name", "'Syria' is no name"),
    ("name: syria", "name: -syria", 2, "topics[0].name", "is no name"),
    ("name: syria", f"name: {'a' * 64}", 2, "topics[0].name", "is no name"),
    ("name: syria", "name: ''", 2, "topics[0].name", "name is empty"),
    ("name: syria", "name:", 2, "topics[0].name", "name is empty"),
    ("name: syria", "name: 2024", 2, "topics[0].name", "name must be text"),
    ("name: syria", "name: [a]", 2, "topics[0].name", "name must be text"),
    ("name: iran", "name: syria", 9, "topics[1].name", "syria stands twice, in lines 2 and 9"),
    ("- name: iran\n    title", "- title", 9, "topics[1].name", "name is missing"),
    ("    title: Iran\n", "", 9, "topics[1].title", "title is missing"),
    ("title: Iran", "title: true", 10, "topics[1].title", "title must be text"),
    ("title: Iran", f"title: {'x' * 201}", 10, "topics[1].title", "201 characters"),
    (
        "title: Iran",
        "title: Iran\n    title: Iran",
        11,
        "topics[1].title",
        "stands twice, in lines",
    ),
    ("title: Iran", "title: Iran\n    tags: [a]", 11, "topics[1].tags", "unknown key tags"),
    ("    query: Iran AND talks\n", "", 9, "topics[1].query", "query is missing"),
    ("query: Iran AND talks", "query:", 12, "topics[1].query", "query is empty"),
    ("query: Iran AND talks", 'query: " "', 12, "topics[1].query", "query is empty"),
    ("query: Iran AND talks", "query: [Iran]", 12, "topics[1].query", "query must be text"),
    ("query: Iran AND talks", "query: Iran and talks", 12, "topics[1].query", "and is no operator"),
    ("truce)", "truce", 8, "topics[0].query", "column 7: this ( is never closed"),
    ("channels: []", "channels: desk", 11, "topics[1].channels", "channels must be a list"),
    ("channels: []", "channels: [1]", 11, "topics[1].channels[0]", "must be text"),
    ("channels: []", "channels: [dusk]", 11, "topics[1].channels[0]", "no channel 'dusk'"),
    ("[desk, hook]", "[desk, desk]", 4, "topics[0].channels[1]", "desk is named twice"),
    ("    channels: []\n", "", 9, "topics[1].channels", "channels is missing"),
    ("topics:\n", "topics:\n  - syria\n", 2, "topics[0]", "must be a mapping"),
    ("topics:\n", "topic:\n", 1, "topic", "unknown key topic"),
    ("topics:\n", "topics:\n\t- a: b\n", 2, "", "a tab stands"),
    ("title: Syria", "title: Syria: more", 3, "", "malformed YAML"),
    ("title: Syria", "title: *nothing", 3, "", "malformed YAML"),
    ("title: Syria", "title: \x07", 3, "", "may not stand in YAML"),
    ("title: Syria", "[1]: Syria\n    title: Syria", 3, "topics[0]", "a key is no plain word"),
    ("title: Syria", "title: !!python/name:os.system Syria", 3, "topics[0].title", "must be text"),
    (TOPICS, "", 1, "", "it is empty"),
    (TOPICS, "# nothing yet\n", 1, "", "it is empty"),
    (TOPICS, "- a", 1, "", "it has no topics:"),
    (TOPICS, "topics: all", 1, "topics", "topics must be a list"),
    (TOPICS, "topics: []\n---\ntopics: []\n", 2, "", "malformed YAML"),
    (TOPICS, "topics: " + "[" * 5_000, None, "", "nested too deeply"),
    (TOPICS, "topics: " + "[" * 30 + "]" * 30, 1, "", "nested too deeply"),
    (TOPICS, BOMB, 1, "", "more than 100,000 values"),
    (TOPICS, "topics: &x [*x]", 1, "", "nested too deeply"),
]


@pytest.mark.parametrize(("old", "new", "line", "key", "problem"), TOPIC_MISTAKES)
def test_a_mistake_in_topics_is_pointed_at(
    tmp_path: Path, old: str, new: str, line: int | None, key: str, problem: str
) -> None:
    assert old in TOPICS
    found = check(write(tmp_path, topics=TOPICS.replace(old, new, 1)), ENVIRON)
    first = found[0]
    assert first.file == str(tmp_path / "topics.yml")
    assert (first.line, first.key) == (line, key), str(first)
    assert problem in first.problem
    assert first.remedy


CHANNEL_MISTAKES = [
    ("name: hook", "name: desk", 4, "channels[1].name", "desk stands twice, in lines 2 and 4"),
    ("name: hook", "name: The Hook", 4, "channels[1].name", "is no name"),
    ("kind: log", "kind: ''", 3, "channels[0].kind", "kind is empty"),
    ("kind: log", "kind: webhok", 3, "channels[0].kind", "unknown kind webhok"),
    ("kind: log", "kind: log\n    url: https://a.example", 4, "channels[0].url", "unknown key url"),
    ("    kind: log\n", "", 2, "channels[0].kind", "kind is missing"),
    ("    url: https://${HOOK_HOST}/wirewatch\n", "", 4, "channels[1].url", "url is missing"),
    ("https://${HOOK_HOST}", "ftp://${HOOK_HOST}", 6, "channels[1].url", "no usable http(s)"),
    ("https://${HOOK_HOST}", "${HOOK_HOST}", 6, "channels[1].url", "no usable http(s)"),
    ("https://${HOOK_HOST}", "https://${HOOK-HOST}", 6, "channels[1].url", "no usable http(s)"),
    ("https://${HOOK_HOST}", "https://a b", 6, "channels[1].url", "no usable http(s)"),
    ("${HOOK_HOST}", "${NO_HOST}", 6, "channels[1].url", "variable NO_HOST is not set"),
    ("${HOOK_HOST}", "u:pw@${HOOK_HOST}", 6, "channels[1].url", "user name or password"),
    ("    secret: ${DESK_SECRET}\n", "", 4, "channels[1].secret", "secret is missing"),
    ("${DESK_SECRET}", SECRET, 7, "channels[1].secret", "the secret stands in the file"),
    ("${DESK_SECRET}", "$DESK_SECRET", 7, "channels[1].secret", "not of the form ${NAME}"),
    ("${DESK_SECRET}", "${DESK_SECRET}x", 7, "channels[1].secret", "not of the form ${NAME}"),
    ("${DESK_SECRET}", "${NONE}", 7, "channels[1].secret", "variable NONE is not set"),
    ("${DESK_SECRET}", "${EMPTY}", 7, "channels[1].secret", "variable EMPTY is not set"),
    ("${DESK_SECRET}", "${HOOK_HOST}", 7, "channels[1].secret", "HOOK_HOST is not whsec_"),
    ("secret:", "secrets:", 7, "channels[1].secrets", "must be a list of 1 to 5"),
    (CHANNELS, "chanels: []", 1, "chanels", "unknown key chanels"),
    (CHANNELS, "", 1, "", "it is empty"),
]


@pytest.mark.parametrize(("old", "new", "line", "key", "problem"), CHANNEL_MISTAKES)
def test_a_mistake_in_channels_is_pointed_at(
    tmp_path: Path, old: str, new: str, line: int, key: str, problem: str
) -> None:
    assert old in CHANNELS
    folder = write(tmp_path, channels=CHANNELS.replace(old, new, 1))
    found = check(folder, ENVIRON | {"EMPTY": ""})
    assert found[0].file == str(tmp_path / "channels.yml")
    assert (found[0].line, found[0].key) == (line, key), str(found[0])
    assert problem in found[0].problem
    assert found[0].remedy
    assert SECRET[6:] not in " ".join(str(m) for m in found)


@pytest.mark.parametrize(
    ("secret", "good"),
    [
        ("whsec_" + b64encode(b"x" * 24).decode(), True),
        ("whsec_" + b64encode(b"x" * 64).decode(), True),
        ("whsec_" + b64encode(b"x" * 23).decode(), False),
        ("whsec_" + b64encode(b"x" * 65).decode(), False),
        (b64encode(b"x" * 32).decode(), False),
        ("whsec_" + b64encode(b"x" * 32).decode().rstrip("="), False),
        ("whsec_ " + b64encode(b"x" * 32).decode(), False),
        ("whsec_" + "é" * 40, False),
    ],
)
def test_a_secret_is_of_the_standard_form_and_never_shown(
    tmp_path: Path, secret: str, good: bool
) -> None:
    found = check(write(tmp_path), ENVIRON | {"DESK_SECRET": secret})
    assert bool(found) is not good
    told = " ".join(str(m) for m in found)
    assert secret not in told
    assert good or 'echo "whsec_$(openssl rand -base64 32)"' in told


@pytest.mark.parametrize(
    "spoilt",
    [
        CHANNELS.replace("secret: ${DESK_SECRET}", f"secret: {SECRET}\n    secret: {SECRET}"),
        CHANNELS.replace("secret: ${DESK_SECRET}", f"{SECRET}: secret"),
        CHANNELS.replace("secret: ${DESK_SECRET}", f"secret: {SECRET}: x"),
        CHANNELS.replace("secret: ${DESK_SECRET}", f"secret: *{SECRET}"),
        CHANNELS.replace("secret: ${DESK_SECRET}", f"secret: !{SECRET} x"),
        CHANNELS.replace("name: hook", f"name: {SECRET}"),
        CHANNELS.replace("kind: webhook", f"kind: {SECRET}"),
        CHANNELS.replace("${HOOK_HOST}", f"u:{SECRET}@${{HOOK_HOST}}"),
        CHANNELS.replace("https://${HOOK_HOST}", f"ftp://{SECRET}"),
        f"{SECRET}: []",
    ],
)
def test_a_secret_in_the_wrong_place_is_not_shown_either(tmp_path: Path, spoilt: str) -> None:
    found = check(write(tmp_path, channels=spoilt), ENVIRON)
    assert found
    told = " ".join(f"{m} {m.key}" for m in found).lower()
    assert SECRET[6:].rstrip("=").lower() not in told


def test_the_nearest_known_word_is_offered(tmp_path: Path) -> None:
    assert only(write(tmp_path, topics=TOPICS.replace("[desk,", "[desks,"))).remedy == (
        "Did you mean desk? channels.yml has: desk, hook."
    )
    wrong = TOPICS.replace("    title: Iran", "    qeury: x\n    title: Iran")
    assert only(write(tmp_path, topics=wrong)).remedy == "Did you mean query?"


def test_bytes_that_are_not_utf8_are_found_on_their_line(tmp_path: Path) -> None:
    path = write(tmp_path) / "topics.yml"
    path.write_bytes(TOPICS.replace("title: Iran", "title: Ir\xe4n").encode("latin-1", "replace"))
    mistake = only(tmp_path)
    assert (mistake.line, mistake.problem) == (10, "byte 0xe4 is not UTF-8")


def test_a_byte_order_mark_and_crlf_are_no_mistake(tmp_path: Path) -> None:
    path = write(tmp_path) / "topics.yml"
    path.write_bytes(b"\xef\xbb\xbf" + TOPICS.replace("\n", "\r\n").encode())
    assert check(tmp_path, ENVIRON) == []


# ---- the place of a query's mistake


def place(tmp_path: Path, query: str) -> tuple[int | None, str, str]:
    """Line, problem and picture of the mistake in a query written from line 4 on."""
    path = tmp_path / "topics.yml"
    path.write_text(f"topics:\n- name: a\n  title: A\n  query: {query}\n  channels: []\n", "utf-8")
    _, mistakes = read_topics(path, [])
    assert len(mistakes) == 1, [str(m) for m in mistakes]
    remedy, _, picture = mistakes[0].remedy.partition("\n")
    assert remedy
    return mistakes[0].line, mistakes[0].problem.partition(":")[0], picture


@pytest.mark.parametrize(
    ("query", "line", "column", "picture"),
    [
        ("a or b", 4, 12, "    query: a or b\n             ^"),
        ("'a or b'", 4, 13, "    query: 'a or b'\n              ^"),
        ("a\n    b\n    or c", 6, 5, "    or c\n    ^"),
        ("|\n    a\n    b or c", 6, 7, "    b or c\n      ^"),
        ("|\n\n\n    a\n\n    b or c", 9, 7, "    b or c\n      ^"),
        ("| # a comment\n    a or c", 5, 7, "    a or c\n      ^"),
        (">-\n    a\n    b\n\n    c or d", 8, 7, "    c or d\n      ^"),
        ("|\n    叙利亚 or c", 5, 9, "    叙利亚 or c\n           ^"),
        ("|\n    a OR\n    b AND", 6, 7, "    b AND\n      ^"),
        ("|\n    a AND\n    (b\n    OR c", 6, 5, "    (b\n    ^"),
        ('"a \\u0062 or c"', 4, 5, "    a b or c\n        ^"),
        ("'a ''b'' or c'", 4, 3, "    a 'b' or c\n      ^"),
    ],
)
def test_a_mistake_in_a_query_is_pictured_where_it_stands(
    tmp_path: Path, query: str, line: int, column: int, picture: str
) -> None:
    assert place(tmp_path, query) == (line, f"column {column}", picture)


def refusal(query: str) -> QueryError | None:
    try:
        parse_query(query)
    except QueryError as error:
        return error
    return None


@given(
    st.lists(
        st.sampled_from(["a", "OR", "AND", "or", "(", ")", "ne*", "叙", "\n", "\n\n"]), min_size=1
    )
)
def test_line_and_column_lead_back_to_the_mistake(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str]
) -> None:
    query = " ".join(parts).strip()
    query = "\n".join(line.strip() for line in query.split("\n")).strip()
    error = refusal(query)
    if not query or not error:
        return
    block = "".join(f"    {line}\n" if line else "\n" for line in query.split("\n"))
    path = tmp_path_factory.getbasetemp() / "law.yml"
    source = f"topics:\n- name: a\n  title: A\n  channels: []\n  query: |\n{block}"
    path.write_text(source, "utf-8")
    _, mistakes = read_topics(path, [])
    before = query[: error.column - 1]
    assert mistakes[0].line == 6 + before.count("\n")
    column = 5 + len(before) - (before.rfind("\n") + 1)
    assert mistakes[0].problem == f"column {column}: {error.problem}"
