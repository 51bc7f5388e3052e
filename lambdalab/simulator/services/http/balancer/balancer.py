"""A load balancer: listeners, rules, and what clients get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.http.balancer.rules import (
    FixedResponse,
    Forward,
    Listener,
    Redirect,
    error_page,
    fixed,
)
from lambdalab.simulator.services.http.balancer.targets import TargetGroup
from lambdalab.simulator.services.http.messages import HttpRequest, HttpResponse
from lambdalab.simulator.vocabulary import quotas

SERVER = {"server": "awselb/2.0"}


@dataclass(slots=True)
class LoadBalancer:
    """An Application Load Balancer. ``listeners`` by port, ``groups`` by ARN."""

    world: World
    shown_as: str
    host: str
    listeners: Mapping[int, Listener]
    groups: Mapping[str, TargetGroup] = field(default_factory=dict)
    kind: Literal["load_balancer"] = "load_balancer"

    @property
    def source(self) -> str:
        """How the trace calls it."""
        return f"load-balancer/{self.shown_as}"

    def answer(self, request: HttpRequest) -> Process[HttpResponse]:
        """Answer one request by the first rule that it meets."""
        if _too_large(request):
            why = "a header is larger than 16 KB, or all together are larger than 64 KB"
            return error_page(400, "Request Header Or Cookie Too Large", why).with_headers(SERVER)
        listener = self.listeners[request.port]
        request = replace(request, secure=listener.protocol == "HTTPS")
        action = listener.rule_for(request).action
        if isinstance(action, FixedResponse):
            return fixed(action).with_headers(SERVER)
        if isinstance(action, Redirect):
            location = action.location(request, listener.protocol, listener.port)
            why = f"the rule redirects to {location}"
            return HttpResponse(action.status, (("Location", location),), b"", why).with_headers(SERVER)
        group = self.groups[self._drawn(action)]
        answer = yield from group.answer(request, request.header("host"), self.source)
        return answer.with_headers(SERVER)

    def _drawn(self, action: Forward) -> str:
        """One of the target groups, by weight."""
        weights = [weight for _, weight in action.groups]
        if len(weights) == 1 or not any(weights):
            return action.groups[0][0]
        random = self.world.kernel.random_for(f"load-balancer/{self.shown_as}")
        (chosen,) = random.choices([arn for arn, _ in action.groups], weights)
        return chosen


def _too_large(request: HttpRequest) -> bool:
    sizes = [
        request.line_bytes,
        *(len(f"{name}: {value}".encode("utf-8", "replace")) for name, value in request.headers),
    ]
    return max(sizes) > quotas.BALANCER_HEADER_BYTES or sum(sizes) > quotas.BALANCER_HEAD_BYTES
