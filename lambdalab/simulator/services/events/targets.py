"""Reading a target of a rule, in AWS's words when it is wrong. Source: botocore's events model, Target."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.services.events import refusals
from lambdalab.simulator.services.events.bus import Target
from lambdalab.simulator.services.events.inputs import is_path, wrong_template
from lambdalab.simulator.services.targets import (
    EVENT_AGE_S_MAX,
    EVENT_AGE_S_MIN,
    RETRY_ATTEMPTS_MAX,
    RetryPolicy,
    service_of,
)
from lambdalab.simulator.vocabulary.errors import AwsError

KNOWN = frozenset(
    (
        "Id",
        "Arn",
        "RoleArn",
        "Input",
        "InputPath",
        "InputTransformer",
        "SqsParameters",
        "DeadLetterConfig",
        "KinesisParameters",
        "RetryPolicy",
    )
)
_ID = re.compile(r"[\.\-_A-Za-z0-9]{1,64}")
INPUT_MAX = 8_192  # BC Target, InputTransformer
PATH_MAX = 256  # BC Target
VARIABLES_MAX = 100  # BC InputTransformer


def read_target(given: Mapping[str, Any]) -> Target | AwsError:
    """A target, or AWS's refusal."""
    name, arn = str(given.get("Id", "")), str(given.get("Arn", ""))
    if not _ID.fullmatch(name):
        return refusals.validation(
            f"1 validation error detected: Value '{name}' at 'targets.1.member.id' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+"
        )
    if arn.count(":") < 5 or not arn.startswith("arn:"):
        return refusals.validation(f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format.")
    if service_of(arn) is None:
        text = f"lambdalab does not simulate {arn} as a target: functions, queues, topics, streams and buses are."
        return AwsError("NotSimulated", text, 501)
    unknown = sorted(set(given) - KNOWN)
    if unknown:
        return AwsError("NotSimulated", f"lambdalab does not simulate {unknown[0]} of a target.", 501)
    wrong = _too_long(name, given) or _wrong_input(name, arn, given) or _wrong_queue(name, arn, given)
    return wrong or Target(name, arn, given, _retry(given))


def _retry(given: Mapping[str, Any]) -> RetryPolicy:
    policy = given.get("RetryPolicy") or {}
    attempts, age = policy.get("MaximumRetryAttempts"), policy.get("MaximumEventAgeInSeconds")
    return RetryPolicy(
        RETRY_ATTEMPTS_MAX if attempts is None else int(attempts), EVENT_AGE_S_MAX if age is None else int(age)
    )


def _wrong_input(name: str, arn: str, given: Mapping[str, Any]) -> AwsError | None:
    used = [key for key in ("Input", "InputPath", "InputTransformer") if given.get(key) is not None]
    if len(used) > 1:
        text = f"Only one of Input, InputPath, or InputTransformer must be provided for target {name}."
        return refusals.validation(text)
    if used and service_of(arn) == "events":
        return AwsError("NotSimulated", f"lambdalab does not simulate {used[0]} for an event bus as a target.", 501)
    if "Input" in used:
        try:
            json.loads(given["Input"])
        except (ValueError, RecursionError):
            return refusals.validation(f"Parameter Input is not valid for target {name}. Reason: it is not JSON.")
    if "InputPath" in used and not is_path(str(given["InputPath"])):
        return refusals.validation(f"Invalid InputPath for target {name}.")
    if "InputTransformer" in used:
        wrong = wrong_template(given["InputTransformer"])
        if wrong:
            return refusals.validation(f"Invalid InputTemplate for target {name} : {wrong}.")
    return None


def _too_long(name: str, given: Mapping[str, Any]) -> AwsError | None:
    transformer = given.get("InputTransformer") or {}
    for key, value, most in (
        ("Input", given.get("Input"), INPUT_MAX),
        ("InputPath", given.get("InputPath"), PATH_MAX),
        ("InputTemplate", transformer.get("InputTemplate"), INPUT_MAX),
    ):
        if len(str(value or "")) > most:
            return refusals.validation(f"{key} of target {name} is longer than {most} characters.")
    if len(transformer.get("InputPathsMap") or ()) > VARIABLES_MAX:
        return refusals.validation(f"InputPathsMap of target {name} has more than {VARIABLES_MAX} variables.")
    return None


def _wrong_queue(name: str, arn: str, given: Mapping[str, Any]) -> AwsError | None:
    """What is wrong with a FIFO queue, the dead-letter queue, or the retry policy."""
    group = (given.get("SqsParameters") or {}).get("MessageGroupId")
    if arn.endswith(".fifo") and service_of(arn) == "sqs" and not group:
        return refusals.validation(f"Parameter(s) SqsParameters must be specified for target: {name}.")
    if arn.endswith(".fifo") and service_of(arn) == "sns":
        return refusals.validation(f"Parameter {arn} is not valid. Reason: FIFO topics are not supported as targets.")
    queue = (given.get("DeadLetterConfig") or {}).get("Arn")
    if queue is not None and (service_of(str(queue)) != "sqs" or str(queue).endswith(".fifo")):
        return refusals.validation(
            f"Parameter DeadLetterConfig of target {name} is not valid. Reason: it must be a standard SQS queue."
        )
    policy = given.get("RetryPolicy") or {}
    for key, low, high in (
        ("MaximumRetryAttempts", 0, RETRY_ATTEMPTS_MAX),
        ("MaximumEventAgeInSeconds", EVENT_AGE_S_MIN, EVENT_AGE_S_MAX),
    ):
        value = policy.get(key)
        if value is not None and not (isinstance(value, int) and low <= value <= high):
            member = f"targets.1.member.retryPolicy.{key[0].lower()}{key[1:]}"
            bound = (
                f"less than or equal to {high}"
                if isinstance(value, int) and value > high
                else f"greater than or equal to {low}"
            )
            return refusals.validation(
                f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: "
                f"Member must have value {bound}"
            )
    return None
