"""Firehose streams that a function transforms: from a record to its object."""

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parser.models import KinesisFirehoseModel
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import Kernel, Micros
from lambdalab.simulator.lambda_.scripted import Act, Script
from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.services.firehose import DeliveryStream, Source
from lambdalab.simulator.services.firehose.stream import FirehoseRecord
from lambdalab.simulator.services.firehose.transforming import Transformer, batches
from lambdalab.simulator.trace.facts import (
    FirehoseDelivered,
    FirehoseRefused,
    FirehoseRetried,
    FirehoseTransformed,
)
from tests.simulator.playing import (
    CODE,
    Played,
    arn_of,
    as_files,
    call,
    make_function,
    make_template,
    play,
    seconds,
    steps,
)

TRUST = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "firehose.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}
WORK = arn_of("lambda", "function:work")


def role(*actions: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    policies = [{"PolicyName": "all", "PolicyDocument": {"Statement": [statement]}}]
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, "Policies": policies}}


def processing(**parameters: Any) -> dict[str, Any]:
    told = {"LambdaArn": WORK, "BufferIntervalInSeconds": "60", **parameters}
    rows = [{"ParameterName": name, "ParameterValue": value} for name, value in told.items()]
    return {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": rows}]}


def firehose(rights: tuple[str, ...] = ("*",), **changes: Any) -> dict[str, Any]:
    """A template with a stream ``clicks`` into the bucket ``lake``, its role, and the function ``work``."""
    destination = {
        "BucketARN": "arn:aws:s3:::lake",
        "RoleARN": {"Fn::GetAtt": "Sender.Arn"},
        "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60},
        "ProcessingConfiguration": processing(),
        **changes.pop("destination", {}),
    }
    kept = {name: value for name, value in destination.items() if value is not None}
    timeout = changes.pop("timeout", 60)
    stream = {"DeliveryStreamName": "clicks", "ExtendedS3DestinationConfiguration": kept, **changes}
    return make_template(
        make_function(Timeout=timeout),
        Sender=role(*rights),
        Lake={"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "lake"}},
        Raw={"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "raw"}},
        Source={"Type": "AWS::Kinesis::Stream", "Properties": {"Name": "source", "ShardCount": 2}},
        Clicks={"Type": "AWS::KinesisFirehose::DeliveryStream", "Properties": stream},
    )


def put(*records: str, at: str = "0s") -> dict[str, Any]:
    return call(
        at, "firehose.put_record_batch", DeliveryStreamName="Clicks", Records=[{"Data": each} for each in records]
    )


def get(key: str, bucket: str = "lake") -> dict[str, Any]:
    return call("0s", "s3.get_object", Bucket=bucket, Key=key)


def each_record(make: Callable[[str], dict[str, Any] | None]) -> Script:
    """A function that answers each record of a batch by what its text is made to; None leaves it out."""

    def script(function: Any, event: Any, count: int) -> Act:
        made = []
        for record in event["records"]:
            answer = make(base64.b64decode(record["data"]).decode())
            if answer is not None:
                made.append({"recordId": record["recordId"], **answer})
        return Act(result={"records": made})

    return script


def ok(text: str) -> dict[str, Any]:
    return {"result": "Ok", "data": base64.b64encode(text.encode()).decode()}


def by_a_handler(*calls: tuple[str, str, dict[str, Any]]) -> Played:
    """What comes of a handler's calls to a stream without a function."""
    asked = {"at": "0s", "call": "lambda.invoke", "with": {"FunctionName": "work", "Payload": {}}}
    return play(firehose(destination={"ProcessingConfiguration": None}), steps(asked), Act(calls=calls))


class Objects:
    """The bodies of PutObject, by the key, as a run writes them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from lambdalab.simulator.services.s3.service import S3Service

        self.bodies: dict[str, bytes] = {}
        original = S3Service._exchange

        def exchange(service: S3Service, operation: str, params: dict[str, Any]) -> Any:
            if operation == "PutObject":
                self.bodies[f"{params['Bucket']}/{params['Key']}"] = params["Body"]
            return original(service, operation, params)

        monkeypatch.setattr(S3Service, "_exchange", exchange)

    def lines(self) -> list[dict[str, Any]]:
        """The lines of what could not be processed."""
        found = [body for key, body in self.bodies.items() if "processing-failed" in key]
        return [json.loads(line) for body in found for line in body.splitlines()]

    @property
    def data(self) -> bytes:
        return b"".join(body for key, body in self.bodies.items() if "processing-failed" not in key)


@pytest.fixture
def objects(monkeypatch: pytest.MonkeyPatch) -> Objects:
    return Objects(monkeypatch)


def row(played: Played) -> dict[str, Any]:
    found: dict[str, Any] = played.summary["firehoses"]["clicks"]
    return {name: value for name, value in found.items() if value}


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
    ("act", "code"),
    [
        (Act(status="error"), "Lambda.FunctionError"),
        (Act(takes=seconds(120)), "Lambda.FunctionTimedOut"),
    ],
)
def test_a_batch_that_fails_is_tried_four_times(objects: Objects, act: Act, code: str) -> None:
    played = play(firehose(), steps(put("a", "b")), act)
    assert played.summary["functions"]["work"]["invocations"] == 4
    assert [(line["errorCode"], line["attemptsMade"]) for line in objects.lines()] == [(code, 4)] * 2
    assert [fact.attempt for fact in played.of(FirehoseRetried)] == [1, 2, 3]
    assert played.of(FirehoseTransformed)[0].failed == 2


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


def test_retries_are_what_the_stream_says(objects: Objects) -> None:
    template = firehose(destination={"ProcessingConfiguration": processing(NumberOfRetries="0")})
    play(template, steps(put("a")), Act(status="error"))
    assert [line["attemptsMade"] for line in objects.lines()] == [1]


def test_an_invocation_takes_five_minutes_at_most(objects: Objects) -> None:
    template = firehose(timeout=900, destination={"ProcessingConfiguration": processing(NumberOfRetries="0")})
    played = play(template, steps(put("a")), Act(takes=seconds(600)))
    assert played.times(FirehoseTransformed)[0] == pytest.approx(360, abs=1)
    assert objects.lines()[0]["errorCode"] == "Lambda.FunctionTimedOut"


def test_a_throttle_is_retried_and_passes(objects: Objects) -> None:
    fault = {"from": "0s", "until": "65s", "throttle": "work"}
    played = play(firehose(), steps(put("a"), faults=[fault]), each_record(ok))
    assert played.of(FirehoseRetried)[0].error.startswith("Lambda.InvokeLimitExceeded")
    assert objects.data == b"a"


def test_a_role_without_the_right_to_invoke_fails_every_record(objects: Objects) -> None:
    play(firehose(("s3:PutObject",)), steps(put("a")), each_record(ok))
    assert objects.lines()[0]["errorCode"] == "Lambda.InvokeAccessDenied"


def test_a_bucket_that_does_not_take_an_object_is_asked_again(objects: Objects) -> None:
    fault = {"from": "0s", "until": "200s", "fail": "s3.put_object", "with": "SlowDown"}
    played = play(firehose(), steps(put("a"), faults=[fault]), each_record(ok))
    delays = [fact.delay_us or 0 for fact in played.of(FirehoseRefused)]
    assert delays == sorted(delays)
    assert len(delays) > 2
    assert row(played)["delivered"] == 1


def test_a_bucket_that_never_takes_it_loses_it_after_a_day() -> None:
    played = play(firehose(("lambda:InvokeFunction",)), steps(put("a"), until="24h"), each_record(ok))
    assert {fact.error.partition(":")[0] for fact in played.of(FirehoseRefused)} == {"AccessDenied"}
    assert row(played).get("delivered", 0) == 0


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


def test_a_kinesis_stream_may_be_the_source(objects: Objects) -> None:
    events: list[dict[str, Any]] = []
    answer = each_record(ok)

    def script(function: Any, event: Any, count: int) -> Act:
        events.append(event)
        return answer(function, event, count)

    source = {"KinesisStreamARN": arn_of("kinesis", "stream/source"), "RoleARN": {"Fn::GetAtt": "Sender.Arn"}}
    template = firehose(DeliveryStreamType="KinesisStreamAsSource", KinesisStreamSourceConfiguration=source)
    entries = [
        call(f"{n}s", "kinesis.put_record", StreamName="source", Data=f"{n};", PartitionKey=f"{n}") for n in range(5)
    ]
    played = play(template, steps(*entries, put("no", at="10s")), script)
    assert sorted(objects.data.decode().split(";"))[1:] == ["0", "1", "2", "3", "4"]
    record = KinesisFirehoseModel.model_validate(events[0]).records[0]
    assert record.kinesisRecordMetadata is not None
    assert record.kinesisRecordMetadata.partitionKey in "01234"
    assert events[0]["sourceKinesisStreamArn"] == arn_of("kinesis", "stream/source")
    assert played.summary["calls"]["firehose.put_record_batch"]["errors"] == {"InvalidArgumentException": 1}


def test_a_role_that_may_not_read_the_source_gets_nothing() -> None:
    source = {"KinesisStreamARN": arn_of("kinesis", "stream/source"), "RoleARN": {"Fn::GetAtt": "Sender.Arn"}}
    template = firehose(
        ("s3:PutObject",), DeliveryStreamType="KinesisStreamAsSource", KinesisStreamSourceConfiguration=source
    )
    played = play(template, steps(call("0s", "kinesis.put_record", StreamName="source", Data="x", PartitionKey="1")))
    assert row(played) == {}
    assert played.summary["calls"]["kinesis.get_shard_iterator"]["denied"] == 10


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


@pytest.mark.parametrize(
    ("destination", "words"),
    [
        ({"BucketARN": "arn:aws:s3:::other"}, "BucketARN must be that of a bucket of this template"),
        (
            {"Prefix": "!{timestamp:yyyy}/"},
            "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions",
        ),
        ({"Prefix": "!{firehose:error-output-type}/", "ErrorOutputPrefix": "x/"}, "Prefix cannot contain"),
        ({"ErrorOutputPrefix": "!{timestamp:yyyy}/"}, "ErrorOutputPrefix must contain at least one instance"),
        ({"Prefix": "a!{b", "ErrorOutputPrefix": "x/"}, "the sequence !{ can only appear"),
        ({"Prefix": "!{timestamp:EEE}/", "ErrorOutputPrefix": "x/"}, "lambdalab does not know E"),
        ({"BufferingHints": {"SizeInMBs": 200}}, "SizeInMBs of BufferingHints must be a whole number from 1 to 128."),
        ({"CompressionFormat": "ZIP"}, "CompressionFormat ZIP has no effect in lambdalab yet"),
        ({"ProcessingConfiguration": processing(BufferSizeInMBs="4")}, "BufferSizeInMBs of a Lambda processor must be"),
        (
            {"ProcessingConfiguration": processing(LambdaArn="work")},
            "a Lambda processor needs the parameter LambdaArn.",
        ),
        ({"BufferingHints": {"SizeInMBs": 5}}, "BufferingHints have SizeInMBs and IntervalInSeconds, or neither."),
        ({"FileExtension": "gz"}, "FileExtension 'gz' is no point with small letters"),
        (
            {
                "S3BackupMode": "Enabled",
                "S3BackupConfiguration": {
                    "BucketARN": "arn:aws:s3:::raw",
                    "RoleARN": {"Fn::GetAtt": "Sender.Arn"},
                    "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 30},
                },
            },
            "IntervalInSeconds of BufferingHints must be a whole number from 60 to 900.",
        ),
        (
            {
                "ProcessingConfiguration": {
                    "Enabled": True,
                    "Processors": [
                        {
                            "Type": "AppendDelimiterToRecord",
                            "Parameters": [{"ParameterName": "Delimiter", "ParameterValue": ";"}],
                        }
                    ],
                }
            },
            "the Delimiter ';' has no effect: Firehose writes a new line between records.",
        ),
        ({"S3BackupMode": "Enabled"}, "S3BackupMode is Disabled, or Enabled with an S3BackupConfiguration."),
        (
            {"DataFormatConversionConfiguration": {}},
            "DataFormatConversionConfiguration of a Firehose destination has no",
        ),
        ({"RoleARN": {"Fn::GetAtt": "Role.Arn"}}, "Firehose is unable to assume role"),
    ],
)
def test_a_stream_that_cannot_be_is_a_problem(destination: dict[str, Any], words: str) -> None:
    template = read_template({**CODE, **as_files(firehose(destination=destination))})
    found = [problem.message for problem in problems_of(template)]
    assert any(words in message for message in found), found


TEXT = st.text("ab:$!{}1", max_size=3)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
)
PLACES = (
    ("ProcessingConfiguration",),
    ("ProcessingConfiguration", "Processors"),
    ("ProcessingConfiguration", "Processors", 0),
    ("ProcessingConfiguration", "Processors", 0, "Type"),
    ("ProcessingConfiguration", "Processors", 0, "Parameters"),
    ("ProcessingConfiguration", "Processors", 0, "Parameters", 0, "ParameterValue"),
    ("BufferingHints",),
    ("BufferingHints", "SizeInMBs"),
    ("BucketARN",),
    ("RoleARN",),
    ("Prefix",),
    ("ErrorOutputPrefix",),
    ("FileExtension",),
    ("CompressionFormat",),
    ("S3BackupMode",),
    ("S3BackupConfiguration",),
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(PLACES), ANY)
def test_a_template_may_say_anything_of_a_stream(place: tuple[str | int, ...], value: Any) -> None:
    made = firehose()
    at: Any = made["Resources"]["Clicks"]["Properties"]["ExtendedS3DestinationConfiguration"]
    for part in place[:-1]:
        at = at[part]
    at[place[-1]] = value
    problems_of(read_template({**CODE, **as_files(made)}))


def test_a_trust_policy_may_ask_for_the_account_as_external_id() -> None:
    """So the guide's own examples do."""
    made = firehose()
    trust = json.loads(json.dumps(TRUST))
    made["Resources"]["Sender"]["Properties"]["AssumeRolePolicyDocument"] = trust
    trust["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalId": "123456789012"}}
    assert problems_of(read_template({**CODE, **as_files(made)})) == []
    trust["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalId": "210987654321"}}
    (problem,) = problems_of(read_template({**CODE, **as_files(made)}))
    assert problem.message.startswith("Clicks: Firehose is unable to assume role")


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


def test_streams_are_described_and_listed() -> None:
    asked = [
        call("0s", "firehose.describe_delivery_stream", DeliveryStreamName="Clicks"),
        call("0s", "firehose.list_delivery_streams"),
    ]
    played = play(firehose(), steps(*asked))
    assert [played.summary["calls"][f"firehose.{name}"]["errors"] for name in
            ("describe_delivery_stream", "list_delivery_streams")] == [{}, {}]  # fmt: skip
