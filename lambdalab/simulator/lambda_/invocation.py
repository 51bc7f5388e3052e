"""One invocation: admission, INIT where it is due, the handler, the REPORT. Source: facts A.1, B.2 to B.4."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Mapping
from typing import Any, Literal, Protocol

import msgspec

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import SECOND, Micros, Process
from lambdalab.simulator.lambda_ import log_stream
from lambdalab.simulator.lambda_.compute import Compute, InvocationCosts
from lambdalab.simulator.lambda_.concurrency import Concurrency
from lambdalab.simulator.lambda_.connections import close_all
from lambdalab.simulator.lambda_.encryption import refused_by_key
from lambdalab.simulator.lambda_.environments import Environment, Fleet, Mailbox
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.lambda_.handlers import Finished, HandlerEvent
from lambdalab.simulator.lambda_.recursion import Lineage
from lambdalab.simulator.lambda_.tracing import Trace, Tracer
from lambdalab.simulator.lambda_.turns import Driver
from lambdalab.simulator.trace.facts import (
    EnvironmentReset,
    InitEnded,
    InitStarted,
    InvocationEnded,
    InvocationStarted,
    InvocationThrottled,
    ProvisionedInitialised,
)
from lambdalab.simulator.trace.facts.invocation import InvocationStatus, InvocationType
from lambdalab.simulator.trace.platform_lines import KILLS_RUNTIME, billed_ms
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.arns import function_arn
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.utf8 import utf8_size

_TASK_FRAME = re.compile(r'File "/var/task/([^"]+)", line (\d+)')


class Work(msgspec.Struct, frozen=True):
    """What is asked of a version of a function. ``attempt`` counts the deliveries of one asynchronous event from 1.

    ``qualifier`` is the version or alias by which the caller asked for it, None for the function's bare name.
    """

    function: Function
    request_id: str
    payload: str
    invocation_type: InvocationType
    source: str
    attempt: int = 1
    qualifier: str | None = None
    trace: Trace | None = None
    tail: bool = False  # the caller wants the end of the log (LogType: Tail)
    lineage: Lineage | None = None  # this invocation included; None where no function began the chain
    client_context: str | None = None  # what the caller sends beside the payload, as JSON text


class Result(msgspec.Struct, frozen=True):
    """How it ended. ``reason`` is a throttle's; ``error`` AWS's error document when the function failed; ``refusal``
    what Lambda answers when it could not even begin (status ``refused``)."""

    status: InvocationStatus | Literal["throttled", "refused"]
    payload: str = "null"
    reason: str | None = None
    error: Mapping[str, Any] = msgspec.field(default_factory=dict)
    refusal: AwsError | None = None
    log_tail: str | None = None


class ProvisionedEnvironments(Protocol):
    """Provisioned concurrency, as far as an invocation needs it."""

    allocations: dict[tuple[str, str], Any]

    def take(self, work: Work) -> Environment | None:
        """A provisioned environment for this request, or None."""
        ...


class Invoker:
    """Runs invocations: the meeting point of concurrency, environments and handlers."""

    def __init__(self, world: World, concurrency: Concurrency, fleets: Mapping[str, Fleet], compute: Compute) -> None:
        self._world = world
        self._concurrency = concurrency
        self._fleets = fleets
        self._compute = compute
        self._costs = InvocationCosts(compute, world.kernel)
        self.tracer = Tracer(world)
        self.provisioned: ProvisionedEnvironments | None = None

    def invoke(self, work: Work) -> Process[Result]:
        """Run ``work`` to its end in virtual time, or refuse it at once."""
        refusal = refused_by_key(self._world, work.function, work.request_id)
        if refusal is not None:
            return Result("refused", refusal=refusal)
        environment, reason = self._admit(work)
        if environment is None:
            self._record_throttle(work, reason or "")
            return Result("throttled", reason=reason)
        self._concurrency.enter(work.function, environment.provisioned)
        environment.log_tail = deque() if work.tail else None
        init = (yield from self._first_init(environment)) if environment.cold else None
        started = self._world.kernel.now
        traced = work.trace is not None and work.trace.segment is not None
        plain = log_stream.is_plain(environment, traced=traced)
        beginning = self._begin(work, environment, cold=init is not None, plain=plain)
        xray = None if work.trace is None else self._trace(work, environment, work.trace)
        finished = yield from self._run(work, environment, beginning, xray)
        result, took = _result(work.request_id, work.function, finished), Micros(self._world.kernel.now - started)
        ended = self._ended(work, environment, result, took, init, plain=plain)
        log_stream.ended(self._world, environment, ended, result.payload, xray)
        return self._conclude(work, environment, result)

    def initialise(self, environment: Environment, limit: Micros) -> Process[bool]:
        """INIT of a provisioned environment, before anybody asks for it; true when it went well. Fact C.4"""
        environment.cold = False
        started = self._world.kernel.now
        failed = yield from self._init(environment, "init", Micros(started + limit), None)
        took = Micros(self._world.kernel.now - started)
        function = environment.function
        self._world.trace.record(
            ProvisionedInitialised(
                environment.id, function.name, function.version, function.memory_mb, billed_ms(took, None)
            )
        )
        if failed is None:
            log_stream.provisioned(self._world, environment, took)
        return failed is None

    def _admit(self, work: Work) -> tuple[Environment | None, str | None]:
        """The steps of fact C.2: the rate, provisioned environments, the limits, a warm environment, a new one."""
        if work.invocation_type != "RequestResponse":
            return self._within_limits(work)
        reason = self._concurrency.rate_refusal(work.function)
        if reason:
            return None, reason
        environment, reason = self._within_limits(work)
        if environment is None:
            self._concurrency.give_back(work.function)
        return environment, reason

    def _within_limits(self, work: Work) -> tuple[Environment | None, str | None]:
        function = work.function
        if self.provisioned is not None and self.provisioned.allocations:
            reason = self._concurrency.provisioned_refusal(function)
            if reason:
                return None, reason
            provided = self.provisioned.take(work)
            if provided is not None:
                return provided, None
        reason = self._concurrency.refusal(function)
        if reason:
            return None, reason
        fleet = self._fleets[function.name]
        idle = fleet.take_idle(function)
        if idle is not None:
            return idle, None
        if not self._concurrency.may_scale(function):
            return None, "FunctionInvocationRateLimitExceeded"
        return fleet.create(function), None

    def _record_throttle(self, work: Work, reason: str) -> None:
        fact = InvocationThrottled(work.request_id, work.function.name, work.invocation_type, work.source, reason)
        self._world.trace.record(fact)

    def _first_init(self, environment: Environment) -> Process[Micros | None]:
        """INIT of a cold environment, at most 10 s. Returns its length, or None when it failed."""
        environment.cold = False
        started = self._world.kernel.now
        failed = yield from self._init(environment, "init", Micros(started + quotas.INIT_LIMIT), None)
        if failed is None:
            return Micros(self._world.kernel.now - started)
        return None

    def _init(
        self, environment: Environment, phase: Literal["init", "invoke"], deadline: Micros, request_id: str | None
    ) -> Process[Finished | None]:
        """Run INIT. Returns None when it went well, else how it ended; a timeout is ``Finished("guard", …)``."""
        world, function = self._world, environment.function
        started = world.kernel.now
        log_stream.init_started(world, environment, phase)
        world.trace.record(InitStarted(environment.id, function.name, phase))
        driver = Driver(world, self._compute, environment, request_id)
        cost = self._declared_init(function)
        finished: Finished | None = None
        if started + cost < deadline:
            yield from world.kernel.sleep(cost)
            turn = environment.handle.start(world.kernel.now)
            finished = yield from driver.drive(turn, deadline, self._compute.measured(function, turn.cpu_us))
            if finished is not None and finished.status == "guard":  # burned real CPU past our limit: a timeout
                finished = None
        if finished is None:
            yield from world.kernel.sleep(Micros(max(0, deadline - world.kernel.now)))
        return self._init_ended(environment, phase, started, finished)

    def _init_ended(
        self, environment: Environment, phase: Literal["init", "invoke"], started: Micros, finished: Finished | None
    ) -> Finished | None:
        took = Micros(self._world.kernel.now - started)
        name = environment.function.name
        if finished is not None and finished.status == "ready":
            environment.needs_init = False
            self._world.trace.record(InitEnded(environment.id, name, phase, "ok", took, None))
            log_stream.init_ended(self._world, environment, phase, took, "ok", None)
            return None
        status: Literal["error", "timeout"] = "timeout" if finished is None else "error"
        error_type = None if finished is None else _document(finished.payload).get("errorType", "Runtime.ExitError")
        self._world.trace.record(InitEnded(environment.id, name, phase, status, took, error_type))
        log_stream.init_ended(self._world, environment, phase, took, status, error_type)
        self._reset(environment, f"INIT {status}")
        return finished or Finished("guard", "{}")

    def _begin(self, work: Work, environment: Environment, *, cold: bool, plain: bool) -> InvocationStarted:
        """The environment takes the request."""
        environment.trace_header, environment.lineage = None, work.lineage
        beginning = InvocationStarted(
            work.request_id,
            work.function.name,
            environment.version,
            environment.id,
            work.invocation_type,
            work.source,
            work.attempt,
            cold,
            self._concurrency.in_flight[work.function.name],
            plain and not environment.needs_init,
        )
        self._world.trace.record(beginning)
        return beginning

    def _conclude(self, work: Work, environment: Environment, result: Result) -> Result:
        """The request is answered, and the environment is free."""
        if result.status in KILLS_RUNTIME:
            self._reset(environment, result.status)
        self._fleets[work.function.name].release(environment)
        if work.tail:
            result = msgspec.structs.replace(result, log_tail=log_stream.tail(environment))
            environment.log_tail = None
        return result

    def _run(
        self,
        work: Work,
        environment: Environment,
        beginning: InvocationStarted,
        xray: log_stream.XRay | None,
    ) -> Process[Finished | None]:
        """The handler itself, after a repeated INIT where a reset made one necessary. None: timed out.

        START is logged behind what a repeated INIT logs, as on AWS: logs of April and June 2026. Fact B.4
        """
        kernel = self._world.kernel
        deadline = Micros(kernel.now + work.function.timeout_s * SECOND)
        failed: Finished | None = None
        if environment.needs_init:
            failed = yield from self._init(environment, "invoke", deadline, work.request_id)
        log_stream.started(self._world, environment, beginning, xray)
        if failed is not None:
            return None if failed.status == "guard" else failed
        cost = self._costs.draw(work.function, work.payload)
        if kernel.now + cost >= deadline:
            yield from kernel.sleep(Micros(deadline - kernel.now))
            return None
        if cost or kernel.others_first():
            yield cost
        header = environment.trace_header
        arn = function_arn(work.function.name, work.qualifier)  # what code sees as invoked_function_arn. Fact B.6
        event = HandlerEvent(work.request_id, work.payload, deadline, arn, header, work.client_context)
        turn = environment.handle.invoke(event, kernel.now)
        driver = Driver(self._world, self._compute, environment, work.request_id)
        lag = self._compute.measured(work.function, turn.cpu_us)
        finished = driver.at_once(turn, deadline, lag) or (yield from driver.drive(turn, deadline, lag))
        if finished is not None and finished.status == "guard":  # burned real CPU past our limit: a timeout
            yield from kernel.sleep(Micros(max(0, deadline - kernel.now)))
            return None
        return finished

    def _trace(self, work: Work, environment: Environment, trace: Trace) -> log_stream.XRay | None:
        """Give the environment its tracing header. Returns what its log says of it, where Lambda sends segments."""
        segment = self.tracer.begin(work.function, work.request_id, environment.id, work.attempt, trace)
        environment.trace_header = trace.header(segment)
        return None if segment is None else log_stream.XRay(trace.root, segment, trace.header(trace.segment))

    def _ended(
        self,
        work: Work,
        environment: Environment,
        result: Result,
        took: Micros,
        init: Micros | None,
        *,
        plain: bool,
    ) -> InvocationEnded:
        """It makes room for others, and what it was becomes a fact."""
        function = work.function
        concurrency = self._concurrency.leave(function, environment.provisioned)
        frame = _last_frame(result.error) if result.error else None
        memory = function.memory_mb if result.status == "out_of_memory" else environment.max_memory_mb
        ended = InvocationEnded(  # with more names than these Python makes a dictionary of them first
            work.request_id,
            function.name,
            environment.version,
            environment.id,
            work.attempt,
            result.status,  # type: ignore[arg-type]
            duration_us=took,
            init_us=init,
            billed_ms=billed_ms(took, init),
            memory_mb=environment.function.memory_mb,
            max_memory_mb=memory,
            payload=result.payload[:4096],
            error_type=result.error.get("errorType"),
            error_message=result.error.get("errorMessage"),
            file=f"{function.code_folder}/{frame[0]}".lstrip("/") if frame else None,
            line=frame[1] if frame else None,
            concurrency=concurrency,
            logged=plain,
        )
        self._world.trace.record(ended)
        return ended

    def _reset(self, environment: Environment, reason: str) -> None:
        """Kill the runtime. Answers to calls that it still waited for go into its old mailbox, which nobody reads."""
        environment.handle.reset()
        environment.mailbox = Mailbox(self._world.kernel)
        if not environment.needs_init:  # else a repeated INIT failed: its runtime was never of use
            environment.needs_init = True
            self._world.trace.record(EnvironmentReset(environment.id, environment.function.name, reason))
        close_all(self._world, environment, "runtime killed")

    def _declared_init(self, function: Function) -> Micros:
        return self._compute.before_init(self._world.kernel, function)


def _result(request_id: str, function: Function, finished: Finished | None) -> Result:
    """AWS's answer to how the code ended. Source: the table of fact B.4 (new style)."""
    if finished is None:
        seconds = function.timeout_s
        return _failed(
            "timeout", "Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {seconds}.00 seconds"
        )
    if finished.status == "ok":
        too_large = utf8_size(finished.payload) > quotas.RESPONSE_BYTES_MAX
        return _response_too_large() if too_large else Result("ok", finished.payload)
    if finished.status == "output_limit":
        return _response_too_large()
    if finished.status == "exit":
        return _failed("exit", "Runtime.ExitError", f"RequestId: {request_id} Error: {finished.payload}")
    if finished.status == "out_of_memory":
        text = f"RequestId: {request_id} Error: Runtime exited with error: signal: killed"
        return _failed("out_of_memory", "Runtime.ExitError", text)
    status: InvocationStatus = "init_error" if finished.status == "init_error" else "error"
    return Result(status, finished.payload, error=_document(finished.payload))


def _response_too_large() -> Result:
    size = quotas.RESPONSE_BYTES_MAX
    text = f"Response payload size exceeded maximum allowed payload size ({size} bytes)."
    return _failed("error", "Function.ResponseSizeTooLarge", text)


def _failed(status: InvocationStatus, error_type: str, message: str) -> Result:
    document = {"errorType": error_type, "errorMessage": message}
    return Result(status, json.dumps(document, separators=(",", ":")), error=document)


def _document(payload: str) -> dict[str, Any]:
    try:
        value = json.loads(payload)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _last_frame(error: Mapping[str, Any]) -> tuple[str, int] | None:
    """The innermost line of the student's own code in an error's stack trace."""
    found = _TASK_FRAME.findall("".join(str(line) for line in error.get("stackTrace") or ()))
    return (found[-1][0], int(found[-1][1])) if found else None
