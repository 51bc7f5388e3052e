"""FunctionConfiguration, the shape in which Lambda tells of a function, and what an update may change in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lambdalab.simulator.account import iam
from lambdalab.simulator.lambda_.function import LATEST, EncryptionKey, Function
from lambdalab.simulator.lambda_.layers import Layers
from lambdalab.simulator.lambda_.log_settings import logging_config, wrong_logging
from lambdalab.simulator.lambda_.packages import combined_refusal
from lambdalab.simulator.lambda_.registry import Registered
from lambdalab.simulator.trace.platform_lines import runtime_version
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, function_arn, role_arn
from lambdalab.simulator.vocabulary.errors import AwsError, invalid
from lambdalab.simulator.vocabulary.runtimes import RUNTIMES, unknown

RESERVED_VARIABLES = frozenset(
    {
        "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API",
        "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "AWS_LAMBDA_MAX_CONCURRENCY", "AWS_LAMBDA_METADATA_API",
        "AWS_LAMBDA_METADATA_TOKEN",
    }
)  # fmt: skip  # DG26 "Working with Lambda environment variables", read 2026-10; fact B.5
_VARIABLE_NAME = re.compile(r"[a-zA-Z]([a-zA-Z0-9_])+")  # BC, pattern of EnvironmentVariableName
MEASURED_SHOWN = 6_000  # characters: ours, AWS shows all of them
_FIELDS = {
    "MemorySize": "memory_mb",
    "Timeout": "timeout_s",
    "Handler": "handler",
    "Description": "description",
    "Runtime": "runtime",
}
_RANGES = {
    "MemorySize": ("memorySize", quotas.MEMORY_MB_MIN, quotas.MEMORY_MB_MAX),
    "Timeout": ("timeout", quotas.TIMEOUT_S_MIN, quotas.TIMEOUT_S_MAX),
}
_KNOWN = {
    *_FIELDS, "FunctionName", "RevisionId", "DeadLetterConfig", "Environment", "EphemeralStorage", "KMSKeyArn",
    "Layers", "LoggingConfig", "TracingConfig",
}  # fmt: skip
_SENDING = {"sqs": ("SendMessage", "SQS"), "sns": ("Publish", "SNS")}


@dataclass(frozen=True, slots=True)
class Known:
    """What a configuration may name, and who decides whether its role may use it."""

    layers: Layers
    key_of: Callable[[str], EncryptionKey | None]
    iam: iam.Authority


def configuration(registered: Registered, function: Function, qualifier: str | None) -> dict[str, Any]:
    """A function's configuration; ``qualifier`` is the one by which it was asked for, as its ARN shows."""
    revision = registered.revision_of(function.version)
    shown: dict[str, Any] = {
        "FunctionName": function.name,
        "FunctionArn": function_arn(function.name, qualifier),
        "Runtime": function.runtime,
        "Role": _role(function),
        "Handler": function.handler,
        "CodeSize": sum(map(len, function.code.values())),
        "Description": function.description,
        "Timeout": function.timeout_s,
        "MemorySize": function.memory_mb,
        "CodeSha256": function.code_sha256,
        "Version": function.version,
        "EphemeralStorage": {"Size": function.ephemeral_mb},
        "Architectures": [function.architecture],
        "PackageType": "Zip",
        "TracingConfig": {"Mode": function.tracing},
        "LoggingConfig": _logging(function),
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "RuntimeVersionConfig": {"RuntimeVersionArn": runtime_version(function.runtime)[1]},
        "LastModified": revision.since,
        "RevisionId": revision.id,
        "State": "Active",
        "LastUpdateStatus": "Successful",
    }
    if registered.incoming and function.version == LATEST:
        shown["LastUpdateStatus"] = "InProgress"
        shown["LastUpdateStatusReason"] = "The function is being created."
        shown["LastUpdateStatusReasonCode"] = "Creating"
    if function.environment:
        shown["Environment"] = {"Variables": dict(function.environment)}
    if function.key:
        shown["KMSKeyArn"] = function.key.arn
    if function.layers:
        shown["Layers"] = [{"Arn": layer.arn, "CodeSize": layer.size} for layer in function.layers]
    if function.vpc:
        ids = {"SubnetIds": list(function.vpc.subnets), "SecurityGroupIds": list(function.vpc.groups)}
        shown["VpcConfig"] = ids | {"VpcId": function.vpc.vpc, "Ipv6AllowedForDualStack": False}
    dead_letter = function.dead_letter if function.version == LATEST else registered.latest.dead_letter  # fact E.2
    if dead_letter:
        shown["DeadLetterConfig"] = {"TargetArn": dead_letter}
    return shown


def changed(function: Function, params: Mapping[str, Any], known: Known) -> Function | AwsError:
    """The function after UpdateFunctionConfiguration, or AWS's answer to a value that cannot be."""
    unknown = sorted(set(params) - _KNOWN)
    if unknown:
        text = f"lambdalab does not simulate changing {', '.join(unknown)} yet, so nothing happened."
        return AwsError("NotSimulated", text, 501)
    for name, (member, low, high) in _RANGES.items():
        if name in params and not low <= params[name] <= high:
            return AwsError("ValidationException", out_of_range_text(params[name], member, low, high))
    refusal = _runtime_refusal(str(params["Runtime"])) if "Runtime" in params else None
    if refusal:
        return refusal
    fields: dict[str, Any] = {_FIELDS[name]: params[name] for name in _FIELDS if name in params}
    if "Environment" in params:
        fields["environment"] = dict(params["Environment"].get("Variables") or {})
        wrong = wrong_variables(fields["environment"])
        if wrong:
            return invalid(wrong[0])
    if "EphemeralStorage" in params:
        size = params["EphemeralStorage"]["Size"]
        low, high = quotas.EPHEMERAL_MB_MIN, quotas.EPHEMERAL_MB_MAX
        if not low <= size <= high:
            return AwsError("ValidationException", out_of_range_text(size, "ephemeralStorage.size", low, high))
        fields["ephemeral_mb"] = size
    for name, read in _READERS.items():
        if name in params:
            found = read(function, params[name], known)
            if isinstance(found, AwsError):
                return found
            fields |= found
    return replace(function, **fields)


def _dead_letter(function: Function, given: Any, known: Known) -> dict[str, Any] | AwsError:
    """A standard queue or topic of this account that the role may send to. Fact E.2"""
    target = given.get("TargetArn")
    if not target:
        return {"dead_letter": None}
    parts = str(target).split(":", 5)
    if len(parts) < 6 or parts[2] not in _SENDING or parts[4] != ACCOUNT_ID:
        return invalid(f"The destination ARN {target} is invalid.")
    action, service = _SENDING[parts[2]]
    if known.iam.denied(function.role, f"{parts[2]}:{action}", target):
        return invalid(f"The provided execution role does not have permissions to call {action} on {service}")
    return {"dead_letter": target}


def _layer_versions(function: Function, given: Any, known: Known) -> dict[str, Any] | AwsError:
    found = known.layers.of_function(given)
    refusal = found if isinstance(found, AwsError) else combined_refusal(function.code, (x.files for x in found))
    return refusal or {"layers": found}


def _logging_config(function: Function, given: Any, known: Known) -> dict[str, Any] | AwsError:
    wrong = wrong_logging(given, function.logging)
    return invalid(wrong[0]) if wrong else {"logging": logging_config(given, function.logging)}


def _tracing(function: Function, given: Any, known: Known) -> dict[str, Any] | AwsError:
    return {"tracing": given.get("Mode", function.tracing)}


def _key(function: Function, given: Any, known: Known) -> dict[str, Any] | AwsError:
    """A key of the account; an empty ARN stands for AWS's own. Text: AWS Lambda's own, medium confidence."""
    found = known.key_of(given) if given else None
    if given and found is None:
        return invalid(
            "Lambda was unable to configure access to your environment variables because the KMS key is invalid for "
            "CreateGrant. Please check your KMS key settings. KMS Exception: NotFoundException KMS Message: "
            f"Key '{given}' does not exist"
        )
    return {"key": found}


_READERS: Mapping[str, Callable[[Function, Any, Known], dict[str, Any] | AwsError]] = {
    "DeadLetterConfig": _dead_letter,
    "KMSKeyArn": _key,
    "Layers": _layer_versions,
    "LoggingConfig": _logging_config,
    "TracingConfig": _tracing,
}


def _runtime_refusal(runtime: str) -> AwsError | None:
    if runtime in RUNTIMES and not runtime.startswith("python3."):
        text = f"lambdalab runs Python only, so nothing happened: the runtime {runtime} is not available here."
        return AwsError("NotSimulated", text, 501)
    return unknown(runtime)


def wrong_variables(variables: Mapping[str, str]) -> list[str]:
    """What AWS says about environment variables that cannot be. Facts B.5 and X.3.

    What counts against the 4 KB is the JSON text of them all, names, quotes and colons included (LS).
    """
    unable = (
        "Lambda was unable to configure your environment variables because the environment variables you have provided"
    )
    wrong = []
    measured = json.dumps(dict(variables), separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode("utf-8", "replace")) > quotas.ENVIRONMENT_VARIABLES_BYTES:
        wrong.append(f"{unable} exceeded the 4KB limit. String measured: {measured[:MEASURED_SHOWN]}")
    reserved = sorted(RESERVED_VARIABLES & variables.keys())
    if reserved:
        wrong.append(
            f"{unable} contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    misnamed = next((name for name in variables if name not in reserved and not _VARIABLE_NAME.fullmatch(name)), None)
    if misnamed is not None:
        wrong.append(
            f"1 validation error detected: Value '{misnamed[:200]}' at 'environment.variables' failed to satisfy "
            f"constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: "
            f"{_VARIABLE_NAME.pattern}]"
        )
    return wrong


def out_of_range_text(value: int, member: str, low: int, high: int) -> str:
    """AWS's own sentence for a number outside its range."""
    side, limit = ("greater than or equal to", low) if value < low else ("less than or equal to", high)
    return (
        f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: "
        f"Member must have value {side} {limit}"
    )


def _logging(function: Function) -> dict[str, str]:
    """Levels are told in the JSON format only. Source: botocore's lambda model, ``LoggingConfig``."""
    config = function.logging
    shown = {"LogFormat": config.format, "LogGroup": function.log_group}
    if config.is_json:
        shown |= {"ApplicationLogLevel": config.application_level, "SystemLogLevel": config.system_level}
    return shown


def _role(function: Function) -> str:
    """The execution role's ARN, from that of the function's session with it."""
    return role_arn(function.role.arn.split("/")[1])
