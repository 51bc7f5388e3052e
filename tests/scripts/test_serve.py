import socket
from pathlib import Path

import pytest

from lambdalab.settings.env import Environment
from scripts import serve
from scripts.problems import Problem


def test_a_taken_port_is_told_with_the_next_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(Problem, match=f"Port {port} .* LAMBDALAB_PORT={port + 1} make run"),
            serve._free_port(Environment(port=port)),
        ):
            pass


def test_a_second_start_from_the_same_folder_is_refused(tmp_path: Path) -> None:
    with serve._only_one(tmp_path), pytest.raises(Problem, match="already runs"), serve._only_one(tmp_path):
        pass
    with serve._only_one(tmp_path):
        pass


def test_production_is_not_started_this_way(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="docker compose"):
        serve._check(Environment(env="production"), tmp_path)


def test_a_path_too_long_for_a_socket_is_told(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="LAMBDALAB_VAR"):
        serve._check(Environment(), tmp_path / ("x" * 100))


@pytest.mark.parametrize(
    ("address", "only_this_machine"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("lab.example.edu", False),
    ],
)
def test_demo_accounts_are_for_loopback_alone(address: str, only_this_machine: bool) -> None:
    assert serve.is_loopback(address) == only_this_machine


def test_every_process_of_an_installation_is_started(tmp_path: Path) -> None:
    commands = serve.processes(Environment(port=8123, run_workers=3), tmp_path)
    assert list(commands) == ["web", "sandboxd", "runs", "default", "beat"]
    assert "--host 127.0.0.1 --port 8123" in commands["web"]
    assert "--queues runs --concurrency 3 --prefetch-multiplier 1" in commands["runs"]
    assert commands["sandboxd"].endswith(f"broker {tmp_path}/sandboxd.sock")
