"""Settings come from the environment; a mistake names its variable; the docs are the code's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from worker import __file__ as package
from worker.errors import SetupError
from worker.settings import settings
from worker.settings_reference import settings_reference


@pytest.fixture(autouse=True)
def _afresh() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_the_reference_in_the_docs_is_the_codes_own() -> None:
    written = Path(package).parents[1] / "docs" / "settings.md"
    assert written.read_text() == settings_reference(), "run `make docs`"


def test_networks_are_read_from_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_ALLOW_NETWORKS", "127.0.0.0/8, ::1/128,")
    assert [str(network) for network in settings().allow_networks] == ["127.0.0.0/8", "::1/128"]


@pytest.mark.parametrize(
    ("written", "times"), [("never", ()), ("60, 3600", (60, 3_600)), ("", (3_600, 86_400))]
)
def test_pages_are_read_again_at_these_times_or_never(
    monkeypatch: pytest.MonkeyPatch, written: str, times: tuple[int, ...]
) -> None:
    monkeypatch.setenv("WIREWATCH_RECHECK_S", written)
    assert settings().recheck_s == times


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TICK_S", "soon"),
        ("TICK_S", "0"),
        ("TICK_S", "inf"),
        ("POLL_WIDTH", "-1"),
        ("ALLOW_NETWORKS", "10.0.0.1/8"),
        ("LOG_LEVEL", "loud"),
        ("CONNECTIONS_PER_HOST", "0"),
        ("PAGE_GAP_S", "-1"),
        ("LISTEN", "8484"),
        ("LISTEN", "127.0.0.1:84840"),
        ("LISTEN", "http://127.0.0.1:8484"),
        ("PUBLIC_URL", "watch.example.org"),
        ("PUBLIC_URL", "ftp://watch.example.org"),
        ("PUBLIC_URL", "https://user@watch.example.org"),
        ("PUBLIC_URL", "https://watch.example.org/?a=b"),
    ],
)
def test_a_value_that_cannot_be_read_is_told_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"WIREWATCH_{name}", value)
    with pytest.raises(SetupError, match=f"WIREWATCH_{name}"):
        settings()


def test_a_key_that_is_too_short_is_told_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_LINK_KEY", "hunter2")
    with pytest.raises(SetupError, match=r"WIREWATCH_LINK_KEY: .*32 characters or more") as caught:
        settings()
    assert "hunter2" not in str(caught.value)


def test_a_key_is_no_part_of_what_settings_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_LINK_KEY", "k" * 32)
    assert settings().link_key.get_secret_value() == "k" * 32
    assert "kkk" not in repr(settings())
