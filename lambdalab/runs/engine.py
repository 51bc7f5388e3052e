"""The door to `lambdalab.runtime`.

A web process answers pages and plays nothing: the simulator, and the AWS libraries under it, are loaded by the first
caller that needs them, which is a worker.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from django.conf import settings

logger = logging.getLogger(__name__)

PATIENCE_S = 30  # sandboxd tests itself before it answers


class Outcome(Protocol):
    """What a play gives back (`lambdalab.runtime.Outcome`)."""

    summary: dict[str, Any]
    player: dict[str, Any]
    stopped: str | None
    passed: bool
    facts: int
    sha256: str


Play = Callable[..., Outcome]


@cache
def runtime() -> Any:  # a module
    """The package itself, once for each process."""
    return import_module("lambdalab.runtime")


@cache
def engine_hash() -> str:
    """Which simulator and sandbox this installation plays with."""
    return str(runtime().engine_hash())


def play(files: Mapping[str, bytes], **how: Any) -> Outcome:  # `runtime.play` types them
    """Play a project with the real handlers."""
    outcome: Outcome = runtime().play(files, **how)
    return outcome


@contextmanager
def connected_sandbox() -> Iterator[Any]:
    """The running sandboxd. While it is starting, a run waits for it."""
    until = time.monotonic() + PATIENCE_S
    while not settings.SANDBOX_SOCKET.exists() and time.monotonic() < until:
        logger.info("waiting for sandboxd at %s", settings.SANDBOX_SOCKET)
        time.sleep(1)
    with import_module("lambdalab.sandbox").Sandbox.connect(settings.SANDBOX_SOCKET) as sandbox:
        yield sandbox
