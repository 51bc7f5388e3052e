"""Put, Update, Get, List and DeleteFunctionEventInvokeConfig. Source: facts A.3, E.1 and X.3 (BC, LS)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from lambdalab.simulator.account import Answer, World
from lambdalab.simulator.lambda_.control.configuration import out_of_range_text
from lambdalab.simulator.lambda_.control.operations import Operation
from lambdalab.simulator.lambda_.control.pages import page
from lambdalab.simulator.lambda_.destinations import kind_of
from lambdalab.simulator.lambda_.function import LATEST, EventInvokeConfig
from lambdalab.simulator.lambda_.registry import Registered, not_found
from lambdalab.simulator.trace.facts import EventInvokeConfigured
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.arns import function_arn, split_name
from lambdalab.simulator.vocabulary.errors import AwsError, invalid, validation_error

_NUMBERS = {
    "MaximumRetryAttempts": ("retry_attempts", "maximumRetryAttempts", 0, quotas.RETRY_ATTEMPTS_MAX),
    "MaximumEventAgeInSeconds": (
        "event_age_s", "maximumEventAgeInSeconds", quotas.EVENT_AGE_S_MIN, quotas.EVENT_AGE_S_MAX,
    ),
}  # fmt: skip
_SIDES = {"OnSuccess": "on_success", "OnFailure": "on_failure"}


class EventInvokeApi:
    """How a function, a version or an alias treats asynchronous events, also those that wait already."""

    def __init__(self, world: World, functions: Collection[str]) -> None:
        self._world = world
        self._functions = functions
        self.operations: Mapping[str, Operation] = {
            "PutFunctionEventInvokeConfig": self._put,
            "UpdateFunctionEventInvokeConfig": self._update,
            "GetFunctionEventInvokeConfig": self._get,
            "ListFunctionEventInvokeConfigs": self._list,
            "DeleteFunctionEventInvokeConfig": self._delete,
        }

    def settle(self, registered: Registered, configs: Mapping[str, EventInvokeConfig]) -> None:
        """What a template says of all qualifiers together; the trace tells of what is new."""
        before, registered.event_invoke = registered.event_invoke, dict(configs)
        for qualifier in sorted(before.keys() | configs.keys()):
            if before.get(qualifier) != configs.get(qualifier):
                self._record(registered, qualifier, configs.get(qualifier, EventInvokeConfig()))

    def _put(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        """A whole configuration: what it does not name has AWS's defaults."""
        asked = qualifier or LATEST
        if not registered.has(asked):
            return not_found(registered.name, asked)
        made = changed(registered.name, EventInvokeConfig(), params, self._functions)
        return self._configure(registered, asked, made)

    def _update(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        """Change what is named in a configuration that is there."""
        asked = qualifier or LATEST
        present = registered.event_invoke.get(asked)
        if present is None:
            return _absent(registered, asked)
        return self._configure(registered, asked, changed(registered.name, present, params, self._functions))

    def _get(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        asked = qualifier or LATEST
        present = registered.event_invoke.get(asked)
        return _absent(registered, asked) if present is None else Answer(self._shown(registered, asked, present))

    def _list(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        configs = sorted(registered.event_invoke.items())
        return page("FunctionEventInvokeConfigs", [self._shown(registered, *config) for config in configs], params)

    def _delete(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        asked = qualifier or LATEST
        if registered.event_invoke.pop(asked, None) is None:
            return _absent(registered, asked)
        self._record(registered, asked, EventInvokeConfig())
        return Answer(status=204)

    def _configure(
        self, registered: Registered, qualifier: str, config: EventInvokeConfig | AwsError
    ) -> Answer | AwsError:
        if isinstance(config, AwsError):
            return config
        registered.event_invoke[qualifier] = config
        self._record(registered, qualifier, config)
        return Answer(self._shown(registered, qualifier, config))

    def _record(self, registered: Registered, qualifier: str, config: EventInvokeConfig) -> None:
        limits = config.retry_attempts, config.event_age_s
        fact = EventInvokeConfigured(registered.name, qualifier, *limits, config.on_success, config.on_failure)
        self._world.trace.record(fact)

    def _shown(self, registered: Registered, qualifier: str, config: EventInvokeConfig) -> dict[str, Any]:
        targets = {"OnSuccess": config.on_success, "OnFailure": config.on_failure}
        return {
            "LastModified": self._world.wall_clock(),
            "FunctionArn": function_arn(registered.name, qualifier),
            "MaximumRetryAttempts": config.retry_attempts,
            "MaximumEventAgeInSeconds": config.event_age_s,
            "DestinationConfig": {side: {"Destination": to} if to else {} for side, to in targets.items()},
        }


def changed(
    name: str, config: EventInvokeConfig, params: Mapping[str, Any], functions: Collection[str]
) -> EventInvokeConfig | AwsError:
    """``config`` of the function ``name`` with what ``params`` say, or AWS's answer to what cannot be.

    ``functions`` are the names of those that there are.
    """
    fields: dict[str, Any] = {}
    for key, (field, member, low, high) in _NUMBERS.items():
        if params.get(key) is None:
            continue
        if not low <= params[key] <= high:
            return validation_error(out_of_range_text(params[key], member, low, high))
        fields[field] = params[key]
    destinations = params.get("DestinationConfig")
    for side, target in (destinations or {}).items():
        wanted = target.get("Destination") or None
        wrong = wrong_target(name, wanted, side, functions)
        if wrong:
            return invalid(wrong)
        fields[_SIDES[side]] = wanted
    if not fields and destinations is None:
        return invalid("You must specify at least one of error handling or destination setting.")
    return replace(config, **fields)


def wrong_target(name: str, target: str | None, side: str, functions: Collection[str]) -> str | None:
    """What AWS says about a destination of the function ``name`` that cannot be. Buckets take failures only. E.1

    A function must be there, and must not be the one whose events end, by whatever qualifier. Fact X.3 (LS)
    """
    if target is None:
        return None
    kind = kind_of(target)
    if kind is None or (kind == "s3" and side != "OnFailure"):
        return f"The destination ARN {target} is invalid."
    function = split_name(target)[0] if kind == "lambda" else None
    if function is not None and function not in functions:
        return f"The destination ARN {target} is invalid."
    if function == name:
        return "You can't specify the function as a destination for itself."
    return None


def _absent(registered: Registered, qualifier: str) -> AwsError:
    text = f"The function {function_arn(registered.name, qualifier)} doesn't have an EventInvokeConfig"
    return AwsError("ResourceNotFoundException", text, 404, {"Type": "User"})
