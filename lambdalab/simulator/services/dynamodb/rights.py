"""What each DynamoDB operation needs. Source: Service Authorization Reference, "Actions, resources, and condition keys
for Amazon DynamoDB", read 2026-10."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lambdalab.simulator.account import Right
from lambdalab.simulator.services.dynamodb.changes import table_name
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError

IN_TRANSACTIONS = {
    "Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}  # fmt: skip


class DynamoDbGuard:
    """Says what a call needs, in the order in which it names tables."""

    def rights(self, operation: str, params: dict[str, Any]) -> Iterable[Right]:
        """A batch needs its right on each table, a transaction the right of each of its actions."""
        if operation in ("TransactWriteItems", "TransactGetItems"):
            return list(dict.fromkeys(_of_transaction(params["TransactItems"])))
        if operation in ("BatchGetItem", "BatchWriteItem"):
            return [Right(f"dynamodb:{operation}", table_arn(table)) for table in params["RequestItems"]]
        table = table_arn(params["TableName"]) if "TableName" in params else arn("dynamodb", "table/*")
        index = params.get("IndexName")
        return [Right(f"dynamodb:{operation}", f"{table}/index/{index}" if index else table)]

    def refusal(self, operation: str, error: AwsError) -> AwsError:
        """DynamoDB refuses in IAM's own words."""
        return error


def table_arn(table: str) -> str:
    """A table's ARN, from its name or ARN."""
    return arn("dynamodb", f"table/{table_name(table)}")


def _of_transaction(actions: list[dict[str, Any]]) -> Iterator[Right]:
    for action in actions:
        for kind, part in action.items():
            yield Right(f"dynamodb:{IN_TRANSACTIONS[kind]}", table_arn(part["TableName"]))
