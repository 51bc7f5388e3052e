"""A Firehose stream as DescribeDeliveryStream shows it. Source: botocore's firehose model, read 2026-11."""

from __future__ import annotations

import datetime as dt
from typing import Any

from lambdalab.simulator.services.firehose.stream import MB, DeliveryStream, Place


def kind_of(stream: DeliveryStream) -> str:
    """The DeliveryStreamType."""
    return "DirectPut" if stream.source is None else "KinesisStreamAsSource"


def described(stream: DeliveryStream, created_at: dt.datetime) -> dict[str, Any]:
    """The description of a stream, with what it would have if the template said nothing of it."""
    destination = _destination(stream.place)
    processors = _processors(stream)
    destination["ProcessingConfiguration"] = {"Enabled": bool(processors), "Processors": processors}
    destination["S3BackupMode"] = "Disabled" if stream.backup is None else "Enabled"
    if stream.backup is not None:
        destination["S3BackupDescription"] = _destination(stream.backup)
    shown: dict[str, Any] = {
        "DeliveryStreamName": stream.name,
        "DeliveryStreamARN": stream.arn,
        "DeliveryStreamStatus": "ACTIVE",
        "DeliveryStreamType": kind_of(stream),
        "VersionId": str(stream.version),
        "CreateTimestamp": created_at,
        "Destinations": [
            {
                "DestinationId": "destinationId-000000000001",
                "S3DestinationDescription": _destination(stream.place),
                "ExtendedS3DestinationDescription": destination,
            }
        ],
        "HasMoreDestinations": False,
    }
    if stream.source is not None:
        source = {"KinesisStreamARN": stream.source.stream_arn, "RoleARN": str(stream.source.role.role)}
        shown["Source"] = {"KinesisStreamSourceDescription": source | {"DeliveryStartTimestamp": created_at}}
    return shown


def _processors(stream: DeliveryStream) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    by = stream.processor
    if by is not None:
        told = {
            "LambdaArn": by.function,
            "NumberOfRetries": str(by.retries),
            "RoleArn": str(by.role.role),
            "BufferSizeInMBs": f"{by.hints.size_bytes / MB:g}",
            "BufferIntervalInSeconds": str(by.hints.interval_s),
        }
        parameters = [{"ParameterName": name, "ParameterValue": value} for name, value in told.items()]
        found.append({"Type": "Lambda", "Parameters": parameters})
    if stream.delimiter:
        found.append({"Type": "AppendDelimiterToRecord", "Parameters": []})
    return found


def _destination(place: Place) -> dict[str, Any]:
    told: dict[str, Any] = {
        "RoleARN": str(place.role.role),
        "BucketARN": f"arn:aws:s3:::{place.bucket}",
        "BufferingHints": {"SizeInMBs": place.hints.size_bytes // MB, "IntervalInSeconds": place.hints.interval_s},
        "CompressionFormat": "GZIP" if place.gzip else "UNCOMPRESSED",
        "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
        "CloudWatchLoggingOptions": {"Enabled": False},
    }
    prefixes = {"Prefix": place.prefix, "ErrorOutputPrefix": place.error_prefix}
    return told | {name: value for name, value in prefixes.items() if value}
