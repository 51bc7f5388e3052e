"""Projects in which a function gets the records of a stream."""

import base64
import json
from typing import Any

from lambdalab.simulator.lambda_.scripted import Act
from tests.simulator.playing import (
    FAIL,
    Played,
    arn_of,
    call,
    make_function,
    make_queue,
    make_template,
    play,
    steps,
)

CLICKS = arn_of("kinesis", "stream/clicks")
ORDERS = arn_of("dynamodb", "table/orders/stream/2025-12-01T09:00:00.000")
FIRST = "shardId-000000000000"


def make_stream(name: str = "clicks", **properties: Any) -> dict[str, Any]:
    usual = {"Name": name} | ({} if "StreamModeDetails" in properties else {"ShardCount": 1})
    return {"Type": "AWS::Kinesis::Stream", "Properties": usual | properties}


def make_table(name: str = "orders", view: str = "NEW_AND_OLD_IMAGES", **properties: Any) -> dict[str, Any]:
    usual = {
        "TableName": name,
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "StreamSpecification": {"StreamViewType": view},
    }
    return {"Type": "AWS::DynamoDB::Table", "Properties": usual | properties}


def make_mapping(source: str = CLICKS, function: str = "work", **properties: Any) -> dict[str, Any]:
    usual = {"EventSourceArn": source, "FunctionName": function, "StartingPosition": "TRIM_HORIZON"}
    return {"Type": "AWS::Lambda::EventSourceMapping", "Properties": usual | properties}


def project(
    stream: dict[str, Any] | None = None,
    function: dict[str, Any] | None = None,
    more: dict[str, Any] | None = None,
    **mapping: Any,
) -> dict[str, Any]:
    """A stream ``clicks``, a function ``work``, the mapping ``Poll``, a queue ``failed``."""
    return make_template(
        make_function(**(function or {})),
        Clicks=make_stream(**(stream or {})),
        Failed=make_queue("failed"),
        Poll=make_mapping(**mapping),
        **(more or {}),
    )


def put(at: str = "0s", count: int = 1, every: str = "20ms", **params: Any) -> dict[str, Any]:
    """A step that puts ``count`` records with the numbers from 1 on, all of one key."""
    usual = {"StreamName": "clicks", "PartitionKey": "a", "Data": '{"n": {{ n }}}'}
    return call(at, "kinesis.put_record", **usual | params) | {"repeat": {"count": count, "every": every}}


def put_at_once(count: int, at: str = "0s", **params: Any) -> dict[str, Any]:
    """A step that puts records in one call, so that one poll finds them all."""
    records = [{"Data": {"n": n}, "PartitionKey": "a", **params} for n in range(1, count + 1)]
    return call(at, "kinesis.put_records", StreamName="clicks", Records=records)


def run(
    *entries: dict[str, Any], script: Any = None, scenario: dict[str, Any] | None = None, **template: Any
) -> Played:
    return play(project(**template), steps(*entries, **(scenario or {})), script)


def numbers(event: dict[str, Any]) -> list[int]:
    """The numbers in the records of an event of Kinesis."""
    return [json.loads(base64.b64decode(record["kinesis"]["data"]))["n"] for record in event["Records"]]


class Seen:
    """A script that writes down its events; ``poison``: the numbers with which it fails."""

    def __init__(self, *poison: int, act: Act | None = None) -> None:
        self.events: list[Any] = []
        self._poison = set(poison)
        self._act = act or Act()

    def __call__(self, function: Any, event: Any, count: int) -> Act:
        self.events.append(event)
        return FAIL if self._poison & set(numbers(event)) else self._act

    @property
    def batches(self) -> list[list[int]]:
        return [numbers(event) for event in self.events]
