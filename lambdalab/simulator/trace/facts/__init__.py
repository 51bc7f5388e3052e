"""Every fact a run can record, a module a family. The union is closed: a new fact is added here and to ``explain``.

Facts are frozen structs without a time of their own; the recorder stamps them. A released ``kind`` keeps its
meaning for ever; a changed meaning is a new kind. Times and durations are microseconds and end in ``_us``.
"""

from __future__ import annotations

from lambdalab.simulator.trace.facts.api import AccessDenied, ApiCalled, CallRetried, FaultApplied
from lambdalab.simulator.trace.facts.async_queue import (
    AsyncEventDeadLettered,
    AsyncEventDiscarded,
    AsyncEventDuplicated,
    AsyncEventReceived,
    AsyncEventSucceeded,
    DeadLetterFailed,
    DestinationDelivered,
    DestinationFailed,
    EventInvokeConfigured,
    RetryScheduled,
)
from lambdalab.simulator.trace.facts.batch_job import (
    BatchJobChanged,
    BatchJobCreated,
    BatchReportWritten,
    BatchTaskEnded,
    BatchTaskRetried,
)
from lambdalab.simulator.trace.facts.bus import (
    BusCreated,
    BusDeleted,
    EventDuplicated,
    EventPut,
    RuleConfigured,
    RuleFired,
    ScheduleConfigured,
    ScheduleDeleted,
    ScheduleFired,
    TargetGivenUp,
    TargetReached,
    TargetRetried,
)
from lambdalab.simulator.trace.facts.concurrency import (
    CapacityScaled,
    ConcurrencyReserved,
    ProvisionedChanged,
    ProvisionedDeleted,
    ProvisionedInitialised,
    ProvisionedRateExceeded,
    ProvisionedSpilled,
    ProvisionedUsed,
)
from lambdalab.simulator.trace.facts.deployment import (
    AlarmChanged,
    AliasChanged,
    AliasDeleted,
    CustomResourceAnswered,
    CustomResourceRequested,
    DeploymentEnded,
    DeploymentStarted,
    FunctionUpdated,
    FunctionUpdateStarted,
    HardwareConfigured,
    HookAnswered,
    HookInvoked,
    LayerDeleted,
    LayerPublished,
    LayersConfigured,
    StackCreateEnded,
    StackResourceChanged,
    StackUpdateEnded,
    StackUpdateStarted,
    TrafficShifted,
    VersionDeleted,
    VersionPublished,
)
from lambdalab.simulator.trace.facts.edge import (
    EdgeCacheAsked,
    EdgeCached,
    EdgeFunctionFailed,
    EdgeFunctionReplicated,
    EdgeInvalidated,
    EdgeOriginAnswered,
)
from lambdalab.simulator.trace.facts.environment import (
    EnvironmentCreated,
    EnvironmentEnded,
    EnvironmentReset,
    InitEnded,
    InitStarted,
)
from lambdalab.simulator.trace.facts.firehose import (
    FirehoseDelivered,
    FirehoseDeployed,
    FirehosePut,
    FirehoseRefused,
    FirehoseRetried,
    FirehoseTransformed,
)
from lambdalab.simulator.trace.facts.http import HttpAnswered, HttpDoorDeployed, TargetHealthChanged
from lambdalab.simulator.trace.facts.invocation import (
    InvocationEnded,
    InvocationRouted,
    InvocationStarted,
    InvocationThrottled,
    RecursionStopped,
)
from lambdalab.simulator.trace.facts.log import LoggingConfigured, LogLine, LogsRefused
from lambdalab.simulator.trace.facts.machine import (
    MachineDeployed,
    MachineExecutionEnded,
    MachineExecutionStarted,
    StateEntered,
    StateExited,
    StateFailed,
    StateRetried,
)
from lambdalab.simulator.trace.facts.mapping import (
    BatchEnded,
    BatchSent,
    BatchThrottled,
    MappingConfigured,
    MappingScaled,
    MappingStateChanged,
    PollRefused,
    RecordsPolled,
)
from lambdalab.simulator.trace.facts.message import (
    ItemConflict,
    ItemDeleted,
    ItemRead,
    ItemWritten,
    MessageDeduplicated,
    MessageDeleted,
    MessageDuplicated,
    MessagePublished,
    MessageReceived,
    MessageSent,
    MessageVisibilityChanged,
)
from lambdalab.simulator.trace.facts.metric import MetricDataPut, MetricsQueried
from lambdalab.simulator.trace.facts.network import ConnectionTried, NameLookedUp, SegmentSent, WebRequested
from lambdalab.simulator.trace.facts.object import (
    BucketConfigured,
    BucketCreated,
    BucketDeleted,
    NotificationLost,
    NotificationSent,
    ObjectDeleted,
    ObjectTagged,
    ObjectWritten,
)
from lambdalab.simulator.trace.facts.pipeline import (
    PipelineActionEnded,
    PipelineActionStarted,
    PipelineDeployed,
    PipelineExecutionChanged,
)
from lambdalab.simulator.trace.facts.pool import (
    PoolMessageSent,
    PoolTriggerCalled,
    PoolUserChanged,
    PoolUserSignedIn,
    UserPoolDeployed,
)
from lambdalab.simulator.trace.facts.run import (
    CheckEvaluated,
    FunctionDeployed,
    QueueDeployed,
    RunEnded,
    RunStarted,
    StepPlayed,
    TableDeleted,
    TableDeployed,
    TopicDeployed,
)
from lambdalab.simulator.trace.facts.stored_logs import (
    LogEventsPut,
    MetricFilterConfigured,
    SubscriptionFilterConfigured,
)
from lambdalab.simulator.trace.facts.stream import (
    StreamDeleted,
    StreamDeployed,
    StreamRecordPut,
    StreamResharded,
    StreamThrottled,
)
from lambdalab.simulator.trace.facts.stream_mapping import (
    BatchBisected,
    BatchDuplicated,
    BatchRetried,
    CheckpointMoved,
    DiscardDelivered,
    DiscardFailed,
    RecordsDiscarded,
    ShardBatchEnded,
    WindowEnded,
)
from lambdalab.simulator.trace.facts.topic import (
    MessageAccepted,
    TopicDeduplicated,
    TopicDelivered,
    TopicFiltered,
    TopicGivenUp,
    TopicRetried,
    TopicSubscribed,
)
from lambdalab.simulator.trace.facts.tracing import InvocationTraced, RequestTraced, TracingConfigured
from lambdalab.simulator.trace.facts.vpc import (
    ConnectionAccepted,
    ConnectionClosed,
    ConnectionRefused,
    FunctionAttached,
    InterfaceMade,
    PathBlocked,
    ServerDeployed,
)

Fact = (
    AccessDenied
    | AlarmChanged
    | AliasChanged
    | AliasDeleted
    | ApiCalled
    | AsyncEventDeadLettered
    | AsyncEventDiscarded
    | AsyncEventDuplicated
    | AsyncEventReceived
    | AsyncEventSucceeded
    | BatchBisected
    | BatchDuplicated
    | BatchEnded
    | BatchJobChanged
    | BatchJobCreated
    | BatchReportWritten
    | BatchTaskEnded
    | BatchTaskRetried
    | BatchRetried
    | BatchSent
    | BatchThrottled
    | BucketConfigured
    | BucketCreated
    | BucketDeleted
    | BusCreated
    | BusDeleted
    | CallRetried
    | CapacityScaled
    | CheckEvaluated
    | CheckpointMoved
    | ConcurrencyReserved
    | ConnectionAccepted
    | ConnectionClosed
    | ConnectionRefused
    | ConnectionTried
    | CustomResourceAnswered
    | CustomResourceRequested
    | DeadLetterFailed
    | DeploymentEnded
    | DeploymentStarted
    | DestinationDelivered
    | DestinationFailed
    | DiscardDelivered
    | DiscardFailed
    | EdgeCacheAsked
    | EdgeCached
    | EdgeFunctionFailed
    | EdgeFunctionReplicated
    | EdgeInvalidated
    | EdgeOriginAnswered
    | EnvironmentCreated
    | EnvironmentEnded
    | EnvironmentReset
    | EventDuplicated
    | EventInvokeConfigured
    | EventPut
    | FaultApplied
    | FirehoseDelivered
    | FirehoseDeployed
    | FirehosePut
    | FirehoseRefused
    | FirehoseRetried
    | FirehoseTransformed
    | FunctionAttached
    | FunctionDeployed
    | FunctionUpdateStarted
    | FunctionUpdated
    | HardwareConfigured
    | HookAnswered
    | HookInvoked
    | HttpAnswered
    | HttpDoorDeployed
    | InitEnded
    | InitStarted
    | InterfaceMade
    | InvocationEnded
    | InvocationRouted
    | InvocationStarted
    | InvocationThrottled
    | InvocationTraced
    | ItemConflict
    | ItemDeleted
    | ItemRead
    | ItemWritten
    | LayerDeleted
    | LayerPublished
    | LayersConfigured
    | LogEventsPut
    | LoggingConfigured
    | LogLine
    | LoggingConfigured
    | LogsRefused
    | MachineDeployed
    | MachineExecutionEnded
    | MachineExecutionStarted
    | MappingConfigured
    | MappingScaled
    | MappingStateChanged
    | MessageAccepted
    | MessageDeduplicated
    | MessageDeleted
    | MessageDuplicated
    | MessagePublished
    | MessageReceived
    | MessageSent
    | MessageVisibilityChanged
    | MetricDataPut
    | MetricFilterConfigured
    | MetricsQueried
    | NameLookedUp
    | NotificationLost
    | NotificationSent
    | ObjectDeleted
    | ObjectTagged
    | ObjectWritten
    | PathBlocked
    | PipelineActionEnded
    | PipelineActionStarted
    | PipelineDeployed
    | PipelineExecutionChanged
    | PollRefused
    | PoolMessageSent
    | PoolTriggerCalled
    | PoolUserChanged
    | PoolUserSignedIn
    | ProvisionedChanged
    | ProvisionedDeleted
    | ProvisionedInitialised
    | ProvisionedRateExceeded
    | ProvisionedSpilled
    | ProvisionedUsed
    | QueueDeployed
    | RecordsDiscarded
    | RecordsPolled
    | RecursionStopped
    | RequestTraced
    | RetryScheduled
    | RuleConfigured
    | RuleFired
    | RunEnded
    | RunStarted
    | ScheduleConfigured
    | ScheduleDeleted
    | ScheduleFired
    | SegmentSent
    | ServerDeployed
    | ShardBatchEnded
    | StackCreateEnded
    | StackUpdateEnded
    | StackResourceChanged
    | StackUpdateStarted
    | StateEntered
    | StateExited
    | StateFailed
    | StateRetried
    | StepPlayed
    | StreamDeleted
    | StreamDeployed
    | StreamRecordPut
    | StreamResharded
    | StreamThrottled
    | SubscriptionFilterConfigured
    | TableDeleted
    | TableDeployed
    | TargetGivenUp
    | TargetHealthChanged
    | TargetReached
    | TargetRetried
    | TargetHealthChanged
    | TopicDeduplicated
    | TopicDelivered
    | TopicDeployed
    | TopicFiltered
    | TopicGivenUp
    | TopicRetried
    | TopicSubscribed
    | TracingConfigured
    | TrafficShifted
    | UserPoolDeployed
    | VersionDeleted
    | VersionPublished
    | WebRequested
    | WindowEnded
)
"""The closed union of facts."""

FACT_TYPES: dict[str, type[Fact]] = {fact.kind: fact for fact in Fact.__args__}
"""Each released kind and its type."""

__all__ = [
    "FACT_TYPES",
    "AccessDenied",
    "AlarmChanged",
    "AliasChanged",
    "AliasDeleted",
    "ApiCalled",
    "AsyncEventDeadLettered",
    "AsyncEventDiscarded",
    "AsyncEventDuplicated",
    "AsyncEventReceived",
    "AsyncEventSucceeded",
    "BatchBisected",
    "BatchDuplicated",
    "BatchEnded",
    "BatchJobChanged",
    "BatchJobCreated",
    "BatchReportWritten",
    "BatchRetried",
    "BatchSent",
    "BatchTaskEnded",
    "BatchTaskRetried",
    "BatchThrottled",
    "BucketConfigured",
    "BucketCreated",
    "BucketDeleted",
    "BusCreated",
    "BusDeleted",
    "CallRetried",
    "CapacityScaled",
    "CheckEvaluated",
    "CheckpointMoved",
    "ConcurrencyReserved",
    "ConnectionAccepted",
    "ConnectionClosed",
    "ConnectionRefused",
    "ConnectionTried",
    "CustomResourceAnswered",
    "CustomResourceRequested",
    "DeadLetterFailed",
    "DeploymentEnded",
    "DeploymentStarted",
    "DestinationDelivered",
    "DestinationFailed",
    "DiscardDelivered",
    "DiscardFailed",
    "EdgeCacheAsked",
    "EdgeCached",
    "EdgeFunctionFailed",
    "EdgeFunctionReplicated",
    "EdgeInvalidated",
    "EdgeOriginAnswered",
    "EnvironmentCreated",
    "EnvironmentEnded",
    "EnvironmentReset",
    "EventDuplicated",
    "EventInvokeConfigured",
    "EventPut",
    "Fact",
    "FaultApplied",
    "FirehoseDelivered",
    "FirehoseDeployed",
    "FirehosePut",
    "FirehoseRefused",
    "FirehoseRetried",
    "FirehoseTransformed",
    "FunctionAttached",
    "FunctionDeployed",
    "FunctionUpdateStarted",
    "FunctionUpdated",
    "HardwareConfigured",
    "HookAnswered",
    "HookInvoked",
    "HttpAnswered",
    "HttpDoorDeployed",
    "InitEnded",
    "InitStarted",
    "InterfaceMade",
    "InvocationEnded",
    "InvocationRouted",
    "InvocationStarted",
    "InvocationThrottled",
    "InvocationTraced",
    "ItemConflict",
    "ItemDeleted",
    "ItemRead",
    "ItemWritten",
    "LayerDeleted",
    "LayerPublished",
    "LayersConfigured",
    "LogEventsPut",
    "LogLine",
    "LoggingConfigured",
    "LogsRefused",
    "MachineDeployed",
    "MachineExecutionEnded",
    "MachineExecutionStarted",
    "MappingConfigured",
    "MappingScaled",
    "MappingStateChanged",
    "MessageAccepted",
    "MessageDeduplicated",
    "MessageDeleted",
    "MessageDuplicated",
    "MessagePublished",
    "MessageReceived",
    "MessageSent",
    "MessageVisibilityChanged",
    "MetricDataPut",
    "MetricFilterConfigured",
    "MetricsQueried",
    "NameLookedUp",
    "NotificationLost",
    "NotificationSent",
    "ObjectDeleted",
    "ObjectTagged",
    "ObjectWritten",
    "PathBlocked",
    "PipelineActionEnded",
    "PipelineActionStarted",
    "PipelineDeployed",
    "PipelineExecutionChanged",
    "PollRefused",
    "PoolMessageSent",
    "PoolTriggerCalled",
    "PoolUserChanged",
    "PoolUserSignedIn",
    "ProvisionedChanged",
    "ProvisionedDeleted",
    "ProvisionedInitialised",
    "ProvisionedRateExceeded",
    "ProvisionedSpilled",
    "ProvisionedUsed",
    "QueueDeployed",
    "RecordsDiscarded",
    "RecordsPolled",
    "RecursionStopped",
    "RequestTraced",
    "RetryScheduled",
    "RuleConfigured",
    "RuleFired",
    "RunEnded",
    "RunStarted",
    "ScheduleConfigured",
    "ScheduleDeleted",
    "ScheduleFired",
    "SegmentSent",
    "ServerDeployed",
    "ShardBatchEnded",
    "StackCreateEnded",
    "StackResourceChanged",
    "StackUpdateEnded",
    "StackUpdateStarted",
    "StateEntered",
    "StateExited",
    "StateFailed",
    "StateRetried",
    "StepPlayed",
    "StreamDeleted",
    "StreamDeployed",
    "StreamRecordPut",
    "StreamResharded",
    "StreamThrottled",
    "SubscriptionFilterConfigured",
    "TableDeleted",
    "TableDeployed",
    "TargetGivenUp",
    "TargetHealthChanged",
    "TargetReached",
    "TargetRetried",
    "TopicDeduplicated",
    "TopicDelivered",
    "TopicDeployed",
    "TopicFiltered",
    "TopicGivenUp",
    "TopicRetried",
    "TopicSubscribed",
    "TracingConfigured",
    "TrafficShifted",
    "UserPoolDeployed",
    "VersionDeleted",
    "VersionPublished",
    "WebRequested",
    "WindowEnded",
]
