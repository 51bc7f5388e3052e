"""Buffers, and the objects that come of them."""

import gzip

import pytest

from lambdalab.simulator.trace.facts import FirehoseDelivered
from tests.simulator.playing import play, steps
from tests.simulator.services.firehose.streams import Objects, by_a_handler, each_record, firehose, ok, put, row


def test_without_a_function_records_go_straight_into_the_bucket_and_may_be_gzipped(objects: Objects) -> None:
    destination = {"ProcessingConfiguration": None, "CompressionFormat": "GZIP", "Prefix": "raw/"}
    played = play(firehose(destination=destination), steps(put("a", "b")))
    (key,) = played.summary["buckets"]["lake"]["objects"]
    assert key.startswith("raw/2025/12/01/09/clicks-1-")
    assert key.endswith(".gz")
    assert gzip.decompress(objects.data) == b"ab"
    assert played.times(FirehoseDelivered)[0] == pytest.approx(60, abs=0.2)


def test_a_buffer_that_is_full_does_not_wait() -> None:
    batch = {"DeliveryStreamName": "clicks", "Records": [{"Data": b"x" * 1_000_000}] * 3}
    played = by_a_handler(("firehose", "PutRecordBatch", batch))
    assert [fact.records for fact in played.of(FirehoseDelivered)] == [2, 1]
    assert played.times(FirehoseDelivered)[0] < 1


def test_a_delimiter_stands_between_records_and_not_behind_the_last(objects: Objects) -> None:
    append = {
        "Type": "AppendDelimiterToRecord",
        "Parameters": [{"ParameterName": "Delimiter", "ParameterValue": "\\n"}],
    }
    processors = {"Enabled": True, "Processors": [append]}
    play(firehose(destination={"ProcessingConfiguration": processors}), steps(put("a", "b")))
    assert objects.data == b"a\nb"


def test_source_records_are_kept_as_they_came(objects: Objects) -> None:
    backup = {
        "BucketARN": "arn:aws:s3:::raw",
        "RoleARN": {"Fn::GetAtt": "Sender.Arn"},
        "BufferingHints": {"IntervalInSeconds": 60, "SizeInMBs": 1},
    }
    template = firehose(destination={"S3BackupMode": "Enabled", "S3BackupConfiguration": backup})
    played = play(template, steps(put("a", "b")), each_record(lambda text: {"result": "Dropped"}))
    assert row(played)["backed_up"] == 2
    assert [body for key, body in objects.bodies.items() if key.startswith("raw/")] == [b"ab"]
    assert played.summary["buckets"]["lake"]["object_count"] == 0


def test_prefixes_are_worked_out_when_an_object_is_written() -> None:
    destination = {
        "Prefix": "year=!{timestamp:yyyy}/!{firehose:random-string}/!{timestamp:'day'=DDD}/",
        "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
    }
    played = play(
        firehose(destination=destination), steps(put("a", "b")), each_record(lambda t: ok(t) if t == "a" else None)
    )
    failed, good = sorted(played.summary["buckets"]["lake"]["objects"])
    assert failed.startswith("errors/processing-failed/clicks-1-")
    year, random, day, rest = good.split("/")
    assert (year, len(random), day, rest[:9]) == ("year=2025", 11, "day=335", "clicks-1-")
