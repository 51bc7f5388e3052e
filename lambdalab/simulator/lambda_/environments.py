"""Execution environments and the fleet of a function. Source: fact B.2 (DG26 "execution environment lifecycle")."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import Kernel, Micros, Process, Signal
from lambdalab.simulator.lambda_.function import LATEST, Function
from lambdalab.simulator.lambda_.handlers import AnyReply, EnvironmentHandle, Handlers
from lambdalab.simulator.trace.facts import EnvironmentCreated, EnvironmentEnded
from lambdalab.simulator.vocabulary import ids
from lambdalab.simulator.vocabulary.assumptions import IDLE_LIFETIME, MAX_LIFETIME


class Mailbox:
    """Answers to what one environment asked, and the bell that says one has come."""

    __slots__ = ("_kernel", "bell", "replies")

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.replies: list[AnyReply] = []
        self.bell: Signal = kernel.signal()

    def put(self, reply: AnyReply) -> None:
        """Deliver an answer."""
        self.replies.append(reply)
        self.bell.fire()

    def drain(self) -> list[AnyReply]:
        """Take all answers, oldest first, and hang up a fresh bell."""
        replies, self.replies = self.replies, []
        self.bell = self._kernel.signal()
        return replies


@dataclass(slots=True)
class Environment:
    """One execution environment: its code lives in ``handle``, its state here.

    ``cold`` until its first INIT; ``needs_init`` after a reset, when INIT is repeated inside the next invocation.
    """

    id: str
    function: Function
    number: int
    log_stream: str
    handle: EnvironmentHandle
    mailbox: Mailbox
    created_at: Micros
    cold: bool = True
    needs_init: bool = False
    idle_since: Micros | None = None
    ended: bool = False
    version: str = LATEST
    max_memory_mb: int = field(default=0)
    trace_header: str | None = None  # of the invocation that it runs, or ran last
    log_tail: deque[str] | None = None  # what was logged of late, while somebody waits for it


class Fleet:
    """All environments of one function. Idle ones are reused, the most recently used first (assumption A-04)."""

    def __init__(self, world: World, handlers: Handlers, function: Function) -> None:
        self._world = world
        self._handlers = handlers
        self._function = function
        self._idle: dict[str, Environment] = {}
        self._alive: dict[str, Environment] = {}
        self._made = 0

    def take_idle(self) -> Environment | None:
        """A warm environment, or None."""
        if self._world.faults.striking("cold", "all"):
            return None
        if not self._idle:
            return None
        _, environment = self._idle.popitem()
        environment.idle_since = None
        return environment

    def create(self) -> Environment:
        """A new environment. Its INIT has not run yet."""
        self._made += 1
        stream = self._log_stream()
        environment = Environment(
            id=f"env/{self._function.name}/{self._made}",
            function=self._function,
            number=self._made,
            log_stream=stream,
            handle=self._handlers.environment(self._function, self._made, stream),
            mailbox=Mailbox(self._world.kernel),
            created_at=self._world.kernel.now,
        )
        self._alive[environment.id] = environment
        self._world.trace.record(
            EnvironmentCreated(environment.id, self._function.name, environment.version, self._made, stream)
        )
        self._world.kernel.spawn(self._expire(environment), background=True)
        return environment

    def release(self, environment: Environment) -> None:
        """An invocation ended: the environment is frozen and free."""
        environment.idle_since = self._world.kernel.now
        self._idle[environment.id] = environment

    def kill_idle(self) -> None:
        """End every idle environment (a fault of the scenario)."""
        for environment in list(self._idle.values()):
            self._end(environment, "killed")

    def close(self) -> None:
        """The run is over: free what the environments hold."""
        for environment in self._alive.values():
            environment.handle.shutdown()
        self._alive.clear()

    def __iter__(self) -> Iterator[Environment]:
        return iter(self._alive.values())

    def _expire(self, environment: Environment) -> Process[None]:
        """End the environment when it has idled too long or grown too old (assumption A-03)."""
        kernel = self._world.kernel
        too_old = Micros(environment.created_at + MAX_LIFETIME)
        yield from kernel.sleep(IDLE_LIFETIME)
        while not environment.ended:
            idle_since = environment.idle_since
            if idle_since is not None and kernel.now >= min(idle_since + IDLE_LIFETIME, too_old):
                self._end(environment, "age" if kernel.now >= too_old else "idle")
                return
            due = kernel.now + IDLE_LIFETIME if idle_since is None else min(idle_since + IDLE_LIFETIME, too_old)
            yield from kernel.sleep(Micros(due - kernel.now))

    def _end(self, environment: Environment, reason: str) -> None:
        environment.ended = True
        self._alive.pop(environment.id, None)
        self._idle.pop(environment.id, None)
        environment.handle.shutdown()
        self._world.trace.record(EnvironmentEnded(environment.id, self._function.name, reason))  # type: ignore[arg-type]

    def _log_stream(self) -> str:
        """A log stream's name: date, version, 32 digits; one for each environment. Fact H.2.

        In a log group of one's own the function's name is part of it: DG26 "Configuring CloudWatch log groups".
        """
        digits = ids.hex_from(self._world.kernel.random_for("ids/log-stream"), 32)
        date = f"{self._world.wall_clock():%Y/%m/%d}"
        if self._function.logging.group is None:
            return f"{date}/[{LATEST}]{digits}"
        return f"{date}/{self._function.name}[{LATEST}][{digits}]"
