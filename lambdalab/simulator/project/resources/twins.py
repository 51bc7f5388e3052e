"""Two resources that are called the same: the second cannot be created. Source: CloudFormation, "already exists"."""

from __future__ import annotations

from lambdalab.simulator.lambda_.function import LATEST
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.vocabulary.arns import function_arn, split_name

NAMED = {
    "AWS::DynamoDB::Table", "AWS::Kinesis::Stream", "AWS::Lambda::Function", "AWS::S3::Bucket", "AWS::SNS::Topic",
    "AWS::SQS::Queue", "AWS::StepFunctions::StateMachine",
}  # fmt: skip  # whose physical name nothing else of their type may have


def check(template: Template) -> list[Problem]:
    """Functions, queues and the like with one name; aliases and event-invoke configurations of one function."""
    problems: list[Problem] = []
    seen: dict[tuple[str, str], Resource] = {}
    for resource in template.resources.values():
        identity = _identity(template, resource)
        if identity is None:
            continue
        first = seen.setdefault((resource.type, identity), resource)
        if first is not resource:
            text = f"{resource.logical_id}: {identity} already exists: {first.logical_id} is called so."
            problems.append(template.source.problem(("Resources", resource.origin), text, "Give it a name of its own."))
    return problems


def check_configurations(template: Template) -> list[Problem]:
    """An event-invoke configuration belongs to a function of the template."""
    problems = []
    known = {template.name(each) for each in template.of_type("AWS::Lambda::Function")}
    for resource in template.of_type("AWS::Lambda::EventInvokeConfig"):
        function = str(resource.properties.get("FunctionName", ""))
        if split_name(function)[0] not in known:
            text = f"{function or 'nothing'} is no function of this template."
            problems.append(template.problem(resource, "FunctionName", text, "Name one with !Ref."))
    return problems


def _identity(template: Template, resource: Resource) -> str | None:
    """What nothing else of its type may be called; None where that is not looked at."""
    if resource.type in NAMED:
        return template.name(resource)
    props = resource.properties
    name = split_name(str(props.get("FunctionName", "")))[0]
    if resource.type == "AWS::Lambda::Alias":
        return function_arn(name, str(props.get("Name")))
    if resource.type == "AWS::Lambda::EventInvokeConfig":
        return f"the configuration of {name}:{props.get('Qualifier', LATEST)}"
    return None
