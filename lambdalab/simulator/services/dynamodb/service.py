"""The operations of Amazon DynamoDB. moto evaluates expressions, conditions and indexes; facts carry what changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services import wire
from lambdalab.simulator.services.dynamodb.changes import Change, Images, named, table_name, wrong_parts
from lambdalab.simulator.services.dynamodb.expiry import Expiry
from lambdalab.simulator.services.dynamodb.rights import DynamoDbGuard, table_arn
from lambdalab.simulator.services.dynamodb.streams import TableStreams
from lambdalab.simulator.services.dynamodb.throughput import READS, WRITES, Throughput
from lambdalab.simulator.services.stores import Moto
from lambdalab.simulator.trace.facts import (
    ItemConflict,
    ItemDeleted,
    ItemRead,
    ItemWritten,
    TableDeleted,
    TableDeployed,
)
from lambdalab.simulator.vocabulary.arns import table_stream_arn
from lambdalab.simulator.vocabulary.errors import AwsError, validation_error

OF_TABLES = (
    "CreateTable", "DeleteTable", "DescribeTable", "UpdateTable", "ListTables", "UpdateTimeToLive",
    "DescribeTimeToLive", "TagResource", "UntagResource", "ListTagsOfResource",
)  # fmt: skip
SUPPORTED = frozenset((*WRITES, *READS, *OF_TABLES))
CONFLICTS = ("ConditionalCheckFailedException", "TransactionCanceledException")


class DynamoDbService:
    """The tables of the account. ``listeners`` are told of every change, in order: what a stream is made from."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._moto = Moto(world, "dynamodb")
        self._images = Images(self._moto)
        self._expiry = Expiry(world, self._images, self._expired)
        self._throughput = Throughput(world)
        self.streams: dict[str, str] = {}
        """The view type of each table's stream, by the table's name."""
        self.table_streams = TableStreams(world, self._images)
        self.listeners: list[Callable[[Change], None]] = [self.table_streams.changed]
        world.api.register("dynamodb", self, DynamoDbGuard())

    def deploy(self, name: str, shown_as: str, properties: dict[str, Any]) -> None:
        """Create a table from CloudFormation properties. Raises ``ValueError`` with AWS's refusal."""
        properties = dict(properties)
        stream, ttl = properties.pop("StreamSpecification", None), properties.pop("TimeToLiveSpecification", None)
        status, body = self._call("CreateTable", properties | {"TableName": name})
        if status >= 400:
            raise ValueError(body.get("message") or body.get("Message") or str(body))
        if ttl:
            self._call("UpdateTimeToLive", {"TableName": name, "TimeToLiveSpecification": ttl})
            self._set_expiry(name, ttl)
        self._created(name, shown_as, properties)
        if stream:
            self.streams[name] = stream["StreamViewType"]
            self.table_streams.open(name, stream["StreamViewType"], shown_as)

    def stream(self, table: str, view: str | None, shown_as: str) -> None:
        """Switch a table's stream on with a view type, or off: then it can still be read, and gets nothing new.

        Source: Amazon DynamoDB Developer Guide, "Change data capture for DynamoDB Streams", read 2026-11.
        """
        if view is None:
            self.streams.pop(table, None)
            self.table_streams.close(table)
        else:
            self.streams[table] = view
            self.table_streams.open(table, view, shown_as)

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The table a call acts on (its first one, for a batch or a transaction)."""
        name = params.get("TableName") or next(iter(params.get("RequestItems", {})), "")
        for action in params.get("TransactItems", ())[:1]:
            name = next((part.get("TableName", "") for part in action.values()), "")
        return table_arn(name), table_name(name)

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation on the store."""
        yield from ()  # a generator, like every service
        operation, params = request.operation, request.params
        if operation not in SUPPORTED:
            return unsupported(request)
        if "StreamSpecification" in params:
            text = "lambdalab lets templates only give a table its stream: StreamSpecification of AWS::DynamoDB::Table."
            return AwsError("NotSimulated", text, 501)
        wrong = wrong_parts(operation, params)
        if wrong is not None:
            return validation_error(wrong)
        exceeded = self._throughput.refused(operation, params)
        if exceeded:
            return exceeded
        before = self._images.before(operation, params)
        status, body = self._call(operation, params)
        if status >= 400:
            return self._failed(request, status, body)
        if "AttributeUpdates" in params:
            self._images.settle(before[0].table, before[0].key)
        self._note(operation, params, body)
        changes = list(self._images.after(before))
        self._throughput.wrote(operation, changes)
        for change in changes:
            self._changed(change)
        answer = wire.parsed("dynamodb", operation, status, body)
        self._with_stream(answer)
        return Answer(answer)

    def _call(self, operation: str, params: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        with self._moto:
            return wire.call("dynamodb", operation, params)

    def _failed(self, request: Request, status: int, body: dict[str, Any]) -> AwsError:
        code = str(body.get("__type", "InternalServerError")).rsplit("#", 1)[-1]
        conflict = self._conflict(request, body) if code in CONFLICTS else None
        if conflict is not None and self._images.keys_of(conflict.table):  # a transaction may name a table that is none
            self._world.trace.record(conflict)
        message = str(body.get("message") or body.get("Message") or code)
        extra = {k: v for k, v in body.items() if k in ("CancellationReasons", "Item")}
        return AwsError(code, message, status, extra)

    def _conflict(self, request: Request, body: dict[str, Any]) -> ItemConflict:
        """Of a transaction, the first item whose condition did not hold."""
        items = list(named(request.operation, request.params))
        reasons = body.get("CancellationReasons") or [{}]
        wrong = next((n for n, reason in enumerate(reasons) if reason.get("Code") not in (None, "None")), 0)
        if len(items) <= wrong:
            return ItemConflict(self.resource(request.operation, request.params)[1], request.operation, {})
        table, operation, item = items[wrong] if len(items) == len(reasons) else items[0]
        return ItemConflict(table, operation, self._images.key(table, item))

    def _note(self, operation: str, params: dict[str, Any], body: dict[str, Any]) -> None:
        """Note reads, and what becomes of tables themselves."""
        if operation in READS:
            self._read(operation, params, body)
        elif operation == "CreateTable":
            self._created(params["TableName"], params["TableName"], params)
        elif operation == "UpdateTable":
            self._throughput.provision(table_name(params["TableName"]), params)
        elif operation == "DeleteTable":
            name = table_name(params["TableName"])
            self.streams.pop(name, None)
            self._expiry.attributes.pop(name, None)
            self._throughput.forget(name)
            self._world.trace.record(TableDeleted(name))
        elif operation == "UpdateTimeToLive":
            self._set_expiry(table_name(params["TableName"]), params["TimeToLiveSpecification"])

    def _read(self, operation: str, params: dict[str, Any], body: dict[str, Any]) -> None:
        items = _found(operation, params, body)
        self._throughput.read(operation, params, items)
        for table, found in items.items():
            count = body.get("Count", len(found)) if operation in ("Query", "Scan") else len(found)
            self._world.trace.record(ItemRead(table, operation, count))

    def _created(self, name: str, shown_as: str, properties: dict[str, Any]) -> None:
        self._throughput.provision(name, properties)
        self._world.trace.record(TableDeployed(name, shown_as, table_arn(name), self._images.keys_of(name)))

    def _set_expiry(self, table: str, ttl: dict[str, Any]) -> None:
        if ttl.get("Enabled"):
            self._expiry.attributes[table] = str(ttl.get("AttributeName"))
        else:
            self._expiry.attributes.pop(table, None)

    def _changed(self, change: Change) -> None:
        """Record a change, tell it, and note when the item will be over."""
        if change.new is None:
            self._world.trace.record(ItemDeleted(change.table, change.key, change.old, change.expired))
        else:
            self._world.trace.record(ItemWritten(change.table, change.operation, change.key, change.new, change.old))
            if change.table in self._expiry.attributes:
                self._expiry.watch(change)
        for listener in self.listeners:
            listener(change)

    def _expired(self, change: Change) -> None:
        self._call("DeleteItem", {"TableName": change.table, "Key": change.key})
        self._changed(change)

    def _with_stream(self, answer: dict[str, Any]) -> None:
        """DescribeTable and its like tell of the table's stream, which is ours."""
        for name in ("Table", "TableDescription"):
            described = answer.get(name)
            if isinstance(described, dict) and described.get("TableName") in self.streams:
                view = self.streams[described["TableName"]]
                described["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view}
                arn = table_stream_arn(described["TableName"])
                described |= {"LatestStreamArn": arn, "LatestStreamLabel": arn.rpartition("/")[2]}

    def close(self) -> None:
        """Forget the run's tables."""
        self._moto.clear()


def _found(operation: str, params: dict[str, Any], body: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The items that an answer carries, by table; a table in which nothing was found is there as well."""
    if operation == "BatchGetItem":
        answered = body.get("Responses", {})
        return {table_name(table): answered.get(table, []) for table in params["RequestItems"]}
    if operation == "TransactGetItems":
        found: dict[str, list[dict[str, Any]]] = {}
        for action, each in zip(params["TransactItems"], body.get("Responses", ()), strict=False):
            listed = found.setdefault(table_name(action["Get"]["TableName"]), [])
            listed += [each["Item"]] if "Item" in each else []
        return found
    items = body.get("Items", []) if "Items" in body or "Count" in body else [body["Item"]] if "Item" in body else []
    return {table_name(params["TableName"]): items}
