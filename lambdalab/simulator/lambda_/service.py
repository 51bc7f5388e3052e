"""Lambda's own API behind the front door, and the place where its parts are put together."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.lambda_.async_queue import AsyncQueue
from lambdalab.simulator.lambda_.compute import Compute
from lambdalab.simulator.lambda_.concurrency import Concurrency
from lambdalab.simulator.lambda_.environments import Fleet
from lambdalab.simulator.lambda_.function import LATEST, Function
from lambdalab.simulator.lambda_.handlers import Handlers
from lambdalab.simulator.lambda_.invocation import Invoker, Work
from lambdalab.simulator.lambda_.permissions import FunctionPolicies
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.arns import function_arn
from lambdalab.simulator.vocabulary.errors import AwsError, throttle


class LambdaService:
    """AWS Lambda in one account and Region."""

    def __init__(self, world: World, handlers: Handlers, compute: Compute, *, account_limit: int) -> None:
        self._world = world
        self._handlers = handlers
        self.functions: dict[str, Function] = {}
        self.fleets: dict[str, Fleet] = {}
        self.concurrency = Concurrency(world.kernel, world.faults, account_limit=account_limit)
        self.invoker = Invoker(world, self.concurrency, self.fleets, compute)
        self.queue = AsyncQueue(world, self.invoker)
        self.permissions = FunctionPolicies(world)
        world.api.register("lambda", self)

    def deploy(self, function: Function) -> None:
        """Add a function to the account."""
        self.functions[function.name] = function
        self.fleets[function.name] = Fleet(self._world, self._handlers, function)
        self.concurrency.reserve(function.name, function.reserved_concurrency)

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """Every operation we have acts on one function."""
        name, _ = split_name(str(params.get("FunctionName", "")))
        return function_arn(name), name

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        name, qualifier = split_name(request.params["FunctionName"])
        function = self.functions.get(name)
        if function is not None and request.operation in ("AddPermission", "RemovePermission", "GetPolicy"):
            return self._policy(function, request, request.params.get("Qualifier", qualifier))
        if function is None or request.params.get("Qualifier", qualifier or LATEST) != LATEST:
            text = f"Function not found: {function_arn(name, request.params.get('Qualifier', qualifier or LATEST))}"
            return AwsError("ResourceNotFoundException", text, 404, {"Type": "User"})
        if request.operation == "Invoke":
            return (yield from self._invoke(function, request))
        if request.operation == "PutFunctionConcurrency":
            return self._put_concurrency(function, request.params["ReservedConcurrentExecutions"])
        if request.operation == "DeleteFunctionConcurrency":
            function.reserved_concurrency = None
            self.concurrency.reserve(function.name, None)
            return Answer(status=204)
        if request.operation == "GetFunctionConcurrency":
            amount = function.reserved_concurrency
            return Answer({} if amount is None else {"ReservedConcurrentExecutions": amount})
        return unsupported(request)

    def _policy(self, function: Function, request: Request, qualifier: str | None) -> Answer | AwsError:
        if qualifier not in (None, LATEST):
            text = f"Function not found: {function_arn(function.name, qualifier)}"
            return AwsError("ResourceNotFoundException", text, 404, {"Type": "User"})
        if request.operation == "GetPolicy":
            return self.permissions.get(function)
        change = self.permissions.add if request.operation == "AddPermission" else self.permissions.remove
        return change(function, request.params | ({"Qualifier": qualifier} if qualifier else {}))

    def close(self) -> None:
        """The run is over."""
        for fleet in self.fleets.values():
            fleet.close()

    def _invoke(self, function: Function, request: Request) -> Process[Answer | AwsError]:
        payload = _text(request.params.get("Payload", b""))
        kind = request.params.get("InvocationType", "RequestResponse")
        refusal = _refuse_payload(payload, kind)
        if refusal:
            return refusal
        if kind == "DryRun":
            return Answer(status=204)
        request_id = self._world.new_uuid("request")
        metadata = {"ResponseMetadata": {"RequestId": request_id}}
        header = request.trace_header
        if kind == "Event":
            self.queue.accept(function, request_id, payload or "{}", request.source, request.label, header)
            return Answer({"StatusCode": 202, "Payload": b""} | metadata, 202)
        tail = request.params.get("LogType") == "Tail"
        traced = header is not None or function.tracing == "Active"
        trace = self.invoker.tracer.accept(function, request_id, header) if traced else None
        work = Work(function, request_id, payload or "{}", "RequestResponse", request.source, trace=trace, tail=tail)
        result = yield from self.invoker.invoke(work)
        if result.status == "throttled":
            return throttle(result.reason or "")
        if result.refusal is not None:
            return result.refusal
        output: dict[str, Any] = {
            "StatusCode": 200,
            "ExecutedVersion": result.version,
            "Payload": result.payload.encode(),
        }
        if result.status != "ok":
            output["FunctionError"] = "Unhandled"  # for every recorded case. Fact A.1
        if result.log_tail is not None:
            output["LogResult"] = result.log_tail
        return Answer(output | metadata)

    def _put_concurrency(self, function: Function, amount: int) -> Answer | AwsError:
        others = (
            self.concurrency.account_limit - self.concurrency.unreserved_limit - (function.reserved_concurrency or 0)
        )
        if amount and self.concurrency.account_limit - others - amount < quotas.MIN_UNRESERVED_CONCURRENCY:
            return reserved_too_large()
        function.reserved_concurrency = amount
        self.concurrency.reserve(function.name, amount)
        return Answer({"ReservedConcurrentExecutions": amount})


def reserved_too_large() -> AwsError:
    """AWS's own text (fact X.3)."""
    return AwsError(
        "InvalidParameterValueException",
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
        f"below its minimum value of [{quotas.MIN_UNRESERVED_CONCURRENCY}].",
        400,
    )


@lru_cache(maxsize=1024)
def split_name(name: str) -> tuple[str, str | None]:
    """Function name and qualifier of a name, partial ARN or ARN."""
    parts = name.split(":function:", 1)[-1].split(":")
    return parts[0], parts[1] if len(parts) > 1 else None


def _text(payload: Any) -> str:
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes | bytearray) else str(payload)


def _refuse_payload(payload: str, kind: str) -> AwsError | None:
    size = len(payload.encode())
    limit = quotas.PAYLOAD_ASYNC_BYTES if kind == "Event" else quotas.PAYLOAD_SYNC_BYTES
    if size > limit:
        text = f"{size} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
        return AwsError("RequestTooLargeException", text, 413)
    if payload:
        try:
            json.loads(payload)
        except ValueError as error:
            text = f"Could not parse request body into json: Could not parse payload into json: {error}"
            return AwsError("InvalidRequestContentException", text, 400, {"Type": "User"})
    return None
