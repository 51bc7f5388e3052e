"""GetQueueAttributes and SetQueueAttributes. Source: botocore's sqs model."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, World
from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.services.sqs.keeper import Keeper
from lambdalab.simulator.services.sqs.queue import Queue
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.errors import AwsError

_NUMBERS: Mapping[str, tuple[str, int, int]] = {
    "VisibilityTimeout": ("visibility_timeout_s", 0, quotas.QUEUE_VISIBILITY_S_MAX),
    "DelaySeconds": ("delay_s", 0, quotas.QUEUE_DELAY_S_MAX),
    "MessageRetentionPeriod": ("retention_s", quotas.QUEUE_RETENTION_S_MIN, quotas.QUEUE_RETENTION_S_MAX),
    "ReceiveMessageWaitTimeSeconds": ("wait_s", 0, quotas.QUEUE_WAIT_S_MAX),
    "MaximumMessageSize": ("message_bytes_max", 1_024, quotas.QUEUE_MESSAGE_BYTES_MAX),
}
_CHOICES = {
    "DeduplicationScope": ("deduplication_scope", ("messageGroup", "queue")),
    "FifoThroughputLimit": ("throughput_limit", ("perQueue", "perMessageGroupId")),
}


class Attributes:
    """Reads and changes what a queue is like."""

    def __init__(self, world: World, keeper: Keeper, queues: Mapping[str, Queue]) -> None:
        self._world = world
        self._keeper = keeper
        self._queues = queues

    def get(self, queue: Queue, params: Mapping[str, Any]) -> Answer | AwsError:
        """GetQueueAttributes: of the attributes those that were asked for."""
        self._keeper.settle(queue)
        wanted = params.get("AttributeNames", [])
        every = _all(queue)
        unknown = [name for name in wanted if name not in every and name not in (*_OPTIONAL, "All")]
        if unknown:
            return _unknown(unknown[0])
        found = {name: value for name, value in every.items() if "All" in wanted or name in wanted}
        return Answer({"Attributes": found} if found else {})

    def set(self, queue: Queue, params: Mapping[str, Any]) -> Answer | AwsError:
        """SetQueueAttributes: all of them or none. A change takes effect at once; AWS takes up to 60 seconds."""
        changes: list[Callable[[], None]] = []
        for name, value in params["Attributes"].items():
            change = self._change(queue, name, value)
            if isinstance(change, AwsError):
                return change
            changes.append(change)
        for apply in changes:
            apply()
        queue.modified_s = (self._world.epoch_us + self._world.kernel.now) // SECOND
        self._keeper.tend(queue)
        return Answer()

    def _change(self, queue: Queue, name: str, value: str) -> Callable[[], None] | AwsError:
        if name in _NUMBERS:
            field, low, high = _NUMBERS[name]
            number = int(value) if value.isdecimal() else -1
            if not low <= number <= high:
                return _invalid(name)
            if name == "MessageRetentionPeriod":
                return lambda: queue.retain(number)
            return lambda: setattr(queue, field, number)
        if name in _CHOICES and queue.fifo:
            field, choices = _CHOICES[name]
            return (lambda: setattr(queue, field, value)) if value in choices else _invalid(name)
        if name == "ContentBasedDeduplication" and queue.fifo:
            return lambda: setattr(queue, "content_deduplication", value.lower() == "true")
        if name in ("RedrivePolicy", "RedriveAllowPolicy"):
            return self._policy(queue, name, value)
        return _unknown(name)

    def _policy(self, queue: Queue, name: str, value: str) -> Callable[[], None] | AwsError:
        try:
            policy = json.loads(value) if value else {}
        except ValueError:
            policy = None
        if not isinstance(policy, dict):
            return _invalid(name)
        if name == "RedriveAllowPolicy":
            allowed = allowed_of(policy)
            if isinstance(allowed, str):
                return _bad_policy(name, allowed)
            return lambda: setattr(queue, "allowed", allowed)
        read = redrive_of(policy)
        if isinstance(read, str):
            return _bad_policy(name, read)
        target, count = read or (None, None)
        wrong = target and self._wrong_target(queue, str(target))
        if wrong:
            return _bad_policy(name, wrong)

        def redrive() -> None:
            queue.dead_letter, queue.max_receive_count = target, count

        return redrive

    def _wrong_target(self, queue: Queue, name: str) -> str | None:
        target = self._queues.get(name)
        if target is None:
            return "Dead letter target does not exist."
        return wrong_pair(queue, target)


def wrong_pair(queue: Queue, target: Queue) -> str | None:
    """Why one queue cannot be the dead-letter queue of the other: of another type, or not willing. BC"""
    if queue.fifo != target.fifo:
        return "Dead-letter queue must be same type of queue as the source."
    if target.allowed is not None and queue.arn not in target.allowed:
        return f"Queue {target.name} does not allow {queue.name} to use it as a dead-letter queue."
    return None


def redrive_of(policy: Mapping[str, Any]) -> tuple[str, int] | str | None:
    """The target's name and the count of a redrive policy, None for an empty one, or what is wrong with it."""
    if not policy:
        return None
    if not {"deadLetterTargetArn", "maxReceiveCount"} <= policy.keys():
        return "Redrive policy does not contain mandatory attribute: maxReceiveCount or deadLetterTargetArn."
    count = str(policy["maxReceiveCount"])
    if not count.isdecimal() or not 1 <= int(count) <= quotas.QUEUE_RECEIVE_COUNT_MAX:
        return f"Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive."
    return str(policy["deadLetterTargetArn"]).rsplit(":", 1)[-1], int(count)


def allowed_of(policy: Mapping[str, Any]) -> tuple[str, ...] | str | None:
    """Which queues a redrive allow policy lets in (None: all), or what is wrong with it."""
    permission, sources = policy.get("redrivePermission", "allowAll"), policy.get("sourceQueueArns")
    if permission == "allowAll" and not sources:
        return None
    if permission == "denyAll" and not sources:
        return ()
    if permission == "byQueue" and isinstance(sources, list) and 1 <= len(sources) <= 10:
        return tuple(str(source) for source in sources)
    return "redrivePermission must be allowAll, denyAll, or byQueue with 1 to 10 sourceQueueArns."


_OPTIONAL = (
    "FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit", "RedrivePolicy",
    "RedriveAllowPolicy", "Policy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds",
)  # fmt: skip


def _all(queue: Queue) -> dict[str, str]:
    every = {
        "QueueArn": queue.arn,
        "ApproximateNumberOfMessages": str(queue.ready),
        "ApproximateNumberOfMessagesNotVisible": str(queue.in_flight),
        "ApproximateNumberOfMessagesDelayed": str(queue.delayed),
        "CreatedTimestamp": str(queue.created_s),
        "LastModifiedTimestamp": str(queue.modified_s or queue.created_s),
        "SqsManagedSseEnabled": str(queue.managed_sse).lower(),
        **{name: str(getattr(queue, field)) for name, (field, _, _) in _NUMBERS.items()},
    }
    if queue.fifo:
        every["FifoQueue"] = "true"
        every["ContentBasedDeduplication"] = str(queue.content_deduplication).lower()
        every["DeduplicationScope"] = queue.deduplication_scope
        every["FifoThroughputLimit"] = queue.throughput_limit
    if queue.dead_letter is not None:
        target = queue.arn.rsplit(":", 1)[0] + f":{queue.dead_letter}"
        every["RedrivePolicy"] = json.dumps(
            {"deadLetterTargetArn": target, "maxReceiveCount": queue.max_receive_count}, separators=(",", ":")
        )
    if queue.allowed is not None:
        policy = {"redrivePermission": "byQueue", "sourceQueueArns": list(queue.allowed)}
        every["RedriveAllowPolicy"] = json.dumps(policy if queue.allowed else {"redrivePermission": "denyAll"})
    return every


def _invalid(name: str) -> AwsError:
    return AwsError("InvalidAttributeValue", f"Invalid value for the parameter {name}.", 400)


def _bad_policy(name: str, reason: str) -> AwsError:
    return AwsError("InvalidParameterValue", f"Value for parameter {name} is invalid. Reason: {reason}", 400)


def _unknown(name: str) -> AwsError:
    return AwsError("InvalidAttributeName", f"Unknown Attribute {name}.", 400)


