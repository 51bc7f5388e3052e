"""The operations on the mappings of streams, and what Lambda refuses."""

from typing import Any

import pytest

from lambdalab.simulator.account import Principal
from lambdalab.simulator.services.dynamodb import DynamoDbService
from lambdalab.simulator.services.kinesis import KinesisService, Stream
from tests.simulator.desk import Desk, output, refused
from tests.simulator.streams import CLICKS, ORDERS, make_table


def make_desk(**function: Any) -> Desk:
    desk = Desk(**function)
    kinesis, dynamodb = KinesisService(desk.world), DynamoDbService(desk.world)
    kinesis.deploy(Stream("clicks"), 1, "clicks")
    properties = make_table()["Properties"] | {"BillingMode": "PAY_PER_REQUEST"}
    dynamodb.deploy("orders", "orders", {k: v for k, v in properties.items() if k != "TableName"})
    desk.lambda_.mappings.streams = {"kinesis": kinesis, "dynamodb": dynamodb.table_streams}
    return desk


def create(desk: Desk, source: str = CLICKS, **params: Any) -> Any:
    usual = {"EventSourceArn": source, "StartingPosition": "TRIM_HORIZON"}
    return desk.call("CreateEventSourceMapping", **{k: v for k, v in (usual | params).items() if v is not None})


@pytest.mark.rule("D.1-04")
@pytest.mark.parametrize("source", [CLICKS, ORDERS])
def test_a_mapping_has_the_usual_settings_of_a_stream(source: str) -> None:
    desk = make_desk()
    made = output(create(desk, source))
    found = output(desk.ask("lambda", "GetEventSourceMapping", {"UUID": made["UUID"]}))
    assert found["State"] == "Enabled"
    assert found["StateTransitionReason"] == "User action"
    expected = {
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 0,
        "ParallelizationFactor": 1,
        "MaximumRetryAttempts": -1,
        "MaximumRecordAgeInSeconds": -1,
        "BisectBatchOnFunctionError": False,
        "TumblingWindowInSeconds": 0,
        "StartingPosition": "TRIM_HORIZON",
        "DestinationConfig": {"OnFailure": {}},
    }
    assert {name: found[name] for name in expected} == expected


def test_an_update_keeps_what_it_does_not_name() -> None:
    desk = make_desk()
    made = output(create(desk, ParallelizationFactor=3, BisectBatchOnFunctionError=True))
    desk.wait(10)
    changed = desk.ask("lambda", "UpdateEventSourceMapping", {"UUID": made["UUID"], "MaximumRetryAttempts": 5})
    found = output(changed)
    assert found["ParallelizationFactor"] == 3
    assert found["BisectBatchOnFunctionError"] is True
    assert found["MaximumRetryAttempts"] == 5


NO_POSITION = (
    "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
    "Member must not be null."
)


@pytest.mark.rule("D.1-05")
@pytest.mark.rule("D.1-06")
@pytest.mark.parametrize(
    ("source", "params", "text"),
    [
        (CLICKS, {"StartingPosition": None}, NO_POSITION),
        (CLICKS, {"StartingPosition": "AT_TIMESTAMP"}, "needs a StartingPositionTimestamp"),
        (CLICKS, {"StartingPositionTimestamp": 5}, "only supported with the starting position AT_TIMESTAMP"),
        (ORDERS, {"StartingPosition": "AT_TIMESTAMP"}, f"Unsupported starting position for arn type: {ORDERS}"),
        (CLICKS + "x", {}, f"Stream not found: {CLICKS}x"),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/orders", {}, "Unrecognized event source."),
        (CLICKS, {"ScalingConfig": {"MaximumConcurrency": 5}}, "Unsupported ScalingConfig parameter"),
        (CLICKS, {"MaximumRecordAgeInSeconds": 59}, "MaximumRecordAgeInSeconds must be -1 or between 60 and 604800."),
        (CLICKS, {"MaximumRetryAttempts": 10_001}, "at 'maximumRetryAttempts' failed to satisfy constraint"),
        (CLICKS, {"ParallelizationFactor": 11}, "at 'parallelizationFactor' failed to satisfy constraint"),
        (CLICKS, {"TumblingWindowInSeconds": 901}, "at 'tumblingWindowInSeconds' failed to satisfy constraint"),
        (CLICKS, {"BatchSize": 10_001}, "at 'batchSize' failed to satisfy constraint"),
        (
            CLICKS,
            {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:lambda:us-east-1:123456789012:function:x"}}},
            "The destination ARN arn:aws:lambda:us-east-1:123456789012:function:x is invalid.",
        ),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(source: str, params: dict[str, Any], text: str) -> None:
    assert text in refused(create(make_desk(), source, **params))[2]


@pytest.mark.rule("D.1-13")
def test_a_second_mapping_of_the_same_pair_is_refused_in_its_own_words() -> None:
    desk = make_desk()
    first = output(create(desk))
    status, code, text = refused(create(desk))
    assert (status, code) == (409, "ResourceConflictException")
    assert text == (
        f'The event source arn (" {CLICKS} ") and function (" work ") provided mapping already exists. '
        f"Please update or delete the existing mapping with UUID {first['UUID']}"
    )


@pytest.mark.rule("G.4-04")
@pytest.mark.parametrize(
    ("source", "words"), [(CLICKS, "ListShards, and ListStreams"), (ORDERS, "DescribeStream, and ListStreams")]
)
def test_a_role_that_may_not_read_is_refused_with_all_that_it_needs(source: str, words: str) -> None:
    nobody = Principal(
        "arn:aws:sts::123456789012:assumed-role/poor/work", (), role="arn:aws:iam::123456789012:role/poor"
    )
    _, _, text = refused(create(make_desk(role=nobody), source))
    assert text.startswith(f"Cannot access stream {source}. Please ensure the role can perform the GetRecords,")
    assert words in text
    assert text.endswith("Actions on your stream in IAM.")
