"""What a mapping is asked to do, and what Lambda refuses. Source: facts D.1, D.3 and X.3 (BC, DG26, LS)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from lambdalab.simulator.lambda_.control.configuration import out_of_range_text
from lambdalab.simulator.lambda_.event_source_mappings import filtering
from lambdalab.simulator.lambda_.event_source_mappings.stream_settings import (
    RANGES,
    Kind,
    StreamSettings,
    read_stream,
)
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.errors import AwsError, invalid, validation_error

STREAMS_ONLY = (
    "DestinationConfig", "BisectBatchOnFunctionError", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts",
    "ParallelizationFactor", "TumblingWindowInSeconds",
)  # fmt: skip
KNOWN = (
    "EventSourceArn", "FunctionName", "Enabled", "BatchSize", "MaximumBatchingWindowInSeconds", "FilterCriteria",
    "FunctionResponseTypes", "ScalingConfig", "ProvisionedPollerConfig", "MetricsConfig", "Tags", "UUID",
)  # fmt: skip


class QueueSource(Protocol):
    """What a mapping needs to know of a queue."""

    @property
    def fifo(self) -> bool:
        """Whether it is a FIFO queue."""
        ...

    @property
    def visibility_timeout_s(self) -> int:
        """How long a received message stays hidden."""
        ...


@dataclass(frozen=True, slots=True)
class Provisioned:
    """Event pollers that are always there, from ``least`` to ``most``."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Settings:
    """How a mapping polls, filters, batches and scales. ``partial``: the function reports batch item failures.

    ``stream`` is what only the mapping of a stream has; what it does not have stays as it is here.
    """

    batch_size: int = quotas.MAPPING_BATCH_DEFAULT
    window_s: int = 0
    filters: tuple[str, ...] = ()
    partial: bool = False
    maximum_concurrency: int | None = None
    provisioned: Provisioned | None = None
    counted: bool = False  # the metrics of EventCount
    stream: StreamSettings | None = None


USUAL = Settings()
OF_STREAM = Settings(batch_size=quotas.STREAM_BATCH_DEFAULT)


def read_settings(
    params: Mapping[str, Any], queue: QueueSource, timeout_s: int, before: Settings = USUAL
) -> Settings | AwsError:
    """The settings that a call or a template asks for; what it does not name stays as it was.

    ``timeout_s`` is the function's, which may not be longer than the queue's visibility timeout.
    """
    refusal = _refused_members(params) or _wrong_numbers(params) or _wrong_filters(params)
    if refusal:
        return refusal
    wanted = replace(
        _common(params, before), maximum_concurrency=_scaling(params, before), provisioned=_provisioned(params, before)
    )
    return _contradiction(wanted, queue) or too_short(queue, timeout_s) or wanted


def read_stream_settings(
    params: Mapping[str, Any], source: str, kind: Kind, before: Settings = OF_STREAM
) -> Settings | AwsError:
    """The same for the mapping of a stream, whose ARN is ``source``."""
    refusal = _wrong_numbers(params) or _wrong_filters(params)
    if refusal:
        return refusal
    stream = read_stream(params, source, kind, before.stream)
    return stream if isinstance(stream, AwsError) else replace(_common(params, before), stream=stream)


def _common(params: Mapping[str, Any], before: Settings) -> Settings:
    """What every mapping has."""
    filters = params.get("FilterCriteria")
    return replace(
        before,
        batch_size=params.get("BatchSize", before.batch_size),
        window_s=params.get("MaximumBatchingWindowInSeconds", before.window_s),
        filters=before.filters if filters is None else tuple(each["Pattern"] for each in filters.get("Filters") or ()),
        partial=bool(params.get("FunctionResponseTypes", before.partial)),
        counted="EventCount" in (params["MetricsConfig"].get("Metrics") or ())
        if "MetricsConfig" in params
        else before.counted,
    )


def too_short(queue: QueueSource, timeout_s: int) -> AwsError | None:
    """The function may not run longer than its messages are hidden. Fact 25 (DG26 services-sqs-configure)"""
    if timeout_s <= queue.visibility_timeout_s:
        return None
    return invalid(
        f"Queue visibility timeout: {queue.visibility_timeout_s} seconds is less than Function timeout: "
        f"{timeout_s} seconds"
    )


def _refused_members(params: Mapping[str, Any]) -> AwsError | None:
    for name in STREAMS_ONLY:
        if params.get(name) is not None:
            return invalid(f"Unsupported {name} parameter for given event source mapping type.")
    if params.get("StartingPosition") is not None:
        return invalid("StartingPosition is not valid for SQS event sources.")
    return None


def _wrong_numbers(params: Mapping[str, Any]) -> AwsError | None:
    scaling = params.get("ScalingConfig") or {}
    pollers = params.get("ProvisionedPollerConfig") or {}
    for value, member, low, high in (
        (params.get("BatchSize"), "batchSize", 1, quotas.MAPPING_BATCH_MAX),
        (params.get("MaximumBatchingWindowInSeconds"), "maximumBatchingWindowInSeconds", 0, quotas.MAPPING_WINDOW_MAX),
        (scaling.get("MaximumConcurrency"), "scalingConfig.maximumConcurrency", 2, 1_000),
        (pollers.get("MinimumPollers"), "provisionedPollerConfig.minimumPollers", 2, 200),
        (pollers.get("MaximumPollers"), "provisionedPollerConfig.maximumPollers", 2, 10_000),
        *((params.get(name), member, low, high) for name, member, low, high in RANGES),
    ):
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high):
            return validation_error(out_of_range_text(value, member, low, high))
    return None


def _wrong_filters(params: Mapping[str, Any]) -> AwsError | None:
    filters = (params.get("FilterCriteria") or {}).get("Filters") or ()
    if len(filters) > quotas.MAPPING_FILTERS_MAX:
        text = f"Value at 'filterCriteria.filters' failed to satisfy constraint: {quotas.MAPPING_FILTERS_MAX} at most"
        return validation_error(f"1 validation error detected: {text}.")
    for each in filters:
        pattern = each.get("Pattern") if isinstance(each, dict) else None
        if not isinstance(pattern, str) or len(pattern) > quotas.MAPPING_PATTERN_MAX:
            return filtering.refused()
        refusal = filtering.wrong(pattern)
        if refusal:
            return refusal
    return None


def _scaling(params: Mapping[str, Any], before: Settings) -> int | None:
    if "ScalingConfig" not in params:
        return before.maximum_concurrency
    found: int | None = (params["ScalingConfig"] or {}).get("MaximumConcurrency")
    return found


def _provisioned(params: Mapping[str, Any], before: Settings) -> Provisioned | None:
    if "ProvisionedPollerConfig" not in params:
        return before.provisioned
    given = params["ProvisionedPollerConfig"]
    return Provisioned(given.get("MinimumPollers", 2), given.get("MaximumPollers", 200)) if given else None


def _contradiction(wanted: Settings, queue: QueueSource) -> AwsError | None:
    if queue.fifo and wanted.batch_size > quotas.QUEUE_RECEIVE_MAX:
        return invalid("Batch size must be between 1 and 10 for an event source mapping of an SQS FIFO queue.")
    if queue.fifo and wanted.window_s:
        return invalid("Unsupported MaximumBatchingWindowInSeconds parameter for given event source mapping type.")
    if wanted.batch_size > quotas.QUEUE_RECEIVE_MAX and not wanted.window_s:
        text = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        return invalid(text)
    if wanted.provisioned and wanted.maximum_concurrency:
        return invalid("MaximumConcurrency and ProvisionedPollerConfig cannot be used together.")
    if wanted.provisioned and wanted.provisioned.least > wanted.provisioned.most:
        return invalid("MinimumPollers must be less than or equal to MaximumPollers.")
    return None
