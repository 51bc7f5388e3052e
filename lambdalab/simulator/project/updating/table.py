"""Every type of resource that an update may add, change, replace or remove, in the order in which a stack is made."""

from __future__ import annotations

from lambdalab.simulator.project.updating import connections, distributions, events, functions, messaging, stores
from lambdalab.simulator.project.updating.kind import Kind

FUNCTION = "AWS::Lambda::Function"
_STORES: dict[str, type[Kind]] = {
    "AWS::SSM::Parameter": stores.Parameter,
    "AWS::SQS::Queue": messaging.Queue,
    "AWS::SNS::Topic": messaging.SnsTopic,
    "AWS::Kinesis::Stream": stores.Stream,
    "AWS::Events::EventBus": events.EventBus,
    "AWS::DynamoDB::Table": stores.Table,
    "AWS::S3::Bucket": stores.Bucket,
    "AWS::Scheduler::ScheduleGroup": events.ScheduleGroup,
    FUNCTION: functions.Function,
}
_CONNECTIONS: dict[str, type[Kind]] = {
    "AWS::SQS::QueuePolicy": connections.ResourcePolicy,
    "AWS::SNS::TopicPolicy": connections.ResourcePolicy,
    "AWS::S3::BucketPolicy": connections.BucketPolicy,
    "AWS::Events::EventBusPolicy": events.BusPolicy,
    "AWS::Lambda::Permission": connections.Permission,
    "AWS::StepFunctions::StateMachine": connections.StateMachine,
    "AWS::SNS::Subscription": messaging.Subscription,
    "AWS::Logs::SubscriptionFilter": connections.LogFilter,
    "AWS::Logs::MetricFilter": connections.MetricFilter,
    "AWS::Events::Rule": events.Rule,
    "AWS::Scheduler::Schedule": events.Schedule,
    "AWS::Lambda::EventSourceMapping": connections.Mapping,
    "AWS::CloudFront::CachePolicy": distributions.PartOfDistributions,
    "AWS::CloudFront::OriginRequestPolicy": distributions.PartOfDistributions,
    "AWS::CloudFront::OriginAccessControl": distributions.PartOfDistributions,
    "AWS::CloudFront::CloudFrontOriginAccessIdentity": distributions.PartOfDistributions,
    "AWS::CloudFront::Distribution": distributions.Distribution,
}
KINDS: dict[str, type[Kind]] = {**_STORES, **_CONNECTIONS}
BEFORE_FUNCTIONS = tuple(_STORES)
ORDER = tuple(KINDS)


def has_kind(type_: str) -> bool:
    """Whether an update may do whatever it likes with resources of this type."""
    return type_ in KINDS
