"""What the mapping of a stream is asked to do, and what Lambda refuses. Source: facts D.1 and X.3 (BC, DG26, LS)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.errors import AwsError, invalid, validation_error

Kind = Literal["kinesis", "dynamodb"]
QUEUES_ONLY = ("ScalingConfig", "ProvisionedPollerConfig")
RANGES = (
    ("ParallelizationFactor", "parallelizationFactor", 1, quotas.PARALLEL_MAX),
    ("MaximumRetryAttempts", "maximumRetryAttempts", -1, quotas.STREAM_RETRIES_MAX),
    ("MaximumRecordAgeInSeconds", "maximumRecordAgeInSeconds", -1, quotas.STREAM_AGE_S_MAX),
    ("TumblingWindowInSeconds", "tumblingWindowInSeconds", 0, quotas.TUMBLING_S_MAX),
)
_DESTINATION = re.compile(r"arn:aws:(sqs|sns):[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+|arn:aws:s3:::[a-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """What only streams have. ``timestamp_us`` counts from 1970; -1 retries or seconds mean without end."""

    position: str
    timestamp_us: int | None = None
    parallel: int = 1
    retries: int = -1
    age_s: int = -1
    bisect: bool = False
    tumbling_s: int = 0
    destination: str | None = None


def read_stream(
    params: Mapping[str, Any], source: str, kind: Kind, before: StreamSettings | None
) -> StreamSettings | AwsError:
    """The part of a call or template that is about a stream; ``before`` is what the mapping has, None for a new one."""
    for name in QUEUES_ONLY:
        if params.get(name) is not None:
            return invalid(f"Unsupported {name} parameter for given event source mapping type.")
    start = _start(params, source, kind) if before is None else before
    if isinstance(start, AwsError):
        return start
    refusal = _short_age(params) or _wrong_destination(params)
    if refusal:
        return refusal
    return StreamSettings(
        position=start.position,
        timestamp_us=start.timestamp_us,
        parallel=params.get("ParallelizationFactor", start.parallel),
        retries=params.get("MaximumRetryAttempts", start.retries),
        age_s=params.get("MaximumRecordAgeInSeconds", start.age_s),
        bisect=bool(params.get("BisectBatchOnFunctionError", start.bisect)),
        tumbling_s=params.get("TumblingWindowInSeconds", start.tumbling_s),
        destination=_destination(params) if "DestinationConfig" in params else start.destination,
    )


def _start(params: Mapping[str, Any], source: str, kind: Kind) -> StreamSettings | AwsError:
    """Where a new mapping begins. The texts about the timestamp are ours (A-96)."""
    position, given = params.get("StartingPosition"), params.get("StartingPositionTimestamp")
    if position is None:
        text = "Value null at 'startingPosition' failed to satisfy constraint: Member must not be null."
        return validation_error(f"1 validation error detected: {text}")
    if position not in quotas.STARTING_POSITIONS:
        text = f"Value '{str(position)[:60]}' at 'startingPosition' failed to satisfy constraint: Member must satisfy "
        choices = ", ".join(quotas.STARTING_POSITIONS)
        return validation_error(f"1 validation error detected: {text}enum value set: [{choices}]")
    if position == "AT_TIMESTAMP" and kind == "dynamodb":
        return invalid(f"Unsupported starting position for arn type: {source}")
    if position != "AT_TIMESTAMP":
        wrong = "StartingPositionTimestamp is only supported with the starting position AT_TIMESTAMP."
        return invalid(wrong) if given is not None else StreamSettings(position)
    moment = None if given is None else _micros(given)
    if moment is None:
        return invalid("The starting position AT_TIMESTAMP needs a StartingPositionTimestamp.")
    return StreamSettings(position, moment)


def _micros(given: Any) -> int | None:
    try:
        if isinstance(given, int | float) and not isinstance(given, bool):
            return round(given * 1_000_000)
        found = given if isinstance(given, dt.datetime) else dt.datetime.fromisoformat(str(given))
        return round((found if found.tzinfo else found.replace(tzinfo=dt.UTC)).timestamp() * 1_000_000)
    except (ValueError, OverflowError):
        return None


def _short_age(params: Mapping[str, Any]) -> AwsError | None:
    age = params.get("MaximumRecordAgeInSeconds")
    if age is None or age == -1 or age >= quotas.STREAM_AGE_S_MIN:
        return None
    return invalid(f"MaximumRecordAgeInSeconds must be -1 or between {quotas.STREAM_AGE_S_MIN} and 604800.")


def _wrong_destination(params: Mapping[str, Any]) -> AwsError | None:
    config = params.get("DestinationConfig")
    if not isinstance(config, dict | None):
        return invalid("DestinationConfig must be a mapping.")
    if config and config.get("OnSuccess"):
        return invalid("Unsupported OnSuccess destination for given event source mapping type.")
    destination = _destination(params)
    if destination is None or _DESTINATION.fullmatch(destination):
        return None
    return invalid(f"The destination ARN {destination[:200]} is invalid.")


def _destination(params: Mapping[str, Any]) -> str | None:
    failure = (params.get("DestinationConfig") or {}).get("OnFailure") or {}
    found = failure.get("Destination") if isinstance(failure, dict) else None
    return str(found) if found else None
