"""Lists come in pages. Source: botocore's lambda model, MaxItems and Marker of the List operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lambdalab.simulator.account import Answer
from lambdalab.simulator.vocabulary.errors import AwsError, invalid

ITEMS_MAX = 50  # in a page, even where more are asked for: BC ListFunctions, ListVersionsByFunction
MAPPINGS_MAX = 100  # BC ListEventSourceMappings


def page(member: str, rows: Sequence[Any], params: Mapping[str, Any], most: int = ITEMS_MAX) -> Answer | AwsError:
    """The rows from ``Marker`` on, ``MaxItems`` of them at most; ``NextMarker`` where there are more.

    On AWS a marker is text without a meaning; here it is the number of the next row.
    """
    marker = str(params.get("Marker") or "0")
    if not marker.isdecimal() or len(marker) > 9:
        return invalid("The marker is not valid.")  # our words
    start, size = int(marker), min(params.get("MaxItems") or most, most)
    more = {"NextMarker": str(start + size)} if start + size < len(rows) else {}
    return Answer({member: list(rows[start : start + size])} | more)
