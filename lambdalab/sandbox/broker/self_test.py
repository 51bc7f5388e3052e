"""The broker's self-test: real environments that try to do what they must not. No confinement, no run.

Its result is cached for as long as nothing it depends on has changed: the machine's boot, the kernel, bubblewrap, our
own files, the user. A start with a cached result tests nothing again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lambdalab.sandbox.broker.cgroups import Cgroups
from lambdalab.sandbox.broker.server import Broker
from lambdalab.sandbox.client import Sandbox
from lambdalab.sandbox.errors import SandboxError
from lambdalab.sandbox.layers import Layer
from lambdalab.sandbox.places import Home
from lambdalab.sandbox.policy import Policy
from lambdalab.sandbox.report import Status, Turn

PACKAGE = Path(__file__).resolve().parent.parent
HANDLER = "lambdalab_self_test.handler"  # of the file in child/
SLEEP_S = 30
TURNS_MAX = 10_000
POLICY = Policy(memory_mb=128, tmp_mb=16, processes=40, wall_s=30.0)  # a busy machine is slow


def tested_layers(broker: Broker, home: Home, cgroups: Cgroups | None) -> tuple[Layer, ...]:
    """The layers of this broker's environments. Raises :class:`SandboxError` when a required one is not at work."""
    key = _key(home, cgroups)
    cached = _cached(home, key)
    if cached is not None:
        return cached
    layers = _tested(broker, home, cgroups)
    missing = [layer for layer in layers if layer.required and not layer.active]
    if missing:
        found = "; ".join(f"{layer.name} ({layer.detail})" for layer in missing)
        raise SandboxError(f"the jail's self-test failed: {found}. No code runs without it; see docs/install.md.")
    _keep(home, key, layers)
    return layers


def _tested(broker: Broker, home: Home, cgroups: Cgroups | None) -> tuple[Layer, ...]:
    broker.await_warm()
    with _served(broker, home) as sandbox:
        found = _probe(sandbox, "look")
        slept = _sleeps(sandbox)
        killed = _outcome(sandbox, "hoard") is Status.OUT_OF_MEMORY
    hardened = {name: not broken for name, broken in found.items()}
    looks = (
        ("bubblewrap", "root"),
        ("its own namespaces", "namespaces"),
        ("a user without rights", "rights"),
        ("a read-only system", "read_only"),
        ("no network but its own", "network"),
        ("the system call filter", "filter"),
        ("limits of processes and files", "limits"),
        ("a private /tmp of limited size", "tmp"),
    )
    layers = [Layer(name, hardened[key], True, "; ".join(found[key])) for name, key in looks]
    layers.append(Layer("the virtual clock", slept, True, "" if slept else f"{SLEEP_S} virtual seconds were real"))
    layers.append(Layer("memory watched", killed, True, "" if killed else "300 MB fitted into 128 MB"))
    version = f"version {cgroups.version}" if cgroups else "this broker may not make any; memory is watched instead"
    layers.append(Layer("control groups for memory and processes", cgroups is not None, False, version))
    return tuple(layers)


@contextlib.contextmanager
def _served(broker: Broker, home: Home) -> Iterator[Sandbox]:
    """A worker of our own for the broker, which serves in another thread until we are done."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    thread = threading.Thread(target=broker.serve, args=(None, theirs, {"layers": []}))
    thread.start()
    sandbox = Sandbox(ours, home)
    try:
        yield sandbox
    finally:
        sandbox.close()
        thread.join()


def _probe(sandbox: Sandbox, what: str) -> dict[str, list[str]]:
    """What the probe found amiss, by layer."""
    turn = _played(sandbox, what)
    if turn.finished is None or turn.finished.status is not Status.OK:
        raise SandboxError(f"the jail's self-test did not come to its end: {turn.finished}")
    found: dict[str, list[str]] = json.loads(turn.finished.payload)
    return found


def _outcome(sandbox: Sandbox, what: str) -> Status | None:
    turn = _played(sandbox, what)
    return turn.finished.status if turn.finished else None


def _sleeps(sandbox: Sandbox) -> bool:
    """Whether a long sleep hands over instead of waiting."""
    started = time.monotonic()
    turn = _played(sandbox, "sleep")
    return turn.finished is None and turn.wake_at_us is not None and time.monotonic() - started < SLEEP_S / 2


def _played(sandbox: Sandbox, what: str) -> Turn:
    """How an invocation of the probe ends; of a sleep, its first turn."""
    environment = sandbox.environment(
        POLICY, task=None, handler=HANDLER, environ={"_HANDLER": HANDLER}, epoch_us=0, seed=1,
    )  # fmt: skip
    try:
        ready = environment.start(0)
        if ready.finished is None or ready.finished.status is not Status.READY:
            raise SandboxError(f"the jail's self-test did not start: {ready.finished}")
        event = json.dumps({"what": what, "sleep_s": SLEEP_S, "processes": POLICY.processes, "tmp_mb": POLICY.tmp_mb})
        turn = environment.invoke(
            request_id="00000000-0000-4000-8000-000000000000", event=event.encode(), deadline_us=3_000_000,
            function_arn="arn:aws:lambda:us-east-1:123456789012:function:probe", now_us=0,
        )  # fmt: skip
        for _ in range(TURNS_MAX):  # its children come and go in real time: it may hand over in between
            if turn.finished is not None or what == "sleep":
                break
            turn = environment.resume([], 0)
        return turn
    finally:
        environment.shutdown()


# ---- the cache ----


def _key(home: Home, cgroups: Cgroups | None) -> str:
    """A hash of everything the result depends on."""
    total = hashlib.sha256()
    for path in sorted(p for pattern in ("*.py", "*.[ch]", "*.txt") for p in PACKAGE.rglob(pattern)):
        total.update(path.relative_to(PACKAGE).as_posix().encode())
        total.update(path.read_bytes())
    for stamp in sorted(home.packages.glob(".stamp-*")):
        total.update(stamp.read_bytes())
    program = shutil.which("bwrap") or ""
    bubblewrap = subprocess.run([program, "--version"], capture_output=True, check=False).stdout if program else b""
    total.update(bubblewrap)
    boot = Path("/proc/sys/kernel/random/boot_id").read_text()
    total.update(f"{boot}/{platform.release()}/{os.geteuid()}/{cgroups.version if cgroups else 0}".encode())
    return total.hexdigest()


def _cached(home: Home, key: str) -> tuple[Layer, ...] | None:
    try:
        kept: dict[str, Any] = json.loads(home.self_test.read_bytes())
        return tuple(Layer(**layer) for layer in kept["layers"]) if kept["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(home: Home, key: str, layers: tuple[Layer, ...]) -> None:
    """A home that cannot be written (the classroom's container) is tested at each start."""
    partial = home.self_test.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):
        partial.write_text(json.dumps({"key": key, "layers": [asdict(layer) for layer in layers]}))
        partial.replace(home.self_test)
