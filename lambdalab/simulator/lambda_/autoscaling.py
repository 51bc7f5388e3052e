"""Application Auto Scaling of provisioned concurrency: target tracking and scheduled actions. Source: fact C.4;
Application Auto Scaling User Guide, "Target tracking scaling policies", read 2026-04; assumption A-33.

A target tracking policy has two alarms on ProvisionedConcurrencyUtilization: three minutes above the target scale out,
fifteen below nine tenths of it scale in. While no requests arrive there are no samples, and nothing is scaled in.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

from lambdalab.simulator.account import Answer, Principal, Request, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import SECOND, Micros, Process
from lambdalab.simulator.lambda_.alarm import Alarm
from lambdalab.simulator.lambda_.alarms import UTILIZATION, Alarms
from lambdalab.simulator.lambda_.provisioned import Provisioned
from lambdalab.simulator.lambda_.registry import Registered
from lambdalab.simulator.lambda_.scaling_targets import (
    DIMENSION,
    NAMESPACE,
    TRACKING,
    Action,
    Policy,
    Target,
    alarm_rows,
    bounds_of,
    policy_of,
    shared,
)
from lambdalab.simulator.trace.facts import CapacityScaled
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, arn
from lambdalab.simulator.vocabulary.errors import AwsError, validation_error
from lambdalab.simulator.vocabulary.schedules import read_schedule

HIGH_PERIODS, LOW_PERIODS, LOW_SHARE = 3, 15, 0.9
_ROLE = "AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency"
SCALER = Principal(
    f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{_ROLE}/AutoScaling-UpdateProvisionedConcurrency",
    called="Application Auto Scaling",
)
"""The service-linked role with which capacities are changed."""


class AutoScaling:
    """The scalable targets of the account, behind the front door as ``application-autoscaling``."""

    def __init__(
        self, world: World, functions: Mapping[str, Registered], provisioned: Provisioned, alarms: Alarms
    ) -> None:
        self._world = world
        self._functions = functions
        self._provisioned = provisioned
        self._alarms = alarms
        self._targets: dict[str, Target] = {}
        self._operations: Mapping[str, Callable[[dict[str, Any]], Answer | AwsError]] = {
            "RegisterScalableTarget": self.register,
            "DeregisterScalableTarget": self._deregister,
            "DescribeScalableTargets": self._describe_targets,
            "PutScalingPolicy": self.put_policy,
            "DeleteScalingPolicy": self._delete_policy,
            "DescribeScalingPolicies": self._describe_policies,
            "PutScheduledAction": self.put_action,
            "DeleteScheduledAction": self._delete_action,
            "DescribeScheduledActions": self._describe_actions,
        }
        world.api.register("application-autoscaling", self)

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """Calls act on a scalable target; IAM is asked for any of them."""
        return arn("application-autoscaling", "scalable-target/*"), str(params.get("ResourceId", ""))

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from ()
        operation = self._operations.get(request.operation)
        if operation is None:
            return unsupported(request)
        if request.params.get("ServiceNamespace", NAMESPACE) != NAMESPACE:
            text = "lambdalab scales provisioned concurrency of Lambda only, so nothing happened."
            return AwsError("NotSimulated", text, 501)
        return operation(request.params)

    def register(self, params: dict[str, Any]) -> Answer | AwsError:
        """RegisterScalableTarget: a new target, or new bounds. The capacity changes with the next activity only."""
        found = self._alias_of(params)
        if isinstance(found, AwsError):
            return found
        registered, qualifier = found
        old = self._targets.get(params["ResourceId"])
        minimum = params.get("MinCapacity", old.minimum if old else None)
        maximum = params.get("MaxCapacity", old.maximum if old else None)
        if minimum is None or maximum is None:
            return validation_error("MinCapacity and MaxCapacity are required when registering a new scalable target")
        if minimum < 0 or minimum > maximum:
            return validation_error("Maximum capacity cannot be less than minimum capacity")
        if old is not None:
            old.minimum, old.maximum = minimum, maximum
        else:
            name = params["ResourceId"]
            self._targets[name] = Target(name, registered, qualifier, minimum, maximum, self._now())
        return Answer({"ScalableTargetARN": self._arn("scalable-target", params["ResourceId"])})

    def put_policy(self, params: dict[str, Any]) -> Answer | AwsError:
        """PutScalingPolicy: target tracking; two alarms watch over it."""
        target = self._target(params)
        if isinstance(target, AwsError):
            return target
        made = policy_of(params, self._now())
        if isinstance(made, AwsError):
            return made
        self._forget(target.policies.get(made.name))
        target.policies[made.name] = made
        made.alarms = (self._alarm(target, made, "High"), self._alarm(target, made, "Low"))
        for alarm in made.alarms:
            self._alarms.deploy(alarm)
        policy_arn = self._arn("scalingPolicy", f"{target.resource_id}/{made.name}")
        return Answer({"PolicyARN": policy_arn, "Alarms": alarm_rows(made)})

    def put_action(self, params: dict[str, Any]) -> Answer | AwsError:
        """PutScheduledAction: at its moments the target gets new bounds, and a capacity within them."""
        target = self._target(params)
        if isinstance(target, AwsError):
            return target
        name = params["ScheduledActionName"]
        bounds = params.get("ScalableTargetAction") or {}
        try:
            schedule = read_schedule(str(params.get("Schedule")), self._world.wall_clock(), params.get("Timezone"))
            start, end = (_moment(params.get(key)) for key in ("StartTime", "EndTime"))
        except ValueError as error:
            return validation_error(str(error))
        minimum, maximum = bounds.get("MinCapacity"), bounds.get("MaxCapacity")
        if minimum is None and maximum is None:
            return validation_error("At least one of MinCapacity and MaxCapacity must be given")
        action = Action(
            name, params["Schedule"], schedule, minimum, maximum, params.get("Timezone"), start, end, self._now()
        )
        target.actions[name] = action
        self._world.kernel.spawn(self._act_on_schedule(target, action), background=True)
        return Answer()

    def _alarm(self, target: Target, policy: Policy, side: Literal["High", "Low"]) -> Alarm:
        high = side == "High"
        periods = HIGH_PERIODS if high else LOW_PERIODS
        name = f"TargetTracking-{target.resource_id}-Alarm{side}-{self._world.new_uuid('alarm')}"
        return Alarm(
            name,
            UTILIZATION,
            {"FunctionName": target.registered.name, "Resource": f"{target.registered.name}:{target.qualifier}"},
            policy.target if high else policy.target * LOW_SHARE,
            "GreaterThanThreshold" if high else "LessThanThreshold",
            policy.statistic,
            periods=periods,
            datapoints=periods,
            act=lambda value: self._track(target, policy, value, out=high),
        )

    def _track(self, target: Target, policy: Policy, value: float, *, out: bool) -> None:
        """An alarm is in ALARM, and the metric has this value: scale in proportion to it."""
        now, current = self._world.kernel.now, self._capacity(target)
        cooldown = policy.out_cooldown_s if out else policy.in_cooldown_s
        if target.scaled_at is not None and now - target.scaled_at < cooldown * SECOND:
            return
        wanted = min(target.maximum, max(target.minimum, math.ceil(round(current * value / policy.target, 6))))
        if (out and wanted > current) or (not out and policy.scales_in and wanted < current):
            cause = f"utilization is {value:.2f}, the target {policy.target:g}"
            self._world.kernel.spawn(self._scale(target, wanted, cause), background=True)

    def _act_on_schedule(self, target: Target, action: Action) -> Process[None]:
        world = self._world
        while target.actions.get(action.name) is action:
            due = action.schedule.next_after(max(world.wall_clock(), action.start or world.wall_clock()))
            if due is None or (action.end is not None and due > action.end):
                return
            wait = (due - world.wall_clock()) // dt.timedelta(microseconds=1)
            yield from world.kernel.sleep(Micros(wait))
            if target.actions.get(action.name) is not action:
                return
            target.minimum = target.minimum if action.minimum is None else action.minimum
            target.maximum = target.maximum if action.maximum is None else action.maximum
            current = self._capacity(target)
            wanted = min(target.maximum, max(target.minimum, current))
            if wanted != current:
                yield from self._scale(target, wanted, f"the scheduled action {action.name}")

    def _scale(self, target: Target, wanted: int, cause: str) -> Process[None]:
        """One scaling activity; while an allocation is under way, none begins."""
        allocation = self._provisioned.allocations.get((target.registered.name, target.qualifier))
        if allocation is not None and allocation.status == "IN_PROGRESS":
            return
        before, name, qualifier = self._capacity(target), target.registered.name, target.qualifier
        target.scaled_at = self._world.kernel.now
        params: dict[str, Any] = {"FunctionName": name, "Qualifier": qualifier}
        operation = "DeleteProvisionedConcurrencyConfig"
        if wanted:
            operation, params["ProvisionedConcurrentExecutions"] = "PutProvisionedConcurrencyConfig", wanted
        answer = yield from self._world.api.call(
            Request(SCALER, "lambda", operation, params, source="application-autoscaling")
        )
        error = f"{answer.code}: {answer.message}" if isinstance(answer, AwsError) else None
        self._world.trace.record(CapacityScaled(name, qualifier, before, wanted, cause, error))

    def _capacity(self, target: Target) -> int:
        allocation = self._provisioned.allocations.get((target.registered.name, target.qualifier))
        return 0 if allocation is None else allocation.requested

    def _alias_of(self, params: Mapping[str, Any]) -> tuple[Registered, str] | AwsError:
        """The function and the alias or version of ``function:NAME:QUALIFIER``."""
        kind, _, rest = str(params["ResourceId"]).partition(":")
        name, _, qualifier = rest.partition(":")
        registered = self._functions.get(name)
        if kind != "function" or registered is None or not registered.has(qualifier) or qualifier.startswith("$"):
            return validation_error(f"Unsupported resource ID: {params['ResourceId']}. It is function:NAME:ALIAS")
        if params.get("ScalableDimension", DIMENSION) != DIMENSION:
            return validation_error(f"Unsupported scalable dimension: {params['ScalableDimension']}")
        return registered, qualifier

    def _target(self, params: Mapping[str, Any]) -> Target | AwsError:
        target = self._targets.get(str(params["ResourceId"]))
        if target is not None:
            return target
        return _not_found(f"No scalable target registered for service namespace: {NAMESPACE}, resource ID: "
                          f"{params['ResourceId']}, scalable dimension: {DIMENSION}")  # fmt: skip

    def _deregister(self, params: dict[str, Any]) -> Answer | AwsError:
        target = self._target(params)
        if isinstance(target, AwsError):
            return target
        for policy in target.policies.values():
            self._forget(policy)
        target.actions.clear()
        del self._targets[target.resource_id]
        return Answer()

    def _delete_policy(self, params: dict[str, Any]) -> Answer | AwsError:
        target = self._targets.get(str(params["ResourceId"]))
        policy = target.policies.pop(params["PolicyName"], None) if target else None
        if policy is None:
            return _not_found(f"No scaling policy found for resource ID: {params['ResourceId']}")
        self._forget(policy)
        return Answer()

    def _delete_action(self, params: dict[str, Any]) -> Answer | AwsError:
        target = self._targets.get(str(params["ResourceId"]))
        if target is None or target.actions.pop(params["ScheduledActionName"], None) is None:
            return _not_found(f"No scheduled action found for resource ID: {params['ResourceId']}")
        return Answer()

    def _forget(self, policy: Policy | None) -> None:
        for alarm in policy.alarms if policy else ():
            self._alarms.remove(alarm.name)

    def _describe_targets(self, params: dict[str, Any]) -> Answer | AwsError:
        wanted = params.get("ResourceIds")
        rows = [
            shared(target)
            | {
                "MinCapacity": target.minimum,
                "MaxCapacity": target.maximum,
                "RoleARN": f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/lambda.application-autoscaling/{_ROLE}",
                "CreationTime": target.created,
                "ScalableTargetARN": self._arn("scalable-target", target.resource_id),
            }
            for target in self._targets.values()
            if wanted is None or target.resource_id in wanted
        ]
        return Answer({"ScalableTargets": rows})

    def _describe_policies(self, params: dict[str, Any]) -> Answer | AwsError:
        rows = [
            shared(target)
            | {
                "PolicyName": policy.name,
                "PolicyARN": self._arn("scalingPolicy", f"{target.resource_id}/{policy.name}"),
                "PolicyType": TRACKING,
                "TargetTrackingScalingPolicyConfiguration": dict(policy.configuration),
                "Alarms": alarm_rows(policy),
                "CreationTime": policy.created,
            }
            for target in self._asked(params)
            for policy in target.policies.values()
            if policy.name in (params.get("PolicyNames") or target.policies)
        ]
        return Answer({"ScalingPolicies": rows})

    def _describe_actions(self, params: dict[str, Any]) -> Answer | AwsError:
        rows = [
            shared(target)
            | {
                "ScheduledActionName": action.name,
                "ScheduledActionARN": self._arn("scheduledAction", f"{target.resource_id}/{action.name}"),
                "Schedule": action.expression,
                "ScalableTargetAction": bounds_of(action),
                "CreationTime": action.created,
            }
            for target in self._asked(params)
            for action in target.actions.values()
            if action.name in (params.get("ScheduledActionNames") or target.actions)
        ]
        return Answer({"ScheduledActions": rows})

    def _asked(self, params: Mapping[str, Any]) -> list[Target]:
        wanted = params.get("ResourceId")
        return [target for target in self._targets.values() if wanted in (None, target.resource_id)]

    def _arn(self, kind: str, name: str) -> str:
        return arn("application-autoscaling", f"{kind}/{name}")

    def _now(self) -> float:
        return self._world.wall_clock().timestamp()


def _moment(value: Any) -> dt.datetime | None:
    if value is None:
        return None
    found = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _not_found(text: str) -> AwsError:
    return AwsError("ObjectNotFoundException", text)
