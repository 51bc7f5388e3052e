"""Lambda authorizers: when they are asked, what they may answer, and for how long it counts.

Sources: Amazon API Gateway Developer Guide, "Use API Gateway Lambda authorizers", "Control access to HTTP APIs with
AWS Lambda authorizers", "Gateway response types". A cached policy is evaluated again for every request. A-105
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lambdalab.simulator.account import Principal, World
from lambdalab.simulator.account.iam import Policy, PolicyError, read_policy
from lambdalab.simulator.kernel import SECOND, Micros, Process
from lambdalab.simulator.services.http.api.model import Authorizer, Stage
from lambdalab.simulator.services.http.invoking import Call, Called, invoke
from lambdalab.simulator.services.http.messages import HttpRequest
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID
from lambdalab.simulator.vocabulary.events.arrivals import Arrived

CACHED_MAX = 10_000
LIMIT = Micros(10 * SECOND)  # HTTP APIs: an authorizer must answer within 10 s; REST APIs are given the same. A-105

Refusal = Literal["missing", "unauthorized", "denied", "explicitly denied", "broken"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an authorizer has said. ``policy`` None: it said yes or no by itself (``allowed``)."""

    principal_id: str
    context: Mapping[str, Any]
    policy: Principal | None = None
    allowed: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a request may go on: ``refusal`` None. ``why`` is half a sentence about a refusal."""

    refusal: Refusal | None = None
    why: str = ""
    verdict: Verdict | None = None


@dataclass(slots=True)
class Authorizers:
    """Asks authorizers, and remembers what they have said."""

    world: World
    source: str
    _cached: dict[tuple[str, str, tuple[str, ...]], tuple[int, Verdict]] = field(default_factory=dict)

    def ask(
        self, authorizer: Authorizer, caller: Principal, identity: list[str] | None, stage: Stage, event: Any, arn: str
    ) -> Process[Decision]:
        """Decide about one request. ``identity``: what its identity sources hold, None where one is missing."""
        if identity is None:
            missing = ", ".join(authorizer.sources)
            return Decision(
                "missing", f"the identity source of the authorizer {authorizer.name} is missing ({missing})"
            )
        key = (authorizer.id, stage.name, tuple(identity))
        cached = self._cached.get(key)
        if cached is not None and cached[0] > self.world.kernel.now:
            return self._decided(authorizer, cached[1], arn)
        call = Call(caller, authorizer.function, f"{self.source}/{authorizer.name}", LIMIT)
        called = yield from invoke(self.world, call, event)
        verdict = _verdict(authorizer, called)
        if isinstance(verdict, Decision):
            return verdict
        if authorizer.ttl_s and authorizer.sources:
            self._remember(key, authorizer.ttl_s, verdict)
        return self._decided(authorizer, verdict, arn)

    def _remember(self, key: tuple[str, str, tuple[str, ...]], ttl_s: int, verdict: Verdict) -> None:
        if len(self._cached) >= CACHED_MAX:
            del self._cached[next(iter(self._cached))]
        self._cached[key] = self.world.kernel.now + ttl_s * SECOND, verdict

    def _decided(self, authorizer: Authorizer, verdict: Verdict, arn: str) -> Decision:
        if verdict.policy is None:
            why = f"the authorizer {authorizer.name} says isAuthorized: false"
            return Decision(verdict=verdict) if verdict.allowed else Decision("denied", why)
        refused = self.world.iam.denied(verdict.policy, "execute-api:Invoke", arn)
        if refused is None:
            return Decision(verdict=verdict)
        explicit = refused.decision.outcome == "explicit deny"
        how = "denies it" if explicit else f"does not allow execute-api:Invoke on {arn}"
        why = f"the policy of the authorizer {authorizer.name} {how}"
        return Decision("explicitly denied" if explicit else "denied", why)


def identity_of(
    authorizer: Authorizer, request: HttpRequest, came: Arrived, stage: Stage, context: Mapping[str, str]
) -> list[str] | None:
    """What the identity sources of a request hold; None where one is missing or empty."""
    parameters = dict(came.parameters)
    found = []
    for source in authorizer.sources:
        kind, _, name = source.partition(".")
        held = {
            "header": lambda name: request.header(name.lower()),
            "querystring": lambda name: parameters.get(name, ""),
            "stageVariables": lambda name: stage.variables.get(name, ""),
            "context": lambda name: context.get(name, ""),
        }[kind](name)
        if not held:
            return None
        found.append(held)
    return found


def _verdict(authorizer: Authorizer, called: Called) -> Verdict | Decision:
    name = f"the authorizer {authorizer.name}"
    if called.end == "failed" and _message(called.value) == "Unauthorized":
        return Decision("unauthorized", f"{name} raised Unauthorized")
    if called.end != "ok":
        return Decision("broken", f"{name} gave no answer: {called.why}")
    value = called.value
    if not isinstance(value, dict):
        return Decision("broken", f"{name} returned no object but {json.dumps(value)[:60]}")
    context = value.get("context") or {}
    if not isinstance(context, dict) or not (authorizer.simple or _is_flat(context)):
        return Decision("broken", f"the context of {name} holds something else than texts, numbers and booleans")
    if authorizer.simple:
        if not isinstance(value.get("isAuthorized"), bool):
            return Decision("broken", f"{name} returned no isAuthorized: true or false")
        return Verdict("", context, allowed=value["isAuthorized"])
    return _by_policy(authorizer, value, context)


def _is_flat(context: Mapping[str, Any]) -> bool:
    """Simple responses may hold more; what comes beside a policy may not."""
    return all(isinstance(one, str | int | float | bool) for one in context.values())


def _by_policy(authorizer: Authorizer, value: Mapping[str, Any], context: Mapping[str, Any]) -> Verdict | Decision:
    name = f"the authorizer {authorizer.name}"
    principal = value.get("principalId")
    if not isinstance(principal, str):
        return Decision("broken", f"{name} returned no principalId")
    try:
        policy: Policy = read_policy(value.get("policyDocument"), f"the policy of {name}")
    except PolicyError as error:
        return Decision("broken", f"{name} returned a policy that is none: {str(error).rstrip('.')}")
    arn = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{authorizer.name}/authorized"
    return Verdict(principal, context, Principal(arn, (policy,), called=name))


def _message(document: Any) -> str:
    return str(document.get("errorMessage", "")) if isinstance(document, dict) else ""
