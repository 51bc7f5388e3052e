"""The door to `lambdalab.runtime`: what plays runs here, within which limits, in which sandbox."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from django.conf import settings

from lambdalab.runtime import HandlerFailure, Outcome, Progress, ProjectError, RunLimits, engine_hash, play
from lambdalab.sandbox import CodeStore, Sandbox, SandboxError
from lambdalab.sandbox.places import Home, default_home
from lambdalab.web.health import note_layers

__all__ = [
    "HandlerFailure",
    "Outcome",
    "Progress",
    "ProjectError",
    "SandboxError",
    "connected_sandbox",
    "engine_hash",
    "limits",
    "play",
    "remove_unused_code",
]

HOW_TO_START = (
    "In a classroom: docker compose up --detach sandboxd, and look at its log. By hand: "
    "python -m lambdalab.sandbox.broker SOCKET. The socket's path is the setting LAMBDALAB_SANDBOX_SOCKET."
)

logger = logging.getLogger(__name__)

PATIENCE_S = 30  # sandboxd tests itself before it answers, and may just have been started again


def limits() -> RunLimits:
    """The limits of this installation."""
    return RunLimits(
        trace_bytes=settings.RUN_TRACE_BYTES,
        wall_s=settings.RUN_WALL_S,
        cpu_s=settings.RUN_CPU_S,
        environments_at_once=settings.RUN_ENVIRONMENTS,
        held_bytes=settings.RUN_HELD_BYTES,
    )


def home() -> Home:
    """Where the jail's packages and the students' code lie."""
    return Home(settings.SANDBOX_HOME) if settings.SANDBOX_HOME else default_home()


def remove_unused_code() -> None:
    """Keep the code store within the settings."""
    removed = CodeStore(home().code).remove_unused(unused_s=settings.CODE_UNUSED_S, bytes_max=settings.CODE_BYTES)
    logger.info("%s packages of unused code removed", removed)


@contextmanager
def connected_sandbox() -> Iterator[Sandbox]:
    """The running sandboxd. While it is starting, a run waits for it. Raises `SandboxError` when it does not answer."""
    with _connected(time.monotonic() + PATIENCE_S) as sandbox:
        note_layers([asdict(layer) for layer in sandbox.layers])
        yield sandbox


def _connected(until: float) -> Sandbox:
    while True:
        try:
            sandbox = Sandbox.connect(settings.SANDBOX_SOCKET, home())
            sandbox.await_ready()
            return sandbox
        except SandboxError as error:
            if time.monotonic() >= until:
                raise SandboxError(f"{error} {HOW_TO_START}") from error
            logger.info("waiting for sandboxd: %s", error)
            time.sleep(1)
