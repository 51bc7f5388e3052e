"""The stream of a table: what is in it, and how a consumer reads it."""

from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import StreamDeployed, StreamRecordPut
from tests.simulator.playing import Played, call, make_function, make_template, play, steps
from tests.simulator.streams import ORDERS, make_mapping, make_table


def item(number: str = "1", **more: Any) -> dict[str, Any]:
    return {"id": {"S": number}, **more}


def write(at: str, **more: Any) -> dict[str, Any]:
    return call(at, "dynamodb.put_item", TableName="orders", Item=item(**more))


def delivered(
    *entries: dict[str, Any], view: str = "NEW_AND_OLD_IMAGES", until: str | None = None, **table: Any
) -> list[dict[str, Any]]:
    """Every record that the function ``work`` gets."""
    seen: list[Any] = []

    def script(function: Any, event: Any, count: int) -> Act:
        seen.extend(event["Records"])
        return Act()

    orders = make_table(view=view, **table)
    play(
        make_template(make_function(), Orders=orders, Poll=make_mapping(ORDERS)),
        steps(*entries, **({"until": until} if until else {})),
        script,
    )
    return seen


def test_what_happens_to_an_item_is_told_in_order() -> None:
    gone = call("3s", "dynamodb.delete_item", TableName="orders", Key=item())
    records = delivered(write("1s", state={"S": "new"}), write("2s", state={"S": "paid"}), gone)
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    changes = [record["dynamodb"] for record in records]
    new, paid = item(state={"S": "new"}), item(state={"S": "paid"})
    assert [(change.get("OldImage"), change.get("NewImage")) for change in changes] == [
        (None, new), (new, paid), (paid, None),
    ]  # fmt: skip
    assert all(change["Keys"] == item() for change in changes)
    numbers = [int(change["SequenceNumber"]) for change in changes]
    assert numbers == sorted(set(numbers))
    assert records[0]["eventSourceARN"] == ORDERS
    assert len({record["eventID"] for record in records}) == 3


@pytest.mark.parametrize(
    ("view", "images"),
    [
        ("KEYS_ONLY", set()),
        ("NEW_IMAGE", {"NewImage"}),
        ("OLD_IMAGE", {"OldImage"}),
        ("NEW_AND_OLD_IMAGES", {"NewImage", "OldImage"}),
    ],
)
def test_a_view_shows_what_it_says(view: str, images: set[str]) -> None:
    change = delivered(write("1s", n={"N": "1"}), write("2s", n={"N": "2"}), view=view)[-1]["dynamodb"]
    assert set(change) & {"NewImage", "OldImage"} == images
    assert change["StreamViewType"] == view


def test_a_write_that_changes_nothing_leaves_no_record() -> None:
    assert len(delivered(write("1s"), write("2s"))) == 1


def test_a_condition_that_does_not_hold_leaves_no_record() -> None:
    refused = call(
        "2s", "dynamodb.put_item", TableName="orders", Item=item(n={"N": "2"}),
        ConditionExpression="attribute_not_exists(id)",
    )  # fmt: skip
    assert len(delivered(write("1s"), refused)) == 1


def test_each_item_of_a_batch_and_of_a_transaction_is_a_record() -> None:
    batch = call(
        "1s", "dynamodb.batch_write_item", RequestItems={"orders": [{"PutRequest": {"Item": item(n)}} for n in "ab"]}
    )
    put = {"Put": {"TableName": "orders", "Item": item("c")}}
    transaction = call("2s", "dynamodb.transact_write_items", TransactItems=[put])
    keys = [record["dynamodb"]["Keys"]["id"]["S"] for record in delivered(batch, transaction)]
    assert sorted(keys) == ["a", "b", "c"]


def test_what_time_to_live_deletes_is_the_services_own_deed() -> None:
    ttl = {"AttributeName": "until", "Enabled": True}
    records = delivered(write("1s", until={"N": "1764579700"}), until="2h", TimeToLiveSpecification=ttl)
    expiry = records[-1]
    assert expiry["eventName"] == "REMOVE"
    assert expiry["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert "userIdentity" not in records[0]


def test_binary_values_are_base64_text() -> None:
    (record,) = delivered(write("1s", photo={"B": "cat"}))
    assert record["dynamodb"]["NewImage"]["photo"] == {"B": "Y2F0"}


def test_a_table_without_a_stream_has_no_records() -> None:
    table = make_table()
    del table["Properties"]["StreamSpecification"]
    played = play(make_template(make_function(), Orders=table), steps(write("1s")))
    assert played.of(StreamRecordPut) == []


def reading(*entries: dict[str, Any], allow: list[str] | None = None) -> Played:
    return play(make_template(make_function(), allow=allow, Orders=make_table()), steps(*entries))


def test_a_consumer_finds_shards_and_reads_them() -> None:
    listed = call("1s", "dynamodbstreams.list_streams", TableName="orders")
    described = call("1s", "dynamodbstreams.describe_stream", StreamArn="Orders")
    played = reading(write("0s"), listed, described)
    calls = played.summary["calls"]
    assert calls["dynamodbstreams.list_streams"]["errors"] == {}
    assert calls["dynamodbstreams.describe_stream"]["errors"] == {}
    (deployed,) = played.of(StreamDeployed)
    assert (deployed.stream, deployed.view, len(deployed.shards)) == (ORDERS, "NEW_AND_OLD_IMAGES", 1)


def test_what_is_not_there_is_not_found() -> None:
    unknown = call("1s", "dynamodbstreams.describe_stream", StreamArn=ORDERS.replace("orders", "others"))
    bad = call("1s", "dynamodbstreams.get_records", ShardIterator="x" * 20)
    played = reading(unknown, bad)
    calls = played.summary["calls"]
    assert calls["dynamodbstreams.describe_stream"]["errors"] == {"ResourceNotFoundException": 1}
    assert calls["dynamodbstreams.get_records"]["errors"] == {"ValidationException": 1}


def test_the_summary_counts_a_tables_stream_by_the_tables_name() -> None:
    streams = reading(write("0s"), write("1s", n={"N": "1"})).summary["streams"]
    assert streams["orders"]["records"] == 2
