"""No confinement, no run: the broker tries its own jail first."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyseccomp
import pytest

from lambdalab.sandbox import Layer, SandboxError, seccomp
from lambdalab.sandbox.broker import self_test, zygote_process
from lambdalab.sandbox.broker.server import Broker
from lambdalab.sandbox.places import Home, default_home


@pytest.fixture
def home() -> Iterator[Home]:
    """A home with the same packages and no remembered result, readable by the jail's user."""
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are private
        root = Path(folder)
        root.chmod(0o755)
        (root / "runtime").symlink_to(default_home().packages.resolve())
        (root / "code").mkdir()
        yield Home(root)


def layers_of(home: Home, program: bytes) -> tuple[Layer, ...]:
    broker = Broker(home, program)
    try:
        return self_test.tested_layers(broker, home, None)
    finally:
        broker.close()


def test_every_required_layer_is_found_at_work(home: Home) -> None:
    layers = layers_of(home, seccomp.compile_filter())
    assert len(layers) == 11
    assert all(layer.active for layer in layers if layer.required)


def test_the_result_is_remembered_until_something_changes(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    program = seccomp.compile_filter()
    first = layers_of(home, program)
    monkeypatch.setattr(self_test, "_tested", _must_not_be_called)
    assert layers_of(home, program) == first
    monkeypatch.setattr(self_test.platform, "release", lambda: "another kernel")
    with pytest.raises(AssertionError, match="tested again"):
        layers_of(home, program)


@pytest.mark.parametrize("junk", ["", "{", "[]", '{"key": 1}', '{"key": "%s", "layers": [{"odd": 1}]}'])
def test_a_spoilt_memory_is_no_memory(home: Home, junk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    key = self_test._key(home, None)
    home.self_test.write_text(junk.replace("%s", key))
    assert self_test._cached(home, key) is None


def test_a_jail_without_its_filter_serves_nobody(home: Home) -> None:
    open_filter = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    with (home.root / "open").open("wb+") as file:
        open_filter.export_bpf(file)
        file.seek(0)
        program = file.read()
    with pytest.raises(SandboxError, match="self-test failed: the system call filter"):
        layers_of(home, program)
    assert not home.self_test.exists()


def test_a_jail_that_shows_the_hosts_files_serves_nobody(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zygote_process, "_command", _leaky(zygote_process._command))
    with pytest.raises(SandboxError, match=r"self-test failed: bubblewrap \(/boot is there\)"):
        layers_of(home, seccomp.compile_filter())


def test_a_home_that_cannot_be_written_is_tested_each_time(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Home, "self_test", property(lambda self: Path("/proc/no/such/folder/self-test.json")))
    layers = layers_of(home, seccomp.compile_filter())
    assert all(layer.active for layer in layers if layer.required)


def test_what_is_remembered_is_plain_json(home: Home) -> None:
    layers = layers_of(home, seccomp.compile_filter())
    kept = json.loads(home.self_test.read_text())
    assert [layer["name"] for layer in kept["layers"]] == [layer.name for layer in layers]


def _must_not_be_called(*arguments: object) -> Any:
    raise AssertionError("tested again")


def _leaky(command: Any) -> Any:
    def with_a_leak(*arguments: Any) -> list[str]:
        words: list[str] = command(*arguments)
        at = words.index("--remount-ro")
        return [*words[:at], "--ro-bind", "/boot", "/boot", *words[at:]]

    return with_a_leak
