"""The classroom's compose file. No engine runs here: its schema and what it promises are checked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_viz.spec.compose_spec import ComposeSpecification  # type: ignore[import-untyped]

from lambdalab.settings import env
from lambdalab.settings.env import PROJECT
from lambdalab.settings.required import missing
from scripts import classroom_secrets

COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "lambdalab"]


def test_the_file_fits_the_compose_specification() -> None:
    extensions = {name for name in COMPOSE if name.startswith("x-")}  # allowed there, unknown to the model
    ComposeSpecification.model_validate({name: COMPOSE[name] for name in COMPOSE.keys() - extensions})


def test_every_process_of_an_installation_is_a_service() -> None:
    assert set(SERVICES) == {"web", "migrate", "runs", "sandboxd", "default", "beat", "redis", "database"}
    words = (PROJECT / "docker" / "entrypoint").read_text()
    for name in OURS:
        assert f"\n  {SERVICES[name]['command'][0]})" in words


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
def test_every_service_that_stays_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", list(SERVICES))
def test_what_a_service_names_exists(name: str) -> None:
    service = SERVICES[name]
    assert set(service.get("networks", [])) <= set(COMPOSE["networks"])
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    assert {volume.split(":")[0] for volume in service.get("volumes", [])} <= set(COMPOSE["volumes"])
    for other, how in service.get("depends_on", {}).items():
        healthy = "healthcheck" in SERVICES[other]
        assert how["condition"] == ("service_healthy" if healthy else "service_completed_successfully")


@pytest.mark.parametrize("name", OURS)
def test_none_of_ours_is_root_or_has_a_capability_or_writes_its_own_files(name: str) -> None:
    service = SERVICES[name]
    assert int(service["user"].split(":")[0]) >= 10_000
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert "no-new-privileges:true" in service["security_opt"]
    assert not {"privileged", "cap_add", "devices", "pid", "ipc"} & set(service)


def test_sandboxd_has_no_network_no_secret_and_no_setting() -> None:
    sandboxd = SERVICES["sandboxd"]
    assert sandboxd["network_mode"] == "none"
    assert not {"secrets", "environment", "env_file", "ports", "networks"} & set(sandboxd)
    assert "code:/srv/jail/code:ro" in sandboxd["volumes"]
    assert sandboxd["mem_limit"]
    assert sandboxd["pids_limit"]


def test_only_sandboxd_has_relaxed_profiles() -> None:
    relaxed = [name for name in SERVICES if any("=" in option for option in SERVICES[name].get("security_opt", []))]
    assert relaxed == ["sandboxd"]


def test_run_workers_hold_their_own_database_role_and_no_other_secret() -> None:
    runs = SERVICES["runs"]
    assert runs["secrets"] == ["runs_database_url"]
    assert runs["env_file"] == []
    assert runs["environment"]["LAMBDALAB_PART"] == "runs"
    assert runs["networks"] == ["back"]
    assert COMPOSE["networks"]["back"]["internal"] is True


def test_nothing_is_published_but_the_site_on_loopback() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "web": ["127.0.0.1:8000:8000"]
    }


@pytest.mark.parametrize("name", [name for name in OURS if name != "sandboxd"])
def test_the_settings_of_a_service_are_complete_and_known(name: str, tmp_path: Path) -> None:
    classroom_secrets.main(tmp_path)
    given: Mapping[str, str] = SERVICES[name]["environment"]
    here = {key: value.replace("/run/secrets", str(tmp_path)) for key, value in given.items() if "${" not in value}
    assert missing(env.read({"LAMBDALAB_HOSTS": "lab.example.edu", **here})) == []


def test_the_secrets_are_made_once_and_fit_each_other(tmp_path: Path) -> None:
    classroom_secrets.main(tmp_path / "secrets")
    first = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
    classroom_secrets.main(tmp_path / "secrets")
    assert first == {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
    assert set(first) == set(COMPOSE["secrets"])
    assert first["runs_password"] in first["runs_database_url"]
    assert first["runs_password"] != first["database_password"]


def test_the_seccomp_profile_is_there() -> None:
    assert (PROJECT / "docker" / "seccomp.json").exists()
