"""Deploying a template: each resource type becomes a resource of the World, or a problem with its line."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from lambdalab.simulator.account import World
from lambdalab.simulator.lambda_.compute import Compute
from lambdalab.simulator.lambda_.function import EventInvokeConfig, Function, LoggingConfig
from lambdalab.simulator.lambda_.handlers import Handlers
from lambdalab.simulator.lambda_.service import LambdaService, reserved_too_large, split_name
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.resources import function as function_resource
from lambdalab.simulator.project.resources import identities, key, messaging, policies, table
from lambdalab.simulator.project.resources.identities import Identities, read_identities
from lambdalab.simulator.project.resources.rights import check_rights
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.dynamodb import DynamoDbService
from lambdalab.simulator.services.sns import SnsService
from lambdalab.simulator.services.sqs import SqsService
from lambdalab.simulator.trace.facts import FunctionDeployed, LoggingConfigured, TracingConfigured
from lambdalab.simulator.vocabulary.quotas import MIN_UNRESERVED_CONCURRENCY

logger = logging.getLogger(__name__)

# Types that are read by others and change nothing by themselves.
SILENT = {
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Logs::LogGroup",
}


@dataclass(slots=True)
class Deployment:
    """What a template became: the services, and the names that may be used for its resources."""

    world: World
    lambda_: LambdaService
    sqs: SqsService
    sns: SnsService
    dynamodb: DynamoDbService | None = None
    identities: Identities = field(default_factory=Identities)
    aliases: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def close(self) -> None:
        """The run is over: free environments and stores."""
        self.lambda_.close()
        if self.dynamodb is not None:
            self.dynamodb.close()


def problems_of(template: Template) -> list[Problem]:
    """Everything that would stop or weaken a run of this template, without deploying it."""
    problems: list[Problem] = []
    for resource in template.resources.values():
        if resource.type in SILENT:
            continue
        check = _CHECKS.get(resource.type)
        problems += check(template, resource) if check else [_unknown_type(template, resource)]
    known = read_identities(template)
    problems += [p for p in known.problems if not _follows_from(template, p, problems)]
    for resource in template.of_type("AWS::Lambda::Function"):
        problems += function_resource.check_role(template, resource, known)
    if not any(problem.severity == "error" for problem in problems):  # rights can be asked of right policies only
        problems += check_rights(template, known)
    return [p for p in problems if not _is_ignored(template, p)]


def deploy(world: World, template: Template, handlers: Handlers, compute: Compute, *, account_limit: int) -> Deployment:
    """Create every resource. Raises :class:`ProjectError` when anything stops the run; nothing is half deployed."""
    fatal = [p for p in problems_of(template) if p.severity != "warning"]
    fatal = fatal or _reserved_too_much(template, account_limit)
    if fatal:
        raise ProjectError(fatal)
    services = Deployment(
        world,
        LambdaService(world, handlers, compute, account_limit=account_limit),
        SqsService(world),
        SnsService(world),
    )
    if any(r.type == "AWS::DynamoDB::Table" for r in template.resources.values()):
        services.dynamodb = DynamoDbService(world)
    messaging.deploy_queues(world, template, services.sqs)
    messaging.deploy_topics(world, template, services.sns)
    if services.dynamodb is not None:
        table.deploy_tables(world, template, services.dynamodb)
    services.identities = read_identities(template)
    _deploy_functions(template, services)
    _deploy_policies(world, template, services.lambda_)
    services.aliases = _aliases(template)
    return services


def _reserved_too_much(template: Template, account_limit: int) -> list[Problem]:
    """Reservations must leave the account's minimum to functions without one. Fact C.1."""
    left = account_limit
    for resource in template.of_type("AWS::Lambda::Function"):
        reserved = resource.properties.get("ReservedConcurrentExecutions") or 0
        left -= reserved
        if reserved and left < MIN_UNRESERVED_CONCURRENCY:
            return [template.problem(resource, "ReservedConcurrentExecutions", reserved_too_large().message)]
    return []


def _deploy_functions(template: Template, services: Deployment) -> None:
    configs = _event_invoke_configs(template)
    for resource in template.of_type("AWS::Lambda::Function"):
        name = template.name(resource)
        role = services.identities.execution_role(resource.properties["Role"])
        assert role is not None  # checked before
        config = configs.get(name, EventInvokeConfig())
        function = function_resource.build(template, resource, role.session(name), config)
        services.lambda_.deploy(function)
        services.world.trace.record(_deployed(function, template.shown_as(resource)))
        _tell_how_it_is_watched(services.world, function)


def _tell_how_it_is_watched(world: World, function: Function) -> None:
    config = function.logging
    if config != LoggingConfig():
        levels = config.application_level, config.system_level
        world.trace.record(LoggingConfigured(function.name, config.format, *levels, function.log_group))
    if function.tracing == "Active":
        world.trace.record(TracingConfigured(function.name, function.tracing))


def _event_invoke_configs(template: Template) -> dict[str, EventInvokeConfig]:
    configs = {}
    for resource in template.of_type("AWS::Lambda::EventInvokeConfig"):
        name, _ = split_name(str(resource.properties.get("FunctionName", "")))
        configs[name] = function_resource.event_invoke_config(resource)
    return configs


def _deploy_policies(world: World, template: Template, lambda_: LambdaService) -> None:
    policies.deploy_policies(world.iam, template)
    key.deploy_keys(world.iam, template)
    problems = policies.deploy_permissions(template, lambda_)
    if problems:
        raise ProjectError(problems)


def _deployed(function: Function, shown_as: str) -> FunctionDeployed:
    config = function.event_invoke
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
        reserved_concurrency=function.reserved_concurrency,
        retry_attempts=config.retry_attempts,
        event_age_s=config.event_age_s,
        dead_letter=function.dead_letter,
        on_success=config.on_success,
        on_failure=config.on_failure,
        code_folder=function.code_folder,
    )


def _aliases(template: Template) -> dict[str, str]:
    """Logical ids and the physical names they stand for, so that a scenario may use either."""
    return {r.logical_id: template.name(r) for r in template.resources.values() if r.type in _CHECKS}


def _unknown_type(template: Template, resource: Resource) -> Problem:
    text = f"{resource.logical_id}: {resource.type} has no effect in lambdalab yet."
    fix = f"Remove it, or list {resource.logical_id} under Metadata: lambdalab: ignore:."
    return template.source.problem(("Resources", resource.origin, "Type"), text, fix, "unsupported")


def _follows_from(template: Template, problem: Problem, others: list[Problem]) -> bool:
    """Whether it is about a role that SAM made for a function which has problems of its own: those say it better."""
    owner = template.resources[problem.message.split(":", 1)[0]]
    return owner.logical_id != owner.origin and any(other.message.startswith(f"{owner.origin}:") for other in others)


def _is_ignored(template: Template, problem: Problem) -> bool:
    named = problem.message.split(":", 1)[0]
    return problem.severity == "unsupported" and (named in template.ignored or problem.message in template.ignored)


_CHECKS: dict[str, Callable[[Template, Resource], list[Problem]]] = {
    "AWS::Lambda::Function": function_resource.check,
    "AWS::SQS::Queue": messaging.check_queue,
    "AWS::SNS::Topic": messaging.check_topic,
    "AWS::SNS::Subscription": messaging.check_subscription,
    "AWS::DynamoDB::Table": table.check,
    "AWS::KMS::Key": key.check,
    "AWS::Lambda::Permission": policies.check_permission,
    "AWS::SQS::QueuePolicy": policies.check_policy,
    "AWS::SNS::TopicPolicy": policies.check_policy,
    **dict.fromkeys(identities.KNOWN, identities.check),
}
