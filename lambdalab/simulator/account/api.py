"""The front door: every AWS API call enters here, whoever makes it.

A call is checked against botocore's own service model, authorised by IAM, given a latency, struck by a fault if the
scenario says so, recorded and dispatched. State changes when the request arrives; the answer follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import msgspec

from lambdalab.simulator.account import iam, models
from lambdalab.simulator.account.latency import Latencies
from lambdalab.simulator.kernel import Micros, Process
from lambdalab.simulator.trace.facts import ApiCalled, FaultApplied
from lambdalab.simulator.vocabulary.errors import AwsError

if TYPE_CHECKING:
    from lambdalab.simulator.account.world import World


class Request(msgspec.Struct, frozen=True):
    """One API call. ``service`` is a boto3 client name, ``operation`` the API's name (``SendMessage``).

    ``source`` says who calls in the trace's words (``scenario``, ``function/charge``, ``lambda``); ``request_id`` and
    ``environment`` are those of the invocation that made the call.
    """

    principal: iam.Principal
    service: str
    operation: str
    params: dict[str, Any]
    source: str
    request_id: str | None = None
    environment: str | None = None
    label: str | None = None
    trace_header: str | None = None  # X-Amzn-Trace-Id, which botocore adds to the calls of a function
    conditions: Mapping[str, str] | None = None  # condition keys of this one call, beside those of its caller
    lineage: Mapping[str, int] | None = None  # how often each function ran in the chain that has led to this call
    passing: iam.Policy | None = None  # the policy of the VPC endpoint by which this call comes


class Answer(msgspec.Struct, frozen=True):
    """A successful answer: the operation's output members, and AWS's HTTP status."""

    output: dict[str, Any] = msgspec.field(default_factory=dict)
    status: int = 200


class Right(NamedTuple):
    """One thing that a call needs: ``action`` on ``resource``; ``conditions`` are condition keys of this call."""

    action: str
    resource: str
    conditions: Mapping[str, str] | None = None


class Guard(Protocol):
    """What the calls of a service need, where that is not always the operation's own action on one resource."""

    def rights(self, operation: str, params: dict[str, Any]) -> Iterable[Right]:
        """Everything that the caller must be allowed, in the order in which AWS asks."""
        ...

    def refusal(self, operation: str, error: AwsError) -> AwsError:
        """A refusal in this service's words."""
        ...


class Service(Protocol):
    """One AWS service behind the door."""

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The ARN that a call acts on, for IAM, and the short name shown to people."""
        ...

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry the call out. The parameters are valid and the caller is allowed."""
        ...


class FrontDoor:
    """Receives every call of a run."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._latencies = Latencies(world.kernel)
        self._services: dict[str, Service] = {}
        self._guards: dict[str, Guard] = {}

    def register(self, name: str, service: Service, guard: Guard | None = None) -> None:
        """Put a service behind the door under its boto3 client name."""
        self._services[name] = service
        if guard is not None:
            self._guards[name] = guard

    def call(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one call in virtual time; the trace gets one :class:`ApiCalled` when the answer is back."""
        kernel = self._world.kernel
        started, delay = kernel.now, self._latencies.draw(request.service)  # positive, as is each half of it
        if self._world.faults.aimed:
            delay = self._slowed(request, delay)
        yield delay // 2
        refusal, target = self._refusal(request)
        answer: Answer | AwsError = (
            refusal if refusal else (yield from self._services[request.service].dispatch(request))
        )
        yield delay - delay // 2
        self._record(request, answer, target, Micros(kernel.now - started))
        return answer

    def _slowed(self, request: Request, delay: Micros) -> Micros:
        slow = self._world.faults.striking("latency", models.boto_name(request.service, request.operation))
        return Micros(delay + slow.by) if slow else delay

    def _refusal(self, request: Request) -> tuple[AwsError | None, str | None]:
        service = self._services.get(request.service)
        if service is None or not models.is_operation(request.service, request.operation):
            return unsupported(request), None
        error = models.invalid_parameters(request.service, request.operation, request.params)
        if error:
            return error, None
        arn, target = service.resource(request.operation, request.params)
        guard = self._guards.get(request.service)
        if guard is None:
            action = iam.action_of(request.service, request.operation)
            lacks = self._world.iam.denied(request.principal, action, arn, request.conditions)
            if lacks is None and request.passing is None:
                return self._struck(request) if self._world.faults.aimed else None, target
            return self.denied(request, Right(action, arn)) or self._struck(request), target
        for right in guard.rights(request.operation, request.params):
            denied = self.denied(request, right)
            if denied is not None:
                return guard.refusal(request.operation, denied), target
        return self._struck(request), target

    def denied(self, request: Request, right: Right) -> AwsError | None:
        """AWS's refusal when the caller lacks a right, which is then in the trace; None when it has it."""
        conditions = {**request.conditions, **(right.conditions or {})} if request.conditions else right.conditions
        asked = request.principal, right.action, right.resource, conditions
        denied = self._world.iam.denied(*asked)
        if denied is None and request.passing is not None:
            denied = self._world.iam.stopped(request.passing, *asked)
        if denied is None:
            return None
        self._world.trace.record(denied.fact(request.source, request.request_id))
        return denied.error

    def _struck(self, request: Request) -> AwsError | None:
        if not self._world.faults.aimed:
            return None
        fault = self._world.faults.striking("fail", models.boto_name(request.service, request.operation))
        if fault is None:
            return None
        self._world.trace.record(FaultApplied(f"fail {fault.error}", "strikes", fault.target))
        return AwsError(fault.error, "Injected by the scenario.", models.error_status(request.service, fault.error))

    def _record(self, request: Request, answer: Answer | AwsError, target: str | None, took: Micros) -> None:
        failed = answer if isinstance(answer, AwsError) else None
        self._world.trace.record(
            ApiCalled(
                service=request.service,
                operation=request.operation,
                principal=request.principal.arn,
                source=request.source,
                request_id=request.request_id,
                environment=request.environment,
                target=target,
                latency_us=took,
                status=answer.status,
                error=failed.code if failed else None,
                message=failed.message[:1000] if failed else None,
            )
        )


def unsupported(request: Request) -> AwsError:
    """The clear answer to an operation that lambdalab does not simulate."""
    name = models.boto_name(request.service, request.operation)
    return AwsError("NotSimulated", f"lambdalab does not simulate {name} yet, so nothing happened.", 501)
