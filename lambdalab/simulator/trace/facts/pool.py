"""Facts about user pools, their users and their triggers."""

from __future__ import annotations

__all__ = (
    "PoolFact", "PoolMessageSent", "PoolTriggerCalled", "PoolUserChanged", "PoolUserSignedIn", "UserPoolDeployed",
)  # fmt: skip

from typing import Any, ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class UserPoolDeployed(Recorded, frozen=True):
    """There is a user pool. ``triggers`` are the moments for which it has a function."""

    kind: ClassVar[Literal["pool.deployed"]] = "pool.deployed"
    pool: str
    shown_as: str
    triggers: tuple[str, ...]


class PoolTriggerCalled(Recorded, frozen=True):
    """Cognito asked a function for ``user``. ``late``: no answer within five seconds; ``error``: what went wrong."""

    kind: ClassVar[Literal["pool.trigger_called"]] = "pool.trigger_called"
    pool: str
    trigger: str
    function: str
    user: str
    attempt: int
    late: bool
    error: str | None


class PoolUserChanged(Recorded, frozen=True):
    """Somebody signed up, was confirmed or deleted. The password is in no trace."""

    kind: ClassVar[Literal["pool.user_changed"]] = "pool.user_changed"
    pool: str
    user: str
    what: str
    status: str
    attributes: dict[str, str]


class PoolMessageSent(Recorded, frozen=True):
    """A message with a code went out: ``medium`` is email or phone_number, ``to`` the address."""

    kind: ClassVar[Literal["pool.message_sent"]] = "pool.message_sent"
    pool: str
    user: str
    medium: str
    to: str
    subject: str
    text: str


class PoolUserSignedIn(Recorded, frozen=True):
    """Somebody has tokens: the claims of the identity token and of the access token."""

    kind: ClassVar[Literal["pool.user_signed_in"]] = "pool.user_signed_in"
    pool: str
    user: str
    identity: dict[str, Any]
    access: dict[str, Any]


PoolFact = UserPoolDeployed | PoolTriggerCalled | PoolUserChanged | PoolMessageSent | PoolUserSignedIn
