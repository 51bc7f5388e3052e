"""What AWS does not document and a model must still decide. Each decision has a number that students can look up.

One module for each subject holds its assumptions and, by name, the values that go with them; no such value stands as a
number inside a rule. The page "What we assume" and docs/assumptions.md are made from ``ASSUMPTIONS``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from lambdalab.simulator.vocabulary.assumptions import (
    asynchronous,
    calls,
    concurrency,
    costs,
    edge,
    environments,
    events,
    firehose_and_batch,
    http,
    networks,
    observing,
    queues,
    stacks,
    storage,
    streams,
    workflows,
)
from lambdalab.simulator.vocabulary.assumptions.assumption import Assumption

SUBJECTS: Mapping[str, ModuleType] = {
    "Execution environments": environments,
    "Asynchronous invocation": asynchronous,
    "Concurrency": concurrency,
    "API calls and rights": calls,
    "Stacks and updates": stacks,
    "Networks": networks,
    "HTTP": http,
    "CloudFront and Lambda@Edge": edge,
    "Queues and their mappings": queues,
    "Streams and their mappings": streams,
    "Buckets and tables": storage,
    "Events, schedules and topics": events,
    "State machines, pipelines and user pools": workflows,
    "Logs, metrics, alarms and traces": observing,
    "Firehose and S3 Batch Operations": firehose_and_batch,
    "Prices and bills": costs,
}

ASSUMPTIONS: tuple[Assumption, ...] = tuple(
    sorted((each for module in SUBJECTS.values() for each in module.ASSUMPTIONS), key=lambda each: each.number)
)

__all__ = ["ASSUMPTIONS", "SUBJECTS", "Assumption"]
