"""The front of the command: what it starts, and that nothing stays behind."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from lambdalab import command
from lambdalab.sandbox import Sandbox
from tests.sandbox.host import descendants

Output = pytest.CaptureFixture[str]
LAB = "lambdalab/content/topics/18-asynchronous-invocations/labs/retry-and-dead-letter-queue"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Sandbox]:
    """Every private sandbox that the command starts."""
    found: list[Sandbox] = []
    private = Sandbox.private

    def noted(*arguments: object, **named: object) -> Sandbox:
        found.append(private(*arguments, **named))  # type: ignore[arg-type]
        return found[-1]

    monkeypatch.setattr(Sandbox, "private", noted)
    return found


def test_the_doctor_names_each_layer(capsys: Output) -> None:
    assert command.main(["doctor"]) == 0
    title, *layers = capsys.readouterr().out.splitlines()
    assert title == "Students' code runs confined by:"
    assert "  yes  the system call filter" in layers
    assert not [line for line in layers if line.startswith("  NO")]


def test_the_doctor_says_why_no_code_can_run(
    capsys: Output, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAMBDALAB_HOME", str(tmp_path))
    assert command.main(["doctor"]) == 3
    assert capsys.readouterr().err.startswith("No code can run here: the jail is not set up.")


def test_a_lab_is_played_in_the_sandbox_that_was_started_first(started: list[Sandbox], capsys: Output) -> None:
    assert command.main(["run", LAB, "--with", "exemplar", "--quiet"]) == 0
    assert len(started) == 1
    assert "holds" in capsys.readouterr().out


def test_a_command_that_plays_nothing_starts_no_sandbox(started: list[Sandbox], capsys: Output) -> None:
    assert command.main(["check", LAB]) == 0
    assert started == []


def test_a_project_that_is_refused_leaves_no_process_behind(started: list[Sandbox], capsys: Output) -> None:
    before = _brokers()
    assert command.main(["run", "no/such/folder"]) == 2
    assert "there is no such folder" in capsys.readouterr().err
    assert started[0]._broker is None
    assert _brokers() == before


def test_arguments_default_to_the_command_line(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    monkeypatch.setattr(sys, "argv", ["lambdalab", "--help"])
    with pytest.raises(SystemExit) as left:
        command.main()
    assert left.value.code == 0
    assert "Play AWS Lambda projects in virtual time." in capsys.readouterr().out


def _brokers() -> list[int]:
    return [pid for pid in descendants(os.getpid()) if "sandbox.broker" in _command_line(pid)]


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
