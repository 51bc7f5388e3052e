"""One plain English sentence for each fact. A fact without a sentence fails a test."""

from __future__ import annotations

import json
import re
from typing import assert_never

from lambdalab.simulator.kernel import MINUTE, SECOND
from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace import (
    telling,
    telling_batch_jobs,
    telling_buses,
    telling_edge,
    telling_firehose,
    telling_http,
    telling_machines,
    telling_mappings,
    telling_pipelines,
    telling_pools,
    telling_streams,
    telling_topics,
    telling_vpc,
)
from lambdalab.simulator.trace.stamp import Stamped

LABELS_MAX = 20_000  # remembered, those of the newest events; older ones are called by their request id
LINE_SHOWN = 240  # characters of a log line: a REPORT with all its fields
_OURS = re.compile(r"event \d+|request [0-9a-f]{8}|no request")
STATUS_WORDS = {
    "ok": "succeeded",
    "error": "failed",
    "timeout": "timed out",
    "exit": "exited",
    "out_of_memory": "ran out of memory",
    "init_error": "failed to load",
}
CONDITION_WORDS = {
    "RetriesExhausted": "its retries are used up",
    "EventAgeExceeded": "it would become older than its maximum age",
    "ZeroReservedConcurrency": "the function's reserved concurrency is 0",
    "RecursionDetected": "it went round in a loop",
    "Success": "success",
}


class Explainer:
    """Explains facts in order; remembers the names and labels that earlier facts introduced, a bounded number."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._labels: dict[str, str] = {}
        self._mappings: dict[str, str] = {}
        self._machines: dict[str, str] = {}
        self._pools: dict[str, str] = {}
        self._pipelines: dict[str, str] = {}
        self._firehoses: dict[str, str] = {}
        self._jobs: dict[str, str] = {}
        self._events = 0

    def explain(self, stamped: Stamped) -> str:
        """Note one fact and return its sentence."""
        self.note(stamped.fact)
        return self.sentence(stamped.fact)

    def note(self, fact: f.Fact) -> None:
        """Remember the name or label that a fact introduces."""
        if isinstance(fact, f.FunctionDeployed):
            self._names[fact.function] = fact.shown_as
        elif isinstance(fact, f.MappingConfigured):
            self._mappings[fact.mapping] = fact.shown_as
        elif isinstance(fact, f.MachineDeployed):
            self._machines[fact.machine] = fact.shown_as
        elif isinstance(fact, f.UserPoolDeployed):
            self._pools[fact.pool] = fact.shown_as
        elif isinstance(fact, f.PipelineDeployed):
            self._pipelines[fact.pipeline] = fact.shown_as
        elif isinstance(fact, f.BatchJobCreated):
            self._jobs[fact.job] = f"batch job {fact.description}" if fact.description else ""
        elif isinstance(fact, f.FirehoseDeployed):
            self._firehoses[fact.stream] = fact.shown_as
        elif isinstance(fact, f.AsyncEventReceived):
            self._events += 1
            self._labels[fact.request_id] = fact.label or f"event {self._events}"
            if len(self._labels) > LABELS_MAX:
                del self._labels[next(iter(self._labels))]

    def label(self, request_id: str | None) -> str:
        """What an event is called on pages: the scenario's label, else the beginning of its request id."""
        if request_id is None:
            return "no request"
        return self._labels.get(request_id, f"request {request_id[:8]}")

    def _attempt(self, fact: f.InvocationStarted | f.InvocationEnded) -> str:
        """What an invocation is called: an event may have several attempts, a synchronous request has one."""
        label = self.label(fact.request_id)
        return f"Attempt {fact.attempt} of {label}" if fact.request_id in self._labels else _first(label)

    def _who(self, source: str) -> str:
        """Who makes a call, by the trace's words for its source."""
        kind, _, name = source.partition("/")
        if kind in telling_http.SOURCES:
            return f"The {telling_http.SOURCES[kind]} {name}"
        known = {
            "scenario": "The scenario",
            "codedeploy": "CodeDeploy",
            "events": f"The rule {name}",
            "scheduler": f"The schedule {name}",
            "s3": f"The bucket {name}",
            "sns": f"The topic {name}",
            "logs": f"The log filter {name}",
            "batch_operations": f"The {self._jobs.get(name) or f'batch job {name[:8]}'}",
            "firehose": f"The Firehose stream {self._firehoses.get(name, name)}",
            "lambda": f"Lambda, for {self._name(name)},",
        }
        return self._name(name) if kind == "function" else known.get(kind, source)

    def _name(self, function: str) -> str:
        return self._names.get(function, function)

    def _where(self, environment: str) -> str:
        return f"env-{environment.rsplit('/', 1)[-1]}"

    def sentence(self, fact: f.Fact) -> str:
        """The sentence of a fact whose predecessors have been noted."""
        match fact:
            case f.RunStarted():
                return f"The run starts with seed {fact.seed}."
            case f.RunEnded():
                return "The run ends." if fact.stopped is None else f"The run is stopped: {fact.stopped}."
            case f.TableDeleted():
                return f"The table {fact.table} is deleted."
            case f.FunctionDeployed() | f.QueueDeployed() | f.TopicDeployed() | f.TableDeployed():
                return _deployed(fact)
            case f.TracingConfigured() | f.RequestTraced() | f.InvocationTraced():
                return self._traced(fact)
            case f.LoggingConfigured():
                return f"{self._name(fact.function)} logs as {fact.log_format} into {fact.log_group}."
            case f.LogsRefused():
                name, why = self._name(fact.function), fact.why.removeprefix("denied: ")
                return f"{name} works, but nothing that it logs reaches CloudWatch Logs: {why}."
            case f.HttpDoorDeployed() | f.HttpAnswered() | f.TargetHealthChanged():
                took = duration(fact.latency_us) if isinstance(fact, f.HttpAnswered) else ""
                return telling_http.of_http(fact, self._names, took)
            case (
                f.EdgeFunctionReplicated()
                | f.EdgeCacheAsked()
                | f.EdgeCached()
                | f.EdgeOriginAnswered()
                | f.EdgeFunctionFailed()
                | f.EdgeInvalidated()
            ):
                return telling_edge.at_edge(fact, self._names)
            case f.StepPlayed():
                did = "deployed" if fact.action == "deploy" else f"called {fact.action}"
                did = f"sent {fact.action[5:]}" if fact.action.startswith("http ") else did
                return f"The scenario {did}{_for(fact.label)}: {fact.outcome}."
            case f.CheckEvaluated():
                return f"Check {fact.id} {'holds' if fact.passed else 'does not hold'}: {fact.says}"
            case f.ApiCalled():
                return self._called(fact)
            case f.CallRetried():
                again = f"calls {fact.service}.{fact.operation} again in {duration(fact.delay_us)}"
                return f"{self._who(fact.source)} got {fact.error}: its SDK {again}, attempt {fact.attempt + 1}."
            case f.AccessDenied():
                return f"{fact.why[:1].upper()}{fact.why[1:]}."
            case f.FaultApplied():
                verb = {"begins": "begins", "ends": "ends", "strikes": "strikes"}[fact.phase]
                return f"The fault {fact.fault} on {fact.target or 'everything'} {verb}."
            case f.NameLookedUp() | f.ConnectionTried() | f.WebRequested() | f.SegmentSent():
                return self._network(fact)
            case (
                f.FunctionAttached()
                | f.InterfaceMade()
                | f.PathBlocked()
                | f.ServerDeployed()
                | f.ConnectionAccepted()
                | f.ConnectionRefused()
                | f.ConnectionClosed()
            ):
                function, environment = getattr(fact, "function", ""), getattr(fact, "environment", "")
                return telling_vpc.in_vpc(fact, self._name(function), self._where(environment))
            case f.MetricDataPut() | f.MetricsQueried():
                return telling.metric_data(fact, self._who(fact.source))
            case f.LogEventsPut():
                many = _count(len(fact.events), "event")
                return f"{self._who(fact.source)} puts {many} into the log group {fact.log_group}."
            case f.MetricFilterConfigured():
                return telling.metric_filter(fact)
            case f.SubscriptionFilterConfigured():
                wanted = f" that match {fact.pattern}" if fact.pattern else ""
                target = self._name(fact.target.rsplit(":", 1)[-1])
                verb = "sends" if fact.state == "there" else "does not send any more"
                return f"The filter {fact.name} {verb} events of {fact.log_group}{wanted} to {target}."
            case f.LogLine():
                return f"{self._where(fact.environment)} logs: {_first_line(fact.text)}"
            case (
                f.MessageSent()
                | f.MessageReceived()
                | f.MessageVisibilityChanged()
                | f.MessageDuplicated()
                | f.MessageDeduplicated()
                | f.MessageDeleted()
                | f.MessagePublished()
                | f.ItemWritten()
                | f.ItemDeleted()
                | f.ItemRead()
                | f.ItemConflict()
            ):
                return _stored(fact)
            case (
                f.BucketCreated()
                | f.BucketDeleted()
                | f.BucketConfigured()
                | f.ObjectWritten()
                | f.ObjectDeleted()
                | f.ObjectTagged()
                | f.NotificationSent()
                | f.NotificationLost()
            ):
                return telling.bucket(fact)
            case f.EnvironmentCreated() | f.InitStarted() | f.InitEnded() | f.EnvironmentReset() | f.EnvironmentEnded():
                return self._environment(fact)
            case f.RecursionStopped():
                called = f"{fact.source} called {self._name(fact.function)}"
                return f"{called} once too often in one chain of requests: Lambda stops the loop."
            case f.InvocationRouted() | f.InvocationStarted() | f.InvocationEnded() | f.InvocationThrottled():
                return self._invocation(fact)
            case (
                f.AsyncEventReceived()
                | f.AsyncEventDuplicated()
                | f.RetryScheduled()
                | f.AsyncEventSucceeded()
                | f.AsyncEventDiscarded()
                | f.AsyncEventDeadLettered()
                | f.DeadLetterFailed()
                | f.DestinationDelivered()
                | f.DestinationFailed()
            ):
                return self._async(fact)
            case (
                f.VersionPublished()
                | f.VersionDeleted()
                | f.AliasChanged()
                | f.AliasDeleted()
                | f.FunctionUpdateStarted()
                | f.FunctionUpdated()
                | f.HardwareConfigured()
            ):
                return telling.change(fact, self._name(fact.function))
            case (
                f.AlarmChanged()
                | f.DeploymentStarted()
                | f.HookInvoked()
                | f.HookAnswered()
                | f.TrafficShifted()
                | f.DeploymentEnded()
            ):
                return telling.rollout(fact)
            case (
                f.CapacityScaled()
                | f.ProvisionedChanged()
                | f.ProvisionedDeleted()
                | f.ProvisionedInitialised()
                | f.ProvisionedRateExceeded()
                | f.ProvisionedSpilled()
                | f.ProvisionedUsed()
            ):
                asked = getattr(fact, "request_id", None)  # of those that one request met
                return telling.provisioned(fact, self._name(fact.function), self.label(asked))
            case f.ConcurrencyReserved():
                return telling.reserved(fact, self._name(fact.function))
            case (
                f.MappingConfigured()
                | f.MappingStateChanged()
                | f.MappingScaled()
                | f.PollRefused()
                | f.RecordsPolled()
                | f.BatchSent()
                | f.BatchThrottled()
                | f.BatchEnded()
                | f.ShardBatchEnded()
                | f.BatchRetried()
                | f.BatchBisected()
                | f.BatchDuplicated()
                | f.RecordsDiscarded()
                | f.DiscardDelivered()
                | f.DiscardFailed()
                | f.CheckpointMoved()
                | f.WindowEnded()
            ):
                return telling_mappings.of_mapping(fact, self._mappings.get(fact.mapping, fact.mapping), self._names)
            case (
                f.StreamDeployed() | f.StreamDeleted() | f.StreamRecordPut() | f.StreamThrottled() | f.StreamResharded()
            ):
                return telling_streams.of_stream(fact)
            case (
                f.BusCreated()
                | f.BusDeleted()
                | f.RuleConfigured()
                | f.EventPut()
                | f.RuleFired()
                | f.ScheduleConfigured()
                | f.ScheduleDeleted()
                | f.ScheduleFired()
                | f.EventDuplicated()
                | f.TargetReached()
                | f.TargetRetried()
                | f.TargetGivenUp()
            ):
                return telling_buses.of_bus(fact, self._names, self._who, duration)
            case (
                f.TopicSubscribed()
                | f.MessageAccepted()
                | f.TopicDeduplicated()
                | f.TopicFiltered()
                | f.TopicDelivered()
                | f.TopicRetried()
                | f.TopicGivenUp()
            ):
                return telling_topics.of_topic(fact, self._names, self._who, duration)
            case (
                f.MachineDeployed()
                | f.MachineExecutionStarted()
                | f.StateEntered()
                | f.StateExited()
                | f.StateRetried()
                | f.StateFailed()
                | f.MachineExecutionEnded()
            ):
                return telling_machines.of_machine(fact, self._machines)
            case (
                f.UserPoolDeployed()
                | f.PoolTriggerCalled()
                | f.PoolUserChanged()
                | f.PoolMessageSent()
                | f.PoolUserSignedIn()
            ):
                return telling_pools.of_pool(fact, self._names, self._pools)
            case (
                f.PipelineDeployed()
                | f.PipelineExecutionChanged()
                | f.PipelineActionStarted()
                | f.PipelineActionEnded()
            ):
                return telling_pipelines.of_pipeline(fact, self._pipelines)
            case (
                f.FirehoseDeployed()
                | f.FirehosePut()
                | f.FirehoseRetried()
                | f.FirehoseTransformed()
                | f.FirehoseDelivered()
                | f.FirehoseRefused()
            ):
                return telling_firehose.of_firehose(fact, self._firehoses, self._who, self._name, duration)
            case (
                f.BatchJobCreated()
                | f.BatchJobChanged()
                | f.BatchTaskEnded()
                | f.BatchTaskRetried()
                | f.BatchReportWritten()
            ):
                return telling_batch_jobs.of_batch_job(fact, self._jobs, self._who, self._name, duration)
            case f.LayerPublished() | f.LayerDeleted():
                return telling.layers(fact, "")
            case f.LayersConfigured():
                return telling.layers(fact, self._name(fact.function))
            case f.EventInvokeConfigured():
                return telling.event_invoke(fact, self._name(fact.function), duration(fact.event_age_s * SECOND))
            case (
                f.StackCreateEnded()
                | f.StackUpdateStarted()
                | f.StackResourceChanged()
                | f.StackUpdateEnded()
                | f.CustomResourceRequested()
                | f.CustomResourceAnswered()
            ):
                return telling.stack(fact)
            case _:
                assert_never(fact)

    def _traced(self, fact: f.TracingConfigured | f.RequestTraced | f.InvocationTraced) -> str:
        name = self._name(fact.function)
        match fact:
            case f.TracingConfigured():
                return f"{name} is traced by X-Ray ({fact.mode})."
            case f.RequestTraced():
                return f"X-Ray samples {self.label(fact.request_id)} to {name} in the trace {fact.root}."
            case f.InvocationTraced():
                label = self.label(fact.request_id)
                return f"Attempt {fact.attempt} of {label} in {name} is the segment {fact.segment}."

    def _called(self, fact: f.ApiCalled) -> str:
        took = duration(fact.latency_us)
        what = f"{self._who(fact.source)} called {fact.service}.{fact.operation}"
        target = f" on {fact.target}" if fact.target else ""
        if fact.error:
            return f"{what}{target} and got {fact.status} {fact.error} after {took}."
        return f"{what}{target}: {fact.status} after {took}."

    def _network(self, fact: f.NameLookedUp | f.ConnectionTried | f.WebRequested | f.SegmentSent) -> str:
        name = self._name(fact.function)
        match fact:
            case f.NameLookedUp():
                found = f"it is {fact.address}" if fact.address else "no such host in this scenario"
                return f"{name} asked for {fact.host}: {found}."
            case f.ConnectionTried():
                met = {"answered": "connected", "refused": "refused", "unreachable": "no route"}
                outcome = "nothing answers" if fact.outcome == "silent" else met[fact.outcome]
                took = "" if fact.outcome == "silent" else f" after {duration(fact.latency_us)}"
                return f"{name} connects to {fact.host} port {fact.port}: {outcome}{took}."
            case f.WebRequested():
                answer = "the connection was reset" if fact.status is None else str(fact.status)
                return f"{name} sent {fact.method} {fact.url}: {answer} after {duration(fact.latency_us)}."
            case f.SegmentSent():
                return f"{name} sends a trace segment of {len(fact.document.encode())} bytes to the X-Ray daemon."

    def _environment(
        self,
        fact: f.EnvironmentCreated | f.InitStarted | f.InitEnded | f.EnvironmentReset | f.EnvironmentEnded,
    ) -> str:
        where = f"{self._where(fact.environment)} of {self._name(fact.function)}"
        match fact:
            case f.EnvironmentCreated():
                whose = "" if fact.version == "$LATEST" else f" for version {fact.version}"
                return f"A new execution environment, {where}, is created{whose}."
            case f.InitStarted():
                again = " again, inside the invocation" if fact.phase == "invoke" else ""
                return f"INIT begins in {where}{again}."
            case f.InitEnded():
                failed = f"failed with {fact.error_type or 'an error'}"
                how = {"ok": "is done", "error": failed, "timeout": "timed out"}[fact.status]
                return f"INIT {how} in {where} after {duration(fact.duration_us)}."
            case f.EnvironmentReset():
                return f"The runtime in {where} was killed ({fact.reason}): its globals are lost, /tmp stays."
            case f.EnvironmentEnded():
                why = {"idle": "it was idle too long", "age": "it grew too old", "killed": "a fault killed it"}
                return f"{where} is gone: {why.get(fact.reason, fact.reason)}."

    def _invocation(
        self, fact: f.InvocationRouted | f.InvocationStarted | f.InvocationEnded | f.InvocationThrottled
    ) -> str:
        label = self.label(fact.request_id)
        match fact:
            case f.InvocationRouted():
                return f"The alias {fact.alias} of {self._name(fact.function)} sends {label} to version {fact.version}."
            case f.InvocationThrottled():
                return f"{_first(label)} found no room in {self._name(fact.function)}: throttled (429, {fact.reason})."
            case f.InvocationStarted():
                cold = " after a cold start" if fact.cold else ""
                return f"{self._attempt(fact)} starts in {self._where(fact.environment)}{cold}."
            case f.InvocationEnded():
                error = f" with {fact.error_type}" if fact.error_type and fact.status != "timeout" else ""
                return (
                    f"{self._attempt(fact)} {STATUS_WORDS[fact.status]}{error} "
                    f"after {duration(fact.duration_us)} in {self._where(fact.environment)}."
                )

    def _async(
        self,
        fact: f.AsyncEventReceived
        | f.AsyncEventDuplicated
        | f.RetryScheduled
        | f.AsyncEventSucceeded
        | f.AsyncEventDiscarded
        | f.AsyncEventDeadLettered
        | f.DeadLetterFailed
        | f.DestinationDelivered
        | f.DestinationFailed,
    ) -> str:
        label = self.label(fact.request_id)
        match fact:
            case f.AsyncEventReceived():
                return f"Lambda accepts {label} for {self._name(fact.function)} (202) and queues it."
            case f.AsyncEventDuplicated():
                return f"The queue will deliver {label} a second time, although nothing failed."
            case f.RetryScheduled():
                why = {"FunctionError": "failed", "Throttled": "was throttled", "SystemError": "met a system error"}
                return f"{_first(label)} {why[fact.reason]} and goes back to the queue for {duration(fact.delay_us)}."
            case f.AsyncEventSucceeded():
                return f"{_first(label)} is done after {_count(fact.attempts, 'attempt')}."
            case f.AsyncEventDiscarded():
                lost = "" if fact.kept else " Nothing is configured to keep it: it is lost."
                tried = _count(fact.attempts, "attempt")
                return f"{_first(label)} is given up after {tried}: {CONDITION_WORDS[fact.condition]}.{lost}"
            case f.AsyncEventDeadLettered():
                return f"{_first(label)} goes to the dead-letter queue {_resource(fact.target)}."
            case f.DeadLetterFailed():
                return f"The dead-letter queue {_resource(fact.target)} refused {label}, so it is lost: {fact.error}"
            case f.DestinationDelivered():
                return f"The record of {label} ({fact.condition}) reaches {_resource(fact.target)}."
            case f.DestinationFailed():
                return f"The destination {_resource(fact.target)} refused the record of {label}: {fact.error}"


def duration(micros: int) -> str:
    """A length of time for people: ``330 ms``, ``2.5 s``, ``1 min``, ``1 h 30 min``."""
    if micros < SECOND:
        return f"{micros / 1_000:.0f} ms"
    if micros < MINUTE:
        return f"{micros / SECOND:.2f}".rstrip("0").rstrip(".") + " s"
    seconds = round(micros / SECOND)
    hours, minutes, rest = seconds // 3600, seconds % 3600 // 60, seconds % 60
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{rest} s" if rest else ""]
    return " ".join(part for part in parts if part)


def clock(micros: int) -> str:
    """A moment for people: ``0:01.010``, ``3:01:05.500``."""
    total_ms = round(micros / 1_000)
    hours, minutes, ms = total_ms // 3_600_000, total_ms % 3_600_000 // 60_000, total_ms % 60_000
    head = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{head}:{ms // 1000:02}.{ms % 1000:03}"


def _deployed(fact: f.FunctionDeployed | f.QueueDeployed | f.TopicDeployed | f.TableDeployed) -> str:
    match fact:
        case f.FunctionDeployed():
            return f"The function {fact.shown_as} exists: {fact.memory_mb} MB, {fact.timeout_s} s timeout."
        case f.QueueDeployed():
            return f"The {'FIFO queue' if fact.fifo else 'queue'} {fact.shown_as} exists."
        case f.TopicDeployed():
            return f"The topic {fact.shown_as} exists."
        case f.TableDeployed():
            return f"The table {fact.shown_as} exists."


def _stored(
    fact: f.MessageSent
    | f.MessageReceived
    | f.MessageVisibilityChanged
    | f.MessageDuplicated
    | f.MessageDeduplicated
    | f.MessageDeleted
    | f.MessagePublished
    | f.ItemWritten
    | f.ItemDeleted
    | f.ItemRead
    | f.ItemConflict,
) -> str:
    match fact:
        case f.MessageSent():
            moved = f", moved from {fact.moved_from}" if fact.moved_from else ""
            return f"A message enters the queue {fact.queue}{moved}."
        case f.MessageReceived():
            return f"A consumer receives a message of {fact.queue} (receive {fact.receive_count})."
        case f.MessageVisibilityChanged():
            return f"A consumer of {fact.queue} hides its message for {duration(fact.hidden_us)} from now on."
        case f.MessageDuplicated():
            return f"A copy of a message stays in {fact.queue} although a consumer has it: it will be received twice."
        case f.MessageDeduplicated():
            return f"{fact.queue} has had this deduplication id in the last five minutes: the copy is dropped."
        case f.MessageDeleted():
            return f"A message leaves the queue {fact.queue} ({fact.reason})."
        case f.MessagePublished():
            return f"A message is published to {fact.topic}: {fact.delivered} delivered, {fact.failed} failed."
        case f.ItemWritten():
            return f"{fact.operation} writes {_key(fact.key)} into {fact.table}."
        case f.ItemDeleted():
            why = ": its time to live is over" if fact.expired else ""
            return f"{_key(fact.key)} is deleted from {fact.table}{why}."
        case f.ItemRead():
            return f"{fact.operation} reads {fact.table}: {_count(fact.found, 'item')}."
        case f.ItemConflict():
            return f"{fact.operation} on {fact.table} writes nothing: its condition does not hold for {_key(fact.key)}."


def _key(key: dict[str, object]) -> str:
    values = [next(iter(v.values())) if isinstance(v, dict) and v else v for v in key.values()]
    return " / ".join(v if isinstance(v, str) else json.dumps(v) for v in values) or "an item"


def _resource(arn: str) -> str:
    return arn.rsplit(":", 1)[-1]


def _first(label: str) -> str:
    """A label at the beginning of a sentence; one that an author gave stays as it is."""
    return label[:1].upper() + label[1:] if _OURS.fullmatch(label) else label


def _for(label: str | None) -> str:
    return f" for {label}" if label else ""


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _first_line(text: str) -> str:
    line = text.split("\n", 1)[0].replace("\t", "  ")
    line = line.rstrip()
    return line if len(line) <= LINE_SHOWN else line[: LINE_SHOWN - 1] + "…"
