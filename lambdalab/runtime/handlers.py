"""The handler port, filled by sandboxed environments: the simulator's turns and the sandbox's turns, one to one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from lambdalab.runtime.requirements import with_requirements
from lambdalab.sandbox import AnyReply as SandboxAnyReply
from lambdalab.sandbox import Call as SandboxCall
from lambdalab.sandbox import ConnectReply as SandboxConnectReply
from lambdalab.sandbox import Environment, Policy, Sandbox, SandboxError, Status
from lambdalab.sandbox import Reply as SandboxReply
from lambdalab.sandbox import Turn as SandboxTurn
from lambdalab.sandbox import WebReply as SandboxWebReply
from lambdalab.sandbox import WebRequest as SandboxWebRequest
from lambdalab.simulator.account.internet import canonical
from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.lambda_.handlers import (
    AnyReply,
    Call,
    Connect,
    ConnectReply,
    EnvironmentHandle,
    Finished,
    FinishedStatus,
    HandlerEvent,
    LoggedLine,
    Reply,
    Turn,
    WebReply,
    WebRequest,
)
from lambdalab.simulator.lambda_.layers import LayerVersion, merged
from lambdalab.simulator.lambda_.tracing import untraced
from lambdalab.simulator.lambda_.turns import HandlerFailure

STATUS: dict[Status, FinishedStatus] = {
    Status.READY: "ready",
    Status.OK: "ok",
    Status.ERROR: "error",
    Status.INIT_ERROR: "init_error",
    Status.EXIT: "exit",
    Status.OUT_OF_MEMORY: "out_of_memory",
    Status.OUTPUT_LIMIT: "output_limit",
    Status.TIMEOUT: "guard",
}


class SandboxedHandlers:
    """Makes sandboxed environments for functions. ``epoch_us`` and ``seed`` are the run's."""

    def __init__(self, sandbox: Sandbox, *, epoch_us: int, seed: int) -> None:
        self._sandbox = sandbox
        self._epoch_us = epoch_us
        self._seed = seed
        self._digests: dict[Function, str] = {}  # each version is an object of its own
        self._layer_digests: dict[tuple[LayerVersion, ...], str] = {}

    def environment(self, function: Function, number: int, log_stream: str) -> EnvironmentHandle:
        """A new environment of ``function``. Raises ``HandlerFailure`` when the sandbox cannot make one."""
        try:
            environment = self._sandbox.environment(
                Policy(memory_mb=function.memory_mb, tmp_mb=function.ephemeral_mb),
                task=self._digest(function),
                layers=self._layers(function),
                handler=function.handler,
                environ=environ_of(function, log_stream),
                epoch_us=self._epoch_us,
                seed=_seed_of(self._seed, function.name, number),
            )
        except (SandboxError, ValueError) as error:
            raise HandlerFailure(str(error)) from error
        return _SandboxedEnvironment(environment, self._epoch_us)

    def _digest(self, function: Function) -> str:
        """The function's package in the code store, with the packages that it requires."""
        if function not in self._digests:
            files = with_requirements(function.code, self._sandbox.offered)
            self._digests[function] = self._sandbox.code_store.put(files)
        return self._digests[function]

    def _layers(self, function: Function) -> str | None:
        """The function's layers as the one folder that becomes /opt."""
        if not function.layers:
            return None
        if function.layers not in self._layer_digests:
            self._layer_digests[function.layers] = self._sandbox.code_store.put(merged(function.layers))
        return self._layer_digests[function.layers]


TRUST = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), "/var/runtime/authority.pem")


def environ_of(function: Function, log_stream: str) -> dict[str, str]:
    """The environment variables of a function's environment. Source: fact B.5; ``TRUST`` is assumption A-16."""
    return TRUST | dict(function.environment) | {
        "_HANDLER": function.handler,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": function.initialization,
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        **_log_variables(function),
    }


def _log_variables(function: Function) -> dict[str, str]:
    """What AWS's runtime client and loggers read. Source: DG26 "Log-level filtering"."""
    config = function.logging
    return (
        {"AWS_LAMBDA_LOG_FORMAT": config.format, "AWS_LAMBDA_LOG_LEVEL": config.application_level}
        if config.is_json
        else {}
    )


class _SandboxedEnvironment:
    def __init__(self, environment: Environment, epoch_us: int) -> None:
        self._environment = environment
        self._epoch_us = epoch_us

    def start(self, now: Micros) -> Turn:
        return self._turn(lambda: self._environment.start(now))

    def invoke(self, event: HandlerEvent, now: Micros) -> Turn:
        return self._turn(
            lambda: self._environment.invoke(
                request_id=event.request_id,
                event=event.payload.encode(),
                deadline_us=event.deadline,
                function_arn=event.function_arn,
                now_us=now,
                client_context=event.client_context,
                trace_id=event.trace_id or untraced(event.request_id, self._epoch_us + now).header(),
            )
        )

    def resume(self, replies: Sequence[AnyReply], now: Micros) -> Turn:
        return self._turn(lambda: self._environment.resume([_reply(reply) for reply in replies], now))

    def reset(self) -> None:
        try:
            self._environment.reset()
        except SandboxError as error:
            raise HandlerFailure(str(error)) from error

    def shutdown(self) -> None:
        self._environment.shutdown()

    def _turn(self, take: Any) -> Turn:
        try:
            turn: SandboxTurn = take()
        except SandboxError as error:
            return Turn(failure=str(error))
        return _turn(turn)


def _turn(turn: SandboxTurn) -> Turn:
    finished = None
    if turn.finished is not None:
        payload = turn.finished.payload.decode("utf-8", "replace")
        finished = Finished(STATUS[turn.finished.status], payload)
    return Turn(
        calls=tuple(_call(call) for call in turn.calls),
        connects=tuple(
            Connect(asked.id, asked.kind, asked.host, asked.address, asked.port, asked.data) for asked in turn.connects
        ),
        requests=tuple(
            WebRequest(request.id, request.method, _url(request), request.body, request.headers)
            for request in turn.requests
        ),
        closed=turn.closed,
        logs=tuple(LoggedLine(line.text, line.error) for line in turn.logs),
        wake_at=None if turn.wake_at_us is None else Micros(turn.wake_at_us),
        finished=finished,
        clock_reads=turn.clock_reads,
        cpu_us=turn.cpu_us,
        max_memory_mb=-(-turn.max_memory_kb // 1024),
        reproducible=turn.reproducible,
    )


def _call(call: SandboxCall) -> Call:
    patience, read_patience = _micros(call.patience_us), _micros(call.read_patience_us)
    return Call(call.id, call.service, call.operation, call.params, call.host, patience, read_patience)


def _micros(value: int | None) -> Micros | None:
    return None if value is None else Micros(value)


def _url(request: SandboxWebRequest) -> str:
    """What was asked for. A client that takes us for a proxy sends a whole URL: that is a path nobody has."""
    path = request.target if request.target.startswith("/") else f"/{request.target}"
    return canonical(f"{request.scheme}://{request.host}:{request.port}{path}")


def _reply(reply: AnyReply) -> SandboxAnyReply:
    match reply:
        case ConnectReply():
            address = reply.address or "0.0.0.0"  # noqa: S104 - no address at all
            return SandboxConnectReply(
                reply.connect_id, reply.outcome, address, reply.host, reply.port, reply.trusted, reply.mute
            )
        case WebReply():
            return SandboxWebReply(reply.request_id, reply.status, reply.headers, reply.body, reply.reset)
        case Reply():
            return _answer(reply)


def _answer(reply: Reply) -> SandboxReply:
    """A reply in botocore's shape, as its own parser would have made it."""
    if reply.failure is not None:
        return SandboxReply(reply.call_id, 0, {}, reply.failure)
    output: Mapping[str, Any] = reply.output or {}
    own = output.get("ResponseMetadata", {})
    metadata = {
        "RequestId": own.get("RequestId", f"00000000-0000-4000-8000-{reply.call_id:012d}"),
        "HTTPStatusCode": reply.status,
        "HTTPHeaders": own.get("HTTPHeaders", {}),
        "RetryAttempts": 0,
    }
    if reply.error_code is None:
        return SandboxReply(reply.call_id, reply.status, dict(output) | {"ResponseMetadata": metadata})
    extra = reply.error_extra or {}
    kind = "Sender" if reply.status < 500 else "Receiver"
    error = {"Code": reply.error_code, "Message": reply.error_message or "", "Type": kind}
    return SandboxReply(reply.call_id, reply.status, {**extra, "Error": error, "ResponseMetadata": metadata})


def _seed_of(seed: int, function: str, number: int) -> int:
    """Each environment draws its own chance, from the run's seed."""
    digest = hashlib.sha256(f"{seed}/{function}/{number}".encode()).digest()
    return int.from_bytes(digest[:8], "big")
