from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import ApiCalled, ItemConflict, ItemDeleted, ItemRead, ItemWritten
from tests.simulator.playing import Played, call, invoke, make_function, make_template, play, steps

TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "TableName": "payments",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    },
}
ONCE = {"ConditionExpression": "attribute_not_exists(id)"}


def run(*entries: dict[str, Any]) -> Played:
    return play(make_template(Payments=TABLE), steps(*entries))


def put(at: str, key: str, total: int = 1, **more: Any) -> dict[str, Any]:
    item = {"id": {"S": key}, "total": {"N": str(total)}}
    return call(at, "dynamodb.put_item", TableName="payments", Item=item, **more)


def test_a_written_item_stands_in_the_table_and_in_the_trace() -> None:
    played = run(put("0s", "a", 5))
    (written,) = played.of(ItemWritten)
    assert (written.operation, written.key) == ("PutItem", {"id": {"S": "a"}})
    assert written.item == {"id": {"S": "a"}, "total": {"N": "5"}}
    assert played.summary["tables"]["payments"]["items"] == [{"id": "a", "total": 5}]


@pytest.mark.parametrize(
    ("operation", "params", "words"),
    [
        ("batch_write_item", {"RequestItems": {"payments": [{}]}}, "exactly one of PutRequest and DeleteRequest"),
        ("transact_write_items", {"TransactItems": [{}]}, "TransactItems can only contain one of Check, Put, Update"),
        (
            "transact_write_items",
            {"TransactItems": [{"Put": {"TableName": "payments", "Item": {"id": {"S": "a"}}},
                                "Delete": {"TableName": "payments", "Key": {"id": {"S": "a"}}}}]},
            "TransactItems can only contain one of Check, Put, Update",
        ),
    ],
)  # fmt: skip
def test_a_part_of_a_batch_asks_for_one_thing(operation: str, params: dict[str, Any], words: str) -> None:
    (asked,) = run(call("0s", f"dynamodb.{operation}", **params)).of(ApiCalled)
    assert (asked.status, asked.error) == (400, "ValidationException")
    assert words in str(asked.message)


def test_a_transaction_may_name_a_table_that_there_is_not() -> None:
    delete = {"Delete": {"TableName": "nowhere", "Key": {"id": {"S": "a"}}}}
    played = run(call("0s", "dynamodb.transact_write_items", TransactItems=[delete]))
    assert played.of(ApiCalled)[0].status == 400
    assert played.of(ItemConflict) == []


def test_a_conditional_write_wins_once() -> None:
    played = run(put("0s", "a", 1, **ONCE), put("1s", "a", 2, **ONCE), put("2s", "b", 3, **ONCE))
    assert [fact.error for fact in played.of(ApiCalled)] == [None, "ConditionalCheckFailedException", None]
    assert [fact.key for fact in played.of(ItemConflict)] == [{"id": {"S": "a"}}]
    table = played.summary["tables"]["payments"]
    assert (table["item_count"], table["writes"], table["conflicts"]) == (2, 2, 1)
    assert table["items"][0]["total"] == 1


def test_of_two_invocations_at_the_same_time_exactly_one_claims_the_item() -> None:
    params = {"TableName": "payments", "Item": {"id": {"S": "a"}}, **ONCE}
    act = Act(calls=(("dynamodb", "PutItem", params),))
    template = make_template(make_function(), Payments=TABLE)
    played = play(template, steps(invoke(), faults=[{"duplicate": "async"}]), act)
    assert len(played.of(ItemWritten)) == 1
    assert len(played.of(ItemConflict)) == 1


def test_update_records_what_the_item_became() -> None:
    update = call(
        "1s",
        "dynamodb.update_item",
        TableName="payments",
        Key={"id": {"S": "a"}},
        UpdateExpression="ADD #t :n",
        ExpressionAttributeNames={"#t": "total"},
        ExpressionAttributeValues={":n": {"N": "7"}},
    )
    assert run(put("0s", "a", 5), update).of(ItemWritten)[1].item["total"] == {"N": "12"}


def test_delete_and_reads_are_facts_too() -> None:
    key = {"TableName": "payments", "Key": {"id": {"S": "a"}}}
    played = run(
        put("0s", "a"),
        call("1s", "dynamodb.get_item", **key),
        call("2s", "dynamodb.delete_item", **key),
        call("3s", "dynamodb.get_item", **key),
        call("4s", "dynamodb.scan", TableName="payments"),
    )
    assert [(fact.operation, fact.found) for fact in played.of(ItemRead)] == [
        ("GetItem", 1),
        ("GetItem", 0),
        ("Scan", 0),
    ]
    assert [fact.key for fact in played.of(ItemDeleted)] == [{"id": {"S": "a"}}]
    assert played.summary["tables"]["payments"]["reads"] == 3


def test_batch_and_transaction_write_what_they_say() -> None:
    items = [{"PutRequest": {"Item": {"id": {"S": key}}}} for key in "ab"]
    one = {"Put": {"TableName": "payments", "Item": {"id": {"S": "c"}}}}
    clash = {"Put": {"TableName": "payments", "Item": {"id": {"S": "a"}}, **ONCE}}
    played = run(
        call("0s", "dynamodb.batch_write_item", RequestItems={"payments": items}),
        call("1s", "dynamodb.transact_write_items", TransactItems=[one]),
        call("2s", "dynamodb.transact_write_items", TransactItems=[clash]),
    )
    assert [fact.key["id"]["S"] for fact in played.of(ItemWritten)] == ["a", "b", "c"]
    assert played.of(ApiCalled)[2].error == "TransactionCanceledException"
    assert len(played.of(ItemConflict)) == 1


def test_a_table_that_does_not_exist_says_so() -> None:
    played = run(call("0s", "dynamodb.scan", TableName="nowhere"))
    assert played.of(ApiCalled)[0].error == "ResourceNotFoundException"


def test_a_run_begins_with_empty_tables_whatever_ran_before() -> None:
    run(put("0s", "a"))
    assert run(put("0s", "b")).summary["tables"]["payments"]["item_count"] == 1


def test_a_plain_value_is_shown_in_the_summary_for_each_type() -> None:
    item = {
        "id": {"S": "a"},
        "n": {"N": "1.5"},
        "yes": {"BOOL": True},
        "no": {"NULL": True},
        "list": {"L": [{"N": "1"}, {"S": "x"}]},
        "map": {"M": {"k": {"S": "v"}}},
        "set": {"SS": ["p", "q"]},
    }
    played = run(call("0s", "dynamodb.put_item", TableName="payments", Item=item))
    assert played.summary["tables"]["payments"]["items"] == [
        {"id": "a", "n": 1.5, "yes": True, "no": None, "list": [1, "x"], "map": {"k": "v"}, "set": ["p", "q"]}
    ]


def test_operations_that_are_not_simulated_say_so() -> None:
    played = run(call("0s", "dynamodb.execute_statement", Statement="SELECT * FROM payments"))
    assert (played.of(ApiCalled)[0].status, played.of(ApiCalled)[0].error) == (501, "NotSimulated")
