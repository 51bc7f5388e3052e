"""boto3's DynamoDB, unmodified in the sandbox: resources with their types, batch writers, paginators, waiters."""

import textwrap

from lambdalab.simulator.trace.facts import ItemWritten
from tests.runtime.conftest import Play, Played
from tests.runtime.projects import invoke, make_project

ORDERS = {
    "Orders": {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": "orders",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        },
    }
}
HEAD = """
import boto3
from decimal import Decimal
from boto3.dynamodb.conditions import Attr, Key
resource = boto3.resource("dynamodb")
client = resource.meta.client
orders = resource.Table("orders")
def handler(event, context):
"""


def run(played: Play, body: str) -> Played:
    code = HEAD + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    made = played(make_project(code, function={"Timeout": 60}, resources=ORDERS))
    assert made.summary["functions"]["work"]["last_error"] is None
    return made


def test_a_batch_writer_writes_and_scans_come_in_pages(played: Play) -> None:
    made = run(
        played,
        """
        with orders.batch_writer() as batch:
            for number in range(30):
                batch.put_item(Item={"id": str(number), "n": number, "price": Decimal("1.5")})
        first = orders.scan(Limit=10)
        pages = boto3.client("dynamodb").get_paginator("scan").paginate(
            TableName="orders", PaginationConfig={"PageSize": 12})
        return [len(first["Items"]), "LastEvaluatedKey" in first, [len(page["Items"]) for page in pages],
                orders.scan(FilterExpression=Attr("n").gt(20), Select="COUNT")["Count"],
                str(orders.get_item(Key={"id": "3"})["Item"]["price"])]
        """,
    )
    assert made.result == [10, True, [12, 12, 6], 9, "1.5"]
    assert len(made.of(ItemWritten)) == 30


def test_expressions_change_what_they_say_and_conditions_hold_them_back(played: Play) -> None:
    made = run(
        played,
        """
        orders.put_item(Item={"id": "a", "n": 1, "log": ["x"], "gone": True})
        changed = orders.update_item(
            Key={"id": "a"}, ReturnValues="ALL_NEW",
            UpdateExpression="SET n = n + :one, #l = list_append(#l, :more) ADD tags :tags REMOVE gone",
            ExpressionAttributeNames={"#l": "log"},
            ExpressionAttributeValues={":one": 1, ":more": ["y"], ":tags": {"q", "b", "z"}},
        )["Attributes"]
        try:
            orders.put_item(Item={"id": "a"}, ConditionExpression=Attr("id").not_exists())
            said = "written"
        except client.exceptions.ConditionalCheckFailedException as error:
            said = str(error)
        return [int(changed["n"]), changed["log"], sorted(changed["tags"]), "gone" in changed, said]
        """,
    )
    *values, said = made.result
    assert values == [2, ["x", "y"], ["b", "q", "z"], False]
    assert said.endswith("when calling the PutItem operation: The conditional request failed")


def test_a_cancelled_transaction_gives_its_reasons(played: Play) -> None:
    made = run(
        played,
        """
        orders.put_item(Item={"id": "a"})
        once = {"ConditionExpression": "attribute_not_exists(id)"}
        try:
            client.transact_write_items(TransactItems=[
                {"Put": {"TableName": "orders", "Item": {"id": key}, **once}} for key in ("b", "a")])
        except client.exceptions.TransactionCanceledException as error:
            return [reason["Code"] for reason in error.response["CancellationReasons"]]
        """,
    )
    assert made.result == ["None", "ConditionalCheckFailed"]
    assert made.summary["tables"]["orders"]["item_count"] == 1


def test_tables_with_indexes_can_be_made_and_waited_for(played: Play) -> None:
    made = run(
        played,
        """
        kinds = {"a": "S", "b": "N", "c": "S"}
        table = resource.create_table(
            TableName="mine", BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in kinds.items()],
            GlobalSecondaryIndexes=[{"IndexName": "by-c", "KeySchema": [{"AttributeName": "c", "KeyType": "HASH"}],
                                     "Projection": {"ProjectionType": "ALL"}}])
        table.wait_until_exists()
        for number in range(4):
            table.put_item(Item={"a": "x", "b": number, "c": "even" if number % 2 == 0 else "odd"})
        last = table.query(KeyConditionExpression=Key("a").eq("x") & Key("b").between(1, 3), ScanIndexForward=False)
        even = table.query(IndexName="by-c", KeyConditionExpression=Key("c").eq("even"))
        table.delete()
        table.wait_until_not_exists()
        return [[int(item["b"]) for item in found["Items"]] for found in (last, even)]
        """,
    )
    assert made.result == [[3, 2, 1], [0, 2]]


def test_items_that_look_like_the_tags_of_our_frames_are_written_and_read_as_they_are(played: Play) -> None:
    table = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": "tags",
            "KeySchema": [{"AttributeName": "$time", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "$time", "AttributeType": "S"}],
        },
    }
    body = """
        tags = resource.Table("tags")
        tags.put_item(Item={"$time": "now"})
        orders.put_item(Item={"id": "a", "map": {"$bytes": "x"}, "list": [{"$float": "nan"}, {"$map": {"$map": b"x"}}]})
        again = orders.get_item(Key={"id": "a"})["Item"]
        again["list"][1]["$map"]["$map"] = bytes(again["list"][1]["$map"]["$map"]).decode()
        return {"$bytes": [tags.get_item(Key={"$time": "now"})["Item"], again, event]}
    """
    code = HEAD + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    step = invoke(payload={"$float": {"$bytes": "x"}})
    made = played(make_project(code, step, resources=ORDERS | {"Tags": table}))
    item = {"id": "a", "map": {"$bytes": "x"}, "list": [{"$float": "nan"}, {"$map": {"$map": "x"}}]}
    assert made.result == {"$bytes": [{"$time": "now"}, item, {"$float": {"$bytes": "x"}}]}
