"""A template with a Firehose stream, and what a run of it writes."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act, Script
from lambdalab.simulator.services.s3.service import S3Service
from tests.simulator.playing import Played, arn_of, call, make_function, make_template, play, steps

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


def row(played: Played) -> dict[str, Any]:
    found: dict[str, Any] = played.summary["firehoses"]["clicks"]
    return {name: value for name, value in found.items() if value}
