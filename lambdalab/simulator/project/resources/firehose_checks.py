"""What a template says of a Firehose stream, and what is wrong with it.

Source: CloudFormation's reference of AWS::KinesisFirehose::DeliveryStream; botocore's firehose model; Amazon Data
Firehose Developer Guide, read 2026-11. The least interval of a backup, and what becomes of a Delimiter: A-180.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import models
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.firehose.prefixes import PrefixError, check_prefixes
from lambdalab.simulator.vocabulary.arns import arn

DESTINATIONS = ("ExtendedS3DestinationConfiguration", "S3DestinationConfiguration")
KNOWN = {"DeliveryStreamName", "DeliveryStreamType", "KinesisStreamSourceConfiguration", "Tags", *DESTINATIONS}
IN_BUCKET = {"BucketARN", "RoleARN", "Prefix", "ErrorOutputPrefix", "BufferingHints", "CompressionFormat"}
IN_EXTENDED = IN_BUCKET | {"ProcessingConfiguration", "S3BackupMode", "S3BackupConfiguration", "FileExtension"}
FORMATS = ("UNCOMPRESSED", "GZIP")
SIZE_MB_RANGE, INTERVAL_S_RANGE = (1, 128), (0, 900)
BACKUP_INTERVAL_S_RANGE = (60, 900)
EXTENSION = re.compile(r"(\.[0-9a-z!\-_.*'()]{1,127})?")  # BC FileExtension
BATCH_MB_RANGE = (0.2, 3.0)  # of a function's buffer. Guide, "Transform source data"
RETRIES_MAX = 300
PARAMETERS = {"LambdaArn", "NumberOfRetries", "RoleArn", "BufferSizeInMBs", "BufferIntervalInSeconds"}
NEWLINES = ("\\n", "\n")


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a Firehose stream but its roles."""
    problems, props = unknown_properties(template, resource, KNOWN), resource.properties
    tell = _teller(template, resource, problems)
    named = [name for name in DESTINATIONS if name in props]
    if len(named) != 1 or not isinstance(props[named[0]], dict):
        tell("ExtendedS3DestinationConfiguration", "a Firehose stream has exactly one destination, here a bucket.")
        return problems
    destination = props[named[0]]
    mistyped = _mistyped(props, named[0])
    if mistyped:
        tell(named[0], mistyped)
        return problems
    kind, source = props.get("DeliveryStreamType", "DirectPut"), props.get("KinesisStreamSourceConfiguration")
    if kind not in ("DirectPut", "KinesisStreamAsSource"):
        tell("DeliveryStreamType", f"{kind} has no effect in lambdalab yet.", "unsupported")
    elif (kind == "DirectPut") is not (source is None):
        tell(
            "DeliveryStreamType",
            "KinesisStreamSourceConfiguration goes with DeliveryStreamType: KinesisStreamAsSource.",
        )
    elif source is not None:
        streams = {arn("kinesis", f"stream/{template.name(each)}") for each in template.of_type("AWS::Kinesis::Stream")}
        if source["KinesisStreamARN"] not in streams:
            tell("KinesisStreamSourceConfiguration", "the KinesisStreamARN must be that of a stream of this template.")
    known = IN_EXTENDED if named[0] == DESTINATIONS[0] else IN_BUCKET
    _check_place(template, named[0], destination, known, INTERVAL_S_RANGE, tell)
    _check_processors(named[0], destination.get("ProcessingConfiguration") or {}, tell)
    mode, backup = destination.get("S3BackupMode", "Disabled"), destination.get("S3BackupConfiguration")
    if mode not in ("Disabled", "Enabled") or (mode == "Enabled" and backup is None):
        tell(named[0], "S3BackupMode is Disabled, or Enabled with an S3BackupConfiguration.")
    elif mode == "Enabled":
        _check_place(template, named[0], backup, IN_BUCKET, BACKUP_INTERVAL_S_RANGE, tell)
    return problems


def _mistyped(props: Mapping[str, Any], destination: str) -> str | None:
    """What botocore says of a destination or a source whose parts have other types than CreateDeliveryStream's."""
    asked = {name: props[name] for name in (destination, "KinesisStreamSourceConfiguration") if name in props}
    refusal = models.invalid_parameters("firehose", "CreateDeliveryStream", {"DeliveryStreamName": "any", **asked})
    return None if refusal is None else " ".join(refusal.message.split())


Tell = Callable[..., None]


def _teller(template: Template, resource: Resource, problems: list[Problem]) -> Tell:
    def tell(prop: str, text: str, severity: Any = "error") -> None:
        problems.append(template.problem(resource, prop, text, "", severity))

    return tell


def _check_place(
    template: Template,
    prop: str,
    given: Mapping[str, Any],
    known: set[str],
    interval_s: tuple[int, int],
    tell: Tell,
) -> None:
    for name in sorted(set(given) - known):
        tell(prop, f"the property {name} of a Firehose destination has no effect in lambdalab yet.", "unsupported")
    buckets = {f"arn:aws:s3:::{template.name(each)}" for each in template.of_type("AWS::S3::Bucket")}
    if given["BucketARN"] not in buckets:
        tell(prop, f"BucketARN must be that of a bucket of this template, not {given['BucketARN']}.")
    if given.get("CompressionFormat", FORMATS[0]) not in FORMATS:
        text = f"CompressionFormat {given['CompressionFormat']} has no effect in lambdalab yet: choose GZIP."
        tell(prop, text, "unsupported")
    hints = given.get("BufferingHints") or {}
    if len(hints) == 1:
        tell(prop, "BufferingHints have SizeInMBs and IntervalInSeconds, or neither.")
    for name, (low, high) in (("SizeInMBs", SIZE_MB_RANGE), ("IntervalInSeconds", interval_s)):
        if not low <= hints.get(name, low) <= high:
            tell(prop, f"{name} of BufferingHints must be a whole number from {low} to {high}.")
    if not EXTENSION.fullmatch(given.get("FileExtension", "")):
        tell(prop, f"FileExtension {given['FileExtension']!r} is no point with small letters, digits and !-_.*'().")
    try:
        check_prefixes(given.get("Prefix", ""), given.get("ErrorOutputPrefix"))
    except PrefixError as error:
        tell(prop, str(error), "error" if error.supported else "unsupported")


def _check_processors(prop: str, given: Mapping[str, Any], tell: Tell) -> None:
    processors = processors_of(given)
    kinds = [each["Type"] for each in processors]
    beyond = [kind for kind in kinds if kind not in ("Lambda", "AppendDelimiterToRecord")]
    if beyond:
        tell(prop, f"the processor {beyond[0]} has no effect in lambdalab yet.", "unsupported")
    if len(set(kinds)) < len(kinds):
        tell(prop, "a Firehose stream has one processor of each Type at most.")
    delimiter = (parameters_of(processors, "AppendDelimiterToRecord") or {}).get("Delimiter", NEWLINES[0])
    if delimiter not in NEWLINES:
        tell(
            prop,
            f"the Delimiter {delimiter!r} has no effect: Firehose writes a new line between records.",
            "unsupported",
        )
    function = parameters_of(processors, "Lambda")
    if function is None:
        return
    unknown = sorted(set(function) - PARAMETERS)
    if unknown:
        tell(prop, f"the parameter {unknown[0]} of a Lambda processor has no effect in lambdalab yet.", "unsupported")
    if ":function:" not in function.get("LambdaArn", ""):
        tell(prop, "a Lambda processor needs the parameter LambdaArn.")
    for name, low, high in (
        ("NumberOfRetries", 0.0, float(RETRIES_MAX)),
        ("BufferSizeInMBs", *BATCH_MB_RANGE),
        ("BufferIntervalInSeconds", 0.0, 900.0),
    ):
        value = _number(function.get(name, str(low)))
        if value is None or not low <= value <= high:
            tell(prop, f"{name} of a Lambda processor must be from {low:g} to {high:g}, not {function[name]}.")


def processors_of(given: Mapping[str, Any]) -> list[Any]:
    """The processors of a ProcessingConfiguration; none when it is not enabled."""
    return (given.get("Processors") or []) if given.get("Enabled", True) else []


def parameters_of(processors: list[Any], kind: str) -> dict[str, str] | None:
    """The parameters of the processor of a kind, or None."""
    for each in processors:
        if each["Type"] == kind:
            return {row["ParameterName"]: row["ParameterValue"] for row in each.get("Parameters") or ()}
    return None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
