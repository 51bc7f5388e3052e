"""Provisioned concurrency: environments that are initialised before anybody asks. Source: facts C.2, C.4 and H.1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import MINUTE, Micros, Process, Signal
from lambdalab.simulator.lambda_.concurrency import Concurrency, RateBudget, rate_of
from lambdalab.simulator.lambda_.environments import Environment, Fleet
from lambdalab.simulator.lambda_.function import LATEST, Function
from lambdalab.simulator.lambda_.invocation import Invoker, Work
from lambdalab.simulator.lambda_.registry import Registered
from lambdalab.simulator.trace.facts import (
    ProvisionedChanged,
    ProvisionedDeleted,
    ProvisionedRateExceeded,
    ProvisionedSpilled,
    ProvisionedUsed,
)
from lambdalab.simulator.vocabulary.assumptions.concurrency import PROVISIONED_PREPARATION
from lambdalab.simulator.vocabulary.assumptions.environments import MAX_LIFETIME
from lambdalab.simulator.vocabulary.errors import AwsError, conflict, invalid
from lambdalab.simulator.vocabulary.quotas import INIT_LIMIT_PROVISIONED, PROVISIONED_PER_MINUTE

Status = Literal["IN_PROGRESS", "READY", "FAILED"]
INIT_FAILED = "FUNCTION_ERROR_INIT_FAILURE"
UNPUBLISHED = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."  # fact C.4 (LS)
PROVISIONED_ALREADY = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"


@dataclass(slots=True, eq=False)
class Allocation:
    """What is provisioned for one version or alias. ``plan`` is how many environments each version is to have."""

    registered: Registered
    qualifier: str
    requested: int
    plan: Mapping[str, int]
    status: Status = "IN_PROGRESS"
    reason: str | None = None
    allocated: int = 0
    environments: list[Environment] = field(default_factory=list)
    since: str = ""  # when it was asked for, as AWS writes it
    turn: int = 0  # counts changes: an allocation that was overtaken by another gives up
    rate: RateBudget = field(default_factory=lambda: rate_of(0))


class Provisioned:
    """All provisioned concurrency of the account."""

    def __init__(self, world: World, fleets: Mapping[str, Fleet], concurrency: Concurrency, invoker: Invoker) -> None:
        self._world = world
        self._fleets = fleets
        self._concurrency = concurrency
        self._invoker = invoker
        self.allocations: dict[tuple[str, str], Allocation] = {}
        invoker.provisioned = self

    def put(self, registered: Registered, qualifier: str, amount: int, *, prepared: bool = False) -> Allocation:
        """Provide ``amount`` environments. ``prepared``: the stack was there before the run, only INIT is left."""
        allocation = self.allocations.get((registered.name, qualifier))
        if allocation is None:
            allocation = Allocation(registered, qualifier, amount, {})
            self.allocations[registered.name, qualifier] = allocation
        allocation.requested = amount
        allocation.since = f"{self._world.timestamp().removesuffix('Z')}+0000"
        self._begin(allocation, prepared)
        return allocation

    def delete(self, allocation: Allocation) -> None:
        """Give everything back: idle environments end now, those at work when they are done."""
        del self.allocations[allocation.registered.name, allocation.qualifier]
        allocation.turn += 1
        released, allocation.environments = allocation.environments, []
        self._release(released, allocation)
        self._claim(allocation.registered)
        self._world.trace.record(ProvisionedDeleted(allocation.registered.name, allocation.qualifier))

    def delete_of(self, registered: Registered, qualifier: str) -> None:
        """The version or alias is gone: so is what is provisioned for it."""
        allocation = self.allocations.get((registered.name, qualifier))
        if allocation is not None:
            self.delete(allocation)

    def unfit(self, registered: Registered, alias: str, *versions: str) -> AwsError | None:
        """Why what is provisioned for an alias could not follow it to these versions, in AWS's words. Fact C.4"""
        if (registered.name, alias) not in self.allocations:
            return None
        if LATEST in versions:
            return invalid(UNPUBLISHED)
        taken = any((registered.name, version) in self.allocations for version in versions)
        return conflict(PROVISIONED_ALREADY) if taken else None

    def follow(self, registered: Registered, alias: str) -> None:
        """An alias leads elsewhere: what is provisioned for it follows, split by its weights."""
        allocation = self.allocations.get((registered.name, alias))
        if allocation is not None and allocation.plan != self._plan(allocation):
            self._begin(allocation, prepared=False)

    def of(self, registered: Registered) -> list[Allocation]:
        """The allocations of one function."""
        return [allocation for allocation in self.allocations.values() if allocation.registered is registered]

    def take(self, work: Work) -> Environment | None:
        """A free provisioned environment for this request, or None; where there should be one, it spills over."""
        name, qualifier = work.function.name, work.qualifier or ""
        version = work.function.version
        allocation = self.allocations.get((name, qualifier)) or self.allocations.get((name, version))
        if allocation is None or not allocation.allocated:  # while it changes, what is ready serves
            return None
        fleet, held_for = self._fleets[name], allocation.qualifier
        who = work.request_id, name, held_for
        if not fleet.free_provisioned(held_for, version):
            self._world.trace.record(ProvisionedSpilled(*who))
            return None
        if work.invocation_type == "RequestResponse" and not allocation.rate.take(self._world.kernel.now):
            self._world.trace.record(ProvisionedRateExceeded(*who))
            return None
        environment = fleet.take_provisioned(held_for, version)
        used = allocation.allocated - sum(fleet.free_provisioned(held_for, each) for each in allocation.plan)
        self._world.trace.record(ProvisionedUsed(*who, used, allocation.allocated))
        return environment

    def _plan(self, allocation: Allocation) -> dict[str, int]:
        alias = allocation.registered.aliases.get(allocation.qualifier)
        if alias is None:
            return {allocation.qualifier: allocation.requested}
        if alias.additional is None:
            return {alias.version: allocation.requested}
        more = round(allocation.requested * alias.weight)
        return {alias.version: allocation.requested - more, alias.additional: more}

    def _begin(self, allocation: Allocation, prepared: bool) -> None:
        allocation.plan, allocation.turn = self._plan(allocation), allocation.turn + 1
        self._claim(allocation.registered)
        self._tell(allocation, "IN_PROGRESS", allocation.allocated)
        self._world.kernel.spawn(self._allocate(allocation, allocation.turn, prepared))

    def _claim(self, registered: Registered) -> None:
        """What is requested is taken from the function's reservation, or from the unreserved pool, at once. C.2"""
        self._concurrency.provision(registered.name, sum(each.requested for each in self.of(registered)))

    def _tell(self, allocation: Allocation, status: Status, allocated: int, reason: str | None = None) -> None:
        if allocated != allocation.allocated:
            allocation.rate = rate_of(allocated, self._world.kernel.now)
        allocation.status, allocation.allocated, allocation.reason = status, allocated, reason
        self._world.trace.record(
            ProvisionedChanged(
                allocation.registered.name, allocation.qualifier, allocation.requested, allocated, status, reason
            )
        )

    def _allocate(self, allocation: Allocation, turn: int, prepared: bool) -> Process[None]:
        """Nothing for a minute or two, then up to 6,000 environments a minute; none serves before all are ready. C.4"""
        kernel = self._world.kernel
        if not prepared:
            low, high = PROVISIONED_PREPARATION
            yield from kernel.sleep(Micros(kernel.random_for("provisioned/preparation").randint(low, high)))
        if allocation.turn != turn:
            return
        kept: list[Environment] = []
        missing: list[Function] = []
        for version, amount in allocation.plan.items():
            have = [each for each in allocation.environments if each.version == version and not each.ended][:amount]
            kept += have
            missing += [provided(allocation.registered.version(version))] * (amount - len(have))
        fleet, starting = self._fleets[allocation.registered.name], []
        for function in missing:
            environment, done = fleet.create(function), kernel.signal()
            environment.held_for = allocation.qualifier
            kernel.spawn(self._invoker.initialise(environment, _init_limit(function)), done=done)
            starting.append((environment, done))
            if not prepared:
                yield from kernel.sleep(Micros(MINUTE // PROVISIONED_PER_MINUTE))
        yield from self._open(allocation, turn, kept, starting)

    def _open(
        self, allocation: Allocation, turn: int, kept: list[Environment], starting: list[tuple[Environment, Signal]]
    ) -> Process[None]:
        """Wait until all are initialised; then they serve, and what is not wanted any more goes."""
        fleet, well = self._fleets[allocation.registered.name], True
        for _, done in starting:
            well = (yield from self._world.kernel.wait(done)) and well
        if not well or allocation.turn != turn:
            for environment, _ in starting:
                fleet.end(environment, "replaced")
            if allocation.turn == turn:
                self._tell(allocation, "FAILED", allocation.allocated, INIT_FAILED)
            return
        self._release([each for each in allocation.environments if each not in kept], allocation)
        allocation.environments = kept + [environment for environment, _ in starting]
        for environment, _ in starting:
            fleet.release(environment)
            self._world.kernel.spawn(self._recycle(allocation, environment), background=True)
        self._tell(allocation, "READY", len(allocation.environments))

    def _recycle(self, allocation: Allocation, environment: Environment) -> Process[None]:
        """Environments grow old here, too: a successor is initialised, and only then the old one goes. Fact C.4

        Where INIT fails, the old one stays for as long again.
        """
        kernel, fleet = self._world.kernel, self._fleets[allocation.registered.name]
        while True:
            yield from kernel.sleep(MAX_LIFETIME)
            if environment not in allocation.environments:
                return
            successor = fleet.create(environment.function)
            successor.held_for = environment.held_for
            well = yield from self._invoker.initialise(successor, _init_limit(environment.function))
            wanted = environment in allocation.environments  # a change of the allocation may have come between
            if not well or not wanted:
                fleet.end(successor, "replaced")
                continue
            allocation.environments[allocation.environments.index(environment)] = successor
            fleet.release(successor)
            fleet.retire(environment)
            environment = successor

    def _release(self, environments: list[Environment], allocation: Allocation) -> None:
        for environment in environments:
            self._fleets[allocation.registered.name].retire(environment)


def provided(function: Function) -> Function:
    """The same version, as it looks in an environment that was provisioned. Fact B.5"""
    return replace(function, initialization="provisioned-concurrency")


def _init_limit(function: Function) -> Micros:
    return max(INIT_LIMIT_PROVISIONED, function.timeout)
