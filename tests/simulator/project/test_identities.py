from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import AccessDenied
from tests.simulator.playing import (
    CODE,
    TRUST,
    Played,
    arn_of,
    as_files,
    invoke,
    make_function,
    make_queue,
    make_template,
    play,
    steps,
)

SEND = ("sqs", "SendMessage", {"QueueUrl": "q", "MessageBody": "x"})
DOCUMENT = {"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}


def with_role(role: dict[str, Any], **resources: Any) -> dict[str, Any]:
    """A function ``work`` with this role, a queue ``q``, and more."""
    template = make_template(make_function(), Q=make_queue("q"), **resources)
    template["Resources"]["Role"] = {"Type": "AWS::IAM::Role", "Properties": role}
    return template


def sending(role: dict[str, Any], **resources: Any) -> Played:
    template = with_role({"AssumeRolePolicyDocument": TRUST, **role}, **resources)
    return play(template, steps(invoke(kind="RequestResponse")), Act(calls=(SEND,)))


def problems(template: Any) -> list[Problem]:
    return problems_of(read_template({**CODE, **as_files(template)}))


def attached(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::IAM::{kind}", "Properties": {"PolicyDocument": DOCUMENT, **properties}}


ROLES = {"Roles": [{"Ref": "Role"}]}
FULL = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"


@pytest.mark.parametrize(
    ("role", "resources", "allowed"),
    [
        ({}, {}, False),
        ({"Policies": [{"PolicyName": "p", "PolicyDocument": DOCUMENT}]}, {}, True),
        ({"ManagedPolicyArns": [FULL]}, {}, True),
        ({"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonSNSFullAccess"]}, {}, False),
        ({}, {"P": attached("Policy", PolicyName="p", **ROLES)}, True),
        ({}, {"P": attached("RolePolicy", PolicyName="p", RoleName={"Ref": "Role"})}, True),
        ({}, {"P": attached("ManagedPolicy", **ROLES)}, True),
        ({}, {"P": attached("ManagedPolicy")}, False),
        ({"ManagedPolicyArns": [{"Ref": "P"}]}, {"P": attached("ManagedPolicy")}, True),
    ],
)
def test_a_role_has_the_policies_that_a_template_gives_it(role: Any, resources: Any, allowed: bool) -> None:
    """G.1, G.2."""
    played = sending(role, **resources)
    assert played.summary["queues"]["q"]["sent"] == int(allowed)
    assert len(played.of(AccessDenied)) == int(not allowed)


def test_a_denial_names_the_role_as_the_template_does() -> None:
    (denied,) = sending({}).of(AccessDenied)
    assert denied.why.startswith("denied: the role Role has no statement that allows sqs:SendMessage on arn:aws:sqs:")
    assert denied.request_id is not None


SAM = """\
Resources:
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src/
      Policies: {policies}
  Q:
    Type: AWS::SQS::Queue
    Properties: {{QueueName: q}}
"""


@pytest.mark.rule("K.2-06")
@pytest.mark.parametrize(
    ("policies", "allowed"),
    [
        ("[]", False),
        ("[AWSLambdaSQSQueueExecutionRole]", False),
        ("[AmazonSQSFullAccess]", True),
        ("[SQSSendMessagePolicy: {QueueName: !GetAtt Q.QueueName}]", True),
        ("[SQSPollerPolicy: {QueueName: !GetAtt Q.QueueName}]", False),
        ("[SQSSendMessagePolicy: {QueueName: other}]", False),
        ("[{Statement: [{Effect: Allow, Action: 'sqs:*', Resource: !GetAtt Q.Arn}]}]", True),
        ("[{Statement: [{Effect: Allow, Action: 'sqs:*', Resource: !GetAtt Q.Arn}]}, AWSLambdaRole]", True),
    ],
)
def test_sam_s_policy_templates_and_policies_are_really_evaluated(policies: str, allowed: bool) -> None:
    played = play(SAM.format(policies=policies), steps(invoke(kind="RequestResponse")), Act(calls=(SEND,)))
    assert played.summary["queues"]["q"]["sent"] == int(allowed)


NO_TRUST = "The role defined for the function cannot be assumed by Lambda."


def trust(**statement: Any) -> dict[str, Any]:
    usual = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {"AssumeRolePolicyDocument": {"Statement": [usual | statement]}}


@pytest.mark.rule("G.2-01")
@pytest.mark.parametrize(
    ("role", "text"),
    [
        ({}, "Role: the role Role needs AssumeRolePolicyDocument: who may assume it."),
        (trust(Principal={"Service": "ec2.amazonaws.com"}), NO_TRUST),
        (trust(Action="sts:AssumeRoleWithSAML"), NO_TRUST),
        (trust(Effect="Deny"), NO_TRUST),
        (trust(Principal={"AWS": "123456789012"}), NO_TRUST),
        (trust(Condition={"StringEquals": {"aws:SourceAccount": "999999999999"}}), NO_TRUST),
        ({"AssumeRolePolicyDocument": "x"}, "the trust policy of the role Role must be a mapping with a Statement."),
        (trust(Sid="x" * 2_048), "AWS takes at most 2,048"),
        ({**trust(), "ManagedPolicyArns": ["arn:aws:iam::aws:policy/Nobodys"]}, "does not exist or is not attachable"),
        ({**trust(), "Policies": ["x"]}, "each of Policies is a mapping with PolicyName and PolicyDocument"),
        ({**trust(), "Policies": [{"PolicyName": "p"}]}, "the policy p of the role Role must be a mapping"),
        ({**trust(), "PermissionsBoundary": FULL}, "the property PermissionsBoundary of AWS::IAM::Role has no effect"),
        ({**trust(), "Path": "/shop/"}, "a Path other than / has no effect"),
    ],
)
def test_a_role_that_lambda_cannot_use_is_refused(role: dict[str, Any], text: str) -> None:
    """G.2: Lambda answers CreateFunction so."""
    assert text in "\n".join(str(problem) for problem in problems(with_role(role)))
    if "has no effect" not in text:
        with pytest.raises(ProjectError):
            play(with_role(role), steps())


@pytest.mark.rule("G.2-01")
@pytest.mark.parametrize(
    "role",
    [
        trust(),
        trust(Principal={"Service": ["edgelambda.amazonaws.com", "lambda.amazonaws.com"]}),
        trust(Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}}),
        trust(Condition={"ArnLike": {"aws:SourceArn": arn_of("lambda", "function:work")}}),
    ],
)
def test_a_role_that_trusts_lambda_is_fine(role: dict[str, Any]) -> None:
    assert problems(with_role(role)) == []


@pytest.mark.rule("G.2-05")
@pytest.mark.parametrize(
    ("role", "text"),
    [
        (None, "a function needs a Role, the execution role."),
        ("Role", "Value 'Role' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern"),
        ("arn:aws:iam::123456789012:role/elsewhere", "There is no role arn:aws:iam::123456789012:role/elsewhere in"),
        ("arn:aws:iam::999999999999:role/theirs", NO_TRUST),
    ],
)
def test_a_function_needs_a_role_that_exists(role: str | None, text: str) -> None:
    (problem,) = problems(make_template(make_function(Role=role)))
    assert text in str(problem)


def test_a_policy_attached_to_nobody_here_is_reported() -> None:
    template = make_template(P=attached("Policy", PolicyName="p", Roles=["nobody"]))
    assert [problem.message for problem in problems(template)] == ["P: there is no role nobody here."]


def test_policies_that_are_too_long_together_are_refused() -> None:
    long = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Sid": "x" * 6_000}]}
    each = {"PolicyDocument": long}
    policies = {"Policies": [{"PolicyName": "a", **each}, {"PolicyName": "b", **each}]}
    assert "AWS takes at most 10,240" in problems(with_role({**trust(), **policies}))[0].message
    managed = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": long}}
    long["Statement"][0]["Sid"] = "x" * 7_000
    assert "AWS takes at most 6,144" in problems(make_template(P=managed))[0].message
