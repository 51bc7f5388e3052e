"""Facts that change what buckets hold, and what they tell others. Each carries enough to rebuild the state."""

from __future__ import annotations

__all__ = (
    "BucketConfigured", "BucketCreated", "BucketDeleted", "NotificationLost", "NotificationSent", "ObjectDeleted",
    "ObjectFact", "ObjectTagged", "ObjectWritten",
)  # fmt: skip

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class BucketCreated(Recorded, frozen=True):
    """A bucket exists."""

    kind: ClassVar[Literal["bucket.created"]] = "bucket.created"
    bucket: str
    shown_as: str
    arn: str


class BucketDeleted(Recorded, frozen=True):
    """A bucket, which was empty, is gone."""

    kind: ClassVar[Literal["bucket.deleted"]] = "bucket.deleted"
    bucket: str


class BucketConfigured(Recorded, frozen=True):
    """Whether a bucket keeps versions, and whom it tells of what: (event types, target's ARN) of each configuration."""

    kind: ClassVar[Literal["bucket.configured"]] = "bucket.configured"
    bucket: str
    versioning: Literal["Enabled", "Suspended", "Off"]
    notifications: tuple[tuple[str, str], ...]


class ObjectWritten(Recorded, frozen=True):
    """An object has a new content. ``version_id`` is None in a bucket that never kept versions.

    ``body`` is the content as base64, or None when it is larger than 4 KB: then ``sha256`` (hexadecimal) says what it
    is. ``etag`` stands without its quotation marks.
    """

    kind: ClassVar[Literal["object.written"]] = "object.written"
    bucket: str
    key: str
    operation: str
    version_id: str | None
    size: int
    etag: str
    content_type: str
    metadata: dict[str, str]
    sha256: str
    body: str | None


class ObjectDeleted(Recorded, frozen=True):
    """An object, or one version of it, is gone; or a delete marker hides it.

    ``marker`` is the version id of a new delete marker: nothing is lost then. ``version_id`` is that of the version (or
    marker) that was removed for ever; None where the bucket keeps no versions.
    """

    kind: ClassVar[Literal["object.deleted"]] = "object.deleted"
    bucket: str
    key: str
    version_id: str | None
    marker: str | None


class ObjectTagged(Recorded, frozen=True):
    """The tags of an object, or of one version, are these now."""

    kind: ClassVar[Literal["object.tagged"]] = "object.tagged"
    bucket: str
    key: str
    version_id: str | None
    tags: dict[str, str]


class NotificationSent(Recorded, frozen=True):
    """A bucket told ``target`` (an ARN) what happened to an object; ``error`` says why it was not taken."""

    kind: ClassVar[Literal["notification.sent"]] = "notification.sent"
    bucket: str
    key: str
    event: str
    configuration: str
    target: str
    sequencer: str
    delay_us: int
    error: str | None


class NotificationLost(Recorded, frozen=True):
    """A bad day of S3's: of two events of one object that followed closely only the later one is sent."""

    kind: ClassVar[Literal["notification.lost"]] = "notification.lost"
    bucket: str
    key: str
    event: str
    configuration: str
    sequencer: str


ObjectFact = (
    BucketCreated
    | BucketDeleted
    | BucketConfigured
    | ObjectWritten
    | ObjectDeleted
    | ObjectTagged
    | NotificationSent
    | NotificationLost
)
