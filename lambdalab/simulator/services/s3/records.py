"""What has happened to an object, and the event that S3 makes of it. Its shape: ``vocabulary/events/s3.py``."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.account import Principal, World
from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.services.sts import unique_id
from lambdalab.simulator.vocabulary.events import s3 as shapes
from lambdalab.simulator.vocabulary.events.plain import compact

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
    tagging = happened.name.startswith("ObjectTagging:")
    object_ = shapes.object_of(
        happened.key,
        None if tagging else happened.sequencer,
        size=happened.size,
        etag=happened.etag,
        version_id=happened.version_id,
    )
    asked = _asked(world, f"AWS:{unique_id(happened.principal)}")
    record = shapes.record(happened.bucket, happened.name, happened.at, asked, configuration, object_)
    return compact({"Records": [record]})


@dataclass(frozen=True, slots=True)
class BusEvent:
    """What EventBridge hears from a bucket."""

    bucket: str
    detail_type: str
    detail: Mapping[str, Any]
    trace_header: str | None


def bus_event_of(world: World, happened: Happened, operation: str) -> BusEvent:
    """The event for EventBridge; keys are not URL-encoded there.

    Source: Amazon S3 User Guide, "EventBridge event message structure" and "EventBridge mapping", read 2026-11.
    """
    asked = _asked(world, "")
    requester = happened.principal.arn if happened.principal.is_service else str(happened.principal.account)
    detail_type, more = shapes.bus_words(happened.name, operation)
    object_ = {
        "key": happened.key,
        "size": happened.size,
        "etag": happened.etag,
        "version-id": happened.version_id,
        "sequencer": None if detail_type.startswith("Object Tags") else happened.sequencer,
    }
    detail = shapes.bus_detail(happened.bucket, object_, asked.request_id, requester, more)
    return BusEvent(happened.bucket, detail_type, detail, happened.trace_header)


def test_event(world: World, bucket: str) -> str:
    """What S3 sends to a queue or topic when it becomes a target. S3 User Guide, "Event message structure"."""
    return compact(shapes.test_event(bucket, world.timestamp(), _asked(world, "")))


def _asked(world: World, principal_id: str) -> shapes.Asked:
    random = world.kernel.random_for("ids/s3-request")
    request = "".join(random.choices(_LETTERS, k=16))
    host = "".join(random.choices(string.ascii_letters + string.digits, k=75)) + "="
    return shapes.Asked(principal_id, request, host)
