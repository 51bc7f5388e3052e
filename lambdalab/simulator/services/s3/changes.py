"""What an operation has changed in the store: recorded as facts, told to whom the bucket notifies, counted."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from lambdalab.simulator.account import Request, World
from lambdalab.simulator.services.s3.configuration import Notification
from lambdalab.simulator.services.s3.delivery import Delivery
from lambdalab.simulator.services.s3.holdings import HELD_BYTES_MAX, Holdings
from lambdalab.simulator.services.s3.records import Happened, sequencer
from lambdalab.simulator.services.stores import Moto
from lambdalab.simulator.trace.facts import ObjectDeleted, ObjectTagged, ObjectWritten

BODY_IN_FACT_MAX = 4_096
CREATED = {
    "PutObject": "ObjectCreated:Put",
    "CopyObject": "ObjectCreated:Copy",
    "CompleteMultipartUpload": "ObjectCreated:CompleteMultipartUpload",
}
TAGGED = {"PutObjectTagging": "ObjectTagging:Put", "DeleteObjectTagging": "ObjectTagging:Delete"}
PARTS = ("UploadPart", "UploadPartCopy")


class Changes:
    """Looks at the store before and after each operation."""

    def __init__(self, world: World, moto: Moto) -> None:
        self._world = world
        self._moto = moto
        self._held = Holdings()
        self._happened = 0
        self.delivery = Delivery(world)
        self.notifications: dict[str, tuple[Notification, ...]] = {}
        self.on_bus: set[str] = set()  # buckets that tell EventBridge of everything

    def before(self, operation: str, params: dict[str, Any]) -> Any:
        """What will be gone afterwards: the object, the version or the delete marker that a deletion names."""
        if operation != "DeleteObject":
            return None
        version = params.get("VersionId")
        get_object = self._moto.backend.get_object
        return get_object(params["Bucket"], params["Key"], version_id=version, return_delete_marker=bool(version))

    def note(
        self, request: Request, params: dict[str, Any], before: Any, output: dict[str, Any], operation: str = ""
    ) -> None:
        """Note what the operation, which went well, has changed."""
        operation = operation or request.operation
        if operation in CREATED:
            self._written(request, params, operation)
        elif operation == "DeleteObject":
            self._deleted(request, params, before, output)
        elif operation in TAGGED:
            self._tagged(request, params, operation)
        elif operation in PARTS:
            self._held_part(params)
        if operation in ("CompleteMultipartUpload", "AbortMultipartUpload"):
            self._held.drop_all("part", params["Bucket"], params["UploadId"])

    def _written(self, request: Request, params: dict[str, Any], operation: str) -> None:
        bucket, key = params["Bucket"], params["Key"]
        made = self._moto.backend.get_object(bucket, key)
        body, version = made.value, _version_of(made)
        metadata = {str(name).lower(): str(value) for name, value in made.metadata.items()}
        prefix = "x-amz-meta-"
        self._world.trace.record(
            ObjectWritten(
                bucket=bucket,
                key=key,
                operation=operation,
                version_id=version,
                size=len(body),
                etag=made.etag.strip('"'),
                content_type=metadata.get("content-type", ""),
                metadata={n.removeprefix(prefix): v for n, v in metadata.items() if n.startswith(prefix)},
                sha256=hashlib.sha256(body).hexdigest(),
                body=base64.b64encode(body).decode() if len(body) <= BODY_IN_FACT_MAX else None,
            )
        )
        self._held.put(len(body), "object", bucket, key, version or "")
        self._bound()
        self._tell(request, params, CREATED[operation], made.etag.strip('"'), version, size=len(body))

    def _deleted(self, request: Request, params: dict[str, Any], before: Any, output: dict[str, Any]) -> None:
        bucket, key, named = params["Bucket"], params["Key"], params.get("VersionId")
        marker = None if named else output.get("VersionId")
        if before is None and marker is None:
            return  # nothing was there: A-52
        if type(before).__name__ == "FakeDeleteMarker":
            output["DeleteMarker"] = True  # S3 API Reference, DeleteObject; moto says so of some only
        version = named if named != "null" else None
        self._world.trace.record(ObjectDeleted(bucket, key, version, marker))
        if marker is None:
            self._held.drop("object", bucket, key, version or "")
            self._tell(request, params, "ObjectRemoved:Delete", None, version)
        else:
            empty = hashlib.md5(b"", usedforsecurity=False).hexdigest()
            self._tell(request, params, "ObjectRemoved:DeleteMarkerCreated", empty, marker)

    def _tagged(self, request: Request, params: dict[str, Any], operation: str) -> None:
        made = self._moto.backend.get_object(params["Bucket"], params["Key"], version_id=params.get("VersionId"))
        tags = self._moto.backend.tagger.get_tag_dict_for_resource(made.arn)
        version = _version_of(made)
        self._world.trace.record(ObjectTagged(params["Bucket"], params["Key"], version, dict(sorted(tags.items()))))
        self._tell(request, params, TAGGED[operation], made.etag.strip('"'), version)

    def _held_part(self, params: dict[str, Any]) -> None:
        upload = self._moto.backend.buckets[params["Bucket"]].multiparts[params["UploadId"]]
        number = params["PartNumber"]
        self._held.put(upload.parts[number].size, "part", params["Bucket"], params["UploadId"], str(number))
        self._bound()

    def _bound(self) -> None:
        if self._held.total > HELD_BYTES_MAX:
            self._world.kernel.stop("bytes held")

    def _tell(
        self,
        request: Request,
        params: dict[str, Any],
        name: str,
        etag: str | None,
        version: str | None,
        size: int | None = None,
    ) -> None:
        """Let the bucket's notifications out. The numbers of events grow, whoever listens."""
        self._happened += 1
        wanted, on_bus = self.notifications.get(params["Bucket"], ()), params["Bucket"] in self.on_bus
        if not wanted and not on_bus:
            return
        happened = Happened(
            bucket=params["Bucket"],
            name=name,
            key=params["Key"],
            at=self._world.timestamp(),
            sequencer=sequencer(self._world, self._happened),
            principal=request.principal,
            size=size,
            etag=etag,
            version_id=version,
            trace_header=request.trace_header,
            lineage=request.lineage,
        )
        self.delivery.tell(happened, wanted)
        if on_bus:
            self.delivery.tell_bus(happened, request.operation)


def _version_of(made: Any) -> str | None:
    version = made.version_id
    return None if version == "null" else str(version)
