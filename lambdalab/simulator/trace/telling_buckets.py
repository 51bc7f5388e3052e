"""Sentences about buckets, their objects, and what they tell others."""

from __future__ import annotations

from lambdalab.simulator.trace import facts as f


def of_bucket(fact: f.ObjectFact) -> str:
    """The sentence."""
    match fact:
        case f.BucketCreated():
            return f"The bucket {fact.shown_as} exists."
        case f.BucketDeleted():
            return f"The bucket {fact.bucket} is deleted."
        case f.BucketConfigured():
            told = ", ".join(f"{target.rsplit(':', 1)[-1]} of {events}" for events, target in fact.notifications)
            return f"The bucket {fact.bucket} keeps versions: {fact.versioning}; it notifies {told or 'nobody'}."
        case f.ObjectWritten():
            size = f"{fact.size:,} byte{'' if fact.size == 1 else 's'}"
            version = f", version {fact.version_id[:8]}" if fact.version_id else ""
            return f"{fact.operation} writes {fact.key} into {fact.bucket}: {size} of {fact.content_type}{version}."
        case f.ObjectDeleted():
            if fact.marker is not None:
                return f"A delete marker hides {fact.key} in {fact.bucket}; its versions are still there."
            what = f"Version {fact.version_id[:8]} of {fact.key}" if fact.version_id else fact.key
            return f"{what} is deleted from {fact.bucket}."
        case f.ObjectTagged():
            tags = ", ".join(f"{name}={value}" for name, value in fact.tags.items())
            return f"The tags of {fact.key} in {fact.bucket} are now {tags or 'none'}."
        case f.NotificationSent():
            target = fact.target.rsplit(":", 1)[-1]
            if fact.error:
                return f"{fact.bucket} cannot tell {target} of {fact.event} of {fact.key}: {fact.error}."
            late = f"{fact.delay_us / 1_000_000:.3f} s later"
            return f"{fact.bucket} tells {target} of {fact.event} of {fact.key}, {late}."
        case f.NotificationLost():
            return f"{fact.bucket} never tells of this {fact.event} of {fact.key}: the next one came too soon."
