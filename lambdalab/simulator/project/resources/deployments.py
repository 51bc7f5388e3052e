"""AWS::CodeDeploy::DeploymentGroup and AWS::CloudWatch::Alarm, as far as deployments of Lambda functions need them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.account import Principal, models
from lambdalab.simulator.lambda_.alarm import COMPARISONS, MISSING, PERCENTILE, STATISTICS
from lambdalab.simulator.lambda_.alarms import Alarms
from lambdalab.simulator.lambda_.codedeploy import PREFIX, Group, shifts_of
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.resources.identities import Identities
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.cloudwatch.alarms_api import FINE_PERIODS, alarm_of
from lambdalab.simulator.services.cloudwatch.putting import GREATEST
from lambdalab.simulator.vocabulary.metric_data import UNITS
from lambdalab.simulator.vocabulary.metrics import METRICS, NAMESPACE

KNOWN_GROUP = {
    "AlarmConfiguration", "ApplicationName", "AutoRollbackConfiguration", "DeploymentConfigName",
    "DeploymentGroupName", "DeploymentStyle", "ServiceRoleArn", "Tags",
}  # fmt: skip
KNOWN_ALARM = {
    "AlarmName", "AlarmDescription", "ComparisonOperator", "DatapointsToAlarm", "Dimensions", "EvaluationPeriods",
    "ExtendedStatistic", "MetricName", "Namespace", "Period", "Statistic", "Tags", "Threshold", "TreatMissingData",
    "Unit",
}  # fmt: skip
DIMENSIONS = ("FunctionName", "Resource", "ExecutedVersion", "EventSourceMappingUUID")


def check_group(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a deployment group."""
    problems = unknown_properties(template, resource, KNOWN_GROUP)
    configuration = str(resource.properties.get("DeploymentConfigName", f"{PREFIX}AllAtOnce"))
    if shifts_of(configuration) is None:
        text = f"the deployment configuration {configuration.removeprefix(PREFIX)} is none of Lambda's predefined ones."
        fix = "Choose AllAtOnce, Canary10Percent5Minutes, Linear10PercentEvery1Minute or one of their kin."
        problems.append(template.problem(resource, "DeploymentConfigName", text, fix))
    return problems


def check_alarm(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with an alarm, or beyond what is simulated."""
    props = resource.properties
    problems = unknown_properties(template, resource, KNOWN_ALARM)
    if "Metrics" in props:  # metric math, which was just told to have no effect
        return problems
    mistyped = _mistyped(props)
    if mistyped is not None:
        return [*problems, template.problem(resource, mistyped[0], mistyped[1])]
    problems += _beyond(template, resource)
    if not -GREATEST <= props.get("Threshold", math.nan) <= GREATEST:  # so it is when there is none
        problems.append(template.problem(resource, "Threshold", "an alarm needs a Threshold, a number."))
    period, fine = props.get("Period", 60), () if _is_lambda(props) else FINE_PERIODS
    if not isinstance(period, int) or (period not in fine and (period < 60 or period % 60)):
        text = "The period must be 60 seconds or a multiple of 60 seconds for metrics of AWS services."
        if not _is_lambda(props):
            text = "The period must be 10, 20 or 30 seconds, or a multiple of 60 seconds."
        problems.append(template.problem(resource, "Period", text))
    percentile = props.get("ExtendedStatistic")
    if percentile is not None and not (isinstance(percentile, str) and PERCENTILE.fullmatch(percentile)):
        text = f"an alarm whose ExtendedStatistic is {percentile} has no effect in lambdalab yet."
        problems.append(template.problem(resource, "ExtendedStatistic", text, "A percentile: p95.", "unsupported"))
    return problems


def _mistyped(props: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first property of another type than PutMetricAlarm's, and botocore's words for it."""
    usual = {"AlarmName": "any", "EvaluationPeriods": 1, "ComparisonOperator": "any"}
    for name in sorted(props.keys() & set(models.members_of("cloudwatch", "PutMetricAlarm"))):
        refusal = models.invalid_parameters("cloudwatch", "PutMetricAlarm", {**usual, name: props[name]})
        if refusal is not None:
            return name, " ".join(refusal.message.split())
    return None


def _is_lambda(props: Mapping[str, Any]) -> bool:
    return props.get("Namespace") == NAMESPACE


def _beyond(template: Template, resource: Resource) -> list[Problem]:
    """Values that CloudWatch may know, and lambdalab does not."""
    props, problems = resource.properties, []
    fed = tuple(name for name, metric in METRICS.items() if metric.fed)
    allowed: tuple[tuple[str, Any, Any], ...] = (
        ("Statistic", props.get("Statistic", "Sum"), tuple(STATISTICS)),
        ("ComparisonOperator", props.get("ComparisonOperator"), tuple(COMPARISONS)),
        ("TreatMissingData", props.get("TreatMissingData", "missing"), MISSING),
        ("Unit", props.get("Unit", "None"), UNITS),
    )
    if str(props.get("Namespace", "")).startswith("AWS/"):
        names = [entry["Name"] for entry in props.get("Dimensions") or []]
        allowed = (
            ("Namespace", props.get("Namespace"), (NAMESPACE,)),
            ("MetricName", props.get("MetricName"), fed),
            *(("Dimensions", name, DIMENSIONS) for name in names),
            *allowed,
        )
    for prop, value, known in allowed:
        if value not in known:
            text = f"an alarm whose {prop} is {value} has no effect in lambdalab yet."
            problems.append(template.problem(resource, prop, text, f"One of: {', '.join(known)}.", "unsupported"))
    for name in ("Namespace", "MetricName"):
        if not isinstance(props.get(name), str) or not props[name]:
            problems.append(template.problem(resource, name, f"an alarm needs a {name}, a text."))
    return problems


def deploy_alarms(template: Template, service: Alarms) -> None:
    """Make the template's alarms."""
    for resource in template.of_type("AWS::CloudWatch::Alarm"):
        props = resource.properties
        if "Metrics" in props:  # the author has chosen to ignore it
            continue
        dimensions = {str(entry["Name"]): str(entry["Value"]) for entry in props.get("Dimensions") or []}
        service.deploy(alarm_of(template.name(resource), props, tuple(sorted(dimensions.items()))))


def group_of(template: Template, policy: Mapping[str, Any], identities: Identities) -> Group:
    """The deployment group that an alias's update policy names."""
    name = policy.get("DeploymentGroupName")
    resource = next(r for r in template.of_type("AWS::CodeDeploy::DeploymentGroup") if template.name(r) == name)
    props = resource.properties
    configured = props.get("AlarmConfiguration") or {}
    names = frozenset(str(entry["Name"]) for entry in configured.get("Alarms") or ())
    return Group(
        str(props.get("DeploymentConfigName", f"{PREFIX}AllAtOnce")).removeprefix(PREFIX),
        _role(str(props.get("ServiceRoleArn", "")), identities),
        names if configured.get("Enabled", True) else frozenset(),
    )


def check_update_policy(template: Template, resource: Resource) -> list[Problem]:
    """An alias's update policy must name a deployment group of this template."""
    policy = resource.update_policy.get("CodeDeployLambdaAliasUpdate")
    if policy is None:
        return []
    groups = [template.name(group) for group in template.of_type("AWS::CodeDeploy::DeploymentGroup")]
    if policy.get("DeploymentGroupName") in groups:
        return []
    text = "the update policy names no deployment group of this template."
    return [template.problem(resource, "UpdatePolicy", text)]


def _role(arn: str, identities: Identities) -> Principal:
    """The deployment group's role as CodeDeploy has it: a role that is not in the template may do nothing."""
    role = identities.execution_role(arn)
    if role is None:
        return Principal(arn, (), called=f"the role {arn}")
    return role.session("codedeploy")
