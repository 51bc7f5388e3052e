"""Target groups with a function: events, answers, health checks.

Sources: Elastic Load Balancing, "Use Lambda functions as targets of an Application Load Balancer", "Troubleshoot your
Application Load Balancers"; fact F.5.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lambdalab.simulator.account import Principal, World, service_principal
from lambdalab.simulator.kernel import SECOND, Micros, Process
from lambdalab.simulator.services.http import proxy
from lambdalab.simulator.services.http.balancer.rules import error_page
from lambdalab.simulator.services.http.invoking import Call, Called, invoke
from lambdalab.simulator.services.http.messages import HttpRequest, HttpResponse, arrived, as_text
from lambdalab.simulator.trace.facts import TargetHealthChanged
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.events.arrivals import Arrived, balanced

CHECKER = "ELB-HealthChecker/2.0"


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """How often a target is asked, and what counts. Off by default for functions. ELB "Health checks"; A-108"""

    path: str = "/"
    interval_s: int = quotas.HEALTH_CHECK_INTERVAL_S
    timeout_s: int = quotas.HEALTH_CHECK_TIMEOUT_S
    healthy_after: int = 5
    unhealthy_after: int = 2
    statuses: frozenset[int] = frozenset({200})


@dataclass(slots=True)
class TargetGroup:
    """A target group of the type lambda. ``function`` is the target's ARN or name, None while there is none."""

    world: World
    shown_as: str
    arn: str
    function: str | None
    multi: bool = False
    check: HealthCheck | None = None
    caller: Principal = field(init=False)

    def __post_init__(self) -> None:
        self.caller = service_principal("elasticloadbalancing.amazonaws.com", self.arn)

    def answer(self, request: HttpRequest, host: str, source: str) -> Process[HttpResponse]:
        """Hand a request to the function."""
        if self.function is None:
            why = f"the target group {self.shown_as} has no target"
            return error_page(503, "Service Temporarily Unavailable", why)
        if len(request.body) > quotas.BALANCER_BODY_BYTES:
            return error_page(413, "Request Entity Too Large", "the request's body is larger than 1 MB")
        text, encoded = as_text(request)
        came = arrived(self.world, request, host, text, encoded)
        call = Call(self.caller, self.function, source, trace=came.header("x-amzn-trace-id"))
        called = yield from invoke(self.world, call, balanced(came, self.arn, multi=self.multi))
        answer = self._answer(called)
        return replace(answer, request_id=called.request_id, function=called.function)

    def _answer(self, called: Called) -> HttpResponse:
        """Everything that goes wrong with a function is a 502; a sentence says what it was. Fact F.5"""
        if called.end != "ok":
            return error_page(502, "Bad Gateway", called.why)
        if len(called.payload.encode()) > quotas.BALANCER_BODY_BYTES:
            return error_page(502, "Bad Gateway", "the function's answer is larger than 1 MB")
        answer = proxy.balanced(called.value, multi=self.multi)
        return answer if isinstance(answer, HttpResponse) else error_page(502, "Bad Gateway", answer)

    def watch(self) -> Process[None]:
        """Ask the target again and again, for ever; tell when its health changes. A sick target gets requests all the
        same where it is the only one, so nothing depends on it."""
        check = self.check
        assert check is not None
        state, row = "initial", 0  # row: checks in a row that speak for the other state
        while True:
            yield from self.world.kernel.sleep(Micros(check.interval_s * SECOND))
            status, why = yield from self._checked(check)
            well = status in check.statuses
            row = row + 1 if well != (state == "healthy") else 0
            needed = 1 if state == "initial" else check.healthy_after if well else check.unhealthy_after
            if row >= needed:
                state, row = "healthy" if well else "unhealthy", 0
                reason = "" if well else why or f"it answered {status}"
                self.world.trace.record(TargetHealthChanged(self.shown_as, well, reason))

    def _checked(self, check: HealthCheck) -> Process[tuple[int, str]]:
        assert self.function is not None
        asked = Arrived("GET", check.path, "", (("user-agent", CHECKER),), "", "", "")
        limit = Micros(check.timeout_s * SECOND)
        call = Call(self.caller, self.function, f"load-balancer-health-check/{self.shown_as}", limit)
        called = yield from invoke(self.world, call, balanced(asked, self.arn, multi=self.multi))
        answer = self._answer(called)
        return answer.status, answer.why or ""
