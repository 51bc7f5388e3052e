"""What an operation changes: the items it names, as they are before and after it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.services import wire
from lambdalab.simulator.services.stores import Moto

Item = dict[str, Any]
"""An item, or a key, in DynamoDB's typed JSON."""

ALONE = {"PutItem": "Item", "UpdateItem": "Key", "DeleteItem": "Key"}
IN_TRANSACTIONS = {"Put": "Item", "Update": "Key", "Delete": "Key"}


@dataclass(frozen=True, slots=True)
class Change:
    """One item that was written or deleted. ``operation`` is the API's name, in a transaction ``TransactPut`` …

    ``old`` is None for an item that is new, ``new`` for one that is gone. ``expired`` says that its time to live was
    over, so that DynamoDB itself deleted it.
    """

    table: str
    operation: str
    key: Item
    old: Item | None
    new: Item | None
    expired: bool = False


def named(operation: str, params: dict[str, Any]) -> Iterator[tuple[str, str, Item]]:
    """(table, operation, item or key) of each item that a call writes or deletes."""
    if operation in ALONE:
        yield table_name(params["TableName"]), operation, params[ALONE[operation]]
    elif operation == "BatchWriteItem":
        for table, requests in params["RequestItems"].items():
            for entry in requests:
                item = entry["PutRequest"]["Item"] if "PutRequest" in entry else entry["DeleteRequest"]["Key"]
                yield table_name(table), operation, item
    elif operation == "TransactWriteItems":
        for action in params["TransactItems"]:
            for kind, part in IN_TRANSACTIONS.items():
                if kind in action:
                    yield table_name(action[kind]["TableName"]), f"Transact{kind}", action[kind][part]


def wrong_parts(operation: str, params: dict[str, Any]) -> str | None:
    """What DynamoDB says of a part of a batch or transaction that asks for nothing, or for two things at once."""
    if operation == "BatchWriteItem":
        entries = [entry for requests in params["RequestItems"].values() for entry in requests]
        if any(len(entry) != 1 for entry in entries):
            return "Each request of a batch has exactly one of PutRequest and DeleteRequest"
    if operation == "TransactWriteItems" and any(len(action) != 1 for action in params["TransactItems"]):
        return "TransactItems can only contain one of Check, Put, Update or Delete"
    return None


def table_name(name: str) -> str:
    """A table's name, whether it was named or given by its ARN."""
    return str(name).rpartition(":table/")[2].partition("/")[0] if ":table/" in str(name) else str(name)


class Images:
    """Looks items up in the store."""

    def __init__(self, moto: Moto) -> None:
        self._moto = moto

    def keys_of(self, table: str) -> tuple[str, ...]:
        """A table's key attributes, partition key first; none for a table that is not there."""
        found = self._moto.backend.tables.get(table)
        return () if found is None else tuple(filter(None, (found.hash_key_attr, found.range_key_attr)))

    def key(self, table: str, item: Item) -> Item:
        """The key of an item."""
        plain: Item = json.loads(json.dumps(wire.plain(item)))
        return {name: plain[name] for name in self.keys_of(table) if name in plain}

    def settle(self, table: str, key: Item) -> None:
        """Put the sets of an item in order: moto's AttributeUpdates leave them in one that is another each time."""
        item = self._stored(table, key)
        for attribute in item.attrs.values() if item is not None else ():
            if attribute.type in ("SS", "NS", "BS"):
                attribute.value = sorted(attribute.value)

    def image(self, table: str, key: Item) -> Item | None:
        """The item with this key as it is now; None when there is none."""
        item = self._stored(table, key)
        if item is None:
            return None
        attributes: Item = json.loads(json.dumps(wire.plain(item.to_json()["Attributes"])))
        return attributes

    def _stored(self, table: str, key: Item) -> Any:
        from moto.dynamodb.models.dynamo_type import DynamoType

        found = self._moto.backend.tables.get(table)
        if found is None or len(key) != len(self.keys_of(table)):
            return None
        item = found.get_item(*(DynamoType(value) for value in key.values()))
        return item if hasattr(item, "to_json") else None

    def before(self, operation: str, params: dict[str, Any]) -> list[Change]:
        """What a call is about to change: the items as they are."""
        found = []
        for table, name, item in named(operation, params):
            key = self.key(table, item)
            found.append(Change(table, name, key, self.image(table, key), None))
        return found

    def after(self, before: list[Change]) -> Iterator[Change]:
        """What has come of it; without deletions of what was not there."""
        for each in before:
            new = self.image(each.table, each.key)
            if each.old is not None or new is not None:
                yield Change(each.table, each.operation, each.key, each.old, new)
