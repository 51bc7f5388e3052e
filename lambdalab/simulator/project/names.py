"""Physical names, ARNs and attributes: what Ref and Fn::GetAtt answer for each resource type."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from lambdalab.simulator.project import http_names, network_names
from lambdalab.simulator.project.intrinsics import UNRESOLVABLE, Resolver, Unresolved
from lambdalab.simulator.services.cognito import client_id, pool_arn, pool_id
from lambdalab.simulator.vocabulary.arns import (
    REGION,
    arn,
    function_arn,
    key_id,
    layer_arn,
    policy_arn,
    queue_url,
    role_arn,
    secret_arn,
    split_name,
    table_stream_arn,
    user_arn,
)

NAME_PROPERTY = {
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::Kinesis::Stream": "Name",
    "AWS::KinesisFirehose::DeliveryStream": "DeliveryStreamName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SSM::Parameter": "Name",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::KMS::Alias": "AliasName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Logs::SubscriptionFilter": "FilterName",
    "AWS::Logs::MetricFilter": "FilterName",
    "AWS::Events::EventBus": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::Scheduler::ScheduleGroup": "Name",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
    "AWS::Cognito::UserPool": "UserPoolName",
    "AWS::CodePipeline::Pipeline": "Name",
    "AWS::Cognito::UserPoolClient": "ClientName",
    "AWS::ApplicationAutoScaling::ScalingPolicy": "PolicyName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CodeDeploy::DeploymentGroup": "DeploymentGroupName",
    **network_names.NAME_PROPERTY,
    **http_names.NAME_PROPERTY,
}

LOWER_CASE = {"AWS::S3::Bucket"}  # names that CloudFormation makes in lower case
_REF: dict[str, Callable[[str], str]] = {
    "AWS::SQS::Queue": queue_url,
    "AWS::SNS::Topic": lambda name: arn("sns", name),
    "AWS::IAM::ManagedPolicy": policy_arn,
    "AWS::KMS::Key": key_id,
    "AWS::SecretsManager::Secret": secret_arn,
    "AWS::Lambda::EventSourceMapping": key_id,
    "AWS::StepFunctions::StateMachine": lambda name: arn("states", f"stateMachine:{name}"),
    "AWS::Cognito::UserPool": pool_id,
    "AWS::Cognito::UserPoolClient": client_id,
    **network_names.REFS,
    **http_names.REFS,
}
_QUALIFIED = {"AWS::Lambda::Version": ("FunctionArn",), "AWS::Lambda::Alias": ("AliasArn",)}
_ATTRIBUTES: dict[tuple[str, str], Callable[[str], str]] = {
    ("AWS::Lambda::Function", "Arn"): function_arn,
    ("AWS::StepFunctions::StateMachine", "Arn"): lambda name: arn("states", f"stateMachine:{name}"),
    ("AWS::StepFunctions::StateMachine", "Name"): str,
    ("AWS::Cognito::UserPool", "Arn"): lambda name: pool_arn(pool_id(name)),
    ("AWS::Cognito::UserPool", "UserPoolId"): pool_id,
    ("AWS::CodePipeline::Pipeline", "Version"): lambda name: "1",
    ("AWS::Cognito::UserPool", "ProviderName"): lambda name: f"cognito-idp.{REGION}.amazonaws.com/{pool_id(name)}",
    ("AWS::Cognito::UserPoolClient", "ClientId"): client_id,
    ("AWS::SQS::Queue", "Arn"): lambda name: arn("sqs", name),
    ("AWS::SQS::Queue", "QueueName"): str,
    ("AWS::SQS::Queue", "QueueUrl"): queue_url,
    ("AWS::SNS::Topic", "TopicArn"): lambda name: arn("sns", name),
    ("AWS::SNS::Topic", "TopicName"): str,
    ("AWS::Kinesis::Stream", "Arn"): lambda name: arn("kinesis", f"stream/{name}"),
    ("AWS::KinesisFirehose::DeliveryStream", "Arn"): lambda name: arn("firehose", f"deliverystream/{name}"),
    ("AWS::DynamoDB::Table", "StreamArn"): table_stream_arn,
    ("AWS::DynamoDB::Table", "Arn"): lambda name: arn("dynamodb", f"table/{name}"),
    ("AWS::S3::Bucket", "Arn"): lambda name: f"arn:aws:s3:::{name}",
    ("AWS::S3::Bucket", "DomainName"): lambda name: f"{name}.s3.amazonaws.com",
    ("AWS::S3::Bucket", "RegionalDomainName"): lambda name: f"{name}.s3.{REGION}.amazonaws.com",
    ("AWS::IAM::Role", "Arn"): role_arn,
    ("AWS::IAM::User", "Arn"): user_arn,
    ("AWS::SecretsManager::Secret", "Id"): secret_arn,
    ("AWS::KMS::Key", "Arn"): lambda name: arn("kms", f"key/{key_id(name)}"),
    ("AWS::KMS::Key", "KeyId"): key_id,
    ("AWS::Lambda::EventSourceMapping", "Id"): key_id,
    ("AWS::Lambda::EventSourceMapping", "EventSourceMappingArn"): lambda name: arn(
        "lambda", f"event-source-mapping:{key_id(name)}"
    ),
    ("AWS::Events::EventBus", "Arn"): lambda name: arn("events", f"event-bus/{name}"),
    ("AWS::Events::EventBus", "Name"): str,
    ("AWS::Scheduler::ScheduleGroup", "Arn"): lambda name: arn("scheduler", f"schedule-group/{name}"),
    ("AWS::Logs::LogGroup", "Arn"): lambda name: arn("logs", f"log-group:{name}:*"),
    ("AWS::CloudWatch::Alarm", "Arn"): lambda name: arn("cloudwatch", f"alarm:{name}"),
    **network_names.ATTRIBUTES,
    **http_names.ATTRIBUTES,
}


def version_token(logical_id: str) -> str:
    """What stands for a version's number until it is published. No name on AWS contains a brace."""
    return f"{{version {logical_id}}}"


def layer_token(logical_id: str) -> str:
    """The same for the version of a layer."""
    return f"{{layer {logical_id}}}"


def physical_token(logical_id: str) -> str:
    """What stands for the physical id of a custom resource until its function has named it."""
    return f"{{physical {logical_id}}}"


def attribute_token(logical_id: str, attribute: str) -> str:
    """What stands for an attribute of a custom resource until its function has answered."""
    return f"{{attribute {logical_id}.{attribute}}}"


def is_custom(kind: str) -> bool:
    """Whether a resource type is a custom resource's."""
    return kind == "AWS::CloudFormation::CustomResource" or kind.startswith("Custom::")


class Namer:
    """Knows the physical name of every resource of a template before any of them exists."""

    def __init__(self, bodies: dict[str, dict[str, Any]]) -> None:
        self._bodies = bodies
        self._names: dict[str, str] = {}
        self._references: dict[str, str] = {}
        self.resolver: Resolver | None = None

    def prepare(self, order: Iterable[str]) -> None:
        """Name everything, each after what its name needs: a long chain of references is no deep one then."""
        for logical_id in order:
            with contextlib.suppress(*UNRESOLVABLE):  # told where the resource is resolved
                self.name(logical_id)
                self.reference(logical_id)

    def name(self, logical_id: str) -> str:
        """The name the template gives, else ``stack-logicalid-hash``."""
        if logical_id not in self._names:
            self._names[logical_id] = self._named(logical_id)
        return self._names[logical_id]

    def _named(self, logical_id: str) -> str:
        body = self._bodies[logical_id]
        given = (body.get("Properties") or {}).get(NAME_PROPERTY.get(body["Type"], ""))
        if given is None:
            digest = hashlib.sha256(f"lab/{logical_id}".encode()).hexdigest()[:12].upper()
            made = f"lab-{logical_id}-{digest}"
            return made.lower() if body["Type"] in LOWER_CASE else made
        assert self.resolver is not None
        return str(self.resolver.resolve(given))

    def reference(self, logical_id: str) -> str:
        """What ``Ref`` answers."""
        if logical_id not in self._references:
            self._references[logical_id] = self._referred(logical_id)
        return self._references[logical_id]

    def _referred(self, logical_id: str) -> str:
        body = self._body(logical_id)
        if is_custom(body["Type"]):
            return physical_token(logical_id)
        if body["Type"] == "AWS::ApplicationAutoScaling::ScalableTarget":
            assert self.resolver is not None
            properties = self.resolver.resolve(body.get("Properties") or {})
            return "|".join(str(properties.get(key)) for key in ("ResourceId", "ScalableDimension", "ServiceNamespace"))
        if body["Type"] == "AWS::Lambda::LayerVersion":
            return layer_arn(self.name(logical_id), layer_token(logical_id))
        if body["Type"] in _QUALIFIED:
            return self._qualified(logical_id, body)
        if body["Type"] in http_names.STAGES:
            return str(self._properties(logical_id, "StageName").get("StageName", ""))
        if body["Type"] == "AWS::Lambda::Url":
            return self._url_target(logical_id)
        if body["Type"] == "AWS::Events::Rule":
            return self._rule_path(logical_id).replace("/", "|")
        return _REF.get(body["Type"], str)(self.name(logical_id))

    def _rule_path(self, logical_id: str) -> str:
        """A rule's name, with its bus in front unless that is the default one."""
        bus = str(self._properties(logical_id, "EventBusName").get("EventBusName", "default"))
        bus, name = bus.rpartition("event-bus/")[2], self.name(logical_id)
        return name if bus == "default" else f"{bus}/{name}"

    def _qualified(self, logical_id: str, body: dict[str, Any]) -> str:
        """The ARN of a version or an alias, which is what ``Ref`` answers for both."""
        assert self.resolver is not None
        properties = self.resolver.resolve(body.get("Properties") or {})
        name, _ = split_name(str(properties.get("FunctionName", "")))
        is_version = body["Type"] == "AWS::Lambda::Version"
        return function_arn(name, version_token(logical_id) if is_version else str(properties.get("Name", "")))

    def attribute(self, logical_id: str, attribute: str) -> str:
        """What ``Fn::GetAtt`` answers."""
        body = self._body(logical_id)
        if is_custom(body["Type"]):
            return attribute_token(logical_id, attribute)
        if (body["Type"], attribute) == ("AWS::Lambda::Version", "Version"):
            return version_token(logical_id)
        if (body["Type"], attribute) == ("AWS::Lambda::LayerVersion", "LayerVersionArn"):
            return self.reference(logical_id)
        if body["Type"] in _QUALIFIED and attribute in _QUALIFIED[body["Type"]]:
            return self._qualified(logical_id, body)
        if (body["Type"], attribute) == ("AWS::Lambda::Url", "FunctionArn"):
            return self._url_target(logical_id)
        if (body["Type"], attribute) == ("AWS::Scheduler::Schedule", "Arn"):
            group = str(self._properties(logical_id, "GroupName").get("GroupName", "default"))
            return arn("scheduler", f"schedule/{group}/{self.name(logical_id)}")
        if (body["Type"], attribute) == ("AWS::Events::Rule", "Arn"):
            return arn("events", f"rule/{self._rule_path(logical_id)}")
        if network_names.is_port(body["Type"], attribute):
            return str(network_names.port_of(self._properties(logical_id, "Port", "Engine")))
        if (body["Type"], attribute) in network_names.PROPERTIES:
            return str(self._properties(logical_id, attribute).get(attribute, ""))
        if (body["Type"], attribute) == (http_names.BALANCER, "DNSName"):
            internal = self._properties(logical_id, "Scheme").get("Scheme") == "internal"
            return http_names.balancer_host(self.name(logical_id), internal=internal)
        make = _ATTRIBUTES.get((body["Type"], attribute))
        if make is None:
            raise Unresolved(f"{body['Type']} has no attribute {attribute} here")
        return make(self.name(logical_id))

    def _url_target(self, logical_id: str) -> str:
        """The ARN of the function or alias behind a function URL."""
        target = self._properties(logical_id, "TargetFunctionArn", "Qualifier")
        name, qualifier = split_name(str(target.get("TargetFunctionArn", "")))
        return function_arn(name, target.get("Qualifier") or qualifier)

    def _properties(self, logical_id: str, *wanted: str) -> dict[str, Any]:
        """Some properties of a resource, resolved."""
        assert self.resolver is not None
        given = self._bodies[logical_id].get("Properties") or {}
        found: dict[str, Any] = self.resolver.resolve({name: given[name] for name in wanted if name in given})
        return found

    def _body(self, logical_id: str) -> dict[str, Any]:
        if logical_id not in self._bodies:
            raise Unresolved(f"there is no resource or parameter {logical_id}")
        return self._bodies[logical_id]
