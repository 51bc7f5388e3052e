"""The operations of Amazon S3. moto keeps objects, versions and uploads; policies and notifications are ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, Request, Right, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.account.iam import PolicyError, policies, read_policy
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services import wire
from lambdalab.simulator.services.s3 import configuration
from lambdalab.simulator.services.s3.changes import Changes
from lambdalab.simulator.services.s3.configuration import Notification
from lambdalab.simulator.services.s3.names import bucket_arn, is_bucket_name, name_of, object_arn
from lambdalab.simulator.services.s3.records import BusEvent
from lambdalab.simulator.services.s3.rights import ON_BUCKET, OPERATIONS, S3Guard
from lambdalab.simulator.services.stores import Moto
from lambdalab.simulator.trace.facts import BucketConfigured, BucketCreated, BucketDeleted
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError

OBJECT_ANSWER_MAX = 11 * 1024 * 1024  # ours: what one answer can carry into an environment
FINDING = ("GetObject", "HeadObject", "GetObjectAttributes", "GetObjectTagging")


class S3Service:
    """The buckets of the account."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._moto = Moto(world, "s3")
        self._changes = Changes(world, self._moto)
        self._policies: dict[str, str] = {}
        self._own: dict[str, Callable[[Request], Answer | AwsError]] = {
            "DeleteObjects": self._delete_objects,
            "PutBucketPolicy": self._put_policy,
            "GetBucketPolicy": self._get_policy,
            "DeleteBucketPolicy": self._delete_policy,
            "PutBucketNotificationConfiguration": self._put_notifications,
            "GetBucketNotificationConfiguration": self._get_notifications,
        }
        world.api.register("s3", self, S3Guard(self.exists))

    def exists(self, bucket: str) -> bool:
        """Whether there is a bucket of this name."""
        return bucket in self._moto.backend.buckets

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The bucket, and the object where a call names one."""
        bucket = name_of(params.get("Bucket", ""))
        if not bucket:
            return "arn:aws:s3:::*", ""
        key = params.get("Key")
        return (object_arn(bucket, key), f"{bucket}/{key}") if key else (bucket_arn(bucket), bucket)

    def deploy(self, bucket: str, shown_as: str, *, versioning: str = "") -> None:
        """Create a bucket as a template describes it."""
        self._exchange("CreateBucket", {"Bucket": bucket})
        self._created(bucket, shown_as)
        if versioning:
            params = {"Bucket": bucket, "VersioningConfiguration": {"Status": versioning}}
            self._exchange("PutBucketVersioning", params)

    def connect_bus(self, events: Callable[[BusEvent], None]) -> None:
        """Tell ``events`` what happens in buckets that notify EventBridge."""
        self._changes.delivery.bus = events

    def notify(self, bucket: str, notifications: tuple[Notification, ...], *, on_bus: bool = False) -> None:
        """Give a bucket's notifications; they have been checked. Queues and topics that are new get a test event.

        ``on_bus``: EventBridge is told of everything.
        """
        (self._changes.on_bus.add if on_bus else self._changes.on_bus.discard)(bucket)
        before = {each.target for each in self._changes.notifications.get(bucket, ())}
        self._changes.notifications[bucket] = notifications
        self.tell_configuration(bucket)
        for each in notifications:
            if each.target not in before:
                self._changes.delivery.greet(bucket, each)

    def set_policy(self, bucket: str, document: Mapping[str, Any], shown_as: str) -> None:
        """Give a bucket its policy. Raises :class:`PolicyError`."""
        name = f"the bucket policy of {shown_as}"
        policy = read_policy(document, name, "resource-based", size_max=policies.BUCKET_POLICY_BYTES_MAX)
        self._policies[bucket] = json.dumps(document, separators=(",", ":"), default=str)
        self._world.iam.set_policy(bucket_arn(bucket), policy)

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from ()  # a generator, like every service
        operation, params = request.operation, request.params
        if operation not in OPERATIONS:
            return unsupported(request)
        if operation != "ListBuckets":
            params = params | {"Bucket": name_of(params["Bucket"])}
            if operation != "CreateBucket" and not self.exists(params["Bucket"]):
                return _no_bucket(operation)
            if operation == "CreateBucket" and not is_bucket_name(params["Bucket"]):
                return AwsError("InvalidBucketName", "The specified bucket is not valid.", 400)
        if operation in self._own:
            return self._own[operation](request)
        before = self._changes.before(operation, params)
        answer = self._exchange(operation, params)
        if isinstance(answer, AwsError):
            return self._hidden(request, answer) or answer
        if operation in ON_BUCKET:
            self._bucket_changed(operation, params["Bucket"])
        self._changes.note(request, params, before, answer.output)
        return answer

    def _exchange(self, operation: str, params: dict[str, Any]) -> Answer | AwsError:
        with self._moto:
            came = wire.exchange("s3", operation, params)
        body = came.output.get("Body")
        if isinstance(body, bytes) and len(body) > OBJECT_ANSWER_MAX:
            text = f"lambdalab carries at most {OBJECT_ANSWER_MAX:,} bytes in one answer; get it in ranges."
            return AwsError("NotSimulated", text, 501)
        extra: dict[str, Any] = {"ResponseMetadata": {"HTTPHeaders": came.headers}}
        if operation == "GetBucketLocation":
            extra["LocationConstraint"] = None  # us-east-1 has no name there. S3 API Reference, GetBucketLocation
        return came.error or Answer({**came.output, **extra}, came.status)

    def _hidden(self, request: Request, answer: AwsError) -> AwsError | None:
        """Who may not list a bucket is not told that an object is missing. S3 API Reference, GetObject."""
        if answer.status != 404 or request.operation not in FINDING:
            return None
        denied = self._world.api.denied(request, Right("s3:ListBucket", bucket_arn(name_of(request.params["Bucket"]))))
        if denied is None:
            return None
        return AwsError("403", "Forbidden", 403) if request.operation == "HeadObject" else denied

    def _bucket_changed(self, operation: str, bucket: str) -> None:
        if operation == "CreateBucket" and bucket not in self._changes.notifications:
            self._created(bucket, bucket)
        elif operation == "DeleteBucket":
            self._changes.notifications.pop(bucket, None)
            self._changes.on_bus.discard(bucket)
            self._policies.pop(bucket, None)
            self._world.iam.set_policy(bucket_arn(bucket), None)
            self._world.trace.record(BucketDeleted(bucket))
        elif operation == "PutBucketVersioning":
            self.tell_configuration(bucket)

    def _created(self, bucket: str, shown_as: str) -> None:
        made = self._moto.backend.buckets[bucket]
        made.creation_date = self._world.wall_clock()
        self._changes.notifications[bucket] = ()
        self._world.trace.record(BucketCreated(bucket, shown_as, bucket_arn(bucket)))

    def tell_configuration(self, bucket: str) -> None:
        """Record how a bucket is configured."""
        told = tuple(configuration.shown(self._changes.notifications[bucket]))
        if bucket in self._changes.on_bus:
            told += (("everything", arn("events", "event-bus/default")),)
        status: Any = self._moto.backend.buckets[bucket].versioning_status or "Off"
        self._world.trace.record(BucketConfigured(bucket, status, told))

    def _delete_objects(self, request: Request) -> Answer | AwsError:
        """Each object by itself: what the caller may not delete is an error of that one. S3 API Reference."""
        bucket, wanted = name_of(request.params["Bucket"]), request.params["Delete"]
        deleted: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        if any("LastModifiedTime" in entry or "Size" in entry for entry in wanted["Objects"]):
            text = "LastModifiedTime and Size of DeleteObjects are for directory buckets, which lambdalab has not."
            return AwsError("NotSimulated", text, 501)
        for entry in wanted["Objects"]:
            version = entry.get("VersionId")
            named = {"Key": entry["Key"]} | ({"VersionId": version} if version else {})
            action = "s3:DeleteObjectVersion" if version else "s3:DeleteObject"
            answer = self._world.api.denied(request, Right(action, object_arn(bucket, entry["Key"])))
            condition = {"IfMatch": entry["ETag"]} if entry.get("ETag") else {}
            done = answer or self._delete(request, {"Bucket": bucket, **named, **condition})
            if isinstance(done, AwsError):
                errors.append({**named, "Code": done.code, "Message": done.message})
            elif not wanted.get("Quiet"):
                deleted.append({**named, **_marker(done.output, version)})
        output: dict[str, Any] = {"Deleted": deleted} if deleted else {}
        return Answer(output | ({"Errors": errors} if errors else {}))

    def _delete(self, request: Request, params: dict[str, Any]) -> Answer | AwsError:
        before = self._changes.before("DeleteObject", params)
        answer = self._exchange("DeleteObject", params)
        if isinstance(answer, Answer):
            self._changes.note(request, params, before, answer.output, "DeleteObject")
        return answer

    def _put_policy(self, request: Request) -> Answer | AwsError:
        bucket = name_of(request.params["Bucket"])
        try:
            self.set_policy(bucket, json.loads(request.params["Policy"]), bucket)
        except (ValueError, PolicyError) as error:
            return AwsError("MalformedPolicy", str(error), 400)
        return Answer(status=204)

    def _get_policy(self, request: Request) -> Answer | AwsError:
        text = self._policies.get(name_of(request.params["Bucket"]))
        if text is None:
            return AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", 404)
        return Answer({"Policy": text})

    def _delete_policy(self, request: Request) -> Answer | AwsError:
        bucket = name_of(request.params["Bucket"])
        self._policies.pop(bucket, None)
        self._world.iam.set_policy(bucket_arn(bucket), None)
        return Answer(status=204)

    def _put_notifications(self, request: Request) -> Answer | AwsError:
        bucket, document = name_of(request.params["Bucket"]), request.params["NotificationConfiguration"]
        read = configuration.read_notifications(document, lambda: self._world.new_uuid("s3-notification"))
        if isinstance(read, AwsError):
            return read
        if not request.params.get("SkipDestinationValidation"):
            refused = (configuration.refused_target(self._world.iam, bucket, each) for each in read)
            if any(refused):
                return AwsError("InvalidArgument", configuration.UNABLE, 400)
        self.notify(bucket, read, on_bus="EventBridgeConfiguration" in document)
        return Answer()

    def _get_notifications(self, request: Request) -> Answer | AwsError:
        bucket = name_of(request.params["Bucket"])
        bus: dict[str, Any] = {"EventBridgeConfiguration": {}} if bucket in self._changes.on_bus else {}
        return Answer(configuration.document_of(self._changes.notifications[bucket]) | bus)

    def close(self) -> None:
        """The run is over: forget its buckets."""
        self._moto.clear()


def _marker(output: dict[str, Any], version: str | None) -> dict[str, Any]:
    """A delete marker that was made, or removed, as DeleteObjects tells it."""
    if not output.get("DeleteMarker"):
        return {}
    made = version or output.get("VersionId")
    return {"DeleteMarker": True, "DeleteMarkerVersionId": made}


def _no_bucket(operation: str) -> AwsError:
    if operation in ("HeadObject", "HeadBucket"):
        return AwsError("404", "Not Found", 404)
    return AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
