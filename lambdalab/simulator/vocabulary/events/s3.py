"""What S3 sends: notifications, tasks of Batch Operations, requests to Object Lambda.

Sources: fact X.1 (recorded answers of AWS, 2025-11); Amazon S3 User Guide, "Event message structure" (read 2026-04) and
"Invoke AWS Lambda function" of Batch Operations, "Event context format and usage"
of Object Lambda. Put, delete and batch: held against the samples in SAM CLI 1.144, read 2026-11.
"""

from __future__ import annotations

import hashlib
import string
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, REGION
from lambdalab.simulator.vocabulary.events.plain import quoted_key, url_encoded

VERSION, VERSION_OF_TAGGING = "2.1", "2.3"  # LS, recorded: what came later has a later one
CALLER_ADDRESS = "198.51.100.10"  # RFC 5737: nobody's
_LETTERS = string.ascii_uppercase + string.digits


@dataclass(frozen=True, slots=True)
class Asked:
    """The request that made an event: who asked, and the two ids of S3's answer."""

    principal_id: str
    request_id: str
    host_id: str


def record(
    bucket: str, name: str, at: str, asked: Asked, configuration: str, object_: dict[str, Any]
) -> dict[str, Any]:
    """One record. ``name`` is the event type without ``s3:``, ``object_`` what :func:`object_of` makes."""
    return {
        "eventVersion": VERSION_OF_TAGGING if name.startswith("ObjectTagging:") else VERSION,
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": at,
        "eventName": name,
        "userIdentity": {"principalId": asked.principal_id},
        "requestParameters": {"sourceIPAddress": CALLER_ADDRESS},
        "responseElements": {"x-amz-request-id": asked.request_id, "x-amz-id-2": asked.host_id},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration,
            "bucket": {
                "name": bucket,
                "ownerIdentity": {"principalId": owner_id(ACCOUNT_ID)},
                "arn": f"arn:aws:s3:::{bucket}",
            },
            "object": object_,
        },
    }


def object_of(
    key: str, sequencer: str | None, *, size: int | None = None, etag: str | None = None, version_id: str | None = None
) -> dict[str, Any]:
    """The object of a record. What is deleted has no ``size`` (bytes) and no ``etag``; tags have no ``sequencer``."""
    given = {"key": quoted_key(key), "size": size, "eTag": etag, "versionId": version_id, "sequencer": sequencer}
    return {name: value for name, value in given.items() if value is not None}


def test_event(bucket: str, at: str, asked: Asked) -> dict[str, Any]:
    """What S3 sends to a queue or topic when it becomes a target."""
    return {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": at,
        "Bucket": bucket,
        "RequestId": asked.request_id,
        "HostId": asked.host_id,
    }


def bus_words(name: str, operation: str) -> tuple[str, dict[str, str]]:
    """The detail-type for EventBridge of an event type (``ObjectCreated:Put``), and what its detail has besides."""
    family, _, what = name.partition(":")
    if family == "ObjectCreated":
        return "Object Created", {"reason": operation}
    if family == "ObjectRemoved":
        marked = what == "DeleteMarkerCreated"
        kind = "Delete Marker Created" if marked else "Permanently Deleted"
        return "Object Deleted", {"reason": "DeleteObject", "deletion-type": kind}
    return f"Object Tags {'Added' if what == 'Put' else 'Deleted'}", {}


def bus_detail(
    bucket: str, object_: dict[str, Any], request_id: str, requester: str, more: dict[str, str]
) -> dict[str, Any]:
    """The detail of an event for EventBridge. Members of ``object_`` that are None are left out."""
    return {
        "version": "0",
        "bucket": {"name": bucket},
        "object": {name: value for name, value in object_.items() if value is not None},
        "request-id": request_id,
        "requester": requester,
        "source-ip-address": CALLER_ADDRESS,
        **more,
    }


def owner_id(account: str) -> str:
    """The principal id of an account as the owner of a bucket."""
    digest = hashlib.sha256(account.encode()).digest()
    return "A" + "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:14])


_ASKED = Asked(
    "AWS:AIDACKCEVSQ6C2EXAMPLE",
    "C3D13FE58DE4C810",
    "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD",
)
_AT = "2026-11-23T12:00:00.000Z"
_SEQUENCER = "0055AED6DCD90281E5"


def _sample(name: str, **more: Any) -> dict[str, Any]:
    object_ = object_of("", _SEQUENCER, **more) | {"key": url_encoded("images/my cat.jpg")}
    return {"Records": [record("photos", name, _AT, _ASKED, "lambda-trigger", object_)]}


def put() -> dict[str, Any]:
    """An object was put."""
    return _sample("ObjectCreated:Put", size=1024, etag="d41d8cd98f00b204e9800998ecf8427e")


def copy() -> dict[str, Any]:
    """An object was made by a copy."""
    return _sample("ObjectCreated:Copy", size=1024, etag="d41d8cd98f00b204e9800998ecf8427e")


def multipart() -> dict[str, Any]:
    """A multipart upload was completed."""
    return _sample("ObjectCreated:CompleteMultipartUpload", size=8_388_608, etag="9b2cf535f27731c974343645a3985328-2")


def delete() -> dict[str, Any]:
    """An object was deleted for good."""
    return _sample("ObjectRemoved:Delete")


def delete_marker() -> dict[str, Any]:
    """A delete marker was put over an object of a bucket with versions."""
    etag, version = "d41d8cd98f00b204e9800998ecf8427e", "096fKKXTRTtl3on89fVO.nfljtsv6qko"
    return _sample("ObjectRemoved:DeleteMarkerCreated", etag=etag, version_id=version)


def test() -> dict[str, Any]:
    """The test event that S3 sends to a new target."""
    return test_event("photos", _AT, _ASKED)


def batch() -> dict[str, Any]:
    """One task of an S3 Batch Operations job."""
    return {
        "invocationSchemaVersion": "1.0",
        "invocationId": "YXNkbGZqYWRmaiBhc2RmdW9hZHNmZGpmaGFzbGtkaGZza2RmaAo",
        "job": {"id": "f3cc4f60-61f6-4a2b-8a21-d07600c373ce"},
        "tasks": [
            {
                "taskId": "dGFza2lkZ29lc2hlcmUK",
                "s3Key": url_encoded("images/my cat.jpg"),
                "s3VersionId": "1",
                "s3BucketArn": "arn:aws:s3:::photos",
            }
        ],
    }


def object_lambda() -> dict[str, Any]:
    """A GetObject through an Object Lambda access point."""
    point = f"arn:aws:s3-object-lambda:{REGION}:{ACCOUNT_ID}:accesspoint/example-object-lambda-ap"
    supporting = f"arn:aws:s3:{REGION}:{ACCOUNT_ID}:accesspoint/example-ap"
    host = f"object-lambda-{ACCOUNT_ID}.s3-object-lambda.{REGION}.amazonaws.com"
    return {
        "xAmzRequestId": "1a5ed718-5f53-471d-b6fe-5cf62d88d02a",
        "getObjectContext": {
            "inputS3Url": f"https://example-ap-{ACCOUNT_ID}.s3-accesspoint.{REGION}.amazonaws.com/s3.txt?X-Amz-Signature=EXAMPLE",
            "outputRoute": "io-iad-cell001",
            "outputToken": "OutputToken",
        },
        "configuration": {
            "accessPointArn": point,
            "supportingAccessPointArn": supporting,
            "payload": "{}",
        },
        "userRequest": {"url": f"https://{host}/s3.txt", "headers": {"Host": host, "Accept-Encoding": "identity"}},
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDACKCEVSQ6C2EXAMPLE",
            "arn": f"arn:aws:iam::{ACCOUNT_ID}:user/alice",
            "accountId": ACCOUNT_ID,
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
            "userName": "alice",
        },
        "protocolVersion": "1.00",
    }
