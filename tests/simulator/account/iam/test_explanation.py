from typing import Any

import pytest

from lambdalab.simulator.account.iam import ADMINISTRATOR, Policy, Principal
from tests.simulator.account.iam.rights import (
    FUNCTION,
    QUEUE,
    SNS,
    TOPIC,
    account,
    allow,
    deny,
    own_policy,
    partner,
    role,
)

SEND = f"sqs:SendMessage on {QUEUE}"


def why(principal: Principal, own: Policy | None = None) -> str:
    return account(own).why(principal, "sqs:SendMessage", QUEUE)


def test_a_role_without_a_statement_is_told_which_one_to_add() -> None:
    assert why(role()) == (
        f"denied: the role r has no statement that allows {SEND}; add one to its policies"
    )


def test_a_statement_for_another_resource_is_named() -> None:
    text = why(role(allow("sns:*"), allow(resource=f"{QUEUE}2")))
    assert f"(statement 2 of the policy p allows it only on {QUEUE}2)" in text


def test_a_condition_that_does_not_hold_is_named_with_what_the_request_says() -> None:
    elsewhere = {"Sid": "Elsewhere", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}
    wanted = "(the statement Elsewhere of the policy p needs StringEquals aws:RequestedRegion eu-west-1, "
    assert f"{wanted}and here it is us-east-1)" in why(role(allow(**elsewhere)))
    tagged = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "shop"}}}
    assert "and the request does not say it)" in why(role(allow(**tagged)))


def test_a_service_without_a_policy_is_told_what_the_resource_lacks() -> None:
    assert why(SNS) == (
        f"denied: {QUEUE} has no policy of its own that allows the service sns.amazonaws.com sqs:SendMessage; "
        f"add a statement with Principal: sns.amazonaws.com and SourceArn: {TOPIC}"
    )


def test_a_policy_for_somebody_else_is_named() -> None:
    text = why(SNS, own_policy(allow(Sid="s3", Principal={"Service": "s3.amazonaws.com"})))
    assert "the queue policy of orders has no statement that allows the service sns.amazonaws.com" in text
    assert "(the statement s3 of the queue policy of orders is for s3.amazonaws.com only)" in text


def test_a_deny_is_named() -> None:
    text = why(role(allow(), deny(Sid="Never")))
    assert text == f"denied: the statement Never of the policy p denies the role r {SEND}, and a Deny always wins"


def test_an_allow_is_named_too() -> None:
    assert why(role(allow())) == f"allowed: statement 1 of the policy p allows the role r {SEND}"
    assert why(ADMINISTRATOR) == f"allowed: the scenario may do everything, so also {SEND}"


@pytest.mark.rule("G.5-06")
@pytest.mark.parametrize(
    ("principal", "own", "end"),
    [
        (role(), None, "because no identity-based policy allows the sqs:SendMessage action"),
        (partner(), None, "because no resource-based policy allows the sqs:SendMessage action"),
        (role(deny()), None, "with an explicit deny in an identity-based policy"),
        (role(allow()), own_policy(deny(Principal="*")), "with an explicit deny in a resource-based policy"),
    ],
)
def test_aws_s_own_message_stays_exact(principal: Principal, own: Any, end: str) -> None:
    """G.5, rule 6."""
    refusal = account(own).denied(principal, "sqs:SendMessage", QUEUE)
    assert refusal is not None
    start = f"User: {principal.arn} is not authorized to perform: sqs:SendMessage on resource: {QUEUE} "
    assert (refusal.error.code, refusal.error.status) == ("AccessDeniedException", 403)
    assert refusal.error.message == start + end


def test_sns_has_a_code_of_its_own() -> None:
    refusal = account().denied(role(), "sns:Publish", TOPIC)
    assert refusal is not None
    assert refusal.error.code == "AuthorizationError"


def test_every_denial_is_a_fact_with_its_policy() -> None:
    refusal = account().denied(role(deny(Sid="Never")), "sqs:SendMessage", QUEUE)
    assert refusal is not None
    fact = refusal.fact("function/charge", "id")
    assert (fact.policy, fact.statement, fact.lacking) == ("the policy p", "Never", None)
    assert (fact.source, fact.request_id, fact.resource) == ("function/charge", "id", QUEUE)
    assert FUNCTION not in fact.why
