"""What each operation of DynamoDB Streams acts on, and needs. Source: Service Authorization Reference, "Actions,
resources, and condition keys for Amazon DynamoDB", read 2026-10."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lambdalab.simulator.account import Right
from lambdalab.simulator.services.shards import place_of
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError


class StreamGuard:
    """Says what a call needs."""

    def rights(self, operation: str, params: dict[str, Any]) -> Iterable[Right]:
        """The right has the prefix of DynamoDB itself."""
        return [Right(f"dynamodb:{operation}", stream_of(params))]

    def refusal(self, operation: str, error: AwsError) -> AwsError:
        """DynamoDB refuses in IAM's own words."""
        return error


def stream_of(params: Mapping[str, Any]) -> str:
    """The ARN that a call names, itself or by its iterator; all streams of a table, or of all, for ListStreams."""
    if "StreamArn" in params:
        return str(params["StreamArn"])
    if "ShardIterator" in params:
        place = place_of(str(params["ShardIterator"]))
        return place.stream if place else arn("dynamodb", "table/*/stream/*")
    return arn("dynamodb", f"table/{params.get('TableName', '*')}/stream/*")
