"""AWS::SQS::Queue."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.account import World
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import (
    not_mappings,
    number_out_of_range,
    out_of_range,
    unknown_properties,
)
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.sqs import Queue, SqsService
from lambdalab.simulator.services.sqs.attributes import allowed_of, redrive_of, wrong_pair
from lambdalab.simulator.trace.facts import QueueDeployed
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.arns import arn

KNOWN_QUEUE = {
    "QueueName", "VisibilityTimeout", "DelaySeconds", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds",
    "FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit", "MaximumMessageSize",
    "RedrivePolicy", "RedriveAllowPolicy", "Tags", "SqsManagedSseEnabled",
}  # fmt: skip
RANGES = (
    ("VisibilityTimeout", 0, quotas.QUEUE_VISIBILITY_S_MAX),
    ("DelaySeconds", 0, quotas.QUEUE_DELAY_S_MAX),
    ("MessageRetentionPeriod", quotas.QUEUE_RETENTION_S_MIN, quotas.QUEUE_RETENTION_S_MAX),
    ("ReceiveMessageWaitTimeSeconds", 0, quotas.QUEUE_WAIT_S_MAX),
    ("MaximumMessageSize", 1_024, quotas.QUEUE_MESSAGE_BYTES_MAX),
)
FIFO_ONLY: dict[str, tuple[Any, ...]] = {
    "ContentBasedDeduplication": (True, False),
    "DeduplicationScope": ("queue", "messageGroup"),
    "FifoThroughputLimit": ("perQueue", "perMessageGroupId"),
}


def check_queue(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a queue."""
    problems = unknown_properties(template, resource, KNOWN_QUEUE)
    for prop, low, high in RANGES:
        problems += out_of_range(template, resource, prop, low, high, prop)
    if resource.properties.get("FifoQueue") and not template.name(resource).endswith(".fifo"):
        text = (
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, "
            "must end with .fifo suffix"
        )
        problems.append(template.problem(resource, "QueueName", text, "Add .fifo to its QueueName."))
    return problems + _check_fifo_only(template, resource) + _check_redrive(template, resource)


def _check_fifo_only(template: Template, resource: Resource) -> list[Problem]:
    """What only a FIFO queue can be asked for. BC sqs CreateQueue; text as SQS answers."""
    problems = []
    for prop, choices in FIFO_ONLY.items():
        value = resource.properties.get(prop)
        if value is None:
            continue
        if not resource.properties.get("FifoQueue"):
            problems.append(template.problem(resource, prop, f"Unknown Attribute {prop}.", "Only FIFO queues have it."))
        elif value not in choices:
            fix = f"Choose one of: {', '.join(map(str, choices))}."
            problems.append(template.problem(resource, prop, f"Invalid value for the parameter {prop}.", fix))
    return problems


def _check_redrive(template: Template, resource: Resource) -> list[Problem]:
    problems = not_mappings(template, resource, "RedrivePolicy", "RedriveAllowPolicy")
    if problems:
        return problems
    allowed = allowed_of(resource.properties.get("RedriveAllowPolicy", {}))
    if isinstance(allowed, str):
        problems.append(template.problem(resource, "RedriveAllowPolicy", allowed))
    policy = resource.properties.get("RedrivePolicy", {})
    if policy and any(policy.get(name) is None for name in ("deadLetterTargetArn", "maxReceiveCount")):
        text = "RedrivePolicy needs deadLetterTargetArn and maxReceiveCount."
        return [*problems, template.problem(resource, "RedrivePolicy", text)]
    count = policy.get("maxReceiveCount")
    count = int(count) if isinstance(count, str) and count.isdecimal() else count
    problems += number_out_of_range(template, resource, "RedrivePolicy", count, 1, 1000, "maxReceiveCount")
    return problems or _check_pair(template, resource)


def _check_pair(template: Template, resource: Resource) -> list[Problem]:
    """A dead-letter queue of another type, or one that does not allow this source."""
    target = str((resource.properties.get("RedrivePolicy") or {}).get("deadLetterTargetArn"))
    for other in template.of_type("AWS::SQS::Queue"):
        if target != arn("sqs", template.name(other)) or isinstance(
            allowed_of(other.properties.get("RedriveAllowPolicy") or {}), str
        ):
            continue
        wrong = wrong_pair(_queue(template.name(resource), resource), _queue(template.name(other), other))
        if wrong:
            return [template.problem(resource, "RedrivePolicy", wrong)]
    return []


def deploy_queues(world: World, template: Template, sqs: SqsService) -> None:
    """Create the template's queues."""
    for resource in template.of_type("AWS::SQS::Queue"):
        queue = _queue(template.name(resource), resource)
        sqs.deploy(queue)
        world.trace.record(
            QueueDeployed(
                queue=queue.name,
                shown_as=template.shown_as(resource),
                arn=queue.arn,
                fifo=queue.fifo,
                visibility_timeout_s=queue.visibility_timeout_s,
                max_receive_count=queue.max_receive_count,
                dead_letter=arn("sqs", queue.dead_letter) if queue.dead_letter else None,
            )
        )


def queue_of(template: Template, resource: Resource) -> Queue | None:
    """The queue that a checked resource describes; None while something is wrong with it."""
    return None if check_queue(template, resource) else _queue(template.name(resource), resource)


def _queue(name: str, resource: Resource) -> Queue:
    props = {prop: value for prop, value in resource.properties.items() if value is not None}
    redrive = redrive_of(props.get("RedrivePolicy") or {})
    allowed = allowed_of(props.get("RedriveAllowPolicy") or {})
    assert not isinstance(redrive, str)  # both were checked before
    assert not isinstance(allowed, str)
    return Queue(
        name,
        visibility_timeout_s=props.get("VisibilityTimeout", quotas.QUEUE_VISIBILITY_S_DEFAULT),
        delay_s=props.get("DelaySeconds", 0),
        retention_s=props.get("MessageRetentionPeriod", quotas.QUEUE_RETENTION_S_DEFAULT),
        wait_s=props.get("ReceiveMessageWaitTimeSeconds", 0),
        fifo=bool(props.get("FifoQueue")),
        content_deduplication=bool(props.get("ContentBasedDeduplication")),
        deduplication_scope=props.get("DeduplicationScope", "queue"),
        throughput_limit=props.get("FifoThroughputLimit", "perQueue"),
        message_bytes_max=props.get("MaximumMessageSize", quotas.QUEUE_MESSAGE_BYTES_MAX),
        managed_sse=bool(props.get("SqsManagedSseEnabled", True)),
        dead_letter=redrive[0] if redrive else None,
        max_receive_count=redrive[1] if redrive else None,
        allowed=allowed,
    )
