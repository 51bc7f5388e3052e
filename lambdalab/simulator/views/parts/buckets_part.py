"""The summary's ``buckets``: what they hold, rebuilt from the facts that changed it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.trace.facts import (
    BucketCreated,
    BucketDeleted,
    NotificationLost,
    NotificationSent,
    ObjectDeleted,
    ObjectTagged,
    ObjectWritten,
)
from lambdalab.simulator.views.fold import Take

OBJECTS_MAX = 1_000


@dataclass(slots=True)
class _Version:
    """One version of an object; ``written`` is None for a delete marker."""

    written: ObjectWritten | None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Bucket:
    shown_as: str
    objects: dict[str, dict[str | None, _Version]] = field(default_factory=dict)  # by key, then version; newest last
    sent: int = 0
    failed: int = 0
    lost: int = 0


class BucketsPart:
    """Rebuilds what buckets hold, version by version."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}
        self.takes: dict[type, Take] = {
            BucketCreated: self._created,
            BucketDeleted: self._gone,
            ObjectWritten: self._written,
            ObjectDeleted: self._deleted,
            ObjectTagged: self._tagged,
            NotificationSent: self._sent,
            NotificationLost: self._lost,
        }

    def _created(self, at: int, fact: BucketCreated) -> None:
        self._buckets[fact.bucket] = _Bucket(fact.shown_as)

    def _gone(self, at: int, fact: BucketDeleted) -> None:
        self._buckets.pop(fact.bucket, None)

    def _written(self, at: int, fact: ObjectWritten) -> None:
        versions = self._buckets[fact.bucket].objects.setdefault(fact.key, {})
        versions.pop(fact.version_id, None)
        versions[fact.version_id] = _Version(fact)

    def _deleted(self, at: int, fact: ObjectDeleted) -> None:
        objects = self._buckets[fact.bucket].objects
        versions = objects.setdefault(fact.key, {})
        if fact.marker is not None:
            versions.pop(_slot(fact.marker), None)
            versions[_slot(fact.marker)] = _Version(None)
        else:
            versions.pop(fact.version_id, None)
        if not versions:
            del objects[fact.key]

    def _tagged(self, at: int, fact: ObjectTagged) -> None:
        version = self._buckets[fact.bucket].objects.get(fact.key, {}).get(fact.version_id)
        if version is not None:
            version.tags = fact.tags

    def _sent(self, at: int, fact: NotificationSent) -> None:
        bucket = self._buckets.get(fact.bucket)
        if bucket is not None:
            bucket.sent += fact.error is None
            bucket.failed += fact.error is not None

    def _lost(self, at: int, fact: NotificationLost) -> None:
        bucket = self._buckets.get(fact.bucket)
        if bucket is not None:
            bucket.lost += 1

    def result(self) -> dict[str, Any]:
        """``buckets`` of the summary."""
        return {bucket.shown_as: _shown(bucket) for bucket in self._buckets.values()}


def _shown(bucket: _Bucket) -> dict[str, Any]:
    there: dict[str, Any] = {}
    for key, versions in bucket.objects.items():
        newest = next(reversed(versions.values()))
        if newest.written is not None:
            there[key] = {
                "size": newest.written.size,
                "etag": newest.written.etag,
                "content_type": newest.written.content_type,
                "metadata": newest.written.metadata,
                "tags": newest.tags,
                "versions": len(versions),
            }
    return {
        "objects": dict(sorted(there.items())[:OBJECTS_MAX]),
        "object_count": len(there),
        "notifications": bucket.sent,
        "notifications_failed": bucket.failed,
        "notifications_lost": bucket.lost,
    }


def _slot(version: str) -> str | None:
    """A marker in a bucket that no longer keeps versions takes the place of the version ``null``."""
    return None if version == "null" else version
