"""The compose file: it says the same as the stack of this machine, and it is careful."""

import re
import tomllib
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
import yaml

from deploy.containers import origin
from deploy.local import servers, stack
from deploy.local.place import ROOT, Place
from docs.house import declared
from shared.settings import PREFIX

FILE = ROOT / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = tuple(service.name for service in stack.SERVICES)
ONE_SHOT = {"prepare", "demo"}
IN_ANOTHER = {"epmd": "rabbitmq"}
"""A part that the image of another one brings with it."""
ONLY_HERE = {
    "accounts": {"CHORALE_TRUSTED_PROXIES"},
    "ingest": {"CHORALE_WORKERS"},
    "portal": {"CHORALE_API_URL"},
    "chorus": {"CHORALE_API_URL"},
}
"""What containers must be told and one machine need not."""
ONLY_THERE = {"PYTHONUNBUFFERED", "CHORALE_MAIL_BURST"}
"""What stands in the image, or is for the demo alone."""
KEYS = {
    *("build", "cap_drop", "command", "depends_on", "deploy", "entrypoint", "environment"),
    *("healthcheck", "hostname", "image", "logging", "networks", "ports", "profiles", "read_only"),
    *("restart", "security_opt", "stop_grace_period", "tmpfs", "user", "volumes"),
}
"""What the specification knows, as far as it is used here."""
VARIABLE = re.compile(r"\$\{(\w+)(?:(:?[-?])([^}]*))?\}")
SECONDS = re.compile(r"(\d+)s")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("place"))
    place.prepare(("public", *stack.port_names(stack.stack(place))))
    return place


def texts(node: object) -> Iterator[str]:
    """Every text in a part of the file."""
    match node:
        case str():
            yield node
        case dict():
            for value in node.values():
                yield from texts(value)
        case list():
            for value in node:
                yield from texts(value)


def variables() -> list[tuple[str, str, str]]:
    """The variables that the file takes from its reader: name, sign, default or complaint."""
    return [match for text in texts(COMPOSE) for match in VARIABLE.findall(text)]


def lasting() -> list[str]:
    """The services that stay."""
    return [name for name in SERVICES if name not in ONE_SHOT]


def seconds(duration: str) -> int:
    """A duration of the file."""
    match = SECONDS.fullmatch(duration)
    assert match, duration
    return int(match[1])


# The same as on one machine.


def test_every_part_of_the_stack_has_a_service_of_its_name(place: Place) -> None:
    parts = {re.sub(r"^ingest-\d+$", "ingest", part.name) for part in stack.stack(place)}
    assert {IN_ANOTHER.get(part, part) for part in parts} == set(lasting())


@pytest.mark.parametrize("name", [*OURS, "mailbox"])
def test_a_service_is_started_by_the_same_command(name: str, place: Place) -> None:
    part = next(part for part in stack.stack(place) if part.name.removesuffix("-1") == name)
    python, *words = part.command(place)
    assert SERVICES[name]["command"] == ["python", *words]


@pytest.mark.parametrize("name", [*OURS, "mailbox"])
def test_a_service_is_told_the_same_variables(name: str, place: Place) -> None:
    part = next(part for part in stack.stack(place) if part.name.removesuffix("-1") == name)
    told = set(SERVICES[name]["environment"]) - ONLY_HERE.get(name, set())
    assert told - {"CHORALE_HOST"} == set(part.env(place)) - ONLY_THERE - {"CHORALE_HOST"}


@pytest.mark.parametrize("service", declared(), ids=lambda service: service.name)
def test_every_setting_without_a_default_is_given_and_no_other_name_is_said(service: Any) -> None:
    given = set(SERVICES[service.name]["environment"])
    known = {f"{PREFIX}{name.upper()}": f for name, f in service.settings.model_fields.items()}
    assert given <= set(known), "a name that no setting has"
    assert {name for name, field in known.items() if field.is_required()} <= given


def test_every_service_listens_where_the_origin_and_the_others_look_for_it() -> None:
    for name in (*OURS, "mailbox"):
        environment = SERVICES[name]["environment"]
        assert environment["CHORALE_HOST"] == "0.0.0.0"
        assert environment["CHORALE_PORT"] == str(origin.SERVICE_PORT)
        assert f'map "" ${name} {{ default {name}:{origin.SERVICE_PORT}; }}' in (
            origin.configuration()
        )
    for text in texts(SERVICES):
        for host in re.findall(r"://(?:[^/@\s]*@)?([a-z]+):\d+", text):
            assert host in (*SERVICES, "localhost"), text  # the origin, as a browser has it


def test_the_origin_is_configured_as_the_table_of_the_stack_says() -> None:
    assert origin.FILE.read_text() == origin.configuration(), (
        "run `python -m deploy.containers.origin`"
    )
    for service in stack.SERVICES:
        for path in service.paths:
            assert servers.location(path, f"${service.name}") in origin.configuration()


def test_the_servers_are_configured_by_the_same_files() -> None:
    assert "./deploy/mongod.conf:/etc/chorale/mongod.conf:ro" in SERVICES["mongod"]["volumes"]
    assert (
        "./deploy/rabbitmq.conf:/etc/rabbitmq/conf.d/90-chorale.conf:ro"
        in (SERVICES["rabbitmq"]["volumes"])
    )


def test_ingest_runs_as_often_as_the_reader_says() -> None:
    assert SERVICES["ingest"]["deploy"]["replicas"] == "${CHORALE_INGEST:-1}"
    assert all("container_name" not in service for service in SERVICES.values())


# Profiles.


def test_the_demo_adds_a_mailbox_a_loader_and_a_finance_system_to_the_core() -> None:
    of = {
        profile: {name for name, service in SERVICES.items() if profile in service["profiles"]}
        for profile in ("core", "demo")
    }
    assert of["demo"] - of["core"] == {"mailbox", "demo", stack.ASTRE}
    assert of["core"] <= of["demo"]


def test_a_service_needs_only_what_its_profiles_start() -> None:
    for service in SERVICES.values():
        for needed in service.get("depends_on", {}):
            assert set(service["profiles"]) <= set(SERVICES[needed]["profiles"])


# The specification.


def test_the_file_uses_what_the_specification_knows() -> None:
    sections = {key for key in COMPOSE if not key.startswith("x-")}
    assert sections == {"name", "services", "networks", "volumes"}
    for name, service in SERVICES.items():
        assert set(service) <= KEYS, name
        assert set(service["networks"]) <= set(COMPOSE["networks"]), name
        for volume in service.get("volumes", ()):
            source, target, *mode = volume.split(":")
            assert target.startswith("/"), volume
            if source.startswith("./"):
                assert (ROOT / source).is_file() and mode == ["ro"], volume
            else:
                assert source in COMPOSE["volumes"] and not mode, volume
        for needed, how in service.get("depends_on", {}).items():
            wanted = "completed_successfully" if needed in ONE_SHOT else "healthy"
            assert how == {"condition": f"service_{wanted}"}, f"{name} needs {needed}"


def test_an_image_is_named_in_full_with_its_version() -> None:
    for name, service in SERVICES.items():
        if "build" in service:
            assert service["build"] == {"context": ".", "dockerfile": "deploy/Dockerfile"}
            assert service["image"].startswith("chorale:"), name
        else:
            assert re.fullmatch(r"docker\.io/library/\w+:\d+\.\d+(-\w+)?", service["image"]), name


# Care.


def test_nothing_that_is_secret_has_a_default() -> None:
    for name, sign, _ in variables():
        if re.search("PASSWORD|KEY|SECRET", name):
            assert sign == ":?", name


def test_the_script_writes_every_variable_that_the_file_demands() -> None:
    script = (ROOT / "deploy/containers/new-env.sh").read_text()
    written = set(re.findall(r"^(\w+)=", script, re.M))
    assert {name for name, sign, _ in variables() if sign == ":?"} <= written


@pytest.mark.parametrize("name", SERVICES)
def test_no_container_can_win_rights_or_take_the_whole_machine(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    limits = service["deploy"]["resources"]["limits"]
    assert limits["memory"] and limits["pids"]
    assert service.get("read_only") or name == "rabbitmq"
    assert "build" in service or service["user"].split(":")[0] not in ("0", "root")
    assert service["logging"]["options"]["max-size"]


@pytest.mark.parametrize("name", lasting())
def test_what_stays_is_watched_and_comes_back(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    if name == stack.ASTRE:  # asks others and is asked by nobody
        return
    check = service["healthcheck"]
    assert seconds(check["timeout"]) < seconds(check["interval"]) and check["retries"]
    if name in OURS:
        assert check["test"] == "python -m deploy.containers.healthy"


def test_a_graceful_stop_is_waited_for() -> None:
    for service in declared():
        longest = service.settings.model_fields["stop_seconds"].default
        # A stop may take half as long again, to publish what was saved.
        assert seconds(SERVICES[service.name]["stop_grace_period"]) > 1.5 * longest


def test_only_origin_broker_and_sftp_are_reached_from_outside_and_by_default_from_here() -> None:
    published = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert set(published) == {"nginx", "rabbitmq", "notifications"}
    for (port,) in published.values():
        assert port.startswith("${CHORALE_BIND:-127.0.0.1}:")


def test_the_database_is_in_a_network_without_a_way_out() -> None:
    assert SERVICES["mongod"]["networks"] == ["data"]
    assert COMPOSE["networks"]["data"] == {"internal": True}
    assert "data" not in SERVICES["nginx"]["networks"]


# The image.


def pins(name: str) -> dict[str, str]:
    """What a lock file pins."""
    return dict(re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", (ROOT / name).read_text(), re.M))


def test_the_image_holds_what_is_tested_and_nothing_for_development() -> None:
    inside, tested = pins("requirements-runtime.lock"), pins("requirements.lock")
    assert inside.items() <= tested.items()
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    outside = [text for text in (*groups["dev"], *groups["local"]) if isinstance(text, str)]
    names = {re.split(r"[\[<>=~ ]", text)[0] for text in outside} - {"pymupdf", "pyyaml"}
    assert not names & set(inside)
    assert {"aiohttp", "motor", "pymupdf", "aiosmtpd"} <= set(inside)


def test_the_image_runs_as_nobody_in_particular_and_has_all_that_a_service_reads() -> None:
    text = (ROOT / "deploy/Dockerfile").read_text()
    assert re.findall(r"^USER (.*)$", text, re.M)[-1] == "10001:10001"
    assert "--require-hashes -r /tmp/requirements-runtime.lock" in text
    copied = re.findall(r"^COPY (\S+) \S+$", text, re.M)
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"]
    for folder, kind in product(("shared", "services", "deploy"), (copied, kept)):
        assert folder in kind
    assert "docs/generated" in copied and "docs/generated" in kept


def test_no_file_for_containers_names_a_registry_but_the_usual_one() -> None:
    for path in (FILE, ROOT / "deploy/Dockerfile", ROOT / ".devcontainer/devcontainer.json"):
        images = re.findall(r"(?:FROM |image\"?: \"?)([\w.]+)/", path.read_text())
        assert set(images) <= {"docker.io"}, path
