"""PutFunctionRecursionConfig and GetFunctionRecursionConfig. Source: fact K.9; botocore's lambda model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.account import Answer
from lambdalab.simulator.lambda_.control.operations import Operation
from lambdalab.simulator.lambda_.registry import Registered
from lambdalab.simulator.vocabulary.errors import AwsError

SETTINGS = ("Allow", "Terminate")


class RecursionApi:
    """Whether a function may go round in a loop: a setting of the function as a whole."""

    def __init__(self) -> None:
        self.operations: Mapping[str, Operation] = {
            "PutFunctionRecursionConfig": self._put,
            "GetFunctionRecursionConfig": self._get,
        }

    def _put(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        registered.recursive_loop = params["RecursiveLoop"]
        return self._get(registered, qualifier, params)

    def _get(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        return Answer({"RecursiveLoop": registered.recursive_loop})
