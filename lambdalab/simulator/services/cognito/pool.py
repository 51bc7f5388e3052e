"""User pools and their users, as they are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lambdalab.simulator.account import Principal, service_principal
from lambdalab.simulator.vocabulary.arns import REGION, arn

Status = Literal["UNCONFIRMED", "CONFIRMED"]
PRINCIPAL = "cognito-idp.amazonaws.com"


def pool_id(name: str) -> str:
    """The id of a user pool, made from the physical name of its resource."""
    letters = hashlib.sha256(f"pool/{name}".encode()).hexdigest()[:9]
    return f"{REGION}_{letters}"


def client_id(name: str) -> str:
    """The id of a pool's client: 26 small letters and digits."""
    return hashlib.sha256(f"client/{name}".encode()).hexdigest()[:26]


def pool_arn(identity: str) -> str:
    """The ARN of the pool with this id."""
    return arn("cognito-idp", f"userpool/{identity}")


@dataclass(slots=True)
class PasswordPolicy:
    """What a password must have. Defaults: CreateUserPool's own."""

    minimum: int = 8
    lower: bool = True
    upper: bool = True
    digits: bool = True
    symbols: bool = True


@dataclass(slots=True)
class User:
    """Somebody in a pool. ``code`` is what has been sent and not yet come back."""

    name: str
    sub: str
    password: str
    attributes: dict[str, str]
    status: Status = "UNCONFIRMED"
    code: str | None = None
    code_for: Literal["sign_up", "password"] = "sign_up"
    client: str = ""
    medium: str = ""  # the attribute to which the code went


@dataclass(slots=True)
class UserPool:
    """A user pool. ``triggers`` are the ARNs of functions by their names in LambdaConfig; ``verifies`` the attributes
    to which a code is sent; ``event_version`` that of the event of PreTokenGeneration; ``required`` attributes
    every user must have; ``only_admins``: nobody may sign up."""

    name: str
    shown_as: str
    triggers: Mapping[str, str]
    verifies: tuple[str, ...] = ()
    policy: PasswordPolicy = field(default_factory=PasswordPolicy)
    event_version: str = "1"
    required: tuple[str, ...] = ()
    only_admins: bool = False
    users: dict[str, User] = field(default_factory=dict)
    caller: Principal = field(init=False)

    def __post_init__(self) -> None:
        self.caller = service_principal(PRINCIPAL, pool_arn(self.id))

    @property
    def id(self) -> str:
        """``us-east-1_…``"""
        return pool_id(self.name)


@dataclass(frozen=True, slots=True)
class Client:
    """A client of a pool. ``flows``: its ExplicitAuthFlows; ``hides_users``: it does not say that a user is unknown."""

    id: str
    pool: UserPool
    flows: frozenset[str]
    hides_users: bool = False

    def allows(self, flow: str) -> bool:
        """Whether a flow is among its own, by its name today or before 2019. BC ExplicitAuthFlows"""
        names = {flow, f"ALLOW_{flow}"}
        if "ADMIN" in flow:
            names = {"ADMIN_NO_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"}
        return not names.isdisjoint(self.flows)
