"""Calls of Firehose: limits, the bill, descriptions."""

from typing import Any

import pytest

from tests.simulator.playing import call, play, steps
from tests.simulator.services.firehose.streams import by_a_handler, firehose, row


def test_the_limits_of_calls_are_kept() -> None:
    def batch(size: int, records: int) -> dict[str, Any]:
        return {"DeliveryStreamName": "clicks", "Records": [{"Data": b"x" * size}] * records}

    played = by_a_handler(
        ("firehose", "PutRecordBatch", batch(1, 501)),
        ("firehose", "PutRecordBatch", batch(1_000_000, 5)),
        ("firehose", "PutRecord", {"DeliveryStreamName": "clicks", "Record": {"Data": b"x" * 1_024_001}}),
        ("firehose", "PutRecord", {"DeliveryStreamName": "nobody", "Record": {"Data": b"x"}}),
    )
    calls = played.summary["calls"]
    assert calls["firehose.put_record_batch"]["errors"] == {"ValidationException": 1, "InvalidArgumentException": 1}
    assert calls["firehose.put_record"]["errors"] == {"ValidationException": 1, "ResourceNotFoundException": 1}


def test_more_than_five_megabytes_a_second_are_told_to_slow_down() -> None:
    record = {"DeliveryStreamName": "clicks", "Record": {"Data": b"x" * 1_000_000}}
    played = by_a_handler(*[("firehose", "PutRecord", record)] * 7)
    assert played.summary["calls"]["firehose.put_record"]["errors"] == {"ServiceUnavailableException": 2}
    assert row(played)["records"] == 5


def test_a_handlers_records_are_on_the_bill_by_five_kilobytes() -> None:
    record = {"DeliveryStreamName": "clicks", "Record": {"Data": b"x"}}
    played = by_a_handler(("firehose", "PutRecord", record))
    items = {entry["item"]: entry["usd"] for entry in played.player["bill"]["rows"]}
    assert items["Firehose ingestion"] == pytest.approx(0.029 * 5_120 / 1024**3)


def test_streams_are_described_and_listed() -> None:
    asked = [
        call("0s", "firehose.describe_delivery_stream", DeliveryStreamName="Clicks"),
        call("0s", "firehose.list_delivery_streams"),
    ]
    played = play(firehose(), steps(*asked))
    assert [played.summary["calls"][f"firehose.{name}"]["errors"] for name in
            ("describe_delivery_stream", "list_delivery_streams")] == [{}, {}]  # fmt: skip
