"""Policies of resources: AWS::Lambda::Permission, AWS::SQS::QueuePolicy, AWS::SNS::TopicPolicy. Facts G.3, G.4."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.account import iam
from lambdalab.simulator.account.constraints import violated
from lambdalab.simulator.account.iam import Authority, Policy, PolicyError, policies
from lambdalab.simulator.lambda_.permissions import statement_of
from lambdalab.simulator.lambda_.service import LambdaService
from lambdalab.simulator.project.names import version_token
from lambdalab.simulator.project.numbers import Numbers
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.resources.versions import function_name
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.vocabulary.arns import arn, function_arn, split_name
from lambdalab.simulator.vocabulary.errors import AwsError

PERMISSION_CONDITIONS = {
    "SourceArn", "SourceAccount", "EventSourceToken", "FunctionUrlAuthType", "InvokedViaFunctionUrl", "PrincipalOrgID",
}  # fmt: skip
_OWNERS = {  # the property that names what the policy is for, its service, its kind, the greatest size
    "AWS::SQS::QueuePolicy": ("Queues", "AWS::SQS::Queue", "sqs", "queue", policies.QUEUE_POLICY_BYTES_MAX),
    "AWS::SNS::TopicPolicy": ("Topics", "AWS::SNS::Topic", "sns", "topic", policies.TOPIC_POLICY_BYTES_MAX),
}


_MATCHED = ("EventSourceToken", "PrincipalOrgID", "SourceAccount", "SourceArn")


def check_permission(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with an AWS::Lambda::Permission, in AWS's words."""
    problems = unknown_properties(template, resource, {"Action", "FunctionName", "Principal", *PERMISSION_CONDITIONS})
    props = resource.properties
    missing = [name for name in ("Action", "FunctionName", "Principal") if not isinstance(props.get(name), str)]
    if missing:
        return [*problems, *(template.problem(resource, name, f"a permission needs {name}.") for name in missing)]
    name, qualifier = split_name(props["FunctionName"])
    if (name, qualifier) not in functions(template):
        text = f"Function not found: {name if name.startswith('arn:') else function_arn(name, qualifier)}"
        problems.append(template.problem(resource, "FunctionName", text, "Name a function of this template."))
    matched = {key: props[key] for key in _MATCHED if isinstance(props.get(key), str)}
    wrong = violated("lambda", "AddPermission", matched)
    if wrong is not None:
        problems.append(template.problem(resource, "Principal", wrong.message))
        return problems
    made = statement_of(function_arn(name, qualifier), _parameters(template, resource))
    if isinstance(made, AwsError):
        problems.append(template.problem(resource, "Principal", made.message))
    return problems


def functions(template: Template) -> set[tuple[str, str | None]]:
    """Every function, version and alias of the template by name and qualifier, as a permission may name it."""
    known: set[tuple[str, str | None]] = {(template.name(r), None) for r in template.of_type("AWS::Lambda::Function")}
    known |= {(function_name(r), version_token(r.logical_id)) for r in template.of_type("AWS::Lambda::Version")}
    return known | {(function_name(r), str(r.properties.get("Name"))) for r in template.of_type("AWS::Lambda::Alias")}


def deploy_permissions(template: Template, lambda_: LambdaService, numbers: Numbers) -> list[Problem]:
    """Add every permission to its function; a policy that becomes too long is a problem."""
    problems = []
    for resource in template.of_type("AWS::Lambda::Permission"):
        function = function_arn(*split_name(numbers.settle(resource.properties["FunctionName"])))
        answer = lambda_.permissions.add(function, _parameters(template, resource))
        if isinstance(answer, AwsError):
            problems.append(template.problem(resource, "FunctionName", answer.message))
    return problems


def remove_permission(template: Template, resource: Resource, lambda_: LambdaService, numbers: Numbers) -> None:
    """Take a permission away from its function, where it still has it."""
    function = function_arn(*split_name(numbers.settle(resource.properties["FunctionName"])))
    lambda_.permissions.remove(function, {"StatementId": _parameters(template, resource)["StatementId"]})


def _parameters(template: Template, resource: Resource) -> dict[str, Any]:
    given = {name: value for name, value in resource.properties.items() if value is not None}
    return {**given, "StatementId": template.name(resource)[:100]}


def check_policy(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with the policy of queues or topics."""
    prop, kind, *_ = _OWNERS[resource.type]
    problems = unknown_properties(template, resource, {prop, "PolicyDocument"})
    known = {template.name(each) for each in template.of_type(kind)}
    named = resource.properties.get(prop)
    if not isinstance(named, list) or not named:
        text = f"{prop} must be a list with at least one of {kind}."
        problems.append(template.problem(resource, prop, text))
        named = []
    for each in named:
        if _name_of(str(each)) not in known:
            text = f"there is no {kind} {each} here."
            problems.append(template.problem(resource, prop, text, "Name one with !Ref."))
    try:
        _read(resource, template.shown_as(resource))
    except PolicyError as error:
        problems.append(template.problem(resource, "PolicyDocument", str(error)))
    return problems


def give_policies(authority: Authority, template: Template) -> None:
    """What :func:`deploy_policies` and :func:`deploy_permissions` give, for questions before a run."""
    deploy_policies(authority, template)
    statements: dict[str, list[Any]] = {}
    for resource in template.of_type("AWS::Lambda::Permission"):
        arn_ = function_arn(*split_name(resource.properties["FunctionName"]))
        statements.setdefault(arn_, []).append(statement_of(arn_, _parameters(template, resource)))
    for arn_, listed in statements.items():
        document = {"Version": "2012-10-17", "Statement": listed}
        name = f"the function policy of {arn_.partition(':function:')[2]}"
        authority.set_policy(arn_, iam.read_policy(document, name, "resource-based"))


def deploy_policies(authority: Authority, template: Template) -> None:
    """Give queues and topics the policies that name them. A second policy for one replaces the first, as on AWS."""
    shown = {template.name(each): template.shown_as(each) for each in template.resources.values()}
    for type_, (prop, _, service, *_) in _OWNERS.items():
        for resource in template.of_type(type_):
            for each in resource.properties[prop]:
                name = _name_of(str(each))
                authority.set_policy(arn(service, name), _read(resource, shown.get(name, name)))


def owners(resource: Resource) -> list[str]:
    """The ARNs of the queues or topics that a policy is for."""
    prop, _, service, *_ = _OWNERS[resource.type]
    return [arn(service, _name_of(str(each))) for each in resource.properties[prop]]


def _read(resource: Resource, shown: str) -> Policy:
    *_, noun, limit = _OWNERS[resource.type]
    document = resource.properties.get("PolicyDocument")
    return iam.read_policy(document, f"the {noun} policy of {shown}", "resource-based", size_max=limit)


def _name_of(reference: str) -> str:
    """The name in a queue's URL or a topic's ARN."""
    return reference.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
