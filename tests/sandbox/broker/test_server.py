"""The broker: what it refuses, what it replaces, what it gives back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lambdalab.sandbox import Policy, Sandbox, SandboxError, Status
from lambdalab.sandbox.broker import cgroups
from lambdalab.sandbox.broker.server import BLANKS, LIMITS, REST_S, checked, patience_s
from lambdalab.sandbox.places import Home
from tests.sandbox.driver import Driven
from tests.sandbox.host import broker_pid, calm_traces, descendants, settled_traces, traces

HANDLER = {"app.py": b"import os\ndef handler(event, context):\n    return event\n"}
DIGEST = "0" * 64


@pytest.fixture
def own() -> Iterator[Sandbox]:
    """A broker of the test's own: it may come to harm."""
    with Sandbox.private() as made:
        assert made.layers
        calm_traces(made)
        yield made


def request(**changes: Any) -> dict[str, Any]:
    return {"id": "x", "task": None, "layers": None, "limits": Policy().limits()} | changes


def told(sandbox: Sandbox, message: bytes, fds: int = 2) -> dict[str, Any]:
    """What the broker answers to a raw message with so many descriptors."""
    assert sandbox.layers
    ends = os.pipe()
    socket.send_fds(sandbox._connection, [message], [ends[1]] * fds)
    for fd in ends:
        os.close(fd)
    answer: dict[str, Any] = json.loads(sandbox._connection.recv(1 << 16))
    return answer


@pytest.mark.parametrize(
    "message",
    [b"{", b"[]", b"null", b"{}", json.dumps({"id": "x"}).encode(), b"\xff\xfe", b"[" * 100_000],
    ids=["half", "list", "null", "empty", "nothing but an id", "bytes", "deep"],
)
def test_a_message_that_is_no_request_is_refused(sandbox: Sandbox, message: bytes) -> None:
    answer = told(sandbox, message)
    assert answer["event"] == "failed"
    assert answer["error"].startswith("not a request")


@pytest.mark.parametrize("digest", ["../../etc", "/etc", "A" * 64, "0" * 63, f"{DIGEST}/..", f"{DIGEST}\n", ""])
def test_code_is_named_by_its_digest_only(digest: str) -> None:
    with pytest.raises(ValueError, match="task is not a digest"):
        checked(request(task=digest))


@pytest.mark.parametrize("name", sorted(LIMITS))
@pytest.mark.parametrize("value", [-1, 1 << 62, "9", 1.5, None])
def test_a_limit_beyond_lambdas_is_refused(name: str, value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        checked(request(limits=Policy().limits() | {name: value}))


def test_what_a_request_has_beyond_its_fields_goes_nowhere() -> None:
    assert set(checked(request(order="blank", program="x"))) == {"id", "task", "layers", "limits"}


def test_code_that_is_not_in_the_store_is_refused(sandbox: Sandbox) -> None:
    answer = told(sandbox, json.dumps(request(task=DIGEST)).encode())
    assert answer == {"event": "failed", "id": "x", "error": "this code is not in the store"}


@pytest.mark.parametrize("fds", [0, 1, 3, 8])
def test_a_request_comes_with_two_descriptors(sandbox: Sandbox, fds: int) -> None:
    before = calm_traces(sandbox)
    answer = told(sandbox, json.dumps(request()).encode(), fds)
    assert answer["error"] == "a request comes with two descriptors"
    assert settled_traces(sandbox, before) == before


def test_environments_of_a_worker_that_goes_away_end(own: Sandbox, tmp_path: Path) -> None:
    before = calm_traces(own)
    driven = Driven(own, HANDLER)
    assert driven.init().status is Status.READY
    assert traces(own).processes >= before.processes
    driven.environment.shutdown()
    assert settled_traces(own, before) == before


def test_blanks_are_made_again_when_they_were_used(own: Sandbox) -> None:
    before = calm_traces(own)
    several = [Driven(own, HANDLER) for _ in range(7)]
    assert [driven.init().status for driven in several] == [Status.READY] * 7
    for driven in several:
        assert driven.invoke(3).result == 3
        driven.environment.shutdown()
    assert settled_traces(own, before) == before


@pytest.mark.parametrize(("left", "patience"), [([], None), ([3], None), ([3, 2], REST_S), ([2, 1], 0), ([0, 3], 0)])
def test_blanks_are_made_once_an_environment_is_ready_unless_few_are_left(
    left: list[int], patience: float | None
) -> None:
    zygotes: list[Any] = [SimpleNamespace(warm=True, making=(), troubled=False, blanks=range(n)) for n in left]
    assert patience_s(zygotes) == patience


def test_a_zygote_that_makes_one_is_not_asked_for_another() -> None:
    zygote: Any = SimpleNamespace(warm=True, making={7}, troubled=False, blanks=())
    assert patience_s([zygote]) is None


def test_what_waits_in_a_blank_has_no_rights_left(own: Sandbox) -> None:
    below = descendants(broker_pid(own))
    blanks = [_status(pid) for pid in below if _status(pid)["NSpid"].count("\t") > 1]  # deeper than the zygote
    assert len(blanks) == 2 * BLANKS
    for name, value in (
        ("CapEff", "0" * 16),
        ("CapPrm", "0" * 16),
        ("CapBnd", "0" * 16),
        ("NoNewPrivs", "1"),
        ("Seccomp", "2"),
    ):
        assert {status[name] for status in blanks} == {value}


def test_code_that_cannot_be_mounted_ends_its_environment_alone(own: Sandbox, tmp_path: Path) -> None:
    before, zygote = calm_traces(own), _zygote(own)
    (own.home.code / DIGEST).symlink_to(tmp_path)  # which is not in the jail
    try:
        lost = own.environment(Policy(), task=DIGEST, handler="app.handler", environ={}, epoch_us=0, seed=1)
        with pytest.raises(SandboxError, match="keeper is gone"):
            lost.start(0)
        lost.shutdown()
    finally:
        (own.home.code / DIGEST).unlink()
    assert settled_traces(own, before) == before
    assert _zygote(own) == zygote


def test_a_zygote_that_was_killed_is_replaced(own: Sandbox) -> None:
    driven = Driven(own, HANDLER)
    driven.init()
    zygote = _zygote(own)
    os.kill(zygote, signal.SIGKILL)
    with pytest.raises(SandboxError, match="keeper"):
        _invoke_until_it_fails(driven)
    driven.environment.shutdown()
    again = _until_it_works(own)
    assert again.invoke({"a": 1}).result == {"a": 1}
    again.environment.shutdown()


def test_a_jail_that_no_longer_starts_is_told_in_its_own_words(own: Sandbox, tmp_path: Path) -> None:
    """What was tested before is remembered, so the broker greets; its zygote then finds nothing to import."""
    home = Home(tmp_path)
    home.packages.mkdir()
    home.code.mkdir()
    for kept in own.home.packages.glob(".stamp-*"):
        shutil.copy(kept, home.packages)
    shutil.copy(own.home.self_test, home.self_test)
    with Sandbox.private(home) as broken:
        assert broken.layers == own.layers
        with pytest.raises(SandboxError, match="the jail did not start"):
            broken.environment(Policy(), task=None, handler="app.handler", environ={}, epoch_us=0, seed=1)


def test_two_zygotes_serve_side_by_side() -> None:
    with Sandbox.private(zygotes=2) as both:
        several = [Driven(both, HANDLER) for _ in range(12)]
        assert [driven.init().status for driven in several] == [Status.READY] * 12
        assert [driven.invoke(n).result for n, driven in enumerate(several)] == list(range(12))
        for driven in several:
            driven.environment.shutdown()


def test_a_broker_ends_with_all_it_made(own: Sandbox) -> None:
    several = [Driven(own, HANDLER) for _ in range(3)]
    for driven in several:
        driven.init()
    pids = [broker_pid(own), *descendants(broker_pid(own))]
    os.kill(broker_pid(own), signal.SIGKILL)
    until = time.monotonic() + 10
    while any(_alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.02)
    assert [pid for pid in pids if _alive(pid)] == []
    for driven in several:
        driven.environment.shutdown()


@pytest.mark.parametrize(("nice", "seen"), [(0, 15), (10, 15), (19, 19)])
def test_environments_are_as_nice_as_their_policy_says_or_as_their_broker(nice: int, seen: int) -> None:
    code = """
import os, sys
from lambdalab.sandbox import Policy, Sandbox
from tests.sandbox.driver import Driven
os.nice(int(sys.argv[1]) - os.nice(0))
with Sandbox.private() as sandbox:
    driven = Driven(sandbox, {"app.py": b"import os\\ndef handler(event, context): return os.nice(0)"})
    driven.init()
    print(driven.invoke().payload.decode())
"""
    here = os.nice(0)
    command = [sys.executable, "-c", code, str(max(nice, here))]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() == [str(max(seen, here))]


def test_an_environment_lives_in_a_control_group_where_there_are_any(own: Sandbox, tmp_path: Path) -> None:
    layer = own.layers[-1]
    assert layer.name == "control groups for memory and processes"
    assert layer.active is (cgroups.find(tmp_path) is not None)
    driven = Driven(own, HANDLER, policy=Policy(memory_mb=256, tmp_mb=600))
    driven.init()
    groups = _groups(broker_pid(own))
    walls = {int((group / "memory.limit_in_bytes").read_text()) for group in groups if group.parts[4] == "memory"}
    assert ((256 + 600 + 64 << 20) in walls) is (layer.active and layer.detail == "version 1")
    driven.environment.shutdown()


def test_groups_are_given_back(own: Sandbox) -> None:
    before = calm_traces(own)
    assert before.control_groups == len(_groups(broker_pid(own)))
    for _ in range(5):
        driven = Driven(own, HANDLER)
        driven.init()
        driven.environment.shutdown()
    assert settled_traces(own, before) == before


def test_the_kernels_wall_ends_what_the_watch_would_miss(own: Sandbox) -> None:
    """Socket buffers are in no process's resident memory; the control group counts them."""
    code = b"""
import socket
def handler(event, context):
    kept = []
    for _ in range(450):
        pair = socket.socketpair(); kept.append(pair)
        for end in pair:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20); end.setblocking(False)
            try:
                while True: end.send(bytes(65536))
            except BlockingIOError: pass
    return len(kept)
"""
    driven = Driven(own, {"app.py": code}, policy=Policy(memory_mb=128, tmp_mb=16))
    driven.init()
    report = driven.invoke()
    assert report.status is (Status.OUT_OF_MEMORY if own.layers[-1].active else Status.OK)
    driven.environment.reset()
    assert driven.init().status is Status.READY
    driven.environment.shutdown()


def _until_it_works(sandbox: Sandbox) -> Driven:
    until = time.monotonic() + 20
    while True:
        driven = Driven(sandbox, HANDLER)
        try:
            assert driven.init().status is Status.READY
            return driven
        except SandboxError:
            driven.environment.shutdown()
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _invoke_until_it_fails(driven: Driven) -> None:
    for _ in range(100):
        driven.invoke()
        time.sleep(0.05)


def _zygote(sandbox: Sandbox) -> int:
    """The first one; what it has forked is called likewise, and comes behind it."""
    return next(pid for pid in descendants(broker_pid(sandbox)) if _command(pid) == "zygote")


def _command(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return "zygote" if b"/lambdalab/zygote.py" in words and b"bwrap" not in words[0] else ""


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def _groups(pid: int) -> list[Path]:
    """Folders come and go while this looks."""
    return sorted(Path(folder) for folder, *_ in os.walk("/sys/fs/cgroup") if f"/lambdalab-{pid}-" in folder)


def _status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
