"""Firehose streams and their function: what it is asked, what it answers, and what becomes of that."""

import base64
import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parser.models import KinesisFirehoseModel
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import Kernel, Micros
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.services.firehose import DeliveryStream, Source
from lambdalab.simulator.services.firehose.stream import FirehoseRecord
from lambdalab.simulator.services.firehose.transforming import Transformer, batches
from lambdalab.simulator.trace.facts import FirehoseDelivered, FirehoseRetried, FirehoseTransformed
from tests.simulator.playing import arn_of, play, steps
from tests.simulator.services.firehose.streams import WORK, Objects, each_record, firehose, ok, put, row


def test_records_are_collected_transformed_and_written_as_one_object(objects: Objects) -> None:
    played = play(
        firehose(), steps(put("a", "b"), put("c", at="30s")), each_record(lambda text: ok(text.upper() + "\n"))
    )
    assert objects.data == b"A\nB\nC\n"
    assert row(played) == {"records": 3, "bytes": 3, "batches": 1, "ok": 3, "delivered": 3, "objects": 1}
    (key,) = played.summary["buckets"]["lake"]["objects"]
    assert key.startswith("2025/12/01/09/clicks-1-2025-12-01-09-00-00-")
    assert played.times(FirehoseTransformed)[0] == pytest.approx(60, abs=0.2)
    assert played.times(FirehoseDelivered)[0] == pytest.approx(120, abs=0.4)
    assert played.summary["functions"]["work"]["by_source"] == {"firehose": 1}


def test_the_event_is_what_powertools_reads() -> None:
    events: list[dict[str, Any]] = []

    def script(function: Any, event: Any, count: int) -> Act:
        events.append(event)
        return Act(result={"records": []})

    play(firehose(), steps(put("a")), script)
    parsed = KinesisFirehoseModel.model_validate(events[0])
    assert (parsed.records[0].data, parsed.sourceKinesisStreamArn) == (b"a", None)
    assert parsed.deliveryStreamArn == arn_of("firehose", "deliverystream/clicks")


def test_long_partition_keys_leave_an_event_below_six_megabytes() -> None:
    """10,000 keys of 256 characters, of which each takes six bytes in JSON, are fifteen megabytes beside the data."""
    source = ("shardId-000000000000", "\x01" * 256, "49", Micros(0))
    records = [FirehoseRecord(f"{number:062d}", b"x", Micros(0), source) for number in range(10_000)]
    world = World(Kernel(1), lambda stamped: None, epoch_us=0)
    stream = DeliveryStream("clicks", "Clicks", None, source=Source("arn:aws:kinesis:x:y:stream/s", None))  # type: ignore[arg-type]
    parts = list(batches(records))
    sizes = [len(json.dumps(Transformer(world)._event(stream, part), ensure_ascii=False)) for part in parts]
    assert sum(map(len, parts)) == len(records)
    assert max(sizes) <= 6 * 1024 * 1024


def test_the_id_that_a_caller_gets_is_not_the_one_that_the_function_gets(objects: Objects) -> None:
    seen: list[str] = []

    def script(function: Any, event: Any, count: int) -> Act:
        if "records" not in event:
            return Act(calls=(("firehose", "PutRecord", {"DeliveryStreamName": "clicks", "Record": {"Data": b"x"}}),))
        seen.extend(record["recordId"] for record in event["records"])
        return Act(result={"records": []})

    asked = {"at": "0s", "call": "lambda.invoke", "with": {"FunctionName": "work", "Payload": {}}}
    played = play(firehose(), steps(asked), script)
    assert row(played)["records"] == 1
    assert len(seen[0]) == 62


def test_dropped_and_failed_records_are_told_apart(objects: Objects) -> None:
    answers: dict[str, dict[str, Any] | None] = {
        "good": ok("good"),
        "noise": {"result": "Dropped"},
        "bad": {"result": "ProcessingFailed", "data": "YmFk"},
        "empty": {"result": "Ok"},
        "lost": None,
    }
    played = play(firehose(), steps(put(*answers)), each_record(lambda text: answers[text]))
    assert objects.data == b"good"
    lines = {base64.b64decode(line["rawData"]).decode(): line for line in objects.lines()}
    assert {text: line["errorCode"] for text, line in lines.items()} == {
        "bad": "Lambda.ProcessingFailedStatus",
        "empty": "Lambda.InvalidReturnFormat",
        "lost": "Lambda.MissingRecordId",
    }
    assert lines["bad"]["errorMessage"] == "ProcessingFailed status set for record"
    assert list(lines["bad"]) == [
        "rawData", "errorCode", "errorMessage", "attemptsMade", "arrivalTimestamp", "attemptEndingTimestamp",
        "lambdaARN",
    ]  # fmt: skip
    assert (lines["bad"]["attemptsMade"], lines["bad"]["lambdaARN"]) == (1, WORK)
    assert row(played)["failed_delivered"] == 3
    failed = [key for key in played.summary["buckets"]["lake"]["objects"] if "failed" in key]
    assert failed[0].startswith("processing-failed/2025/12/01/09/clicks-1-")


def test_two_answers_for_one_record_fail_it(objects: Objects) -> None:
    def script(function: Any, event: Any, count: int) -> Act:
        answer = {"recordId": event["records"][0]["recordId"], **ok("x")}
        return Act(result={"records": [answer, answer]})

    play(firehose(), steps(put("a")), script)
    assert [line["errorCode"] for line in objects.lines()] == ["Lambda.DuplicatedRecordId"]


@pytest.mark.parametrize(
    ("result", "code"),
    [
        ({"no": "records"}, "Lambda.MissingRecordId"),
        ({"records": "none"}, "Lambda.MissingRecordId"),
        ({"records": []}, "Lambda.MissingRecordId"),
        ({"records": [{"recordId": "another", **ok("x")}]}, "Lambda.MissingRecordId"),
        ({"records": [{"recordId": 3, **ok("x")}]}, "Lambda.MissingRecordId"),
        ("done", "Lambda.JsonProcessingException"),
        (None, "Lambda.JsonProcessingException"),
    ],
)
def test_an_answer_without_the_records_is_final(objects: Objects, result: Any, code: str) -> None:
    """A function that answers is not asked again, however wrong its answer is."""
    played = play(firehose(), steps(put("a", "b")), Act(result=result))
    assert [(line["errorCode"], line["attemptsMade"]) for line in objects.lines()] == [(code, 1)] * 2
    assert played.of(FirehoseRetried) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"result": "Ok", "data": "not base64!"},
        {"result": "Ok", "data": "b\u00f6se"},
        {"result": "Ok", "data": 3},
        {"result": "Okay", "data": "YQ=="},
        {"result": ["Ok"], "data": "YQ=="},
        {"data": "YQ=="},
    ],
)
def test_one_record_that_cannot_be_read_fails_its_batch(objects: Objects, wrong: dict[str, Any]) -> None:
    played = play(firehose(), steps(put("good", "bad")), each_record(lambda text: wrong if text == "bad" else ok(text)))
    assert objects.data == b""
    assert [(line["errorCode"], line["attemptsMade"]) for line in objects.lines()] == [("Lambda.FunctionError", 1)] * 2
    assert objects.lines()[0]["errorMessage"].startswith("Check your function and make sure the output is in")
    assert row(played)["failed_delivered"] == 2


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from(["good", "noise", "bad", "lost"]), min_size=1, max_size=30), st.integers(0, 2))
def test_every_record_ends_exactly_once(kinds: list[str], failures: int) -> None:
    answers = {"good": ok("g"), "noise": {"result": "Dropped"}, "bad": {"result": "ProcessingFailed"}, "lost": None}
    answer, left = each_record(lambda text: answers[text]), [failures]

    def script(function: Any, event: Any, count: int) -> Act:
        left[0] -= 1
        return Act(status="error") if left[0] >= 0 else answer(function, event, count)

    found = play(firehose(), steps(put(*kinds)), script).summary["firehoses"]["clicks"]
    assert found["ok"] + found["dropped"] + found["failed"] == found["records"] == len(kinds)
    assert (found["delivered"], found["dropped"]) == (kinds.count("good"), kinds.count("noise"))
    assert found["failed_delivered"] == kinds.count("bad") + kinds.count("lost")
