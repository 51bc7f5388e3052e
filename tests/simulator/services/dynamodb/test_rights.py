from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.services.dynamodb.rights import DynamoDbGuard
from lambdalab.simulator.trace.facts import AccessDenied, ApiCalled, ItemWritten
from tests.simulator.playing import invoke, make_function, make_template, play, steps
from tests.simulator.services.dynamodb.test_changes import KEY, make_table

PUT = {"Put": {"TableName": "orders", "Item": KEY}}
GET = {"Get": {"TableName": "orders", "Key": KEY}}
CHECK = {"ConditionCheck": {"TableName": "orders", "Key": KEY, "ConditionExpression": "attribute_not_exists(id)"}}


@pytest.mark.parametrize(
    ("operation", "params", "expected"),
    [
        ("PutItem", {"TableName": "orders"}, [("PutItem", "orders")]),
        ("Query", {"TableName": "orders"}, [("Query", "orders")]),
        ("Query", {"TableName": "orders", "IndexName": "by-day"}, [("Query", "orders/index/by-day")]),
        ("Scan", {"TableName": "arn:aws:dynamodb:us-east-1:123456789012:table/orders"}, [("Scan", "orders")]),
        ("BatchGetItem", {"RequestItems": {"a": {}, "b": {}}}, [("BatchGetItem", "a"), ("BatchGetItem", "b")]),
        ("TransactWriteItems", {"TransactItems": [PUT, CHECK, PUT]},
         [("PutItem", "orders"), ("ConditionCheckItem", "orders")]),
        ("TransactGetItems", {"TransactItems": [GET]}, [("GetItem", "orders")]),
        ("ListTables", {}, [("ListTables", "*")]),
    ],
)  # fmt: skip
def test_what_an_operation_needs(operation: str, params: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    rights = DynamoDbGuard().rights(operation, params)
    shown = [(right.action.partition(":")[2], right.resource.rpartition(":table/")[2]) for right in rights]
    assert shown == expected


@pytest.mark.parametrize(
    ("allow", "denied"),
    [
        (["dynamodb:PutItem", "dynamodb:ConditionCheckItem"], None),
        (["dynamodb:PutItem"], "dynamodb:ConditionCheckItem"),
        (["dynamodb:TransactWriteItems"], "dynamodb:PutItem"),  # there is no such action
    ],
)
def test_a_transaction_needs_the_right_of_each_of_its_actions(allow: list[str], denied: str | None) -> None:
    check = {**CHECK["ConditionCheck"], "Key": {"id": {"S": "other"}}}
    act = Act(calls=(("dynamodb", "TransactWriteItems", {"TransactItems": [PUT, {"ConditionCheck": check}]}),))
    template = make_template(make_function(), allow=allow, Orders=make_table())
    played = play(template, steps(invoke(kind="RequestResponse")), act)
    assert [fact.action for fact in played.of(AccessDenied)] == ([denied] if denied else [])
    assert len(played.of(ItemWritten)) == (0 if denied else 1)
    error = next(fact.error for fact in played.of(ApiCalled) if fact.service == "dynamodb")
    assert error == ("AccessDeniedException" if denied else None)
