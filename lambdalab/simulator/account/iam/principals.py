"""Who makes a call: a user, a role's session, an AWS service acting for one of its resources, somebody elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field

from lambdalab.simulator.account.iam.conditions import Context
from lambdalab.simulator.account.iam.policies import Policy
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, REGION

_ANONYMOUS = "anonymous"
_TYPES = {"user": "User", "assumed-role": "AssumedRole", "root": "Account"}


@dataclass(frozen=True, slots=True, eq=False)
class Principal:
    """One caller. Equal only to itself, so that decisions can be remembered by it.

    ``arn`` is what AWS prints (a role's *session*), or the service's name; ``policies`` its identity-based policies
    (None: may do everything its own account can allow); ``role`` the ARN of the role behind a session; ``called``
    what people call it; ``source`` the ARN of the resource for which a service calls, ``source_account`` its owner.
    """

    arn: str
    policies: tuple[Policy, ...] | None = None
    role: str | None = None
    called: str = ""
    source: str | None = None
    source_account: str | None = None
    fixed: dict[str, tuple[str, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fixed", _fixed_keys(self))

    @property
    def is_service(self) -> bool:
        """Whether this is an AWS service: its rights come from resource-based policies alone. G.5"""
        return not self.arn.startswith("arn:") and not self.is_anonymous

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody has signed the request: only what a resource's policy allows everybody is allowed."""
        return self.arn == _ANONYMOUS

    @property
    def account(self) -> str | None:
        """The account the caller belongs to; a service and somebody who has not signed belong to none."""
        return self.arn.split(":")[4] if self.arn.startswith("arn:") else None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.called or (f"the service {self.arn}" if self.is_service else self.arn)

    def context(self) -> Context:
        """The condition keys of a call by this principal that no other call of its changes."""
        return Context(self.fixed)


def service_principal(name: str, source: str | None = None) -> Principal:
    """An AWS service (``sns.amazonaws.com``) that calls because of our resource with the ARN ``source``."""
    return Principal(name, (), source=source, source_account=ACCOUNT_ID if source else None)


def _fixed_keys(principal: Principal) -> dict[str, tuple[str, ...]]:
    """Global condition keys. Source: IAM User Guide, "AWS global condition context keys", read 2026-10."""
    keys = {
        "aws:requestedregion": REGION,
        "aws:resourceaccount": ACCOUNT_ID,
        "aws:securetransport": "true",
        "aws:principalisawsservice": str(principal.is_service).lower(),
        "aws:viaawsservice": "false",
    }
    if principal.is_service:
        keys["aws:principalservicename"] = principal.arn
        keys["aws:sourcearn"] = principal.source or ""
        keys["aws:sourceaccount"] = principal.source_account or ""
    elif principal.is_anonymous:  # IAM User Guide, "AWS global condition context keys": aws:PrincipalType Anonymous
        keys["aws:principaltype"] = "Anonymous"
    else:
        kind, _, name = principal.arn.split(":", 5)[5].partition("/")
        keys["aws:principalarn"] = principal.role or principal.arn
        keys["aws:principalaccount"] = principal.account or ""
        keys["aws:principaltype"] = _TYPES.get(kind, "User")
        if kind == "user":
            keys["aws:username"] = name.rsplit("/", 1)[-1]
    return {key: (value,) for key, value in keys.items() if value}


ADMINISTRATOR = Principal(f"arn:aws:iam::{ACCOUNT_ID}:user/classroom", called="the scenario")
"""The scenario's own hand: its policies allow everything in the account. A resource's own Deny binds it as well."""

ANONYMOUS = Principal(_ANONYMOUS, (), called="somebody who has not signed the request")
"""Whoever sends a request without credentials."""
