"""Capacity of provisioned tables: what calls use up, and when a table refuses.

Source: Amazon DynamoDB Developer Guide, "DynamoDB provisioned capacity mode" and "Burst and adaptive capacity", read
2026-10: a write unit is 1 KB, a read unit 4 KB read consistently, half of one otherwise, twice as much in transactions;
what is not used is kept for 300 s. How a table decides is A-55.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.services.dynamodb.changes import Change, Item, table_name
from lambdalab.simulator.vocabulary.errors import AwsError

KEPT_S = 300
WRITE_BYTES, READ_BYTES = 1_024, 4_096
WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")
READS = ("GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems")
EXCEEDED = (
    "The level of configured provisioned throughput for the table was exceeded. "
    "Consider increasing your provisioning level with the UpdateTable API."
)


@dataclass(slots=True)
class _Capacity:
    """Units a second, how many are left, and when that was worked out."""

    rate: int
    left: float
    at_s: float

    def refill(self, now_s: float) -> None:
        self.left = min(self.rate * KEPT_S, self.left + (now_s - self.at_s) * self.rate)
        self.at_s = now_s


class Throughput:
    """Keeps account of every provisioned table. Tables that are paid by the request are not in it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tables: dict[str, dict[str, _Capacity]] = {}

    def provision(self, table: str, properties: Mapping[str, Any]) -> None:
        """Note what a table has, from the parameters of CreateTable or UpdateTable. It begins with one second's."""
        given = properties.get("ProvisionedThroughput")
        if properties.get("BillingMode") == "PAY_PER_REQUEST":
            self._tables.pop(table, None)
        elif given:
            units = {"read": int(given["ReadCapacityUnits"]), "write": int(given["WriteCapacityUnits"])}
            now = self._now()
            self._tables[table] = {kind: _Capacity(rate, float(rate), now) for kind, rate in units.items()}

    def forget(self, table: str) -> None:
        """The table is gone."""
        self._tables.pop(table, None)

    def refused(self, operation: str, params: Mapping[str, Any]) -> AwsError | None:
        """DynamoDB's refusal when one of the tables that a call names has nothing left."""
        if not self._tables:
            return None
        kind = "write" if operation in WRITES else "read" if operation in READS else ""
        for table in tables_of(params):
            capacity = self._tables.get(table, {}).get(kind)
            if capacity is not None:
                capacity.refill(self._now())
                if capacity.left <= 0:
                    return AwsError("ProvisionedThroughputExceededException", EXCEEDED, 400)
        return None

    def wrote(self, operation: str, changes: Iterable[Change]) -> None:
        """Take off what was written: the larger of the item before and after, by started kilobytes."""
        if not self._tables:
            return
        times = 2 if operation == "TransactWriteItems" else 1
        for change in changes:
            size = max(item_bytes(change.old or {}), item_bytes(change.new or {}))
            self._use(change.table, "write", times * max(1, math.ceil(size / WRITE_BYTES)))

    def read(self, operation: str, params: Mapping[str, Any], items: Mapping[str, list[Item]]) -> None:
        """Take off what was read, ``items`` by table: all of a query together, each of several by itself."""
        for table, found in items.items() if self._tables else ():
            each = 2.0 if operation == "TransactGetItems" else 1.0 if _is_consistent(params, table) else 0.5
            sizes = [sum(map(item_bytes, found))] if operation in ("Query", "Scan") else map(item_bytes, found or [{}])
            self._use(table, "read", sum(each * max(1, math.ceil(size / READ_BYTES)) for size in sizes))

    def _use(self, table: str, kind: str, units: float) -> None:
        capacity = self._tables.get(table, {}).get(kind)
        if capacity is not None:
            capacity.refill(self._now())
            capacity.left -= units

    def _now(self) -> float:
        return self._world.kernel.now / SECOND


def tables_of(params: Mapping[str, Any]) -> list[str]:
    """Every table that a call names."""
    named = [params["TableName"]] if "TableName" in params else []
    named += params.get("RequestItems", {})
    named += [part["TableName"] for action in params.get("TransactItems", ()) for part in action.values()]
    return list(dict.fromkeys(map(table_name, named)))


def item_bytes(item: Item) -> int:
    """About the size of an item as DynamoDB counts it: names and values. Developer Guide, "Item sizes and formats"."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Any) -> int:
    if isinstance(value, dict):
        kind: str
        content: Any
        kind, content = next(iter(value.items()), ("", ""))
        if kind == "M":
            return 3 + item_bytes(content)
        if kind == "L":
            return 3 + sum(1 + _value_bytes(each) for each in content)
        if kind == "N":
            return len(str(content)) // 2 + 1
        if kind in ("BOOL", "NULL"):
            return 1
        return sum(map(_value_bytes, content)) if isinstance(content, list) else _value_bytes(content)
    return len(value) if isinstance(value, bytes) else len(str(value).encode())


def _is_consistent(params: Mapping[str, Any], table: str) -> bool:
    asked = next((part for name, part in params.get("RequestItems", {}).items() if table_name(name) == table), params)
    return bool(asked.get("ConsistentRead"))
