"""Operations on event source mappings: create, get, list, update, delete. Source: facts D.1 and X.3 (BC, LS)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from collections.abc import Mapping as Table
from typing import Any

from lambdalab.simulator.account import Answer, World
from lambdalab.simulator.lambda_.control.pages import MAPPINGS_MAX, page
from lambdalab.simulator.lambda_.event_source_mappings.mapping import Mapping
from lambdalab.simulator.lambda_.event_source_mappings.mappings import Mappings
from lambdalab.simulator.lambda_.event_source_mappings.refusals import exists, lacking, missing, service_of
from lambdalab.simulator.lambda_.event_source_mappings.settings import Settings, read_settings, read_stream_settings
from lambdalab.simulator.lambda_.event_source_mappings.stream_settings import Kind, StreamSettings
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.lambda_.registry import Registered
from lambdalab.simulator.vocabulary.arns import arn, function_arn, split_name
from lambdalab.simulator.vocabulary.errors import AwsError, invalid

MappingOperation = Callable[[Table[str, Any]], Answer | AwsError]


class MappingApi:
    """Mappings behind the front door."""

    def __init__(self, world: World, mappings: Mappings, functions: Table[str, Registered]) -> None:
        self._world = world
        self._mappings = mappings
        self._functions = functions
        self.operations: Table[str, MappingOperation] = {
            "CreateEventSourceMapping": self._create,
            "GetEventSourceMapping": self._get,
            "ListEventSourceMappings": self._list,
            "UpdateEventSourceMapping": self._update,
            "DeleteEventSourceMapping": self._delete,
        }

    def resource(self, params: Table[str, Any]) -> tuple[str, str]:
        """The mapping that a call is about; creating and listing is about none."""
        identity = str(params.get("UUID", ""))
        return (arn("lambda", f"event-source-mapping:{identity}"), identity) if identity else ("*", "")

    def _create(self, params: Table[str, Any]) -> Answer | AwsError:
        source = str(params.get("EventSourceArn", ""))
        found = self._target(params["FunctionName"])
        if isinstance(found, AwsError):
            return found
        name, qualifier, function = found
        settings = self._settings(params, source, function)
        if isinstance(settings, AwsError):
            return settings
        refusal = self._role_refusal(function, source) or self._twin(source, name)
        if refusal:
            return refusal
        identity = self._world.new_uuid("mapping")
        mapping = Mapping(identity, source, name, qualifier, settings, identity, tags=dict(params.get("Tags") or {}))
        self._mappings.create(mapping, params.get("Enabled", True))
        return Answer(self._shown(mapping), 202)

    def _get(self, params: Table[str, Any]) -> Answer | AwsError:
        mapping = self._mappings.all.get(params["UUID"])
        return _absent() if mapping is None else Answer(self._shown(mapping))

    def _list(self, params: Table[str, Any]) -> Answer | AwsError:
        source, name = params.get("EventSourceArn"), params.get("FunctionName")
        wanted = None if name is None else split_name(name)
        rows = [
            self._shown(mapping)
            for mapping in self._mappings.all.values()
            if source in (None, mapping.source) and wanted in (None, (mapping.function, mapping.qualifier))
        ]
        return page("EventSourceMappings", rows, params, MAPPINGS_MAX)

    def _update(self, params: Table[str, Any]) -> Answer | AwsError:
        mapping = self._mappings.all.get(params["UUID"])
        if mapping is None:
            return _absent()
        if mapping.state not in ("Enabled", "Disabled"):
            return _in_use()
        found = self._target(params.get("FunctionName", mapping.function_arn))
        if isinstance(found, AwsError):
            return found
        name, qualifier, function = found
        settings = self._settings(params, mapping.source, function, mapping.settings)
        if isinstance(settings, AwsError):
            return settings
        refusal = self._role_refusal(function, mapping.source)
        if refusal:
            return refusal
        enabled = params.get("Enabled", mapping.state == "Enabled")
        self._mappings.update(mapping, settings, name, qualifier, enabled)
        return Answer(self._shown(mapping), 202)

    def _delete(self, params: Table[str, Any]) -> Answer | AwsError:
        mapping = self._mappings.all.get(params["UUID"])
        if mapping is None:
            return _absent()
        if mapping.state not in ("Enabled", "Disabled"):
            return _in_use()
        self._mappings.delete(mapping)
        return Answer(self._shown(mapping), 202)

    def _target(self, named: str) -> tuple[str, str | None, Function] | AwsError:
        name, qualifier = split_name(named)
        registered = self._functions.get(name)
        if registered is None or (qualifier is not None and not registered.has(qualifier)):
            return invalid("Function does not exist")
        return name, qualifier, registered.latest if qualifier is None else registered.behind(qualifier)

    def _settings(
        self, params: Table[str, Any], source: str, function: Function, before: Settings | None = None
    ) -> Settings | AwsError:
        """What a call asks for; ``before`` is what the mapping has, None for a new one."""
        service, usual = service_of(source), () if before is None else (before,)
        if service == "sqs":
            queue = self._mappings.queues.source(source) if self._mappings.queues else None
            return missing(source) if queue is None else read_settings(params, queue, function.timeout_s, *usual)
        streams = self._mappings.streams.get(service)
        if streams is None or streams.source(source) is None:
            return missing(source)
        kind: Kind = "kinesis" if service == "kinesis" else "dynamodb"
        return read_stream_settings(params, source, kind, *usual)

    def _role_refusal(self, function: Function, source: str) -> AwsError | None:
        """The execution role must be allowed to read the source; Lambda says what it lacks."""
        found = lacking(self._world.iam, function.role, source)
        return None if found is None else found[0]

    def _twin(self, source: str, name: str) -> AwsError | None:
        for other in self._mappings.all.values():
            if (other.source, other.function) == (source, name):
                return exists(source, name, other.id)
        return None

    def _shown(self, mapping: Mapping) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "UUID": mapping.id,
            "EventSourceArn": mapping.source,
            "FunctionArn": function_arn(mapping.function, mapping.qualifier),
            "EventSourceMappingArn": mapping.arn,
            "State": mapping.state,
            "StateTransitionReason": "USER_INITIATED" if mapping.settings.stream is None else "User action",
            "LastModified": self._world.wall_clock(mapping.modified_at),
            **_shown_settings(mapping.settings),
        }
        return shown if mapping.result is None else shown | {"LastProcessingResult": mapping.result}


def _shown_settings(settings: Settings) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "BatchSize": settings.batch_size,
        "MaximumBatchingWindowInSeconds": settings.window_s,
        "FunctionResponseTypes": ["ReportBatchItemFailures"] if settings.partial else [],
    }
    if settings.filters:
        shown["FilterCriteria"] = {"Filters": [{"Pattern": pattern} for pattern in settings.filters]}
    if settings.maximum_concurrency is not None:
        shown["ScalingConfig"] = {"MaximumConcurrency": settings.maximum_concurrency}
    if settings.provisioned is not None:
        pollers = {"MinimumPollers": settings.provisioned.least, "MaximumPollers": settings.provisioned.most}
        shown["ProvisionedPollerConfig"] = pollers
    if settings.stream is not None:
        shown |= _shown_stream(settings.stream)
    if settings.counted:
        shown["MetricsConfig"] = {"Metrics": ["EventCount"]}
    return shown


def _shown_stream(stream: StreamSettings) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "StartingPosition": stream.position,
        "ParallelizationFactor": stream.parallel,
        "MaximumRecordAgeInSeconds": stream.age_s,
        "BisectBatchOnFunctionError": stream.bisect,
        "MaximumRetryAttempts": stream.retries,
        "TumblingWindowInSeconds": stream.tumbling_s,
        "DestinationConfig": {"OnFailure": {"Destination": stream.destination} if stream.destination else {}},
    }
    if stream.timestamp_us is not None:
        moment = dt.datetime.fromtimestamp(stream.timestamp_us / 1_000_000, dt.UTC)
        shown["StartingPositionTimestamp"] = moment
    return shown


def _absent() -> AwsError:
    return AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404, {"Type": "User"})


def _in_use() -> AwsError:
    text = "Cannot update the event source mapping because it is in use."
    return AwsError("ResourceInUseException", text, 400, {"Type": "User"})
