"""What the operations of the control plane share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer
from lambdalab.simulator.lambda_.registry import Registered
from lambdalab.simulator.vocabulary.errors import AwsError

Operation = Callable[[Registered, str | None, Mapping[str, Any]], Answer | AwsError]
"""One operation on one function: the function, the qualifier of the call, and its parameters."""


def stale(given: Any, actual: str, get: str) -> AwsError | None:
    """The answer to a ``RevisionId`` that is not the present one; ``get`` is the API that tells it. Fact X.3"""
    if not given or given == actual:
        return None
    text = (
        "The Revision Id provided does not match the latest Revision Id. "
        f"Call the {get} API to retrieve the latest Revision Id"
    )
    return AwsError("PreconditionFailedException", text, 412, {"Type": "User"})
