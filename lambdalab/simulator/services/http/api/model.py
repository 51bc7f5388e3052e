"""What an API is made of: routes or methods, what they lead to, who may call them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lambdalab.simulator.account import Principal, service_principal
from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.vocabulary.arns import arn

Format = Literal["1.0", "2.0"]
DEFAULT_ROUTE = "$default"
_VARIABLE = re.compile(r"\$\{stageVariables\.([A-Za-z0-9_]{1,128})\}")


@dataclass(frozen=True, slots=True)
class Authorizer:
    """A function that decides who may call. ``sources`` are ``header.Authorization``, ``querystring.q``,
    ``stageVariables.v`` or ``context.path``; ``simple``: it answers isAuthorized instead of a policy."""

    id: str
    name: str
    kind: Literal["TOKEN", "REQUEST"]
    function: str
    sources: tuple[str, ...]
    ttl_s: int
    format: Format = "1.0"
    simple: bool = False


@dataclass(frozen=True, slots=True)
class Mock:
    """An answer that stands in the API itself, as SAM writes one for CORS."""

    status: int
    headers: Mapping[str, str]
    body: str = ""


@dataclass(frozen=True, slots=True)
class Integration:
    """What a route leads to: a function by name or ARN, perhaps with stage variables in it; or a mock.

    ``as_caller``: Lambda is called with the rights of whoever signed the request (REST APIs with CALLER_CREDENTIALS).
    """

    function: str
    limit: Micros
    format: Format = "1.0"
    as_caller: bool = False
    mock: Mock | None = None

    def target(self, variables: Mapping[str, str]) -> str:
        """The function, its stage variables filled in."""
        return _VARIABLE.sub(lambda match: variables.get(match[1], ""), self.function)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A route of an HTTP API or a method of a REST API. ``method`` may be ANY, ``path`` ``$default``."""

    method: str
    path: str
    integration: Integration
    authorizer: Authorizer | None = None
    iam: bool = False
    key_required: bool = False

    @property
    def key(self) -> str:
        """The route key: ``GET /orders/{id}`` or ``$default``."""
        return DEFAULT_ROUTE if self.path == DEFAULT_ROUTE else f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Limit:
    """Requests a second, and at once: a token bucket's rate and size."""

    rate: float
    burst: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of an API. ``limits`` are of single routes by their key; ``limit`` that of each other route."""

    name: str
    variables: Mapping[str, str] = field(default_factory=dict)
    limit: Limit | None = None
    limits: Mapping[str, Limit] = field(default_factory=dict)


def execute_arn(api_id: str, stage: str, method: str, path: str) -> str:
    """The ARN of a call: what IAM policies and authorizers speak about. ``path`` begins with a slash."""
    return arn("execute-api", f"{api_id}/{stage}/{method}{path}")


class Callers:
    """API Gateway as the caller of functions: one principal for each source ARN, so that decisions are remembered."""

    def __init__(self, api_id: str) -> None:
        self._api_id = api_id
        self._made: dict[str, Principal] = {}

    def of_route(self, stage: str, endpoint: Endpoint) -> Principal:
        """On behalf of a route: its method (``*`` for ANY) and its path as the API writes it."""
        method = "*" if endpoint.method == "ANY" else endpoint.method
        tail = endpoint.path if endpoint.path == DEFAULT_ROUTE else f"{method}{endpoint.path}"
        return self._of(f"{stage}/{tail}")

    def of_authorizer(self, authorizer: Authorizer) -> Principal:
        """On behalf of an authorizer."""
        return self._of(f"authorizers/{authorizer.id}")

    def _of(self, tail: str) -> Principal:
        if tail not in self._made:
            source = arn("execute-api", f"{self._api_id}/{tail}")
            self._made[tail] = service_principal("apigateway.amazonaws.com", source)
        return self._made[tail]
