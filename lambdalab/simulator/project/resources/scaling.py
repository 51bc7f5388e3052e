"""AWS::ApplicationAutoScaling::ScalableTarget and ::ScalingPolicy, for provisioned concurrency. Source: fact C.4."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lambdalab.simulator.account import Answer, models
from lambdalab.simulator.lambda_.autoscaling import AutoScaling
from lambdalab.simulator.lambda_.scaling_targets import DIMENSION, NAMESPACE, TRACKING
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.vocabulary.errors import AwsError

KNOWN_TARGET = {
    "MaxCapacity", "MinCapacity", "ResourceId", "RoleARN", "ScalableDimension", "ScheduledActions", "ServiceNamespace",
}  # fmt: skip
KNOWN_POLICY = {
    "PolicyName", "PolicyType", "ResourceId", "ScalableDimension", "ScalingTargetId", "ServiceNamespace",
    "TargetTrackingScalingPolicyConfiguration",
}  # fmt: skip


def check_target(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a target that can be seen before its function has an alias."""
    problems = unknown_properties(template, resource, KNOWN_TARGET)
    problems += _other_services(template, resource, "ServiceNamespace", NAMESPACE)
    problems += _other_services(template, resource, "ScalableDimension", DIMENSION)
    for name in ("MinCapacity", "MaxCapacity"):
        if not isinstance(resource.properties.get(name), int):
            problems.append(template.problem(resource, name, f"a scalable target needs {name}, a whole number."))
    if not isinstance(resource.properties.get("ResourceId"), str):
        text = "a scalable target needs a ResourceId."
        problems.append(template.problem(resource, "ResourceId", text, "Write !Sub function:${Work}:live."))
    actions = resource.properties.get("ScheduledActions", [])
    if not isinstance(actions, list) or not all(isinstance(each, dict) for each in actions):
        problems.append(template.problem(resource, "ScheduledActions", "ScheduledActions must be a list of mappings."))
    return problems


def check_policy(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a policy that can be seen before it is put."""
    problems = unknown_properties(template, resource, KNOWN_POLICY)
    props = resource.properties
    problems += _other_services(template, resource, "PolicyType", TRACKING)
    if not isinstance(props.get("TargetTrackingScalingPolicyConfiguration"), dict):
        text = "a policy needs TargetTrackingScalingPolicyConfiguration, a mapping."
        problems.append(template.problem(resource, "TargetTrackingScalingPolicyConfiguration", text))
    if not isinstance(props.get("ScalingTargetId", props.get("ResourceId")), str):
        text = "a policy needs the target that it scales."
        problems.append(template.problem(resource, "ScalingTargetId", text, "Write !Ref MyTarget."))
    return problems


def deploy_targets(template: Template, service: AutoScaling) -> None:
    """Register the template's targets, with their actions and policies. Raises for what is refused."""
    for resource in template.of_type("AWS::ApplicationAutoScaling::ScalableTarget"):
        props = resource.properties
        who = {"ResourceId": props["ResourceId"], "ScalableDimension": props.get("ScalableDimension", DIMENSION)}
        bounds = {name: props[name] for name in ("MinCapacity", "MaxCapacity")}
        _put(template, resource, "ResourceId", "RegisterScalableTarget", {**who, **bounds}, service.register)
        for action in props.get("ScheduledActions", []):
            _put(template, resource, "ScheduledActions", "PutScheduledAction", {**who, **action}, service.put_action)
    for resource in template.of_type("AWS::ApplicationAutoScaling::ScalingPolicy"):
        props = resource.properties
        target = props.get("ResourceId") or str(props["ScalingTargetId"]).split("|")[0]
        given: dict[str, Any] = {
            "PolicyName": template.name(resource),
            "ResourceId": target,
            "ScalableDimension": DIMENSION,
            "PolicyType": TRACKING,
            "TargetTrackingScalingPolicyConfiguration": props["TargetTrackingScalingPolicyConfiguration"],
        }
        prop = "TargetTrackingScalingPolicyConfiguration"
        _put(template, resource, prop, "PutScalingPolicy", given, service.put_policy)


def _put(
    template: Template,
    resource: Resource,
    prop: str,
    operation: str,
    params: dict[str, Any],
    act: Callable[[dict[str, Any]], Answer | AwsError],
) -> None:
    """As through the front door: what botocore refuses does not reach the service."""
    params = {"ServiceNamespace": NAMESPACE, **params}
    answer = models.invalid_parameters("application-autoscaling", operation, params) or act(params)
    if isinstance(answer, AwsError):
        raise ProjectError([template.problem(resource, prop, answer.message)])


def _other_services(template: Template, resource: Resource, prop: str, only: str) -> list[Problem]:
    value = resource.properties.get(prop, only)
    if value == only:
        return []
    text = f"{prop} {value} has no effect in lambdalab: {only} is simulated."
    return [template.problem(resource, prop, text, "", "unsupported")]
