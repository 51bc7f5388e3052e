"""Streams, tables, buckets and parameters. Source: the update requirement of each property in the
CloudFormation Template Reference, read 2026-11."""

from __future__ import annotations

from lambdalab.simulator.kernel import Process
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.project.resources import bucket, secrets, stream, table
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.project.updating.kind import Kind, only, told
from lambdalab.simulator.vocabulary import quotas


class Stream(Kind):
    """AWS::Kinesis::Stream."""

    replacing = frozenset({"Name"})
    unchangeable = frozenset({"StreamModeDetails", "MaxRecordSizeInKiB"})

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """A new stream."""
        yield from ()
        if template.name(resource) in self.deployment.kinesis.streams:
            raise self.exists(resource, template.name(resource))
        stream.deploy_streams(only(template, resource), self.deployment.kinesis)

    def update(self, old: Template, before: Resource, new: Template, after: Resource) -> Process[None]:
        """Another number of shards, another time for which records are kept."""
        name, was, now = new.name(after), before.properties, after.properties
        if was.get("ShardCount") != now.get("ShardCount"):
            yield from self.ask("kinesis", "UpdateShardCount", StreamName=name, ScalingType="UNIFORM_SCALING",
                                TargetShardCount=int(now.get("ShardCount") or 1))  # fmt: skip
        kept = [int(each.get("RetentionPeriodHours") or quotas.STREAM_RETENTION_H_MIN) for each in (was, now)]
        if kept[0] != kept[1]:
            operation = f"{'Increase' if kept[1] > kept[0] else 'Decrease'}StreamRetentionPeriod"
            yield from self.ask("kinesis", operation, StreamName=name, RetentionPeriodHours=kept[1])

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """The stream, with every record in it."""
        yield from self.ask("kinesis", "DeleteStream", StreamName=template.name(resource))


class Table(Kind):
    """AWS::DynamoDB::Table."""

    replacing = frozenset({"TableName", "KeySchema", "LocalSecondaryIndexes"})
    unchangeable = frozenset({"GlobalSecondaryIndexes", "AttributeDefinitions"})

    @staticmethod
    def keeps(before: Resource, after: Resource) -> str | None:
        """A table has one stream in a run: CloudFormation would make another one for another view."""
        views = [each.properties.get("StreamSpecification") for each in (before, after)]
        return "StreamSpecification" if None not in views and views[0] != views[1] else None

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """A new, empty table."""
        yield from ()
        try:
            table.deploy_tables(only(template, resource), self.deployment.dynamodb)
        except ProjectError as refused:
            raise told(refused) from None

    def update(self, old: Template, before: Resource, new: Template, after: Resource) -> Process[None]:
        """Its stream, how it is paid for, and which items expire."""
        name, was, now = new.name(after), before.properties, after.properties
        paid = {
            key: now[key]
            for key in ("BillingMode", "ProvisionedThroughput")
            if was.get(key) != now.get(key) and key in now
        }
        if paid:
            yield from self.ask("dynamodb", "UpdateTable", TableName=name, **paid)
        ttl = "TimeToLiveSpecification"
        if was.get(ttl) != now.get(ttl):
            given = now.get(ttl) or {**was[ttl], "Enabled": False}
            yield from self.ask("dynamodb", "UpdateTimeToLive", TableName=name, TimeToLiveSpecification=given)
        views = [(each.get("StreamSpecification") or {}).get("StreamViewType") for each in (was, now)]
        if views[0] != views[1]:
            self.deployment.dynamodb.stream(name, views[1], new.shown_as(after))

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """The table, with every item in it."""
        yield from self.ask("dynamodb", "DeleteTable", TableName=template.name(resource))


class Bucket(Kind):
    """AWS::S3::Bucket but for its notifications, which come last: they need what they tell to be there."""

    replacing = frozenset({"BucketName"})

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """A new, empty bucket."""
        yield from ()
        if self.deployment.s3.exists(template.name(resource)):
            raise self.exists(resource, template.name(resource))
        bucket.deploy_buckets(only(template, resource), self.deployment.s3)

    def update(self, old: Template, before: Resource, new: Template, after: Resource) -> Process[None]:
        """Whether it keeps versions. Once it has, it can only be suspended. S3 User Guide, "Using S3 Versioning"."""
        statuses = [(each.properties.get("VersioningConfiguration") or {}).get("Status") for each in (before, after)]
        if statuses[0] != statuses[1]:
            status = {"Status": statuses[1] or "Suspended"}
            yield from self.ask("s3", "PutBucketVersioning", Bucket=new.name(after), VersioningConfiguration=status)

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """The bucket, which S3 lets go only when it is empty."""
        yield from self.ask("s3", "DeleteBucket", Bucket=template.name(resource))


class Parameter(Kind):
    """AWS::SSM::Parameter."""

    replacing = frozenset({"Name", "DataType"})

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """A new parameter, or another value of it."""
        yield from ()
        try:
            secrets.deploy_parameters(only(template, resource), self.deployment.parameters)
        except ProjectError as refused:
            raise told(refused) from None

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """The parameter, with all its versions."""
        yield from self.ask("ssm", "DeleteParameter", Name=template.name(resource))
