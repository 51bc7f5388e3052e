"""Names, partial ARNs and ARNs by which functions are called, and those that lead to none. Fact A.1, BC."""

from typing import Any

import pytest

from lambdalab.simulator.account import Principal
from lambdalab.simulator.account.iam import read_policy
from lambdalab.simulator.vocabulary.arns import split_name
from tests.simulator.desk import Desk, output, refused

HOME = "arn:aws:lambda:us-east-1:123456789012"
INVOKER: dict[str, Any] = {
    "Statement": [{"Effect": "Allow", "Action": "lambda:*", "Resource": f"{HOME}:function:*"}],
}


@pytest.mark.parametrize(
    "name",
    [
        "work",
        "function:work",
        "123456789012:function:work",
        "123456789012:work",
        f"{HOME}:function:work",
        f"{HOME}:work",
    ],
)
@pytest.mark.parametrize("qualifier", ["", ":$LATEST"])
def test_a_function_answers_to_its_name_its_partial_arns_and_its_arn(name: str, qualifier: str) -> None:
    assert output(Desk().call("Invoke", FunctionName=name + qualifier))["ExecutedVersion"] == "$LATEST"


@pytest.mark.parametrize("name", ["arn:aws:lambda:us-east-1:999999999999:function:work", "999999999999:function:work"])
@pytest.mark.parametrize("operation", ["Invoke", "GetFunctionConfiguration"])
def test_a_function_of_another_account_is_not_mistaken_for_ones_own(name: str, operation: str) -> None:
    desk = Desk()
    status, code, text = refused(desk.call(operation, FunctionName=name))
    assert (status, code) == (403, "AccessDeniedException")
    action = "lambda:InvokeFunction" if operation == "Invoke" else f"lambda:{operation}"
    assert text.endswith(
        f"is not authorized to perform: {action} on resource: arn:aws:lambda:us-east-1:999999999999:function:work "
        f"because no resource-based policy allows the {action} action"
    )


def test_who_may_call_the_functions_of_his_account_may_not_call_those_of_another() -> None:
    policy = read_policy(INVOKER, "own", "identity-based")
    caller = Principal("arn:aws:iam::123456789012:user/ada", (policy,))
    name = "arn:aws:lambda:us-east-1:999999999999:function:work"
    status, code, text = refused(Desk().call("Invoke", caller=caller, FunctionName=name))
    assert (status, code) == (403, "AccessDeniedException")
    assert f"on resource: {name} because no identity-based policy allows" in text


def test_a_function_of_another_region_cannot_be_reached() -> None:
    name = "arn:aws:lambda:eu-west-1:123456789012:function:work"
    assert refused(Desk().call("Invoke", FunctionName=name)) == (
        404, "ResourceNotFoundException", "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"FunctionName": "my work!"}, "Value 'my work!' at 'functionName' failed to satisfy constraint: "),
        ({"FunctionName": "work:"}, "Value 'work:' at 'functionName' failed to satisfy constraint: "),
        ({"FunctionName": "x" * 257}, f"Value '{'x' * 200}' at 'functionName' failed to satisfy constraint: "),
        ({"Qualifier": "a b"}, "Value 'a b' at 'qualifier' failed to satisfy constraint: "),
        ({"Qualifier": "q" * 129}, f"Value '{'q' * 129}' at 'qualifier' failed to satisfy constraint: "),
        ({"FunctionName": "work:live:more"}, "Value 'live:more' at 'qualifier' failed to satisfy constraint: "),
    ],
)  # fmt: skip
def test_what_nothing_can_be_called_is_refused_as_a_value(given: dict[str, Any], wrong: str) -> None:
    status, code, text = refused(Desk().call("Invoke", **given))
    assert (status, code) == (400, "ValidationException")
    assert text.startswith(f"1 validation error detected: {wrong}")


@pytest.mark.parametrize(
    ("operation", "given", "wrong"),
    [
        ("UpdateFunctionConfiguration", {"Description": "d" * 257}, "'description' failed to satisfy constraint: "),
        ("UpdateFunctionConfiguration", {"Handler": "h" * 129}, "'handler' failed to satisfy constraint: "),
        ("UpdateFunctionConfiguration", {"Handler": "app handler"}, "'handler' failed to satisfy constraint: "),
        ("CreateAlias", {"Name": "a", "FunctionVersion": "one"}, "'functionVersion' failed to satisfy "),
        ("AddPermission", {"StatementId": "s", "Action": "lambda:*", "Principal": "*", "SourceAccount": "12"},
         "'sourceAccount' failed to satisfy constraint: Member must satisfy regular expression pattern: \\d{12}"),
        ("ListVersionsByFunction", {"MaxItems": 10_001}, "'maxItems' failed to satisfy constraint: "),
    ],
)  # fmt: skip
def test_lengths_and_patterns_of_the_model_are_kept(operation: str, given: dict[str, Any], wrong: str) -> None:
    status, code, text = refused(Desk().call(operation, **given))
    assert (status, code) == (400, "ValidationException")
    assert wrong in text


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("function", ("function", None)),
        ("hello:{version HelloVersion}", ("hello", "{version HelloVersion}")),
        ("us-east-1.hello:1", ("us-east-1.hello", "1")),
        ("arn:aws:sqs:us-east-1:123456789012:hello", ("arn:aws:sqs:us-east-1:123456789012:hello", None)),
    ],
)
def test_a_name_is_taken_apart_wherever_it_comes_from(name: str, parts: tuple[str, str | None]) -> None:
    assert split_name(name) == parts
