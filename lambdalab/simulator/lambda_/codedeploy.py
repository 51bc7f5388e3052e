"""CodeDeploy for Lambda: an alias moves from one version to the next while hooks and alarms watch. Source: fact K.6."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lambdalab.simulator.account import Answer, Principal, Request, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import MINUTE, Micros, Process, Signal
from lambdalab.simulator.lambda_.alarms import Alarms
from lambdalab.simulator.lambda_.control.aliases import AliasApi
from lambdalab.simulator.lambda_.registry import Alias, Registered, not_found
from lambdalab.simulator.trace.facts import (
    DeploymentEnded,
    DeploymentStarted,
    HookAnswered,
    HookInvoked,
    TrafficShifted,
)
from lambdalab.simulator.vocabulary import ids
from lambdalab.simulator.vocabulary.arns import arn, function_arn
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.events import developer
from lambdalab.simulator.vocabulary.quotas import HOOK_WAIT_MAX

PREFIX = "CodeDeployDefault.Lambda"
_CANARY = re.compile(r"Canary10Percent(5|10|15|30)Minutes")
_LINEAR = re.compile(r"Linear10PercentEvery(?:(1)Minute|(2|3|10)Minutes)")

Shift = tuple[Micros, float]
"""How long to wait before it, and the weight of the new version from then on (0 to 1)."""


def shifts_of(configuration: str) -> tuple[Shift, ...] | None:
    """The steps of a predefined configuration, by CodeDeploy's name or SAM's; None for one that does not exist."""
    name = configuration.removeprefix(PREFIX)
    if name == "AllAtOnce":
        return ((Micros(0), 1.0),)
    if canary := _CANARY.fullmatch(name):
        return ((Micros(0), 0.1), (Micros(int(canary[1]) * MINUTE), 1.0))
    if linear := _LINEAR.fullmatch(name):
        every = Micros(int(linear[1] or linear[2]) * MINUTE)
        return ((Micros(0), 0.1), *((every, tenths / 10) for tenths in range(2, 11)))
    return None


@dataclass(frozen=True, slots=True)
class Group:
    """A deployment group: how traffic is shifted, which alarms stop it, whose rights it has."""

    configuration: str
    role: Principal
    alarms: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """One deployment: the alias, the version to which it moves, and the functions that are asked before and after."""

    registered: Registered
    alias: Alias
    version: str
    group: Group
    before: str | None = None
    after: str | None = None


@dataclass(slots=True)
class _Hook:
    """A hook that has not answered yet."""

    deployment: str
    answered: Signal
    status: str = field(default="")


class CodeDeploy:
    """AWS CodeDeploy, as far as Lambda functions go."""

    def __init__(self, world: World, aliases: AliasApi, alarms: Alarms) -> None:
        self._world = world
        self._aliases = aliases
        self._alarms = alarms
        self._hooks: dict[str, _Hook] = {}
        self._completed: set[tuple[str, str]] = set()  # deployment and execution of hooks that are over
        world.api.register("codedeploy", self)

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """Hooks act on a deployment group; IAM is asked for any of them."""
        return arn("codedeploy", "deploymentgroup:*"), str(params.get("deploymentId", ""))

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from self._world.kernel.sleep(Micros(0))
        if request.operation != "PutLifecycleEventHookExecutionStatus":
            return unsupported(request)
        return self._note_status(request.params)

    def deploy(self, plan: Plan) -> Process[str | None]:
        """Shift the alias step by step; returns why the old version serves again, or None when all went well."""
        alias, old = plan.alias, plan.alias.version
        deployment = f"d-{ids.hex_from(self._world.kernel.random_for('ids/deployment'), 9).upper()}"
        self._world.trace.record(
            DeploymentStarted(deployment, plan.registered.name, alias.name, old, plan.version, plan.group.configuration)
        )
        failure = yield from self._carry_out(plan, deployment, old)
        if failure and not _gone(plan, old):
            self._route(plan, deployment, old, 0.0)
        outcome: Literal["RolledBack", "Succeeded"] = "RolledBack" if failure else "Succeeded"
        self._world.trace.record(
            DeploymentEnded(deployment, plan.registered.name, alias.name, old, plan.version, outcome, failure)
        )
        return failure

    def _carry_out(self, plan: Plan, deployment: str, old: str) -> Process[str | None]:
        failure = yield from self._ask(plan, deployment, plan.before, "BeforeAllowTraffic")
        if failure:
            return failure
        shifts = shifts_of(plan.group.configuration)
        assert shifts is not None, plan.group.configuration
        failure = yield from self._shift(plan, deployment, old, shifts)
        if failure:
            return failure
        return (yield from self._ask(plan, deployment, plan.after, "AfterAllowTraffic"))

    def _shift(self, plan: Plan, deployment: str, old: str, shifts: Sequence[Shift]) -> Process[str | None]:
        """Give the new version more and more of the traffic, until an alarm goes off or it has all of it."""
        kernel, names = self._world.kernel, plan.group.alarms
        for wait, weight in shifts:
            yield from kernel.wait_until(self._alarms.bell(names), Micros(kernel.now + wait))
            alarm = self._alarms.ringing(names)
            if alarm:
                return _rung(alarm)
            gone = _gone(plan, old, plan.version)
            if gone:
                return gone
            self._route(plan, deployment, old, weight)
        return None

    def _route(self, plan: Plan, deployment: str, old: str, weight: float) -> None:
        registered, alias = plan.registered, plan.alias
        if weight in (0.0, 1.0):
            self._aliases.route(registered, alias, plan.version if weight else old)
        else:
            self._aliases.route(registered, alias, old, plan.version, weight)
        self._world.trace.record(TrafficShifted(deployment, registered.name, alias.name, plan.version, weight))

    def _ask(self, plan: Plan, deployment: str, function: str | None, event: str) -> Process[str | None]:
        """Invoke a hook and wait for its word; returns why the deployment fails, or None.

        Alarms are listened to from the beginning to the end of a deployment. Source: CodeDeploy User Guide, "Monitoring
        deployments with CloudWatch alarms".
        """
        if function is None:
            return None
        world, alarms = self._world, plan.group.alarms
        alarm = self._alarms.ringing(alarms)
        if alarm:
            return _rung(alarm)
        execution = world.new_uuid("hook")
        hook = self._hooks[execution] = _Hook(deployment, self._alarms.bell(alarms))  # it, or an alarm, rings
        world.trace.record(HookInvoked(deployment, function, event))
        payload = json.dumps(developer.hook(deployment, execution))
        params = {"FunctionName": function, "InvocationType": "Event", "Payload": payload.encode()}
        answer = yield from world.api.call(Request(plan.group.role, "lambda", "Invoke", params, source="codedeploy"))
        if not isinstance(answer, AwsError) and not self._alarms.ringing(alarms):
            yield from world.kernel.wait_until(hook.answered, Micros(world.kernel.now + HOOK_WAIT_MAX))
        del self._hooks[execution]
        self._completed.add((deployment, execution))
        alarm = None if hook.status else self._alarms.ringing(alarms)
        if alarm and not isinstance(answer, AwsError):
            return _rung(alarm)
        status = f"{answer.code}: {answer.message}" if isinstance(answer, AwsError) else hook.status or "no answer"
        world.trace.record(HookAnswered(deployment, function, event, status))
        return None if status == "Succeeded" else f"The hook {function} of {event} did not succeed: {status}."

    def _note_status(self, params: dict[str, Any]) -> Answer | AwsError:
        execution = params.get("lifecycleEventHookExecutionId", "")
        if (params.get("deploymentId"), execution) in self._completed:
            text = "An attempt to return the status of an already completed lifecycle event occurred."  # BC
            return AwsError("LifecycleEventAlreadyCompletedException", text)
        hook = self._hooks.get(execution)
        if hook is None or hook.deployment != params.get("deploymentId"):
            text = "The lifecycle event hook execution ID is not valid."
            return AwsError("InvalidLifecycleEventHookExecutionIdException", text)
        status = params.get("status", "")
        if status not in ("Succeeded", "Failed"):
            text = "Status must be Succeeded or Failed."
            return AwsError("InvalidLifecycleEventHookExecutionStatusException", text)
        hook.status = status
        hook.answered.fire()
        return Answer({"lifecycleEventHookExecutionId": execution})


def _rung(alarm: str) -> str:
    return f"The alarm {alarm} is in ALARM."


def _gone(plan: Plan, *versions: str) -> str | None:
    """Somebody may delete the alias, or a version to which it does not lead yet, or no more: then nothing is shifted.
    """
    registered = plan.registered
    if registered.aliases.get(plan.alias.name) is not plan.alias:
        return f"Alias not found: {function_arn(registered.name, plan.alias.name)}"
    missing = [number for number in versions if not registered.has(number)]
    return not_found(registered.name, missing[0]).message if missing else None
