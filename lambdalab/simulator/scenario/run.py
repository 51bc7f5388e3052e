"""``simulate``: the product is this one function. Files and a scenario go in, a trace and a summary come out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from lambdalab.simulator.account import Answer, Request, World, models
from lambdalab.simulator.account.client import Client
from lambdalab.simulator.account.faults import Faults
from lambdalab.simulator.account.internet import Internet
from lambdalab.simulator.engine import ENGINE
from lambdalab.simulator.kernel import HOUR, Kernel, Micros, Process
from lambdalab.simulator.lambda_.handlers import Handlers
from lambdalab.simulator.project.deploy import Deployment, deploy
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.resources.schedules import is_due_again
from lambdalab.simulator.project.stack import Stack
from lambdalab.simulator.project.template import Template, read_template
from lambdalab.simulator.scenario import batch_jobs, checks, dimensions, http_steps, values
from lambdalab.simulator.scenario.callers import principal_of, unknown_callers
from lambdalab.simulator.scenario.deploying import read_revisions
from lambdalab.simulator.scenario.schema import Scenario, Step
from lambdalab.simulator.trace import Entry, Stamped, Tape
from lambdalab.simulator.trace.facts import CheckEvaluated, FaultApplied, RunEnded, RunStarted, StepPlayed
from lambdalab.simulator.views.summary import SummaryFold
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.metric_data import Metrics
from lambdalab.simulator.vocabulary.quotas import RUN_UNTIL_MAX

NAMES = (  # parameters that may be logical ids
    "FunctionName", "QueueUrl", "QueueName", "TableName", "TopicArn", "Bucket", "SecretId", "StreamName",
    "EventBusName", "DeliveryStreamName",
)  # fmt: skip
SCALARS = str | bytes | int | float


class LimitReached(Exception):
    """Raised by handlers when the run has reached a limit of theirs; its text is why the run is stopped."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one run. Reaching one ends the run as ``stopped``, with everything up to there shown."""

    facts: int = 2_000_000
    trace_bytes: int = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out. ``sha256`` is that of the whole trace; ``stopped`` why it ended early, or None.

    ``checks`` are complete; in the trace and the summary a hidden check shows neither its value nor what it expects.
    """

    summary: dict[str, Any]
    stopped: str | None
    passed: bool
    facts: int
    sha256: str
    checks: tuple[CheckEvaluated, ...] = ()


def simulate(
    project: Mapping[str, bytes] | Template,
    scenario: Scenario,
    handlers: Handlers,
    *,
    seed: int | None = None,
    sink: Callable[[bytes], None],
    should_stop: Callable[[], str | None] = lambda: None,
    folds: Iterable[Callable[[Stamped], None]] = (),
    limits: Limits = Limits(),
    notes: tuple[str, ...] = (),
) -> Outcome:
    """Play ``scenario`` on ``project`` with ``handlers``; facts stream into ``sink`` as JSON lines.

    A given ``seed`` overrides the scenario's. ``should_stop`` is asked often and answers with a reason to stop.
    ``folds`` see each fact as it happens. Raises :class:`ProjectError` before anything is recorded when the project
    or the scenario is refused; ``HandlerFailure`` when the sandbox itself fails.
    """
    template = project if isinstance(project, Template) else read_template(project, scenario.parameters)
    revisions = read_revisions(template, scenario)
    kernel = Kernel(scenario.seed if seed is None else seed)
    summary = SummaryFold()
    everybody = (summary.add, *(_one_by_one(fold) for fold in folds))
    tape = Tape(sink, everybody, kernel.stop, facts_max=limits.facts, bytes_max=limits.trace_bytes)
    world = World(kernel, tape.write, epoch_us=scenario.epoch_us)
    world.faults = Faults(kernel, scenario.faults)
    world.internet = Internet(scenario.web)
    play = _Play(world, scenario, tape, should_stop, revisions)
    return play.run(template, handlers, summary, notes)


def _one_by_one(fold: Callable[[Stamped], None]) -> Callable[[list[Entry]], None]:
    def all_of_them(batch: list[Entry]) -> None:
        for row in batch:
            fold(Stamped(*row))

    return all_of_them


class _Play:
    def __init__(
        self,
        world: World,
        scenario: Scenario,
        tape: Tape,
        should_stop: Callable[[], str | None],
        revisions: Mapping[int, Template],
    ) -> None:
        self._revisions = revisions
        self._world = world
        self._scenario = scenario
        self._send = world.api.call if scenario.max_attempts == 1 else Client(world, scenario.max_attempts).call
        self._tape = tape
        self._should_stop = should_stop

    def run(self, template: Template, handlers: Handlers, summary: SummaryFold, notes: tuple[str, ...]) -> Outcome:
        world, scenario = self._world, self._scenario
        world.trace.record(
            RunStarted(ENGINE, world.kernel.seed, world.epoch_us, scenario.concurrency, scenario.compute.mode, notes)
        )
        deployment = deploy(world, template, handlers, scenario.compute, account_limit=scenario.concurrency)
        deployment.cloudwatch.metrics = lambda: self._measured(summary)
        try:
            self._check_names(deployment)
            self._spawn_everything(deployment, Stack(deployment, template))
            until = self._until(deployment)
            stopped = world.kernel.run(until, self._interrupted, to_the_end=scenario.until is not None)
            if stopped is None and world.kernel.busy:
                stopped = "until"
        except LimitReached as limit:
            stopped = str(limit)
        finally:
            deployment.close()
        return self._close(summary, stopped)

    def _until(self, deployment: Deployment) -> Micros:
        """How long the run lasts at most. A schedule has no end: without ``until`` it runs for an hour, or as long as
        there are steps."""
        if self._scenario.until is not None:
            return self._scenario.until
        if not deployment.has_schedule and not any(map(is_due_again, self._revisions.values())):
            return RUN_UNTIL_MAX
        begins = max(
            (step.at + (step.repeat.count - 1) * step.repeat.every for step in self._scenario.steps), default=0
        )
        until = Micros(min(RUN_UNTIL_MAX, max(1 * HOUR, begins)))
        self._world.kernel.spawn(self._world.kernel.sleep(until))
        return until

    def _close(self, summary: SummaryFold, stopped: str | None) -> Outcome:
        world = self._world
        reproducible = world.reproducible and self._scenario.compute.mode == "declared"
        ended = stopped if stopped != "until" else None
        self._tape.catch_up()
        so_far = summary.result(world.kernel.now, stopped, reproducible)
        results = [checks.evaluate(check, so_far) for check in self._scenario.checks]
        for result in results:
            world.trace.record(_shown(result))
        world.trace.record(RunEnded(stopped, reproducible))
        self._tape.flush()
        passed = all(result.passed for result in results) and ended is None
        final = summary.result(world.kernel.now, stopped, reproducible)
        return Outcome(final, stopped, passed, self._tape.facts, self._tape.sha256(), tuple(results))

    def _measured(self, summary: SummaryFold) -> Metrics:
        """The metrics up to this moment: those of the summary, so that what a call reads is what people see."""
        self._tape.catch_up()
        return summary.metrics

    def _interrupted(self) -> str | None:
        self._tape.catch_up()
        return self._should_stop()

    def _check_names(self, deployment: Deployment) -> None:
        known = {*deployment.aliases, *deployment.aliases.values(), ""}
        problems = [
            Problem(self._scenario.path, 0, 0, f"the fault throttle names {fault.target}, which is no function here.")
            for fault in self._scenario.faults
            if fault.kind == "throttle" and fault.target not in known
        ]
        problems += unknown_callers(self._scenario, deployment.identities)
        problems += http_steps.unknown_doors(self._scenario, deployment.doors.names)
        if problems:
            raise ProjectError(problems)

    def _spawn_everything(self, deployment: Deployment, stack: Stack) -> None:
        kernel = self._world.kernel
        if stack.waits_for_custom_resources:
            kernel.spawn(stack.create())
        for number, step in enumerate(self._scenario.steps, 1):
            kernel.spawn(self._play_step(number, step, deployment, stack))
        for fault in self._scenario.faults:
            kernel.spawn(self._announce(fault, deployment), background=True)

    def _announce(self, fault: Any, deployment: Deployment) -> Process[None]:
        """Record when a fault begins and ends; ``kill`` also ends the idle environments at its moment."""
        kernel, name = self._world.kernel, f"{fault.kind} {fault.error}".strip()
        yield from kernel.sleep(fault.begins)
        self._world.trace.record(FaultApplied(name, "begins", fault.target))
        if fault.kind == "kill":
            for fleet in deployment.lambda_.fleets.values():
                fleet.kill_idle()
        if fault.ends is not None:
            yield from kernel.sleep(Micros(max(0, fault.ends - kernel.now)))
            self._world.trace.record(FaultApplied(name, "ends", fault.target))

    def _play_step(self, number: int, step: Step, deployment: Deployment, stack: Stack) -> Process[None]:
        kernel = self._world.kernel
        random = kernel.random_for(f"scenario/{number}/jitter")
        calls, action = _Calls(self._world, number, step, deployment), f"{step.service}.{step.operation}"
        for n in range(1, step.repeat.count + 1):
            due = step.at + (n - 1) * step.repeat.every
            if step.repeat.jitter:
                due += random.randint(0, step.repeat.jitter)
            if due > kernel.now:
                yield due - kernel.now
            if step.deploy is not None:
                kernel.spawn(self._deploy(number, n, step, stack))
            elif step.http is not None:
                signer = None if step.caller is None else principal_of(step.caller, deployment.identities)
                kernel.spawn(http_steps.send(self._world, deployment, signer, number, n, step))
            elif step.service is not None and step.operation is not None:
                kernel.spawn(self._call(calls.request(n), number, n, step, action))

    def _deploy(self, number: int, n: int, step: Step, stack: Stack) -> Process[None]:
        outcome = yield from stack.update(self._revisions[number])
        self._world.trace.record(StepPlayed(number, n, "deploy", step.label, None, outcome))

    def _call(self, request: Request, number: int, n: int, step: Step, action: str) -> Process[None]:
        answer = yield from self._send(request)
        played = StepPlayed(number, n, action, request.label, _request_id(answer), _outcome(answer, step))
        self._world.trace.record(played)


class _Calls:
    """The requests of one step. Where nothing in its parameters is drawn, they are worked out once for all names."""

    def __init__(self, world: World, number: int, step: Step, deployment: Deployment) -> None:
        self._world = world
        self._stream = f"scenario/{number}"
        self._step = step
        self._deployment = deployment
        self._principal = principal_of(step.caller, deployment.identities)
        self._service, self._operation = str(step.service), str(step.operation)
        self._is_fixed = step.service is not None and values.is_fixed(step.params)
        self._fix()

    def _fix(self) -> None:
        """Work the parameters out; an update of the stack may give a logical id another physical name."""
        self._names = self._deployment.aliases
        self._fixed: dict[str, Any] | None = None
        if self._is_fixed:
            params = self._params(1)
            if all(isinstance(value, SCALARS) for value in params.values()):  # nothing that a service could change
                self._fixed = params

    def request(self, n: int) -> Request:
        """The request of repetition ``n``."""
        if self._names is not self._deployment.aliases:
            self._fix()
        text = self._step.label
        params = self._params(n) if self._fixed is None else dict(self._fixed)
        label = None if text is None else str(values.render(self._world, text, n, self._stream))
        assert self._principal is not None  # checked before
        return Request(self._principal, self._service, self._operation, params, "scenario", label=label)

    def _params(self, n: int) -> dict[str, Any]:
        drawn = values.render(self._world, dict(self._step.params), n, self._stream)
        params = values.as_parameters(drawn)
        service, operation = str(self._step.service), str(self._step.operation)
        if models.has_inner_blobs(service, operation):
            params = models.encoded(service, operation, params)
        return addressed(params, self._deployment)


def _shown(result: CheckEvaluated) -> CheckEvaluated:
    """A hidden check's value and expectation never reach a student: traces can be downloaded."""
    return msgspec.structs.replace(result, actual=None, expected=None) if result.hidden else result


def addressed(params: dict[str, Any], deployment: Deployment) -> dict[str, Any]:
    """Every name, URL or ARN parameter may be a logical id: put the physical name in its place."""
    result = dict(params)
    for key in NAMES:
        name = result.get(key)
        if isinstance(name, str):
            physical = deployment.physical(name)
            result[key] = arn("sns", physical) if key == "TopicArn" and ":" not in physical else physical
    if isinstance(result.get("StreamArn"), str) and not result["StreamArn"].startswith("arn:"):
        result["StreamArn"] = deployment.source_arn(result["StreamArn"])
    stream = result.get("StreamARN")
    if isinstance(stream, str) and not stream.startswith("arn:"):
        result["StreamARN"] = arn("kinesis", f"stream/{deployment.physical(stream)}")
    if isinstance(result.get("Entries"), list):
        result["Entries"] = [_entry(each, deployment) for each in result["Entries"]]
    result |= _machine_arns(params, deployment) | _ids(params, deployment)
    result |= dimensions.addressed(params, deployment)
    if isinstance(params.get("Operation"), dict):
        result |= batch_jobs.addressed(params, deployment)
    if isinstance(result.get("UUID"), str):
        result["UUID"] = deployment.physical(result["UUID"])
    source = result.get("EventSourceArn")
    if isinstance(source, str) and not source.startswith("arn:"):
        result["EventSourceArn"] = deployment.source_arn(source)
    config = result.get("VpcConfig")
    if isinstance(config, dict):
        result["VpcConfig"] = {key: _physical(value, deployment) for key, value in config.items()}
    if "CopySource" in result:
        result["CopySource"] = _copy_source(result["CopySource"], deployment)
    return result


def _ids(params: Mapping[str, Any], deployment: Deployment) -> dict[str, str]:
    """The ids of what is called by its logical id: a user pool, its client, a distribution, a pipeline."""
    given = {key: params.get(key) for key in ("UserPoolId", "ClientId", "DistributionId", "Id")}
    ids = {key: deployment.physical(value) for key, value in given.items() if isinstance(value, str)}
    for key in ("pipelineName", "name"):  # a name may be an execution's as well
        physical = deployment.aliases.get(str(params.get(key)))
        if physical in deployment.pipelines.pipelines:
            ids[key] = str(physical)
    return ids


def _machine_arns(params: Mapping[str, Any], deployment: Deployment) -> dict[str, str]:
    """The ARN of a state machine called by its logical id, and of an execution called ``MACHINE:NAME``."""
    found = {}
    machine, execution = (str(params.get(key, "arn:")) for key in ("stateMachineArn", "executionArn"))
    if not machine.startswith("arn:"):
        found["stateMachineArn"] = arn("states", f"stateMachine:{deployment.physical(machine)}")
    if not execution.startswith("arn:"):
        found["executionArn"] = arn("states", f"execution:{deployment.physical(execution)}")
    return found


def _entry(entry: Any, deployment: Deployment) -> Any:
    """An entry of PutEvents, its bus by its physical name."""
    if not isinstance(entry, dict) or not isinstance(entry.get("EventBusName"), str):
        return entry
    return entry | {"EventBusName": deployment.physical(entry["EventBusName"])}


def _physical(value: Any, deployment: Deployment) -> Any:
    """A list of names, with physical ones in the place of logical ids."""
    return [deployment.physical(str(each)) for each in value] if isinstance(value, list) else value


def _copy_source(source: Any, deployment: Deployment) -> Any:
    """As boto3 sends it: ``bucket/key``, URL-encoded, the version behind it."""
    if isinstance(source, dict) and {"Bucket", "Key"} <= source.keys():
        version = f"?versionId={source['VersionId']}" if "VersionId" in source else ""
        return quote(f"{deployment.physical(str(source['Bucket']))}/{source['Key']}", safe="/~") + version
    bucket, slash, key = str(source).partition("/")
    return deployment.physical(bucket) + slash + key


def _request_id(answer: Answer | AwsError) -> str | None:
    if isinstance(answer, AwsError):
        return None
    metadata = answer.output.get("ResponseMetadata")
    return metadata.get("RequestId") if metadata else None


def _outcome(answer: Answer | AwsError, step: Step) -> str:
    if isinstance(answer, AwsError):
        expected = " (expected)" if step.expect == answer.code else ""
        return f"{answer.status} {answer.code}{expected}"
    return f"{answer.status}" + (f" {answer.output['FunctionError']}" if "FunctionError" in answer.output else "")
