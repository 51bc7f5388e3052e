"""The records that S3 sends. Source: fact X.1 (recorded answers of AWS, 2025-11, and the S3 User Guide, "Event message
structure", read 2026-04)."""

from __future__ import annotations

import hashlib
import json
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from lambdalab.simulator.account import Principal, World
from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.services.s3.names import bucket_arn
from lambdalab.simulator.services.sts import unique_id
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, REGION

VERSION = "2.1"
CALLER_ADDRESS = "198.51.100.10"  # RFC 5737: nobody's
_LETTERS = string.ascii_uppercase + string.digits


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened to an object. ``name`` is the event type without ``s3:`` (``ObjectCreated:Put``).

    ``at`` is the moment as AWS writes it; ``size`` and ``etag`` are None for what is deleted.
    """

    bucket: str
    name: str
    key: str
    at: str
    sequencer: str
    principal: Principal
    size: int | None = None
    etag: str | None = None
    version_id: str | None = None
    trace_header: str | None = None
    lineage: Mapping[str, int] | None = None  # of the chain of requests that has led here. Fact K.9


def sequencer(world: World, number: int) -> str:
    """18 hexadecimal digits that grow from event to event: the second, and a count."""
    return f"00{(world.epoch_us + world.kernel.now) // SECOND:08X}{number:08X}"


def event_of(world: World, happened: Happened, configuration: str) -> str:
    """The event, as JSON text: one record."""
    record = {
        "eventVersion": VERSION,
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": happened.at,
        "eventName": happened.name,
        "userIdentity": {"principalId": f"AWS:{unique_id(happened.principal)}"},
        "requestParameters": {"sourceIPAddress": CALLER_ADDRESS},
        "responseElements": _response_elements(world),
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration,
            "bucket": {
                "name": happened.bucket,
                "ownerIdentity": {"principalId": _id("A", ACCOUNT_ID, 14)},
                "arn": bucket_arn(happened.bucket),
            },
            "object": _object(happened),
        },
    }
    return json.dumps({"Records": [record]}, separators=(",", ":"))


def test_event(world: World, bucket: str) -> str:
    """What S3 sends to a queue or topic when it becomes a target. S3 User Guide, "Event message structure"."""
    elements = _response_elements(world)
    message = {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": world.timestamp(),
        "Bucket": bucket,
        "RequestId": elements["x-amz-request-id"],
        "HostId": elements["x-amz-id-2"],
    }
    return json.dumps(message, separators=(",", ":"))


def _object(happened: Happened) -> dict[str, Any]:
    fields: dict[str, Any] = {"key": quote_plus(happened.key, safe="/")}  # a space becomes a plus sign. F.1
    if happened.size is not None:
        fields["size"] = happened.size
    if happened.etag is not None:
        fields["eTag"] = happened.etag
    if happened.version_id is not None:
        fields["versionId"] = happened.version_id
    return fields | {"sequencer": happened.sequencer}


def _response_elements(world: World) -> dict[str, str]:
    random = world.kernel.random_for("ids/s3-request")
    request = "".join(random.choices(_LETTERS, k=16))
    host = "".join(random.choices(string.ascii_letters + string.digits, k=75)) + "="
    return {"x-amz-request-id": request, "x-amz-id-2": host}


def _id(prefix: str, name: str, length: int) -> str:
    digest = hashlib.sha256(name.encode()).digest()
    return prefix + "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:length])
