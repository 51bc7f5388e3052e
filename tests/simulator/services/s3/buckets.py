"""Buckets for templates, and what tests ask of a run."""

import json
from typing import Any

from lambdalab.simulator.trace.facts import ApiCalled, AsyncEventReceived
from tests.simulator.playing import ACCOUNT, Played, arn_of, call

WORK = arn_of("lambda", "function:work")
PERMISSION: dict[str, Any] = {
    "Type": "AWS::Lambda::Permission",
    "Properties": {
        "Action": "lambda:InvokeFunction",
        "FunctionName": "work",
        "Principal": "s3.amazonaws.com",
        "SourceAccount": ACCOUNT,
        "SourceArn": "arn:aws:s3:::photos",
    },
}


def make_bucket(name: str = "photos", **properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name, **properties}}


def versioned(name: str = "photos", **properties: Any) -> dict[str, Any]:
    return make_bucket(name, VersioningConfiguration={"Status": "Enabled"}, **properties)


def tell(event: str = "s3:ObjectCreated:*", prefix: str = "", suffix: str = "", **target: str) -> dict[str, Any]:
    """One configuration of CloudFormation; ``target`` is Function, Queue or Topic and defaults to ``work``."""
    rules = [{"Name": name, "Value": value} for name, value in (("prefix", prefix), ("suffix", suffix)) if value]
    return {"Event": event, **(target or {"Function": WORK}), "Filter": {"S3Key": {"Rules": rules}}}


def telling(*configurations: dict[str, Any]) -> dict[str, Any]:
    """The NotificationConfiguration of a bucket that tells functions."""
    return {"NotificationConfiguration": {"LambdaConfigurations": list(configurations)}}


def put(at: str, key: str, body: Any = "hello", bucket: str = "photos", **more: Any) -> dict[str, Any]:
    return call(at, "s3.put_object", Bucket=bucket, Key=key, Body=body, **more)


def outcomes(played: Played) -> list[tuple[str, int, str | None]]:
    """(operation, status, error) of each call of S3, in order."""
    return [(f.operation, f.status, f.error) for f in played.of(ApiCalled) if f.service == "s3"]


def records(played: Played) -> list[dict[str, Any]]:
    """The records that functions got from buckets, in the order of their arrival."""
    return [json.loads(event.payload)["Records"][0] for event in played.of(AsyncEventReceived)]
