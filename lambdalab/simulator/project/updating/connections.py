"""What connects functions with the rest: policies, permissions, mappings, machines, log filters.

Source: the update requirement of each property in the CloudFormation Template Reference, read 2026-11.
"""

from __future__ import annotations

import json
from typing import Any

from lambdalab.simulator.kernel import SECOND, Micros, Process
from lambdalab.simulator.lambda_.event_source_mappings.refusals import exists
from lambdalab.simulator.project.resources import bucket, machines, mappings, metric_filters, policies
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.project.updating.kind import Failed, Kind, only
from lambdalab.simulator.services.stepfunctions.machine import machine_arn
from lambdalab.simulator.vocabulary.arns import key_id

PATIENCE = Micros(SECOND)  # between two looks at something that is changing


class ResourcePolicy(Kind):
    """AWS::SQS::QueuePolicy and AWS::SNS::TopicPolicy: a whole document for each queue or topic that is named."""

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """Give it to all that are named."""
        yield from ()
        policies.deploy_policies(self.world.iam, only(template, resource))

    def update(self, old: Template, before: Resource, new: Template, after: Resource) -> Process[None]:
        """Who is named no more has none."""
        yield from self.delete(old, before)
        yield from self.create(new, after)

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """Without one only the account's own callers get in."""
        yield from ()
        for owner in policies.owners(resource):
            self.world.iam.set_policy(owner, None)


class BucketPolicy(Kind):
    """AWS::S3::BucketPolicy."""

    replacing = frozenset({"Bucket"})

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """Give the bucket its policy."""
        document = json.dumps(resource.properties["PolicyDocument"], default=str)
        yield from self.ask("s3", "PutBucketPolicy", Bucket=str(resource.properties["Bucket"]), Policy=document)

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """Take it away, unless the bucket has gone before."""
        name = str(resource.properties["Bucket"])
        if self.deployment.s3.exists(name):
            yield from self.ask("s3", "DeleteBucketPolicy", Bucket=name)


class Notifications(Kind):
    """What a bucket tells of: the second part of AWS::S3::Bucket."""

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """Let the bucket notify, as the template says."""
        yield from ()
        bucket.deploy_notifications(only(template, resource), self.deployment.s3)


class Permission(Kind):
    """AWS::Lambda::Permission: CloudFormation replaces the statement, whatever changes in it."""

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """One more statement in the function's policy."""
        yield from ()
        problems = policies.deploy_permissions(
            only(template, resource), self.deployment.lambda_, self.deployment.numbers
        )
        if problems:
            raise Failed(problems[0].message.split(": ", 1)[-1])

    def update(self, old: Template, before: Resource, new: Template, after: Resource) -> Process[None]:
        """The old statement goes, the new one comes."""
        yield from self.delete(old, before)
        yield from self.create(new, after)

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """One statement less; it may have gone with its function."""
        yield from ()
        policies.remove_permission(template, resource, self.deployment.lambda_, self.deployment.numbers)


class Mapping(Kind):
    """AWS::Lambda::EventSourceMapping. Another source or starting position is another mapping."""

    replacing = frozenset({"EventSourceArn", "StartingPosition", "StartingPositionTimestamp"})

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """A new mapping, which polls a little later. A source and a function have one at most."""
        yield from ()
        made, enabled = mappings.mapping_of(template, resource, self.deployment.numbers)
        known = self.deployment.lambda_.mappings.all
        for other in known.values():
            if (other.source, other.function) == (made.source, made.function):
                raise Failed(
                    f"{exists(made.source, made.function, other.id).message} (Service: Lambda, Status Code: 409)"
                )
        if made.id in known:  # the one that it replaces goes later
            made.id = self.world.new_uuid("mapping")
        self.deployment.mapping_ids[resource.logical_id] = made.id
        self.deployment.lambda_.mappings.create(made, enabled)

    def update(self, old: Template, before: Resource, new: Template, after: Resource) -> Process[None]:
        """Other settings, another function, on or off; batches under way are seen through."""
        made, enabled = mappings.mapping_of(new, after, self.deployment.numbers)
        mapping = yield from self._settled(after.logical_id, new)
        if mapping is None:
            raise Failed("The resource you requested does not exist. (Service: Lambda, Status Code: 404)")
        api = self.deployment.lambda_.mappings
        api.update(mapping, made.settings, made.function, made.qualifier, enabled)
        yield from self._settled(after.logical_id, new)

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """It polls no more."""
        made, _ = mappings.mapping_of(template, resource, self.deployment.numbers)
        for mapping in list(self.deployment.lambda_.mappings.all.values()):
            if (mapping.shown_as, mapping.source) == (resource.logical_id, made.source):
                while mapping.state not in ("Enabled", "Disabled"):
                    yield from self.world.kernel.sleep(PATIENCE)
                self.deployment.lambda_.mappings.delete(mapping)

    def _settled(self, logical_id: str, template: Template) -> Process[Any]:
        """The mapping, when it takes changes."""
        usual = key_id(template.names[logical_id])
        mapping = self.deployment.lambda_.mappings.all.get(self.deployment.mapping_ids.get(logical_id, usual))
        while mapping is not None and mapping.state not in ("Enabled", "Disabled"):
            yield from self.world.kernel.sleep(PATIENCE)
        return mapping


class StateMachine(Kind):
    """AWS::StepFunctions::StateMachine. Executions under way go on with the definition with which they began.

    Source: BC UpdateStateMachine, DeleteStateMachine.
    """

    replacing = frozenset({"StateMachineName", "StateMachineType"})

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """A new machine."""
        if machine_arn(template.name(resource)) in self.deployment.machines.machines:
            raise self.exists(resource, template.name(resource))
        yield from self.update(template, resource, template, resource)

    def update(self, old: Template, before: Resource, new: Template, after: Resource) -> Process[None]:
        """Another definition or role, for the executions that begin from now on."""
        yield from ()
        known = self.deployment.machines.machines
        machine = known.get(machine_arn(new.name(after)))
        one = only(new, after)
        machines.deploy_machines(self.world, one, self.deployment.machines, self.deployment.identities)
        if machine is not None:
            known[machine.arn].executions = machine.executions

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """No execution can begin any more; those under way end as they would."""
        yield from ()
        self.deployment.machines.machines.pop(machine_arn(template.name(resource)), None)


class MetricFilter(Kind):
    """AWS::Logs::MetricFilter."""

    replacing = frozenset({"FilterName", "LogGroupName"})

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """A new filter, or another pattern or transformation of one."""
        asked = metric_filters.parameters_of(template, resource)
        yield from self.ask("logs", "PutMetricFilter", logGroupName=str(resource.properties["LogGroupName"]), **asked)

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """It counts no more."""
        name = metric_filters.parameters_of(template, resource)["filterName"]
        group = str(resource.properties["LogGroupName"])
        yield from self.ask("logs", "DeleteMetricFilter", logGroupName=group, filterName=name)


class LogFilter(Kind):
    """AWS::Logs::SubscriptionFilter."""

    replacing = frozenset({"FilterName", "LogGroupName"})

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """A new filter, or another pattern or destination of one."""
        props = resource.properties
        name = str(props.get("FilterName") or template.name(resource))
        yield from self.ask("logs", "PutSubscriptionFilter", logGroupName=str(props["LogGroupName"]), filterName=name,
                            filterPattern=str(props.get("FilterPattern", "")),
                            destinationArn=str(props["DestinationArn"]))  # fmt: skip

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """It forwards no more."""
        props = resource.properties
        name = str(props.get("FilterName") or template.name(resource))
        yield from self.ask(
            "logs", "DeleteSubscriptionFilter", logGroupName=str(props["LogGroupName"]), filterName=name
        )
