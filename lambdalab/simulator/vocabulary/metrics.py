"""The metrics of the namespace AWS/Lambda: what each counts, and which of them this model feeds.

Source: fact H.1 (DG26 "Types of metrics for Lambda functions"), read 2026-11-23. A metric that a later part must feed
has its definition here, and a test says when it is fed without being marked so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

NAMESPACE = "AWS/Lambda"
ALL_FUNCTIONS = "*"  # the name under which a metric without dimensions stands: that of the account in its Region


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. ``statistic`` is the one that tells most; ``fed`` whether today's model has samples of it."""

    unit: Literal["Count", "Milliseconds", "None"]
    statistic: Literal["Sum", "Maximum", "p99"]
    rule: str
    fed: bool = True


METRICS: Final[Mapping[str, Metric]] = {
    "Invocations": Metric("Count", "Sum", "The code ran, whether it succeeded or not: billed requests."),
    "Errors": Metric("Count", "Sum", "Function errors, in the minute in which the invocation began."),
    "Throttles": Metric("Count", "Sum", "Requests refused with 429; neither invocations nor errors."),
    "Duration": Metric("Milliseconds", "p99", "What the invocations took, INIT apart."),
    "PostRuntimeExtensionsDuration": Metric("Milliseconds", "p99", "What extensions took on top.", fed=False),
    "ConcurrentExecutions": Metric("Count", "Maximum", "Environments that are busy with a request."),
    "UnreservedConcurrentExecutions": Metric(
        "Count", "Maximum", "The same over the functions without reserved concurrency; of the account only."
    ),
    "ClaimedAccountConcurrency": Metric(
        "Count", "Maximum", "The same and all that is reserved or provisioned; of the account only."
    ),
    "ProvisionedConcurrentExecutions": Metric("Count", "Maximum", "Provisioned environments that are busy."),
    "ProvisionedConcurrencyInvocations": Metric("Count", "Sum", "Invocations that met a provisioned one."),
    "ProvisionedConcurrencySpilloverInvocations": Metric("Count", "Sum", "Those that found none free."),
    "ProvisionedConcurrencyUtilization": Metric("None", "Maximum", "The share that is busy, from 0 to 1."),
    "AsyncEventsReceived": Metric("Count", "Sum", "Events that Lambda accepted into the asynchronous event queue."),
    "AsyncEventAge": Metric("Milliseconds", "Maximum", "From an event's acceptance to each attempt."),
    "AsyncEventsDropped": Metric("Count", "Sum", "Events that Lambda gave up."),
    "DeadLetterErrors": Metric("Count", "Sum", "Events that the dead-letter queue refused."),
    "DestinationDeliveryFailures": Metric("Count", "Sum", "Records that a destination refused."),
    "RecursiveInvocationsDropped": Metric("Count", "Sum", "Events that went round in a loop, and were stopped."),
    "IteratorAge": Metric("Milliseconds", "Maximum", "Age of a batch's last record when it is handed over."),
    "PolledEventCount": Metric("Count", "Sum", "Records that a mapping has read; these are of mappings that ask."),
    "FilteredOutEventCount": Metric("Count", "Sum", "Those that did not pass its filter."),
    "InvokedEventCount": Metric("Count", "Sum", "Those it has handed to the function, each time."),
    "FailedInvokeEventCount": Metric("Count", "Sum", "Those whose delivery failed, each time."),
    "DeletedEventCount": Metric("Count", "Sum", "Messages that it has deleted from its queue."),
    "DroppedEventCount": Metric("Count", "Sum", "Records of a stream that it has given up."),
    "OnFailureDestinationDeliveredEventCount": Metric("Count", "Sum", "Those of which a destination was told."),
    "ProvisionedPollers": Metric("Count", "Maximum", "Pollers of a mapping in provisioned mode."),
}
