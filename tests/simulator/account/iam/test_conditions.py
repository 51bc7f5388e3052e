from typing import Any

import pytest

from lambdalab.simulator.account.iam.conditions import Condition, Context, holds, parse_operator
from tests.simulator.account.iam.rights import ACCOUNT, QUEUE, allow, may, policy, role

FIXED: dict[str, tuple[str, ...]] = {
    "aws:username": ("Alice",),
    "aws:sourcearn": (QUEUE,),
    "aws:sourceip": ("203.0.113.7",),
    "aws:securetransport": ("true",),
    "aws:currenttime": ("2026-11-24T16:00:00Z",),
    "sqs:count": ("12",),
    "aws:tagkeys": ("team", "stage"),
    "aws:empty": (),
}


def condition(operator: str, key: str, *values: str) -> bool:
    parsed = parse_operator(operator)
    assert parsed is not None
    context = Context(FIXED)
    return holds(Condition(operator, key, values, *parsed), context, context.variable)


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("StringEquals", "aws:username", "Alice", True),
        ("StringEquals", "AWS:UserName", "Alice", True),  # a key's case does not matter
        ("StringEquals", "aws:username", "alice", False),  # a value's does
        ("StringEquals", "aws:username", "A*", False),
        ("StringNotEquals", "aws:username", "alice", True),
        ("StringEqualsIgnoreCase", "aws:username", "ALICE", True),
        ("StringNotEqualsIgnoreCase", "aws:username", "ALICE", False),
        ("StringLike", "aws:username", "A?i*", True),
        ("StringLike", "aws:username", "a*", False),
        ("StringNotLike", "aws:username", "B*", True),
        ("ArnEquals", "aws:SourceArn", QUEUE, True),
        ("ArnEquals", "aws:SourceArn", "arn:aws:sqs:*:*:ord*", True),
        ("ArnLike", "aws:SourceArn", "arn:aws:sqs:*:orders", False),  # each part on its own
        ("ArnLike", "aws:SourceArn", "arn:*:orders", False),
        ("ArnNotLike", "aws:SourceArn", "arn:aws:sns:*:*:*", True),
        ("ArnLike", "aws:username", "*:*", False),
        ("Bool", "aws:SecureTransport", "true", True),
        ("Bool", "aws:SecureTransport", "false", False),
        ("NumericEquals", "sqs:count", "12.0", True),
        ("NumericNotEquals", "sqs:count", "12", False),
        ("NumericLessThan", "sqs:count", "12", False),
        ("NumericLessThanEquals", "sqs:count", "12", True),
        ("NumericGreaterThan", "sqs:count", "9", True),
        ("NumericGreaterThanEquals", "sqs:count", "13", False),
        ("NumericEquals", "aws:username", "12", False),
        ("DateLessThan", "aws:CurrentTime", "2026-11-24T17:00:00Z", True),
        ("DateLessThan", "aws:CurrentTime", "2026-11-24T16:30:00+01:00", False),
        ("DateGreaterThan", "aws:CurrentTime", "0", True),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", True),
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8", False),
        ("NotIpAddress", "aws:SourceIp", "10.0.0.0/8", True),
        ("IpAddress", "aws:username", "10.0.0.0/8", False),
        ("Null", "aws:username", "false", True),
        ("Null", "aws:username", "true", False),
        ("Null", "aws:nothing", "true", True),
    ],
)
def test_each_operator_compares_as_aws_says(operator: str, key: str, value: str, expected: bool) -> None:
    assert condition(operator, key, value) is expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("StringEqualsIfExists", True),
        ("StringNotEquals", True),
        ("StringNotEqualsIfExists", True),
        ("NumericLessThan", False),
        ("ArnLikeIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAllValues:StringNotEquals", True),
        ("ForAnyValue:StringNotEquals", False),
    ],
)
def test_a_key_that_the_request_has_not(operator: str, expected: bool) -> None:
    assert condition(operator, "aws:nothing", "1") is expected
    assert condition(operator, "aws:empty", "1") is expected


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("ForAnyValue:StringEquals", ("stage", "owner"), True),
        ("ForAnyValue:StringEquals", ("owner",), False),
        ("ForAllValues:StringEquals", ("stage", "owner"), False),
        ("ForAllValues:StringEquals", ("stage", "team", "owner"), True),
        ("ForAnyValue:StringNotEquals", ("stage",), True),
        ("ForAnyValue:StringNotEquals", ("stage", "team"), False),
        ("ForAllValues:StringNotEquals", ("owner",), True),
        ("ForAllValues:StringNotEquals", ("stage",), False),
        ("ForAnyValue:StringLike", ("sta*",), True),
    ],
)
def test_a_key_with_several_values_of_which_any_or_all_must_compare(
    operator: str, values: tuple[str, ...], expected: bool
) -> None:
    assert condition(operator, "aws:TagKeys", *values) is expected


def test_any_of_several_values_suffices_and_none_may_for_a_negation() -> None:
    assert condition("StringEquals", "aws:username", "Bob", "Alice")
    assert not condition("StringNotEquals", "aws:username", "Bob", "Alice")


@pytest.mark.parametrize("operator", ["StringEqual", "Stringequals", "ForSome:StringEquals", "NullIfExists", "", "Is"])
def test_other_operators_do_not_exist(operator: str) -> None:
    assert parse_operator(operator) is None


@pytest.mark.parametrize(
    ("conditions", "allowed"),
    [
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, True),
        ({"StringEquals": {"aws:requestedregion": ["eu-west-1", "us-east-1"]}}, True),
        ({"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}, False),
        ({"StringEquals": {"aws:PrincipalAccount": ACCOUNT, "aws:RequestedRegion": "eu-west-1"}}, False),
        ({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}, "Bool": {"aws:SecureTransport": True}}, True),
        ({"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}, True),
        ({"StringEquals": {"aws:ResourceAccount": "${aws:username}"}}, False),
        ({"StringEquals": {"aws:ResourceAccount": "${aws:username, '123456789012'}"}}, True),
        ({"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/r"}}, True),
    ],
)
def test_conditions_of_a_statement_must_all_hold(conditions: dict[str, Any], allowed: bool) -> None:
    assert may(role(allow(Condition=conditions))) is allowed


@pytest.mark.parametrize(
    ("resource", "allowed"),
    [
        ("arn:aws:sqs:${aws:RequestedRegion}:${aws:PrincipalAccount}:orders", True),
        ("arn:aws:sqs:us-east-1:${aws:username}:orders", False),
        ("arn:aws:sqs:us-east-1:*:order${*}", False),  # the character itself
        ("arn:aws:sqs:us-east-1:*:orde${?}s", False),
        ("arn:aws:sqs:us-east-1:*:${aws:none, 'orders'}", True),
        ("arn:aws:sqs:us-east-1:*:${aws:none, 'o*'}", False),  # a value's own star is a star
    ],
)
def test_variables_of_a_policy_are_replaced(resource: str, allowed: bool) -> None:
    assert may(role(allow(resource=resource))) is allowed


def test_a_policy_of_the_old_version_has_no_variables() -> None:
    literal = policy(allow(resource="arn:aws:sqs:us-east-1:*:${aws:none, 'orders'}"), version="2008-10-17")
    assert not literal.statements[0].variables
