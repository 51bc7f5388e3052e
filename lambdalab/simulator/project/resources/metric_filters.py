"""AWS::Logs::MetricFilter. Source: CloudFormation's reference of it, read 2026-11."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.resources.log_groups import group_names
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.logs import LogsService
from lambdalab.simulator.services.logs.metric_filters import MetricFilter, read_metric_filter
from lambdalab.simulator.vocabulary.errors import AwsError

TYPE = "AWS::Logs::MetricFilter"
KNOWN = {"FilterName", "FilterPattern", "LogGroupName", "MetricTransformations"}
REQUIRED = ("FilterPattern", "LogGroupName", "MetricTransformations")
MEMBERS = {"MetricName", "MetricNamespace", "MetricValue", "DefaultValue", "Dimensions", "Unit"}


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a metric filter."""
    problems, props = unknown_properties(template, resource, KNOWN), resource.properties
    missing = [name for name in REQUIRED if props.get(name) is None]
    if missing:
        return [*problems, *(template.problem(resource, name, f"a metric filter needs {name}.") for name in missing)]
    if str(props["LogGroupName"]) not in group_names(template):
        text = f"there is no log group {props['LogGroupName']} when the stack is made."
        fix = "Add an AWS::Logs::LogGroup with this name: Lambda makes a function's own group with its first line."
        problems.append(template.problem(resource, "LogGroupName", text, fix))
    wrong = _wrong_shape(props["MetricTransformations"])
    if wrong is not None:
        return [*problems, template.problem(resource, "MetricTransformations", wrong)]
    read = _read(template, resource)
    if isinstance(read, AwsError):
        severity = "unsupported" if read.code == "NotSimulated" else "error"
        problems.append(template.problem(resource, "MetricTransformations", read.message, "", severity))
    return problems


def deploy(template: Template, logs: LogsService) -> None:
    """Make the template's metric filters."""
    for resource in template.of_type(TYPE):
        read = _read(template, resource)
        if not isinstance(read, AwsError):  # the author has chosen to ignore what is not simulated
            logs.deploy_metric_filter(str(resource.properties["LogGroupName"]), read)


def _wrong_shape(given: Any) -> str | None:
    """Why these are no transformations, or None."""
    if not isinstance(given, list) or len(given) != 1 or not isinstance(given[0], dict):
        return "a metric filter has exactly one metric transformation."
    unknown = sorted(set(given[0]) - MEMBERS)
    if unknown:
        return f"Encountered unsupported property {unknown[0]} of a metric transformation."
    lacking = [name for name in ("MetricName", "MetricNamespace", "MetricValue") if given[0].get(name) in (None, {})]
    if lacking:
        return f"a metric transformation needs {lacking[0]}."
    dimensions = given[0].get("Dimensions") or []
    if not isinstance(dimensions, list) or not all(
        isinstance(e, dict) and set(e) == {"Key", "Value"} for e in dimensions
    ):
        return "each dimension of a metric transformation has a Key and a Value."
    default = given[0].get("DefaultValue")
    if default is not None and (isinstance(default, bool) or not isinstance(default, int | float)):
        return "the DefaultValue of a metric transformation is a number."
    return None


def _read(template: Template, resource: Resource) -> MetricFilter | AwsError:
    return read_metric_filter(parameters_of(template, resource))


def parameters_of(template: Template, resource: Resource) -> dict[str, Any]:
    """What PutMetricFilter is asked for, beside the log group."""
    props = resource.properties
    given = props["MetricTransformations"][0]
    transformation = {
        "metricName": given["MetricName"],
        "metricNamespace": given["MetricNamespace"],
        "metricValue": str(given["MetricValue"]),
        "defaultValue": given.get("DefaultValue"),
        "dimensions": {str(each["Key"]): str(each["Value"]) for each in given.get("Dimensions") or []},
        "unit": given.get("Unit") or "None",
    }
    told = {name: value for name, value in transformation.items() if value not in (None, {})}
    return {
        "filterName": str(props.get("FilterName") or template.name(resource)),
        "filterPattern": str(props["FilterPattern"]),
        "metricTransformations": [told],
    }
