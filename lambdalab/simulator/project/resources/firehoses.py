"""AWS::KinesisFirehose::DeliveryStream with a bucket as its destination.

Source: CloudFormation's reference of it; botocore's firehose model; Amazon Data Firehose Developer Guide, "Grant
Firehose access to an Amazon S3 destination", read 2026-11: it says the account as ``sts:ExternalId``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Principal, World, service_principal
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.firehose_checks import DESTINATIONS, check, parameters_of, processors_of
from lambdalab.simulator.project.resources.identities import Identities
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.firehose import DeliveryStream, Firehose, Hints, Place, Processor, Source
from lambdalab.simulator.services.firehose.stream import MB
from lambdalab.simulator.trace.facts import FirehoseDeployed
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, arn

__all__ = ["check", "check_roles", "deploy"]

TYPE = "AWS::KinesisFirehose::DeliveryStream"
PRINCIPAL = "firehose.amazonaws.com"
SIZE_MB, INTERVAL_S = 5, 300  # of a bucket's buffer, unless the template says otherwise. BC BufferingHints
RETRIES = 3  # unless the template says otherwise


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
    function = parameters_of(processors_of(destination.get("ProcessingConfiguration") or {}), "Lambda") or {}
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
    return identities.assumed(role, caller, "firehose", external_id=ACCOUNT_ID)


def deploy(world: World, template: Template, service: Firehose, identities: Identities) -> None:
    """Create the template's Firehose streams, which have been checked."""
    for resource in template.of_type(TYPE):
        props, name = resource.properties, template.name(resource)
        given = next(props[each] for each in DESTINATIONS if each in props)

        def role(named: str, resource: Resource = resource) -> Principal:
            assumed = _assumed(template, resource, named, identities)
            assert assumed is not None  # checked before
            return assumed

        processors = processors_of(given.get("ProcessingConfiguration") or {})
        source = props.get("KinesisStreamSourceConfiguration")
        delimiter = parameters_of(processors, "AppendDelimiterToRecord")
        stream = DeliveryStream(
            name,
            template.shown_as(resource),
            _place(given, role(given["RoleARN"])),
            _processor(parameters_of(processors, "Lambda"), given, role),
            _backup(given, role),
            None if source is None else Source(str(source["KinesisStreamARN"]), role(source["RoleARN"])),
            b"" if delimiter is None else b"\n",
            created_at=world.kernel.now,
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
