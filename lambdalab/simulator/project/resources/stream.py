"""AWS::Kinesis::Stream."""

from __future__ import annotations

from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import not_mappings, out_of_range, unknown_properties
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.kinesis import KinesisService, Mode, Stream
from lambdalab.simulator.vocabulary import quotas

KNOWN = ("Name", "ShardCount", "StreamModeDetails", "RetentionPeriodHours", "MaxRecordSizeInKiB", "Tags")
MODES = ("PROVISIONED", "ON_DEMAND")  # BC StreamMode
RANGES = (
    ("ShardCount", 1, quotas.SHARDS_MAX, "shardCount"),
    ("RetentionPeriodHours", quotas.STREAM_RETENTION_H_MIN, quotas.STREAM_RETENTION_H_MAX, "retentionPeriodHours"),
    ("MaxRecordSizeInKiB", 1_024, 10_240, "maxRecordSizeInKiB"),
)


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a stream."""
    problems = unknown_properties(template, resource, KNOWN) + not_mappings(template, resource, "StreamModeDetails")
    for prop, low, high, member in RANGES:
        problems += out_of_range(template, resource, prop, low, high, member)
    if problems:
        return problems
    mode = _mode(resource)
    if mode not in MODES:
        text = f"{mode} is no StreamMode."
        return [template.problem(resource, "StreamModeDetails", text, f"Choose one of: {', '.join(MODES)}.")]
    if mode == "PROVISIONED" and "ShardCount" not in resource.properties:
        text = "a stream in PROVISIONED mode needs a ShardCount."
        return [template.problem(resource, "ShardCount", text, "Write ShardCount: 1, or StreamMode: ON_DEMAND.")]
    if mode == "ON_DEMAND" and "ShardCount" in resource.properties:
        text = "a stream in ON_DEMAND mode has as many shards as Kinesis gives it."
        return [template.problem(resource, "ShardCount", text, "Remove ShardCount.")]
    return []


def deploy_streams(template: Template, kinesis: KinesisService) -> None:
    """Create the template's streams."""
    for resource in template.of_type("AWS::Kinesis::Stream"):
        props = resource.properties
        stream = Stream(
            template.name(resource),
            _mode(resource),
            props.get("RetentionPeriodHours") or quotas.STREAM_RETENTION_H_MIN,
            (props.get("MaxRecordSizeInKiB") or quotas.STREAM_RECORD_BYTES_MAX // 1024) * 1024,
        )
        kinesis.deploy(stream, props.get("ShardCount"), template.shown_as(resource))


def _mode(resource: Resource) -> Mode:
    mode: Mode = (resource.properties.get("StreamModeDetails") or {}).get("StreamMode", "PROVISIONED")
    return mode
