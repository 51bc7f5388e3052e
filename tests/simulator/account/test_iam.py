from typing import Any

import pytest

from lambdalab.simulator.account import managed_policies
from lambdalab.simulator.account.iam import ADMINISTRATOR, Principal, action_of, denied, statements_of

QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"


def allow(action: Any = "sqs:SendMessage", resource: Any = QUEUE, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(**more: Any) -> dict[str, Any]:
    return {**allow("sqs:*", "*"), "Effect": "Deny", **more}


def may(*statements: dict[str, Any], action: str = "sqs:SendMessage", resource: str = QUEUE) -> bool:
    return denied(Principal("arn:aws:iam::123456789012:role/r", statements), action, resource) is None


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        ((), False),
        ((allow(),), True),
        ((allow(["sqs:ReceiveMessage", "sqs:SendMessage"], ["arn:other", QUEUE]),), True),
        ((allow(resource=f"{QUEUE}2"),), False),
        ((allow(resource="arn:aws:sqs:*:*:ord*"),), True),
        ((allow(resource="arn:aws:sqs:us-east-1:123456789012:order?"),), True),
        ((allow(resource="ARN:AWS:SQS:US-EAST-1:123456789012:ORDERS"),), False),
        ((allow(action="SQS:SENDMESSAGE"),), True),
        ((allow(), deny()), False),
        ((deny(), allow()), False),
        ((allow(), deny(Resource="arn:aws:sqs:us-east-1:123456789012:others")), True),
        (({"Effect": "Allow", "NotAction": "sqs:Delete*", "Resource": "*"},), True),
        (({"Effect": "Allow", "NotAction": "sqs:Send*", "Resource": "*"},), False),
        (({"Effect": "Allow", "Action": "*", "NotResource": QUEUE},), False),
        ((allow(action="sqs.SendMessage"),), False),
        ((allow(action="sqs:Send[M]essage"),), False),
    ],
)
def test_an_explicit_deny_wins_then_an_allow_is_needed(statements: tuple[dict[str, Any], ...], allowed: bool) -> None:
    assert may(*statements) is allowed


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, True),
        ({"StringEquals": {"aws:requestedregion": ["eu-west-1", "us-east-1"]}}, True),
        ({"StringEquals": {"aws:RequestedRegion": "us-*"}}, False),
        ({"StringLike": {"aws:RequestedRegion": "us-*"}}, True),
        ({"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}, False),
        ({"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}, True),
        ({"StringNotLike": {"aws:RequestedRegion": "us-*"}}, False),
        ({"StringEquals": {"aws:SourceIp": "10.0.0.1"}}, False),
        ({"StringEqualsIfExists": {"aws:SourceIp": "10.0.0.1"}}, True),
        ({"StringNotEquals": {"aws:SourceIp": "10.0.0.1"}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": "123456789012", "aws:RequestedRegion": "eu-west-1"}}, False),
    ],
)
def test_a_condition_is_evaluated(condition: dict[str, Any], holds: bool) -> None:
    assert may(allow(Condition=condition)) is holds


def test_a_deny_outside_the_home_region_does_not_deny_inside_it() -> None:
    outside = deny(Condition={"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}})
    assert may(allow(), outside)


def test_an_explicit_deny_says_so() -> None:
    error = denied(Principal("arn:me", (allow(), deny())), "sqs:SendMessage", QUEUE)
    assert error is not None
    assert error.message.endswith("with an explicit deny in an identity-based policy")


def test_the_administrator_may_do_everything() -> None:
    assert denied(ADMINISTRATOR, "iam:DeleteEverything", "*") is None


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("lambda", "Invoke", "lambda:InvokeFunction"),
        ("sqs", "SendMessageBatch", "sqs:SendMessage"),
        ("sqs", "ReceiveMessage", "sqs:ReceiveMessage"),
        ("sns", "Publish", "sns:Publish"),
    ],
)
def test_an_operation_is_allowed_by_the_action_that_iam_names(service: str, operation: str, action: str) -> None:
    assert action_of(service, operation) == action


def test_statements_of_several_documents_are_joined_one_or_many() -> None:
    assert statements_of([{"Statement": allow()}, {"Statement": [deny(), allow()]}, {}]) == (allow(), deny(), allow())


def test_lambdas_managed_policies_hold_awss_actions() -> None:
    document = managed_policies.document("arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole")
    assert document is not None
    assert {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"} < set(
        document["Statement"][0]["Action"]
    )
    assert managed_policies.document("NobodysPolicy") is None
