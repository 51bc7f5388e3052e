"""Put, Get, Delete and ListProvisionedConcurrencyConfigs. Source: facts C.4 and X.3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.account import Answer
from lambdalab.simulator.lambda_.concurrency import Concurrency
from lambdalab.simulator.lambda_.control.configuration import out_of_range_text
from lambdalab.simulator.lambda_.control.operations import Operation
from lambdalab.simulator.lambda_.control.pages import page
from lambdalab.simulator.lambda_.function import LATEST
from lambdalab.simulator.lambda_.provisioned import PROVISIONED_ALREADY, UNPUBLISHED, Allocation, Provisioned
from lambdalab.simulator.lambda_.registry import Registered, no_alias, not_found
from lambdalab.simulator.vocabulary.arns import function_arn
from lambdalab.simulator.vocabulary.errors import AwsError, conflict, invalid, validation_error


class ProvisionedApi:
    """Provisioned concurrency of versions and aliases."""

    def __init__(self, provisioned: Provisioned, concurrency: Concurrency) -> None:
        self._provisioned = provisioned
        self._concurrency = concurrency
        self.operations: Mapping[str, Operation] = {
            "PutProvisionedConcurrencyConfig": self._put,
            "GetProvisionedConcurrencyConfig": self._get,
            "DeleteProvisionedConcurrencyConfig": self._delete,
            "ListProvisionedConcurrencyConfigs": self._list,
        }

    def refusal(self, registered: Registered, qualifier: str | None, amount: int) -> AwsError | None:
        """Why so much cannot be provisioned for a version or alias, in AWS's words; None when it can."""
        if qualifier is None or qualifier == LATEST:
            return invalid(UNPUBLISHED)
        if not registered.has(qualifier):
            return _nothing_called(registered, qualifier)
        if registered.behind(qualifier).version == LATEST:  # by an alias
            return invalid(UNPUBLISHED)
        if amount < 1:
            return validation_error(out_of_range_text(amount, "provisionedConcurrentExecutions", 1, amount))
        return self._collision(registered, qualifier) or self._too_much(registered, qualifier, amount)

    def _collision(self, registered: Registered, qualifier: str) -> AwsError | None:
        taken = {each.qualifier for each in self._provisioned.of(registered)}
        alias = registered.aliases.get(qualifier)
        if alias is not None and taken & set(alias.versions):
            return conflict(PROVISIONED_ALREADY)
        if alias is None and any(each.name in taken for each in registered.pointing_at(qualifier)):
            return conflict("Version is pointed by a Provisioned Concurrency alias")
        return None

    def _too_much(self, registered: Registered, qualifier: str, amount: int) -> AwsError | None:
        mine = self._provisioned.allocations.get((registered.name, qualifier))
        before = mine.requested if mine else 0
        reserved = registered.reserved_concurrency
        if reserved is not None:
            if self._concurrency.provisioned(registered.name) - before + amount <= reserved:
                return None
            text = "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for "
            return invalid(text + "function")
        left = self._concurrency.unreserved_limit + before
        if amount > left:
            text = "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency "
            return invalid(f"{text}[{left}].")
        minimum = self._concurrency.always_unreserved
        if left - amount < minimum:
            return invalid(
                "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below "
                f"its minimum value of [{minimum}]."
            )
        return None

    def _put(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        amount = params["ProvisionedConcurrentExecutions"]
        refusal = self.refusal(registered, qualifier, amount)
        if refusal:
            return refusal
        assert qualifier is not None
        return Answer(_shown(self._provisioned.put(registered, qualifier, amount)), 202)

    def _get(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        found = self._found(registered, qualifier)
        if isinstance(found, AwsError):
            return found
        return _absent() if found is None else Answer(_shown(found))

    def _delete(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        found = self._found(registered, qualifier)
        if isinstance(found, AwsError):
            return found
        if found is not None:
            self._provisioned.delete(found)
        return Answer(status=204)

    def _found(self, registered: Registered, qualifier: str | None) -> Allocation | AwsError | None:
        """What is provisioned for a version or an alias that must be there."""
        if qualifier is None or qualifier == LATEST:
            return invalid("The function resource provided must be an alias or a published version.")
        if not registered.has(qualifier):
            return _nothing_called(registered, qualifier)
        return self._provisioned.allocations.get((registered.name, qualifier))

    def _list(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        rows = [
            _shown(each) | {"FunctionArn": function_arn(registered.name, each.qualifier)}
            for each in self._provisioned.of(registered)
        ]
        return page("ProvisionedConcurrencyConfigs", rows, params)


def _nothing_called(registered: Registered, qualifier: str) -> AwsError:
    if qualifier.isdecimal():
        return not_found(registered.name, qualifier)
    return no_alias(registered, qualifier)


def _absent() -> AwsError:
    text = "No Provisioned Concurrency Config found for this function"
    return AwsError("ProvisionedConcurrencyConfigNotFoundException", text, 404, {"Type": "User"})


def _shown(allocation: Allocation) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "RequestedProvisionedConcurrentExecutions": allocation.requested,
        "AvailableProvisionedConcurrentExecutions": allocation.allocated,
        "AllocatedProvisionedConcurrentExecutions": allocation.allocated,
        "Status": allocation.status,
        "LastModified": allocation.since,
    }
    return shown if allocation.reason is None else shown | {"StatusReason": allocation.reason}
