"""AWS::Lambda::Function and its event-invoke configuration."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.account import Principal
from lambdalab.simulator.lambda_.control.configuration import wrong_variables
from lambdalab.simulator.lambda_.control.recursion import SETTINGS
from lambdalab.simulator.lambda_.destinations import DEAD_LETTER_SERVICES, SERVICES, kind_of
from lambdalab.simulator.lambda_.function import LATEST, EventInvokeConfig, Function
from lambdalab.simulator.lambda_.layers import LayerVersion
from lambdalab.simulator.lambda_.log_settings import logging_config
from lambdalab.simulator.lambda_.registry import Registered
from lambdalab.simulator.project import code
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources import function_limits, key, layers, observability
from lambdalab.simulator.project.resources.common import (
    not_mappings,
    number_out_of_range,
    out_of_range,
    unknown_properties,
)
from lambdalab.simulator.project.resources.identities import Identities, trusts_lambda
from lambdalab.simulator.project.resources.vpc import attachment
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.project.yaml_source import Path
from lambdalab.simulator.trace.facts import FunctionDeployed
from lambdalab.simulator.vocabulary import quotas, runtimes
from lambdalab.simulator.vocabulary.arns import split_name
from lambdalab.simulator.vocabulary.errors import AwsError

KNOWN = {
    "Architectures", "Code", "DeadLetterConfig", "Description", "Environment", "EphemeralStorage", "FunctionName",
    "Handler", "KmsKeyArn", "Layers", "LoggingConfig", "MemorySize", "PackageType", "RecursiveLoop",
    "ReservedConcurrentExecutions", "Role", "Runtime", "Tags", "Timeout", "TracingConfig", "VpcConfig",
}  # fmt: skip
MAPPINGS = (
    "Code", "DeadLetterConfig", "Environment", "EphemeralStorage", "LoggingConfig", "TracingConfig", "VpcConfig",
)  # fmt: skip

_ROLE = re.compile(r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+")  # BC CreateFunction


def build(
    template: Template,
    resource: Resource,
    props: Mapping[str, Any],
    role: Principal,
    layer_versions: tuple[LayerVersion, ...],
) -> Function:
    """The function, from checked and settled properties."""
    found = code.files_of(props["Code"], template.files)
    assert not isinstance(found, AwsError)
    folder, files = found
    return Function(
        name=template.name(resource),
        runtime=props["Runtime"],
        handler=props["Handler"],
        code=files,
        code_folder=folder,
        role=role,
        memory_mb=props.get("MemorySize") or quotas.MEMORY_MB_DEFAULT,
        timeout_s=props.get("Timeout") or quotas.TIMEOUT_S_DEFAULT,
        ephemeral_mb=(props.get("EphemeralStorage") or {}).get("Size", quotas.EPHEMERAL_MB_DEFAULT),
        architecture=(props.get("Architectures") or ["x86_64"])[0],
        environment={k: _text(v) for k, v in ((props.get("Environment") or {}).get("Variables") or {}).items()},
        layers=layer_versions,
        dead_letter=(props.get("DeadLetterConfig") or {}).get("TargetArn"),
        key=key.key_of(template, props.get("KmsKeyArn")),
        vpc=attachment.vpc_config(template, resource),
        logging=logging_config(props.get("LoggingConfig") or {}),
        tracing=observability.tracing_mode(props),
        description=props.get("Description", ""),
        logical_id=resource.logical_id,
    )


def deployed(registered: Registered, shown_as: str) -> FunctionDeployed:
    """The fact that a function is there."""
    function, config = registered.latest, registered.event_invoke_of(LATEST)
    return FunctionDeployed(
        function=function.name,
        shown_as=shown_as,
        arn=function.arn,
        runtime=function.runtime,
        handler=function.handler,
        memory_mb=function.memory_mb,
        timeout_s=function.timeout_s,
        architecture=function.architecture,
        ephemeral_mb=function.ephemeral_mb,
        reserved_concurrency=registered.reserved_concurrency,
        retry_attempts=config.retry_attempts,
        event_age_s=config.event_age_s,
        dead_letter=function.dead_letter,
        on_success=config.on_success,
        on_failure=config.on_failure,
        code_folder=function.code_folder,
    )


def event_invoke_config(resource: Resource) -> EventInvokeConfig:
    """An AWS::Lambda::EventInvokeConfig."""
    props = {name: value for name, value in resource.properties.items() if value is not None}
    destinations = props.get("DestinationConfig") or {}
    return EventInvokeConfig(
        props.get("MaximumRetryAttempts", quotas.RETRY_ATTEMPTS_DEFAULT),
        props.get("MaximumEventAgeInSeconds", quotas.EVENT_AGE_S_DEFAULT),
        (destinations.get("OnSuccess") or {}).get("Destination"),
        (destinations.get("OnFailure") or {}).get("Destination"),
    )


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a function."""
    misshapen = not_mappings(template, resource, *MAPPINGS)
    if misshapen:
        return misshapen
    problems = unknown_properties(template, resource, KNOWN)
    problems += out_of_range(template, resource, "MemorySize", quotas.MEMORY_MB_MIN, quotas.MEMORY_MB_MAX, "memorySize")
    problems += out_of_range(template, resource, "Timeout", quotas.TIMEOUT_S_MIN, quotas.TIMEOUT_S_MAX, "timeout")
    problems += number_out_of_range(
        template,
        resource,
        "EphemeralStorage",
        resource.properties.get("EphemeralStorage", {}).get("Size"),
        quotas.EPHEMERAL_MB_MIN,
        quotas.EPHEMERAL_MB_MAX,
        "ephemeralStorage.size",
    )
    problems += function_limits.check(template, resource)
    problems += _check_runtime(template, resource)
    problems += _check_code(template, resource)
    problems += _check_reserved(template, resource)
    problems += _check_loop(template, resource)
    problems += _check_environment(template, resource)
    problems += _check_targets(template, resource)
    problems += key.check_use(template, resource)
    problems += layers.check_use(template, resource)
    problems += observability.check(template, resource)
    problems += attachment.check(template, resource)
    return problems


def check_role(template: Template, resource: Resource, known: Identities) -> list[Problem]:
    """The execution role must exist and trust Lambda. Fact G.2; texts as AWS CreateFunction answers."""
    arn = resource.properties.get("Role")
    if not isinstance(arn, str) or not arn:
        text, fix = "a function needs a Role, the execution role.", "Add Role: !GetAtt MyRole.Arn."
        return [template.problem(resource, "Role", text, fix)]
    if not _ROLE.fullmatch(arn):
        text = (
            f"1 validation error detected: Value '{arn}' at 'role' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {_ROLE.pattern}"
        )
        return [template.problem(resource, "Role", text, "Write !GetAtt MyRole.Arn.")]
    role = known.execution_role(arn)
    if role is not None and trusts_lambda(role, template.name(resource)):
        return []
    fix = (
        f"There is no role {arn} in this template."
        if role is None
        else f"Let the trust policy of {role.called} allow sts:AssumeRole to the service lambda.amazonaws.com."
    )
    return [template.problem(resource, "Role", "The role defined for the function cannot be assumed by Lambda.", fix)]


def check_days(template: Template, resource: Resource, today: dt.date | None) -> list[Problem]:
    """A runtime past its last day, as AWS answers, or a deprecated one. The stack is created when the run begins,
    unless the template says when it was."""
    runtime = str(resource.properties.get("Runtime", ""))
    known = runtimes.RUNTIMES.get(runtime)
    if known is None or today is None:
        return []
    refusal = runtimes.refusal(runtime, "create", template.created or today)
    if refusal:
        fix = "Choose python3.13, or say when the stack was created: Metadata: lambdalab: created: DAY."
        return [template.problem(resource, "Runtime", refusal.message, fix)]
    if known.deprecated is None or today < known.deprecated:
        return []
    text = (
        f"the runtime {runtime} is deprecated since {known.deprecated}: no function is created with it from "
        f"{known.blocks_creation} on, and none updated from {known.blocks_update} on."
    )
    return [template.problem(resource, "Runtime", text, "Choose python3.13.", "warning")]


def _check_runtime(template: Template, resource: Resource) -> list[Problem]:
    runtime = str(resource.properties.get("Runtime", ""))
    handler = resource.properties.get("Handler")
    problems = []
    unknown = runtimes.unknown(runtime) if runtime else None
    if unknown:
        problems.append(template.problem(resource, "Runtime", unknown.message, "Choose python3.13."))
    elif not runtime.startswith("python3."):
        text = f"the runtime {runtime or '(none)'} is not available in lambdalab: only python3.x functions run here."
        problems.append(template.problem(resource, "Runtime", text, "Choose python3.13.", "unsupported"))
    if not handler or not isinstance(handler, str):
        problems.append(
            template.problem(resource, "Handler", "a function needs a Handler.", "Add Handler: app.handler.")
        )
    return problems


def _check_code(template: Template, resource: Resource) -> list[Problem]:
    given = resource.properties.get("Code") or {}
    if resource.properties.get("PackageType") == "Image" or "ImageUri" in given:
        text = "container images are not available in lambdalab: functions are zip files here."
        return [template.problem(resource, "Code", text, "Name the folder of the code.", "unsupported")]
    if "ZipFile" in given:
        return _check_inline(template, resource, given["ZipFile"])
    found = code.files_of(given, template.files)
    if isinstance(found, AwsError):
        return [template.problem(resource, "Code", found.message)]
    return []


def _check_inline(template: Template, resource: Resource, text: object) -> list[Problem]:
    """Inline code is text, and stands in index.py whatever the handler says. Fact K.2

    Its own limit of 4 MB cannot be reached: a template has at most 1 MB.
    """
    if not isinstance(text, str) or not text:
        return [template.problem(resource, "Code", "ZipFile must be the text of the function's code.")]
    handler = str(resource.properties.get("Handler"))
    if handler.startswith("index."):
        return []
    problem = f"inline code is saved as {code.INLINE_FILE}, where Lambda will not find the handler {handler}."
    fix = f"Write Handler: index.{handler.rpartition('.')[2]}."
    return [template.problem(resource, "Handler", problem, fix, "warning")]


def _check_reserved(template: Template, resource: Resource) -> list[Problem]:
    value = resource.properties.get("ReservedConcurrentExecutions")
    if value is None or (isinstance(value, int) and value >= 0):
        return []
    text = "ReservedConcurrentExecutions must be a whole number of 0 or more."
    return [template.problem(resource, "ReservedConcurrentExecutions", text)]


def _check_loop(template: Template, resource: Resource) -> list[Problem]:
    value = resource.properties.get("RecursiveLoop", SETTINGS[0])
    if value in SETTINGS:
        return []
    return [template.problem(resource, "RecursiveLoop", f"RecursiveLoop must be Allow or Terminate, not {value!r}.")]


def _check_environment(template: Template, resource: Resource) -> list[Problem]:
    variables = resource.properties.get("Environment", {}).get("Variables") or {}
    if not isinstance(variables, dict):
        return [template.problem(resource, "Environment", "Variables must be a mapping (NAME: value).")]
    wrong = wrong_variables({name: _text(value) for name, value in variables.items()})
    return [template.problem(resource, "Environment", text) for text in wrong]


def _check_targets(template: Template, resource: Resource) -> list[Problem]:
    """Destinations and the dead-letter queue must be of a kind that exists, and of one that we simulate."""
    name = template.name(resource)
    queue = (resource.properties.get("DeadLetterConfig") or {}).get("TargetArn")
    place = _property_path(template, resource, "DeadLetterQueue", "DeadLetterConfig")
    problems = _check_target(template, resource, place, queue, DEAD_LETTER_SERVICES)
    for config in template.of_type("AWS::Lambda::EventInvokeConfig"):
        if split_name(str(config.properties.get("FunctionName", "")))[0] == name:
            problems += _check_event_invoke(template, resource, config)
    return problems


def _property_path(template: Template, resource: Resource, *props: str) -> Path:
    """The place of the first of these properties that stands in the author's file."""
    paths: list[Path] = [("Resources", resource.origin, "Properties", prop) for prop in props]
    return next((path for path in paths if path in template.source.places), paths[0])


def _check_target(
    template: Template, resource: Resource, path: Path, target: object, services: tuple[str, ...]
) -> list[Problem]:
    if target is None:
        return []
    kind, function = kind_of(str(target)), split_name(str(target))[0]
    known = {template.name(each) for each in template.of_type("AWS::Lambda::Function")}
    if kind not in services or (kind == "lambda" and function not in known):
        text = f"{resource.logical_id}: The destination ARN {target} is invalid."
    elif kind == "lambda" and function == template.name(resource):
        text = f"{resource.logical_id}: You can't specify the function as a destination for itself."
    else:
        return []
    return [template.source.problem(path, text)]


def _check_event_invoke(template: Template, owner: Resource, config: Resource) -> list[Problem]:
    """The configuration as SAM makes it from a function's property, or one written as a resource of its own."""
    path: Path = ("Resources", config.origin, "Properties")
    if config.origin == owner.origin:
        path = (*path, "EventInvokeConfig")
    problems = []
    destinations = config.properties.get("DestinationConfig") or {}
    sides = destinations if isinstance(destinations, dict) else {"OnSuccess": destinations}
    for name, side in sides.items():
        target = side.get("Destination") if isinstance(side, dict) else side
        services = (*SERVICES, "s3") if name == "OnFailure" else SERVICES  # buckets take failures only. Fact E.1
        problems += _check_target(template, owner, (*path, "DestinationConfig"), target, services)
    for name, low, high in (
        ("MaximumRetryAttempts", 0, quotas.RETRY_ATTEMPTS_MAX),
        ("MaximumEventAgeInSeconds", quotas.EVENT_AGE_S_MIN, quotas.EVENT_AGE_S_MAX),
    ):
        value = config.properties.get(name)
        whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not (whole and low <= value <= high):
            text = f"{owner.logical_id}: {name} must be {low} to {high}, not {value!r}."
            problems.append(template.source.problem((*path, name), text))
    return problems


def _text(value: object) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
