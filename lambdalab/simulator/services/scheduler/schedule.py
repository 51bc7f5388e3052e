"""One schedule: what it was asked for, and when it is due. Source: botocore's scheduler model, read 2026-11."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.account import models
from lambdalab.simulator.services.moments import moment_of
from lambdalab.simulator.services.targets import (
    EVENT_AGE_S_MAX,
    EVENT_AGE_S_MIN,
    RETRY_ATTEMPTS_MAX,
    RetryPolicy,
    service_of,
)
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.json_values import read_json
from lambdalab.simulator.vocabulary.schedules import Once, Rate, Schedule, read_schedule

DEFAULT_GROUP = "default"
NAME = re.compile(r"[0-9a-zA-Z\-_.]{1,64}")
FIRST_YEAR, LAST_YEAR = 1970, 2199  # those of cron expressions
UNIVERSAL = "arn:aws:scheduler:::aws-sdk:"
SERVICES = {"eventbridge": "events", "sfn": "stepfunctions", "cloudwatchlogs": "logs"}  # the guide's names, boto3's
# What only reads cannot be a target. Scheduler User Guide, "Using universal targets", read 2026-11.
READING = (
    "get", "describe", "list", "poll", "receive", "search", "scan", "query", "select", "read", "lookup", "discover",
    "validate", "batchGet", "batchDescribe", "batchRead", "transactGet", "adminGet", "adminList", "testMigration",
    "retrieve", "testConnection", "translateDocument", "isAuthorized", "invokeModel",
)  # fmt: skip
KNOWN_TARGET = frozenset(
    (
        "Arn", "RoleArn", "Input", "DeadLetterConfig", "RetryPolicy", "SqsParameters", "EventBridgeParameters",
        "KinesisParameters",
    )
)  # fmt: skip
STRUCTURES = tuple(sorted(KNOWN_TARGET - {"Arn", "RoleArn", "Input"}))


@dataclass(slots=True)
class Entry:
    """A schedule. ``settings`` is what CreateSchedule was given."""

    name: str
    group: str
    settings: Mapping[str, Any]
    schedule: Schedule
    created: dt.datetime
    modified: dt.datetime

    @property
    def arn(self) -> str:
        """The schedule's ARN."""
        return arn("scheduler", f"schedule/{self.group}/{self.name}")

    @property
    def enabled(self) -> bool:
        """Whether it is due at all."""
        return str(self.settings.get("State") or "ENABLED") == "ENABLED"

    @property
    def target(self) -> Mapping[str, Any]:
        """What it calls."""
        found: Mapping[str, Any] = self.settings["Target"]
        return found

    @property
    def dead_letter(self) -> str | None:
        """The ARN of its dead-letter queue."""
        found = (self.target.get("DeadLetterConfig") or {}).get("Arn")
        return str(found) if found else None

    @property
    def retry(self) -> RetryPolicy:
        """How often and how long its target is tried again."""
        policy = self.target.get("RetryPolicy") or {}
        attempts, age = policy.get("MaximumRetryAttempts"), policy.get("MaximumEventAgeInSeconds")
        return RetryPolicy(
            RETRY_ATTEMPTS_MAX if attempts is None else attempts, EVENT_AGE_S_MAX if age is None else age
        )

    @property
    def window_minutes(self) -> int:
        """How long it may take from its time to its invocation; 0: none."""
        window = self.settings.get("FlexibleTimeWindow") or {}
        return int(window.get("MaximumWindowInMinutes") or 0) if window.get("Mode") == "FLEXIBLE" else 0

    def next_after(self, moment: dt.datetime) -> dt.datetime | None:
        """When it is due next, between its start and its end; None when never again."""
        begins, ends = moment_of(self.settings.get("StartDate")), moment_of(self.settings.get("EndDate"))
        if begins is not None and begins > moment:
            moment = begins - dt.timedelta(microseconds=1)
        due = self.schedule.next_after(moment)
        return None if due is None or (ends is not None and due > ends) else due


def read_entry(params: Mapping[str, Any], now: dt.datetime) -> Entry | AwsError:
    """A schedule as CreateSchedule describes it, or AWS's refusal (texts: A-110)."""
    name, group = str(params["Name"]), str(params.get("GroupName") or DEFAULT_GROUP)
    for member, value in (("name", name), ("groupName", group)):
        if not NAME.fullmatch(value):
            return validation(
                f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must "
                "satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$"
            )
    for member in ("StartDate", "EndDate"):
        given = moment_of(params.get(member))
        if given is not None and not FIRST_YEAR <= given.year <= LAST_YEAR:
            return validation(f"The {member} you specify must be from {FIRST_YEAR} to {LAST_YEAR}.")
    expression, begins = str(params["ScheduleExpression"]), moment_of(params.get("StartDate"))
    try:
        schedule = read_schedule(expression, begins or now, params.get("ScheduleExpressionTimezone") or "UTC")
    except ValueError as error:
        zone = "time zone" in str(error)
        what = ("ScheduleExpressionTimezone", params.get("ScheduleExpressionTimezone")) if zone else ("", expression)
        return validation(f"Invalid {what[0] or 'Schedule Expression'} {what[1]}.")
    if isinstance(schedule, Once) and re.search(r"(Z|[+-]\d\d:?\d\d)\)$", expression.strip()):
        return validation(f"Invalid Schedule Expression {expression}.")  # its zone is a parameter of its own
    if isinstance(schedule, Rate) and begins is not None:
        schedule = Rate(schedule.every, begins - schedule.every)  # due at its start, too
    wrong = _misshapen(params)
    if wrong:
        return wrong
    return _wrong_window(params) or _wrong_target(params["Target"]) or Entry(name, group, params, schedule, now, now)


def _misshapen(params: Mapping[str, Any]) -> AwsError | None:
    """What a template can write and no caller of the API: texts and lists where structures belong."""
    target = params["Target"]
    for name, value in (
        ("FlexibleTimeWindow", params.get("FlexibleTimeWindow")),
        ("Target", target),
        *((name, target.get(name)) for name in STRUCTURES if isinstance(target, Mapping)),
    ):
        if value is not None and not isinstance(value, Mapping):
            return validation(f"{name} must be a mapping (key: value).")
    return None


def _wrong_window(params: Mapping[str, Any]) -> AwsError | None:
    window = params.get("FlexibleTimeWindow") or {}
    minutes, mode = window.get("MaximumWindowInMinutes"), window.get("Mode")
    if mode not in ("OFF", "FLEXIBLE"):
        return validation("FlexibleTimeWindow needs a Mode: OFF or FLEXIBLE.")
    if mode == "FLEXIBLE" and not (isinstance(minutes, int) and 1 <= minutes <= 1_440):
        return validation("A FlexibleTimeWindow of Mode FLEXIBLE needs MaximumWindowInMinutes, 1 to 1440.")
    if mode == "OFF" and minutes is not None:
        return validation("A FlexibleTimeWindow of Mode OFF has no MaximumWindowInMinutes.")
    begins, ends = moment_of(params.get("StartDate")), moment_of(params.get("EndDate"))
    if begins is not None and ends is not None and ends <= begins:
        return validation("The EndDate you specify must come after the StartDate you specify.")
    return None


def _wrong_target(target: Mapping[str, Any]) -> AwsError | None:
    wanted = str(target.get("Arn", ""))
    unknown = sorted(set(target) - KNOWN_TARGET)
    if unknown:
        return AwsError("NotSimulated", f"lambdalab does not simulate {unknown[0]} of a schedule's target.", 501)
    if wanted.startswith(UNIVERSAL):
        wrong = _wrong_universal(wanted, target.get("Input"))
    elif not wanted.startswith("arn:") or wanted.count(":") < 5:
        wrong = validation(f"Provided Arn is not in correct format: {wanted}")
    elif service_of(wanted) is None:
        text = f"lambdalab does not simulate {wanted} as a target of a schedule."
        return AwsError("NotSimulated", text, 501)
    else:
        wrong = _wrong_templated(wanted, target)
    return wrong or _wrong_policy(target)


def _wrong_templated(wanted: str, target: Mapping[str, Any]) -> AwsError | None:
    kind, text = service_of(wanted), target.get("Input")
    if kind in ("lambda", "events") and text is not None and not _is_json(text):
        return validation("Invalid RequestJson provided. Reason The input for the target is not valid JSON.")
    if kind == "events" and not target.get("EventBridgeParameters"):
        return validation("EventBridgeParameters must be specified for an event bus as a target.")
    if kind == "kinesis" and not (target.get("KinesisParameters") or {}).get("PartitionKey"):
        return validation("KinesisParameters must be specified for a stream as a target.")
    if wanted.endswith(".fifo") and kind == "sqs" and not (target.get("SqsParameters") or {}).get("MessageGroupId"):
        return validation("SqsParameters must be specified for a FIFO queue as a target.")
    return None


def _wrong_universal(wanted: str, text: Any) -> AwsError | None:
    """What is wrong with a target that is any API call: ``arn:aws:scheduler:::aws-sdk:sqs:sendMessage``."""
    service, _, action = wanted.removeprefix(UNIVERSAL).partition(":")
    if action.startswith(READING):
        return validation(f"{wanted} is a read-only action, which cannot be a target.")
    call = universal_call(wanted)
    if call is None:
        return validation(f"{service}:{action} is no API action that can be a target.")
    try:
        params = read_json(str(text) if text is not None else "{}")
    except ValueError:
        params = None
    if not isinstance(params, dict):
        return validation("Invalid RequestJson provided. Reason The input for the target is not valid JSON.")
    return models.invalid_parameters(*call, params)


def universal_call(wanted: str) -> tuple[str, str] | None:
    """The boto3 service and the operation of a universal target."""
    service, _, action = wanted.removeprefix(UNIVERSAL).partition(":")
    service, operation = SERVICES.get(service, service), action[:1].upper() + action[1:]
    try:
        known = models.operations(service).values()
    except KeyError:
        return None
    return (service, operation) if operation in known else None


def _wrong_policy(target: Mapping[str, Any]) -> AwsError | None:
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    if queue is not None and (service_of(str(queue)) != "sqs" or str(queue).endswith(".fifo")):
        return validation("A dead-letter queue must be a standard SQS queue.")
    policy = target.get("RetryPolicy") or {}
    for key, low, high in (
        ("MaximumRetryAttempts", 0, RETRY_ATTEMPTS_MAX),
        ("MaximumEventAgeInSeconds", EVENT_AGE_S_MIN, EVENT_AGE_S_MAX),
    ):
        value = policy.get(key)
        if value is not None and not (isinstance(value, int) and low <= value <= high):
            return validation(f"{key} must be {low} to {high}, not {value}.")
    return None


def _is_json(text: Any) -> bool:
    try:
        read_json(str(text))
    except ValueError:
        return False
    return True


def validation(text: str) -> AwsError:
    """A parameter that cannot be."""
    return AwsError("ValidationException", text, 400)
