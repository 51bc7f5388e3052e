"""PutFunctionConcurrency, GetFunctionConcurrency, DeleteFunctionConcurrency. Source: facts C.3 and X.3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer
from lambdalab.simulator.lambda_.concurrency import Concurrency
from lambdalab.simulator.lambda_.control.operations import Operation
from lambdalab.simulator.lambda_.function import LATEST
from lambdalab.simulator.lambda_.registry import Registered
from lambdalab.simulator.vocabulary.errors import AwsError, invalid

FUNCTIONS_ONLY = (
    "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. "
    "Please specify either a function name or an unqualified function ARN."
)


class ConcurrencyApi:
    """Reserved concurrency: it belongs to a function as a whole."""

    def __init__(self, concurrency: Concurrency, reserve: Callable[[Registered, int | None], None]) -> None:
        self._concurrency = concurrency
        self._reserve = reserve
        self.operations: Mapping[str, Operation] = {
            "PutFunctionConcurrency": self.put,
            "GetFunctionConcurrency": self.get,
            "DeleteFunctionConcurrency": self.delete,
        }

    def put(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        """Reserve some of the account's concurrency."""
        if qualifier not in (None, LATEST):
            return invalid(FUNCTIONS_ONLY)
        amount = params["ReservedConcurrentExecutions"]
        limit = self._concurrency.account_limit
        provisioned = self._concurrency.provisioned(registered.name)  # a reservation has it inside. Fact C.2
        mine = provisioned if registered.reserved_concurrency is None else registered.reserved_concurrency
        others = limit - self._concurrency.unreserved_limit - mine
        if amount and limit - others - amount < self._concurrency.always_unreserved:
            return reserved_too_large(self._concurrency.always_unreserved)
        if amount < provisioned:  # the spaces are AWS's. Fact C.3
            text = f" ReservedConcurrentExecutions  {amount} should not be lower than function's total provisioned "
            return invalid(f"{text}concurrency [{provisioned}].")
        self._reserve(registered, amount)
        return Answer({"ReservedConcurrentExecutions": amount})

    def get(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        """What is reserved."""
        amount = registered.reserved_concurrency
        return Answer({} if amount is None else {"ReservedConcurrentExecutions": amount})

    def delete(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        """Give it back."""
        if qualifier not in (None, LATEST):
            return invalid(FUNCTIONS_ONLY)
        self._reserve(registered, None)
        return Answer(status=204)


def reserved_too_large(minimum: int) -> AwsError:
    """AWS's own text (fact X.3). ``minimum`` is what must stay unreserved."""
    return AwsError(
        "InvalidParameterValueException",
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
        f"below its minimum value of [{minimum}].",
        400,
    )
