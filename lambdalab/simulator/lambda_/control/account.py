"""Operations on the account as a whole: GetAccountSettings and ListFunctions. Source: botocore's lambda model; J.4."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer
from lambdalab.simulator.lambda_.concurrency import Concurrency
from lambdalab.simulator.lambda_.control.configuration import configuration
from lambdalab.simulator.lambda_.control.pages import page
from lambdalab.simulator.lambda_.layers import Layers
from lambdalab.simulator.lambda_.registry import Registered
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.arns import REPLICA_PREFIX
from lambdalab.simulator.vocabulary.errors import AwsError

AccountOperation = Callable[[Mapping[str, Any]], Answer | AwsError]
_NOT_LISTED = frozenset(
    {
        "State", "StateReason", "StateReasonCode", "LastUpdateStatus", "LastUpdateStatusReason",
        "LastUpdateStatusReasonCode", "RuntimeVersionConfig",
    }
)  # fmt: skip  # BC ListFunctions: "returns a subset of the FunctionConfiguration fields"


class AccountApi:
    """What is there, and how much there may be."""

    def __init__(self, functions: Mapping[str, Registered], concurrency: Concurrency, layers: Layers) -> None:
        self._functions = functions
        self._concurrency = concurrency
        self._layers = layers
        self.operations: Mapping[str, AccountOperation] = {
            "GetAccountSettings": self._settings,
            "ListFunctions": self._list,
        }

    def resource(self, params: Mapping[str, Any]) -> tuple[str, str]:
        """Neither is about one resource."""
        return "*", ""

    def _settings(self, params: Mapping[str, Any]) -> Answer:
        own = self._own()
        codes = [version.code for each in own for version in (each.latest, *each.versions.values())]
        layers = [version.files for name in self._layers.names() for version in self._layers.versions_of(name)]
        return Answer(
            {
                "AccountLimit": {
                    "TotalCodeSize": quotas.CODE_STORAGE_BYTES_MAX,
                    "CodeSizeUnzipped": quotas.UNZIPPED_BYTES_MAX,
                    "CodeSizeZipped": quotas.ZIPPED_BYTES_MAX,
                    "ConcurrentExecutions": self._concurrency.account_limit,
                    "UnreservedConcurrentExecutions": self._concurrency.not_reserved,
                },
                "AccountUsage": {
                    "TotalCodeSize": sum(len(file) for files in (*codes, *layers) for file in files.values()),
                    "FunctionCount": len(own),
                },
            }
        )

    def _list(self, params: Mapping[str, Any]) -> Answer | AwsError:
        """``$LATEST`` of every function, or all its versions."""
        rows = []
        for each in self._own():
            if params.get("FunctionVersion") == "ALL":
                versions = (each.latest, *each.versions.values())
                rows += [configuration(each, version, version.version) for version in versions]
            else:
                rows.append(configuration(each, each.coming, None))
        listed = [{name: value for name, value in row.items() if name not in _NOT_LISTED} for row in rows]
        return page("Functions", listed, params)

    def _own(self) -> list[Registered]:
        """By name. Copies at the edge are CloudFront's."""
        return [self._functions[name] for name in sorted(self._functions) if not name.startswith(REPLICA_PREFIX)]
