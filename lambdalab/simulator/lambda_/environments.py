"""Execution environments and the fleet of a function. Source: fact B.2 (DG26 "execution environment lifecycle")."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from lambdalab.simulator.account import World
from lambdalab.simulator.account.vpc import Server
from lambdalab.simulator.kernel import Kernel, Micros, Process, Signal
from lambdalab.simulator.lambda_.connections import close_all
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.lambda_.handlers import AnyReply, EnvironmentHandle, Handlers
from lambdalab.simulator.lambda_.log_delivery import LogDelivery, StreamWriter
from lambdalab.simulator.lambda_.recursion import Lineage
from lambdalab.simulator.trace.facts import EnvironmentCreated, EnvironmentEnded
from lambdalab.simulator.vocabulary import ids
from lambdalab.simulator.vocabulary.assumptions.environments import IDLE_LIFETIME, MAX_LIFETIME


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


@dataclass(slots=True, eq=False)
class Environment:
    """One execution environment: its code lives in ``handle``, its state here.

    It belongs to one version of its function for ever. ``cold`` until its first INIT; ``needs_init`` after a reset,
    when INIT is repeated inside the next invocation; ``outdated`` when its version's code is not to run any more.
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
    outdated: bool = False
    max_memory_mb: int = 0
    trace_header: str | None = None  # of the invocation that it runs, or ran last
    lineage: Lineage | None = None  # the chain that has led to that invocation, where a function began it
    held_for: str = ""  # the alias or version for which it is provisioned
    logs_are_kept: bool = True  # its role may write them
    log: StreamWriter | None = None  # keeps the lines of its stream
    log_tail: deque[str] | None = None  # what was logged of late, while somebody waits for it
    connections: dict[int, Server] = field(default_factory=dict)  # its open ones to servers in a VPC, by connect
    version: str = field(init=False)
    provisioned: bool = field(init=False)  # initialised before anybody asked

    def __post_init__(self) -> None:
        self.version = self.function.version  # both are asked for several times an invocation
        self.provisioned = self.function.initialization == "provisioned-concurrency"


class Fleet:
    """All environments of one function. Idle ones are reused, the most recently used first (assumption A-04).

    Which are idle is kept by version: one version's environments never serve another. Fact C.2
    """

    def __init__(self, world: World, handlers: Handlers, log_delivery: LogDelivery, name: str) -> None:
        self._world = world
        self._log_delivery = log_delivery
        self._handlers = handlers
        self._name = name
        self._idle: dict[str, dict[str, Environment]] = defaultdict(dict)
        self._provisioned: dict[tuple[str, str], dict[str, Environment]] = defaultdict(dict)
        self._alive: dict[str, Environment] = {}
        self._made = 0

    def take_idle(self, function: Function) -> Environment | None:
        """A warm environment of this version, or None."""
        faults = self._world.faults
        if faults.aimed and faults.striking("cold", "all"):
            return None
        idle = self._idle[function.version]
        if not idle:
            return None
        _, environment = idle.popitem()
        environment.idle_since = None
        return environment

    def take_provisioned(self, qualifier: str, version: str) -> Environment | None:
        """A free environment of this version that is provisioned for ``qualifier``, or None."""
        free = self._provisioned[qualifier, version]
        if not free:
            return None
        _, environment = free.popitem()
        environment.idle_since = None
        return environment

    def free_provisioned(self, qualifier: str, version: str) -> int:
        """How many of those are free."""
        return len(self._provisioned[qualifier, version])

    def create(self, function: Function) -> Environment:
        """A new environment of this version. Its INIT has not run yet."""
        self._made += 1
        stream = self._log_stream(function)
        environment = Environment(
            id=f"env/{self._name}/{self._made}",
            function=function,
            number=self._made,
            log_stream=stream,
            handle=self._handlers.environment(function, self._made, stream),
            mailbox=Mailbox(self._world.kernel),
            created_at=self._world.kernel.now,
        )
        self._alive[environment.id] = environment
        self._world.trace.record(EnvironmentCreated(environment.id, self._name, function.version, self._made, stream))
        environment.logs_are_kept = self._log_delivery.open(function, stream)
        if environment.logs_are_kept:
            environment.log = self._log_delivery.writer(function, stream)
        if not environment.provisioned:  # those are kept for as long as they are paid for
            self._world.kernel.spawn(self._expire(environment), background=True)
        return environment

    def release(self, environment: Environment) -> None:
        """An invocation ended: the environment is frozen and free, or gone when its code was replaced meanwhile."""
        if environment.outdated:
            self.end(environment, "replaced")
            return
        environment.idle_since = self._world.kernel.now
        held, version = environment.held_for, environment.version
        free = self._provisioned[held, version] if environment.provisioned else self._idle[version]
        free[environment.id] = environment

    def replace(self, version: str) -> None:
        """The version's code or configuration was replaced: what idles ends now, what is at work when it is done."""
        self._replace([each for each in self._alive.values() if each.version == version])

    def retire(self, environment: Environment) -> None:
        """The same for one environment, if it is not gone yet."""
        if not environment.ended:
            self._replace([environment])

    def _replace(self, environments: list[Environment]) -> None:
        for environment in environments:
            environment.outdated = True
            if environment.idle_since is not None:
                self.end(environment, "replaced")

    def kill_idle(self) -> None:
        """End every idle environment (a fault of the scenario)."""
        for environment in [each for idle in self._idle.values() for each in idle.values()]:
            self.end(environment, "killed")

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
                self.end(environment, "age" if kernel.now >= too_old else "idle")
                return
            due = kernel.now + IDLE_LIFETIME if idle_since is None else min(idle_since + IDLE_LIFETIME, too_old)
            yield from kernel.sleep(Micros(due - kernel.now))

    def end(self, environment: Environment, reason: str) -> None:
        """The environment is gone; ``reason`` is one of the fact's."""
        environment.ended = True
        self._alive.pop(environment.id, None)
        self._idle[environment.version].pop(environment.id, None)
        self._provisioned[environment.held_for, environment.version].pop(environment.id, None)
        environment.handle.shutdown()
        self._world.trace.record(EnvironmentEnded(environment.id, self._name, reason))  # type: ignore[arg-type]
        close_all(self._world, environment, "environment ended")

    def _log_stream(self, function: Function) -> str:
        """A log stream's name: date, version, 32 digits; one for each environment. Fact H.2.

        In a log group of one's own the function's name is part of it: DG26 "Configuring CloudWatch log groups".
        """
        digits = ids.hex_from(self._world.kernel.random_for("ids/log-stream"), 32)
        date = f"{self._world.wall_clock():%Y/%m/%d}"
        if function.logging.group is None:
            return f"{date}/[{function.version}]{digits}"
        return f"{date}/{function.name}[{function.version}][{digits}]"
