"""The compose files say what they should, and everything that they name exists."""

import subprocess
import sys
from typing import Any

import pytest
from typer.main import get_command

from tests.stack import compose
from tests.stack.compose import DEMO, STACK, Service
from worker import cli, config_files
from worker.demo import desk, pages
from worker.pipeline import STAGES
from worker.settings import Settings

SERVICES = compose.whole()
OURS = [name for name, service in SERVICES.items() if compose.runs_wirewatch(service)]
WORKERS = [name for name in OURS if compose.arguments(SERVICES[name])[0] == "worker"]
LASTING = [name for name in SERVICES if name != "migrate"]
# What the stack decides by itself, or each operator by the folder that is mounted.
DECIDED = {"WIREWATCH_CONFIG_DIR"}


def seconds(duration: str) -> int:
    assert duration.endswith("s"), duration
    return int(duration[:-1])


def parsed(arguments: list[str]) -> dict[str, Any]:
    """What the command line makes of these arguments; an unknown option or command raises."""
    command: Any = get_command(cli.app)
    name, rest = "wirewatch", arguments
    while rest and rest[0] in getattr(command, "commands", {}):
        name, *rest = rest
        command = command.commands[name]
    assert not hasattr(command, "commands"), f"{arguments}: there is no such command"
    params: dict[str, Any] = command.make_context(name, list(rest)).params
    return params


# ---- its form


@pytest.mark.parametrize("file", [STACK, DEMO], ids=lambda file: file.name)
def test_a_compose_file_keeps_to_the_specification(file: Any) -> None:
    program = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run([*program, str(file)], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_needs_no_newer_compose_than_1_29(name: str) -> None:
    service = SERVICES[name]
    assert isinstance(service.get("env_file", ""), str)
    assert all(set(how) == {"condition"} for how in service.get("depends_on", {}).values())
    newer = {"develop", "deploy", "provider", "post_start", "pre_stop", "models"}
    assert not newer & set(service)


def test_no_two_services_build_the_same_image() -> None:
    assert [name for name in OURS if "build" in SERVICES[name]] == ["migrate"]
    waiting = [name for name in OURS if "migrate" in SERVICES[name].get("depends_on", {})]
    assert {"migrate", *waiting} == set(OURS)


# ---- what it names exists


@pytest.mark.parametrize("name", OURS)
def test_a_command_is_one_that_wirewatch_has(name: str) -> None:
    parsed(compose.arguments(SERVICES[name]))


def test_a_command_that_wirewatch_lacks_is_noticed() -> None:
    for wrong in (["worker", "--queue", "poll"], ["workers"], ["db", "migrate"], ["db"]):
        with pytest.raises(Exception, match=r"No such option|no such command|unexpected extra"):
            parsed(wrong)


def test_every_stage_has_a_worker_with_the_pool_it_wants() -> None:
    found = {}
    for name in WORKERS:
        params = parsed(compose.arguments(SERVICES[name]))
        found[name] = (params["queues"], params["pool"])
    assert found == {
        "poll": ("poll", "threads"),
        "ingest": ("ingest", "threads"),
        "deliver": ("deliver", "threads"),
    }
    assert set(found) == set(STAGES)


def known_settings() -> set[str]:
    return {f"WIREWATCH_{field.upper()}" for field in Settings.model_fields}


def ours(names: Any) -> set[str]:
    return {name for name in names if name.startswith("WIREWATCH_")}


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_given_no_setting_that_wirewatch_lacks(name: str) -> None:
    known = known_settings() | {desk.SECRET}
    assert ours(SERVICES[name].get("environment", {})) <= known


@pytest.mark.parametrize("name", [name for name in OURS if name in compose.stack()])
def test_every_setting_reaches_every_process_of_the_stack(name: str) -> None:
    missing = known_settings() - set(SERVICES[name]["environment"]) - DECIDED
    assert not missing, "add them to x-settings in docker-compose.yml"


def test_the_settings_that_compose_fixes_are_valid() -> None:
    fixed = {
        name.removeprefix("WIREWATCH_").lower(): value
        for name, value in SERVICES["poll"]["environment"].items()
        if name.startswith("WIREWATCH_") and value is not None
    }
    assert not Settings.model_validate(fixed).embedded


def test_the_example_of_env_names_all_that_compose_asks_for_and_nothing_unknown() -> None:
    assert compose.interpolated(STACK) | compose.interpolated(DEMO) <= compose.offered()
    assert ours(compose.offered()) <= known_settings() | {desk.SECRET}


def test_the_example_of_env_holds_no_secret() -> None:
    for line in compose.ENV_EXAMPLE.read_text().splitlines():
        name, _, value = line.partition("=")
        if "PASSWORD" in name or name.endswith("_SECRET"):
            assert value in ("", "whsec_"), line


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_mounted_exists(name: str) -> None:
    volumes = compose.read(STACK)["volumes"]
    for mount in SERVICES[name].get("volumes", []):
        source, _, how = mount.split(":")[0], mount.split(":")[1], mount.split(":")[2:]
        if source.startswith("."):
            assert (compose.ROOT / source).is_dir()
            assert how == ["ro"]
        else:
            assert source in volumes


def test_the_configuration_of_the_demo_is_valid_and_lists_all_its_feeds() -> None:
    folder = compose.ROOT / "tests" / "stack" / "config"
    assert config_files.check(folder, {desk.SECRET: "whsec_" + "c2VjcmV0" * 4}) == []
    site = SERVICES["site"]["command"]
    url = site[site.index("--base-url") + 1]
    assert (folder / "feeds.opml").read_text() == pages.opml(url)


# ---- who may do what


def test_images_are_pinned_by_their_major_version() -> None:
    images = {name: service["image"] for name, service in SERVICES.items()}
    others = {name: image for name, image in images.items() if name not in OURS}
    assert others == {"postgres": "postgres:16", "redis": "redis:7"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_can_change_nothing_but_its_data(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["tmpfs"]
    assert not {"privileged", "cap_add", "devices", "pid", "network_mode"} & set(service)


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_runs_as_root_or_listens_on_the_host(name: str) -> None:
    service = SERVICES[name]
    if name not in OURS:  # ours: what the Dockerfile says
        assert service["user"] not in ("root", "0")
    assert "ports" not in service
    assert "container_name" not in service  # it could not be scaled


def test_only_those_who_check_or_send_secrets_are_given_them() -> None:
    given = {name for name, service in SERVICES.items() if "env_file" in service}
    assert given == {"beat", *WORKERS}


def test_the_store_is_reached_from_the_stack_alone() -> None:
    assert compose.read(STACK)["networks"]["store"] == {"internal": True}
    for name in ("postgres", "redis"):
        assert SERVICES[name]["networks"] == ["store"]
    for name in ("site", "receiver"):
        assert "store" not in SERVICES[name]["networks"]


# ---- how it stays up


@pytest.mark.parametrize("name", LASTING)
def test_a_lasting_service_is_checked_restarted_and_given_time_to_end(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert seconds(service["stop_grace_period"]) > 10 > Settings().stop_grace_s


def test_migrating_is_done_once_and_everybody_waits_for_it() -> None:
    migrate = SERVICES["migrate"]
    assert migrate["restart"] == "no"
    assert migrate["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("beat", *WORKERS):
        assert SERVICES[name]["depends_on"] == {
            "postgres": {"condition": "service_healthy"},
            "redis": {"condition": "service_healthy"},
            "migrate": {"condition": "service_completed_successfully"},
        }


def pulse_check(service: Service) -> str:
    kind, command = service["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    return str(command)


@pytest.mark.parametrize("name", ["beat", *WORKERS])
def test_the_health_of_a_process_is_its_pulse(name: str) -> None:
    assert SERVICES[name]["environment"]["WIREWATCH_PULSE_FILE"] in pulse_check(SERVICES[name])


@pytest.mark.parametrize("name", compose.stack())
def test_logs_cannot_fill_the_disk(name: str) -> None:
    logging = SERVICES[name]["logging"]
    assert logging["driver"] == "json-file"
    assert set(logging["options"]) == {"max-size", "max-file"}


def test_redis_refuses_rather_than_drops() -> None:
    command = SERVICES["redis"]["command"]
    assert "--maxmemory-policy noeviction" in command
    assert "--appendonly yes" in command
