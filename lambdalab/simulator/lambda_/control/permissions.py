"""Operations on resource-based policies: a function has one, and so has each version and alias. Fact G.3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer
from lambdalab.simulator.lambda_.control.operations import Operation
from lambdalab.simulator.lambda_.function import LATEST
from lambdalab.simulator.lambda_.permissions import FunctionPolicies
from lambdalab.simulator.lambda_.registry import Registered, not_found
from lambdalab.simulator.vocabulary.arns import function_arn
from lambdalab.simulator.vocabulary.errors import AwsError


class PermissionApi:
    """Finds the policy that a call means by its qualifier. ``$LATEST`` has none of its own: its is the function's."""

    def __init__(self, policies: FunctionPolicies) -> None:
        self.operations: Mapping[str, Operation] = {
            "AddPermission": _on_its_policy(policies.add),
            "RemovePermission": _on_its_policy(policies.remove),
            "GetPolicy": _on_its_policy(lambda arn, params: policies.get(arn)),
        }


def _on_its_policy(act: Callable[[str, dict[str, Any]], Answer | AwsError]) -> Operation:
    def operation(registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        if qualifier is not None and not registered.has(qualifier):
            return not_found(registered.name, qualifier)
        arn = function_arn(registered.name, None if qualifier == LATEST else qualifier)
        return act(arn, {**params, **({"Qualifier": qualifier} if qualifier else {})})

    return operation
