"""Who signed a request, as payload format 1.0 says it."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.account import ANONYMOUS, Principal
from lambdalab.simulator.services.http.function_url import signed_by


def identity_of_signer(signer: Principal) -> dict[str, Any]:
    """The part of ``requestContext.identity`` that belongs to whoever signed; nothing where nobody did."""
    if signer is ANONYMOUS:
        return {}
    known = signed_by(signer)
    return {
        "accessKey": known["accessKey"],
        "accountId": known["accountId"],
        "caller": known["callerId"],
        "user": known["userId"],
        "userArn": known["userArn"],
    }


def masked(arn: str) -> str:
    """An ARN as REST APIs show it to a caller: of the account's number the last four digits."""
    parts = arn.split(":", 5)
    return ":".join((*parts[:4], "********" + parts[4][-4:], parts[5]))
