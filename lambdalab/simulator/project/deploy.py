"""Deploying a template: each resource type becomes a resource of the World, or a problem with its line."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.account import Principal, World, iam, managed_policies
from lambdalab.simulator.lambda_.compute import Compute
from lambdalab.simulator.lambda_.function import EventInvokeConfig, Function
from lambdalab.simulator.lambda_.handlers import Handlers
from lambdalab.simulator.lambda_.service import LambdaService, reserved_too_large, split_name
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.resources import function as function_resource
from lambdalab.simulator.project.resources import messaging, table
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.dynamodb import DynamoDbService
from lambdalab.simulator.services.sns import SnsService
from lambdalab.simulator.services.sqs import SqsService
from lambdalab.simulator.trace.facts import FunctionDeployed
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, role_arn
from lambdalab.simulator.vocabulary.quotas import MIN_UNRESERVED_CONCURRENCY

logger = logging.getLogger(__name__)

# Types that are read by others and change nothing by themselves.
SILENT = {
    "AWS::IAM::Role",
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::SQS::QueuePolicy",
    "AWS::Lambda::Permission",
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
    _deploy_functions(template, services)
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
        role = _role(template, str(resource.properties.get("Role", "")), name)
        function = function_resource.build(template, resource, role, configs.get(name, EventInvokeConfig()))
        services.lambda_.deploy(function)
        services.world.trace.record(_deployed(function, template.shown_as(resource)))


def _event_invoke_configs(template: Template) -> dict[str, EventInvokeConfig]:
    configs = {}
    for resource in template.of_type("AWS::Lambda::EventInvokeConfig"):
        name, _ = split_name(str(resource.properties.get("FunctionName", "")))
        configs[name] = function_resource.event_invoke_config(resource)
    return configs


def _role(template: Template, arn: str, function: str) -> Principal:
    """The execution role as a principal: its policies, as an assumed-role session of the function."""
    name = arn.rsplit("/", 1)[-1]
    documents: list[Mapping[str, Any]] = []
    for resource in template.of_type("AWS::IAM::Role"):
        if role_arn(template.name(resource)) == arn:
            documents += [p["PolicyDocument"] for p in resource.properties.get("Policies", [])]
            for policy in resource.properties.get("ManagedPolicyArns", []):
                document = managed_policies.document(str(policy))
                documents += [document] if document else []
    session = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{name}/{function}"
    return Principal(session, iam.statements_of(documents))


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


def _is_ignored(template: Template, problem: Problem) -> bool:
    named = problem.message.split(":", 1)[0]
    return problem.severity == "unsupported" and (named in template.ignored or problem.message in template.ignored)


_CHECKS: dict[str, Callable[[Template, Resource], list[Problem]]] = {
    "AWS::Lambda::Function": function_resource.check,
    "AWS::SQS::Queue": messaging.check_queue,
    "AWS::SNS::Topic": messaging.check_topic,
    "AWS::SNS::Subscription": messaging.check_subscription,
    "AWS::DynamoDB::Table": table.check,
}
