"""Deploying a template: each resource type becomes a resource of the World, or a problem with its line."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from lambdalab.simulator.account import Principal, World
from lambdalab.simulator.lambda_ import attachment
from lambdalab.simulator.lambda_.alarms import Alarms
from lambdalab.simulator.lambda_.autoscaling import AutoScaling
from lambdalab.simulator.lambda_.codedeploy import CodeDeploy
from lambdalab.simulator.lambda_.compute import Compute
from lambdalab.simulator.lambda_.control.concurrency import reserved_too_large
from lambdalab.simulator.lambda_.function import LATEST, EventInvokeConfig, Function
from lambdalab.simulator.lambda_.handlers import Handlers
from lambdalab.simulator.lambda_.service import LambdaService
from lambdalab.simulator.lambda_.updates import tell_configuration
from lambdalab.simulator.project import sam
from lambdalab.simulator.project.dynamic import References
from lambdalab.simulator.project.names import is_custom
from lambdalab.simulator.project.nearest import either
from lambdalab.simulator.project.numbers import Numbers
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.resources import (
    bucket,
    buses,
    custom,
    deployments,
    firehoses,
    http,
    identities,
    key,
    layers,
    log_groups,
    machines,
    mappings,
    messaging,
    metric_filters,
    nested,
    pipelines,
    policies,
    pools,
    schedules,
    secrets,
    stream,
    table,
    topics,
    twins,
    versions,
    vpc,
)
from lambdalab.simulator.project.resources import function as function_resource
from lambdalab.simulator.project.resources import scaling as scaling_resources
from lambdalab.simulator.project.resources.identities import Identities, read_identities
from lambdalab.simulator.project.resources.rights import check_rights
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.batch_operations import BatchOperations
from lambdalab.simulator.services.cloudwatch import CloudWatch
from lambdalab.simulator.services.codepipeline import CodePipeline
from lambdalab.simulator.services.codepipeline.pipeline import Execution as PipelineExecution
from lambdalab.simulator.services.cognito import Cognito
from lambdalab.simulator.services.dynamodb import DynamoDbService
from lambdalab.simulator.services.events import EventsService
from lambdalab.simulator.services.firehose import Firehose
from lambdalab.simulator.services.http.cloudfront.invalidations import CloudFrontService
from lambdalab.simulator.services.http.doors import Doors
from lambdalab.simulator.services.kinesis import KinesisService
from lambdalab.simulator.services.kms import KmsService
from lambdalab.simulator.services.logs import LogsService
from lambdalab.simulator.services.parameter_store import ParameterStore
from lambdalab.simulator.services.s3 import S3Service
from lambdalab.simulator.services.s3.records import BusEvent
from lambdalab.simulator.services.scheduler import SchedulerService
from lambdalab.simulator.services.secrets_manager import SecretsManager
from lambdalab.simulator.services.sns import SnsService
from lambdalab.simulator.services.sqs import SqsService
from lambdalab.simulator.services.stepfunctions import StepFunctions
from lambdalab.simulator.services.sts import StsService
from lambdalab.simulator.vocabulary.arns import arn, key_id, split_name, table_stream_arn
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.quotas import MIN_UNRESERVED_CONCURRENCY

logger = logging.getLogger(__name__)

# Types that are read by others and change nothing by themselves.
SILENT = frozenset({"AWS::Lambda::EventInvokeConfig", "AWS::CodeDeploy::Application"})


@dataclass(slots=True)
class Deployment:
    """What a template became: the services, and the names that may be used for its resources."""

    world: World
    lambda_: LambdaService
    sqs: SqsService
    sns: SnsService
    s3: S3Service
    dynamodb: DynamoDbService
    parameters: ParameterStore
    secrets: SecretsManager
    kms: KmsService
    kinesis: KinesisService
    alarms: Alarms
    code_deploy: CodeDeploy
    auto_scaling: AutoScaling
    doors: Doors
    events: EventsService
    scheduler: SchedulerService
    logs: LogsService
    machines: StepFunctions
    cognito: Cognito
    pipelines: CodePipeline
    cloudfront: CloudFrontService
    cloudwatch: CloudWatch
    firehose: Firehose
    batch_operations: BatchOperations
    identities: Identities = field(default_factory=Identities)
    numbers: Numbers = field(default_factory=Numbers)
    aliases: dict[str, str] = field(default_factory=dict)
    mapping_ids: dict[str, str] = field(default_factory=dict)  # of mappings that an update has made, by logical id
    notes: list[str] = field(default_factory=list)

    def physical(self, name: str) -> str:
        """The physical name of what a scenario may call by its logical id, a qualifier kept (``Charge:live``)."""
        if name in self.aliases or name.startswith(("arn:", "https:")):
            return self.aliases.get(name, name)
        bare, colon, qualifier = name.partition(":")
        return self.aliases.get(bare, bare) + colon + qualifier

    @property
    def has_schedule(self) -> bool:
        """Whether something is due by the clock, again and again."""
        return self.events.has_schedule or self.scheduler.has_schedule

    def source_arn(self, name: str) -> str:
        """The ARN that an event source mapping needs, from the name of a queue, a stream or a table with one."""
        physical = self.physical(name)
        if physical in self.kinesis.streams:
            return arn("kinesis", f"stream/{physical}")
        return table_stream_arn(physical) if physical in self.dynamodb.streams else arn("sqs", physical)

    def dismantle(self) -> None:
        """The stack could not be made: nothing of it stays. What Lambda has accepted it still sees through."""
        self.lambda_.remove_all()
        self.sqs.queues.clear()
        self.sns.topics.clear()
        self.doors.clear()
        self.kinesis.streams.clear()
        self.events.clear()
        self.scheduler.clear()
        self.machines.machines.clear()
        self.cognito.pools.clear()
        self.pipelines.pipelines.clear()
        self.firehose.streams.clear()
        self.cloudfront.distributions.clear()
        self._empty_stores()

    def assumed(self, role: str, caller: Principal) -> Principal | None:
        """A session of a role for an AWS service, or None."""
        return self.identities.assumed(role, caller, caller.arn.partition(".")[0])

    def bucket_event(self, event: BusEvent) -> None:
        """A bucket tells EventBridge of something."""
        resources, told_by = (f"arn:aws:s3:::{event.bucket}",), f"s3/{event.bucket}"
        self.events.publish("aws.s3", event.detail_type, resources, event.detail, told_by, event.trace_header)

    def pipeline_event(self, execution: PipelineExecution, state: str) -> None:
        """CodePipeline tells EventBridge of an execution. CodePipeline User Guide, "Monitoring CodePipeline events"."""
        name, kind = execution.pipeline.name, "CodePipeline Pipeline Execution State Change"
        detail = {"pipeline": name, "execution-id": execution.id, "state": state, "version": 1}
        self.events.publish("aws.codepipeline", kind, (execution.pipeline.arn,), detail, f"codepipeline/{name}")

    def close(self) -> None:
        """The run is over: free environments and stores."""
        self.lambda_.close()
        self._empty_stores()

    def _empty_stores(self) -> None:
        for store in (self.s3, self.dynamodb, self.parameters, self.secrets, self.kms):
            store.close()

    def resolved(self, template: Template, only: str | None = None) -> Template:
        """A template with the values that its dynamic references lead to, perhaps ``only`` in one type of resource."""
        return References(self.parameters, self.secrets).resolved(template, only)


def registered_types() -> frozenset[str]:
    """Every resource type of CloudFormation that takes effect; beside them stand SAM's and custom resources."""
    return SILENT | _CHECKS.keys()


def problems_of(template: Template, today: dt.date | None = None) -> list[Problem]:
    """Everything that would stop or weaken a run of this template, without deploying it.

    ``today`` is the day on which the run begins; without it nobody asks which runtimes are past their last day.
    """
    problems: list[Problem] = []
    for resource in template.resources.values():
        problems += nested.check(template, resource) if resource.type in nested.MODELS else []
        if resource.type in SILENT:
            continue
        check = custom.check if is_custom(resource.type) else _CHECKS.get(resource.type)
        problems += check(template, resource) if check else [_unknown_type(template, resource)]
    problems += custom.check_names(template)
    problems += twins.check(template) + twins.check_configurations(template)
    known = read_identities(template)
    problems += [p for p in known.problems if not _follows_from(template, p, problems)]
    for resource in template.of_type("AWS::Lambda::Function"):
        problems += function_resource.check_role(template, resource, known)
        problems += function_resource.check_days(template, resource, today)
    if not any(problem.severity == "error" for problem in problems):  # rights can be asked of right policies only
        problems += check_rights(template, known)
        problems += machines.check_roles(template, known)
        problems += pipelines.check_roles(template, known)
        problems += firehoses.check_roles(template, known)
    return [p for p in problems if not _is_ignored(template, p)]


def deploy(world: World, template: Template, handlers: Handlers, compute: Compute, *, account_limit: int) -> Deployment:
    """Create every resource. Raises :class:`ProjectError` when anything stops the run; nothing is half deployed."""
    fatal = [p for p in problems_of(template, world.wall_clock().date()) if p.severity != "warning"]
    fatal = fatal or _reserved_too_much(template, account_limit)
    if fatal:
        raise ProjectError(fatal)
    lambda_ = LambdaService(world, handlers, compute, account_limit=account_limit)
    alarms = Alarms(world)
    code_deploy = CodeDeploy(world, lambda_.alias_api, alarms)
    scaling = AutoScaling(world, lambda_.functions, lambda_.provisioned, alarms)
    stores = S3Service(world), DynamoDbService(world), ParameterStore(world), SecretsManager(world), KmsService(world)
    streams = KinesisService(world)
    StsService(world)
    sqs, sns, doors, events = SqsService(world), SnsService(world), Doors(world), EventsService(world)
    clocks, logs = SchedulerService(world), LogsService(world)
    services = Deployment(
        world, lambda_, sqs, sns, *stores, streams, alarms, code_deploy, scaling, doors, events, clocks, logs,
        StepFunctions(world), Cognito(world), CodePipeline(world), CloudFrontService(world), CloudWatch(world, alarms),
        Firehose(world, streams.watchers), BatchOperations(world),
    )  # fmt: skip
    try:
        _create(template, services)
    except ProjectError:  # what only the making of it shows: a dynamic reference, a policy, a limit
        services.close()
        raise
    return services


def _create(template: Template, services: Deployment) -> None:
    world, lambda_ = services.world, services.lambda_
    secrets.deploy_parameters(template, services.parameters)
    secrets.deploy_secrets(services.resolved(template, secrets.SECRET), services.secrets)
    template = services.resolved(template)
    vpc.deploy_network(world, template)
    messaging.deploy_queues(world, template, services.sqs)
    topics.deploy_topics(world, template, services.sns)
    stream.deploy_streams(template, services.kinesis)
    buses.deploy_buses(world, template, services.events)
    table.deploy_tables(template, services.dynamodb)
    bucket.deploy_buckets(template, services.s3)
    services.identities = read_identities(template)
    lambda_.log_delivery.create_groups(map(template.name, template.of_type("AWS::Logs::LogGroup")))
    lambda_.log_delivery.writer_to = services.logs.store.writer
    services.logs.made = lambda name: lambda_.log_delivery.create_groups([name])
    services.logs.gone = lambda_.log_delivery.forget
    log_groups.deploy(template, services.logs)
    metric_filters.deploy(template, services.logs)
    _deploy_functions(template, services)
    _deploy_policies(template, services)
    bucket.deploy_notifications(template, services.s3)
    deployments.deploy_alarms(template, services.alarms)
    scaling_resources.deploy_targets(template, services.auto_scaling)
    services.lambda_.function_api.code_source = template.code_source
    services.lambda_.function_api.key_source = lambda wanted: key.key_of(template, wanted)
    services.aliases = aliases_of(template)
    lambda_.mappings.queues = services.sqs
    lambda_.mappings.streams = {"kinesis": services.kinesis, "dynamodb": services.dynamodb.table_streams}
    mappings.deploy_mappings(template, lambda_.mappings, services.numbers)
    http.deploy_doors(template, services)
    services.events.assume = services.scheduler.assume = services.batch_operations.runner.assume = services.assumed
    services.s3.connect_bus(services.bucket_event)
    buses.deploy_rules(world, template, services.events)
    schedules.deploy(world, template, services.scheduler)
    machines.deploy_machines(world, template, services.machines, services.identities)
    pools.deploy_pools(world, template, services.cognito)
    pipelines.deploy_pipelines(world, template, services.pipelines, services.identities)
    services.pipelines.executions.tell = services.pipeline_event
    firehoses.deploy(world, template, services.firehose, services.identities)


def _reserved_too_much(template: Template, account_limit: int) -> list[Problem]:
    """Reservations must leave the account's minimum to functions without one. Fact C.1."""
    left, minimum = account_limit, min(MIN_UNRESERVED_CONCURRENCY, account_limit)
    for resource in template.of_type("AWS::Lambda::Function"):
        reserved = resource.properties.get("ReservedConcurrentExecutions") or 0
        left -= reserved
        if reserved and left < minimum:
            return [template.problem(resource, "ReservedConcurrentExecutions", reserved_too_large(minimum).message)]
    return []


def _deploy_functions(template: Template, services: Deployment) -> None:
    lambda_, numbers = services.lambda_, services.numbers
    layers.publish_layers(template, lambda_.layers, numbers)
    for resource in template.of_type("AWS::Lambda::Function"):
        deploy_function(template, resource, services)
    versions.publish_versions(template, lambda_.functions, lambda_.function_api, numbers)
    versions.make_aliases(template, lambda_.functions, lambda_.alias_api, numbers)
    versions.provide(template, lambda_.functions, lambda_.provisioned_api, lambda_.provisioned, numbers, prepared=True)
    for name, configs in event_invoke_configs(template, numbers).items():
        if name in lambda_.functions:
            lambda_.event_invoke_api.settle(lambda_.functions[name], configs)


def deploy_function(template: Template, resource: Resource, services: Deployment) -> None:
    """Create one function, with what belongs to it as a whole."""
    function = function_of(template, resource, services)
    configs = event_invoke_configs(template, Numbers()).get(function.name, {})  # versions have no numbers yet
    of_latest = {LATEST: configs[LATEST]} if LATEST in configs else {}  # FunctionDeployed tells of this one
    registered = services.lambda_.deploy(function, resource.properties.get("ReservedConcurrentExecutions"), of_latest)
    registered.recursive_loop = resource.properties.get("RecursiveLoop", "Terminate")
    services.world.trace.record(function_resource.deployed(registered, template.shown_as(resource)))
    tell_configuration(services.world, None, function)
    if function.vpc is not None:
        attachment.attach(services.world, function)


def function_of(
    template: Template, resource: Resource, services: Deployment, roles: Identities | None = None
) -> Function:
    """The function that a template describes, with its layers and its role, which is one of ``roles``."""
    role = (roles or services.identities).execution_role(resource.properties["Role"])
    props = services.numbers.settle(resource.properties)
    layer_versions = services.lambda_.layers.of_function(props.get("Layers") or ())
    assert role is not None  # both were checked before
    assert not isinstance(layer_versions, AwsError)
    return function_resource.build(template, resource, props, role.session(template.name(resource)), layer_versions)


def event_invoke_configs(template: Template, numbers: Numbers) -> dict[str, dict[str, EventInvokeConfig]]:
    """By function, then by qualifier."""
    configs: dict[str, dict[str, EventInvokeConfig]] = {}
    for resource in template.of_type("AWS::Lambda::EventInvokeConfig"):
        name, _ = split_name(str(resource.properties.get("FunctionName", "")))
        qualifier = numbers.settle(str(resource.properties.get("Qualifier", LATEST)))
        configs.setdefault(name, {})[qualifier] = function_resource.event_invoke_config(resource)
    return configs


def _deploy_policies(template: Template, services: Deployment) -> None:
    policies.deploy_policies(services.world.iam, template)
    key.deploy_keys(services.world.iam, template, services.kms)
    problems = policies.deploy_permissions(template, services.lambda_, services.numbers)
    problems += layers.deploy_permissions(template, services.lambda_.permissions, services.numbers)
    if problems:
        raise ProjectError(problems)


def aliases_of(template: Template) -> dict[str, str]:
    """Logical ids and the physical names they stand for, so that a scenario may use either."""
    names = {r.logical_id: template.name(r) for r in template.resources.values() if r.type in _CHECKS}
    for alias in template.of_type("AWS::Lambda::Alias"):
        name, _ = split_name(str(alias.properties["FunctionName"]))
        names[alias.logical_id] = f"{name}:{alias.properties['Name']}"
    for mapping in template.of_type("AWS::Lambda::EventSourceMapping"):
        names[mapping.logical_id] = key_id(template.name(mapping))
    names |= pools.ids(template) | http.ids(template)
    return names | vpc.ids(template)


def _unknown_type(template: Template, resource: Resource) -> Problem:
    text = f"{resource.logical_id}: {resource.type} has no effect in lambdalab yet."
    fix = f"Remove it, or list {resource.logical_id} under Metadata: lambdalab: ignore:."
    meant = template.source.meant(resource.type, (*_CHECKS, *SILENT, *sam.TYPES))
    return template.source.problem(("Resources", resource.origin, "Type"), text, either(meant, fix), "unsupported")


def _follows_from(template: Template, problem: Problem, others: list[Problem]) -> bool:
    """Whether it is about a role that SAM made for a function which has problems of its own: those say it better."""
    owner = template.resources[problem.message.split(":", 1)[0]]
    return owner.logical_id != owner.origin and any(other.message.startswith(f"{owner.origin}:") for other in others)


def _is_ignored(template: Template, problem: Problem) -> bool:
    named = problem.message.split(":", 1)[0]
    return problem.severity == "unsupported" and (named in template.ignored or problem.message in template.ignored)


_CHECKS: dict[str, Callable[[Template, Resource], list[Problem]]] = {
    "AWS::Lambda::Function": function_resource.check,
    "AWS::Lambda::LayerVersion": layers.check,
    "AWS::Lambda::LayerVersionPermission": layers.check_permission,
    "AWS::Lambda::Version": versions.check_version,
    "AWS::Lambda::Alias": versions.check_alias,
    "AWS::CodeDeploy::DeploymentGroup": deployments.check_group,
    "AWS::CloudWatch::Alarm": deployments.check_alarm,
    "AWS::ApplicationAutoScaling::ScalableTarget": scaling_resources.check_target,
    "AWS::ApplicationAutoScaling::ScalingPolicy": scaling_resources.check_policy,
    "AWS::Lambda::EventSourceMapping": mappings.check,
    "AWS::SQS::Queue": messaging.check_queue,
    "AWS::SNS::Topic": topics.check_topic,
    "AWS::SNS::Subscription": topics.check_subscription,
    "AWS::Logs::LogGroup": log_groups.check_group,
    "AWS::Logs::SubscriptionFilter": log_groups.check_filter,
    metric_filters.TYPE: metric_filters.check,
    machines.TYPE: machines.check,
    pipelines.TYPE: pipelines.check,
    firehoses.TYPE: firehoses.check,
    pools.POOL: pools.check_pool,
    pools.CLIENT: pools.check_client,
    "AWS::Events::EventBus": buses.check_bus,
    "AWS::Events::EventBusPolicy": buses.check_policy,
    "AWS::Events::Rule": buses.check_rule,
    "AWS::Scheduler::Schedule": schedules.check,
    "AWS::Scheduler::ScheduleGroup": schedules.check_group,
    "AWS::DynamoDB::Table": table.check,
    "AWS::Kinesis::Stream": stream.check,
    "AWS::S3::Bucket": bucket.check,
    "AWS::S3::BucketPolicy": bucket.check_policy,
    "AWS::SSM::Parameter": secrets.check_parameter,
    "AWS::SecretsManager::Secret": secrets.check_secret,
    "AWS::KMS::Key": key.check,
    "AWS::KMS::Alias": key.check_alias,
    "AWS::Lambda::Permission": policies.check_permission,
    "AWS::SQS::QueuePolicy": policies.check_policy,
    "AWS::SNS::TopicPolicy": policies.check_policy,
    **dict.fromkeys(identities.KNOWN, identities.check),
    **vpc.CHECKS,
    **http.CHECKS,
}
