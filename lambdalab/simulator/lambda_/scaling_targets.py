"""Scalable targets with their policies and scheduled actions, as Application Auto Scaling keeps them. Fact C.4"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.lambda_.alarm import Alarm
from lambdalab.simulator.lambda_.alarms import UTILIZATION
from lambdalab.simulator.lambda_.registry import Registered
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError, validation_error
from lambdalab.simulator.vocabulary.schedules import Schedule

NAMESPACE, DIMENSION = "lambda", "lambda:function:ProvisionedConcurrency"
PREDEFINED, TRACKING = "LambdaProvisionedConcurrencyUtilization", "TargetTrackingScaling"


@dataclass(slots=True)
class Policy:
    """A target tracking policy. ``target`` is a utilization from 0 to 1; cooldowns are in seconds."""

    name: str
    target: float
    statistic: str = "Average"
    out_cooldown_s: int = 0
    in_cooldown_s: int = 0
    scales_in: bool = True
    alarms: tuple[Alarm, ...] = ()
    created: float = 0.0
    configuration: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Action:
    """A scheduled action: new bounds of the target at its moments, between ``start`` and ``end`` where given."""

    name: str
    expression: str
    schedule: Schedule
    minimum: int | None
    maximum: int | None
    zone: str | None = None
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    created: float = 0.0


@dataclass(slots=True)
class Target:
    """An alias or version whose provisioned concurrency is scaled between two bounds."""

    resource_id: str
    registered: Registered
    qualifier: str
    minimum: int
    maximum: int
    created: float
    policies: dict[str, Policy] = field(default_factory=dict)
    actions: dict[str, Action] = field(default_factory=dict)
    scaled_at: Micros | None = None


def policy_of(params: Mapping[str, Any], created: float) -> Policy | AwsError:
    """The policy that PutScalingPolicy asks for, or the answer to one that cannot be."""
    config = params.get("TargetTrackingScalingPolicyConfiguration")
    if params.get("PolicyType", TRACKING) != TRACKING or config is None:
        text = "lambdalab simulates target tracking policies only, so nothing happened."
        return AwsError("NotSimulated", text, 501)
    own = config.get("CustomizedMetricSpecification")
    metric = (config.get("PredefinedMetricSpecification") or {}).get("PredefinedMetricType")
    if metric != PREDEFINED and (own or {}).get("MetricName") != UTILIZATION:
        return validation_error(f"the metric of a policy for provisioned concurrency is {PREDEFINED}")
    target = float(config["TargetValue"])
    if not 0 < target <= 1:
        return validation_error("TargetValue must be a utilization above 0 and at most 1")
    statistic = (own or {}).get("Statistic", "Average")
    if statistic not in ("Average", "Maximum", "Minimum"):
        return validation_error(f"the statistic {statistic} is none that a utilization can be scaled by")
    return Policy(
        params["PolicyName"],
        target,
        statistic,
        out_cooldown_s=config.get("ScaleOutCooldown", 0),
        in_cooldown_s=config.get("ScaleInCooldown", 0),
        scales_in=not config.get("DisableScaleIn", False),
        created=created,
        configuration=config,
    )


def shared(target: Target) -> dict[str, Any]:
    """What every description says first."""
    return {"ServiceNamespace": NAMESPACE, "ResourceId": target.resource_id, "ScalableDimension": DIMENSION}


def alarm_rows(policy: Policy) -> list[dict[str, str]]:
    """A policy's alarms as descriptions show them."""
    return [{"AlarmName": each.name, "AlarmARN": arn("cloudwatch", f"alarm:{each.name}")} for each in policy.alarms]


def bounds_of(action: Action) -> dict[str, int]:
    """The bounds that a scheduled action sets."""
    bounds = {"MinCapacity": action.minimum, "MaxCapacity": action.maximum}
    return {name: value for name, value in bounds.items() if value is not None}
