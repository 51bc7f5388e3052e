"""AWS Security Token Service, as far as it says who somebody is. Source: STS API Reference, GetCallerIdentity: "No
permissions are required", read 2026-10."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from lambdalab.simulator.account import Answer, Principal, Request, Right, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class StsService:
    """Knows everybody."""

    def __init__(self, world: World) -> None:
        world.api.register("sts", self, self)

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """A call acts on nothing."""
        return arn("sts", "*"), ""

    def rights(self, operation: str, params: dict[str, Any]) -> Iterable[Right]:
        """Whoever can call may know who it is."""
        return ()

    def refusal(self, operation: str, error: AwsError) -> AwsError:
        """Nothing is refused."""
        return error

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from ()  # a generator, like every service
        if request.operation != "GetCallerIdentity":
            return unsupported(request)
        caller = request.principal
        return Answer({"UserId": unique_id(caller), "Account": caller.account, "Arn": caller.arn})


def unique_id(principal: Principal) -> str:
    """The unique id of a user, or that of a role and the session's name. IAM User Guide, "Unique identifiers"."""
    if principal.role is not None:
        return f"{_id('AROA', principal.role)}:{principal.arn.rsplit('/', 1)[-1]}"
    return _id("AIDA", principal.arn)


def _id(prefix: str, name: str) -> str:
    return prefix + "".join(_LETTERS[byte % len(_LETTERS)] for byte in hashlib.sha256(name.encode()).digest()[:17])
