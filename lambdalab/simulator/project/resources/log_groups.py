"""AWS::Logs::LogGroup and AWS::Logs::SubscriptionFilter, and what SAM makes of a function's events of type
CloudWatchLogs. Facts F.8, G.4 and H.2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lambdalab.simulator.account import service_principal
from lambdalab.simulator.account.iam import Authority
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import event_problem, unknown_properties
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.logs import LogsService, SubscriptionFilter
from lambdalab.simulator.services.logs.service import RETENTION_DAYS, read_filter
from lambdalab.simulator.services.logs.subscriptions import NAMES
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError

GROUP, FILTER = "AWS::Logs::LogGroup", "AWS::Logs::SubscriptionFilter"
OWN = "/aws/lambda/"


def check_group(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a log group."""
    problems = unknown_properties(template, resource, {"LogGroupName", "RetentionInDays", "LogGroupClass", "Tags"})
    days = resource.properties.get("RetentionInDays")
    if days is not None and days not in RETENTION_DAYS:
        text = f"RetentionInDays must be one of {', '.join(map(str, RETENTION_DAYS))}, not {days}."
        problems.append(template.problem(resource, "RetentionInDays", text))
    return problems


def check_filter(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a subscription filter."""
    known = {"FilterName", "FilterPattern", "LogGroupName", "DestinationArn"}
    problems, props = unknown_properties(template, resource, known), resource.properties
    missing = [name for name in ("LogGroupName", "DestinationArn") if not props.get(name)]
    if missing:
        problems += [event_problem(template, resource, n, f"a subscription filter needs {n}.") for n in missing]
        return problems
    if str(props["LogGroupName"]) not in group_names(template):
        text = f"there is no log group {props['LogGroupName']} when the stack is made."
        fix = "Add an AWS::Logs::LogGroup with this name: Lambda makes a function's own group with its first line."
        problems.append(event_problem(template, resource, "LogGroupName", text, fix))
    read = _read(template, resource)
    if isinstance(read, AwsError):
        severity = "unsupported" if read.code == "NotSimulated" else "error"
        return [*problems, event_problem(template, resource, "FilterPattern", read.message, "", severity)]
    if str(props["LogGroupName"]) == OWN + read.target.partition(":function:")[2]:
        text = "a loop: each line that the function logs starts it again."
        fix = "Never subscribe a function to its own log group."
        problems.append(event_problem(template, resource, "LogGroupName", text, fix, "warning"))
    return problems


def check_rights(template: Template, authority: Authority) -> Iterator[Problem]:
    """Functions that do not let CloudWatch Logs in: it asks when the filter is made. Fact G.4"""
    for resource in template.of_type(FILTER):
        read = _read(template, resource)
        if isinstance(read, AwsError):  # what is not simulated was told before
            continue
        group = arn("logs", f"log-group:{resource.properties['LogGroupName']}:*")
        refusals = [authority.denied(service_principal(n, group), "lambda:InvokeFunction", read.target) for n in NAMES]
        if all(refusals) and refusals[0] is not None:
            text = (
                "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute "
                "your function."
            )
            why = refusals[0].why
            yield event_problem(template, resource, "DestinationArn", text, f"{why[:1].upper()}{why[1:]}.")


def deploy(template: Template, logs: LogsService) -> None:
    """Create the template's log groups and their filters."""
    for resource in template.of_type(GROUP):
        logs.store.group(template.name(resource)).retention_days = resource.properties.get("RetentionInDays")
    for resource in template.of_type(FILTER):
        read = _read(template, resource)
        if not isinstance(read, AwsError):  # the author has chosen to ignore what is not simulated
            logs.deploy_filter(str(resource.properties["LogGroupName"]), read)


def group_names(template: Template) -> set[str]:
    """The log groups that are there when the stack is made."""
    return {template.name(each) for each in template.of_type(GROUP)}


def _read(template: Template, resource: Resource) -> SubscriptionFilter | AwsError:
    props: Mapping[str, Any] = resource.properties
    return read_filter(
        {
            "filterName": props.get("FilterName") or template.name(resource),
            "filterPattern": props.get("FilterPattern", ""),
            "destinationArn": props["DestinationArn"],
        }
    )
