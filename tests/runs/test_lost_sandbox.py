"""What becomes of a run whose sandbox dies: once it is played again by itself, then it is our failure."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from lambdalab.runs import engine, execution, lapses, queries
from lambdalab.runs.models import Run, State, TraceChunk
from lambdalab.runs.packing import pack_files
from lambdalab.runtime import HandlerFailure, Outcome
from lambdalab.sandbox import Sandbox, SandboxError
from tests.runs.conftest import LINES, make_outcome, no_sandbox
from tests.runtime.projects import invoke, make_project
from tests.sandbox.host import broker_pid

TWICE = "The sandbox that runs your code failed twice during this run. That is our fault, not your code's."
BUSY = make_project(
    "def handler(event, context):\n    return sum(range(300_000))\n", invoke(repeat={"count": 60, "every": "1s"})
)


@pytest.fixture(autouse=True)
def _told_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["lambdalab.runtime.play"], "PROGRESS_S", 0)


def killing(times: int) -> Callable[..., Outcome]:
    """Plays for real, and kills the broker in the middle of so many plays."""
    played: list[int] = []

    def play(files: Mapping[str, bytes], **how: Any) -> Outcome:
        played.append(1)
        if len(played) <= times:
            how["progress"] = lambda progress: os.kill(broker_pid(how["sandbox"]), signal.SIGKILL)
        return engine.play(files, **how)

    return play


def test_a_run_whose_sandbox_dies_is_played_again_from_its_beginning(run: Run) -> None:
    Run.objects.update(project=pack_files(BUSY))
    execution.carry_out(run.pk, play=killing(1), sandbox=Sandbox.private)
    done = Run.objects.get()
    assert (done.state, done.failure, done.lapses) == (State.DONE, "", 1)
    lines = b"".join(queries.run_trace(done)).splitlines()
    assert len(lines) == done.facts
    assert sum(b'"run.started"' in line for line in lines) == 1


def test_a_run_whose_sandbox_dies_twice_is_our_failure(run: Run) -> None:
    Run.objects.update(project=pack_files(BUSY))
    execution.carry_out(run.pk, play=killing(2), sandbox=Sandbox.private)
    failed = Run.objects.get()
    assert (failed.state, failed.passed, failed.lapses) == (State.FAILED, None, 1)
    assert failed.failure.startswith(TWICE)
    assert not TraceChunk.objects.exists()


def failing(plays: list[int], times: int) -> Callable[..., Outcome]:
    """Writes a chunk, and fails so many times."""

    def play(files: Mapping[str, bytes], **how: Any) -> Outcome:
        plays.append(1)
        how["sink"](LINES)
        if len(plays) <= times:
            raise HandlerFailure("the environment's keeper is gone at /secret/path")
        return make_outcome()

    return play


def test_what_the_first_play_wrote_is_forgotten(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdalab.runs.recording.CHUNK_BYTES", 1)
    execution.carry_out(run.pk, play=failing([], 1), sandbox=no_sandbox)
    assert b"".join(queries.run_trace(Run.objects.get())) == LINES
    assert list(TraceChunk.objects.values_list("sequence", flat=True)) == [1]


def test_a_run_that_a_worker_has_dropped_before_is_not_repeated_again(run: Run) -> None:
    Run.objects.update(lapses=1)
    plays: list[int] = []
    execution.carry_out(run.pk, play=failing(plays, 1), sandbox=no_sandbox)
    assert (Run.objects.get().state, len(plays)) == (State.FAILED, 1)


def test_a_run_that_was_repeated_is_not_put_back_when_its_worker_dies_too(run: Run, sent: list[object]) -> None:
    Run.objects.update(state=State.RUNNING, lapses=1, lease_until=timezone.now())
    lapses.settle_lapsed()
    assert (Run.objects.get().state, sent) == (State.FAILED, [])


def test_a_worker_that_lost_its_lease_meanwhile_repeats_nothing(run: Run) -> None:
    plays: list[int] = []
    play = failing(plays, 1)

    def lose(files: Mapping[str, bytes], **how: Any) -> Outcome:
        Run.objects.update(fence=99)
        return play(files, **how)

    execution.carry_out(run.pk, play=lose, sandbox=no_sandbox)
    assert (Run.objects.get().state, len(plays)) == (State.RUNNING, 1)


def test_the_failure_is_told_without_its_inside(run: Run) -> None:
    execution.carry_out(run.pk, play=failing([], 2), sandbox=no_sandbox)
    failed = Run.objects.get()
    assert failed.failure.startswith(TWICE)
    assert "secret" not in failed.failure


def test_a_run_without_any_sandbox_fails_with_what_to_do(run: Run) -> None:
    def none() -> AbstractContextManager[None]:
        raise SandboxError("no sandbox broker answers at /secret/path")

    execution.carry_out(run.pk, sandbox=none)
    failed = Run.objects.get()
    assert (failed.state, failed.lapses) == (State.FAILED, 0)
    assert failed.failure.startswith("No code can run at the moment, because the sandbox does not answer.")
    assert "secret" not in failed.failure


@pytest.fixture
def sandboxd(tmp_path: Path, settings: Settings) -> Path:
    settings.SANDBOX_SOCKET = tmp_path / "sandboxd.sock"
    return tmp_path / "sandboxd.sock"


@pytest.mark.parametrize("left_behind", [False, True])
def test_a_sandboxd_that_does_not_answer_is_named_with_the_way_to_start_it(
    sandboxd: Path, monkeypatch: pytest.MonkeyPatch, left_behind: bool
) -> None:
    monkeypatch.setattr(engine, "PATIENCE_S", 0)
    if left_behind:  # by one that was killed
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).bind(str(sandboxd))
    with pytest.raises(SandboxError) as caught, engine.connected_sandbox():
        pass
    assert str(sandboxd) in str(caught.value)
    assert "docker compose up --detach sandboxd" in str(caught.value)
    assert "LAMBDALAB_SANDBOX_SOCKET" in str(caught.value)


def test_a_run_waits_for_a_sandboxd_that_is_being_started(sandboxd: Path) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        time.sleep(0.5)
        started.append(subprocess.Popen([sys.executable, "-m", "lambdalab.sandbox.broker", str(sandboxd)]))

    starter = threading.Thread(target=start)
    starter.start()
    try:
        with engine.connected_sandbox() as sandbox:
            assert all(layer.active for layer in sandbox.layers if layer.required)
    finally:
        starter.join()
        started[0].terminate()
        started[0].wait()
