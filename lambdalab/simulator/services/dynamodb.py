"""Amazon DynamoDB: the store is moto's, behind our front door. Facts carry what was really written.

moto keeps its state in a module-level dictionary, so a process plays one run at a time and each run begins with
``reset``. Its clock is not consulted for what we use: items, conditions, expressions.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services import wire
from lambdalab.simulator.trace.facts import ItemConflict, ItemDeleted, ItemRead, ItemWritten
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, REGION, arn
from lambdalab.simulator.vocabulary.errors import AwsError

WRITES = ("PutItem", "UpdateItem")
READS = ("GetItem", "Query", "Scan", "BatchGetItem")
SUPPORTED = (*WRITES, *READS, "DeleteItem", "BatchWriteItem", "TransactWriteItems", "DescribeTable", "ListTables")


class DynamoDbService:
    """The tables of the account."""

    def __init__(self, world: World) -> None:
        from moto.dynamodb.models import dynamodb_backends  # 0.1 s to import: only runs with tables pay

        self._world = world
        self._keys: dict[str, tuple[str, ...]] = {}
        self._backends = dynamodb_backends
        dynamodb_backends.reset()
        world.api.register("dynamodb", self)

    def deploy(self, name: str, properties: dict[str, Any]) -> tuple[str, ...]:
        """Create a table from CloudFormation properties; returns its key attributes, partition key first."""
        status, body = wire.call("dynamodb", "CreateTable", properties | {"TableName": name})
        if status >= 400:
            raise ValueError(body.get("message") or body.get("Message") or str(body))
        keys = sorted(properties["KeySchema"], key=lambda k: k["KeyType"] != "HASH")
        self._keys[name] = tuple(key["AttributeName"] for key in keys)
        return self._keys[name]

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The table a call acts on (its first one, for a batch or a transaction)."""
        name = params.get("TableName") or next(iter(params.get("RequestItems", {})), "")
        for action in params.get("TransactItems", ())[:1]:
            name = next(iter(action.values())).get("TableName", "")
        return arn("dynamodb", f"table/{_name_of(name)}"), _name_of(name)

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation on the store."""
        yield from ()  # a generator, like every service
        if request.operation not in SUPPORTED:
            return AwsError("NotSimulated", f"lambdalab does not simulate dynamodb {request.operation} yet.", 501)
        _, table = self.resource(request.operation, request.params)
        status, body = wire.call("dynamodb", request.operation, request.params)
        if status >= 400:
            return self._failed(table, request, status, body)
        self._note(table, request, body)
        return Answer(wire.parsed("dynamodb", request.operation, status, body))

    def _failed(self, table: str, request: Request, status: int, body: dict[str, Any]) -> AwsError:
        code = str(body.get("__type", "InternalServerError")).rsplit("#", 1)[-1]
        if code in ("ConditionalCheckFailedException", "TransactionCanceledException"):
            key = self._key_of(table, request.params.get("Item") or request.params.get("Key") or {})
            self._world.trace.record(ItemConflict(table, request.operation, key))
        message = str(body.get("message") or body.get("Message") or code)
        extra = {k: v for k, v in body.items() if k in ("CancellationReasons", "Item")}
        return AwsError(code, message, status, extra)

    def _note(self, table: str, request: Request, body: dict[str, Any]) -> None:
        """Record what really happened in the store."""
        notes: dict[str, Callable[[], None]] = {
            "PutItem": lambda: self._written(table, "PutItem", request.params["Item"]),
            "UpdateItem": lambda: self._written(table, "UpdateItem", request.params["Key"]),
            "DeleteItem": lambda: self._deleted(table, request.params["Key"]),
            "BatchWriteItem": lambda: self._batch(request.params["RequestItems"]),
            "TransactWriteItems": lambda: self._transaction(request.params["TransactItems"]),
        }
        if request.operation in notes:
            notes[request.operation]()
        elif request.operation in READS:
            found = len(body.get("Items", ())) if "Items" in body else int("Item" in body)
            self._world.trace.record(ItemRead(table, request.operation, found))

    def _written(self, table: str, operation: str, item: dict[str, Any]) -> None:
        key = self._key_of(table, wire.plain(item))
        status, body = wire.call("dynamodb", "GetItem", {"TableName": table, "Key": key, "ConsistentRead": True})
        self._world.trace.record(ItemWritten(table, operation, key, body.get("Item", {}) if status < 400 else {}))

    def _deleted(self, table: str, key: dict[str, Any]) -> None:
        self._world.trace.record(ItemDeleted(table, wire.plain(key)))

    def _batch(self, items: dict[str, Any]) -> None:
        for table, requests in items.items():
            for entry in requests:
                if "PutRequest" in entry:
                    self._written(table, "BatchWriteItem", entry["PutRequest"]["Item"])
                else:
                    self._deleted(table, entry["DeleteRequest"]["Key"])

    def _transaction(self, actions: list[dict[str, Any]]) -> None:
        for action in actions:
            for kind, params in action.items():
                if kind in ("Put", "Update"):
                    self._written(params["TableName"], f"Transact{kind}", params.get("Item") or params["Key"])
                elif kind == "Delete":
                    self._deleted(params["TableName"], params["Key"])

    def _key_of(self, table: str, item: dict[str, Any]) -> dict[str, Any]:
        plain: dict[str, Any] = json.loads(json.dumps(wire.plain(item)))
        return {name: plain[name] for name in self._keys.get(table, ()) if name in plain}

    def close(self) -> None:
        """Forget the run's tables."""
        self._backends[ACCOUNT_ID][REGION].reset()


def _name_of(name: str) -> str:
    return name.rsplit("/", 1)[-1]
