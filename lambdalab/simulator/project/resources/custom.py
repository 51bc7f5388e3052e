"""AWS::CloudFormation::CustomResource and Custom::X: what can be said of them before the stack is made. Fact F.8."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.project.custom_resources import named_in
from lambdalab.simulator.project.names import is_custom
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.versions import function_name
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.vocabulary.arns import function_arn
from lambdalab.simulator.vocabulary.quotas import CUSTOM_RESOURCE_WAIT_S


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a custom resource."""
    problems = []
    token = resource.properties.get("ServiceToken")
    if not isinstance(token, str) or token not in _tokens(template):
        text = "a custom resource needs a ServiceToken, the ARN of a function of this template."
        problems.append(template.problem(resource, "ServiceToken", text, "Write !GetAtt MyFunction.Arn."))
    timeout = resource.properties.get("ServiceTimeout", CUSTOM_RESOURCE_WAIT_S)
    if not (str(timeout).isdecimal() and len(str(timeout)) < 9 and 1 <= int(timeout) <= CUSTOM_RESOURCE_WAIT_S):
        text = f"ServiceTimeout must be 1 to {CUSTOM_RESOURCE_WAIT_S} seconds, not {timeout!r}."
        problems.append(template.problem(resource, "ServiceTimeout", text))
    return problems


def check_names(template: Template) -> list[Problem]:
    """What a custom resource answers is known when it is made, which is after every other resource."""
    problems = []
    for resource in template.resources.values():
        named = sorted(named_in(resource.properties) & template.resources.keys())
        if named and not is_custom(resource.type):
            text = f"{resource.logical_id}: what {named[0]} answers can be named by other custom resources only, here."
            path = ("Resources", resource.origin)
            problems.append(template.source.problem(path, text, "Leave it out.", "unsupported"))
    return problems


def _tokens(template: Template) -> set[Any]:
    arns = {function_arn(template.name(each)) for each in template.of_type("AWS::Lambda::Function")}
    aliases = template.of_type("AWS::Lambda::Alias")
    return arns | {function_arn(function_name(each), str(each.properties.get("Name"))) for each in aliases}
