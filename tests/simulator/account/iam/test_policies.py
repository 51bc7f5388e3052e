from typing import Any

import pytest

from lambdalab.simulator.account import managed_policies
from lambdalab.simulator.account.iam import PolicyError, read_policy
from tests.simulator.account.iam.rights import QUEUE, allow


def error(*statements: Any, kind: Any = "identity-based", **document: Any) -> str:
    with pytest.raises(PolicyError) as caught:
        read_policy({"Version": "2012-10-17", "Statement": list(statements), **document}, "the policy p", kind)
    return str(caught.value)


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("nonsense", "statement 1 of the policy p must be a mapping"),
        ({**allow(), "Colour": "red"}, "has an element Colour, which policies do not have"),
        ({**allow(), "Effect": "allow"}, "needs Effect: Allow or Effect: Deny"),
        ({"Effect": "Allow", "Resource": "*"}, "needs either Action or NotAction"),
        ({**allow(), "NotAction": "sqs:*"}, "needs either Action or NotAction"),
        ({"Effect": "Allow", "Action": "sqs:*"}, "needs either Resource or NotResource"),
        (allow(action=[]), "Action must be a text or a list of texts"),
        (allow(action=7), "Action must be a text or a list of texts"),
        (allow(action="SendMessage"), "the action SendMessage has no service; write it like sqs:SendMessage"),
        (allow(resource="orders"), "the resource orders must be an ARN or *"),
        (allow(Principal="*"), "has no Principal: it is who holds the policy"),
        (allow(Condition="x"), "Condition must be a mapping of operators"),
        (allow(Condition={"StringIs": {"a": "b"}}), "StringIs is not a condition operator"),
        (allow(Condition={"StringEquals": "x"}), "StringEquals must be a mapping of condition keys"),
        (allow(Condition={"StringEquals": {"a": {"b": "c"}}}), "a value of StringEquals must be a text"),
        (allow(Condition={"NumericLessThan": {"a": "many"}}), "many is not a value for NumericLessThan"),
        (allow(Condition={"DateLessThan": {"a": "soon"}}), "soon is not a value for DateLessThan"),
    ],
)
def test_a_malformed_statement_is_refused_in_one_sentence(statement: Any, text: str) -> None:
    assert text in error(statement)


@pytest.mark.parametrize(
    ("principal", "text"),
    [
        ({}, "needs either Principal or NotPrincipal"),
        ({"Principal": "sns.amazonaws.com"}, 'a Principal is "*", or a mapping like Service: sns.amazonaws.com'),
        ({"Principal": {"Aws": "*"}}, "Aws is no kind of principal"),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:role/*"}}, "a wildcard cannot be part of a principal"),
        ({"Principal": {"AWS": [None]}}, "a principal must be a text"),
    ],
)
def test_a_resource_s_policy_names_principals(principal: dict[str, Any], text: str) -> None:
    assert text in error(allow(**principal), kind="resource-based")


def test_a_policy_needs_a_version_that_exists_and_a_statement() -> None:
    assert "is 2012-10-17, not 2026-01-01" in error(allow(), Version="2026-01-01")
    assert error() == "the policy p has no Statement."
    with pytest.raises(PolicyError, match="p must be a mapping with a Statement"):
        read_policy(["x"], "p")


def test_a_policy_larger_than_aws_takes_is_refused() -> None:
    document = {"Statement": [allow(resource=[f"{QUEUE}{n}" for n in range(200)])]}
    with pytest.raises(PolicyError, match="p has 9,364 characters; AWS takes at most 6,144"):
        read_policy(document, "p", size_max=6_144)


def test_an_account_that_yaml_read_as_a_number_keeps_its_zeros() -> None:
    read = read_policy({"Statement": allow(Principal={"AWS": 12345678901})}, "p", "resource-based")
    assert read.statements[0].principals == (("AWS", "012345678901"),)


def test_a_statement_is_called_by_its_sid_or_its_number() -> None:
    read = read_policy({"Statement": [allow(Sid="Send"), allow()]}, "p")
    assert [statement.name for statement in read.statements] == ["Send", "statement 2"]


AWS = "arn:aws:iam::aws:policy/"


@pytest.mark.parametrize(
    ("path", "actions"),
    [
        ("service-role/AWSLambdaBasicExecutionRole", {"logs:CreateLogGroup", "logs:PutLogEvents"}),
        ("service-role/AWSLambdaSQSQueueExecutionRole", {"sqs:ReceiveMessage", "sqs:DeleteMessage"}),
        ("service-role/AWSLambdaVPCAccessExecutionRole", {"ec2:CreateNetworkInterface", "ec2:DescribeSubnets"}),
        ("AWSXRayDaemonWriteAccess", {"xray:PutTraceSegments"}),
        ("service-role/AWSLambdaRole", {"lambda:InvokeFunction"}),
        ("AmazonS3ReadOnlyAccess", {"s3:Get*", "s3:List*"}),  # not Lambda's own: from the copy of IAM
    ],
)
def test_awss_managed_policies_hold_awss_actions(path: str, actions: set[str]) -> None:
    """G.1."""
    document = managed_policies.document(AWS + path)
    assert document is not None
    assert actions <= set(document["Statement"][0]["Action"])
    assert read_policy(document, path).statements


@pytest.mark.rule("G.1-01", "G.1-02", "G.1-03", "G.1-04", "G.1-05", "G.1-06", "G.1-07", "G.1-09")
def test_our_copies_of_lambda_s_managed_policies_say_what_iam_s_copy_says() -> None:
    """G.1: the table against moto's copy of IAM."""
    for path, actions in managed_policies.ACTIONS.items():
        known = managed_policies._all()[path.rsplit("/", 1)[-1]]
        assert f"{known['Path']}{path.rsplit('/', 1)[-1]}" == f"/{path}"
        (statement,) = known["Document"]["Statement"]
        listed = statement["Action"]
        assert set(listed if isinstance(listed, list) else [listed]) == set(actions), path


@pytest.mark.parametrize("arn", [f"{AWS}NobodysPolicy", f"{AWS}AWSLambdaRole", "AWSLambdaRole", ""])
def test_a_managed_policy_that_aws_has_not_is_none(arn: str) -> None:
    assert managed_policies.document(arn) is None


@pytest.mark.rule("G.1-10")
def test_no_execution_role_policy_lets_a_function_send_anywhere() -> None:
    for path in managed_policies.ACTIONS:
        if path.endswith("ExecutionRole"):
            assert not {"sqs:SendMessage", "sns:Publish"} & set(managed_policies.ACTIONS[path])
