"""AWS::KinesisFirehose::DeliveryStream with a bucket as its destination.

Source: CloudFormation's reference of it; botocore's firehose model; Amazon Data Firehose Developer Guide, "Grant
Firehose access to an Amazon S3 destination", read 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Principal, World, service_principal
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.resources.identities import Identities
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.firehose import DeliveryStream, Firehose, Hints, Place, Processor, Source
from lambdalab.simulator.services.firehose.prefixes import PrefixError, check_prefixes
from lambdalab.simulator.services.firehose.stream import MB
from lambdalab.simulator.trace.facts import FirehoseDeployed
from lambdalab.simulator.vocabulary.arns import arn

TYPE = "AWS::KinesisFirehose::DeliveryStream"
PRINCIPAL = "firehose.amazonaws.com"
DESTINATIONS = ("ExtendedS3DestinationConfiguration", "S3DestinationConfiguration")
KNOWN = {"DeliveryStreamName", "DeliveryStreamType", "KinesisStreamSourceConfiguration", "Tags", *DESTINATIONS}
IN_BUCKET = {"BucketARN", "RoleARN", "Prefix", "ErrorOutputPrefix", "BufferingHints", "CompressionFormat"}
IN_EXTENDED = IN_BUCKET | {"ProcessingConfiguration", "S3BackupMode", "S3BackupConfiguration", "FileExtension"}
FORMATS = ("UNCOMPRESSED", "GZIP")
SIZE_MB, INTERVAL_S = 5, 300  # of a bucket's buffer, unless the template says otherwise. BC BufferingHints
SIZE_MB_RANGE, INTERVAL_S_RANGE = (1, 128), (0, 900)
BATCH_MB_RANGE = (0.2, 3.0)  # of a function's buffer. Guide, "Transform source data"
RETRIES, RETRIES_MAX = 3, 300
PARAMETERS = {"LambdaArn", "NumberOfRetries", "RoleArn", "BufferSizeInMBs", "BufferIntervalInSeconds"}
NEWLINE = {"\\n": b"\n", "\\t": b"\t"}


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a Firehose stream but its roles."""
    problems, props = unknown_properties(template, resource, KNOWN), resource.properties
    tell = _teller(template, resource, problems)
    named = [name for name in DESTINATIONS if name in props]
    if len(named) != 1 or not isinstance(props[named[0]], dict):
        tell("ExtendedS3DestinationConfiguration", "a Firehose stream has exactly one destination, here a bucket.")
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
        if not isinstance(source, dict) or source.get("KinesisStreamARN") not in streams or not source.get("RoleARN"):
            text = "the source needs a KinesisStreamARN, that of a stream of this template, and a RoleARN."
            tell("KinesisStreamSourceConfiguration", text)
    destination = props[named[0]]
    known = IN_EXTENDED if named[0] == DESTINATIONS[0] else IN_BUCKET
    _check_place(template, named[0], destination, known, tell)
    if isinstance(destination.get("ProcessingConfiguration"), dict):
        _check_processors(named[0], destination["ProcessingConfiguration"], tell)
    mode, backup = destination.get("S3BackupMode", "Disabled"), destination.get("S3BackupConfiguration")
    if mode not in ("Disabled", "Enabled") or (mode == "Enabled" and not isinstance(backup, dict)):
        tell(named[0], "S3BackupMode is Disabled, or Enabled with an S3BackupConfiguration.")
    elif mode == "Enabled" and isinstance(backup, dict):
        _check_place(template, named[0], backup, IN_BUCKET, tell)
    return problems


Tell = Callable[..., None]


def _teller(template: Template, resource: Resource, problems: list[Problem]) -> Tell:
    def tell(prop: str, text: str, severity: Any = "error") -> None:
        problems.append(template.problem(resource, prop, text, "", severity))

    return tell


def _check_place(template: Template, prop: str, given: Mapping[str, Any], known: set[str], tell: Tell) -> None:
    for name in sorted(set(given) - known):
        tell(prop, f"the property {name} of a Firehose destination has no effect in lambdalab yet.", "unsupported")
    buckets = {f"arn:aws:s3:::{template.name(each)}" for each in template.of_type("AWS::S3::Bucket")}
    if given.get("BucketARN") not in buckets:
        tell(prop, f"BucketARN must be that of a bucket of this template, not {given.get('BucketARN')}.")
    if not isinstance(given.get("RoleARN"), str):
        tell(prop, "a Firehose destination needs a RoleARN.")
    if given.get("CompressionFormat", FORMATS[0]) not in FORMATS:
        text = f"CompressionFormat {given['CompressionFormat']} has no effect in lambdalab yet: choose GZIP."
        tell(prop, text, "unsupported")
    hints = given.get("BufferingHints") or {}
    for name, (low, high) in (("SizeInMBs", SIZE_MB_RANGE), ("IntervalInSeconds", INTERVAL_S_RANGE)):
        value = hints.get(name, low) if isinstance(hints, dict) else None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            tell(prop, f"{name} of BufferingHints must be a whole number from {low} to {high}.")
    try:
        check_prefixes(str(given.get("Prefix") or ""), given.get("ErrorOutputPrefix"))
    except PrefixError as error:
        tell(prop, str(error), "error" if error.supported else "unsupported")


def _check_processors(prop: str, given: Mapping[str, Any], tell: Tell) -> None:
    processors = _processors(given)
    kinds = [each.get("Type") if isinstance(each, dict) else None for each in processors]
    beyond = [kind for kind in kinds if kind not in ("Lambda", "AppendDelimiterToRecord")]
    if beyond:
        tell(prop, f"the processor {beyond[0]} has no effect in lambdalab yet.", "unsupported")
    if len(set(kinds)) < len(kinds):
        tell(prop, "a Firehose stream has one processor of each Type at most.")
    function = _parameters(processors, "Lambda")
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


def _processors(given: Mapping[str, Any]) -> list[Any]:
    processors = given.get("Processors")
    return processors if given.get("Enabled", True) and isinstance(processors, list) else []


def _parameters(processors: list[Any], kind: str) -> dict[str, str] | None:
    """The parameters of the processor of a kind, or None."""
    for each in processors:
        if isinstance(each, dict) and each.get("Type") == kind:
            rows = [row for row in each.get("Parameters") or [] if isinstance(row, dict)]
            return {str(row.get("ParameterName")): str(row.get("ParameterValue")) for row in rows}
    return None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def check_roles(template: Template, identities: Identities) -> list[Problem]:
    """Its roles must exist and trust Firehose. Text as CreateDeliveryStream answers."""
    problems = []
    for resource in template.of_type(TYPE):
        for role in _roles(resource):
            if _assumed(template, resource, role, identities) is None:
                text = f"Firehose is unable to assume role {role}. Please check the role provided."
                fix = f"Let its trust policy allow sts:AssumeRole to the service {PRINCIPAL}."
                prop = next(name for name in DESTINATIONS if name in resource.properties)
                problems.append(template.problem(resource, prop, text, fix))
    return problems


def _roles(resource: Resource) -> list[str]:
    """Every role that a stream names, once."""
    props = resource.properties
    destination = next(props[name] for name in DESTINATIONS if name in props)
    function = _parameters(_processors(destination.get("ProcessingConfiguration") or {}), "Lambda") or {}
    backup = destination.get("S3BackupConfiguration") if destination.get("S3BackupMode") == "Enabled" else None
    source = props.get("KinesisStreamSourceConfiguration")
    named = [
        destination.get("RoleARN"),
        function.get("RoleArn"),
        *((each or {}).get("RoleARN") for each in (backup, source)),
    ]
    return list(dict.fromkeys(str(role) for role in named if role))


def _assumed(template: Template, resource: Resource, role: str, identities: Identities) -> Principal | None:
    caller = service_principal(PRINCIPAL, arn("firehose", f"deliverystream/{template.name(resource)}"))
    return identities.assumed(role, caller, "firehose")


def deploy(world: World, template: Template, service: Firehose, identities: Identities) -> None:
    """Create the template's Firehose streams, which have been checked."""
    for resource in template.of_type(TYPE):
        props, name = resource.properties, template.name(resource)
        given = next(props[each] for each in DESTINATIONS if each in props)

        def role(named: str, resource: Resource = resource) -> Principal:
            assumed = _assumed(template, resource, named, identities)
            assert assumed is not None  # checked before
            return assumed

        processors = _processors(given.get("ProcessingConfiguration") or {})
        source, delimiter = (
            props.get("KinesisStreamSourceConfiguration"),
            _parameters(processors, "AppendDelimiterToRecord"),
        )
        text = "" if delimiter is None else delimiter.get("Delimiter", "\\n")
        stream = DeliveryStream(
            name,
            template.shown_as(resource),
            _place(given, role(given["RoleARN"])),
            _processor(_parameters(processors, "Lambda"), given, role),
            _backup(given, role),
            None if source is None else Source(str(source["KinesisStreamARN"]), role(source["RoleARN"])),
            NEWLINE.get(text, text.encode()),
        )
        service.deploy(stream)
        read = None if stream.source is None else stream.source.stream_arn
        by = None if stream.processor is None else stream.processor.function
        world.trace.record(FirehoseDeployed(name, stream.shown_as, read, stream.place.bucket, by))


def _place(given: Mapping[str, Any], role: Principal) -> Place:
    hints = given.get("BufferingHints") or {}
    return Place(
        str(given["BucketARN"]).rpartition(":")[2],
        role,
        str(given.get("Prefix") or ""),
        given.get("ErrorOutputPrefix") or None,
        Hints(hints.get("SizeInMBs", SIZE_MB) * MB, hints.get("IntervalInSeconds", INTERVAL_S)),
        given.get("CompressionFormat") == "GZIP",
        str(given.get("FileExtension") or ""),
    )


def _backup(given: Mapping[str, Any], role: Callable[[str], Principal]) -> Place | None:
    if given.get("S3BackupMode") != "Enabled":
        return None
    return _place(given["S3BackupConfiguration"], role(given["S3BackupConfiguration"]["RoleARN"]))


def _processor(
    told: dict[str, str] | None, given: Mapping[str, Any], role: Callable[[str], Principal]
) -> Processor | None:
    if told is None:
        return None
    hints = Hints(
        round(float(told.get("BufferSizeInMBs", "1")) * MB), int(float(told.get("BufferIntervalInSeconds", "60")))
    )
    by = role(told.get("RoleArn") or given["RoleARN"])
    return Processor(told["LambdaArn"], by, int(float(told.get("NumberOfRetries", str(RETRIES)))), hints)
